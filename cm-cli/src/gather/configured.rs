//! The hosts of the configuration as a source over HTTP; this machine where none is configured.

use cm_core::api::Client;
use cm_core::config::{self, Loaded, Problems};
use cm_core::fault::Code;
use cm_core::source::{self, Rounds};

use super::{Sources, choose, local};
use crate::complaint::Complaint;
use crate::request::{From, Watch};
use crate::surroundings::{CLOCK, Surroundings};

/// The configuration that the request means.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub(crate) fn load(watch: &Watch, surroundings: &Surroundings<'_>) -> Result<Loaded, Problems> {
    let wanted = match &watch.from {
        From::Path(path) => Some(path.as_path()),
        _ => None,
    };
    let around = config::Surroundings::new(surroundings.variables, surroundings.user);
    config::load(wanted, &[], &around)
}

/// The hosts that were asked for, or this machine.
pub(super) fn sources(
    watch: &Watch,
    every: Option<std::time::Duration>,
    surroundings: &Surroundings<'_>,
) -> Result<Sources, Complaint> {
    let loaded = load(watch, surroundings).map_err(Complaint::of_problems)?;
    let config = loaded.config;
    let interval = config.dashboard.general.refresh_interval;
    if config.is_local() {
        return local::sources(&config, watch, every);
    }
    let members = choose::members(config.members(), watch)?;
    let chosen = members.iter().filter_map(|member| config.host(&member.host.id));
    let endpoints: Result<Vec<_>, _> = chosen.map(|entry| entry.endpoints(surroundings.user)).collect();
    let endpoints = endpoints.map_err(|error| Complaint::new(Code::CONFIG_OUT_OF_RANGE, error.to_string()))?.concat();
    let rounds = every.map_or(Rounds::Once, Rounds::Every);
    let seed = u64::from(std::process::id());
    let source = source::http(endpoints, Client::default(), rounds, CLOCK, seed);
    Ok(Sources { members, source, interval, stands: None, is_this_machine: false })
}
