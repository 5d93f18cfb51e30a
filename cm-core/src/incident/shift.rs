//! A severity on its way to another: it counts once it was seen for as long as the rule asks, `hold` upwards and `clear`
//! downwards, so that a number that dances round a limit does not change it with every look.

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::look::Terms;
use super::time::Steady;
use super::watch::Watch;
use crate::severity::Severity;

/// A severity on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shift {
    /// The one nearest to what stands that was seen all the while.
    to: Severity,
    watch: Watch,
}

impl Shift {
    /// A look at an incident of this severity; answers with the new one once it counts.
    pub(super) fn weigh(
        on_its_way: &mut Option<Self>,
        stands: Severity,
        found: Option<&Finding>,
        terms: &Terms,
        at: Steady,
    ) -> Option<Severity> {
        let seen = found.map_or(stands, |finding| finding.severity);
        if seen == stands {
            *on_its_way = None;
            return None;
        }
        let is_up = seen > stands;
        let mut shift = on_its_way
            .filter(|shift| (shift.to > stands) == is_up)
            .unwrap_or(Self { to: seen, watch: Watch::default() });
        shift.to = if is_up { shift.to.min(seen) } else { shift.to.max(seen) };
        let due = if is_up { terms.hold } else { terms.clear };
        let counts = shift.watch.look(at, terms.gap) >= due;
        *on_its_way = (!counts).then_some(shift);
        counts.then_some(shift.to)
    }

    /// Time until the next look does not count.
    pub(super) const fn cut(&mut self) {
        self.watch.cut();
    }
}
