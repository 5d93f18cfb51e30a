//! Asking the drive helper without ever waiting for it: connect at one look, read at those that follow.
//!
//! To connect is the whole question; the answer is all that the helper knows, and its end is the end of the connection. The last
//! answer stands for [`STANDS`], then it counts as lost, and what is wrong is told. It does not know what is in an answer.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_model::clock::MonoTime;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use super::answer::Answer;

/// How long an answer may take. smartctl waits for each drive in turn, and a drive that is ill takes its time.
const PATIENCE: Duration = Duration::from_mins(3);
/// How long the last answer stands when none follows.
const STANDS: Duration = Duration::from_mins(15);
/// How long to wait before trying again after one that failed.
const AGAIN: Duration = Duration::from_mins(1);

/// Who asks, and what was answered.
#[derive(Debug)]
pub(super) struct Asker {
    path: PathBuf,
    state: State,
    answer: Option<(Answer, MonoTime)>,
    trouble: Option<Trouble>,
}

#[derive(Debug)]
enum State {
    /// Nothing is under way; asked last at that time.
    Idle(Option<MonoTime>),
    /// The answer is coming in.
    Reading { socket: OwnedFd, bytes: Vec<u8>, began: MonoTime },
}

/// Why there is no answer, and the next step.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("no drive helper is there ({}): enable cm-agent-drives.socket", .path.display())]
    NotThere { path: PathBuf },
    #[error("this agent may not ask the drive helper ({}): add its user to the socket's group", .path.display())]
    Forbidden { path: PathBuf },
    #[error("nobody listens at {}: see `systemctl status cm-agent-drives.socket`", .path.display())]
    NobodyListens { path: PathBuf },
    #[error("the drive helper takes no more callers: a drive holds it up; see `systemctl status cm-agent-drives`")]
    Busy,
    #[error(
        "the drive helper has not answered within 3 minutes: a drive holds it up; see `systemctl status cm-agent-drives`"
    )]
    Late,
    #[error("the drive helper ended without an answer: see `journalctl -u cm-agent-drives`")]
    Empty,
    #[error("what answers at {} is no drive helper: {what}", .path.display())]
    NoHelper { path: PathBuf, what: String },
    #[error("the drive helper cannot be asked ({}): {source}", .path.display())]
    Failed { path: PathBuf, source: io::Error },
}

impl Asker {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path, state: State::Idle(None), answer: None, trouble: None }
    }

    /// Whether this machine has no helper, or one that was stopped.
    pub(super) const fn nobody_there(&self) -> bool {
        matches!(self.trouble, Some(Trouble::NotThere { .. } | Trouble::NobodyListens { .. }))
    }

    /// Whether it was asked and may still answer.
    pub(super) const fn is_asked(&self) -> bool {
        matches!(self.state, State::Reading { .. })
    }

    /// The last answer, if it still stands.
    pub(super) fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref().map(|(answer, _)| answer)
    }

    /// Why there is no answer.
    pub(super) fn why_none(&self) -> String {
        self.trouble.as_ref().map_or_else(
            || {
                "the drive helper was asked a moment ago and has not answered yet: look again in a few seconds"
                    .to_owned()
            },
            ToString::to_string,
        )
    }

    /// Goes on as far as it can without waiting; asks again `every` so often.
    pub(super) fn go_on(&mut self, now: MonoTime, every: Duration) {
        if self.answer.as_ref().is_some_and(|(_, at)| now.since(*at) >= STANDS.max(every * 3)) {
            self.answer = None;
        }
        let pause = if self.trouble.is_some() { AGAIN } else { every };
        if let State::Idle(last) = &self.state
            && last.is_none_or(|last| now.since(last) >= pause)
        {
            self.state = match connect(&self.path) {
                Ok(socket) => State::Reading { socket, bytes: Vec::new(), began: now },
                Err(trouble) => self.gave_up(trouble, now),
            };
        }
        let State::Reading { socket, bytes, began } = &mut self.state else { return };
        let ended = match read(socket, bytes) {
            Ok(Read::More) if now.since(*began) < PATIENCE => return,
            Ok(Read::More) => Err(Trouble::Late),
            Ok(Read::Whole) if bytes.is_empty() => Err(Trouble::Empty),
            Ok(Read::Whole) => Answer::read(bytes)
                .map_err(|error| Trouble::NoHelper { path: self.path.clone(), what: error.to_string() }),
            Ok(Read::TooMuch) => Err(Trouble::NoHelper {
                path: self.path.clone(),
                what: format!("it says more than {} bytes", Answer::MOST_BYTES),
            }),
            Err(error) => Err(Trouble::Failed { path: self.path.clone(), source: error.into() }),
        };
        self.state = match ended {
            Ok(answer) => {
                self.answer = Some((answer, now));
                self.trouble = None;
                State::Idle(Some(now))
            }
            Err(trouble) => self.gave_up(trouble, now),
        };
    }

    fn gave_up(&mut self, trouble: Trouble, now: MonoTime) -> State {
        tracing::debug!(%trouble, "the drive helper");
        self.trouble = Some(trouble);
        State::Idle(Some(now))
    }
}

enum Read {
    More,
    Whole,
    TooMuch,
}

/// Connects without waiting: a full queue of callers is refused, where a plain connect would wait for a place in it.
fn connect(path: &Path) -> Result<OwnedFd, Trouble> {
    let told = |error: Errno| {
        let path = path.to_owned();
        match error {
            Errno::NOENT | Errno::NOTDIR => Trouble::NotThere { path },
            Errno::ACCESS | Errno::PERM => Trouble::Forbidden { path },
            Errno::CONNREFUSED => Trouble::NobodyListens { path },
            Errno::AGAIN => Trouble::Busy,
            error => Trouble::Failed { path, source: error.into() },
        }
    };
    let address = SocketAddrUnix::new(path).map_err(told)?;
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).map_err(told)?;
    rustix::net::connect(&socket, &address).map_err(told)?;
    Ok(socket)
}

/// Takes what is there now.
fn read(socket: &OwnedFd, bytes: &mut Vec<u8>) -> Result<Read, Errno> {
    let mut piece = [0; 4096];
    loop {
        match rustix::io::read(socket, &mut piece) {
            Ok(0) => return Ok(Read::Whole),
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
            Err(Errno::AGAIN) => return Ok(Read::More),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
        if bytes.len() > Answer::MOST_BYTES {
            return Ok(Read::TooMuch);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::{UnixListener, UnixStream};

    use cm_model::clock::Now;
    use cm_model::report::smart::Drive;

    use super::*;

    const EVERY: Duration = Duration::from_mins(1);

    fn at(seconds: u64) -> MonoTime {
        Now::default().after(Duration::from_secs(seconds)).mono
    }

    struct Helper {
        listener: UnixListener,
        asker: Asker,
        _folder: tempfile::TempDir,
    }

    impl Helper {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("drives.sock");
            Self { listener: UnixListener::bind(&path).unwrap(), asker: Asker::new(path), _folder: folder }
        }

        fn caller(&self) -> Option<UnixStream> {
            self.listener.set_nonblocking(true).unwrap();
            self.listener.accept().ok().map(|(caller, _)| caller)
        }

        fn look(&mut self, seconds: u64) {
            self.asker.go_on(at(seconds), EVERY);
        }

        fn drives(&self) -> Option<usize> {
            self.asker.answer().map(|answer| answer.drives.len())
        }
    }

    fn answer(drives: usize) -> String {
        Answer { drives: vec![Drive::default(); drives], pools: Vec::new() }.write()
    }

    #[test]
    fn an_answer_is_taken_as_it_comes_and_asked_for_once_a_minute() {
        let mut helper = Helper::new();
        helper.look(0);
        let mut caller = helper.caller().expect("it connects at the first look");
        assert!(helper.asker.why_none().contains("not answered yet"));
        let text = answer(2);
        caller.write_all(&text.as_bytes()[..10]).unwrap();
        helper.look(5);
        caller.write_all(&text.as_bytes()[10..]).unwrap();
        helper.look(10);
        assert_eq!(helper.drives(), None, "it has not ended");
        drop(caller);
        helper.look(15);
        assert_eq!(helper.drives(), Some(2));
        helper.look(70);
        assert!(helper.caller().is_none(), "it is not asked twice in a minute");
        helper.look(76);
        assert!(helper.caller().is_some());
    }

    #[test]
    fn one_that_is_silent_is_given_up_and_its_last_answer_stands_for_a_while() {
        let mut helper = Helper::new();
        helper.look(0);
        helper.caller().unwrap().write_all(answer(1).as_bytes()).unwrap();
        helper.look(1);
        assert_eq!(helper.drives(), Some(1));
        helper.look(61);
        let held = helper.caller();
        helper.look(61 + 179);
        assert!(helper.asker.trouble.is_none());
        helper.look(61 + 180);
        assert!(helper.asker.why_none().contains("within 3 minutes"), "{}", helper.asker.why_none());
        assert_eq!(helper.drives(), Some(1), "counters of a few minutes ago are still counters");
        helper.look(1 + 15 * 60);
        assert_eq!(helper.drives(), None);
        drop(held);
    }

    #[test]
    fn what_is_wrong_is_told_with_the_next_step() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("drives.sock");
        let why = |path: &Path| {
            let mut asker = Asker::new(path.to_owned());
            asker.go_on(at(0), EVERY);
            asker.why_none()
        };
        assert!(why(&path).contains("enable cm-agent-drives.socket"));
        drop(UnixListener::bind(&path).unwrap());
        assert!(why(&path).contains("nobody listens"), "{}", why(&path));
        if !rustix::process::geteuid().is_root() {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
            assert!(why(&path).contains("group"), "{}", why(&path));
        }
        assert!(why(&folder.path().join("x".repeat(200))).contains("cannot be asked"));
    }

    #[test]
    fn who_is_no_helper_is_not_believed() {
        for (said, expected) in
            [("", "ended without an answer"), ("HTTP/1.1 400", "no drive helper"), ("{}", "no drive helper")]
        {
            let mut helper = Helper::new();
            helper.look(0);
            helper.caller().unwrap().write_all(said.as_bytes()).unwrap();
            helper.look(1);
            assert!(helper.asker.why_none().contains(expected), "{said}: {}", helper.asker.why_none());
        }
        let mut helper = Helper::new();
        helper.look(0);
        let mut caller = helper.caller().unwrap();
        let flood = vec![b' '; 64 * 1024];
        caller.set_nonblocking(true).unwrap();
        for second in 0..200 {
            let _ = caller.write(&flood);
            helper.look(second);
            if helper.asker.trouble.is_some() {
                break;
            }
        }
        assert!(helper.asker.why_none().contains("more than"), "{}", helper.asker.why_none());
    }
}
