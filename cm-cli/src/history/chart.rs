//! A series as a chart in characters: values, what is usual behind them, a limit across, axes that can be read.
//!
//! Cells come from `wording::chart`; this room adds axes, words and colours.

use std::num::NonZeroUsize;
use std::time::Duration;

use cm_core::catalogue;
use cm_core::health::SubjectKind;
use cm_core::metric::{Kind, Limits, Metric, Retention};
use cm_core::outlook::{Curve, Thing, usual};
use cm_core::series::rollup::Bucket;
use cm_core::series::window::Window;
use cm_core::store::{Known, Reader, Span};
use cm_core::text::terminal;
use cm_core::unit::Unit;
use cm_core::wording::chart::{Cell, Layer, Plot, Scale};
use cm_core::wording::{Glyphs, chart};

use super::{open, unit_of};
use crate::paint::{Meaning, Paint, pad};
use crate::request::Output;
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// How wide a chart is where nobody says, and at most.
const USUAL_WIDTH: usize = 80;
const WIDEST: usize = 200;
const HEIGHT: usize = 10;
/// Marks of the upright axis.
const MARKS: usize = 4;
/// From which share of the whole range on an extreme stands far from its mean.
const STANDS_OUT: f64 = 0.3;

pub(super) fn draw(
    thing: &Thing,
    known: &Known,
    span: Span,
    reader: &Reader,
    output: Output,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Stop> {
    let paint = surroundings.paint(output);
    let now = surroundings.clock.now().wall;
    let width = paint.width.unwrap_or(USUAL_WIDTH).min(WIDEST);
    let unit = unit_of(known);
    let most = NonZeroUsize::new(Plot::dots(width, paint.glyphs)).unwrap_or(NonZeroUsize::MIN);
    let window = Window { since: span.since, until: span.until, most };
    let curve = Curve::read(reader, known, window, &open::retention(surroundings)?, now)?;
    for line in head(thing, known, &curve, unit, paint) {
        writeln!(surroundings.out, "{line}")?;
    }
    if curve.whole().is_none() {
        let nothing = paint.dress("nothing was recorded of it in that time", Meaning::Faint);
        writeln!(surroundings.out, "{nothing}")?;
        return Ok(());
    }
    let picture = Picture { curve: &curve, limit: limit(known), unit, width, paint };
    let usual = if has_usual(known) {
        usual::learn(reader, known, span.until.min(now), surroundings.ahead_s)?.ok()
    } else {
        None
    };
    let band = |width: usize| -> Vec<Option<chart::Span>> {
        let Some(usual) = &usual else { return Vec::new() };
        let whole = span.until.since(span.since);
        let at = |n: usize| span.since.after(whole.mul_f64((n as f64 + 0.5) / width.max(1) as f64));
        let held = |n: usize| usual.at(at(n), (surroundings.ahead_s)(at(n)));
        (0..width).map(|n| Some(chart::Span { low: held(n).low, high: held(n).high })).collect()
    };
    let lines = picture.lines(band, &axis(span, surroundings));
    for line in lines {
        writeln!(surroundings.out, "{line}")?;
    }
    Ok(())
}

/// Which one it is, and its figures in one line.
fn head(thing: &Thing, known: &Known, curve: &Curve, unit: Unit, paint: Paint) -> Vec<String> {
    let names = [thing.host.as_ref().map(|host| host.as_str().into()), Some(terminal::line(&thing.name))];
    let names: Vec<_> =
        names.into_iter().flatten().filter(|name: &std::borrow::Cow<'_, str>| !name.is_empty()).collect();
    let title = paint.spell(&format!("{}  {}", names.join("  "), known.metric));
    let title = paint.width.map_or(title.clone(), |width| paint.fit(&title, width));
    let mut lines = vec![paint.dress(&title, Meaning::Title)];
    if let Some(whole) = curve.whole() {
        let print = |value: f64| paint.spell(&unit.print(value));
        let (last, min, mean, max) = (print(whole.last), print(whole.min), print(whole.mean()), print(whole.max));
        lines.extend(paint.wrap("", 0, &format!("last {last}, least {min}, mean {mean}, most {max}")));
    }
    lines
}

/// From where a value is a warning.
fn limit(known: &Known) -> Option<f64> {
    match catalogue::by_name(&known.metric)?.limits {
        Limits::None => None,
        Limits::Above { warning, critical } | Limits::Below { warning, critical } => warning.or(critical),
    }
}

/// Whether values come back to what is usual: loads and temperatures do, what fills up or counts on does not.
fn has_usual(known: &Known) -> bool {
    let Some(entry) = catalogue::by_name(&known.metric) else { return false };
    let Metric { kind, unit, subject, retention, .. } = entry.metric;
    let comes_and_goes = match unit {
        Unit::Percent | Unit::Celsius | Unit::Load | Unit::Watts | Unit::BytesPerSecond | Unit::Megahertz => {
            !matches!(subject, SubjectKind::Filesystem | SubjectKind::Pool)
        }
        Unit::Bytes => subject == SubjectKind::Host,
        _ => false,
    };
    kind == Kind::Gauge && retention == Retention::Standard && comes_and_goes
}

/// The ends of the level axis in local time.
fn axis(span: Span, surroundings: &Surroundings<'_>) -> [String; 2] {
    let pattern =
        if span.until.since(span.since) <= Duration::from_hours(32 * 24) { "%m-%d %H:%M" } else { "%Y-%m-%d" };
    let zone = surroundings.local(span.until, "%:z");
    [surroundings.local(span.since, pattern), format!("{} {zone}", surroundings.local(span.until, pattern))]
}

struct Picture<'c> {
    curve: &'c Curve,
    limit: Option<f64>,
    unit: Unit,
    width: usize,
    paint: Paint,
}

impl Picture<'_> {
    fn lines(&self, band: impl FnOnce(usize) -> Vec<Option<chart::Span>>, ends: &[String; 2]) -> Vec<String> {
        let paint = self.paint;
        // Labels are as wide as the scale of the values alone asks for; what is usual hardly makes them wider.
        let wide = |scale: Scale| self.marks(scale).iter().map(|(_, text)| terminal::columns(text)).max().unwrap_or(0);
        let bare = Plot { line: self.line(self.width), ..Plot::default() };
        let labels = bare.span(false).map_or(0, |span| wide(Scale::fitting_in(self.unit, span, MARKS))).max(6);
        let width = self.width.saturating_sub(labels + 2).max(1);
        let plot = Plot { line: self.line(width), band: band(width), limit: self.limit, ..Plot::default() };
        let Some(span) = plot.span(false) else { return Vec::new() };
        let scale = Scale::fitting_in(self.unit, span, MARKS);
        let cells = plot.cells(width, HEIGHT, scale, paint.glyphs);
        let mut lines: Vec<String> = Vec::new();
        let marks = self.marks(scale);
        for (row, cells) in cells.iter().enumerate() {
            let mark = marks.iter().find(|(at, _)| *at == row).map_or("", |(_, text)| text.as_str());
            let label = paint.dress(&pad(&paint.fit(mark, labels), labels, true), Meaning::Faint);
            let line = format!("{label} {}{}", upright(paint.glyphs), dressed(cells, paint));
            lines.push(line.trim_end().to_owned());
        }
        lines.push(self.foot(labels, width, ends));
        lines.extend(self.legend(&plot, scale));
        lines
    }

    /// The rows of the marks and their words.
    fn marks(&self, scale: Scale) -> Vec<(usize, String)> {
        let row = |mark: f64| scale.cell(mark, HEIGHT, self.paint.glyphs);
        scale.labels(self.unit).into_iter().map(|(mark, words)| (row(mark), self.paint.spell(&words))).collect()
    }

    /// Means, drawn out to an extreme where that stands far from its mean: a peak of seconds is not lost in a month, and
    /// what trembles is still a line.
    fn line(&self, width: usize) -> Vec<Option<chart::Span>> {
        let places = self.curve.spread(Plot::dots(width, self.paint.glyphs));
        let whole = self.curve.whole().map_or(0.0, |whole| whole.max - whole.min);
        let span = |bucket: Bucket| {
            let mean = bucket.mean();
            let far = |extreme: f64| if (extreme - mean).abs() > STANDS_OUT * whole { extreme } else { mean };
            chart::Span { low: far(bucket.min), high: far(bucket.max) }
        };
        places.iter().map(|place| place.map(span)).collect()
    }

    fn foot(&self, labels: usize, width: usize, [since, until]: &[String; 2]) -> String {
        let room = width.saturating_sub(since.len() + until.len());
        let text = if room == 0 { self.paint.fit(since, width) } else { format!("{since}{}{until}", " ".repeat(room)) };
        format!("{}{}", " ".repeat(labels + 2), self.paint.dress(&text, Meaning::Faint))
    }

    /// What lies behind the line, in words.
    fn legend(&self, plot: &Plot, scale: Scale) -> Vec<String> {
        let (band, across) = match self.paint.glyphs {
            Glyphs::Unicode => ("░", "┄"),
            Glyphs::Ascii => (":", "-"),
        };
        let usual = (!plot.band.is_empty()).then(|| format!("{band} usual at that hour, nine hours in ten"));
        let limit = self.limit.filter(|value| (scale.low..=scale.high).contains(value));
        let limit = limit.map(|value| format!("{across} a warning from {}", self.paint.spell(&self.unit.print(value))));
        let words: Vec<String> = usual.into_iter().chain(limit).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let lines = self.paint.wrap("", 0, &words.join("   "));
        lines.iter().map(|line| self.paint.dress(line, Meaning::Faint)).collect()
    }
}

const fn upright(glyphs: Glyphs) -> char {
    match glyphs {
        Glyphs::Unicode => '│',
        Glyphs::Ascii => '|',
    }
}

/// Cells of a row, those of one layer in one colour.
fn dressed(cells: &[Cell], paint: Paint) -> String {
    let runs = cells.chunk_by(|a, b| a.layer == b.layer);
    let dress = |run: &[Cell]| {
        let text: String = run.iter().map(|cell| cell.glyph).collect();
        match run[0].layer {
            Layer::Empty | Layer::Line => text,
            Layer::Band | Layer::Range => paint.dress(&text, Meaning::Faint),
            Layer::Limit => paint.dress(&text, Meaning::Doubtful),
        }
    };
    runs.map(dress).collect()
}
