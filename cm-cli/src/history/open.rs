//! Which file is the history, opened to read or to write, and what is wrong with it as a complaint.

use std::path::{Path, PathBuf};

use cm_core::config::{self, Places};
use cm_core::fault::Code;
use cm_core::store::{self, OpenError, Opening, Reader, StoreError};

use crate::complaint::Complaint;
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// The file that was named, or the usual one.
pub(super) fn path(database: Option<&Path>, surroundings: &Surroundings<'_>) -> Result<PathBuf, Complaint> {
    if let Some(path) = database {
        return Ok(path.to_owned());
    }
    let places = Places::of(&config::Surroundings::new(surroundings.variables, surroundings.user));
    places.state.map(|state| store::usual_path(&state)).ok_or_else(|| {
        let what = "neither XDG_STATE_HOME nor HOME says where the history is";
        Complaint::new(Code::USAGE, what).next("Name its file with --database.")
    })
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
