//! Where the readings come from: hosts of the configuration, this machine, the made-up fleet, a snapshot. It opens
//! sources and knows no screen and no arguments' spelling.

mod local;

use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_core::clock::{Clock, Now, SystemClock};
use cm_core::config::{self, Config, Shown};
use cm_core::fault::Code;
use cm_core::fleet::Member;
use cm_core::gather::{self, Choice, NoSuch};
use cm_core::problem::Problems;
use cm_core::snapshot::{Snapshot, SnapshotError};
use cm_core::source::{Observations, Rounds};

use crate::in_force::defaults;
use crate::surroundings::Surroundings;

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
    /// A host that nobody knows was asked for, or one whose address cannot be asked.
    #[error("{error}{}", choose_from(.error))]
    Nobody {
        /// Who, and why not.
        #[source]
        error: gather::GatherError,
    },
}

impl GatherError {
    /// The code under which this is explained; none where each problem has its own.
    pub(crate) const fn code(&self) -> Option<Code> {
        match self {
            Self::Configuration(_) => None,
            Self::Snapshot(error) => Some(error.code()),
            Self::Nobody { error: gather::GatherError::Endpoint(_) } => Some(Code::CONFIG_OUT_OF_RANGE),
            Self::Nobody { error: gather::GatherError::NoSuch(_) } => Some(Code::NO_SUCH_HOST),
        }
    }
}

fn with_cause(error: &SnapshotError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{error}{cause}")
}

fn choose_from(error: &gather::GatherError) -> String {
    const MOST_LISTED: usize = 20;
    match error {
        gather::GatherError::NoSuch(NoSuch { known, .. }) if (1..=MOST_LISTED).contains(&known.len()) => {
            format!("; there are: {}", known.join(", "))
        }
        _ => String::new(),
    }
}

/// Sets up what was asked for, for these hosts alone where any are named.
pub(crate) fn gather(from: &From, hosts: &[String], around: Surroundings<'_>) -> Result<Gathered, GatherError> {
    let choice = Choice { hosts, groups: &[] };
    let unconfigured = || (Config::local_only(), defaults());
    let nobody = |error: NoSuch| GatherError::Nobody { error: error.into() };
    let ((config, settings), kind, gathered) = match from {
        From::Demo => {
            let gathered = gather::Gathered::demo(choice, SystemClock.now()).map_err(nobody)?;
            (unconfigured(), SourceKind::Demo, gathered)
        }
        From::Replay(path) => {
            let snapshot = Snapshot::load(path).map_err(GatherError::Snapshot)?;
            let gathered = gather::Gathered::replay(snapshot, choice).map_err(nobody)?;
            (unconfigured(), SourceKind::Replay, gathered)
        }
        From::Configured => configured(None, choice, around)?,
        From::Path(path) => configured(Some(path), choice, around)?,
    };
    Ok(ready(config, settings, kind, gathered))
}

type Set = ((Config, Vec<Shown>), SourceKind, gather::Gathered);

/// The hosts that the configuration names; this machine where it names none.
fn configured(path: Option<&Path>, choice: Choice<'_>, around: Surroundings<'_>) -> Result<Set, GatherError> {
    let surroundings = config::Surroundings::new(around.variables, around.user);
    let loaded = config::load(path, &[], &surroundings).map_err(GatherError::Configuration)?;
    let (config, settings) = (loaded.config, loaded.origins);
    let (kind, gathered) = if config.is_local() {
        (SourceKind::ThisMachine, local::open(&config, choice).map_err(gather::GatherError::from))
    } else {
        let seed = u64::from(std::process::id());
        (SourceKind::Configured, gather::Gathered::http(&config, choice, around.user, seed))
    };
    Ok(((config, settings), kind, gathered.map_err(|error| GatherError::Nobody { error })?))
}

fn ready(config: Config, settings: Vec<Shown>, kind: SourceKind, mut gathered: gather::Gathered) -> Gathered {
    // The interval is not known yet, and does not matter to time that stands still.
    let stands = gathered.stands(Rounds::Every(Duration::ZERO));
    let members = std::mem::take(&mut gathered.members);
    let begin = Box::new(move |interval| gathered.begin(Rounds::Every(interval), SystemClock));
    Gathered { members, config, settings, kind, stands, begin }
}
