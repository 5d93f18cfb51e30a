//! `export --snapshot FILE`: the fleet as it is, in a file that `--replay` reads, or on stdout.

use std::path::Path;

use cm_core::clock::{Now, WallTime};
use cm_core::fleet::{ApiState, Fleet};
use cm_core::observation::{Observation, Way};
use cm_core::snapshot::Snapshot;
use cm_core::wording::plural;

use crate::exit::Exit;
use crate::gather::{Gathering, snapshot_fault};
use crate::request::Request;
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// Gathers one round and writes it.
///
/// # Errors
/// What cannot be gathered at all; a file that cannot be written.
pub async fn run(
    file: &Path,
    rename: bool,
    request: &Request,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Stop> {
    let mut gathering = Gathering::new(&request.watch, None, surroundings)?;
    let now = gathering.round(surroundings.clock).await;
    let snapshot = snapshot(&gathering.fleet, now);
    let snapshot = if rename { snapshot.renamed() } else { snapshot };
    if file == Path::new("-") {
        surroundings.out.write_all(snapshot.to_json().as_bytes())?;
        return Ok(Exit::Well);
    }
    snapshot.save(file).map_err(|error| snapshot_fault(&error))?;
    if !request.output.quiet {
        let hosts = plural(snapshot.hosts.len(), "host");
        let advice = if rename { "" } else { "; --rename-hosts takes names and serial numbers out" };
        writeln!(
            surroundings.err,
            "wrote {hosts} to {}{advice}",
            cm_core::text::terminal::line(&file.display().to_string())
        )?;
    }
    Ok(Exit::Well)
}

/// The fleet as a snapshot: of each API the last answer, and the failure after it.
pub fn snapshot(fleet: &Fleet, now: Now) -> Snapshot {
    let made_at = Snapshot::moment(now.wall);
    let mut observations = Vec::new();
    for host in fleet.hosts() {
        for &api in &host.member.apis {
            let state = host.api(api);
            let observed = |at: Now, took, outcome| Observation {
                host: host.member.host.id.clone(),
                api,
                way: Way::Replay,
                at: moved(at, now, made_at),
                took,
                outcome,
            };
            if let Some(good) = state.and_then(ApiState::last_good) {
                observations.push(observed(good.at, good.took, Ok(good.report.clone())));
            }
            if let Some(failing) = state.and_then(ApiState::failing) {
                observations.push(observed(failing.since, std::time::Duration::ZERO, Err(failing.failure.clone())));
            }
        }
    }
    let hosts = fleet.hosts().iter().map(|host| host.member.host.clone()).collect();
    Snapshot { made_at, program: concat!("cm-cli ", env!("CARGO_PKG_VERSION")).to_owned(), hosts, observations }
}

/// A moment of this machine's clocks, on the clocks of a snapshot: as long before it as it was before now.
fn moved(at: Now, now: Now, made_at: Now) -> Now {
    let ago = now.boot.since(at.boot);
    let wall: WallTime = made_at.wall.before(ago);
    Now { wall: at.wall, ..Snapshot::moment(wall) }
}
