//! Since when and until when there is anything of each series. It does not read how the readings went.

use std::collections::HashMap;

use super::batch;
use super::chunk::{HOUR, sound};
use super::read::{Reader, Span};
use super::trouble::StoreError;
use crate::clock::WallTime;
use crate::series::Point;
use crate::series::retention::Resolution;
use crate::series::rollup::{Bucket, Step};

/// By the number of a series: its first and its last moment, in milliseconds.
type Ends = HashMap<i64, (i64, i64)>;

impl Reader {
    /// From when to when there is anything of each series, by its [number](super::Known::id): the beginning to the day once
    /// the day is rolled up, the end to the sample. A series of which nothing is left is not among them.
    ///
    /// Cost: some milliseconds a host, most of it the last sealed hour of every group.
    pub fn extents(&self) -> Result<HashMap<i64, Span>, StoreError> {
        let mut ends = Ends::new();
        self.each_chunk(Resolution::Step(Step::Day), |_, _, body| {
            for (series, days) in sound::<Bucket>(body).0 {
                for day in days.first().into_iter().chain(days.last()) {
                    widen(&mut ends, series, day.start.millis(), day.last_at.millis());
                }
            }
        })?;
        self.raw_ends(&mut ends)?;
        self.recent_ends(&mut ends)?;
        let span = |(first, last)| Span::new(WallTime::from_millis(first), WallTime::from_millis(last));
        Ok(ends.into_iter().map(|(series, ends)| (series, span(ends))).collect())
    }

    /// Hours that no roll-up tells of yet, by their heads alone, and the last hour of each group in full. Of joined hours the
    /// days tell.
    fn raw_ends(&self, ends: &mut Ends) -> Result<(), StoreError> {
        self.slice("looking for samples", |tx, word| {
            let sql =
                "SELECT start, body, start = (SELECT max(start) FROM chunk c WHERE c.step = 0 AND c.grp = chunk.grp)
                       FROM chunk WHERE step = 0 AND (settled = 0 OR
                       start = (SELECT max(start) FROM chunk c WHERE c.step = 0 AND c.grp = chunk.grp))";
            let mut statement = tx.prepare_cached(sql).map_err(word)?;
            let mut rows = statement.query([]).map_err(word)?;
            while let Some(row) = rows.next().map_err(word)? {
                let start: i64 = row.get(0).map_err(word)?;
                let body = row.get_ref(1).map_err(word)?.as_blob().unwrap_or_default();
                let is_last: bool = row.get(2).map_err(word)?;
                if is_last {
                    for (series, points) in sound::<Point>(body).0 {
                        for point in points.first().into_iter().chain(points.last()) {
                            widen(ends, series, point.at.millis(), point.at.millis());
                        }
                    }
                } else if let Ok(contents) = crate::series::chunk::contents(body) {
                    for (series, _) in contents {
                        widen(ends, series.cast_signed(), start, start + HOUR - 1);
                    }
                }
            }
            Ok(())
        })
    }

    fn recent_ends(&self, ends: &mut Ends) -> Result<(), StoreError> {
        self.slice("looking for samples", |tx, word| {
            let mut statement = tx.prepare_cached("SELECT body FROM batch ORDER BY id").map_err(word)?;
            let mut rows = statement.query([]).map_err(word)?;
            while let Some(row) = rows.next().map_err(word)? {
                let body = row.get_ref(0).map_err(word)?.as_blob().unwrap_or_default();
                // What is damaged is told where it is read, and by `check`.
                let _ = batch::each(body, |entry| widen(ends, entry.series, entry.at, entry.at));
            }
            Ok(())
        })
    }
}

fn widen(ends: &mut Ends, series: i64, first: i64, last: i64) {
    let known = ends.entry(series).or_insert((first, last));
    *known = (known.0.min(first), known.1.max(last));
}
