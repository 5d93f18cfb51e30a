//! Answers questions from the history file. It blocks on a disk, so it belongs on a thread of its own; the time is handed in.
//!
//! The file may be absent, newer, damaged or replaced: then the answer is a sentence that says so, and the next question
//! opens it anew.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use cm_core::catalogue;
use cm_core::clock::WallTime;
use cm_core::forecast::usual::{TooLittle, Usual};
use cm_core::forecast::wear;
use cm_core::health::{Subject, SubjectKind};
use cm_core::host::HostId;
use cm_core::metric::MetricId;
use cm_core::outlook::contents::{Contents, Thing};
use cm_core::outlook::{Curve, drive, usual};
use cm_core::series::retention::{Policy, Resolution};
use cm_core::series::window::Window;
use cm_core::series::{Entity, SeriesKey};
use cm_core::store::{Known, OpenError, Opening, Reader, Span, StoreError};
use cm_core::text::HostText;

use super::ask::{Answer, Ask, Course, Extent, Habit, Of, Outlook, Readings};
use crate::local::AheadS;
use crate::recent::{self, LONGEST};

mod moment;

/// For so long learnt values stand.
const LEARNT: Duration = Duration::from_hours(1);

/// How many series' learnt values are kept.
const MOST_LEARNT: usize = 64;

/// The most series of which the last readings are looked up for one question.
const MOST_READ: usize = 1_000;

/// The overview draws the first of the metrics that panels draw.
const OVERVIEW: usize = 3;

/// Of so many hosts the readings of all are looked up after a start.
const FEW: usize = 12;

type Learnt = Result<Usual, TooLittle>;

/// The file, and what was learnt from it.
pub(crate) struct Room {
    path: PathBuf,
    policy: Policy,
    reader: Option<Reader>,
    learnt: HashMap<SeriesKey, (WallTime, Learnt)>,
    ahead_s: AheadS,
}

/// What may go wrong on the way.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Room {
    /// Nothing is opened yet. `policy` says how long what is kept, `ahead_s` tells local time, for what
    /// is usual at an hour.
    pub(crate) fn of(path: PathBuf, policy: Policy, ahead_s: AheadS) -> Self {
        Self { path, policy, reader: None, learnt: HashMap::new(), ahead_s }
    }

    /// The answer as of `now`, or why there is none, in a sentence.
    pub(crate) fn answer(&mut self, ask: &Ask, now: WallTime) -> Result<Answer, String> {
        let first = self.try_answer(ask, now);
        let again = match first {
            // Another file has its name: that is the one to look at.
            Err(Trouble::Store(StoreError::Replaced { .. })) => {
                self.reader = None;
                self.learnt.clear();
                self.try_answer(ask, now)
            }
            other => other,
        };
        again.map_err(|trouble| {
            let stays = matches!(&trouble, Trouble::Store(error) if error.can_retry());
            if !stays {
                self.reader = None;
            }
            trouble.to_string()
        })
    }

    fn try_answer(&mut self, ask: &Ask, now: WallTime) -> Result<Answer, Trouble> {
        let reader = match self.reader.take() {
            Some(reader) => reader,
            None => Opening::at(&self.path).read()?,
        };
        let reader = self.reader.insert(reader);
        Ok(match ask {
            Ask::Course { of, since, until, most, habit } => {
                let Some(known) = find(reader, of)? else { return Ok(Answer::Course(None)) };
                let window = Window { since: *since, until: *until, most: *most };
                let curve = Curve::read(reader, &known, window, &self.policy, now)?;
                let usual = match habit {
                    Habit::Learnt => Some(learn(reader, &mut self.learnt, &known, *until, self.ahead_s)?),
                    Habit::Left => None,
                };
                Answer::Course(Some(Course { curve, usual, damaged: reader.damaged() }))
            }
            Ask::Outlook { of, until } => {
                let entity = of.key().entity;
                let series: Vec<Known> =
                    reader.series()?.into_iter().filter(|known| is_of(known, &entity, of)).collect();
                let thing = Thing {
                    host: Some(of.host.clone()),
                    kind: SubjectKind::Drive,
                    name: of.subject.name.clone(),
                    identity: of.subject.identity.clone(),
                };
                let drive = drive::outlook(reader, thing, &series, *until)?;
                Answer::Outlook(drive.and_then(|drive| as_of(drive, *until)))
            }
            Ask::Readings { until, hosts, every } => {
                let whole = |_: &HostId| hosts.len() <= FEW;
                Answer::Readings(readings(reader, hosts, whole, (*until, *every), (&self.policy, now))?)
            }
            Ask::Extent { hosts } => Answer::Extent(extent(reader, hosts)?),
            Ask::Moment { at, hosts, whole, every } => {
                let mut moment = moment::look(reader, hosts, *at)?;
                let is_whole = |host: &HostId| whole.as_ref() == Some(host);
                moment.readings = readings(
                    reader,
                    hosts,
                    is_whole,
                    (at.after(Duration::from_millis(1)), *every),
                    (&self.policy, now),
                )?;
                Answer::Moment(moment)
            }
        })
    }
}

fn find(reader: &Reader, of: &Of) -> Result<Option<Known>, StoreError> {
    let Some(entry) = catalogue::by_id(of.metric) else { return Ok(None) };
    let key = of.key();
    reader.find(&key.entity, &key.subject_text(), entry.metric.name)
}

/// Whether a series is of the same thing.
fn is_of(known: &Known, entity: &Entity, of: &Of) -> bool {
    let Subject { kind, name, .. } = of.key().subject;
    known.key.entity == *entity && known.key.subject.kind == kind && known.key.subject.name == name
}

/// What was foretold at a moment; none where nothing was known by then.
fn as_of(mut drive: drive::Drive, now: WallTime) -> Option<Outlook> {
    let all = drive.readings.len();
    drive.readings.retain(|reading| reading.at <= now);
    if drive.readings.len() < all {
        drive.forecast = wear::outlook(&drive.readings, now);
    }
    (!drive.readings.is_empty()).then_some(Outlook { drive, now })
}

fn learn(
    reader: &Reader,
    learnt: &mut HashMap<SeriesKey, (WallTime, Learnt)>,
    known: &Known,
    until: WallTime,
    ahead_s: AheadS,
) -> Result<Learnt, StoreError> {
    if let Some((at, usual)) = learnt.get(&known.key)
        && at.since(until).max(until.since(*at)) < LEARNT
    {
        return Ok(usual.clone());
    }
    let usual = usual::learn(reader, known, until, ahead_s)?;
    if learnt.len() == MOST_LEARNT {
        learnt.clear();
    }
    learnt.insert(known.key.clone(), (until, usual.clone()));
    Ok(usual)
}

/// From when to when moments of these hosts are kept.
fn extent(reader: &Reader, hosts: &[HostId]) -> Result<Option<Extent>, StoreError> {
    let mut extent: Option<Extent> = None;
    for host in hosts {
        let times = reader.frame_times(host, Span::all())?;
        if let (Some(&first), Some(&last)) = (times.first(), times.last()) {
            let known = extent.get_or_insert(Extent { first, last });
            *known = Extent { first: known.first.min(first), last: known.last.max(last) };
        }
    }
    Ok(extent)
}

/// The readings of so many intervals before a moment: of a `whole` host what its panels draw, of the others what the
/// overview does.
fn readings(
    reader: &Reader,
    hosts: &[HostId],
    whole: impl Fn(&HostId) -> bool,
    (until, every): (WallTime, Duration),
    (policy, now): (&Policy, WallTime),
) -> Result<Vec<Readings>, StoreError> {
    const MOST: NonZeroUsize = NonZeroUsize::new(LONGEST).expect("some readings are drawn");
    let mut found = Vec::new();
    for (host, name, metric, known) in series(reader, hosts, whole, until)? {
        // Where readings themselves are gone by now, a sparkline shows as many minutes, hours or days.
        let kept = policy.what(known.retention, now);
        let finest = Resolution::ALL.into_iter().find(|resolution| kept.of(*resolution) < until);
        let every = every.max(finest.map_or(Duration::ZERO, Resolution::length));
        let since = until.before(every * u32::try_from(LONGEST).unwrap_or(u32::MAX));
        let window = Window { since, until, most: MOST };
        let shown = reader.window(&known, window, policy, now)?;
        #[expect(clippy::cast_possible_truncation, reason = "a sparkline has eight levels")]
        let values: Vec<f32> = shown.buckets.iter().map(|bucket| bucket.mean() as f32).collect();
        if !values.is_empty() {
            found.push(Readings { host, name, metric, values });
        }
    }
    Ok(found)
}

type Wanted = (HostId, HostText, MetricId, Known);

/// The series whose readings are wanted, those of the overview first.
fn series(
    reader: &Reader,
    hosts: &[HostId],
    whole: impl Fn(&HostId) -> bool,
    until: WallTime,
) -> Result<Vec<Wanted>, StoreError> {
    let contents = Contents::read(reader)?;
    let shown = recent::Shown::new();
    let mut wanted = Vec::new();
    for known in contents.series() {
        let metric = known.key.metric;
        let Some(rank) = shown.drawn().into_iter().position(|drawn| drawn == metric) else { continue };
        let thing = contents.thing_at(known, until);
        let Some(host) = thing.host.filter(|host| hosts.contains(host)) else { continue };
        if rank < OVERVIEW || whole(&host) {
            wanted.push((rank, (host, thing.name, metric, known.clone())));
        }
    }
    wanted.sort_by_key(|(rank, _)| *rank);
    Ok(wanted.into_iter().map(|(_, wanted)| wanted).take(MOST_READ).collect())
}
