//! The table of mounts as it was last read, and when it has to be read again.
//!
//! The kernel says on the open file that a mount came, went or was mounted anew (proc(5), `poll` for `POLLPRI`), so a table
//! that did not change is neither written out by the kernel nor taken apart here. It does not say that a filesystem turned
//! read-only by itself after an error; for that the table is read every `READ_EVERY` all the same.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use cm_model::clock::MonoTime;
use rustix::event::{PollFd, PollFlags, Timespec};

use super::{Mount, of_machine};
use crate::machine::{Machine, Unreadable};

/// How old the table may become, whatever the kernel says.
const READ_EVERY: Duration = Duration::from_secs(10);

/// The machine's mounts, kept from one look to the next.
#[derive(Debug, Default)]
pub struct Table {
    read: Option<(MonoTime, Arc<[Mount]>)>,
    own: Option<OwnedFd>,
    first: Option<OwnedFd>,
}

impl Table {
    /// What is mounted and can be seen. Of a machine in a box it is read at every call.
    pub fn mounts(&mut self, machine: &Machine, now: MonoTime) -> Result<Arc<[Mount]>, Unreadable> {
        // Both are asked: the answer is also what makes the next change be told.
        let told = [&self.own, &self.first].map(|file| file.as_ref().is_some_and(changed)).contains(&true);
        if let Some((at, mounts)) = &self.read
            && self.own.is_some()
            && !told
            && now.since(*at) < READ_EVERY
        {
            return Ok(Arc::clone(mounts));
        }
        // Opened before they are read, so that a change in between is told at the next look.
        let (own, first) = ("/proc/self/mountinfo", "/proc/1/mountinfo");
        if machine.is_itself() {
            self.own = machine.open(own).ok();
            self.first = machine.open(first).ok();
        }
        let mounts: Arc<[Mount]> = of_machine(&machine.read(own)?, machine.read(first).ok().as_deref()).into();
        self.read = Some((now, Arc::clone(&mounts)));
        Ok(mounts)
    }
}

/// Whether the kernel says that the table behind the file changed since it was opened or last asked.
fn changed(file: &OwnedFd) -> bool {
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let mut asked = [PollFd::new(file, PollFlags::PRI)];
    // What can't be asked may have changed.
    rustix::event::poll(&mut asked, Some(&at_once)) != Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_model::clock::Now;

    #[test]
    fn the_table_is_read_again_when_it_is_old_and_not_before() {
        let machine = Machine::itself();
        let start = Now::default();
        let mut table = Table::default();
        let mut at = |after: u64| table.mounts(&machine, start.after(Duration::from_secs(after)).mono).unwrap();
        let first = at(0);
        assert!(!first.is_empty());
        let second = at(1);
        assert!(Arc::ptr_eq(&first, &second) || first != second, "kept as it is, unless this machine's mounts changed");
        let renewed = at(READ_EVERY.as_secs() + 1);
        assert!(!Arc::ptr_eq(&second, &renewed));
    }
}
