//! How far an export is: one line on a terminal that is drawn over, and gone at the end.

use std::io::Write;
use std::time::Duration;

use cm_core::clock::{MonoTime, WallTime};
use cm_core::store::Span;
use cm_core::wording::{Glyphs, bar};

const WIDTH: usize = 30;
/// The eye follows no faster.
const EVERY: Duration = Duration::from_millis(100);

pub(super) struct Progress<'p> {
    err: &'p mut dyn Write,
    shows: bool,
    span: Span,
    shown: Option<MonoTime>,
}

impl<'p> Progress<'p> {
    pub(super) fn new(err: &'p mut dyn Write, shows: bool, span: Span) -> Self {
        Self { err, shows, span, shown: None }
    }

    /// All before this moment is done.
    pub(super) fn show(&mut self, at: WallTime, now: MonoTime) {
        if !self.shows || self.shown.is_some_and(|shown| now.since(shown) < EVERY) {
            return;
        }
        self.shown = Some(now);
        let whole = self.span.until.since(self.span.since).as_secs_f64().max(1.0);
        let percent = 100.0 * at.since(self.span.since).as_secs_f64() / whole;
        // A bar that cannot be drawn is no reason to stop.
        let _ = write!(self.err, "\r[{}] {percent:>3.0} %\x1b[K", bar(percent, WIDTH, Glyphs::Ascii));
        let _ = self.err.flush();
    }

    pub(super) fn clear(&mut self) {
        if self.shown.is_some() {
            let _ = write!(self.err, "\r\x1b[K");
        }
    }
}
