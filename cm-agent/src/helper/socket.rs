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

/// Answers whoever calls, until nobody has called for a while.
pub fn answer_all(listener: &UnixListener, helper: &mut Helper, clock: &dyn Clock) -> Result<(), SocketError> {
    listener.set_nonblocking(true).map_err(SocketError::Failed)?;
    loop {
        let idle = if helper.remembers() { IDLE_WITH_MEMORY } else { IDLE };
        match listener.accept() {
            Ok((caller, _)) => {
                let answer = helper.answer(clock).write();
                if let Err(error) = tell(&caller, answer.as_bytes()) {
                    tracing::debug!(%error, "a caller did not take its answer");
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if !someone_calls(listener, idle).map_err(SocketError::Failed)? {
                    return Ok(());
                }
            }
            // The caller went before it was its turn.
            Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted) => {}
            Err(error) => return Err(SocketError::Failed(error)),
        }
    }
}

/// Waits for a caller, so long at most.
fn someone_calls(listener: &UnixListener, most: Duration) -> io::Result<bool> {
    let timeout = Timespec { tv_sec: most.as_secs().try_into().unwrap_or(i64::MAX), tv_nsec: 0 };
    let mut fds = [PollFd::new(listener, PollFlags::IN)];
    let ready = rustix::io::retry_on_intr(|| rustix::event::poll(&mut fds, Some(&timeout)))?;
    Ok(ready > 0)
}

fn tell(mut caller: &UnixStream, answer: &[u8]) -> io::Result<()> {
    caller.set_nonblocking(false)?;
    caller.set_write_timeout(Some(PATIENCE))?;
    caller.write_all(answer)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

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
    fn who_does_not_come_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("drives.sock");
        let listener = UnixListener::bind(&path).unwrap();
        assert!(!someone_calls(&listener, Duration::ZERO).unwrap());
        let _caller = UnixStream::connect(&path).unwrap();
        assert!(someone_calls(&listener, Duration::ZERO).unwrap());
    }
}
