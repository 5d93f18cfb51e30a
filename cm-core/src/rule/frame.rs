//! What is to be judged, in columns: all things of a sort in a row, and for every need one column over them.
//!
//! Whoever judges fills it once a round and hands it to every rule. A column that nobody filled, or only in part, is not
//! known there. Things stay from round to round; [`renew`](Frame::renew) empties the columns. Where the values come from
//! is not known here.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::label::LabelId;
use super::need::Need;
use super::quantity::factor;
use super::window::Seen;
use crate::clock::WallTime;
use crate::forecast::usual::Band;
use crate::health::{Subject, SubjectKind};
use crate::host::Host;
use crate::metric::{Limits, Metric};
use crate::text::HostText;

/// Everything at one moment.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    at: WallTime,
    watching: Duration,
    pub(super) hosts: Vec<Host>,
    pub(super) things: BTreeMap<SubjectKind, Things>,
    columns: HashMap<Need, Filled>,
}

/// All things of a sort.
#[derive(Debug, Clone, Default)]
pub(super) struct Things {
    pub(super) subjects: Vec<Subject>,
    /// The host of each.
    pub(super) hosts: Vec<usize>,
}

/// Where a thing stands among those of its sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// What sort of thing.
    pub kind: SubjectKind,
    /// Which of them.
    pub index: usize,
}

/// A column, and the sort of things that it is over.
#[derive(Debug, Clone)]
struct Filled {
    kind: SubjectKind,
    column: Column,
}

/// One value for every thing; not-a-number where it is not known. All of them in base units.
#[derive(Debug, Clone)]
pub(super) enum Column {
    Numbers(Vec<f64>),
    Windows(Vec<Seen>),
    Limits { warning: Vec<f64>, critical: Vec<f64> },
    Usual { low: Vec<f64>, middle: Vec<f64>, high: Vec<f64> },
    Words(Words),
}

/// Texts, each kept once.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    /// For every thing the place of its texts, from 1; 0 where none are known.
    pub(super) symbols: Vec<u32>,
    pub(super) texts: Vec<Box<[HostText]>>,
    known: HashMap<Box<[HostText]>, u32>,
}

impl Frame {
    /// A moment at which nothing is known. `watching` tells for how long readings have been taken in without a break: what
    /// did not come before that is not missing.
    pub fn new(at: WallTime, watching: Duration) -> Self {
        Self { at, watching, ..Self::default() }
    }

    /// The next moment: the same hosts and things, of which nothing is known yet.
    pub fn renew(&mut self, at: WallTime, watching: Duration) {
        (self.at, self.watching) = (at, watching);
        self.columns.values_mut().for_each(|filled| filled.column.empty());
    }

    /// The moment.
    pub const fn at(&self) -> WallTime {
        self.at
    }

    /// For how long readings have been taken in.
    pub const fn watching(&self) -> Duration {
        self.watching
    }

    /// Takes in a host, and the thing that it is itself.
    pub fn host(&mut self, host: Host) -> Place {
        self.hosts.push(host);
        let index = self.hosts.len() - 1;
        self.thing(Place { kind: SubjectKind::Host, index }, Subject::host())
    }

    /// Takes in a thing of a host. The caller knows which things it has taken in: one that comes twice is two.
    pub fn thing(&mut self, host: Place, subject: Subject) -> Place {
        let kind = subject.kind;
        let things = self.things.entry(kind).or_default();
        things.subjects.push(subject);
        things.hosts.push(host.index);
        Place { kind, index: things.subjects.len() - 1 }
    }

    /// How many things of a sort there are.
    pub fn count(&self, kind: SubjectKind) -> usize {
        self.things.get(&kind).map_or(0, |things| things.subjects.len())
    }

    /// Whose a thing is, and which.
    pub fn whose(&self, place: Place) -> Option<(&Host, &Subject)> {
        let things = self.things.get(&place.kind)?;
        Some((self.hosts.get(*things.hosts.get(place.index)?)?, &things.subjects[place.index]))
    }

    /// The value of a metric now, in its own unit.
    pub fn set(&mut self, metric: Metric<'_>, place: Place, value: f64) {
        self.set_number(Need::Now(metric.id), place, value * factor(metric.unit));
    }

    /// What a metric was over a time that ends now.
    pub fn set_window(&mut self, metric: Metric<'_>, length: Duration, place: Place, seen: Seen) {
        let need = Need::Window { metric: metric.id, length };
        if let Column::Windows(windows) = self.column(need, place, || Column::Windows(Vec::new())) {
            put(windows, place.index, seen.scaled(factor(metric.unit)), Seen::default());
        }
    }

    /// The limits that hold for a metric of a thing: its owner's, its own, or the catalogue's.
    pub fn set_limits(&mut self, metric: Metric<'_>, place: Place, limits: Limits) {
        let (from, critical_from) = match limits {
            Limits::None => return,
            Limits::Above { warning, critical } | Limits::Below { warning, critical } => {
                (warning.or(critical), critical)
            }
        };
        let value = |limit: Option<f64>| limit.map_or(f64::NAN, |limit| limit * factor(metric.unit));
        let empty = || Column::Limits { warning: Vec::new(), critical: Vec::new() };
        if let Column::Limits { warning, critical } = self.column(Need::Limits(metric.id), place, empty) {
            put(warning, place.index, value(from), f64::NAN);
            put(critical, place.index, value(critical_from), f64::NAN);
        }
    }

    /// What is usual for a metric of a thing at this moment.
    pub fn set_usual(&mut self, metric: Metric<'_>, place: Place, band: Band) {
        let empty = || Column::Usual { low: Vec::new(), middle: Vec::new(), high: Vec::new() };
        if let Column::Usual { low, middle, high } = self.column(Need::Usual(metric.id), place, empty) {
            let factor = factor(metric.unit);
            put(low, place.index, band.low * factor, f64::NAN);
            put(middle, place.index, band.middle * factor, f64::NAN);
            put(high, place.index, band.high * factor, f64::NAN);
        }
    }

    /// How long it is likely to take until a metric of a thing comes to its end; `None` where it does not.
    pub fn set_forecast(&mut self, metric: Metric<'_>, place: Place, left: Option<Duration>) {
        let left = left.map_or(f64::INFINITY, |left| left.as_secs_f64());
        self.set_number(Need::Forecast(metric.id), place, left);
    }

    /// For how long the host of a thing has told nothing of it while it told of others; zero where it was told of last time.
    pub fn set_unlisted(&mut self, place: Place, span: Duration) {
        self.set_number(Need::Listing(place.kind), place, span.as_secs_f64());
    }

    fn set_number(&mut self, need: Need, place: Place, number: f64) {
        if let Column::Numbers(numbers) = self.column(need, place, || Column::Numbers(Vec::new())) {
            put(numbers, place.index, number, f64::NAN);
        }
    }

    fn column(&mut self, need: Need, place: Place, empty: impl FnOnce() -> Column) -> &mut Column {
        &mut self.columns.entry(need).or_insert_with(|| Filled { kind: place.kind, column: empty() }).column
    }

    /// The column of a need, and the sort of things that it is over; none where nobody filled it.
    pub(super) fn filled(&self, need: Need) -> Option<(SubjectKind, &Column)> {
        self.columns.get(&need).map(|filled| (filled.kind, &filled.column))
    }

    /// The text of a label; several where it is several things at once, none where it is known to be nothing.
    pub fn set_words(&mut self, label: LabelId, place: Place, texts: &[HostText]) {
        if let Column::Words(words) = self.column(Need::Label(label), place, || Column::Words(Words::default())) {
            let symbol = words.symbol(texts);
            put(&mut words.symbols, place.index, symbol, 0);
        }
    }
}

impl Column {
    fn empty(&mut self) {
        match self {
            Self::Numbers(numbers) => numbers.clear(),
            Self::Windows(windows) => windows.clear(),
            Self::Limits { warning, critical } => {
                warning.clear();
                critical.clear();
            }
            Self::Usual { low, middle, high } => {
                low.clear();
                middle.clear();
                high.clear();
            }
            Self::Words(words) => *words = Words::default(),
        }
    }
}

impl Words {
    fn symbol(&mut self, texts: &[HostText]) -> u32 {
        if let Some(symbol) = self.known.get(texts) {
            return *symbol;
        }
        self.texts.push(texts.into());
        let symbol = u32::try_from(self.texts.len()).unwrap_or(0);
        self.known.insert(texts.into(), symbol);
        symbol
    }

    /// The texts of a thing.
    pub(super) fn of(&self, index: usize) -> Option<&[HostText]> {
        let symbol = *self.symbols.get(index)?;
        self.texts.get(usize::try_from(symbol).ok()?.checked_sub(1)?).map(|texts| &**texts)
    }
}

fn put<T: Clone>(column: &mut Vec<T>, index: usize, value: T, unknown: T) {
    if column.len() <= index {
        column.resize(index + 1, unknown);
    }
    column[index] = value;
}
