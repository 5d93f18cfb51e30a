//! `rules check`: everything that is wrong with files of rules, whether they are in their place yet or not.

use std::path::PathBuf;

use cm_core::config::{Problems, rule_file};
use cm_core::health::Health;
use cm_core::registry::Registry;
use cm_core::rule::RuleSet;
use cm_core::wording::{self, plural};
use schemars::JsonSchema;
use serde::Serialize;

use super::configured_files;
use crate::complaint::ProblemDocument;
use crate::exit::Exit;
use crate::format::json;
use crate::request::{Format, Request};
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// What `rules check` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "rules_check")]
pub struct CheckDocument {
    /// `cm-dashboard/rules-check/1`.
    schema: String,
    /// Whether all of it can be used.
    sound: bool,
    /// The files that were read.
    files: Vec<String>,
    /// How many rules there are then, the built-in ones among them.
    rules_count: usize,
    /// What is wrong.
    problems: Vec<ProblemDocument>,
}

/// Checks files, or those of the configured folder where none is named.
///
/// # Errors
/// A configuration that cannot be used; output that cannot be written.
pub fn run(files: &[PathBuf], request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let (read, mut problems) = if files.is_empty() {
        configured_files(request, surroundings)?
    } else {
        let mut problems = Problems::default();
        let mut read = Vec::new();
        for path in files {
            match rule_file(path, surroundings.user) {
                Ok(file) => read.push(file),
                Err(problem) => problems.push(*problem),
            }
        }
        (read, problems)
    };
    let (rules, more) = RuleSet::read(&read, &Registry::default());
    more.iter().for_each(|problem| problems.push(problem.clone()));
    problems.sort();
    let sound = !problems.has_errors();
    let exit = if sound { Exit::Well } else { Exit::Config };
    if request.output.format == Format::Json {
        let document = CheckDocument {
            schema: json::schema_name("rules-check"),
            sound,
            files: read.iter().map(|file| file.path.display().to_string()).collect(),
            rules_count: rules.rules().len(),
            problems: problems.iter().map(ProblemDocument::from).collect(),
        };
        json::document(surroundings.out, &document)?;
        return Ok(exit);
    }
    let rules = plural(rules.rules().len(), "rule");
    if sound {
        let mark = wording::mark(Health::Ok, surroundings.paint(request.output).glyphs);
        let what = if read.is_empty() {
            "no files of rules: the built-in ones hold".to_owned()
        } else {
            format!("{} sound", plural(read.len(), "file"))
        };
        writeln!(surroundings.out, "{mark} {what}; {rules} with the built-in ones")?;
    } else {
        let errors = plural(problems.errors().count(), "error");
        writeln!(surroundings.out, "{problems}\n\n{errors}; what is wrong is left out, {rules} hold")?;
    }
    Ok(exit)
}
