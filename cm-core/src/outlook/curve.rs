//! A series over a span of time, a column for each place of a chart: least, mean, greatest, last, and gaps where nothing
//! was measured.
//!
//! It does not know how wide a chart is drawn: columns are spread over as many places as there are.

use std::time::Duration;

use crate::clock::WallTime;
use crate::series::retention::Policy;
use crate::series::rollup::Bucket;
use crate::series::window::{Choice, Window};
use crate::store::read::Shown;
use crate::store::{Known, Reader, StoreError};

/// The most columns of a curve: more than any screen has.
const MOST: usize = 100_000;

/// A series, column by column.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Which resolution was read and why, where the first column begins and how wide each is.
    pub choice: Choice,
    /// What was asked for.
    pub window: Window,
    /// From [`Choice::from`] on, each of the choice's width; nothing where nothing was measured.
    pub columns: Vec<Option<Bucket>>,
}

impl Curve {
    /// Reads a series. Cost: that of [`Reader::window`]: under 5 ms for the samples of a week.
    pub fn read(
        reader: &Reader,
        series: &Known,
        window: Window,
        policy: &Policy,
        now: WallTime,
    ) -> Result<Self, StoreError> {
        Ok(Self::of(reader.window(series, window, policy, now)?, window))
    }

    /// Puts what answers for a window into columns.
    pub fn of(shown: Shown, window: Window) -> Self {
        let Shown { choice, buckets } = shown;
        let width = choice.width.as_millis().max(1);
        let span = window.until.since(choice.from).as_millis();
        let count = usize::try_from(span.div_ceil(width)).unwrap_or(MOST).min(MOST);
        let mut columns = vec![None; count];
        for bucket in buckets {
            let place = usize::try_from(bucket.start.since(choice.from).as_millis() / width).unwrap_or(MOST);
            if let Some(column) = columns.get_mut(place) {
                *column = Some(bucket);
            }
        }
        Self { choice, window, columns }
    }

    /// When a column begins.
    pub fn start(&self, column: usize) -> WallTime {
        self.choice.from.after(self.choice.width.saturating_mul(u32::try_from(column).unwrap_or(u32::MAX)))
    }

    /// The columns over so many places of equal length between the window's ends: each place gets what its time touches,
    /// merged where that is several columns, repeated where a column is longer than a place.
    pub fn spread(&self, places: usize) -> Vec<Option<Bucket>> {
        let width = self.choice.width.as_millis().max(1);
        let whole = self.window.until.since(self.window.since).as_millis();
        // Milliseconds from the first column to the window's beginning.
        let ahead = self.window.since.since(self.choice.from).as_millis();
        let place = |n: usize| {
            let (n, places) = (n as u128, places.max(1) as u128);
            let begin = ahead + whole * n / places;
            let end = (ahead + whole * (n + 1) / places).max(begin + 1);
            let columns = begin / width..end.div_ceil(width);
            let index = |at: u128| usize::try_from(at).unwrap_or(usize::MAX).min(self.columns.len());
            let touched = &self.columns[index(columns.start)..index(columns.end)];
            touched.iter().flatten().copied().reduce(Bucket::merged)
        };
        (0..places).map(place).collect()
    }

    /// All of it in one: from the first to the last that was measured.
    pub fn whole(&self) -> Option<Bucket> {
        self.columns.iter().flatten().copied().reduce(Bucket::merged)
    }

    /// How much time a column stands for.
    pub const fn width(&self) -> Duration {
        self.choice.width
    }
}
