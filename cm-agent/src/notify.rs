//! News for the service manager that started this program: ready, alive, what it is at, stopping (`sd_notify(3)`).
//!
//! Nothing is sent by a clock: only who has made progress says so, and then the manager's watchdog is fed. A program that
//! hangs feeds nobody and is started again. Where no manager waits for news, all of this does nothing. It does not know
//! what progress is.

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::fmt::Write;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use cm_model::clock::MonoTime;

/// The manager, and what it has been told.
#[derive(Debug, Default)]
pub struct Notify {
    manager: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
    ready: Cell<bool>,
    fed: Cell<Option<MonoTime>>,
    status: RefCell<String>,
}

impl Notify {
    /// No manager: what is told goes nowhere.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// The manager that the environment names (`NOTIFY_SOCKET`), and the watchdog that it keeps for the process `pid`
    /// (`WATCHDOG_USEC`, `WATCHDOG_PID`). Nobody where it names none, or one of a kind that is not known.
    pub fn of(variable: impl Fn(&str) -> Option<OsString>, pid: u32) -> io::Result<Self> {
        let Some(address) = variable("NOTIFY_SOCKET") else { return Ok(Self::nobody()) };
        let address = match address.as_bytes() {
            [b'/', ..] => SocketAddr::from_pathname(&address)?,
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
            _ => return Ok(Self::nobody()),
        };
        let socket = UnixDatagram::unbound()?;
        // A manager that takes nothing must not hold up who answers: what could not be sent goes with the next news.
        socket.set_nonblocking(true)?;
        let number = |name| variable(name)?.to_str()?.parse::<u64>().ok();
        let ours = number("WATCHDOG_PID").is_none_or(|named| named == u64::from(pid));
        let watchdog = number("WATCHDOG_USEC").filter(|&time| ours && time > 0).map(Duration::from_micros);
        Ok(Self { manager: Some((socket, address)), watchdog, ..Self::default() })
    }

    /// How often progress is waited for at the least: four times within the watchdog's time. Nothing without a watchdog.
    pub fn pace(&self) -> Option<Duration> {
        self.watchdog.map(|time| time / 4)
    }

    /// Whether the watchdog is to be fed by the next progress.
    pub fn is_hungry(&self, now: MonoTime) -> bool {
        self.pace().is_some_and(|pace| self.fed.get().is_none_or(|fed| now.since(fed) >= pace))
    }

    /// Progress was made. The first of it makes the program ready; each feeds the watchdog if it is hungry; `status`, one
    /// line, is told where it has changed. Costs one system call, and none where there is no news.
    pub fn progress(&self, now: MonoTime, status: &str) {
        let mut news = String::new();
        if !self.ready.get() {
            news.push_str("READY=1\n");
        }
        let feeds = self.is_hungry(now);
        if feeds {
            news.push_str("WATCHDOG=1\n");
        }
        if *self.status.borrow() != status {
            writeln!(news, "STATUS={}", status.replace('\n', " ")).expect("a String takes every write");
        }
        if !news.is_empty() && self.send(&news) {
            self.ready.set(true);
            if feeds {
                self.fed.set(Some(now));
            }
            status.clone_into(&mut self.status.borrow_mut());
        }
    }

    /// The program ends, as it was told to.
    pub fn stopping(&self) {
        self.send("STOPPING=1\n");
    }

    /// Whether it was taken. A manager that has gone is no reason to end: it is told at `debug`.
    fn send(&self, news: &str) -> bool {
        let Some((socket, address)) = &self.manager else { return true };
        let sent = socket.send_to_addr(news.as_bytes(), address);
        if let Err(error) = &sent {
            tracing::debug!(%error, "the service manager takes no news");
        }
        sent.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn at(millis: u64) -> MonoTime {
        MonoTime::from_start(Duration::from_millis(millis))
    }

    fn with(variables: &[(&str, &str)]) -> Notify {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        Notify::of(find, 7).unwrap()
    }

    /// A manager's socket, and how it is told by its path with a watchdog of 400 ms.
    fn manager(folder: &Path) -> (UnixDatagram, Notify) {
        let path = folder.join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_nonblocking(true).unwrap();
        let notify = with(&[("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "400000")]);
        (socket, notify)
    }

    fn heard(socket: &UnixDatagram) -> String {
        let mut bytes = [0; 512];
        socket.recv(&mut bytes).map_or(String::new(), |length| String::from_utf8(bytes[..length].to_vec()).unwrap())
    }

    #[test]
    fn ready_is_told_once_the_watchdog_is_fed_at_its_pace_and_a_status_where_it_is_new() {
        let folder = tempfile::tempdir().unwrap();
        let (socket, notify) = manager(folder.path());
        assert_eq!(notify.pace(), Some(Duration::from_millis(100)));
        for (millis, status, expected) in [
            (0, "well", "READY=1\nWATCHDOG=1\nSTATUS=well\n"),
            (50, "well", ""),
            (99, "two\nlines", "STATUS=two lines\n"),
            (100, "two\nlines", "WATCHDOG=1\n"),
            (900, "two\nlines", "WATCHDOG=1\n"),
            (901, "two\nlines", ""),
        ] {
            notify.progress(at(millis), status);
            assert_eq!(heard(&socket), expected, "{millis}");
        }
        notify.stopping();
        assert_eq!(heard(&socket), "STOPPING=1\n");
    }

    #[test]
    fn what_could_not_be_sent_goes_with_the_next_news() {
        let folder = tempfile::tempdir().unwrap();
        let (socket, notify) = manager(folder.path());
        drop(socket);
        std::fs::remove_file(folder.path().join("notify")).unwrap();
        notify.progress(at(0), "well");
        let (socket, _) = manager(folder.path());
        notify.progress(at(1), "well");
        assert_eq!(heard(&socket), "READY=1\nWATCHDOG=1\nSTATUS=well\n");
    }

    #[test]
    fn a_manager_that_does_not_read_holds_up_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let (_socket, notify) = manager(folder.path());
        for millis in 0..5_000 {
            notify.progress(at(millis * 1000), "well");
        }
    }

    #[test]
    fn an_abstract_socket_is_found_as_well() {
        let name = format!("cm-agent-notify-{}", std::process::id());
        let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        socket.set_nonblocking(true).unwrap();
        with(&[("NOTIFY_SOCKET", &format!("@{name}"))]).progress(at(0), "");
        assert_eq!(heard(&socket), "READY=1\n");
    }

    #[test]
    fn a_watchdog_that_is_not_ours_is_not_fed() {
        let socket = ("NOTIFY_SOCKET", "/nowhere");
        for (variables, pace) in [
            (&[][..], None),
            (&[socket], None),
            (&[socket, ("WATCHDOG_USEC", "8")], Some(2)),
            (&[socket, ("WATCHDOG_USEC", "8"), ("WATCHDOG_PID", "7")], Some(2)),
            (&[socket, ("WATCHDOG_USEC", "8"), ("WATCHDOG_PID", "8")], None),
            (&[socket, ("WATCHDOG_USEC", "0")], None),
            (&[socket, ("WATCHDOG_USEC", "soon")], None),
            (&[("NOTIFY_SOCKET", "vsock:2:1"), ("WATCHDOG_USEC", "8")], None),
        ] {
            let notify = with(variables);
            assert_eq!(notify.pace(), pace.map(Duration::from_micros), "{variables:?}");
        }
        Notify::nobody().progress(at(0), "heard by nobody");
    }
}
