//! Which file is the history, opened to read or to write, and what is wrong with it as a complaint.

use std::path::{Path, PathBuf};

use cm_core::config::{self, Config, Places};
use cm_core::fault::Code;
use cm_core::series::retention::Policy;
use cm_core::store::{OpenError, Opening, Reader, StoreError};

use crate::complaint::Complaint;
use crate::gather::configured;
use crate::request::Watch;
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// The file that was named, or the one that is configured.
pub(crate) fn path(database: Option<&Path>, surroundings: &Surroundings<'_>) -> Result<PathBuf, Complaint> {
    if let Some(path) = database {
        return Ok(path.to_owned());
    }
    let config = configured::load(&Watch::default(), surroundings).map_err(Complaint::of_problems)?.config;
    file(None, &config, surroundings)
}

/// The same where the configuration is at hand.
pub(crate) fn file(
    database: Option<&Path>,
    config: &Config,
    surroundings: &Surroundings<'_>,
) -> Result<PathBuf, Complaint> {
    if let Some(path) = database {
        return Ok(path.to_owned());
    }
    let around = config::Surroundings::new(surroundings.variables, surroundings.user);
    let state = Places::of(&around).state;
    config.dashboard.history.file(state.as_deref(), around.home().as_deref()).ok_or_else(|| {
        let what = "neither XDG_STATE_HOME nor HOME says where the history is";
        Complaint::new(Code::USAGE, what).next("Name its file with --database.")
    })
}

/// For how long everything is kept, as it is configured.
pub(super) fn retention(surroundings: &Surroundings<'_>) -> Result<Policy, Complaint> {
    let loaded = configured::load(&Watch::default(), surroundings).map_err(Complaint::of_problems)?;
    Ok(loaded.config.dashboard.retention())
}

/// The history, opened to read.
pub(super) fn reader(database: Option<&Path>, surroundings: &Surroundings<'_>) -> Result<Reader, Complaint> {
    Opening::at(path(database, surroundings)?).read().map_err(|error| unopened(&error))
}

/// Why it cannot be opened.
pub(super) fn unopened(error: &OpenError) -> Complaint {
    Complaint::new(error.code(), error.to_string())
}

/// Why it cannot be read or written.
pub(super) fn unread(error: &StoreError) -> Complaint {
    Complaint::new(error.code(), error.to_string())
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Complaint(unread(&error))
    }
}

impl From<OpenError> for Stop {
    fn from(error: OpenError) -> Self {
        Self::Complaint(unopened(&error))
    }
}
