//! `trend [HOST] [METRIC]`: by how much things change a day, told so that outliers do not bend it.

use std::time::Duration;

use cm_core::catalogue;
use cm_core::forecast::trend::{Slope, slope};
use cm_core::health::Health;
use cm_core::metric::Kind;
use cm_core::outlook::{Contents, Thing};
use cm_core::series::rollup::{Bucket, Step};
use cm_core::store::{Known, Reader, Span};
use cm_core::unit::Unit;

use super::{find, moment_cell, place_cells, print, span, unit_of};
use crate::document::past::{PastDocument, Tale, Told};
use crate::document::{Row, Sheet, Value};
use crate::exit::Exit;
use crate::request::{Output, Past, Trend};
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// How far back is looked where nobody says.
const USUAL: Duration = Duration::from_hours(30 * 24);
/// Below so many days hours are taken instead.
const LEAST_DAYS: usize = 8;
/// Below so many points nothing is said.
const LEAST_POINTS: usize = 6;
const DAY_S: f64 = 86_400.0;

/// What is told where no metric is named: wear, and what fills up.
pub(super) const USUAL_METRICS: &[&str] = &[
    "drive.wear",
    "drive.written",
    "memory.used",
    "filesystem.used",
    "filesystem.inodes_used",
    "pool.used",
    "service.memory",
    "service.disk",
];

pub(super) fn run(
    asked: &Trend,
    reader: &Reader,
    past: &Past,
    output: Output,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Stop> {
    let contents = Contents::read(reader)?;
    let whose = find::whose(&contents, asked.host.as_deref())?;
    let series = match &asked.metric {
        Some(metric) => find::series(&contents, &whose, metric, None)?,
        None => usual(&contents, &whose),
    };
    let span = span(asked.between, USUAL, surroundings)?;
    let mut rows = Vec::new();
    for (thing, known) in &series {
        rows.extend(row(thing, known, reader, span)?);
    }
    let facts = vec![moment_cell(span.since, surroundings), moment_cell(span.until, surroundings)];
    let columns = Tale::Trend.columns().iter().map(Told::column).collect();
    let as_of = surroundings.clock.now().wall;
    let document = PastDocument { tale: Tale::Trend, as_of, facts, sheet: Sheet { columns, rows } };
    print(document, "nothing was recorded in that time", past, output, surroundings)?;
    Ok(Exit::Well)
}

fn usual<'c>(contents: &'c Contents, whose: &find::Whose) -> Vec<(Thing, &'c Known)> {
    let mut all = Vec::new();
    for (thing, series) in contents.things().filter(|(thing, _)| whose.holds(thing)) {
        let wanted = series.iter().filter(|known| USUAL_METRICS.contains(&known.metric.as_str()));
        all.extend(wanted.map(|known| (thing.clone(), known)));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// One series: nothing where nothing was recorded of it.
fn row(thing: &Thing, known: &Known, reader: &Reader, span: Span) -> Result<Option<Row>, Stop> {
    let days = reader.buckets(known, Step::Day, span)?;
    let (step, buckets) = if days.len() >= LEAST_DAYS {
        (Step::Day, days)
    } else {
        (Step::Hour, reader.buckets(known, Step::Hour, span)?)
    };
    let (Some(first), Some(last)) = (buckets.first(), buckets.last()) else { return Ok(None) };
    let slope = a_day(known, &buckets);
    let unit = unit_of(known);
    let change = |of: fn(&Slope) -> f64| slope.as_ref().map_or(Value::None, |slope| Value::Change(of(slope), unit));
    let mut cells = place_cells(thing).to_vec();
    cells.extend([Value::name(&known.metric), Value::name(&known.unit)]);
    cells.push(Value::Word(direction(slope.as_ref())));
    cells.extend([change(|slope| slope.middle), change(|slope| slope.low), change(|slope| slope.high)]);
    cells.extend([Value::Reading(first.mean(), unit), Value::Reading(last.last, unit)]);
    cells.extend([Value::Reading(buckets.len() as f64, Unit::Count), Value::Word(step.word())]);
    Ok(Some(Row { host: thing.host.clone(), health: Health::Ok, cells }))
}

/// The slope a day of what a bucket stands for: its mean, or where a counter stood at its end.
fn a_day(known: &Known, buckets: &[Bucket]) -> Option<Slope> {
    let is_counter = catalogue::by_name(&known.metric).is_some_and(|entry| entry.metric.kind == Kind::Counter);
    let first = buckets.first()?.start;
    let point = |bucket: &Bucket| {
        let days = bucket.start.since(first).as_secs_f64() / DAY_S;
        (days, if is_counter { bucket.last } else { bucket.mean() })
    };
    let points: Vec<(f64, f64)> = buckets.iter().map(point).collect();
    if points.len() < LEAST_POINTS { None } else { slope(&points) }
}

fn direction(slope: Option<&Slope>) -> &'static str {
    match slope {
        None => "unknown",
        Some(slope) if slope.low > 0.0 => "up",
        Some(slope) if slope.high < 0.0 => "down",
        Some(_) => "level",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metrics_that_are_told_unasked_are_in_the_catalogue() {
        for name in USUAL_METRICS {
            assert!(catalogue::by_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_direction_is_said_only_where_the_interval_leaves_zero_out() {
        let of = |low, middle, high| direction(Some(&Slope { low, middle, high }));
        assert_eq!((of(0.1, 0.2, 0.3), of(-0.3, -0.2, -0.1), of(-0.1, 0.2, 0.3)), ("up", "down", "level"));
        assert_eq!(direction(None), "unknown");
    }
}
