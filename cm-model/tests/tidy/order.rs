//! Data moves one way: what a crate and a room may import.
//!
//! The two lists below are the order of docs/ARCHITECTURE.md, once. Tests may import what they like: an end-to-end test
//! stands where it is needed.

use crate::source::Source;

/// Each crate, and the crates of ours that it may import. Lower floors come first.
const CRATES: &[(&str, &[&str])] = &[
    ("cm-model", &[]),
    ("cm-core", &["cm-model"]),
    ("cm-agent", &["cm-model"]),
    ("cm-cli", &["cm-model", "cm-core", "cm-agent"]),
    ("cm-tui", &["cm-model", "cm-core", "cm-agent"]),
    ("cm-notify", &["cm-model", "cm-core", "cm-agent"]),
];

/// Each crate's rooms from left to right. A room imports from its left; those on one line may import each other.
const ROOMS: &[(&str, &[&[&str]])] = &[
    (
        "cm-model",
        &[
            &["clock"],
            &["unit"],
            &["text"],
            &["host"],
            &["nearest"],
            &["fault"],
            &["problem"],
            &["trust"],
            &["report"],
            &["observation"],
            &["health", "metric"],
            &["catalogue"],
            &["registry"],
            &["verdict"],
            &["wording"],
            &["guard"],
            &["demo"],
        ],
    ),
    (
        "cm-core",
        &[
            &["api"],
            &["snapshot", "source"],
            &["fleet"],
            &["series"],
            &["forecast"],
            &["severity"],
            &["rule"],
            &["incident"],
            &["outbox"],
            &["audit"],
            &["store"],
            &["outlook"],
            &["view"],
            &["engine"],
            &["config"],
            &["gather"],
        ],
    ),
    (
        "cm-agent",
        &[
            &["logfile"],
            &["pattern"],
            &["trust"],
            &["program"],
            &["notify"],
            &["machine"],
            &["engine"],
            &["dbus"],
            &["farewell"],
            &["systemd"],
            &["journal"],
            &["collector"],
            &["helper"],
            &["report"],
            &["lookout"],
            &["watch"],
            &["serve"],
            &["config"],
            &["run"],
            &["doctor"],
            &["simulate"],
            &["args"],
            &["look", "handover"],
            &["command"],
        ],
    ),
    (
        "cm-notify",
        &[
            &["carrier"],
            &["dress"],
            &["template"],
            &["program"],
            &["wire"],
            &["channel"],
            &["contact"],
            &["exit"],
            &["site"],
            &["post"],
            &["press"],
            &["watch"],
            &["check"],
            &["waiting"],
            &["args"],
            &["run"],
        ],
    ),
];

/// What is wrong with the imports of one file.
pub(crate) fn check_source(source: &Source, complaints: &mut Vec<String>) {
    let Some(modules) = source.modules() else { return };
    check_crates(source, complaints);
    let (Some(room), Some((_, order))) = (modules.first(), ROOMS.iter().find(|(name, _)| *name == source.folder()))
    else {
        return;
    };
    if *room == "bin" {
        return;
    }
    let place = |room: &str| order.iter().position(|tier| tier.contains(&room));
    let Some(own) = place(room) else {
        complaints.push(format!(
            "{}: the room `{room}` has no place yet: add it to ROOMS in cm-model/tests/tidy/order.rs, right of all that it imports",
            source.path
        ));
        return;
    };
    for (line, imported) in imports(source, &modules) {
        if place(&imported).is_some_and(|other| other > own) {
            complaints.push(format!(
                "{}:{line}: `{room}` imports `{imported}`, which lies to its right: hand it in as an argument, or move what is shared to the left",
                source.path
            ));
        }
    }
}

fn check_crates(source: &Source, complaints: &mut Vec<String>) {
    let Some((name, may)) = CRATES.iter().find(|(name, _)| *name == source.folder()) else {
        complaints.push(format!(
            "{}: a crate without a floor: add it to CRATES in cm-model/tests/tidy/order.rs",
            source.path
        ));
        return;
    };
    for (line, code) in source.code_outside_tests() {
        for (other, _) in CRATES.iter().filter(|(other, _)| other != name && !may.contains(other)) {
            if has_word(code, &other.replace('-', "_")) {
                complaints.push(format!("{}:{line}: {name} must not know {other}: pass what it needs in, or move the shared type to cm-model", source.path));
            }
        }
    }
}

/// What is wrong with a crate's dependencies.
pub(crate) fn check_manifest(folder: &str, manifest: &str, complaints: &mut Vec<String>) {
    let Some((_, may)) = CRATES.iter().find(|(name, _)| *name == folder) else { return };
    let mut section = "";
    for (at, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            section = line;
        }
        let names = |other: &str| line.strip_prefix(other).is_some_and(|after| after.starts_with(['.', ' ', '=']));
        for (other, _) in CRATES {
            if section == "[dependencies]" && names(other) && !may.contains(other) {
                complaints.push(format!("{folder}/Cargo.toml:{}: {folder} must not depend on {other}", at + 1));
            }
        }
    }
}

/// The rooms of its own crate that a file names, by `crate::room`, `crate::{room, …}` or `super::…::room`.
fn imports(source: &Source, modules: &[&str]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let lines: Vec<(usize, &str)> = source.code_outside_tests().collect();
    for (index, (line, code)) in lines.iter().enumerate() {
        for (at, _) in code.match_indices("crate::").filter(|(at, _)| starts_word(code, *at)) {
            let after = &code[at + "crate::".len()..];
            if after.starts_with('{') {
                let group: String = lines[index..].iter().map(|(_, code)| *code).collect::<Vec<_>>().join("\n");
                let from = group.find("crate::{").map_or(0, |at| at + "crate::{".len());
                found.extend(group_heads(&group[from..]).into_iter().map(|room| (*line, room)));
            } else {
                found.push((*line, first_word(after)));
            }
        }
        for (at, _) in
            code.match_indices("super::").filter(|(at, _)| starts_word(code, *at) && !code[..*at].ends_with("::"))
        {
            let after = code[at..].trim_start_matches("super::");
            let steps = (code[at..].len() - after.len()) / "super::".len();
            if steps == modules.len() {
                found.push((*line, first_word(after)));
            }
        }
    }
    found
}

/// The first word of each member of `a::b, c::{d, e}, f}`.
fn group_heads(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut fresh = true;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            c if fresh && depth == 0 && c.is_alphabetic() => {
                heads.push(first_word(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    heads
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn starts_word(code: &str, at: usize) -> bool {
    !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Whether a word stands in a line as a word.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        starts_word(line, at) && !line[at + word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
    })
}

#[test]
fn imports_from_the_right_are_seen_in_every_spelling() {
    for (path, text, wrong) in [
        ("cm-core/src/fleet.rs", "use crate::engine::Engine;", true),
        ("cm-core/src/fleet.rs", "use crate::{\n    api::Client,\n    engine::{Engine, Step},\n};", true),
        ("cm-core/src/fleet/link.rs", "use super::super::engine;", true),
        ("cm-core/src/fleet.rs", "fn a() -> crate::store::Store {}", true),
        ("cm-core/src/fleet.rs", "use cm_agent::watch;", true),
        ("cm-agent/src/serve.rs", "use cm_core::api;", true),
        ("cm-core/src/unheard_of.rs", "", true),
        ("cm-core/src/fleet.rs", "use crate::source::Observations;", false),
        ("cm-core/src/fleet/link.rs", "use super::engine;", false),
        ("cm-core/src/fleet.rs", "// as crate::engine does", false),
        ("cm-core/src/fleet.rs", "#[cfg(test)]\nmod tests {\n    use crate::engine;\n}\n", false),
        ("cm-core/tests/whole.rs", "use cm_agent::watch;", false),
    ] {
        let mut complaints = Vec::new();
        check_source(&Source::new(path, text), &mut complaints);
        assert_eq!(!complaints.is_empty(), wrong, "{path}: {text}: {complaints:?}");
    }
    let mut complaints = Vec::new();
    check_manifest("cm-agent", "[dependencies]\ncm-core.workspace = true\n", &mut complaints);
    check_manifest("cm-agent", "[dev-dependencies]\ncm-core.workspace = true\n", &mut complaints);
    assert_eq!(complaints.len(), 1);
}
