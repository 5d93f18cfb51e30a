//! What a button of the desktop asks for, put into the history for the program that judges, whichever that is.

use std::path::Path;
use std::time::Duration;

use cm_core::clock::Now;
use cm_core::fault::Code;
use cm_core::incident::{Asking, Incidents, Life, Request, Scope, Surroundings};
use cm_core::store::{OpenError, Opening, StoreError};

use crate::carrier::Act;
use crate::channel::desktop::Pressed;

/// For how long a button silences.
const SILENCE: Duration = Duration::from_hours(1);

/// Why what a button says was not asked for.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    /// The history cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The history takes nothing.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody has judged for long.
    #[error("too many requests wait already, for nobody judges")]
    TooMany,
}

impl PressError {
    /// The code under which it is explained.
    pub fn code(&self) -> Code {
        match self {
            Self::Open(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::TooMany => Code::HISTORY_BUSY,
        }
    }
}

/// Asks for it in `file`. `start` is which start of the machine this is. Costs one commit that waits for the disk.
pub fn ask(pressed: Pressed, file: &Path, start: &str, now: Now) -> Result<u64, PressError> {
    let mut writer = Opening::at(file).write()?;
    let request = match pressed.act {
        Act::Acknowledge => Request::Acknowledge { incident: pressed.incident },
        Act::Silence => {
            // The time that was seen to pass is the judge's: what it stored says how far it had come.
            let mut incidents = Incidents::load(writer.incidents()?.saved, Surroundings::default());
            let until = incidents.moment(now, start).steady.after(SILENCE);
            Request::Silence { scope: Scope::of(pressed.incident), life: Life::Until(until) }
        }
    };
    let asking = Asking { request, by: "desktop".to_owned(), comment: String::new() };
    writer.ask(&asking, now.wall)?.ok_or(PressError::TooMany)
}
