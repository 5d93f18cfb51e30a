//! Whether the file is whole: SQLite's own look at its pages, and the checksum of everything that we sealed.
//!
//! It repairs nothing: see [`salvage`](super::salvage).

use super::batch;
use super::chunk::{Rows, sound};
use super::read::Reader;
use super::trouble::StoreError;
use crate::series::Point;
use crate::series::retention::Resolution;
use crate::series::rollup::Bucket;

/// The most complaints that are told; a damaged file has them by the thousand.
const MOST_TOLD: usize = 100;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// What SQLite says of the pages; empty where they are in order.
    pub pages: Vec<String>,
    /// How many chunks, batches, frames and rows of incidents were looked at.
    pub looked_at: u64,
    /// Of which the bytes are not those that were written.
    pub damaged: Vec<String>,
}

impl Checked {
    /// Whether nothing is wrong.
    pub const fn is_whole(&self) -> bool {
        self.pages.is_empty() && self.damaged.is_empty()
    }

    fn complain(&mut self, what: String) {
        if self.damaged.len() < MOST_TOLD {
            self.damaged.push(what);
        }
    }
}

impl Reader {
    /// Looks at every page and every checksum. Cost: the whole file is read, the pages in one go.
    pub fn check(&self) -> Result<Checked, StoreError> {
        let mut checked = Checked { pages: self.pages()?, ..Checked::default() };
        for resolution in Resolution::ALL {
            let each = self.each_chunk(resolution, |id, _, body| {
                checked.looked_at += 1;
                let damaged = match resolution {
                    Resolution::Raw => damage::<Point>(body),
                    Resolution::Step(_) => damage::<Bucket>(body),
                };
                if damaged > 0 {
                    checked.complain(format!("chunk {id} ({}): {damaged} series", resolution.word()));
                }
            });
            // Where pages are damaged the walk may end early; that is told, and the rest is looked at all the same.
            if let Err(error) = each {
                checked.complain(error.to_string());
            }
        }
        if let Err(error) = self.check_batches(&mut checked) {
            checked.complain(error.to_string());
        }
        let frames = self.each_frame(|id, whole| {
            checked.looked_at += 1;
            if !whole {
                checked.complain(format!("frame {id}"));
            }
        });
        if let Err(error) = frames {
            checked.complain(error.to_string());
        }
        let incidents = self.each_of_incidents(|table, id, whole| {
            checked.looked_at += 1;
            if !whole {
                checked.complain(format!("{table} {id}"));
            }
        });
        if let Err(error) = incidents {
            checked.complain(error.to_string());
        }
        Ok(checked)
    }

    fn pages(&self) -> Result<Vec<String>, StoreError> {
        let told = self.slice("checking the pages", |tx, word| {
            let mut statement = tx.prepare("PRAGMA integrity_check(100)").map_err(word)?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(word)?;
            rows.collect::<Result<Vec<_>, _>>().map_err(word)
        });
        match told {
            Ok(lines) => Ok(lines.into_iter().filter(|line| line != "ok").collect()),
            Err(StoreError::Damaged { what, .. }) => Ok(vec![what]),
            Err(error) => Err(error),
        }
    }

    fn check_batches(&self, checked: &mut Checked) -> Result<(), StoreError> {
        self.slice("checking recent samples", |tx, word| {
            let mut statement = tx.prepare_cached("SELECT id, body FROM batch").map_err(word)?;
            let mut rows = statement.query([]).map_err(word)?;
            while let Some(row) = rows.next().map_err(word)? {
                checked.looked_at += 1;
                let body = row.get_ref(1).map_err(word)?;
                if body.as_blob().ok().and_then(|body| batch::each(body, |_| ())).is_none() {
                    let id: i64 = row.get(0).map_err(word)?;
                    checked.complain(format!("batch {id}"));
                }
            }
            Ok(())
        })
    }
}

fn damage<R: crate::series::chunk::Row>(body: &[u8]) -> u64 {
    let (_, damaged): (Rows<R>, u64) = sound(body);
    damaged
}
