//! What lies around the program: its configuration, the folder for its state, the terminal.

use cm_core::config::{self, Loaded, Problem, Problems, Severity};
use cm_core::health::Health;
use cm_core::wording::{Glyphs, plural};

use super::Check;
use crate::config::places;
use crate::request::Output;
use crate::surroundings::{Behind, Surroundings};

/// The files, and every problem in them.
pub(super) fn configuration(loaded: &Result<Loaded, Problems>) -> Vec<Check> {
    match loaded {
        Ok(loaded) => {
            let hosts = loaded.config.hosts.len();
            let summary = match (loaded.files.as_slice(), hosts) {
                ([], _) => Check::well("configuration", "", "none: this machine is watched, with every default")
                    .trouble(Health::Note, "To watch more than this machine: cm-cli config init"),
                (files, hosts) => {
                    let names: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
                    let text = format!("{} in {}", plural(hosts, "host"), names.join(" and "));
                    Check::well("configuration", "", text)
                }
            };
            std::iter::once(summary).chain(loaded.problems.iter().map(problem)).collect()
        }
        Err(problems) => problems.iter().map(problem).collect(),
    }
}

fn problem(problem: &Problem) -> Check {
    let health = if problem.severity == Severity::Error { Health::Critical } else { Health::Note };
    let place = problem.location();
    let text = if place.is_empty() { problem.message.clone() } else { format!("{place}: {}", problem.message) };
    let check = Check::well("configuration", "", text).trouble(health, problem.next.clone());
    match problem.code {
        Some(code) => check.code(code),
        None => check,
    }
}

/// The folder in which state and history live.
pub(super) fn state(surroundings: &Surroundings<'_>) -> Check {
    let around = config::Surroundings::new(surroundings.variables, surroundings.user);
    let places = places(surroundings);
    if let Some(found) = config::state_problem(&places, &around) {
        return Check { part: "state", ..problem(&found) };
    }
    let Some(folder) = places.state else {
        return Check::well("state", "", "neither HOME nor XDG_STATE_HOME is set: nothing can be kept")
            .trouble(Health::Note, "Set HOME, or XDG_STATE_HOME to a folder.");
    };
    // The nearest folder that is there decides whether what is missing can be made.
    let mut there = folder.as_path();
    while !there.exists() {
        let Some(above) = there.parent() else { break };
        there = above;
    }
    let writable = rustix::fs::access(there, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_ok();
    let name = folder.display();
    match (writable, there == folder) {
        (true, true) => Check::well("state", "", format!("{name} can be written")),
        (true, false) => Check::well("state", "", format!("{name} is made when it is needed")),
        (false, _) => Check::well("state", "", format!("{} cannot be written", there.display()))
            .trouble(Health::Warning, format!("Give yourself the right: ls -ld {}", there.display()))
            .code(cm_core::fault::Code::FILE_UNWRITABLE),
    }
}

/// What the terminal can show.
pub(super) fn terminal(output: Output, surroundings: &Surroundings<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    let Behind::Terminal { .. } = surroundings.out_is else {
        return vec![Check::well("terminal", "", "output goes into a pipe or a file: no colour, nothing cut")];
    };
    let width = surroundings.width().unwrap_or(80);
    let colour = if surroundings.has_colour(output.colour, surroundings.out_is) { "colours" } else { "no colours" };
    let signs = if surroundings.glyphs(output) == Glyphs::Unicode { "UTF-8" } else { "ASCII alone" };
    checks.push(Check::well("terminal", "", format!("{width} columns, {colour}, {signs}")));
    if !surroundings.is_utf8() {
        checks.push(
            Check::well("terminal", "", "the locale is not UTF-8: marks and bars are drawn in ASCII")
                .trouble(Health::Note, "Set a UTF-8 locale, for example: export LANG=C.UTF-8"),
        );
    }
    if width < 60 {
        checks.push(
            Check::well("terminal", "", "narrower than 60 columns: tables lose most of their columns")
                .trouble(Health::Note, "Make the window wider."),
        );
    }
    checks
}
