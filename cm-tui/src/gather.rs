//! Where the readings come from: hosts of the configuration, this machine, the made-up fleet, a snapshot. It opens
//! sources and knows no screen and no arguments' spelling.

mod configured;
mod local;

use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_core::api::EndpointError;
use cm_core::clock::{Clock, Now, SystemClock};
use cm_core::config::{Config, Shown};
use cm_core::demo::Demo;
use cm_core::fault::Code;
use cm_core::fleet::Member;
use cm_core::host::HostId;
use cm_core::problem::Problems;
use cm_core::snapshot::{Snapshot, SnapshotError};
use cm_core::source::{self, Observations, Rounds};

use crate::in_force::defaults;
use crate::surroundings::Surroundings;

/// Any number; the same one shows the same fleet.
const DEMO_SEED: u64 = 1;

/// From where to read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum From {
    /// The configuration in its usual places; this machine where there is none.
    #[default]
    Configured,
    /// A configuration file, or a folder of them.
    Path(PathBuf),
    /// The made-up fleet.
    Demo,
    /// A snapshot.
    Replay(PathBuf),
}

/// Sources that are set up; nothing has been asked yet.
pub(crate) struct Gathered {
    /// Who is watched.
    pub(crate) members: Vec<Member>,
    /// The configuration in force.
    pub(crate) config: Config,
    /// Every setting of it, and where it comes from.
    pub(crate) settings: Vec<Shown>,
    /// What sort of source it is.
    pub(crate) kind: SourceKind,
    /// Where time stands still, when it does.
    pub(crate) stands: Option<Now>,
    /// Begins to ask, at an interval; what was begun before ends when its stream is dropped.
    pub(crate) begin: Box<dyn FnMut(Duration) -> Observations>,
}

impl std::fmt::Debug for Gathered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gathered")
            .field("kind", &self.kind)
            .field("members", &self.members.len())
            .finish_non_exhaustive()
    }
}

/// What sort of source it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceKind {
    /// Hosts of the configuration.
    Configured,
    /// This machine.
    ThisMachine,
    /// The made-up fleet.
    Demo,
    /// A snapshot.
    Replay,
}

/// Sources that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GatherError {
    /// The configuration cannot be used.
    #[error("{0}")]
    Configuration(Problems),
    /// The snapshot cannot be read.
    #[error("{}", with_cause(.0))]
    Snapshot(#[source] SnapshotError),
    /// An address cannot be asked.
    #[error("{0}")]
    Endpoint(#[source] EndpointError),
    /// A host that nobody knows was asked for.
    #[error("there is no host {name:?}{}", choose_from(.known))]
    NoSuchHost {
        /// Its name.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
}

impl GatherError {
    /// The code under which this is explained; none where each problem has its own.
    pub(crate) const fn code(&self) -> Option<Code> {
        match self {
            Self::Configuration(_) => None,
            Self::Snapshot(error) => Some(error.code()),
            Self::Endpoint(_) => Some(Code::CONFIG_OUT_OF_RANGE),
            Self::NoSuchHost { .. } => Some(Code::NO_SUCH_HOST),
        }
    }
}

fn with_cause(error: &SnapshotError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{error}{cause}")
}

fn choose_from(known: &[String]) -> String {
    const MOST_LISTED: usize = 20;
    match known.len() {
        1..=MOST_LISTED => format!("; there are: {}", known.join(", ")),
        _ => String::new(),
    }
}

/// Sets up what was asked for, for these hosts alone where any are named.
pub(crate) fn gather(from: &From, hosts: &[String], around: Surroundings<'_>) -> Result<Gathered, GatherError> {
    let gathered = match from {
        From::Demo => demo(SystemClock.now()),
        From::Replay(path) => replay(path)?,
        From::Configured => configured::open(None, hosts, around)?,
        From::Path(path) => configured::open(Some(path), hosts, around)?,
    };
    Ok(Gathered { members: choose(gathered.members, hosts)?, ..gathered })
}

fn demo(now: Now) -> Gathered {
    let fleet = Demo::new(DEMO_SEED, now.wall);
    let members = fleet.hosts().iter().cloned().map(Member::new).collect();
    let begin = Box::new(move |interval| source::demo(fleet.clone(), Rounds::Every(interval), SystemClock));
    Gathered {
        members,
        config: Config::local_only(),
        settings: defaults(),
        kind: SourceKind::Demo,
        stands: None,
        begin,
    }
}

fn replay(path: &Path) -> Result<Gathered, GatherError> {
    let snapshot = Snapshot::load(path).map_err(GatherError::Snapshot)?;
    let members = snapshot.hosts.iter().map(|host| {
        let apis = snapshot.apis(&host.id);
        let member = Member::new(host.clone());
        if apis.is_empty() { member } else { Member { apis, ..member } }
    });
    let (members, stands) = (members.collect(), Some(snapshot.made_at));
    let begin = Box::new(move |_| source::replay(snapshot.clone()));
    Ok(Gathered {
        members,
        config: Config::local_only(),
        settings: defaults(),
        kind: SourceKind::Replay,
        stands,
        begin,
    })
}

/// Only the hosts that were asked for, in the order of the fleet; a name that nobody knows is said, not passed over.
fn choose(members: Vec<Member>, hosts: &[String]) -> Result<Vec<Member>, GatherError> {
    let is_named = |name: &str, id: &HostId| name == id.as_str();
    let unknown = hosts.iter().find(|name| !members.iter().any(|member| is_named(name, &member.host.id)));
    if let Some(name) = unknown {
        let known = members.iter().map(|member| member.host.id.to_string()).collect();
        return Err(GatherError::NoSuchHost { name: name.clone(), known });
    }
    let wanted = |member: &Member| hosts.is_empty() || hosts.iter().any(|name| is_named(name, &member.host.id));
    Ok(members.into_iter().filter(wanted).collect())
}
