//! Whether somebody asked for the last start of the machine.
//!
//! systemd and sysvinit write into `/var/log/wtmp` (utmp(5)) when the machine starts and when it begins to go down. A start
//! without a going down since the start before was nobody's wish: power or kernel went away. Where nobody keeps that file
//! (musl, systemd without utmp, a journal alone), where it begins with this start, or where its clock was too far off to tell
//! which start is which, the reason is not known. A crash that the kernel saved in pstore is not asked: only root may look
//! there, and what lies there may be years old.

use std::time::Duration;

use cm_model::clock::WallTime;
use cm_model::report::service::BootReason;

use crate::machine::Machine;

const WTMP: &str = "/var/log/wtmp";
/// Records that are read at a time, and in all: logins since the start lie behind it, and many machines log in to others.
const PIECE: usize = 128;
const MOST: usize = 32 * PIECE;
/// How far the start in the file may lie from the start as the kernel's clocks tell it: the clock is often set in between.
const APART: Duration = Duration::from_mins(10);

/// What is known of the last start. `started` is when it was, by the clock of now. Reads at most 1.6 MB, mostly 48 KiB.
pub(super) fn reason(machine: &Machine, started: WallTime) -> Option<BootReason> {
    if watchdog_had_to(machine) {
        return Some(BootReason::Unasked);
    }
    let own = Layout::OF_THIS_MACHINE;
    // A box does not say of which architecture it is.
    let other = (!machine.is_itself()).then_some(own.other());
    [Some(own), other].into_iter().flatten().find_map(|layout| search(machine, layout, started))
}

/// A hardware watchdog that had to start the machine says so (`WDIOF_CARDRESET` of the kernel's watchdog API).
fn watchdog_had_to(machine: &Machine) -> bool {
    machine.number("/sys/class/watchdog/watchdog0/bootstatus").is_some_and(|status: u32| status & 0x20 != 0)
}

/// The form of a record: glibc's `struct utmp`, whose moments take 4 bytes where 32-bit programs share the file (x86-64 and
/// most others) and 8 elsewhere (64-bit ARM).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Short,
    Long,
}

impl Layout {
    const OF_THIS_MACHINE: Self = if cfg!(target_arch = "aarch64") { Self::Long } else { Self::Short };

    const fn other(self) -> Self {
        match self {
            Self::Short => Self::Long,
            Self::Long => Self::Short,
        }
    }

    const fn size(self) -> usize {
        match self {
            Self::Short => 384,
            Self::Long => 400,
        }
    }

    fn event(self, record: &[u8]) -> Option<Event> {
        let kind = i16::from_le_bytes(record.get(..2)?.try_into().ok()?);
        let user = record.get(44..76)?;
        let user = &user[..user.iter().position(|b| *b == 0).unwrap_or(user.len())];
        let at = match self {
            Self::Short => i64::from(u32::from_le_bytes(record.get(340..344)?.try_into().ok()?)),
            Self::Long => i64::from_le_bytes(record.get(344..352)?.try_into().ok()?),
        };
        match (kind, user) {
            (2, _) => Some(Event::Start(WallTime::from_secs(at))),
            (1, b"shutdown") => Some(Event::End),
            // Logins, changes of the run level.
            (0..=9, _) => Some(Event::Other),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Start(WallTime),
    End,
    Other,
}

/// How far a search from the newest record back has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Search {
    /// The last start is not found yet.
    Nothing,
    /// It is, and nothing before it that says how the machine came to be down.
    Started,
    Ended(BootReason),
}

/// Goes back over the records; nothing if they do not say, are not of this form, or not there.
fn search(machine: &Machine, layout: Layout, started: WallTime) -> Option<BootReason> {
    let mut search = Search::Nothing;
    for skip in (0..MOST).step_by(PIECE) {
        let bytes = machine.records(WTMP, layout.size(), skip, PIECE).ok()?;
        if bytes.is_empty() {
            break;
        }
        for record in bytes.chunks_exact(layout.size()).rev() {
            search = step(search, layout.event(record), started)?;
            if let Search::Ended(reason) = search {
                return Some(reason);
            }
        }
    }
    None
}

/// One record further back; nothing if it is no record, or the last start in the file is not that of the machine.
fn step(search: Search, event: Option<Event>, started: WallTime) -> Option<Search> {
    Some(match (search, event?) {
        (Search::Nothing, Event::Start(at)) => {
            let apart = at.since(started).max(started.since(at));
            (apart <= APART).then_some(Search::Started)?
        }
        (Search::Started, Event::Start(_)) => Search::Ended(BootReason::Unasked),
        (Search::Started, Event::End) => Search::Ended(BootReason::Asked),
        (search, _) => search,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: i64 = 1_763_900_000;

    fn record(layout: Layout, kind: i16, user: &str, at: i64) -> Vec<u8> {
        let mut record = vec![0; layout.size()];
        record[..2].copy_from_slice(&kind.to_le_bytes());
        record[44..44 + user.len()].copy_from_slice(user.as_bytes());
        match layout {
            Layout::Short => record[340..344].copy_from_slice(&u32::try_from(at).unwrap().to_le_bytes()),
            Layout::Long => record[344..352].copy_from_slice(&at.to_le_bytes()),
        }
        record
    }

    fn told(layout: Layout, events: &str) -> Option<BootReason> {
        let made = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(made.path().join("var/log")).unwrap();
        let bytes: Vec<u8> = events
            .split_whitespace()
            .flat_map(|event| match event {
                "start" => record(layout, 2, "reboot", START + 20),
                "earlier" => record(layout, 2, "reboot", START - 90_000),
                "level" => record(layout, 1, "runlevel", START + 30),
                "down" => record(layout, 1, "shutdown", START - 60),
                "login" => record(layout, 7, "shutdown", START + 50),
                "logins" => record(layout, 7, "root", START + 50).repeat(300),
                "cut" => vec![7; 100],
                "garbage" => vec![0xff; layout.size()],
                other => panic!("{other}"),
            })
            .collect();
        std::fs::write(made.path().join("var/log/wtmp"), bytes).unwrap();
        reason(&Machine::in_a_box(made.path()).unwrap(), WallTime::from_secs(START))
    }

    #[test]
    fn a_start_was_asked_for_if_the_machine_went_down_before_it() {
        use BootReason::{Asked, Unasked};
        for (events, expected) in [
            ("earlier level login down start level login", Some(Asked)),
            ("earlier level login start level", Some(Unasked)),
            ("earlier start logins logins", Some(Unasked)),
            ("down start logins cut", Some(Asked)),
            ("start level", None),
            ("login start", None),
            ("down earlier level", None),
            ("earlier garbage start", None),
            ("", None),
        ] {
            for layout in [Layout::Short, Layout::Long] {
                assert_eq!(told(layout, events), expected, "{events}, {layout:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_file_panics(bytes: Vec<u8>) {
            let made = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(made.path().join("var/log")).unwrap();
            std::fs::write(made.path().join("var/log/wtmp"), bytes.repeat(20)).unwrap();
            reason(&Machine::in_a_box(made.path()).unwrap(), WallTime::from_secs(START));
        }
    }
}
