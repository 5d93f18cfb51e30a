//! What systemd says of its units: asked once, and again only of what it says has changed.
//!
//! Collectors name what they mind ([`Systemd::follow`], [`Systemd::follow_failed`]) and read what is known. In steady state
//! a look costs one system call and asks nothing: systemd's signals, gathered since the last look, say of which units
//! something changed, and only those are asked for again. A look waits no longer than `LIMIT` for answers, the first one
//! `FIRST_LIMIT`; what has not come by then is taken at a later look. Where the bus goes away it is tried again, ever more rarely.
//!
//! In a box the file `systemctl.show` stands for systemd: what `systemctl show --timestamp=unix UNIT …` printed there.
//!
//! It does not know what a service's state means for its owner.

mod known;
pub mod name;
mod session;
mod unit;

use std::time::Duration;

use cm_model::clock::{MonoTime, Now};
use cm_model::text::HostText;

pub use unit::{Active, Load, Timer, Unit};

use crate::dbus::{Address, Broken};
use crate::machine::Machine;
use crate::pattern::fits;
use known::{Known, Listing};
use session::Session;

/// How long one look may wait for answers.
const LIMIT: Duration = Duration::from_millis(100);
/// How long the look may wait that first asks, for all units at once: who looks only once is told of them.
const FIRST_LIMIT: Duration = Duration::from_secs(1);
/// The most units that are followed.
pub const MOST_UNITS: usize = 256;
/// The most failed units that are told.
const MOST_FAILED: usize = 64;
/// How long after a failure the bus is tried again; doubled each time that nothing was answered, up to [`MOST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest time between two tries.
const MOST_PAUSE: Duration = Duration::from_mins(5);
/// Everything is asked for again at this age, so that a signal that was lost somewhere does no harm for ever.
const MOST_AGE: Duration = Duration::from_hours(1);
/// The file that stands for systemd in a box.
const RECORDED: &str = "/systemctl.show";

/// A unit that systemd counts as failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Its name.
    pub name: String,
    /// What it is, in its file's words.
    pub description: HostText,
}

/// systemd, as far as collectors mind it. It asks nothing before somebody follows something.
#[derive(Debug)]
pub struct Systemd {
    address: Address,
    known: Known,
    link: Link,
    /// How long it is left alone after its next failure.
    pause: Duration,
}

/// How we stand with the bus.
#[derive(Debug)]
enum Link {
    /// Not asked for yet, or gone: when it is tried again, and what went wrong.
    Away { again: Option<MonoTime>, why: String },
    /// Connected.
    There(Box<Session>),
    /// A box: what was recorded.
    Recorded { why: String },
}

impl Systemd {
    /// systemd of this machine, at this bus.
    pub fn new(address: Address) -> Self {
        let link = Link::Away { again: None, why: "it was not asked yet".to_owned() };
        Self { address, known: Known::default(), link, pause: FIRST_PAUSE }
    }

    /// What a box holds of systemd.
    pub fn recorded() -> Self {
        Self { link: Link::Recorded { why: String::new() }, ..Self::new(Address::default()) }
    }

    /// Minds a unit from now on, or all units that fit a pattern (see [`name::is_pattern`]). Names are whole
    /// ([`name::whole`]). To say it again changes nothing.
    pub fn follow(&mut self, name: &str) {
        if !name::is_pattern(name) {
            self.known.follow(name, true);
        } else if !self.known.patterns.iter().any(|known| known == name) {
            self.known.patterns.push(name.to_owned());
            self.known.patterns_stale = true;
        }
    }

    /// Minds which units have failed, whoever they are.
    pub fn follow_failed(&mut self) {
        if self.known.failing == Listing::Unminded {
            self.known.failing = Listing::Stale;
        }
    }

    /// Takes in what systemd says of what is minded. It may be called as often as there are collectors that mind something.
    pub fn refresh(&mut self, machine: &Machine, now: Now) {
        if let Link::Recorded { why } = &mut self.link {
            match machine.read(RECORDED) {
                Ok(shown) => self.known.take_recorded(&shown),
                Err(error) => {
                    *why = error.to_string();
                    self.known.forget();
                }
            }
            return;
        }
        if let Link::Away { again, .. } = &self.link {
            if again.is_some_and(|at| now.mono < at) {
                return;
            }
            match Session::begin(&self.address, now.mono) {
                Ok(session) => self.link = Link::There(Box::new(session)),
                Err(broken) => return self.lose(&broken, now),
            }
        }
        let Link::There(session) = &mut self.link else { return };
        if session.age(now.mono) >= MOST_AGE {
            session.renew(now.mono);
            self.known.everything_is_stale();
        }
        let limit = if session.was_useful() { LIMIT } else { FIRST_LIMIT };
        let worked = session.work(&mut self.known, limit, now.mono);
        if session.was_useful() {
            self.pause = FIRST_PAUSE;
        }
        if let Err(broken) = worked {
            self.lose(&broken, now);
        }
    }

    fn lose(&mut self, broken: &Broken, now: Now) {
        let mut why = broken.to_string();
        if let Some(source) = std::error::Error::source(broken) {
            why = format!("{why}: {source}");
        }
        tracing::debug!(%why, "systemd cannot be asked");
        self.known.forget();
        self.link = Link::Away { again: Some(now.mono.after(self.pause)), why };
        self.pause = (self.pause * 2).min(MOST_PAUSE);
    }

    /// Why nothing is known, where that is so.
    pub fn trouble(&self) -> Option<&str> {
        match &self.link {
            Link::Away { why, .. } => Some(why),
            Link::Recorded { why } => Some(&**why).filter(|why| !why.is_empty()),
            Link::There(session) => session.trouble(),
        }
    }

    /// Whether it was asked for something that it has not answered yet.
    pub fn is_asked(&self) -> bool {
        matches!(&self.link, Link::There(session) if !session.is_idle())
    }

    /// What is known of a unit that is followed by this name.
    pub fn unit(&self, name: &str) -> Option<&Unit> {
        self.known.units.iter().find(|known| known.name == name)?.unit.as_ref()
    }

    /// What is known of the units that fit a pattern which is followed.
    pub fn matching(&self, pattern: &str) -> impl Iterator<Item = &Unit> {
        self.known.units.iter().filter(move |known| fits(pattern, &known.name)).filter_map(|known| known.unit.as_ref())
    }

    /// The units that have failed, at most 64, sorted by name.
    pub fn failed(&self) -> &[Failed] {
        &self.known.failed
    }

    /// Whether more units fit the patterns than are followed ([`MOST_UNITS`]).
    pub const fn has_too_many(&self) -> bool {
        self.known.too_many
    }
}

#[cfg(test)]
mod tests;
