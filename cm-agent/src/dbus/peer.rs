//! The other end of a bus, for tests: it lets us in and answers as it is told to.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use super::message::Incoming;
use super::wire::{Reader, Writer};

/// A message as the other end writes it. Fields are told with their types; `replies` is the call that it answers.
pub(crate) fn written(kind: u8, fields: &[(u8, &str, &str)], replies: Option<u32>, body: &[u8]) -> Vec<u8> {
    let mut message = Writer { bytes: vec![b'l', kind, 0, 1] };
    message.number(u32::try_from(body.len()).unwrap());
    message.number(99);
    message.number(0);
    for (field, signature, text) in fields {
        message.align(8);
        message.bytes.push(*field);
        message.signature(signature);
        if *signature == "g" { message.signature(text) } else { message.text(text) }
    }
    if let Some(serial) = replies {
        message.align(8);
        message.bytes.push(5);
        message.signature("u");
        message.number(serial);
    }
    let length = u32::try_from(message.bytes.len() - 16).unwrap();
    message.bytes[12..16].copy_from_slice(&length.to_le_bytes());
    message.align(8);
    message.bytes.extend_from_slice(body);
    message.bytes
}

/// An answer with values of these types.
pub(crate) fn answer(serial: u32, signature: &str, body: &Writer) -> Vec<u8> {
    written(2, &[(8, "g", signature)], Some(serial), &body.bytes)
}

/// An answer that is one text.
pub(crate) fn text_answer(serial: u32, text: &str) -> Vec<u8> {
    let mut body = Writer::default();
    body.text(text);
    answer(serial, "s", &body)
}

/// A refusal.
pub(crate) fn refusal(serial: u32, name: &str, why: &str) -> Vec<u8> {
    let mut body = Writer::default();
    body.text(why);
    written(3, &[(4, "s", name), (8, "g", "s")], Some(serial), &body.bytes)
}

/// A signal with values of these types.
pub(crate) fn signal(
    sender: &str,
    path: &str,
    [interface, name]: [&str; 2],
    signature: &str,
    body: &Writer,
) -> Vec<u8> {
    let fields = [(1, "o", path), (2, "s", interface), (3, "s", name), (7, "s", sender), (8, "g", signature)];
    written(4, &fields, None, &body.bytes)
}

/// A call that arrived.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) serial: u32,
    pub(crate) path: String,
    pub(crate) method: String,
    /// Its values, where they are texts and lists of texts.
    pub(crate) texts: Vec<String>,
}

/// One connection of somebody to us.
pub(crate) struct Peer {
    stream: UnixStream,
    incoming: Incoming,
}

impl Peer {
    pub(crate) fn new(stream: UnixStream) -> Self {
        Self { stream, incoming: Incoming::default() }
    }

    pub(crate) fn stream(&self) -> &UnixStream {
        &self.stream
    }

    /// Lets whoever it is in.
    pub(crate) fn admit(&mut self) {
        let mut greeting = Vec::new();
        while !greeting.ends_with(b"BEGIN\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).unwrap();
            greeting.push(byte[0]);
        }
        assert!(greeting.starts_with(b"\0AUTH EXTERNAL 3"), "{greeting:?}");
        self.send(b"OK 0123456789abcdef\r\nAGREE_UNIX_FD\r\n");
        let hello = self.called("Hello");
        self.send(&text_answer(hello.serial, ":1.1"));
    }

    /// The next call, which must be of this method.
    pub(crate) fn called(&mut self, method: &str) -> Called {
        let called = self.next().expect("a call");
        assert_eq!(called.method, method);
        called
    }

    /// The next call; nothing once the other end is gone.
    pub(crate) fn next(&mut self) -> Option<Called> {
        loop {
            // The serial is no part of what the client reads of a message: it is taken from the bytes.
            let serial = self.incoming.serial();
            if let Some(message) = self.incoming.next().unwrap() {
                let mut texts = Vec::new();
                let mut reader = message.body.read(message.body.signature()).unwrap();
                for kind in message.body.signature().replace("as", "A").chars() {
                    let mut list = if kind == 'A' { reader.array(b's').unwrap() } else { Reader::new(&[], false) };
                    texts.extend(std::iter::from_fn(|| list.text()).map(str::to_owned));
                    if kind == 's' {
                        texts.push(reader.text().unwrap().to_owned());
                    }
                }
                let (path, method) = (message.path.into(), message.name.into());
                return Some(Called { serial: serial.unwrap(), path, method, texts });
            }
            let mut piece = [0; 4096];
            match self.stream.read(&mut piece) {
                Ok(0) | Err(_) => return None,
                Ok(read) => self.incoming.push(&piece[..read]),
            }
        }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }
}

/// A bus at a path, that answers every call as it is told to. It gives a stream for each connection, to send signals on.
pub(crate) fn serve(path: &Path, mut answer: impl FnMut(&Called) -> Vec<u8> + Send + 'static) -> Receiver<UnixStream> {
    let listener = UnixListener::bind(path).unwrap();
    let (connected, connections) = channel();
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let mut peer = Peer::new(stream);
            if connected.send(peer.stream.try_clone().unwrap()).is_err() {
                return;
            }
            peer.admit();
            while let Some(called) = peer.next() {
                let bytes = answer(&called);
                if peer.stream.write_all(&bytes).is_err() {
                    break;
                }
            }
        }
    });
    connections
}
