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
use crate::rule::{FORETOLD, Resolution};
use crate::series::SeriesKey;
use crate::store::{Known, Reader, Span, StoreError};

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
    /// When it comes to its end.
    Forecast(Left),
}

/// How long it takes until something comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Left {
    /// Nobody can say.
    #[default]
    Unknown,
    /// It does not.
    Never,
    /// So long.
    In(Duration),
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
            What::Forecast => Answered::Forecast(Left::Unknown),
            What::Samples => Answered::Samples(Vec::new()),
        };
        let Some(metric) = registry.get(self.metric) else { return Ok(nothing) };
        let key = SeriesKey::about(&self.host, &self.subject, self.metric);
        if self.what == What::Forecast {
            if contents.is_none() {
                *contents = Some(Contents::read(reader)?);
            }
            let left = contents.as_ref().map(|contents| Self::left(reader, contents, &key, metric.name, now));
            return Ok(Answered::Forecast(left.transpose()?.unwrap_or(Left::Unknown)));
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
        reader: &Reader,
        contents: &Contents,
        key: &SeriesKey,
        metric: &str,
        now: WallTime,
    ) -> Result<Left, StoreError> {
        let mine = |series: &[Known]| {
            series.first().is_some_and(|known| known.key.entity == key.entity && known.key.subject == key.subject)
        };
        let Some((thing, series)) = contents.things().find(|(_, series)| mine(series)) else {
            return Ok(Left::Unknown);
        };
        // Drives first, then what may be full, in the order in which rules know them.
        let place = FORETOLD.iter().position(|(name, _)| *name == metric);
        let foretold = match place {
            Some(0) => drive::outlook(reader, thing, series, now)?.map(Foretold::Drive),
            Some(place) => {
                let volumes = volume::outlooks(reader, &thing, series, now)?;
                let capacity = Capacity::ALL.get(place - 1);
                volumes.into_iter().find(|volume| Some(&volume.capacity) == capacity).map(Foretold::Volume)
            }
            None => None,
        };
        Ok(foretold.map_or(Left::Unknown, |foretold| match foretold.standing(now) {
            Standing::Reached => Left::In(Duration::ZERO),
            Standing::Coming => {
                foretold.when().and_then(|when| when.likely.ahead_of(now)).map_or(Left::Never, Left::In)
            }
            Standing::Calm => Left::Never,
            Standing::TooLittle | Standing::Stale => Left::Unknown,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    #[test]
    fn what_rules_foretell_and_what_the_history_foretells_are_in_one_order() {
        let registry = Registry::default();
        let kinds = FORETOLD.map(|(name, _)| registry.by_name(name).unwrap().subject);
        assert_eq!(kinds[0], crate::health::SubjectKind::Drive);
        for (kind, capacity) in kinds[1..].iter().zip(Capacity::ALL) {
            assert_eq!(registry.by_name(capacity.metrics().0).unwrap().subject, *kind);
        }
    }
}
