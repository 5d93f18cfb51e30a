//! The samples of many series at once: what every series shares is opened once, not once a series.
//!
//! It is for who reads all of it, as an export does. For one series [`Reader::points`] is the shorter way.

use std::collections::BTreeMap;

use super::batch;
use super::chunk::{self, Rows, sound};
use super::read::{Known, Reader, Span};
use super::seal::point;
use super::trouble::StoreError;
use crate::series::Point;

impl Reader {
    /// Hands the samples of each series in a span on, by time, those of one group of series after another; a series
    /// without any is passed over. Between groups the file is let go.
    ///
    /// Cost: the chunks of the span and, for each group, the recent batches; memory for one group's samples (32 series):
    /// keep the span at some hours.
    pub fn sweep<E: From<StoreError>>(
        &self,
        series: &[&Known],
        span: Span,
        mut take: impl FnMut(&Known, &[Point]) -> Result<(), E>,
    ) -> Result<(), E> {
        for group in series.chunk_by(|a, b| a.grp == b.grp) {
            let mut found = self.group(group, span)?;
            for known in group {
                if let Some(points) = found.remove(&known.id).filter(|points| !points.is_empty()) {
                    take(known, &points)?;
                }
            }
        }
        Ok(())
    }

    fn group(&self, group: &[&Known], span: Span) -> Result<BTreeMap<i64, Vec<Point>>, StoreError> {
        let Some(grp) = group.first().map(|known| known.grp) else { return Ok(BTreeMap::new()) };
        let (from, to) = (span.since.millis(), span.until.millis());
        self.slice("reading samples", |tx, word| {
            let mut sealed: BTreeMap<i64, Vec<Point>> = group.iter().map(|known| (known.id, Vec::new())).collect();
            chunk::each_of_samples(&self.site, tx, grp, from, to, |body| {
                let (opened, damaged): (Rows<Point>, u64) = sound(body);
                (0..damaged).for_each(|_| self.count_damage());
                for (id, points) in opened {
                    if let Some(all) = sealed.get_mut(&id) {
                        chunk::extend(all, points);
                    }
                }
            })?;
            let mut recent: BTreeMap<i64, Vec<Point>> = BTreeMap::new();
            let sql = "SELECT body FROM batch WHERE last >= ?1 AND first < ?2 ORDER BY id";
            let mut statement = tx.prepare_cached(sql).map_err(word)?;
            let mut rows = statement.query([from, to]).map_err(word)?;
            while let Some(row) = rows.next().map_err(word)? {
                let body = row.get_ref(0).map_err(word)?.as_blob().unwrap_or_default();
                let read = batch::each(body, |entry| {
                    if (from..to).contains(&entry.at) && sealed.contains_key(&entry.series) {
                        recent.entry(entry.series).or_default().push(point(entry));
                    }
                });
                if read.is_none() {
                    self.count_damage();
                }
            }
            for (id, recent) in recent {
                chunk::merge(sealed.entry(id).or_default(), recent);
            }
            for points in sealed.values_mut() {
                points.retain(|point| (from..to).contains(&point.at.millis()));
            }
            Ok(sealed)
        })
    }
}
