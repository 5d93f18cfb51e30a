//! One cell of a table: its text in the signs that the place takes, and what it means.

use cm_core::clock::WallTime;
use cm_core::health::Health;
use cm_core::metric::MetricId;
use cm_core::observation::LinkState;
use cm_core::text::terminal;
use cm_core::unit::Unit;
use cm_core::wording::{self, Glyphs};

use super::Lane;
use crate::document::table::Drawn;
use crate::document::{Kind, Row, Sheet, Value};
use crate::paint::{Meaning, Paint};

/// How wide a bar is.
const BAR: usize = 8;

/// A cell that is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    meaning: Meaning,
    /// How much of the text's end is a unit or a bar, in bytes.
    faint: usize,
}

impl Default for Cell {
    fn default() -> Self {
        Self { text: String::new(), meaning: Meaning::Plain, faint: 0 }
    }
}

impl Cell {
    fn new(text: String, meaning: Meaning) -> Self {
        Self { text, meaning, faint: 0 }
    }

    pub(crate) fn columns(&self) -> usize {
        terminal::columns(&self.text)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Its text in colour, cut to a width.
    pub(crate) fn dressed(&self, width: usize, paint: Paint) -> String {
        let text = paint.fit(&self.text, width);
        if self.faint > 0 && text.len() == self.text.len() && self.meaning == Meaning::Plain {
            let (number, unit) = text.split_at(text.len() - self.faint);
            return format!("{number}{}", paint.dress(unit, Meaning::Faint));
        }
        paint.dress(&text, self.meaning)
    }
}

/// Draws the cell of a lane in a row.
pub(super) fn draw(sheet: &Sheet, row: &Row, lane: &Lane, reasons: Option<usize>, now: WallTime, paint: Paint) -> Cell {
    let value = &row.cells[lane.place];
    let beside = lane.beside.map_or(&Value::None, |place| &row.cells[place]);
    let reasons = reasons.map_or(&Value::None, |place| &row.cells[place]);
    let meaning = sheet.columns[lane.place].metric.map_or(Meaning::Plain, |metric| judged(reasons, metric));
    match (lane.drawn, value, beside) {
        (Drawn::Bar, Value::Reading(percent, unit), _) => bar(*percent, &unit.print(*percent), meaning, paint),
        (Drawn::Of(_), Value::Reading(all, unit), Value::Reading(some, _)) => {
            let text = format!("{}/{}", unit.print(*some), unit.print(*all));
            Cell::new(text, if some < all { Meaning::Doubtful } else { Meaning::Plain })
        }
        (Drawn::Since(_), Value::Word(word), beside) => since(word, beside, paint),
        (_, Value::Health(health), _) => mark(*health, link_of(row), lane, paint),
        (_, Value::None, _) if lane.kind == Kind::Age => unheard(link_of(row)),
        _ => plain(value, row, lane, meaning, now, paint),
    }
}

fn link_of(row: &Row) -> Option<LinkState> {
    row.cells.iter().find_map(|cell| if let Value::Link(link) = cell { Some(*link) } else { None })
}

/// Where there is no data of which an age could be told.
fn unheard(link: Option<LinkState>) -> Cell {
    let word = match link {
        None | Some(LinkState::Answering) => "",
        Some(LinkState::Unreachable) => "no answer",
        Some(other) => other.word(),
    };
    let meaning = if link == Some(LinkState::Off) { Meaning::Faint } else { Meaning::Bad };
    Cell::new(word.to_owned(), meaning)
}

/// How a reading fares: as the worst reason that names its metric.
fn judged(reasons: &Value, metric: MetricId) -> Meaning {
    let Value::Reasons(reasons) = reasons else { return Meaning::Plain };
    reasons.iter().find(|reason| reason.metric == Some(metric)).map_or(Meaning::Plain, |reason| reason.health.into())
}

fn mark(health: Health, link: Option<LinkState>, lane: &Lane, paint: Paint) -> Cell {
    if !lane.head.is_empty() {
        return Cell::new(health.word().to_owned(), health.into());
    }
    let mark = link.and_then(|link| wording::link_mark(link, paint.glyphs)).unwrap_or(super::mark(health, paint));
    Cell::new(mark.to_owned(), health.into())
}

/// A number at the left of its bar; the bar is as quiet as a unit.
fn bar(percent: f64, text: &str, meaning: Meaning, paint: Paint) -> Cell {
    let bar = wording::bar(percent, BAR, paint.glyphs);
    Cell { text: format!("{text} {bar}"), meaning, faint: bar.len() }
}

/// `✓ 8h` for what is done, else the word and the age.
fn since(word: &str, age: &Value, paint: Paint) -> Cell {
    let (word, meaning) = match (word, paint.glyphs) {
        ("done", Glyphs::Unicode) => ("✓", Meaning::Plain),
        ("done", Glyphs::Ascii) => ("ok", Meaning::Plain),
        ("failed", _) => (word, Meaning::Bad),
        ("late" | "never", _) => (word, Meaning::Doubtful),
        _ => (word, Meaning::Plain),
    };
    let age = match age {
        Value::Reading(seconds, _) => {
            format!(" {}", wording::age(std::time::Duration::try_from_secs_f64(*seconds).unwrap_or_default()))
        }
        _ => String::new(),
    };
    Cell::new(format!("{word}{age}"), meaning)
}

/// `+1.2 GiB`, `-3 %`, `0 %`, `<+0.1 %`.
pub(crate) fn changed(value: f64, unit: Unit) -> String {
    let size = unit.print(value.abs());
    let sign = if value > 0.0 { '+' } else { '-' };
    match size.strip_prefix('<') {
        _ if value == 0.0 || size.starts_with("0 ") || size == "0" => size,
        Some(least) => format!("<{sign}{least}"),
        None => format!("{sign}{size}"),
    }
}

fn plain(value: &Value, row: &Row, lane: &Lane, meaning: Meaning, now: WallTime, paint: Paint) -> Cell {
    match value {
        Value::None => Cell::default(),
        Value::Text(text) => {
            let is_name = lane.place == 0;
            let meaning = if is_name { Meaning::from(row.health) } else { Meaning::Plain };
            Cell::new(paint.spell(&terminal::line(text)), meaning)
        }
        Value::Word(word) => Cell::new((*word).to_owned(), Meaning::Plain),
        Value::Reading(value, unit) => {
            let text = paint.spell(&unit.print(*value));
            let faint = text.rsplit_once(' ').map_or(0, |(_, unit)| unit.len() + 1);
            let faint = if text[text.len() - faint..].contains(|c: char| c.is_ascii_digit()) { 0 } else { faint };
            Cell { text, meaning, faint }
        }
        Value::Change(value, unit) => Cell::new(paint.spell(&changed(*value, *unit)), meaning),
        Value::Moment(_, local) => Cell::new(local.clone(), Meaning::Plain),
        Value::Words(words) => Cell::new(paint.spell(&terminal::line(&words.join("; "))), Meaning::Plain),
        Value::Time(at) if *at > now => Cell::new(format!("in {}", wording::age(at.since(now))), Meaning::Plain),
        Value::Time(at) => Cell::new(format!("{} ago", wording::age(now.since(*at))), Meaning::Plain),
        Value::Age(age, link) => {
            let old = !matches!(link, LinkState::Answering | LinkState::Waiting);
            let text = format!("{}{}", wording::age(*age), if old { " ~" } else { "" });
            Cell::new(text, if old { Meaning::Doubtful } else { Meaning::Faint })
        }
        Value::Health(health) => Cell::new(health.word().to_owned(), (*health).into()),
        Value::Link(link) => {
            let meaning = match link {
                LinkState::Answering | LinkState::Waiting | LinkState::Off => Meaning::Plain,
                LinkState::Stale => Meaning::Doubtful,
                _ => Meaning::Bad,
            };
            Cell::new(link.word().to_owned(), meaning)
        }
        Value::Reasons(reasons) => {
            let Some((first, more)) = wording::headline(reasons) else { return Cell::default() };
            let mut texts = vec![terminal::line(&first.text)];
            if paint.width.is_none() {
                texts.extend(reasons[1..].iter().map(|reason| terminal::line(&reason.text)));
            }
            let more = if more > 0 && paint.width.is_some() { format!(" (and {more} more)") } else { String::new() };
            Cell::new(paint.spell(&format!("{}{more}", texts.join("; "))), first.health.into())
        }
    }
}
