//! Readings of one thing as figures: all that the catalogue knows of it and the host tells, with the limits in force and
//! what this program has seen of their course. Names and units are the catalogue's.

use cm_core::catalogue::Measured;
use cm_core::clock::WallTime;
use cm_core::metric::{Kind, Limits, Metric};
use cm_core::unit::Unit;

use crate::screen::sheet::{Chart, Figure, Sheet};
use crate::theme::Role;
use crate::widget::Scene;

/// All readings that are told of a thing, in the catalogue's order, each with its metric.
pub(in crate::screen) fn figures<T: Measured>(
    part: &T,
    at: WallTime,
    scene: &Scene<'_>,
) -> Vec<(Metric<'static>, Figure)> {
    let subject = part.subject();
    let policy = &scene.host.member.policy;
    let readings = T::TABLES.iter().copied().flatten();
    let told = readings.filter_map(|reading| {
        let value = reading.value(part, at)?;
        let metric = reading.entry.metric;
        let (limits, whose) = match policy.limits(metric.id) {
            Some(limits) => (limits, "yours"),
            None if reading.limits_for(part) == reading.entry.limits => (reading.entry.limits, ""),
            None => (reading.limits_for(part), "its own"),
        };
        let words = words(limits, metric.unit, whose);
        let full = metric.unit == Unit::Percent && !words.is_empty();
        let figure = Figure {
            label: metric.label,
            text: metric.unit.print(value),
            trouble: limits.judge(value).map(|(health, _)| health),
            percent: full.then_some(value),
            limits: words,
            course: if is_age(metric.unit) {
                Vec::new()
            } else {
                scene.recent(metric.id, subject.name.raw()).collect()
            },
        };
        Some((metric, figure))
    });
    told.collect()
}

/// Spans only grow until they start anew: their course tells nothing.
const fn is_age(unit: Unit) -> bool {
    matches!(unit, Unit::Seconds | Unit::Hours)
}

/// From where a value is bad, in words.
fn words(limits: Limits, unit: Unit, whose: &str) -> String {
    let (side, warning, critical) = match limits {
        Limits::None => return String::new(),
        Limits::Above { warning, critical } => ("", warning, critical),
        Limits::Below { warning, critical } => ("below ", warning, critical),
    };
    let one = |limit: Option<f64>, word: &str| limit.map(|limit| format!("{word} {side}{}", unit.print(limit)));
    let parts: Vec<String> = [one(warning, "warning"), one(critical, "critical")].into_iter().flatten().collect();
    let whose = if whose.is_empty() || parts.is_empty() { String::new() } else { format!(" ({whose})") };
    parts.join(", ") + &whose
}

/// The courses of those readings that are worth a look over time: gauges that have limits. One calm line where this
/// program has seen too little.
pub(in crate::screen) fn courses(sheet: &mut Sheet, figures: &[(Metric<'static>, Figure)]) {
    let worth = |(metric, figure): &&(Metric<'static>, Figure)| {
        metric.kind == Kind::Gauge
            && matches!(metric.unit, Unit::Percent | Unit::Celsius)
            && !figure.limits.is_empty()
            && figure.course.iter().all(|value| value.is_finite())
    };
    let worth: Vec<&(Metric<'static>, Figure)> = figures.iter().filter(worth).collect();
    let seen = |figure: &Figure| figure.course.len() > 1;
    for (metric, figure) in worth.iter().filter(|(_, figure)| !figure.is_steady()) {
        sheet.heading(&format!("{}, the last {} readings", metric.label, figure.course.len()));
        sheet.chart(&Chart { values: &figure.course, unit: metric.unit });
    }
    let steady = worth.iter().filter(|(_, figure)| seen(figure) && figure.is_steady());
    let steady: Vec<String> = steady
        .map(|(metric, figure)| format!("{} {} in all of {} readings", metric.label, figure.text, figure.course.len()))
        .collect();
    if !steady.is_empty() {
        sheet.heading("Steady");
        sheet.text(1, steady.join("; ").as_str(), Role::Dim);
    } else if !worth.is_empty() && !worth.iter().any(|(_, figure)| seen(figure)) {
        sheet.heading("Course");
        sheet.text(1, TOO_FEW, Role::Dim);
    }
}

/// What is said where there is no course to draw.
const TOO_FEW: &str = "Too few readings so far to draw a course: this program keeps those that it has seen itself.";

/// Things of one sort below a heading, each with its readings beside one another.
pub(in crate::screen) fn named<T: Measured>(
    sheet: &mut Sheet,
    title: &str,
    parts: &[T],
    at: WallTime,
    scene: &Scene<'_>,
    describe: impl Fn(&T) -> String,
) {
    const MOST: usize = 300;
    if parts.is_empty() {
        return;
    }
    sheet.section_of(T::KIND, title);
    for part in parts.iter().take(MOST) {
        sheet.text(1, &part.subject().name, Role::Strong);
        let more = describe(part);
        if !more.is_empty() {
            sheet.text(3, more.as_str(), Role::Plain);
        }
        let figures: Vec<Figure> = figures(part, at, scene).into_iter().map(|(_, figure)| figure).collect();
        sheet.grid(3, &figures);
    }
    if parts.len() > MOST {
        sheet.text(1, format!("and {} more", parts.len() - MOST).as_str(), Role::Dim);
    }
}
