//! Saying goodbye: when this machine is about to shut down or to sleep, its agent says so before it falls silent.
//!
//! logind tells of it over D-Bus (`PrepareForShutdown`, `PrepareForSleep` of org.freedesktop.login1(5)) and waits, a few
//! seconds at the most, for whoever holds a delay inhibitor. One is held from the start, and let go once what is going to happen
//! was told. Where logind gives none, it is told all the same, as far as there is time.
//!
//! A connection of its own, on the runtime's thread, so that nothing that hangs elsewhere keeps it from being said. It does
//! not know how it is told.

use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::time::Duration;

use cm_model::report::service::Going;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::time::{Instant, sleep_until};

use crate::dbus::{Address, Answer, Broken, Bus, Call, CallError, Reader, Serial, Signal, Signals, Value, Writer};

const NAME: &str = "org.freedesktop.login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";

const RULES: [&str; 4] = [
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.freedesktop.login1'",
    "type='signal',sender='org.freedesktop.login1',interface='org.freedesktop.login1.Manager',member='PrepareForShutdown'",
    "type='signal',sender='org.freedesktop.login1',interface='org.freedesktop.login1.Manager',\
     member='PrepareForShutdownWithMetadata'",
    "type='signal',sender='org.freedesktop.login1',interface='org.freedesktop.login1.Manager',member='PrepareForSleep'",
];

/// The call that asks for an inhibitor.
const INHIBIT: Call<'static> =
    Call { to: NAME, path: "/org/freedesktop/login1", interface: MANAGER, method: "Inhibit" };

/// How long a bus that failed is left alone; doubled each time up to [`MOST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest time between two tries.
const MOST_PAUSE: Duration = Duration::from_mins(5);

/// What this machine is about to do.
#[derive(Debug)]
pub(crate) struct Farewell {
    address: Option<Address>,
    link: Option<Line>,
    again: Option<Instant>,
    pause: Duration,
    logind: Logind,
}

/// logind, as we know it.
#[derive(Debug, Default)]
struct Logind {
    /// Who owns its name, if anybody does.
    owner: Option<Box<str>>,
    ask_owner: Option<Serial>,
    ask_inhibitor: Option<Serial>,
    /// As long as this is open, logind waits.
    inhibitor: Option<OwnedFd>,
    going: Option<Going>,
}

/// A connection, and its socket once more to wait at.
#[derive(Debug)]
struct Line {
    bus: Bus,
    socket: UnixStream,
}

impl Farewell {
    /// Of the machine whose system bus is here, if it is one that can be heard. Nothing is connected before
    /// [`changed`](Self::changed) is first waited for.
    pub(crate) fn new(address: Option<Address>) -> Self {
        Self { address, link: None, again: None, pause: FIRST_PAUSE, logind: Logind::default() }
    }

    /// What the machine is about to do.
    pub(crate) const fn going(&self) -> Option<Going> {
        self.logind.going
    }

    /// It was told: logind need not wait any longer.
    pub(crate) fn release(&mut self) {
        self.logind.inhibitor = None;
    }

    /// Waits until that has changed. It may be dropped and waited for again.
    pub(crate) async fn changed(&mut self) {
        loop {
            if let Err(broken) = self.listen().await {
                tracing::debug!(error = %broken, "logind cannot be heard");
                // What was said last stands: at a shutdown the bus goes before us.
                self.link = None;
                self.logind = Logind { going: self.logind.going, ..Logind::default() };
                self.again = Some(Instant::now() + self.pause);
                self.pause = (self.pause * 2).min(MOST_PAUSE);
                continue;
            }
            return;
        }
    }

    async fn listen(&mut self) -> Result<(), Broken> {
        if self.link.is_none() {
            if let Some(again) = self.again {
                sleep_until(again).await;
            }
            let Some(address) = &self.address else { return std::future::pending().await };
            let mut bus = Bus::begin(address)?;
            for rule in RULES {
                bus.watch(rule)?;
            }
            self.logind.ask(&mut bus)?;
            let socket = UnixStream::from_std(bus.to_wait_for()?.into()).map_err(Broken::Failed)?;
            self.link = Some(Line { bus, socket });
        }
        let Line { bus, socket } = self.link.as_mut().expect("it was just made");
        loop {
            socket.readable().await.map_err(Broken::Failed)?;
            let before = self.logind.going;
            let drained = bus.drain();
            let taken = self.logind.take(bus);
            // All was read: there is nothing more before it is ready again.
            let _ = socket.try_io(Interest::READABLE, || Err::<(), _>(ErrorKind::WouldBlock.into()));
            drained?;
            taken?;
            if self.logind.owner.is_some() {
                self.pause = FIRST_PAUSE;
            }
            if self.logind.going != before {
                return Ok(());
            }
        }
    }
}

impl Logind {
    /// Asks who logind is, and for an inhibitor.
    fn ask(&mut self, bus: &mut Bus) -> Result<(), Broken> {
        self.ask_owner = Some(bus.ask_owner(NAME)?);
        self.ask_for_inhibitor(bus)
    }

    fn ask_for_inhibitor(&mut self, bus: &mut Bus) -> Result<(), Broken> {
        self.ask_inhibitor = Some(bus.send(&INHIBIT, "ssss", &delay())?);
        Ok(())
    }

    /// Takes answers and signals that have come.
    fn take(&mut self, bus: &mut Bus) -> Result<(), Broken> {
        if let Some(answer) = self.ask_owner.and_then(|serial| bus.answer(serial)) {
            self.ask_owner = None;
            self.owner = answer.and_then(|answer| Bus::owner(&answer)).ok();
        }
        if let Some(answer) = self.ask_inhibitor.and_then(|serial| bus.answer(serial)) {
            self.ask_inhibitor = None;
            self.take_inhibitor(answer);
        }
        let Signals { list, .. } = bus.signals();
        for signal in list {
            let is_bus = &*signal.sender == "org.freedesktop.DBus";
            if is_bus && &*signal.name == "NameOwnerChanged" {
                // A logind that was started anew has forgotten whom it is to wait for.
                self.ask(bus)?;
            } else if self.owner.as_ref() == Some(&signal.sender) && self.take_signal(&signal) {
                self.ask_for_inhibitor(bus)?;
            }
        }
        Ok(())
    }

    fn take_inhibitor(&mut self, answer: Result<Answer, CallError>) {
        match answer {
            Ok(answer) => self.inhibitor = answer.files.into_iter().next(),
            Err(error) => tracing::debug!(%error, "logind will not wait for this program"),
        }
    }

    /// Takes what logind tells. Answers whether a new inhibitor is wanted: the machine is back, or stays after all.
    fn take_signal(&mut self, signal: &Signal) -> bool {
        let flag = |reader: &mut Reader<'_>| reader.flag();
        let begins = match &*signal.name {
            "PrepareForShutdownWithMetadata" => signal.body.read("ba{sv}").as_mut().and_then(flag),
            _ => signal.body.read("b").as_mut().and_then(flag),
        };
        let going = match &*signal.name {
            "PrepareForSleep" => Going::Sleep,
            "PrepareForShutdownWithMetadata" => kind_of_shutdown(signal),
            // Where the other signal has come before this one, it knew more.
            "PrepareForShutdown" => self.going.filter(|going| *going != Going::Sleep).unwrap_or(Going::Shutdown),
            _ => return false,
        };
        match begins {
            Some(true) => self.going = Some(going),
            Some(false) => self.going = None,
            None => {}
        }
        begins == Some(false)
    }
}

/// Asks for the inhibitor and waits for it, no longer than that: for who only wants to know whether it is given. logind
/// waits for as long as the answer is held.
pub(crate) fn inhibit(bus: &mut Bus, limit: Duration) -> Result<Answer, CallError> {
    bus.call(&INHIBIT, "ssss", &delay(), limit)
}

/// What is delayed, by whom, why, and how.
fn delay() -> Writer {
    let mut values = Writer::default();
    for text in ["shutdown:sleep", "cm-agent", "tells the dashboards first", "delay"] {
        values.text(text);
    }
    values
}

fn kind_of_shutdown(signal: &Signal) -> Going {
    let kind = || {
        let mut reader = signal.body.read("ba{sv}")?;
        reader.flag()?;
        let mut all = reader.array(b'{')?;
        loop {
            all.begin_struct()?;
            if let ("type", Value::Text(kind)) = (all.text()?, all.variant()?) {
                return Some(kind);
            }
        }
    };
    match kind() {
        Some("reboot" | "soft-reboot" | "kexec") => Going::Reboot,
        _ => Going::Shutdown,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::net::UnixStream as Stream;
    use std::sync::mpsc::Receiver;

    use super::*;
    use crate::dbus::peer::{answer, refusal, serve, signal, text_answer};

    const OWNER: &str = ":1.3";

    /// A bus with a logind on it, and what tells whoever is connected.
    fn logind() -> (tempfile::TempDir, Farewell, Receiver<Stream>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        let connections = serve(&path, |call| match &*call.method {
            "GetNameOwner" => text_answer(call.serial, OWNER),
            "Inhibit" => refusal(call.serial, "org.freedesktop.DBus.Error.AccessDenied", "not for you"),
            _ => answer(call.serial, "", &Writer::default()),
        });
        (folder, Farewell::new(Some(Address::Path(path))), connections)
    }

    fn prepare(sender: &str, name: &str, begins: bool, kind: Option<&str>) -> Vec<u8> {
        let mut body = Writer::default();
        body.number(u32::from(begins));
        if let Some(kind) = kind {
            let from = body.bytes.len();
            body.number(0);
            body.align(8);
            let first = body.bytes.len();
            body.text("type");
            body.bytes.extend_from_slice(b"\x01s\0");
            body.text(kind);
            let length = u32::try_from(body.bytes.len() - first).unwrap();
            body.bytes[from..from + 4].copy_from_slice(&length.to_le_bytes());
        }
        let signature = if kind.is_some() { "ba{sv}" } else { "b" };
        signal(sender, "/org/freedesktop/login1", [MANAGER, name], signature, &body)
    }

    #[tokio::test]
    async fn what_logind_announces_is_known_until_it_is_over() {
        let (_folder, mut farewell, connections) = logind();
        let (shutdown, metadata) = ("PrepareForShutdown", "PrepareForShutdownWithMetadata");
        let cases = [
            (vec![prepare(OWNER, "PrepareForSleep", true, None)], Some(Going::Sleep)),
            (vec![prepare(OWNER, "PrepareForSleep", false, None)], None),
            (vec![prepare(OWNER, shutdown, true, None)], Some(Going::Shutdown)),
            (vec![prepare(OWNER, shutdown, false, None)], None),
            (
                vec![prepare(OWNER, metadata, true, Some("reboot")), prepare(OWNER, shutdown, true, None)],
                Some(Going::Reboot),
            ),
            (vec![prepare(OWNER, shutdown, false, None), prepare(":1.66", shutdown, true, None)], None),
            (vec![prepare(OWNER, metadata, true, Some("power-off"))], Some(Going::Shutdown)),
        ];
        // The first case's signal is sent once the connection stands and logind's owner is known.
        let mut stream = None;
        for (signals, expected) in cases {
            if stream.is_none() {
                tokio::select! {
                    () = farewell.changed() => panic!("nothing was announced"),
                    () = async { while connections.try_recv().map(|new| stream = Some(new)).is_err() { tokio::task::yield_now().await } } => {}
                }
                while farewell.logind.owner.is_none() {
                    tokio::select! {
                        biased;
                        () = farewell.changed() => panic!("nothing was announced"),
                        () = tokio::task::yield_now() => {}
                    }
                }
            }
            stream.as_mut().unwrap().write_all(&signals.concat()).unwrap();
            farewell.changed().await;
            assert_eq!(farewell.going(), expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_bus_it_waits_and_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut farewell = Farewell::new(Some(Address::Path(folder.path().join("none"))));
        let waited = tokio::time::timeout(Duration::from_hours(1), farewell.changed()).await;
        assert!(waited.is_err() && farewell.going().is_none());
        assert_eq!(farewell.pause, MOST_PAUSE);
    }
}
