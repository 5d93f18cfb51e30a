//! A program that runs: polled, never waited for, and ended with all its children when it passes a limit.
//!
//! Its output comes through pipes that do not block. Past a limit its process group is asked to end (SIGTERM), and five
//! seconds later ended (SIGKILL); what it has started and left behind goes with it. A child that leaves the group is out of
//! reach. The group is signalled only while its first process is not yet reaped, so that its number cannot be another's.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStderr, ChildStdout};
use std::time::Duration;

use cm_model::clock::{Clock, MonoTime};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Resource, Rlimit, Signal, WaitId, WaitIdOptions};

/// How long a program may run and how much it may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From its start to its end. It is looked at when the program is polled.
    pub time: Duration,
    /// The most bytes of its standard output.
    pub output: usize,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// By itself, with this status.
    Exit(i32),
    /// By a signal that was not ours.
    Signal(i32),
    /// It was ended, for it ran for longer than it may.
    TooLong,
    /// It was ended, for it said more than it may.
    TooMuch,
}

/// A program that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub how: How,
    /// What it wrote to its standard output, never more than its limit.
    pub stdout: Vec<u8>,
    /// The first [`MOST_STDERR`] bytes of what it wrote to its standard error; what is no UTF-8 is replaced.
    pub stderr: String,
}

/// The most bytes that are kept of what a program complains about.
pub const MOST_STDERR: usize = 4096;

/// How long a program that was asked to end may take over it.
const GRACE: Duration = Duration::from_secs(5);
/// What a pipe holds, so that a program which is polled seldom is seldom held up: all that the kernel allows to everybody.
const PIPE: usize = 1 << 20;
/// The most that is read of one pipe at one poll: a program that never stops talking holds nobody up.
const MOST_A_POLL: usize = 4 * PIPE;
/// How long dropping it waits for the end of a program that was just killed.
const LAST_WAIT: Duration = Duration::from_millis(50);

/// A program that runs. Dropping it ends it and its children.
#[derive(Debug)]
pub struct Running {
    child: Child,
    group: Pid,
    limits: Limits,
    started: MonoTime,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    pub(super) said: Vec<u8>,
    complained: Vec<u8>,
    pub(super) ending: Option<Ending>,
    over: bool,
}

/// It has passed a limit.
#[derive(Debug)]
pub(super) struct Ending {
    how: How,
    since: MonoTime,
    killed: bool,
}

impl Running {
    pub(super) fn new(mut child: Child, limits: Limits, now: MonoTime) -> io::Result<Self> {
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let group = Pid::from_child(&child);
        let (said, complained) = (Vec::new(), Vec::new());
        // From here on dropping it ends the child, so that nothing is left behind if the pipes cannot be set.
        let running =
            Self { child, group, limits, started: now, stdout, stderr, said, complained, ending: None, over: false };
        if let (Some(stdout), Some(stderr)) = (&running.stdout, &running.stderr) {
            for pipe in [stdout.as_fd(), stderr.as_fd()] {
                rustix::fs::fcntl_setfl(pipe, OFlags::NONBLOCK)?;
            }
            // A smaller pipe serves as well, only slower.
            let _ = rustix::pipe::fcntl_setpipe_size(stdout, limits.output.clamp(1 << 16, PIPE));
        }
        Ok(running)
    }

    /// Takes what it has said, and tells whether it has ended. Never blocks: it costs three system calls while the program is
    /// silent. Past a limit it sees to it that the program ends, at this poll and the next ones.
    pub fn poll(&mut self, now: MonoTime) -> Option<Ended> {
        let ended = self.has_ended();
        self.read();
        if ended {
            // What it has left behind would go on talking into the pipe.
            self.signal(Signal::KILL);
            return Some(self.end());
        }
        if self.ending.is_none() {
            let too_much = self.said.len() > self.limits.output;
            let too_long = now.since(self.started) >= self.limits.time;
            let how = if too_much { How::TooMuch } else { How::TooLong };
            if too_much || too_long {
                self.signal(Signal::TERM);
                self.ending = Some(Ending { how, since: now, killed: false });
            }
        }
        if let Some(ending) = &mut self.ending
            && !ending.killed
            && now.since(ending.since) >= GRACE
        {
            ending.killed = true;
            self.signal(Signal::KILL);
        }
        None
    }

    /// Limits the memory that it and each of its children may ask for, in bytes, beyond which they are refused more. It holds
    /// from now on: a program has to be started before.
    pub fn limit_memory(&self, bytes: u64) -> io::Result<()> {
        let most = Rlimit { current: Some(bytes), maximum: Some(bytes) };
        rustix::process::prlimit(Some(self.group), Resource::As, most).map(|_| ()).map_err(io::Error::from)
    }

    /// Whether it was killed and is still there: it hangs in the kernel, and nothing can end it before that lets go.
    pub fn hangs(&self) -> bool {
        self.ending.as_ref().is_some_and(|ending| ending.killed)
    }

    /// When it was started.
    pub const fn started(&self) -> MonoTime {
        self.started
    }

    /// Waits for its end, on this thread. One that hangs in the kernel is given up as [`How::TooLong`] or [`How::TooMuch`].
    pub fn wait(mut self, clock: &dyn Clock) -> Ended {
        const A_TURN: Duration = Duration::from_millis(200);
        loop {
            let now = clock.now().mono;
            if let Some(ended) = self.poll(now) {
                return ended;
            }
            let Some(ending) = self.ending.as_ref().filter(|ending| now.since(ending.since) >= 2 * GRACE) else {
                self.pause(A_TURN);
                continue;
            };
            let how = ending.how;
            return Ended { how, ..self.taken() };
        }
    }

    /// Sleeps until it says something or ends, `most` at the longest.
    pub(crate) fn pause(&self, most: Duration) {
        let timeout = Timespec { tv_sec: most.as_secs().try_into().unwrap_or(0), tv_nsec: most.subsec_nanos().into() };
        let process = rustix::process::pidfd_open(self.group, PidfdFlags::empty());
        let pipes = [self.stdout.as_ref().map(AsFd::as_fd), self.stderr.as_ref().map(AsFd::as_fd)];
        let all = pipes.into_iter().chain([process.as_ref().ok().map(AsFd::as_fd)]).flatten();
        let mut all: Vec<_> = all.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        // Whatever ends the sleep, the next poll sees for itself.
        let _ = rustix::event::poll(&mut all, Some(&timeout));
    }

    /// Whether its first process has ended. It is not reaped, so that its number stays its own.
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match rustix::process::waitid(WaitId::Pid(self.group), options) {
            Ok(status) => status.is_some(),
            // Somebody else has reaped it.
            Err(error) => error == Errno::CHILD,
        }
    }

    fn read(&mut self) {
        // One byte past the limit says that there is more.
        if drain(self.stdout.as_mut(), &mut self.said, self.limits.output.saturating_add(1)) {
            self.stdout = None;
        }
        if drain(self.stderr.as_mut(), &mut self.complained, MOST_STDERR) {
            self.stderr = None;
        }
    }

    fn end(&mut self) -> Ended {
        let status = self.child.wait();
        self.over = true;
        let how = match (&self.ending, status) {
            (Some(ending), _) => ending.how,
            (None, _) if self.said.len() > self.limits.output => How::TooMuch,
            (None, Ok(status)) => status.signal().map_or_else(|| How::Exit(status.code().unwrap_or(-1)), How::Signal),
            (None, Err(_)) => How::Exit(-1),
        };
        Ended { how, ..self.taken() }
    }

    fn taken(&mut self) -> Ended {
        let mut stdout = std::mem::take(&mut self.said);
        stdout.truncate(self.limits.output);
        let stderr = String::from_utf8_lossy(&std::mem::take(&mut self.complained)).into_owned();
        Ended { how: How::TooLong, stdout, stderr }
    }

    fn signal(&self, signal: Signal) {
        // A group that has just ended has nobody left to tell, and one that is another user's is out of reach.
        let _ = rustix::process::kill_process_group(self.group, signal);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        self.signal(Signal::KILL);
        (self.stdout, self.stderr) = (None, None);
        self.pause(LAST_WAIT);
        // What still hangs in the kernel is left to it.
        let _ = self.child.try_wait();
    }
}

/// Reads what is there; whether that was all that will ever come. What goes beyond `most` bytes is read and dropped.
fn drain(pipe: Option<&mut impl Read>, into: &mut Vec<u8>, most: usize) -> bool {
    let Some(pipe) = pipe else { return false };
    let mut piece = [0; 16 * 1024];
    let mut read = 0;
    while read < MOST_A_POLL {
        match pipe.read(&mut piece) {
            Ok(0) => return true,
            Ok(bytes) => {
                read += bytes;
                let room = most.saturating_sub(into.len()).min(bytes);
                into.extend_from_slice(&piece[..room]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
        }
    }
    false
}
