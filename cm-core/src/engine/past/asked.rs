//! What is asked of the history for rules and for evidence, and what it answers: data, asked in short slices by whoever
//! has the file.

use std::time::Duration;

use super::span::Cell;
use crate::clock::{Clock, WallTime};
use crate::forecast::usual::{Band, Usual};
use crate::health::Subject;
use crate::host::HostId;
use crate::incident::evidence::{MOST_SAMPLES, Point as Value};
use crate::metric::MetricId;
use crate::outlook::contents::Contents;
use crate::outlook::foretold::Standing;
use crate::outlook::volume::Capacity;
use crate::outlook::{Foretold, drive, usual, volume};
use crate::registry::Registry;
use crate::rule::Resolution;
use crate::series::SeriesKey;
use crate::store::{Reader, Span, StoreError};

/// For how long is answered in one go, but for the question that was begun.
const SLICE: Duration = Duration::from_millis(10);

/// How far back values go into evidence.
const SAMPLES_BACK: Duration = Duration::from_hours(1);

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// On which host.
    pub host: HostId,
    /// Of which thing.
    pub subject: Subject,
    /// Of which metric.
    pub metric: MetricId,
    /// What.
    pub what: What,
}

/// What is asked of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// What it was over a time that ends now.
    Window {
        /// How far back.
        length: Duration,
        /// How fine.
        resolution: Resolution,
    },
    /// What is usual at this hour.
    Usual,
    /// When it comes to its end.
    Forecast,
    /// Its values in the hour before, for evidence.
    Samples,
}

/// What the history says.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// What there was, in order of time.
    Window(Vec<Cell>),
    /// What is usual; nothing where too little is known.
    Usual(Option<Band>),
    /// The values, in order of time.
    Samples(Vec<Value>),
    /// How long until it comes to its end; none where it does not, nothing where nobody can say.
    Forecast(Option<Option<Duration>>),
}

/// Answers questions in order, as many as fit into a moment, one at least. `ahead_s` tells how many seconds local time is
/// ahead of UTC.
pub(in crate::engine) fn answer(
    reader: &Reader,
    asked: &[Asked],
    registry: &Registry,
    ahead_s: i32,
    clock: &impl Clock,
) -> Result<Vec<Answered>, StoreError> {
    let begin = clock.now();
    let mut answers = Vec::new();
    let mut contents = None;
    for one in asked {
        answers.push(one.answer(reader, registry, ahead_s, begin.wall, &mut contents)?);
        if clock.now().mono.since(begin.mono) >= SLICE {
            break;
        }
    }
    Ok(answers)
}

impl Asked {
    fn answer(
        &self,
        reader: &Reader,
        registry: &Registry,
        ahead_s: i32,
        now: WallTime,
        contents: &mut Option<Contents>,
    ) -> Result<Answered, StoreError> {
        let nothing = match self.what {
            What::Window { .. } => Answered::Window(Vec::new()),
            What::Usual => Answered::Usual(None),
            What::Forecast => Answered::Forecast(None),
            What::Samples => Answered::Samples(Vec::new()),
        };
        let Some(metric) = registry.get(self.metric) else { return Ok(nothing) };
        let key = SeriesKey::about(&self.host, &self.subject, self.metric);
        if self.what == What::Forecast {
            if contents.is_none() {
                *contents = Some(Contents::read(reader)?);
            }
            let left = contents.as_ref().map(|contents| self.left(reader, contents, &key, metric.name, now));
            return Ok(Answered::Forecast(left.transpose()?.flatten()));
        }
        let Some(known) = reader.find(&key.entity, &key.subject_text(), metric.name)? else { return Ok(nothing) };
        Ok(match self.what {
            What::Window { length, resolution: Resolution::Readings } => {
                let points = reader.points(&known, Span::new(now.before(length), now))?;
                Answered::Window(Cell::of_points(&points, length))
            }
            What::Window { length, resolution: Resolution::Buckets(step) } => {
                Answered::Window(Cell::of_buckets(&reader.buckets(&known, step, Span::new(now.before(length), now))?))
            }
            What::Samples => {
                let points = reader.points(&known, Span::new(now.before(SAMPLES_BACK), now))?;
                let apart = points.len().div_ceil(MOST_SAMPLES).max(1);
                // The last one is among them.
                let thin = points.iter().rev().step_by(apart).rev();
                Answered::Samples(thin.map(|point| Value { at: point.at, value: point.value }).collect())
            }
            What::Usual | What::Forecast => {
                let learnt: Option<Usual> = usual::learn(reader, &known, now, |_| ahead_s)?.ok();
                Answered::Usual(learnt.map(|usual| usual.at(now, ahead_s)))
            }
        })
    }

    fn left(
        &self,
        reader: &Reader,
        contents: &Contents,
        key: &SeriesKey,
        metric: &str,
        now: WallTime,
    ) -> Result<Option<Option<Duration>>, StoreError> {
        let mine = |series: &[crate::store::Known]| {
            series.first().is_some_and(|known| known.key.entity == key.entity && known.key.subject == key.subject)
        };
        let Some((thing, series)) = contents.things().find(|(_, series)| mine(series)) else { return Ok(None) };
        let foretold = match metric {
            "drive.wear" => drive::outlook(reader, thing, series, None, now)?.map(Foretold::Drive),
            "filesystem.use" => of(reader, &thing, series, Capacity::Space, now)?,
            "filesystem.inode_use" => of(reader, &thing, series, Capacity::Files, now)?,
            "pool.use" => of(reader, &thing, series, Capacity::Pool, now)?,
            "service.disk_use" => of(reader, &thing, series, Capacity::Quota, now)?,
            _ => None,
        };
        Ok(foretold.and_then(|foretold| match foretold.standing(now) {
            Standing::Reached => Some(Some(Duration::ZERO)),
            Standing::Coming => Some(foretold.when().and_then(|when| when.likely.ahead_of(now))),
            Standing::Calm => Some(None),
            Standing::TooLittle | Standing::Stale => None,
        }))
    }
}

fn of(
    reader: &Reader,
    thing: &crate::outlook::Thing,
    series: &[crate::store::Known],
    capacity: Capacity,
    now: WallTime,
) -> Result<Option<Foretold>, StoreError> {
    let volumes = volume::outlooks(reader, thing, series, now)?;
    Ok(volumes.into_iter().find(|volume| volume.capacity == capacity).map(Foretold::Volume))
}
