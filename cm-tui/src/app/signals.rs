//! The signals that concern the program, and what each tells it. It does not know what is done about them.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals that concern us.
pub(super) struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    quit: Signal,
    stop: Signal,
    go_on: Signal,
    resize: Signal,
}

impl Signals {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            go_on: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            resize: signal(SignalKind::window_change())?,
        })
    }

    pub(super) async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.terminate.recv() => Told::End(SignalKind::terminate().as_raw_value()),
            _ = self.hang_up.recv() => Told::End(SignalKind::hangup().as_raw_value()),
            _ = self.interrupt.recv() => Told::End(SignalKind::interrupt().as_raw_value()),
            _ = self.quit.recv() => Told::End(SignalKind::quit().as_raw_value()),
            _ = self.stop.recv() => Told::Stop,
            _ = self.go_on.recv() => Told::GoOn,
            _ = self.resize.recv() => Told::Resize,
        }
    }
}

/// What a signal tells us.
pub(super) enum Told {
    End(i32),
    Stop,
    GoOn,
    Resize,
}
