//! `history` and `history HOST`: which hosts and drives are known, which series they have, since when and until when.

use std::collections::{BTreeMap, HashMap, HashSet};

use cm_core::clock::WallTime;
use cm_core::health::Health;
use cm_core::host::HostId;
use cm_core::outlook::Contents;
use cm_core::store::{Reader, Span};
use cm_core::text::HostText;
use cm_core::unit::Unit;

use super::find::{Whose, whose};
use super::{moment_cell, place_cells, print};
use crate::document::past::{PastDocument, Tale, Told};
use crate::document::{Row, Sheet, Value};
use crate::exit::Exit;
use crate::request::{Output, Past};
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// What is known of one host.
#[derive(Default)]
struct Sum {
    drives: HashSet<HostText>,
    series: usize,
    ends: Option<(WallTime, WallTime)>,
}

pub(super) fn run(
    host: Option<&str>,
    reader: &Reader,
    past: &Past,
    output: Output,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Stop> {
    let contents = Contents::read(reader)?;
    let whose = whose(&contents, host)?;
    let extents = reader.extents()?;
    let (tale, rows) = match &whose {
        Whose::All => (Tale::Hosts, hosts(&contents, &extents, surroundings)),
        of => (Tale::Series, series(&contents, of, &extents, surroundings)),
    };
    let sheet = Sheet { columns: tale.columns().iter().map(Told::column).collect(), rows };
    let document = PastDocument { tale, as_of: surroundings.clock.now().wall, facts: Vec::new(), sheet };
    print(document, "the history is empty so far", past, output, surroundings)?;
    Ok(Exit::Well)
}

fn hosts(contents: &Contents, extents: &HashMap<i64, Span>, surroundings: &Surroundings<'_>) -> Vec<Row> {
    let mut sums: BTreeMap<Option<HostId>, Sum> = BTreeMap::new();
    for (thing, series) in contents.things() {
        let sum = sums.entry(thing.host).or_default();
        sum.drives.extend(thing.identity);
        sum.series += series.len();
        for span in series.iter().filter_map(|known| extents.get(&known.id)) {
            let (since, until) = sum.ends.unwrap_or((span.since, span.until));
            sum.ends = Some((since.min(span.since), until.max(span.until)));
        }
    }
    let count = |count: usize| Value::Reading(count as f64, Unit::Count);
    let row = |(host, sum): (Option<HostId>, Sum)| {
        let end = |at: Option<WallTime>| at.map_or(Value::None, |at| moment_cell(at, surroundings));
        let name = host.as_ref().map_or(Value::None, |host| Value::name(host.as_str()));
        let (since, until) = sum.ends.unzip();
        let cells = vec![name, count(sum.drives.len()), count(sum.series), end(since), end(until)];
        Row { host, health: Health::Ok, cells }
    };
    sums.into_iter().map(row).collect()
}

fn series(
    contents: &Contents,
    whose: &Whose,
    extents: &HashMap<i64, Span>,
    surroundings: &Surroundings<'_>,
) -> Vec<Row> {
    let mut rows = Vec::new();
    for (thing, series) in contents.things().filter(|(thing, _)| whose.holds(thing)) {
        for known in series {
            let mut cells = place_cells(&thing).to_vec();
            cells.extend([Value::name(&known.metric), Value::name(&known.unit)]);
            let span = extents.get(&known.id);
            let end = |at: Option<WallTime>| at.map_or(Value::None, |at| moment_cell(at, surroundings));
            cells.extend([end(span.map(|span| span.since)), end(span.map(|span| span.until))]);
            rows.push(Row { host: thing.host.clone(), health: Health::Ok, cells });
        }
    }
    rows
}
