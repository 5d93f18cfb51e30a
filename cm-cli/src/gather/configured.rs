//! The hosts of the configuration as a source over HTTP; this machine where none is configured.

use std::time::Duration;

use cm_core::config::{self, Loaded, Problems};
use cm_core::gather::{GatherError, Gathered};

use super::{Opened, complaint, local};
use crate::complaint::Complaint;
use crate::request::{From, Watch};
use crate::surroundings::Surroundings;

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

/// The hosts that were asked for, or this machine; and the interval that is configured.
pub(super) fn open(watch: &Watch, surroundings: &Surroundings<'_>) -> Result<(Opened, Duration), Complaint> {
    let config = load(watch, surroundings).map_err(Complaint::of_problems)?.config;
    let is_this_machine = config.is_local();
    let gathered = if is_this_machine {
        local::open(&config, watch.choice()).map_err(GatherError::from)
    } else {
        let seed = u64::from(std::process::id());
        Gathered::http(&config, watch.choice(), surroundings.user, seed)
    };
    let opened = Opened { gathered: gathered.map_err(complaint)?, is_this_machine };
    Ok((opened, config.dashboard.general.refresh_interval))
}
