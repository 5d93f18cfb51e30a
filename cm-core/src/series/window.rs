//! Which resolution answers for a span of time, and how wide each shown value is.
//!
//! The coarsest that is fine enough for what will be shown, and that still reaches back to where the span begins. It
//! does not read anything.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::retention::{CutOffs, Resolution};
use super::rollup::floor;
use crate::clock::WallTime;

/// Widths that people can read off an axis, in seconds; wider ones are whole multiples of 30 days.
const WIDTHS: [u64; 22] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
    1_209_600, 2_592_000,
];

/// A span of time to be shown in so many values at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// From when, included.
    pub since: WallTime,
    /// Until when, not included. At or before `since` the span is empty.
    pub until: WallTime,
    /// How many values may be shown.
    pub most: NonZeroUsize,
}

/// Why a resolution was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It is fine enough for what is shown, and kept for long enough.
    Fits,
    /// What is finer is gone by now for the beginning of the span.
    FinerIsGone,
    /// Everything is gone for the beginning of the span: this reaches back the furthest.
    BeginningIsGone,
}

/// What answers for a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// What to read.
    pub resolution: Resolution,
    /// How much time each shown value stands for; never less than the resolution's own step.
    pub width: Duration,
    /// Where the first value begins: at or before `since`, on a multiple of the width, so that a window that moves on
    /// does not make its values flicker.
    pub from: WallTime,
    /// Why this one.
    pub reason: Reason,
}

impl Window {
    /// Which resolution answers, given how far back each one reaches.
    pub fn choose(&self, cut_offs: &CutOffs) -> Choice {
        let wanted = self.width();
        let fine_enough = Resolution::ALL
            .into_iter()
            .rev()
            .find(|resolution| resolution.length() <= wanted)
            .unwrap_or(Resolution::Raw);
        let reaches = |resolution: &Resolution| cut_offs.of(*resolution) <= self.since;
        let kept = Resolution::ALL.into_iter().filter(|resolution| *resolution >= fine_enough).find(reaches);
        let (resolution, reason) = match kept {
            Some(resolution) if resolution == fine_enough => (resolution, Reason::Fits),
            Some(resolution) => (resolution, Reason::FinerIsGone),
            // The coarser, the longer kept.
            None => (furthest(cut_offs, fine_enough), Reason::BeginningIsGone),
        };
        let width = wanted.max(resolution.length());
        Choice { resolution, width, from: floor(self.since, width), reason }
    }

    /// The least readable width with which the span fits, wherever it begins.
    fn width(&self) -> Duration {
        let span = self.until.since(self.since);
        let most = u64::try_from(self.most.get()).unwrap_or(u64::MAX);
        // A span of n widths touches n + 1 of them unless it begins on one.
        let fits = |width: u64| {
            let start = floor(self.since, Duration::from_secs(width));
            let whole = self.until.since(start).as_millis().div_ceil(u128::from(width) * 1_000);
            whole <= u128::from(most)
        };
        let month = WIDTHS[WIDTHS.len() - 1];
        let months = || {
            let about = span.as_secs().div_ceil(month).div_ceil(most).max(1);
            (about..=about.saturating_mul(2) + 1).map(|months| months * month).find(|width| fits(*width))
        };
        let width = WIDTHS.into_iter().find(|width| fits(*width)).or_else(months);
        Duration::from_secs(width.unwrap_or_else(|| self.until.secs().unsigned_abs() + 1))
    }
}

/// The finest of those that reach back the furthest.
fn furthest(cut_offs: &CutOffs, at_least: Resolution) -> Resolution {
    Resolution::ALL
        .into_iter()
        .filter(|resolution| *resolution >= at_least)
        .min_by_key(|resolution| cut_offs.of(*resolution))
        .unwrap_or(at_least)
}

#[cfg(test)]
mod tests;
