//! What the history knows: hosts, the things on them, their series, found by the names that people use.
//!
//! A drive's series bear its serial or WWN; which host it is in, and under which name, its seats say. No sample is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::WallTime;
use crate::health::{Subject, SubjectKind};
use crate::host::HostId;
use crate::series::Entity;
use crate::store::read::Seat;
use crate::store::{Known, Reader, StoreError};
use crate::text::HostText;

/// All series of a history, and where its drives were.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    series: Vec<Known>,
    seats: BTreeMap<Entity, Vec<Seat>>,
}

/// Something that was measured, and where it is or was last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thing {
    /// Its host; nothing for a drive of which no host is known any more.
    pub host: Option<HostId>,
    /// What sort of thing.
    pub kind: SubjectKind,
    /// Which one, as people know it on that host; empty for the host itself and its backup.
    pub name: HostText,
    /// A drive's serial number or WWN.
    pub identity: Option<HostText>,
}

impl Contents {
    /// Reads all of it. Cost: one look, and one a drive; memory for every series.
    pub fn read(reader: &Reader) -> Result<Self, StoreError> {
        let series = reader.series()?;
        let mut seats = BTreeMap::new();
        for known in &series {
            if matches!(known.key.entity, Entity::Drive(_)) && !seats.contains_key(&known.key.entity) {
                seats.insert(known.key.entity.clone(), reader.seats(&known.key.entity)?);
            }
        }
        Ok(Self { series, seats })
    }

    /// All series, by entity, subject and metric.
    pub fn series(&self) -> &[Known] {
        &self.series
    }

    /// Everything that was measured, each with its series.
    pub fn things(&self) -> impl Iterator<Item = (Thing, &[Known])> {
        let same = |a: &Known, b: &Known| a.key.entity == b.key.entity && a.key.subject == b.key.subject;
        self.series.chunk_by(same).filter_map(|series| Some((self.thing(series.first()?), series)))
    }

    /// What a series was measured on, where it is or was last.
    pub fn thing(&self, known: &Known) -> Thing {
        self.thing_at(known, WallTime::LATEST)
    }

    /// What a series was measured on, where it was at a moment.
    pub fn thing_at(&self, known: &Known, at: WallTime) -> Thing {
        let Subject { kind, name, .. } = &known.key.subject;
        match &known.key.entity {
            Entity::Host(host) => Thing { host: Some(host.clone()), kind: *kind, name: name.clone(), identity: None },
            Entity::Drive(identity) => {
                let seats = self.seats.get(&known.key.entity).map_or(&[][..], Vec::as_slice);
                let seat = seats.iter().rev().find(|seat| seat.since <= at).or(seats.first());
                Thing {
                    host: seat.and_then(|seat| HostId::new(&seat.host).ok()),
                    kind: *kind,
                    name: seat.map_or_else(|| identity.clone(), |seat| seat.name.clone()),
                    identity: Some(identity.clone()),
                }
            }
        }
    }

    /// The hosts that have series, by name; drives count where they are now.
    pub fn hosts(&self) -> BTreeSet<HostId> {
        self.things().filter_map(|(thing, _)| thing.host).collect()
    }

    /// The series of one host, those of the drives that are in it now among them.
    pub fn of_host(&self, host: &HostId) -> impl Iterator<Item = (Thing, &Known)> {
        let here = |thing: &Thing| thing.host.as_ref() == Some(host);
        let series = self.things().filter(move |(thing, _)| here(thing));
        series.flat_map(|(thing, series)| series.iter().map(move |known| (thing.clone(), known)))
    }
}

/// The series of a metric among those of one thing.
pub(super) fn of<'k>(series: &'k [Known], metric: &str) -> Option<&'k Known> {
    series.iter().find(|known| known.metric == metric)
}
