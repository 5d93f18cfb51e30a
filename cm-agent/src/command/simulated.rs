//! `simulate`: the library's made-up hosts, served by this process.

use cm_agent::simulate;
use cm_model::clock::{Clock, SystemClock};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Trouble, print, told_to_stop};

/// Prints a hosts.toml that finds them, and serves them until told to stop.
pub(super) async fn serve(options: simulate::Options) -> Result<(), Trouble> {
    let ports = u64::from(options.hosts) * u64::from(simulate::Options::PORTS);
    allow_files(ports * 8 + 64);
    let stop = told_to_stop()?;
    let fleet = simulate::Fleet::bind(options, SystemClock.now().wall).await?;
    print(&fleet.hosts_toml())?;
    fleet.run(&SystemClock, stop).await;
    Ok(())
}

/// Raises this process's own limit on open files as far as it may, if fewer than `wanted` are allowed.
fn allow_files(wanted: u64) {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < wanted) {
        let raised = Rlimit { current: limit.maximum.map_or(Some(wanted), |most| Some(most.min(wanted))), ..limit };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(%error, "the limit on open files stays as it is");
        }
    }
}
