//! What the indexes say for tables whose own pages are damaged: the names of series, and settings.
//!
//! Samples without their series would be lost in another way: the next series would be given the number, and their samples
//! with it. So every number that chunks and batches name has a series again, if only one that says it has none.

use std::collections::BTreeMap;

use rusqlite::params;
use rusqlite::types::Value;

use super::super::chunk::DAY;
use super::{Saved, batch};
use crate::catalogue;
use crate::metric::Retention;

/// Counters by their names; everything else of the same form is a setting.
const COUNTERS: &[&str] = &["unset_clock", "ahead", "late", "surplus", "damaged"];
const SETTINGS: &[&str] = &["whole_from", "clock_boot", "clock_wall", "clock_at", "clock_since", "copy"];

/// What was found in indexes.
#[derive(Default)]
pub(super) struct Index {
    names: BTreeMap<i64, [String; 3]>,
    groups: BTreeMap<i64, i64>,
    small: Vec<(&'static str, String, Value)>,
}

impl Index {
    /// Takes what a record of an index says.
    pub(super) fn note(&mut self, values: &[Value]) {
        match values {
            [Value::Text(entity), Value::Text(subject), Value::Text(metric), Value::Integer(id)] => {
                self.names.insert(*id, [entity.clone(), subject.clone(), metric.clone()]);
            }
            [Value::Integer(grp), Value::Integer(id)] => drop(self.groups.insert(*id, *grp)),
            [Value::Text(name), value] if COUNTERS.contains(&name.as_str()) => {
                self.small.push(("counter", name.clone(), value.clone()));
            }
            [Value::Text(name), value] if SETTINGS.contains(&name.as_str()) => {
                self.small.push(("meta", name.clone(), value.clone()));
            }
            _ => {}
        }
    }
}

impl Saved<'_> {
    /// Gives every number that chunks and batches name its series again.
    pub(super) fn name_series(&mut self, index: &Index) -> rusqlite::Result<()> {
        for (table, name, value) in &index.small {
            self.tx.execute(
                &format!("INSERT OR IGNORE INTO {table}(name, value) VALUES (?1, ?2)"),
                params![name, value],
            )?;
        }
        let (mut named, mut nameless) = (0_u64, 0_u64);
        for (id, grp) in self.wanted(index)? {
            let found = index.names.get(&id);
            let (entity, subject, metric) = match found {
                Some([entity, subject, metric]) => (entity.clone(), subject.clone(), metric.clone()),
                None => ("host:salvaged".to_owned(), "host".to_owned(), format!("series_{id}")),
            };
            let entry = catalogue::by_name(&metric).map(|entry| &entry.metric);
            let lifelong = entry.is_some_and(|metric| metric.retention == Retention::Lifelong);
            let (number, unit) = entry.map_or((0, ""), |metric| (metric.id.0, metric.unit.word()));
            let stored = self.tx.execute(
                "INSERT OR IGNORE INTO series(id, grp, entity, subject, metric, number, unit, lifelong)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![id, grp, entity, subject, metric, number, unit, lifelong],
            )?;
            *(if found.is_some() { &mut named } else { &mut nameless }) += stored as u64;
        }
        *self.kept.entry("series").or_default() += named;
        if nameless > 0 {
            self.cut.push(format!("series: the names of {nameless}, which are called series_NUMBER of salvaged now"));
        }
        self.keep_whole_days()
    }

    /// The numbers that have no series, with the group in which they are.
    fn wanted(&self, index: &Index) -> rusqlite::Result<BTreeMap<i64, i64>> {
        let mut wanted = BTreeMap::new();
        let mut chunks = self.tx.prepare("SELECT grp, body FROM chunk")?;
        let mut rows = chunks.query([])?;
        while let Some(row) = rows.next()? {
            let grp: i64 = row.get(0)?;
            let body = row.get_ref(1)?.as_blob().unwrap_or_default();
            let contents = crate::series::chunk::contents(body).unwrap_or_default();
            wanted.extend(contents.into_iter().map(|(id, _)| (id.cast_signed(), grp)));
        }
        let mut batches = self.tx.prepare("SELECT body FROM batch")?;
        let mut rows = batches.query([])?;
        while let Some(row) = rows.next()? {
            let body = row.get_ref(0)?.as_blob().unwrap_or_default();
            batch::each(body, |entry| {
                wanted.entry(entry.series).or_insert(0);
            });
        }
        // One that has nothing stored yet is worth its name as well.
        wanted.extend(index.names.keys().filter(|id| !wanted.contains_key(id)).map(|id| (*id, 0)).collect::<Vec<_>>());
        let known: Vec<i64> = {
            let mut ids = self.tx.prepare("SELECT id FROM series ORDER BY id")?;
            ids.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        wanted.retain(|id, _| known.binary_search(id).is_err());
        let free: i64 = self.tx.query_row(
            "SELECT 1 + max((SELECT coalesce(max(grp), 0) FROM series), (SELECT coalesce(max(grp), 0) FROM chunk))",
            [],
            |row| row.get(0),
        )?;
        for (id, grp) in &mut wanted {
            if *grp == 0 {
                *grp = index.groups.get(id).copied().unwrap_or(free);
            }
        }
        Ok(wanted)
    }

    /// Where it is not known any more from when on days are whole, a late sample could take the place of a day's sums: days
    /// before the first sealed sample take none.
    fn keep_whole_days(&self) -> rusqlite::Result<()> {
        let sql = "INSERT OR IGNORE INTO meta(name, value)
                   SELECT 'whole_from', (min(first) + ?1 - 1) / ?1 * ?1 FROM chunk WHERE step IN (0, 4) HAVING min(first) NOT NULL";
        self.tx.execute(sql, [DAY]).map(|_| ())
    }
}
