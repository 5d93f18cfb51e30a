//! A snapshot as a source: what was known then, in the order in which it came.

use futures_util::stream;

use cm_model::observation::{Observation, Way};

use super::Observations;
use crate::snapshot::Snapshot;

/// Yields every observation of the snapshot, at the time at which it was received, and ends.
///
/// Read it with a clock that stands at [`Snapshot::made_at`]: then ages and stale data show as they did.
pub fn replay(snapshot: Snapshot) -> Observations {
    let observations = snapshot.observations.into_iter();
    Box::pin(stream::iter(observations.map(|observation| Observation { way: Way::Replay, ..observation })))
}
