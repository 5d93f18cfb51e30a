//! Signals that wait to be looked at: bounded, and honest about what was lost.

use super::message::{Body, Message};

/// Something that a service tells unasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// The connection that sent it: `:1.5`. The bus itself sees to it that this is true.
    pub sender: Box<str>,
    /// The object that it is about.
    pub path: Box<str>,
    /// Its interface.
    pub interface: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// Its values; none where they were too large to be kept, or belong to `PropertiesChanged`, after which one asks anew.
    pub body: Body,
}

/// Signals in the order in which they came.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Signals {
    /// The signals.
    pub list: Vec<Signal>,
    /// There were more than are kept, and none is in the list: anything may have changed.
    pub lost: bool,
}

impl Signals {
    /// The most signals that are kept between two looks.
    pub const MOST: usize = 256;
    /// The most bytes of one signal's values that are kept.
    const MOST_BODY: usize = 2048;
    /// The most bytes of all their values together.
    const MOST_BYTES: usize = 64 * 1024;
}

/// What came since somebody last looked.
#[derive(Debug, Default)]
pub(super) struct Queue {
    signals: Signals,
    bytes: usize,
}

impl Queue {
    pub(super) fn push(&mut self, message: Message) {
        if self.signals.lost {
            return;
        }
        let Message { sender, path, interface, name, mut body, .. } = message;
        let is_change = &*name == "PropertiesChanged";
        let twice = |signal: &Signal| signal.name == name && signal.path == path && signal.sender == sender;
        if is_change && self.signals.list.iter().any(twice) {
            return;
        }
        if is_change || body.len() > Signals::MOST_BODY {
            body = Body::default();
        }
        self.bytes += body.len();
        if self.signals.list.len() == Signals::MOST || self.bytes > Signals::MOST_BYTES {
            self.signals = Signals { list: Vec::new(), lost: true };
            return;
        }
        self.signals.list.push(Signal { sender, path, interface, name, body });
    }

    pub(super) fn take(&mut self) -> Signals {
        self.bytes = 0;
        std::mem::take(&mut self.signals)
    }
}
