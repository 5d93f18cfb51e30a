//! The terminal: taken over as a whole and given back as a whole, after quitting, a signal, a panic and in between. What it is
//! told is crossterm's and ratatui's; reading and sending are ours, so that one descriptor is waited on without a thread, no
//! key is lost to an answer of the terminal's, one that is gone is noticed at once (crossterm's poll never returns then), and
//! one that takes bytes slowly makes us skip pictures instead of waiting. It knows no screen.

mod encode;
pub(crate) mod input;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::queue;
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate,
    EnterAlternateScreen, LeaveAlternateScreen,
};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::termios::{OptionalActions, Termios};
use tokio::io::unix::AsyncFd;

use crate::state::Size;

/// The terminal cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoTerminal {
    /// There is none.
    #[error("there is no terminal to draw on (/dev/tty)")]
    Absent {
        /// The system's reason.
        source: io::Error,
    },
    /// It does not let itself be set.
    #[error("the terminal does not let itself be set up")]
    Unwilling {
        /// The system's reason.
        source: io::Error,
    },
}

/// No cursor, no wrapping at the edge, pasted text in brackets, and nothing on the screen. The other screen is asked for once:
/// asked twice, the terminal would forget where the cursor stood on the first.
fn entering(is_first: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let other = if is_first { queue!(out, EnterAlternateScreen) } else { Ok(()) };
    let rest =
        queue!(out, Hide, DisableLineWrap, EnableBracketedPaste, SetAttribute(Attribute::Reset), Clear(ClearType::All));
    other.and(rest).expect("a Vec takes everything");
    out
}

/// Everything that may have been set, taken back; the cursor stands where it stood.
fn leaving() -> Vec<u8> {
    let mut out = Vec::new();
    queue!(out, EndSynchronizedUpdate).expect("a Vec takes everything");
    out.extend_from_slice(MOUSE_OFF);
    queue!(out, DisableBracketedPaste, SetAttribute(Attribute::Reset), EnableLineWrap, Show, LeaveAlternateScreen)
        .expect("a Vec takes everything");
    out
}

/// Clicks, drags and the wheel, with coordinates of any size. Crossterm's own command asks for every movement as well, which is
/// too much for a slow line.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";
/// Asks for the background's colour.
const ASK_BACKGROUND: &[u8] = b"\x1b]11;?\x1b\\";

/// The terminal as it was, and whether it is ours at the moment: enough to give it back from anywhere.
#[derive(Debug)]
pub(crate) struct Saved {
    tty: OwnedFd,
    modes: Termios,
    is_ours: AtomicBool,
}

impl Saved {
    /// Gives the terminal back as it was, once. What the terminal refuses cannot be helped here.
    pub(crate) fn give_back(&self) {
        if self.is_ours.swap(false, Ordering::AcqRel) {
            write_within(&self.tty, &leaving(), 10);
            let _ = rustix::termios::tcsetattr(&self.tty, OptionalActions::Now, &self.modes);
        }
    }
}

/// Writes to a terminal that may be slow, with so many pauses of 100 ms at most.
fn write_within(tty: &OwnedFd, mut bytes: &[u8], mut pauses: u32) {
    const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
    while !bytes.is_empty() {
        match rustix::io::write(tty, bytes) {
            Ok(0) => return,
            Ok(written) => bytes = &bytes[written..],
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) if pauses > 0 => {
                pauses -= 1;
                let mut fds = [PollFd::new(tty, PollFlags::OUT)];
                let _ = poll(&mut fds, Some(&PAUSE));
                if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) {
                    return;
                }
            }
            Err(_) => return,
        }
    }
}

/// What has come from the terminal.
#[derive(Debug)]
pub(crate) enum Heard {
    /// So many bytes.
    Bytes(usize),
    /// It is gone: nothing will ever come or be shown.
    Gone,
}

/// The terminal while it is ours.
#[derive(Debug)]
pub(crate) struct Term {
    tty: AsyncFd<OwnedFd>,
    saved: Arc<Saved>,
    shown: Buffer,
    drawing: Buffer,
    cursor: Option<(u16, u16)>,
    /// Bytes that the terminal has not taken yet.
    waiting: Vec<u8>,
    has_mouse: bool,
}

impl Term {
    /// Opens the terminal that controls this process; nothing is changed yet. Must be called inside a tokio runtime.
    pub(crate) fn open() -> Result<Self, NoTerminal> {
        let absent = |source: rustix::io::Errno| NoTerminal::Absent { source: source.into() };
        // A description of its own: that it does not block concerns nobody else who has this terminal open.
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let tty = rustix::fs::open("/dev/tty", flags, Mode::empty()).map_err(absent)?;
        let modes = rustix::termios::tcgetattr(&tty).map_err(absent)?;
        let second = rustix::io::fcntl_dupfd_cloexec(&tty, 3).map_err(absent)?;
        let saved = Arc::new(Saved { tty: second, modes, is_ours: AtomicBool::new(false) });
        #[expect(deprecated, reason = "what took its place is unsafe; an OwnedFd keeps the promise that it asks for")]
        let tty = AsyncFd::new(tty).map_err(|source| NoTerminal::Unwilling { source })?;
        let nothing = Buffer::empty(Rect::ZERO);
        let drawing = nothing.clone();
        Ok(Self { tty, saved, shown: nothing, drawing, cursor: None, waiting: Vec::new(), has_mouse: false })
    }

    /// What gives the terminal back from a panic.
    pub(crate) fn saved(&self) -> Arc<Saved> {
        Arc::clone(&self.saved)
    }

    /// Takes the terminal over; where it is ours already, sets it up anew.
    pub(crate) fn enter(&mut self, has_mouse: bool) -> Result<(), NoTerminal> {
        let mut modes = self.saved.modes.clone();
        modes.make_raw();
        let was_ours = self.saved.is_ours.swap(true, Ordering::AcqRel);
        let set = rustix::termios::tcsetattr(self.tty.get_ref(), OptionalActions::Now, &modes);
        set.map_err(|source| NoTerminal::Unwilling { source: source.into() })?;
        self.waiting.clear();
        self.waiting.extend_from_slice(&entering(!was_ours));
        if has_mouse {
            self.waiting.extend_from_slice(MOUSE_ON);
        }
        self.has_mouse = has_mouse;
        self.cursor = None;
        self.forget();
        self.flush();
        Ok(())
    }

    /// Gives it back.
    pub(crate) fn leave(&mut self) {
        self.waiting.clear();
        self.saved.give_back();
    }

    /// Takes the mouse, or leaves it to the terminal.
    pub(crate) fn set_mouse(&mut self, has_mouse: bool) {
        if has_mouse != self.has_mouse {
            self.has_mouse = has_mouse;
            self.waiting.extend_from_slice(if has_mouse { MOUSE_ON } else { MOUSE_OFF });
            self.flush();
        }
    }

    /// Asks for the background's colour; the answer comes like a key, if it comes.
    pub(crate) fn ask_background(&mut self) {
        self.waiting.extend_from_slice(ASK_BACKGROUND);
        self.flush();
    }

    /// Puts a text on the terminal's clipboard, if it has one and lets us. Inside tmux it is sent on to the terminal outside
    /// as well.
    pub(crate) fn copy(&mut self, text: &str, in_tmux: bool) {
        let sequence = encode::clipboard(text);
        if in_tmux {
            self.waiting.extend_from_slice(&encode::through_tmux(&sequence));
        }
        self.waiting.extend_from_slice(&sequence);
        self.flush();
    }

    /// Its size, or the usual one where it does not tell.
    pub(crate) fn size(&self) -> Size {
        let told =
            rustix::termios::tcgetwinsize(self.tty.get_ref()).ok().filter(|size| size.ws_col > 0 && size.ws_row > 0);
        // Beyond this a size is a mistake, and would cost memory.
        told.map_or(Size { width: 80, height: 24 }, |size| Size {
            width: size.ws_col.min(1_000),
            height: size.ws_row.min(500),
        })
    }

    /// Forgets what is shown, so that the next picture is drawn in full.
    pub(crate) fn forget(&mut self) {
        self.shown = Buffer::empty(Rect::ZERO);
    }

    /// Whether the terminal has taken everything: only then is a new picture worth drawing.
    pub(crate) fn is_ready(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Draws a picture and sends what is different from the one that is shown.
    pub(crate) fn draw(&mut self, size: Size, paint: impl FnOnce(&mut Buffer) -> Option<(u16, u16)>) {
        let area = Rect { x: 0, y: 0, width: size.width, height: size.height };
        if self.drawing.area == area {
            self.drawing.reset();
        } else {
            self.drawing = Buffer::empty(area);
        }
        let cursor = paint(&mut self.drawing);
        let before = self.waiting.len();
        queue!(self.waiting, BeginSynchronizedUpdate).expect("a Vec takes everything");
        let empty = self.waiting.len();
        if self.shown.area != area {
            queue!(self.waiting, SetAttribute(Attribute::Reset), Clear(ClearType::All))
                .expect("a Vec takes everything");
            self.shown = Buffer::empty(area);
        }
        encode::difference(&self.shown, &self.drawing, &mut self.waiting);
        encode::cursor(self.cursor, cursor, self.waiting.len() > empty, &mut self.waiting);
        self.cursor = cursor;
        if self.waiting.len() == empty {
            self.waiting.truncate(before);
        } else {
            queue!(self.waiting, EndSynchronizedUpdate).expect("a Vec takes everything");
        }
        std::mem::swap(&mut self.shown, &mut self.drawing);
        self.flush();
    }

    /// Sends as much as the terminal takes now.
    pub(crate) fn flush(&mut self) {
        while !self.waiting.is_empty() {
            match rustix::io::write(self.tty.get_ref().as_fd(), &self.waiting) {
                Ok(0) => return,
                Ok(written) => {
                    self.waiting.drain(..written);
                }
                Err(rustix::io::Errno::INTR) => {}
                // It takes more later; one that is gone is noticed when it is read from.
                Err(_) => return,
            }
        }
    }

    /// Waits until the terminal takes bytes again.
    pub(crate) async fn writable(&self) {
        if let Ok(mut ready) = self.tty.writable().await {
            ready.clear_ready();
        }
    }

    /// Waits for bytes and reads them.
    pub(crate) async fn read(&self, into: &mut [u8]) -> Heard {
        loop {
            let Ok(mut ready) = self.tty.readable().await else { return Heard::Gone };
            match rustix::io::read(self.tty.get_ref().as_fd(), &mut *into) {
                Ok(0) => return Heard::Gone,
                Ok(bytes) => return Heard::Bytes(bytes),
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => ready.clear_ready(),
                Err(_) => return Heard::Gone,
            }
        }
    }
}

impl Drop for Term {
    fn drop(&mut self) {
        self.saved.give_back();
    }
}
