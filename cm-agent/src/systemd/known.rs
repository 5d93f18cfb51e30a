//! What is minded of systemd, what is known of it, and what has to be asked for again.

use super::unit::{self, Active, Load, Unit};
use super::{Failed, MOST_FAILED, MOST_UNITS, name};
use crate::dbus::{Reader, Signal};
use crate::pattern::fits;

/// What is minded, and what is known of it.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) units: Vec<Followed>,
    pub(super) patterns: Vec<String>,
    /// Which units fit the patterns has to be asked for again.
    pub(super) patterns_stale: bool,
    /// How the list of failed units stands.
    pub(super) failing: Listing,
    pub(super) failed: Vec<Failed>,
    pub(super) too_many: bool,
}

/// How a list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Listing {
    /// Nobody minds it.
    #[default]
    Unminded,
    /// It has to be asked for again.
    Stale,
    /// It is known.
    Fresh,
}

/// One unit that is followed.
#[derive(Debug)]
pub(super) struct Followed {
    /// The name by which it was asked for.
    pub(super) name: String,
    /// It was asked for by its name, and not only found by a pattern.
    pub(super) by_name: bool,
    /// It has to be asked for again.
    pub(super) stale: bool,
    /// What is known of it.
    pub(super) unit: Option<Unit>,
    /// Its object by that name.
    object: String,
    /// Its object by its own name: signals come from there.
    own_object: String,
}

impl Known {
    pub(super) fn follow(&mut self, name: &str, by_name: bool) {
        if let Some(known) = self.units.iter_mut().find(|known| known.name == name) {
            known.by_name |= by_name;
            return;
        }
        if self.units.len() == MOST_UNITS {
            self.too_many = true;
            return;
        }
        let object = name::object(name);
        let own_object = object.clone();
        self.units.push(Followed { name: name.to_owned(), by_name, stale: true, unit: None, object, own_object });
    }

    /// Whether a unit of this name fits a pattern that is followed.
    pub(super) fn fits(&self, name: &str) -> bool {
        self.patterns.iter().any(|pattern| fits(pattern, name))
    }

    pub(super) fn everything_is_stale(&mut self) {
        for known in &mut self.units {
            known.stale = true;
        }
        self.patterns_stale = true;
        self.failing_is_stale();
    }

    fn failing_is_stale(&mut self) {
        if self.failing == Listing::Fresh {
            self.failing = Listing::Stale;
        }
    }

    /// Nothing is known any more.
    pub(super) fn forget(&mut self) {
        self.units.retain(|known| known.by_name);
        for known in &mut self.units {
            known.unit = None;
        }
        self.failed.clear();
        self.everything_is_stale();
    }

    pub(super) fn learn(&mut self, name: &str, unit: Unit) {
        if let Some(known) = self.units.iter_mut().find(|known| known.name == name) {
            known.own_object = name::object(&unit.name);
            known.unit = Some(unit);
        }
    }

    /// Takes the answer to what fits the patterns: what does not any more is dropped, unless it is minded by its name.
    pub(super) fn learn_listed(&mut self, mut listed: Vec<Failed>) {
        listed.retain(|unit| self.fits(&unit.name));
        self.units.retain(|known| known.by_name || listed.iter().any(|unit| unit.name == known.name));
        for unit in listed {
            self.follow(&unit.name, false);
        }
    }

    /// Takes what systemd tells unasked.
    pub(super) fn take_signal(&mut self, signal: &Signal) {
        let about = || {
            let mut reader = signal.body.read("so")?;
            reader.text().map(str::to_owned)
        };
        match &*signal.name {
            "PropertiesChanged" => {
                let of = |unit: &&mut Followed| [&*unit.own_object, &*unit.object].contains(&&*signal.path);
                for known in self.units.iter_mut().filter(of) {
                    known.stale = true;
                }
                // Whichever it was may have failed, or be well again.
                self.failing_is_stale();
            }
            // A unit that was asked for by its name is loaded so as to answer, and let go again: that is no news.
            "UnitNew" => match about() {
                Some(name) if self.fits(&name) => self.follow(&name, false),
                Some(_) => {}
                None => self.patterns_stale = true,
            },
            "UnitRemoved" => match about() {
                Some(name) => {
                    self.units.retain(|known| known.by_name || known.name != name);
                    if self.failed.iter().any(|failed| failed.name == name) {
                        self.failing_is_stale();
                    }
                }
                None => self.everything_is_stale(),
            },
            "UnitFilesChanged" => self.everything_is_stale(),
            "Reloading" if signal.body.read("b").as_mut().and_then(Reader::flag) != Some(true) => {
                self.everything_is_stale();
            }
            _ => {}
        }
    }

    /// Takes what a box holds.
    pub(super) fn take_recorded(&mut self, shown: &str) {
        let units = unit::parse(shown);
        let describe = |unit: &Unit| Failed { name: unit.name.clone(), description: unit.description.clone() };
        self.learn_listed(units.iter().map(|(unit, _)| describe(unit)).collect());
        if self.failing != Listing::Unminded {
            let failed = units.iter().filter(|(unit, _)| unit.active == Active::Failed);
            self.failed = failed.map(|(unit, _)| describe(unit)).collect();
            self.failed.sort_unstable_by(|a, b| a.name.cmp(&b.name));
            self.failed.truncate(MOST_FAILED);
        }
        for known in &mut self.units {
            let is_it = |(unit, names): &&(Unit, Vec<&str>)| unit.name == known.name || names.contains(&&*known.name);
            let found = units.iter().find(is_it).map(|(unit, _)| unit.clone());
            let missing = || Unit { load: Load::NotFound, ..Unit::named(&known.name) };
            known.unit = Some(found.unwrap_or_else(missing));
        }
    }
}
