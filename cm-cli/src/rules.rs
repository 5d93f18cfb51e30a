//! `rules list|check|test`: which rules are in force, what is wrong with files of them, whether a condition holds now.
//!
//! | room | what it holds |
//! |---|---|
//! | `list`, `check`, `test` | a command each |
//!
//! The language itself is known below, in `cm-core`.

pub mod check;
pub mod list;
pub mod test;

use cm_core::clock::WallTime;
use cm_core::config::{self, Problems, rule_files, rule_folder};
use cm_core::registry::Registry;
use cm_core::rule::{RuleFile, RuleSet};

use crate::complaint::Complaint;
use crate::document::table::Shown;
use crate::document::{Column, Kind, Row, Sheet};
use crate::exit::Exit;
use crate::format::table;
use crate::gather::configured;
use crate::request::{Output, Request, RulesAct};
use crate::run::{Stop, runtime};
use crate::surroundings::Surroundings;

/// Does what was asked.
///
/// # Errors
/// A configuration that cannot be used; a condition that cannot be read; output that cannot be written.
pub fn run(act: &RulesAct, request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    match act {
        RulesAct::List => list::run(request, surroundings),
        RulesAct::Check { files } => check::run(files, request, surroundings),
        RulesAct::Test { condition } => runtime()?.block_on(test::run(condition, request, surroundings)),
    }
}

/// The files of rules that are configured, and what is wrong with reading them.
fn configured_files(
    request: &Request,
    surroundings: &Surroundings<'_>,
) -> Result<(Vec<RuleFile>, Problems), Complaint> {
    let loaded = configured::load(&request.watch, surroundings).map_err(Complaint::of_problems)?;
    let around = config::Surroundings::new(surroundings.variables, surroundings.user);
    let folder = rule_folder(&loaded, &around);
    Ok(folder.map(|folder| rule_files(&folder, surroundings.user)).unwrap_or_default())
}

/// The rules that are in force, and everything that is wrong with them.
fn in_force(request: &Request, surroundings: &Surroundings<'_>) -> Result<(RuleSet, Problems), Complaint> {
    let (files, mut problems) = configured_files(request, surroundings)?;
    let (rules, more) = RuleSet::read(&files, &Registry::default());
    more.iter().for_each(|problem| problems.push(problem.clone()));
    problems.sort();
    Ok((rules, problems))
}

/// Tells on stderr what is wrong with the rules, where they are used all the same.
fn tell(problems: &Problems, output: Output, surroundings: &mut Surroundings<'_>) -> Result<(), Stop> {
    if !problems.is_empty() && !output.quiet && !output.format.is_json() {
        surroundings.out.flush()?;
        writeln!(surroundings.err, "{problems}")?;
    }
    Ok(())
}

fn column(name: &str, kind: Kind) -> Column {
    Column { name: name.to_owned(), head: name.to_owned(), help: String::new(), kind, metric: None }
}

/// Prints rows as a table. Not more of them than columns fit.
fn print(
    columns: Vec<Column>,
    rows: Vec<Row>,
    shown: &[Shown],
    now: WallTime,
    output: Output,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Stop> {
    for line in table::sheet_lines(&Sheet { columns, rows }, shown, now, surroundings.paint(output)) {
        writeln!(surroundings.out, "{line}")?;
    }
    Ok(())
}
