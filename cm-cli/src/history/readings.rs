//! `history HOST METRIC [SUBJECT]`: how readings went, as a chart or in rows.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::fault::Code;
use cm_core::health::Health;
use cm_core::outlook::{Contents, Thing};
use cm_core::series::retention::Resolution;
use cm_core::series::rollup::Bucket;
use cm_core::series::window::{Reason, Window};
use cm_core::store::{Known, Reader, Span};
use cm_core::unit::Unit;

use super::{chart, find, moment_cell, note, open, place_cells, print, span, unit_of};
use crate::complaint::Complaint;
use crate::document::past::{PastDocument, Tale, Told};
use crate::document::{Row, Sheet, Value};
use crate::exit::Exit;
use crate::request::{Chart, Format, Output, Past, Readings};
use crate::run::Stop;
use crate::surroundings::{Behind, Surroundings};

/// How far back is told where nobody says.
const USUAL: Duration = Duration::from_hours(7 * 24);
/// How many rows a series has at most where no step was asked for.
const ROWS: usize = 200;
/// The most rows in all: beyond that `export` is the better way.
const MOST_ROWS: usize = 500_000;
/// The most charts below one another.
const MOST_CHARTS: usize = 32;

pub(super) fn run(
    asked: &Readings,
    reader: &Reader,
    past: &Past,
    output: Output,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Stop> {
    let contents = Contents::read(reader)?;
    let whose = find::whose(&contents, Some(&asked.host))?;
    let series = find::series(&contents, &whose, &asked.metric, asked.subject.as_deref())?;
    let span = span(asked.between, USUAL, surroundings)?;
    let draws = match asked.chart {
        Chart::Always => true,
        Chart::Never => false,
        Chart::OnTerminal => {
            output.format == Format::Table && surroundings.out_is != Behind::File && asked.step.is_none()
        }
    };
    if !draws {
        return rows(asked, &series, span, reader, past, output, surroundings);
    }
    if series.len() > MOST_CHARTS {
        let what = format!("{} is recorded of {} things, too many for charts", asked.metric, series.len());
        return Err(Complaint::new(Code::USAGE, what).next("Name one of them behind the metric.").into());
    }
    for (at, (thing, known)) in series.iter().enumerate() {
        if at > 0 {
            writeln!(surroundings.out)?;
        }
        chart::draw(thing, known, span, reader, output, surroundings)?;
    }
    Ok(Exit::Well)
}

fn rows(
    asked: &Readings,
    series: &[(Thing, &Known)],
    span: Span,
    reader: &Reader,
    past: &Past,
    output: Output,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Stop> {
    let policy = open::retention(surroundings)?;
    let mut rows = Vec::new();
    let (mut width, mut coarser) = (Duration::ZERO, false);
    for (thing, known) in series {
        let (buckets, told) = if let Some(step) = asked.step {
            (stepped(reader, known, step, span, MOST_ROWS - rows.len())?, step.length())
        } else {
            let most = NonZeroUsize::new(ROWS).unwrap_or(NonZeroUsize::MIN);
            let window = Window { since: span.since, until: span.until, most };
            let shown = reader.window(known, window, &policy, surroundings.clock.now().wall)?;
            coarser |= shown.choice.reason != Reason::Fits;
            (shown.buckets, shown.choice.width)
        };
        width = told;
        rows.extend(buckets.iter().map(|bucket| row(thing, known, bucket, surroundings)));
        if rows.len() >= MOST_ROWS {
            let what = format!("that is more than {MOST_ROWS} rows");
            return Err(Complaint::new(Code::USAGE, what)
                .next("Take a shorter span or a longer --step, or `cm-cli export`, which streams.")
                .into());
        }
    }
    let facts = vec![
        moment_cell(span.since, surroundings),
        moment_cell(span.until, surroundings),
        Value::Reading(width.as_secs_f64(), Unit::Seconds),
    ];
    let columns = Tale::Readings.columns().iter().map(Told::column).collect();
    let as_of = surroundings.clock.now().wall;
    let document = PastDocument { tale: Tale::Readings, as_of, facts, sheet: Sheet { columns, rows } };
    print(document, "nothing was recorded of it in that time", past, output, surroundings)?;
    if coarser {
        note("finer readings of the beginning are gone by now: what is kept longer is told", output, surroundings)?;
    }
    Ok(Exit::Well)
}

/// The readings as they were asked for, at most `most` and one of them.
fn stepped(reader: &Reader, known: &Known, step: Resolution, span: Span, most: usize) -> Result<Vec<Bucket>, Stop> {
    let Resolution::Step(step) = step else {
        let mut buckets = Vec::new();
        reader.each_slice(known, span, |points| {
            buckets.extend(points.iter().filter_map(|point| Bucket::of(point.at, *point)));
            if buckets.len() > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        return Ok(buckets);
    };
    Ok(reader.buckets(known, step, span)?)
}

fn row(thing: &Thing, known: &Known, bucket: &Bucket, surroundings: &Surroundings<'_>) -> Row {
    let unit = unit_of(known);
    let value = |value: f64| Value::Reading(value, unit);
    let mut cells = vec![at_cell(bucket.start, surroundings)];
    cells.extend(place_cells(thing));
    cells.extend([Value::name(&known.metric), Value::name(&known.unit)]);
    cells.extend([value(bucket.min), value(bucket.mean()), value(bucket.max), value(bucket.last)]);
    cells.push(Value::Reading(bucket.count as f64, Unit::Count));
    Row { host: thing.host.clone(), health: Health::Ok, cells }
}

/// With seconds where it has any.
fn at_cell(at: WallTime, surroundings: &Surroundings<'_>) -> Value {
    if at.millis() % 60_000 == 0 {
        return moment_cell(at, surroundings);
    }
    Value::Moment(at, surroundings.local(at, "%Y-%m-%d %H:%M:%S %:z"))
}
