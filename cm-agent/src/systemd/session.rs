//! One connection to systemd: what is asked, in which order, and what its signals make stale.
//!
//! A few calls at a time are under way, so that sixteen units' answers never lie in memory together. A signal counts only
//! if it comes from whoever owns systemd's name on the bus.

use std::time::Duration;

use cm_model::clock::MonoTime;
use tokio::time::Instant;

use super::known::{Known, Listing};
use super::unit::{Load, Unit};
use super::{Failed, MOST_FAILED, name};
use crate::dbus::{Address, Answer, Broken, Bus, Call, CallError, Reader, Serial, Signal, Signals, Writer};

const NAME: &str = "org.freedesktop.systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
const UNIT: &str = "org.freedesktop.systemd1.Unit";
/// What the two methods that list units answer: name, description, load, active and sub state, followed unit, object, and
/// three words about a job.
const LISTED: &str = "a(ssssssouso)";
/// The most calls that are under way at a time.
const MOST_CALLS: usize = 4;
/// A bus on which nothing is answered for so long is given up.
const MOST_SILENCE: Duration = Duration::from_secs(30);

/// The signals that are asked for.
const RULES: [&str; 6] = [
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.freedesktop.systemd1'",
    "type='signal',sender='org.freedesktop.systemd1',interface='org.freedesktop.systemd1.Manager',member='UnitNew'",
    "type='signal',sender='org.freedesktop.systemd1',interface='org.freedesktop.systemd1.Manager',member='UnitRemoved'",
    "type='signal',sender='org.freedesktop.systemd1',interface='org.freedesktop.systemd1.Manager',member='Reloading'",
    "type='signal',sender='org.freedesktop.systemd1',interface='org.freedesktop.systemd1.Manager',member='UnitFilesChanged'",
    "type='signal',sender='org.freedesktop.systemd1',interface='org.freedesktop.DBus.Properties',\
     member='PropertiesChanged',path_namespace='/org/freedesktop/systemd1/unit',arg0='org.freedesktop.systemd1.Unit'",
];

/// A question that is under way.
#[derive(Debug)]
enum Ask {
    Owner,
    Subscribe,
    Listed,
    Failed,
    /// What all units have.
    Unit(String),
    /// What only units of its kind have.
    Kind(String, Box<Unit>),
}

/// A connection.
#[derive(Debug)]
pub(super) struct Session {
    bus: Bus,
    /// Who owns systemd's name, if anybody does.
    owner: Option<Box<str>>,
    /// What is to be asked before anything else.
    first: Vec<Ask>,
    under_way: Vec<(Serial, Ask)>,
    /// When something was last answered while something is under way.
    heard: MonoTime,
    renewed: MonoTime,
    useful: bool,
    trouble: Option<String>,
    /// It knows no `ListUnitsByPatterns` (before version 230).
    is_old: bool,
}

impl Session {
    pub(super) fn begin(address: &Address, now: MonoTime) -> Result<Self, Broken> {
        let mut bus = Bus::begin(address)?;
        for rule in RULES {
            bus.watch(rule)?;
        }
        Ok(Self {
            bus,
            owner: None,
            first: vec![Ask::Subscribe, Ask::Owner],
            under_way: Vec::new(),
            heard: now,
            renewed: now,
            useful: false,
            trouble: None,
            is_old: false,
        })
    }

    /// How long ago everything was asked for.
    pub(super) fn age(&self, now: MonoTime) -> Duration {
        now.since(self.renewed)
    }

    pub(super) const fn renew(&mut self, now: MonoTime) {
        self.renewed = now;
    }

    /// Whether anything was ever answered.
    pub(super) const fn was_useful(&self) -> bool {
        self.useful
    }

    /// Whether all that was asked is answered.
    pub(super) const fn is_idle(&self) -> bool {
        self.under_way.is_empty()
    }

    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Takes in signals and answers, and asks for what is stale until nothing is, or the limit is reached.
    pub(super) fn work(&mut self, known: &mut Known, limit: Duration, now: MonoTime) -> Result<(), Broken> {
        let mut until = None;
        loop {
            let drained = self.bus.drain();
            self.take_signals(known);
            self.take_answers(known, now);
            drained?;
            self.ask(known)?;
            if self.under_way.is_empty() {
                self.heard = now;
                return Ok(());
            }
            let until = *until.get_or_insert_with(|| Instant::now() + limit);
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.bus.wait(left)? {
                break;
            }
        }
        if now.since(self.heard) >= MOST_SILENCE {
            return Err(Broken::Ended);
        }
        Ok(())
    }

    fn take_signals(&mut self, known: &mut Known) {
        let Signals { list, lost } = self.bus.signals();
        if lost {
            known.everything_is_stale();
        }
        for signal in list {
            if &*signal.sender == "org.freedesktop.DBus" && &*signal.name == "NameOwnerChanged" {
                self.take_owner(&signal, known);
            } else if self.owner.as_ref() == Some(&signal.sender) {
                known.take_signal(&signal);
            }
        }
    }

    /// systemd came, went, or carried itself out anew.
    fn take_owner(&mut self, signal: &Signal, known: &mut Known) {
        let mut reader = signal.body.read("sss");
        let mut next = || reader.as_mut().and_then(Reader::text);
        if next() != Some(NAME) {
            return;
        }
        let (_before, after) = (next(), next());
        self.owner = after.filter(|owner| !owner.is_empty()).map(Into::into);
        if self.owner.is_some() {
            self.trouble = None;
            self.first.push(Ask::Subscribe);
            known.everything_is_stale();
        } else {
            self.trouble = Some("systemd has left the bus".to_owned());
            known.forget();
        }
    }

    fn take_answers(&mut self, known: &mut Known, now: MonoTime) {
        let mut at = 0;
        while let Some((serial, _)) = self.under_way.get(at) {
            let Some(answer) = self.bus.answer(*serial) else {
                at += 1;
                continue;
            };
            let (_, ask) = self.under_way.remove(at);
            self.heard = now;
            self.take(ask, answer, known);
        }
    }

    fn take(&mut self, ask: Ask, answer: Result<Answer, CallError>, known: &mut Known) {
        self.useful |= answer.is_ok();
        match (ask, answer) {
            (Ask::Owner, Ok(answer)) => {
                self.owner = Bus::owner(&answer).ok();
                self.trouble = None;
            }
            (Ask::Owner, Err(error)) => self.trouble = Some(format!("systemd is not on the bus: {error}")),
            // Whoever may not have signals is not told of changes, but is answered all the same.
            (Ask::Subscribe, _) => {}
            (Ask::Listed, Ok(answer)) => {
                known.learn_listed(listed(&answer, usize::MAX));
            }
            (Ask::Listed, Err(error)) => {
                let unknown =
                    matches!(&error, CallError::Refused { name, .. } if name.raw().ends_with("UnknownMethod"));
                if unknown && !self.is_old {
                    self.is_old = true;
                    known.patterns_stale = true;
                } else {
                    self.trouble = Some(format!("systemd does not list its units: {error}"));
                }
            }
            (Ask::Failed, Ok(answer)) => {
                known.failed = listed(&answer, MOST_FAILED);
                known.failed.sort_unstable_by(|a, b| a.name.cmp(&b.name));
            }
            (Ask::Failed, Err(error)) => tracing::debug!(%error, "systemd does not say what has failed"),
            (Ask::Unit(name), Ok(answer)) => {
                self.trouble = None;
                let mut unit = Unit::named(&name);
                take_properties(&answer, &mut unit);
                self.first.push(Ask::Kind(name, Box::new(unit)));
            }
            (Ask::Unit(name), Err(error)) => match &error {
                // It unloaded the unit meanwhile, or refuses a name that cannot be one.
                CallError::Refused { name: error, .. } if is_unknown(error.raw()) => {
                    let unit = Unit { load: Load::NotFound, ..Unit::named(&name) };
                    known.learn(&name, unit);
                }
                _ => self.trouble = Some(format!("systemd does not tell of {name}: {error}")),
            },
            (Ask::Kind(name, mut unit), answer) => {
                if let Ok(answer) = answer {
                    take_properties(&answer, &mut unit);
                }
                known.learn(&name, *unit);
            }
        }
    }

    /// Puts the next questions on their way.
    fn ask(&mut self, known: &mut Known) -> Result<(), Broken> {
        while self.under_way.len() < MOST_CALLS {
            let Some(ask) = self.next(known) else { break };
            let manager = |method| Call { to: NAME, path: "/org/freedesktop/systemd1", interface: MANAGER, method };
            let mut values = Writer::default();
            let serial = match &ask {
                Ask::Owner => self.bus.ask_owner(NAME)?,
                Ask::Subscribe => self.bus.send(&manager("Subscribe"), "", &values)?,
                Ask::Listed if self.is_old => self.bus.send(&manager("ListUnits"), "", &values)?,
                Ask::Listed => {
                    values.texts([]);
                    values.texts(known.patterns.iter().map(String::as_str));
                    self.bus.send(&manager("ListUnitsByPatterns"), "asas", &values)?
                }
                Ask::Failed => {
                    values.texts(["failed"]);
                    self.bus.send(&manager("ListUnitsFiltered"), "as", &values)?
                }
                Ask::Unit(unit) => self.ask_all(&name::object(unit), UNIT)?,
                Ask::Kind(_, unit) if unit.load == Load::NotFound => {
                    // Of what is not there no more can be said.
                    if let Ask::Kind(name, unit) = ask {
                        known.learn(&name, *unit);
                    }
                    continue;
                }
                Ask::Kind(unit, _) => self.ask_all(&name::object(unit), name::interface(unit).unwrap_or(UNIT))?,
            };
            self.under_way.push((serial, ask));
        }
        Ok(())
    }

    /// The next question. Before systemd is known to be there it is asked for nothing: the bus would answer in its place
    /// that there is no such unit.
    fn next(&mut self, known: &mut Known) -> Option<Ask> {
        self.first.pop().or_else(|| self.owner.is_some().then(|| known.next()).flatten())
    }

    fn ask_all(&mut self, object: &str, interface: &str) -> Result<Serial, Broken> {
        let mut values = Writer::default();
        values.text(interface);
        let properties = "org.freedesktop.DBus.Properties";
        self.bus.send(&Call { to: NAME, path: object, interface: properties, method: "GetAll" }, "s", &values)
    }
}

impl Known {
    /// What is to be asked next.
    fn next(&mut self) -> Option<Ask> {
        if std::mem::take(&mut self.patterns_stale) && !self.patterns.is_empty() {
            return Some(Ask::Listed);
        }
        if self.failing == Listing::Stale {
            self.failing = Listing::Fresh;
            return Some(Ask::Failed);
        }
        let stale = self.units.iter_mut().find(|known| known.stale)?;
        stale.stale = false;
        Some(Ask::Unit(stale.name.clone()))
    }
}

/// Whether an error's name says that there is no such unit.
fn is_unknown(error: &str) -> bool {
    ["UnknownObject", "NoSuchUnit", "LoadFailed", "InvalidArgs"].iter().any(|end| error.ends_with(end))
}

/// Names and descriptions out of a list of units.
fn listed(answer: &Answer, most: usize) -> Vec<Failed> {
    let Some(mut units) = answer.body.read(LISTED).and_then(|mut reader| reader.array(b'(')) else { return Vec::new() };
    let one = || {
        units.begin_struct()?;
        let (name, description) = (units.text()?, units.text()?);
        units.skip("ssssouso")?;
        Some(Failed { name: name.to_owned(), description: description.into() })
    };
    std::iter::from_fn(one).take(most).collect()
}

fn take_properties(answer: &Answer, unit: &mut Unit) {
    let Some(mut all) = answer.body.read("a{sv}").and_then(|mut reader| reader.array(b'{')) else { return };
    let mut one = || {
        all.begin_struct()?;
        unit.set(all.text()?, all.variant()?);
        Some(())
    };
    while one().is_some() {}
}
