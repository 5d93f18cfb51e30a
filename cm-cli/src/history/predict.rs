//! `predict`: when drives come to their limit and disks are full, the soonest first, with interval and reasons.

use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::forecast::{Grade, When};
use cm_core::health::Health;
use cm_core::host::HostId;
use cm_core::outlook::foretold::{self, Standing};
use cm_core::outlook::{Contents, Foretold, Thing};
use cm_core::store::Reader;
use cm_core::text::terminal;
use cm_core::unit::Unit;
use cm_core::wording;

use super::{find, moment_cell, note, place_cells, print};
use crate::document::past::{PastDocument, Tale, Told};
use crate::document::{Row, Sheet, Value};
use crate::exit::Exit;
use crate::paint::{Meaning, Paint};
use crate::request::{Format, Output, Past};
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// What comes sooner than this catches the eye.
const SOON: Duration = Duration::from_hours(90 * 24);
/// How far what belongs to a forecast is set in.
const INDENT: usize = 4;

pub(super) fn run(
    host: Option<&str>,
    reader: &Reader,
    past: &Past,
    output: Output,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Stop> {
    let contents = Contents::read(reader)?;
    let whose = find::whose(&contents, host)?;
    let now = surroundings.clock.now().wall;
    let all = foretold::all(reader, &contents, |thing| whose.holds(thing), now)?;
    let nothing = "no drive, filesystem, pool or quota was recorded so far";
    if output.format != Format::Table || !past.fields.is_empty() {
        let rows = all.iter().map(|one| row(one, now, surroundings)).collect();
        let columns = Tale::Predict.columns().iter().map(Told::column).collect();
        let sheet = Sheet { columns, rows };
        let document = PastDocument { tale: Tale::Predict, as_of: now, facts: Vec::new(), sheet };
        print(document, nothing, past, output, surroundings)?;
        return Ok(Exit::Well);
    }
    let paint = surroundings.paint(output);
    for line in all.iter().flat_map(|one| told(one, now, paint)) {
        writeln!(surroundings.out, "{line}")?;
    }
    if all.is_empty() {
        note(nothing, output, surroundings)?;
    }
    Ok(Exit::Well)
}

fn row(one: &Foretold, now: WallTime, surroundings: &Surroundings<'_>) -> Row {
    let cell = |when: When| match when {
        When::At(at) => moment_cell(at, surroundings),
        When::Beyond => Value::None,
    };
    let end = |of: fn(&cm_core::forecast::Range) -> When| one.when().map_or(Value::None, |range| cell(of(range)));
    let days = one.when().and_then(|range| range.likely.ahead_of(now));
    let days = days.map(|ahead| (ahead.as_secs_f64() / 86_400.0).round());
    let grade = one.grade().map(|grade| match grade {
        Grade::Measured => "measured",
        Grade::Rough => "rough",
    });
    let mut cells = place_cells(one.thing()).to_vec();
    cells.extend([Value::Word(one.of()), Value::Word(one.standing(now).word())]);
    cells.extend([end(|range| range.likely), end(|range| range.early), end(|range| range.late)]);
    cells.extend([Value::reading(days, Unit::Count), Value::word(grade)]);
    cells.push(one.last_read().map_or(Value::None, |at| moment_cell(at, surroundings)));
    cells.extend([Value::name(&one.sentence(now)), Value::Words(one.reasons())]);
    Row { host: one.thing().host.clone(), health: Health::Ok, cells }
}

/// One forecast in lines: what, when, and why below it.
fn told(one: &Foretold, now: WallTime, paint: Paint) -> Vec<String> {
    let name = paint.spell(&name(one.thing(), one.of()));
    let mut sentence = one.sentence(now);
    if let (Standing::Stale, Some(last)) = (one.standing(now), one.last_read()) {
        sentence = format!("{sentence}; last read {} ago", wording::age(now.since(last)));
    }
    let meaning = match one.standing(now) {
        Standing::Reached => Meaning::Doubtful,
        Standing::Coming => {
            let soon = one.when().and_then(|range| range.likely.ahead_of(now)).is_some_and(|ahead| ahead < SOON);
            if soon { Meaning::Doubtful } else { Meaning::Plain }
        }
        Standing::Calm => Meaning::Plain,
        Standing::TooLittle | Standing::Stale => Meaning::Faint,
    };
    let lines = paint.wrap("", INDENT, &format!("{name}: {}", paint.spell(&sentence)));
    let mut lines: Vec<String> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| match line.split_once(&format!("{name}:")).filter(|_| at == 0) {
            Some((_, rest)) => format!("{}:{}", paint.dress(&name, Meaning::Title), paint.dress(rest, meaning)),
            None => paint.dress(line, meaning),
        })
        .collect();
    let reasons = one.reasons();
    if !reasons.is_empty() {
        let why = paint.wrap("    ", INDENT, &paint.spell(&reasons.join("; ")));
        lines.extend(why.iter().map(|line| paint.dress(line, Meaning::Faint)));
    }
    lines
}

/// `srv01 nvme0n1`, `srv01 /srv files`.
fn name(thing: &Thing, of: &str) -> String {
    let host = thing.host.as_ref().map_or("no host", HostId::as_str);
    let name = terminal::line(&thing.name);
    match of {
        "wear" | "space" => format!("{host} {name}"),
        "pool" => format!("{host} pool {name}"),
        of => format!("{host} {name} {of}"),
    }
}
