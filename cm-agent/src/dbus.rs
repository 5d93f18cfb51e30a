//! A client of D-Bus, small because in the agent binary size is memory: one connection, calls with a limit, signals kept
//! until somebody asks for them.
//!
//! It runs on no thread and never waits unless told to, and then no longer than told: [`Bus::send`] puts a call on its
//! way, [`Bus::drain`] takes in what has come, [`Bus::answer`] hands out what came for a call. What comes is bounded
//! ([`MOST_BYTES`] a message, [`Signals::MOST`] signals) and checked: no bytes of another end make it panic. It knows
//! the bus and no service on it.
//!
//! Any process on the machine may send a signal straight to us, match rules or not: who minds what a signal says
//! compares [`Signal::sender`] with the owner of the name that it trusts ([`Bus::owner`]).

mod address;
mod greeting;
mod message;
#[cfg(test)]
pub(crate) mod peer;
mod signal;
mod socket;
mod wire;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use cm_model::text::{HostText, terminal};
use tokio::time::Instant;

pub use address::{Address, NoSocket};
pub use message::{Body, Call, Garbled, MOST_BYTES};
pub use signal::{Signal, Signals};
pub use wire::{Reader, Value, Writer};

use greeting::Greeting;
use message::{Incoming, Kind, Message};
use signal::Queue;
use socket::Socket;

/// The connection is of no more use.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// Nobody listens there, or not for us.
    #[error("the bus cannot be reached at {at}")]
    Unreachable {
        /// The socket.
        at: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The bus does not take us for who we are.
    #[error("the bus does not let this process in: {}", terminal::line(.said))]
    NotAdmitted {
        /// Its answer.
        said: HostText,
    },
    /// It closed the connection.
    #[error("the bus has ended the connection")]
    Ended,
    /// It does not take what we send.
    #[error("the bus takes no more calls")]
    Swamped,
    /// What the system says.
    #[error("the connection to the bus failed")]
    Failed(#[source] io::Error),
    /// It sends what is no message.
    #[error(transparent)]
    Garbled(#[from] Garbled),
}

/// A call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Whoever was asked refuses, or is not there.
    #[error("{}: {}", terminal::line(.name), terminal::line(.why))]
    Refused {
        /// The error's name on D-Bus: `org.freedesktop.DBus.Error.AccessDenied`.
        name: HostText,
        /// In words.
        why: HostText,
    },
    /// The answer is larger than is read.
    #[error("the answer is larger than {MOST_BYTES} bytes")]
    TooLarge,
    /// The answer is not of the types that the method promises.
    #[error("the answer does not read as {expected}")]
    Unexpected {
        /// The types.
        expected: &'static str,
    },
    /// There was no answer within the limit; the connection stands, and a late answer is dropped.
    #[error("no answer within {limit:?}")]
    Late {
        /// The limit.
        limit: Duration,
    },
    /// The connection is gone.
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// What a call was answered.
#[derive(Debug, Default)]
pub struct Answer {
    /// Its values.
    pub body: Body,
    /// Open files that came with it, in the order in which values name them.
    pub files: Vec<OwnedFd>,
}

/// A call that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Serial(u32);

/// A connection to a bus.
#[derive(Debug)]
pub struct Bus {
    socket: Socket,
    /// Until messages flow.
    greeting: Option<Greeting>,
    incoming: Incoming,
    last: u32,
    /// Calls that are under way, with what came for them.
    calls: BTreeMap<Serial, Option<Result<Answer, CallError>>>,
    signals: Queue,
}

impl Bus {
    /// Connects, says who we are, and asks for a name on the bus, of all of which the answers are still to come: calls may
    /// be sent at once, and [`drain`](Self::drain) fails if we are not let in. It waits for nothing.
    pub fn begin(address: &Address) -> Result<Self, Broken> {
        let socket = Socket::connect(address).map_err(|source| {
            let at = match address {
                Address::Path(path) => path.display().to_string(),
                Address::Abstract(name) => format!("@{}", String::from_utf8_lossy(name)),
            };
            Broken::Unreachable { at, source }
        })?;
        Self::over(socket)
    }

    fn over(socket: Socket) -> Result<Self, Broken> {
        let mut bus = Self {
            socket,
            greeting: Some(Greeting::default()),
            incoming: Incoming::default(),
            last: 0,
            calls: BTreeMap::new(),
            signals: Queue::default(),
        };
        bus.socket.send(Greeting::of(rustix::process::geteuid().as_raw()).as_bytes())?;
        let hello = bus.send(&Call::bus("Hello"), "", &Writer::default())?;
        // Who is let in is given a name; who is not hears nothing more.
        bus.forget(hello);
        Ok(bus)
    }

    /// Puts a call on its way. Its answer is kept until [`answer`](Self::answer) or [`forget`](Self::forget).
    pub fn send(&mut self, call: &Call<'_>, signature: &str, values: &Writer) -> Result<Serial, Broken> {
        self.last = self.last.checked_add(1).unwrap_or(1);
        self.socket.send(&call.write(self.last, signature, &values.bytes))?;
        let serial = Serial(self.last);
        self.calls.insert(serial, None);
        Ok(serial)
    }

    /// Takes in what has come, without waiting: 4 MiB at most, so that no flood holds us.
    pub fn drain(&mut self) -> Result<(), Broken> {
        const MOST_PIECES: usize = 1024;
        self.socket.flush()?;
        let mut piece = [0; 4096];
        for _ in 0..MOST_PIECES {
            let read = self.socket.receive(&mut piece, &mut self.incoming)?;
            if read == 0 {
                break;
            }
            let read = &piece[..read];
            match self.greeting.as_mut().map(|greeting| greeting.take(read)).transpose()? {
                Some(None) => continue,
                Some(Some(beyond)) => {
                    self.greeting = None;
                    self.incoming.push(&beyond);
                }
                None => self.incoming.push(read),
            }
            self.sort_all()?;
        }
        Ok(())
    }

    fn sort_all(&mut self) -> Result<(), Garbled> {
        while let Some(message) = self.incoming.next()? {
            self.sort(message);
        }
        Ok(())
    }

    fn sort(&mut self, message: Message) {
        match (message.kind, message.answers) {
            (Kind::Signal, _) => self.signals.push(message),
            (Kind::Answer | Kind::Error, Some(serial)) => {
                // Answers to what nobody waits for any more are dropped.
                let Some(place) = self.calls.get_mut(&Serial(serial)).filter(|place| place.is_none()) else { return };
                *place = Some(match message.kind {
                    Kind::Error => Err(refusal(&message)),
                    _ if message.cut => Err(CallError::TooLarge),
                    _ => Ok(Answer { body: message.body, files: message.files }),
                });
            }
            _ => {}
        }
    }

    /// What came for a call: nothing while it is under way.
    pub fn answer(&mut self, serial: Serial) -> Option<Result<Answer, CallError>> {
        let came = self.calls.get_mut(&serial)?.take()?;
        self.calls.remove(&serial);
        Some(came)
    }

    /// Nobody waits for this call any more: what comes for it is dropped.
    pub fn forget(&mut self, serial: Serial) {
        self.calls.remove(&serial);
    }

    /// Waits until something has come, and takes it in; answers whether anything came within the limit.
    pub fn wait(&mut self, limit: Duration) -> Result<bool, Broken> {
        let came = self.socket.wait(Instant::now() + limit)?;
        if came {
            self.drain()?;
        }
        Ok(came)
    }

    /// Calls and waits for the answer.
    pub fn call(
        &mut self,
        call: &Call<'_>,
        signature: &str,
        values: &Writer,
        limit: Duration,
    ) -> Result<Answer, CallError> {
        let serial = self.send(call, signature, values)?;
        match self.answer_until(serial, Instant::now() + limit) {
            Err(CallError::Late { .. }) => Err(CallError::Late { limit }),
            answer => answer,
        }
    }

    fn answer_until(&mut self, serial: Serial, until: Instant) -> Result<Answer, CallError> {
        let mut came = self.drain();
        loop {
            // What came before the connection ended counts.
            if let Some(answer) = self.answer(serial) {
                return answer;
            }
            came?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                self.forget(serial);
                return Err(CallError::Late { limit: left });
            }
            came = self.wait(left).map(|_| ());
        }
    }

    /// Has signals that fit a rule sent to us (`AddMatch`); waits for nothing.
    pub fn watch(&mut self, rule: &str) -> Result<(), Broken> {
        let mut values = Writer::default();
        values.text(rule);
        let serial = self.send(&Call::bus("AddMatch"), "s", &values)?;
        // The bus takes every rule that is written right, up to many hundreds.
        self.forget(serial);
        Ok(())
    }

    /// Asks who owns a name (`GetNameOwner`): [`owner`](Self::owner) reads the answer.
    pub fn ask_owner(&mut self, name: &str) -> Result<Serial, Broken> {
        let mut values = Writer::default();
        values.text(name);
        self.send(&Call::bus("GetNameOwner"), "s", &values)
    }

    /// The name under which the owner of a name sends, out of an answer.
    pub fn owner(answer: &Answer) -> Result<Box<str>, CallError> {
        let owner = answer.body.read("s").and_then(|mut reader| reader.text());
        owner.map(Into::into).ok_or(CallError::Unexpected { expected: "a name" })
    }

    /// Its socket once more, to be waited for elsewhere; nobody else may read from it.
    pub fn to_wait_for(&self) -> Result<OwnedFd, Broken> {
        self.socket.duplicate().map_err(Broken::Failed)
    }

    /// The signals that came since this was last asked.
    pub fn signals(&mut self) -> Signals {
        self.signals.take()
    }
}

fn refusal(message: &Message) -> CallError {
    let why = message.body.read("s").and_then(|mut reader| reader.text()).unwrap_or("without a word");
    CallError::Refused { name: (*message.name).into(), why: why.into() }
}

#[cfg(test)]
mod tests;
