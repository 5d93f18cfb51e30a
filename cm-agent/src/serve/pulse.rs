//! What a connection is doing, and by when it must have done it.
//!
//! hyper limits the time for a head only, and counts the silence between two requests into it; a client that polls every
//! 5 s must not lose its connection to a limit of 5 s. So the phases are watched here: silence, a head coming in, an
//! answer going out. Each phase has one deadline that no trickle of bytes moves.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::limits::Limits;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing has come since the last answer.
    Silent,
    /// A head has begun.
    Asking,
    /// The head is there; the answer has not left yet.
    Answering,
}

#[derive(Debug, Clone, Copy)]
struct Beat {
    phase: Phase,
    since: Instant,
    due: Instant,
    asked: u32,
}

/// How far a connection is: told by its transport and its service, read by whoever shows guests out.
#[derive(Debug)]
pub(super) struct Pulse {
    beat: Mutex<Beat>,
    limits: Limits,
}

impl Pulse {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        let now = Instant::now();
        let beat = Beat { phase: Phase::Silent, since: now, due: now + limits.idle, asked: 0 };
        Arc::new(Self { beat: Mutex::new(beat), limits })
    }

    /// When the connection ends unless it moves on.
    pub(super) fn due(&self) -> Instant {
        self.beat().due
    }

    /// What it is doing, since when, and how many requests it has made.
    pub(super) fn read(&self) -> (Phase, Instant, u32) {
        let beat = self.beat();
        (beat.phase, beat.since, beat.asked)
    }

    /// Bytes came in. More of them win no time.
    fn received(&self) {
        let mut beat = self.beat();
        if beat.phase == Phase::Silent {
            beat.enter(Phase::Asking, self.limits.head);
        }
    }

    /// A whole head was read. A further one, sent before the first was answered, wins no time.
    pub(super) fn asked(&self) {
        let mut beat = self.beat();
        beat.asked = beat.asked.saturating_add(1);
        if beat.phase != Phase::Answering {
            beat.enter(Phase::Answering, self.limits.answer);
        }
    }

    /// All that was to be sent has left this program.
    pub(super) fn flushed(&self) {
        let mut beat = self.beat();
        if beat.phase == Phase::Answering {
            beat.enter(Phase::Silent, self.limits.idle);
        }
    }

    fn beat(&self) -> MutexGuard<'_, Beat> {
        self.beat.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Beat {
    fn enter(&mut self, phase: Phase, limit: std::time::Duration) {
        self.since = Instant::now();
        self.phase = phase;
        self.due = self.since + limit;
    }
}

/// A transport that tells a [`Pulse`] what passes.
#[derive(Debug)]
pub(super) struct Felt<T> {
    pub(super) inner: T,
    pub(super) pulse: Arc<Pulse>,
}

impl<T: AsyncRead + Unpin> AsyncRead for Felt<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.pulse.received();
        }
        read
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Felt<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    /// hyper flushes the transport only once its own buffer is empty.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flush = Pin::new(&mut self.inner).poll_flush(cx);
        if matches!(flush, Poll::Ready(Ok(()))) {
            self.pulse.flushed();
        }
        flush
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn no_trickle_of_bytes_moves_a_deadline() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let limits = Limits::default();
            let pulse = Pulse::new(limits.clone());
            let left = || pulse.due().saturating_duration_since(Instant::now());
            let about = |limit: Duration| left() <= limit && left() > limit.saturating_sub(Duration::from_secs(2));
            assert!(about(limits.idle));
            pulse.received();
            assert!(about(limits.head));
            let due = pulse.due();
            pulse.received();
            pulse.flushed();
            assert_eq!(pulse.due(), due, "neither more bytes nor an empty flush");
            pulse.asked();
            assert!(about(limits.answer));
            let due = pulse.due();
            pulse.asked();
            pulse.received();
            assert_eq!(pulse.due(), due, "not by pipelining");
            pulse.flushed();
            assert!(about(limits.idle));
            assert_eq!(pulse.read().2, 2);
        });
    }
}
