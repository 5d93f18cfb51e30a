//! Files of records of one size that only grow at their end: read from there.
//!
//! It knows where a record begins, not what is in it.

use rustix::fs::SeekFrom;
use rustix::io::retry_on_intr;

use super::{Machine, Unreadable};

impl Machine {
    /// Whole records of `size` bytes from the end of a file: `most` of them at most, before the last `skip`; in the order in
    /// which they were written. Nothing where there are none so far back. What follows the last whole record is no record.
    pub fn records(&self, path: &str, size: usize, skip: usize, most: usize) -> Result<Vec<u8>, Unreadable> {
        let fd = self.open(path)?;
        let length = rustix::fs::seek(&fd, SeekFrom::End(0)).map_err(|error| Unreadable::new(path, error))?;
        let end = usize::try_from(length).unwrap_or(usize::MAX) / size;
        let end = end.saturating_sub(skip);
        let start = end.saturating_sub(most);
        let mut bytes = vec![0; (end - start) * size];
        let mut filled = 0;
        while filled < bytes.len() {
            let at = (start * size + filled) as u64;
            let read = retry_on_intr(|| rustix::io::pread(&fd, &mut bytes[filled..], at));
            match read.map_err(|error| Unreadable::new(path, error))? {
                // Cut short between the two calls: what is left are whole records up to there.
                0 => break,
                read => filled += read,
            }
        }
        bytes.truncate(filled - filled % size);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_records_are_read_from_the_end() {
        let made = tempfile::tempdir().unwrap();
        std::fs::write(made.path().join("log"), b"aabbccddx").unwrap();
        let machine = Machine::in_a_box(made.path()).unwrap();
        for (skip, most, expected) in
            [(0, 2, "ccdd"), (1, 2, "bbcc"), (3, 2, "aa"), (4, 2, ""), (9, 9, ""), (0, 99, "aabbccdd")]
        {
            let read = machine.records("/log", 2, skip, most).unwrap();
            assert_eq!(String::from_utf8(read).unwrap(), expected, "{skip}, {most}");
        }
        assert!(machine.records("/none", 2, 0, 1).unwrap_err().is_not_there());
    }
}
