//! Room that expired data left in the file, given back to the disk in small steps.
//!
//! Without it the room is used again for what comes; it is for a history that was made smaller for good.

use super::expire::Log;
use super::trouble::StoreError;
use super::writer::Writer;

/// How many pages are given back in one transaction: 4 MiB, so that the log stays short and a full disk suffices.
const PAGES_AT_ONCE: u32 = 1_024;

/// What was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// The file before, in bytes.
    pub before_bytes: u64,
    /// The file now, in bytes.
    pub after_bytes: u64,
    /// Whether the file has shrunk on the disk as well: a program that reads holds that up until it ends.
    pub log: Log,
}

impl Writer {
    /// Gives free pages back to the disk. Every step is a transaction of its own, so it may be broken off.
    pub fn compact(&mut self) -> Result<Compacted, StoreError> {
        let before_bytes = self.pages("PRAGMA page_count")?;
        while self.pages("PRAGMA freelist_count")? > 0 {
            let left = self.pages("PRAGMA freelist_count")?;
            self.write("compacting", |write| {
                let word = write.site.sorted("compacting");
                let sql = format!("PRAGMA incremental_vacuum({PAGES_AT_ONCE})");
                // One page is given back for each row that is asked for.
                let mut steps = write.connection().prepare(&sql).map_err(&word)?;
                let mut rows = steps.query([]).map_err(&word)?;
                while rows.next().map_err(&word)?.is_some() {}
                Ok(())
            })?;
            if self.pages("PRAGMA freelist_count")? >= left {
                break;
            }
        }
        let log = self.empty_log()?;
        Ok(Compacted { before_bytes, after_bytes: self.pages("PRAGMA page_count")?, log })
    }

    /// How large the file is, in bytes, what is in the log alone included.
    pub fn file_bytes(&self) -> Result<u64, StoreError> {
        self.pages("PRAGMA page_count")
    }

    /// A number of pages, as bytes.
    fn pages(&self, pragma: &'static str) -> Result<u64, StoreError> {
        let word = self.site.sorted("measuring");
        let pages: i64 = self.quick.query_row(pragma, [], |row| row.get(0)).map_err(&word)?;
        let page: i64 = self.quick.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(word)?;
        Ok(u64::try_from(pages * page).unwrap_or(0))
    }
}
