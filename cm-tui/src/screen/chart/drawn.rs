//! The chart as cells: title and zoom, the course with its band, the axis of time, what is under the cursor, what the signs
//! mean. It changes nothing.

use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::forecast::usual::{Band, Level, Usual};
use cm_core::series::rollup::Bucket;
use cm_core::text::terminal;
use cm_core::unit::{Unit, human};
use cm_core::wording::chart::{Plot, Span};

use super::{ChartPage, Zoom};
use crate::history::{Course, Known};
use crate::local;
use crate::paint::{Canvas, columns, plot};
use crate::screen::sheet::Sheet;
use crate::state::State;
use crate::theme::Role;

/// A value is held over so many usual distances without a new one, before a gap is left.
const HELD: usize = 2;

/// Usual values are learnt from six weeks.
const LOOKED_BACK: Duration = Duration::from_hours(6 * 7 * 24);

/// From when to when.
type Ends = (WallTime, WallTime);

/// A course over the columns that there are.
struct Laid<'c> {
    course: &'c Course,
    /// A bucket for each cell's column.
    cells: Vec<Option<Bucket>>,
    /// What is usual there.
    usual: Vec<Option<Band>>,
    plot: Plot,
}

pub(super) fn draw(page: &ChartPage, state: &State, mut canvas: Canvas<'_>) {
    let (width, height) = (canvas.width(), canvas.height());
    title(page, state, &mut canvas);
    let below = if height >= 8 { 3 } else { u16::from(height >= 3) };
    let rows = height.saturating_sub(1 + below);
    let laid = match page.course(state) {
        Known::Told(course) => laid(page, state, course, ChartPage::columns(state)),
        known => return say(absence(&known), &mut canvas),
    };
    let unit = page.unit();
    let Some(scale) = plot::scale(&laid.plot, rows, unit) else {
        return say(
            "Nothing was measured in this time. + and - show more or less of it, page up what was before.",
            &mut canvas,
        );
    };
    for (y, row) in (1..).zip(plot::rows(&laid.plot, scale, (ChartPage::columns(state), rows), unit, state.look)) {
        canvas.plot_row(y, &row);
    }
    let window = laid.course.curve.window;
    let cursor = column(page.under_cursor(state), (window.since, window.until), laid.cells.len());
    if let Ok(x) = u16::try_from(cursor) {
        canvas.tint_column(plot::AXIS + 2 + x, (1, rows), Role::Cursor);
    }
    if below == 3 {
        axis(page.zoom, (window.since, window.until), state, canvas.part(0, 1 + rows, width, 1));
    }
    if below >= 1 {
        let y = height - if below == 3 { 2 } else { 1 };
        readout(page, state, &laid, cursor, canvas.part(0, y, width, 1));
    }
    if below == 3 {
        legend(page, state, &laid, canvas.part(0, height - 1, width, 1));
    }
}

/// What is said in the place of a chart.
fn say(text: &str, canvas: &mut Canvas<'_>) {
    let (width, height) = (canvas.width(), canvas.height());
    let mut sheet = Sheet::new(canvas.look, width);
    sheet.text(1, text, Role::Plain);
    sheet.draw(&mut canvas.part(0, 2, width, height.saturating_sub(2)), 0);
}

/// Why there is no course.
const fn absence<'h, T>(known: &Known<'h, T>) -> &'h str {
    match known {
        Known::Told(_) | Known::Waiting => "Reading the history …",
        Known::Nothing => "Nothing of this is stored: the history begins with the first value that is recorded.",
        Known::Failed(why) => why,
    }
}

/// What it is of, and how much time is seen.
fn title(page: &ChartPage, state: &State, canvas: &mut Canvas<'_>) {
    let words: Vec<&str> = Zoom::ALL.into_iter().map(Zoom::word).collect();
    let all: u16 = words.iter().map(|word| columns(state.look, word) + 2).sum();
    let is_wide = canvas.width() >= all + 34;
    let mut x = canvas.width().saturating_sub(if is_wide { all } else { 7 });
    let room = x.saturating_sub(2);
    for (zoom, word) in Zoom::ALL.into_iter().zip(words) {
        if is_wide || zoom == page.zoom {
            let role = if zoom == page.zoom { Role::Accent } else { Role::Dim };
            x = canvas.put(x, 0, word, role) + 2;
        }
    }
    let name = &page.of.subject.name;
    let x = canvas.put_within(1, 0, room, page.label(), Role::Strong);
    if !name.is_empty() && x + 4 < room {
        canvas.put_within(x + 2, 0, room.saturating_sub(x + 2), name, Role::Plain);
    }
}

fn laid<'c>(page: &ChartPage, state: &State, course: &'c Course, width: u16) -> Laid<'c> {
    let window = course.curve.window;
    let now = state.picture().now.wall;
    let width = usize::from(width);
    let dots = Plot::dots(width, state.look.glyphs);
    let ends = (window.since, window.until);
    let hold = hold(course);
    let fine = held(course.curve.spread(dots), ends, hold, now);
    let cells = held(course.curve.spread(width), ends, hold, now);
    let line = fine.iter().map(|bucket| bucket.map(|bucket| Span::of(bucket.mean()))).collect();
    let range = |bucket: &Bucket| (bucket.max > bucket.min).then_some(Span { low: bucket.min, high: bucket.max });
    let range = cells.iter().map(|bucket| bucket.as_ref().and_then(range)).collect();
    let usual: Vec<Option<Band>> = match &course.usual {
        Some(Ok(usual)) => {
            let column = window.until.since(window.since) / u32::try_from(width.max(1)).unwrap_or(u32::MAX);
            let known = window.until.before(LOOKED_BACK);
            let band = |n: usize| {
                let middle = middle(n, width, ends);
                let ends = (middle.before(column / 2), middle.after(column / 2));
                // Of what was before it was learnt from it says nothing.
                if middle < known { None } else { usual_between(usual, ends, state) }
            };
            (0..width).map(band).collect()
        }
        _ => Vec::new(),
    };
    let band = usual.iter().map(|band| band.map(|band| Span { low: band.low, high: band.high })).collect();
    let plot = Plot { line, band, range, limit: page.limit(state) };
    Laid { course, cells, usual, plot }
}

/// For how long a value is held: where values come seldom, for twice as long as the next usually takes.
fn hold(course: &Course) -> Duration {
    let columns = &course.curve.columns;
    let filled: Vec<usize> = (0..columns.len()).filter(|at| columns[*at].is_some()).collect();
    let mut apart: Vec<usize> = filled.windows(2).map(|pair| pair[1] - pair[0]).collect();
    apart.sort_unstable();
    match apart.get(apart.len() / 2) {
        Some(usual) if *usual > 1 => course.curve.width() * u32::try_from(usual * HELD).unwrap_or(u32::MAX),
        _ => Duration::ZERO,
    }
}

/// Fills the columns between values that come seldom, never past now.
fn held(mut spread: Vec<Option<Bucket>>, ends: Ends, hold: Duration, now: WallTime) -> Vec<Option<Bucket>> {
    let columns = spread.len();
    let mut last: Option<(WallTime, Bucket)> = None;
    for (n, place) in spread.iter_mut().enumerate() {
        let moment = middle(n, columns, ends);
        match (*place, last) {
            (Some(bucket), _) => last = Some((moment, bucket)),
            // What is held stands for itself: between two values there is no least and greatest.
            (None, Some((since, bucket))) if moment.since(since) < hold && moment <= now => {
                *place = Some(Bucket { min: bucket.mean(), max: bucket.mean(), ..bucket });
            }
            (None, _) => {}
        }
    }
    spread
}

/// What is usual from one moment to another: all that is usual at some moment between.
fn usual_between(usual: &Usual, (since, until): Ends, state: &State) -> Option<Band> {
    let whole = until.since(since);
    let moments = u32::try_from(whole.as_secs() / 3_600).unwrap_or(u32::MAX).clamp(1, 24);
    let at = |n: u32| since.after(whole.mul_f64((f64::from(n) + 0.5) / f64::from(moments)));
    let bands = (0..moments).map(at).map(|at| usual.at(at, (state.set.ahead_s)(at)));
    bands.reduce(|one, other| Band { low: one.low.min(other.low), middle: one.middle, high: one.high.max(other.high) })
}

/// The moment in the middle of a column.
fn middle(column: usize, columns: usize, (since, until): Ends) -> WallTime {
    since.after(until.since(since).mul_f64((column as f64 + 0.5) / columns.max(1) as f64))
}

/// The column in which a moment lies.
fn column(at: WallTime, (since, until): Ends, columns: usize) -> usize {
    let along = at.since(since).as_secs_f64() / until.since(since).as_secs_f64().max(0.001);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the columns")]
    let column = (along * columns as f64) as usize;
    column.min(columns.saturating_sub(1))
}

/// Moments below the chart, as many as fit, the last at its right end.
fn axis(zoom: Zoom, (since, until): Ends, state: &State, mut canvas: Canvas<'_>) {
    let from = plot::AXIS + 2;
    let width = canvas.width().saturating_sub(from + 1);
    let parts = (width / 20).max(1);
    for part in 0..=parts {
        let at = since.after(until.since(since).mul_f64(f64::from(part) / f64::from(parts)));
        let label = local::format(at, state.set.ahead_s, zoom.tick());
        let wide = columns(state.look, &label);
        let x = from + width * part / parts;
        if part == parts {
            canvas.put_right(from + width, 0, wide, label.as_str(), Role::Dim);
        } else {
            canvas.put(if part == 0 { from } else { x.saturating_sub(wide / 2) }, 0, label.as_str(), Role::Dim);
        }
    }
}

/// Moment and value under the cursor.
fn readout(page: &ChartPage, state: &State, laid: &Laid<'_>, cursor: usize, mut canvas: Canvas<'_>) {
    let window = laid.course.curve.window;
    let unit = page.unit();
    let moment = middle(cursor, laid.cells.len(), (window.since, window.until));
    let form = if page.zoom == Zoom::Hour { "%a %d %b %H:%M:%S" } else { "%a %d %b %Y %H:%M" };
    let mut x = canvas.put(1, 0, local::format(moment, state.set.ahead_s, form).as_str(), Role::Accent) + 2;
    let Some(bucket) = laid.cells.get(cursor).copied().flatten() else {
        canvas.put(x, 0, "nothing measured", Role::Dim);
        return;
    };
    let mut parts = vec![("", unit.print(bucket.mean()))];
    if bucket.max > bucket.min {
        parts[0].0 = "mean ";
        parts.push(("from ", between(bucket.min, bucket.max, unit)));
    }
    if let Some(band) = laid.usual.get(cursor).copied().flatten() {
        parts.push(("usual ", between(band.low, band.high, unit)));
    }
    for (label, text) in parts {
        // A figure that is cut is another figure.
        if x + columns(state.look, label) + columns(state.look, &text) >= canvas.width() {
            break;
        }
        x = canvas.put(x, 0, label, Role::Dim);
        x = canvas.put_figure_at(x, 0, &text, Role::Plain) + 2;
    }
}

/// `15 to 30 %`.
fn between(low: f64, high: f64, unit: Unit) -> String {
    let (low, high) = (unit.print(low), unit.print(high));
    let number = |text: &str| text.rfind(|c: char| c.is_ascii_digit()).map(|last| text.split_at(last + 1).1.to_owned());
    match low.strip_suffix(number(&high).unwrap_or_default().as_str()) {
        Some(bare) if number(&low) == number(&high) => format!("{bare} to {high}"),
        _ => format!("{low} to {high}"),
    }
}

/// What the signs mean, how much time a value stands for, and what is missing.
fn legend(page: &ChartPage, state: &State, laid: &Laid<'_>, mut canvas: Canvas<'_>) {
    let look = state.look;
    let mut parts: Vec<(String, Role)> = Vec::new();
    let width = laid.course.curve.width();
    parts.push((format!("each value {}", human::span(width.as_secs_f64())), Role::Dim));
    if laid.plot.range.iter().any(Option::is_some) {
        parts.push((format!("{} least to greatest", look.sign("▒", "|")), Role::Dim));
    }
    match &laid.course.usual {
        Some(Ok(usual)) => {
            let finely = match usual.level() {
                Level::One => "",
                Level::DayKind => " by hour of the day",
                Level::HourOfWeek => " by hour of the week",
            };
            parts.push((format!("{} usual{finely}", look.sign("░", ":")), Role::Dim));
        }
        Some(Err(missing)) => parts.push((missing.to_string(), Role::Dim)),
        None => {}
    }
    if let Some(limit) = laid.plot.limit {
        parts.push((format!("{} limit {}", look.sign("┄", "-"), page.unit().print(limit)), Role::Dim));
    }
    if laid.course.damaged > 0 {
        parts.insert(0, (format!("{} damaged parts left out", laid.course.damaged), Role::Warn));
    }
    let mut x = 1;
    for (text, role) in parts {
        let text = terminal::line(text.as_str()).into_owned();
        if x + columns(look, &text) < canvas.width() {
            x = canvas.put(x, 0, text.as_str(), role) + 3;
        }
    }
}
