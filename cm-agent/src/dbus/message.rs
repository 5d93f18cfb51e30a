//! One message: a call as it is written, and what comes back as it is read.
//!
//! The layout is that of the D-Bus specification, "Message Format". What comes is bounded: a message larger than
//! [`MOST_BYTES`] is gone past without being kept, and answers its call all the same.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;

use super::wire::{Reader, Writer};

/// The largest message that is kept.
pub const MOST_BYTES: usize = 1 << 20;
/// The largest header: names and paths in it are short.
const MOST_HEADER: usize = 16 * 1024;
/// What the specification allows; more is no message.
const MOST_BY_LAW: usize = 128 << 20;
/// The most open files that wait for the message to which they belong.
const MOST_FILES: usize = 16;

/// What is asked of whom.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The name of the service on the bus.
    pub to: &'a str,
    /// The object.
    pub path: &'a str,
    /// The interface of the method.
    pub interface: &'a str,
    /// The method.
    pub method: &'a str,
}

impl<'a> Call<'a> {
    /// A method of the bus itself.
    pub const fn bus(method: &'a str) -> Self {
        let name = "org.freedesktop.DBus";
        Self { to: name, path: "/org/freedesktop/DBus", interface: name, method }
    }

    /// The message, with a body of this signature. It asks for nobody to be started so as to answer it.
    pub(super) fn write(&self, serial: u32, signature: &str, body: &[u8]) -> Vec<u8> {
        const CALL: u8 = 1;
        const NO_AUTO_START: u8 = 2;
        let mut message = Writer { bytes: vec![b'l', CALL, NO_AUTO_START, 1] };
        message.number(u32::try_from(body.len()).expect("what we send is far below 4 GiB"));
        message.number(serial);
        message.number(0);
        let from = message.bytes.len();
        let texts = [(1, "o", self.path), (2, "s", self.interface), (3, "s", self.method), (6, "s", self.to)];
        for (field, kind, text) in texts {
            message.align(8);
            message.bytes.push(field);
            message.signature(kind);
            message.text(text);
        }
        if !signature.is_empty() {
            message.align(8);
            message.bytes.push(8);
            message.signature("g");
            message.signature(signature);
        }
        let fields = u32::try_from(message.bytes.len() - from).expect("a header is short");
        message.bytes[from - 4..from].copy_from_slice(&fields.to_le_bytes());
        message.align(8);
        message.bytes.extend_from_slice(body);
        message.bytes
    }
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Answer,
    Error,
    Signal,
    /// A call to us, or what a later version of the protocol knows.
    Other,
}

/// A message that came.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) kind: Kind,
    /// The call that it answers.
    pub(super) answers: Option<u32>,
    pub(super) sender: Box<str>,
    pub(super) path: Box<str>,
    pub(super) interface: Box<str>,
    /// The signal's name, or the error's.
    pub(super) name: Box<str>,
    pub(super) body: Body,
    pub(super) files: Vec<OwnedFd>,
    /// The body was too large to be kept.
    pub(super) cut: bool,
}

/// The values of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    signature: Box<str>,
    bytes: Vec<u8>,
    big_endian: bool,
}

impl Body {
    /// The types of its values.
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// How many bytes its values take.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Reads its values, which must be of exactly these types.
    pub fn read(&self, signature: &str) -> Option<Reader<'_>> {
        (*self.signature == *signature).then(|| Reader::new(&self.bytes, self.big_endian))
    }
}

/// Bytes that came, until they make messages.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    bytes: Vec<u8>,
    /// Where in `bytes` the next message begins.
    at: usize,
    files: VecDeque<OwnedFd>,
    /// What is still to come of a body that is not kept.
    past: usize,
}

/// The bytes are no message: what comes after them can't be understood either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what it sends is no D-Bus message: {0}")]
pub struct Garbled(pub(super) &'static str);

impl Incoming {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let past = self.past.min(bytes.len());
        self.past -= past;
        if self.at > 0 {
            self.bytes.drain(..self.at);
            self.at = 0;
        }
        self.bytes.extend_from_slice(&bytes[past..]);
    }

    pub(super) fn push_files(&mut self, files: impl Iterator<Item = OwnedFd>) -> Result<(), Garbled> {
        self.files.extend(files);
        if self.files.len() > MOST_FILES { Err(Garbled("more open files than it tells of")) } else { Ok(()) }
    }

    /// The next message, once it is there whole.
    pub(super) fn next(&mut self) -> Result<Option<Message>, Garbled> {
        let bytes = &self.bytes[self.at..];
        let Some(start) = bytes.get(..16) else {
            self.let_go();
            return Ok(None);
        };
        let big_endian = match start[0] {
            b'l' => false,
            b'B' => true,
            _ => return Err(Garbled("unknown order of bytes")),
        };
        if start[3] != 1 {
            return Err(Garbled("unknown version"));
        }
        let number = |at: usize| {
            let mut bytes: [u8; 4] = start[at..at + 4].try_into().expect("four bytes");
            if big_endian {
                bytes.reverse();
            }
            usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX)
        };
        let (body, fields) = (number(4), number(12));
        let header = fields.saturating_add(16).next_multiple_of(8);
        if header > MOST_HEADER || body > MOST_BY_LAW {
            return Err(Garbled("a length beyond all bounds"));
        }
        let cut = header + body > MOST_BYTES;
        let whole = if cut { header } else { header + body };
        if bytes.len() < whole {
            return Ok(None);
        }
        let mut reader = Reader::new(&bytes[..16 + fields], big_endian);
        let mut message = Message::read(&mut reader, start[1]).ok_or(Garbled("a header that does not read"))?;
        let files = message.1;
        if files > self.files.len() {
            return Err(Garbled("fewer open files than it tells of"));
        }
        message.0.files = self.files.drain(..files).collect();
        message.0.cut = cut;
        message.0.body.big_endian = big_endian;
        if cut {
            let here = (bytes.len() - header).min(body);
            self.past = body - here;
            self.at += header + here;
        } else {
            message.0.body.bytes = bytes[header..whole].to_vec();
            self.at += whole;
        }
        Ok(Some(message.0))
    }

    /// The number of the message that is next.
    #[cfg(test)]
    pub(super) fn serial(&self) -> Option<u32> {
        self.bytes.get(self.at + 8..self.at + 12).map(|bytes| u32::from_le_bytes(bytes.try_into().expect("four bytes")))
    }

    /// Gives the room for a large message back once it is read.
    fn let_go(&mut self) {
        const KEPT: usize = 16 * 1024;
        if self.at == self.bytes.len() && self.bytes.capacity() > KEPT {
            self.bytes = Vec::new();
            self.at = 0;
        }
    }
}

impl Message {
    /// Reads a header, and with it how many open files belong to the message.
    fn read(reader: &mut Reader<'_>, kind: u8) -> Option<(Self, usize)> {
        let kind = match kind {
            0 => return None,
            2 => Kind::Answer,
            3 => Kind::Error,
            4 => Kind::Signal,
            _ => Kind::Other,
        };
        let (mut answers, mut files) = (None, 0);
        let (mut sender, mut path, mut interface, mut name, mut signature) = ("", "", "", "", "");
        reader.skip("yyyyuu")?;
        let mut fields = reader.array(b'(')?;
        while !fields.is_at_end() {
            fields.begin_struct()?;
            let field = fields.byte()?;
            let mut value = fields.clone();
            match (field, value.signature()?) {
                (1, "o") => path = value.text()?,
                (2, "s") => interface = value.text()?,
                (3 | 4, "s") => name = value.text()?,
                (5, "u") => answers = Some(value.number()?),
                (7, "s") => sender = value.text()?,
                (8, "g") => signature = value.signature()?,
                (9, "u") => files = usize::try_from(value.number()?).ok()?,
                _ => {}
            }
            fields.variant()?;
        }
        let message = Self {
            kind,
            answers,
            sender: sender.into(),
            path: path.into(),
            interface: interface.into(),
            name: name.into(),
            body: Body { signature: signature.into(), ..Body::default() },
            files: Vec::new(),
            cut: false,
        };
        Some((message, files))
    }
}

#[cfg(test)]
mod tests;
