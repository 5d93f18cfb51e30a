//! The helper's socket: taken over from systemd, answered one caller at a time, left when nobody comes.
//!
//! Nothing is read from a caller, so nothing that one says can matter. Who may call is decided by the socket's mode and group. A
//! caller who does not take the answer is left after five seconds.

use std::io::{self, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use cm_model::clock::Clock;
use listenfd::ListenFd;
use rustix::event::{PollFd, PollFlags, Timespec};

use super::Helper;

/// How long it stays without a caller.
const IDLE: Duration = Duration::from_secs(30);
/// How long it stays where it remembers what smartctl told: longer than the agent takes to come again.
const IDLE_WITH_MEMORY: Duration = Duration::from_mins(12);
/// How long a caller may take to take the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why it cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// It was started by hand.
    #[error("no socket was handed over: systemd starts this, through cm-agent-drives.socket")]
    NotHandedOver,
    /// What was handed over is no socket to listen on.
    #[error("what was handed over is no Unix socket that listens")]
    NotASocket(#[source] io::Error),
    /// The system refused.
    #[error("the socket cannot be listened on")]
    Failed(#[source] io::Error),
}

/// The socket that the service manager handed over (`LISTEN_FDS`, meant for this process alone).
pub fn handed_over() -> Result<UnixListener, SocketError> {
    let listener = ListenFd::from_env().take_unix_listener(0).map_err(SocketError::NotASocket)?;
    listener.ok_or(SocketError::NotHandedOver)
}

/// Answers whoever calls, until nobody has called for a while. The service manager is told that it is ready, and then of each step.
pub fn answer_all(listener: &UnixListener, helper: &mut Helper, clock: &dyn Clock) -> Result<(), SocketError> {
    listener.set_nonblocking(true).map_err(SocketError::Failed)?;
    let mut called = clock.now().mono;
    loop {
        helper.goes_on(clock);
        match listener.accept() {
            Ok((caller, _)) => {
                let answer = helper.answer(clock).write();
                if let Err(error) = tell(&caller, answer.as_bytes()) {
                    tracing::debug!(%error, "a caller did not take its answer");
                }
                called = clock.now().mono;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let idle = if helper.remembers() { IDLE_WITH_MEMORY } else { IDLE };
                let Some(left) = idle.checked_sub(clock.now().mono.since(called)) else {
                    helper.manager.stopping();
                    return Ok(());
                };
                wait_for_a_caller(listener, helper.manager.pace().map_or(left, |pace| left.min(pace)))
                    .map_err(SocketError::Failed)?;
            }
            // The caller went before it was its turn.
            Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted) => {}
            Err(error) => return Err(SocketError::Failed(error)),
        }
    }
}

/// Waits until somebody calls, or for so long.
fn wait_for_a_caller(listener: &UnixListener, most: Duration) -> io::Result<()> {
    let timeout =
        Timespec { tv_sec: most.as_secs().try_into().unwrap_or(i64::MAX), tv_nsec: most.subsec_nanos().into() };
    let mut fds = [PollFd::new(listener, PollFlags::IN)];
    rustix::io::retry_on_intr(|| rustix::event::poll(&mut fds, Some(&timeout)))?;
    Ok(())
}

fn tell(mut caller: &UnixStream, answer: &[u8]) -> io::Result<()> {
    caller.set_nonblocking(false)?;
    caller.set_write_timeout(Some(PATIENCE))?;
    caller.write_all(answer)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use cm_model::clock::Now;

    use super::*;
    use crate::notify::Notify;

    #[test]
    fn nothing_is_answered_without_a_socket() {
        assert!(matches!(handed_over(), Err(SocketError::NotHandedOver)));
    }

    #[test]
    fn a_caller_is_told_and_nothing_that_it_says_is_read() {
        let (caller, mut agent) = UnixStream::pair().unwrap();
        agent.write_all(b"{\"command\":\"format\"}").unwrap();
        tell(&caller, b"{}\n").unwrap();
        drop(caller);
        let mut said = String::new();
        // What was never read makes the kernel tell of a reset once all is read.
        let _ = agent.read_to_string(&mut said);
        assert_eq!(said, "{}\n");
    }

    #[test]
    fn who_calls_is_answered_and_then_it_ends_for_want_of_callers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("drives.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let mut agent = UnixStream::connect(&path).unwrap();
        let mut helper = Helper::new("no-such-program-as-this", Notify::nobody());
        // Each look at the clock is half a minute after the one before, so that nobody has to wait.
        answer_all(&listener, &mut helper, &Hasty::default()).unwrap();
        let mut said = String::new();
        agent.read_to_string(&mut said).unwrap();
        assert!(said.starts_with("{\"drives\":") && said.ends_with("}\n"), "{said}");
    }

    #[derive(Debug, Default)]
    struct Hasty(std::sync::atomic::AtomicU64);

    impl Clock for Hasty {
        fn now(&self) -> Now {
            let looks = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Now::default().after(Duration::from_secs(30 * looks))
        }
    }
}
