//! Words and calls that do not stand in this project, each with what stands there instead.

use crate::order::has_word;
use crate::source::Source;

/// Names that say nothing of what is in a file.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helpers", "common", "types", "manager", "misc", "mod"];

/// Not in code, comments or documents.
const ANYWHERE: &[(&str, &str)] = &[
    ("TODO", "do it now, or file an issue"),
    ("FIXME", "mend it now, or file an issue"),
    ("XXX", "say plainly what is the matter"),
    ("HACK", "say why it is done this way"),
    ("utils", "name the subject with a noun of the field"),
    ("helper fn", "say what the function does"),
    ("helper function", "say what the function does"),
    ("helper functions", "say what the functions do"),
];

/// Not in code, tests included.
const IN_CODE: &[(&str, &str)] = &[
    ("todo!", "write it, or leave it out"),
    ("unimplemented!", "write it, or leave it out"),
    ("dbg!", "a test, or tracing"),
];

/// Not in code, tests included, but for the one file that speaks to NVMe drives.
const NOT_SAFE: &[(&str, &str)] = &[("unsafe", "rustix has the system calls without it")];

const SPEAKS_TO_DRIVES: &str = "cm-agent/src/machine/nvme/ioctl.rs";

/// Not in code outside of tests, examples and benches; the clock's own file may. The runtime's own `Instant`, by which
/// tasks set their timers, is no clock of ours: tests pause it, and nothing tells an age by it.
const ASKS_THE_TIME: &[&str] = &["Instant::now", "SystemTime::now", "Utc::now", "Local::now", "UNIX_EPOCH.elapsed"];

const CLOCK: &str = "cm-model/src/clock.rs";

/// Not in libraries.
const PRINTS: &[&str] = &["println!", "print!", "eprintln!", "eprint!"];

/// Where a host's text would be printed past its exits.
const SHOWS: &[&str] = &["#[error(", "println!(", "print!(", "eprintln!(", "eprint!("];

/// Where SQLite is spoken to, and the calls that would open, copy or rename the live file past it: one open and close in
/// the writer's process drops the locks that it holds, and its next commits are seen by nobody else.
const STORE: &[&str] = &["cm-core/src/store.rs", "cm-core/src/store/"];
/// Where plain rows are measured beside the store.
const BESIDE_STORE: &[&str] = &["cm-core/benches/history/"];
const PAST_SQLITE: &[&str] =
    &["File::open", "File::create", "fs::read", "fs::write", "fs::copy", "fs::rename", "fs::hard_link"];

/// Files that still show a host's text raw. The list only grows shorter.
const SHOWS_RAW: &[&str] = &[];

/// What is wrong with the words of one file.
pub(crate) fn check_source(source: &Source, complaints: &mut Vec<String>) {
    let path = &source.path;
    let prose = source.prose.iter().map(|(line, text)| (*line, without_quoted(text)));
    let code = source.code.iter().enumerate().map(|(at, text)| (at + 1, text.clone()));
    for (line, text) in prose.chain(code.clone()) {
        say(ANYWHERE, path, line, &text, complaints);
    }
    for (line, text) in code {
        say(IN_CODE, path, line, &text, complaints);
        if path != SPEAKS_TO_DRIVES {
            say(NOT_SAFE, path, line, &text, complaints);
        }
    }
    let timers = source.code.iter().any(|line| line.contains("tokio::time::") && has_word(line, "Instant"));
    for (line, text) in source.code_outside_tests() {
        let asks = |call: &str| has_word(text, call) && !(call == "Instant::now" && timers);
        for call in ASKS_THE_TIME.iter().filter(|call| !source.is_program() && path != CLOCK && asks(call)) {
            complaints.push(format!("{path}:{line}: `{call}` asks for the time: take a cm_model::clock::Clock, or the moment itself, as an argument"));
        }
        for call in PRINTS.iter().filter(|call| !source.is_program() && has_word(text, call)) {
            complaints.push(format!("{path}:{line}: `{call}` in a library: return what is to be said, or use tracing"));
        }
    }
    check_live_file(source, complaints);
    check_raw(source, complaints);
}

fn check_live_file(source: &Source, complaints: &mut Vec<String>) {
    let path = &source.path;
    let in_store = STORE.iter().any(|place| path.starts_with(place));
    let is_beside = BESIDE_STORE.iter().any(|place| path.starts_with(place));
    for (line, text) in source.code_outside_tests().filter(|_| !path.contains("/tests/")) {
        if !in_store && !is_beside && has_word(text, "rusqlite") {
            complaints
                .push(format!("{path}:{line}: SQLite is spoken to in cm-core/src/store alone: ask cm_core::store"));
        }
        for call in PAST_SQLITE.iter().filter(|call| in_store && has_word(text, call)) {
            complaints
                .push(format!("{path}:{line}: `{call}` beside a live history breaks its locks: let SQLite do it"));
        }
    }
}

fn check_raw(source: &Source, complaints: &mut Vec<String>) {
    let path = &source.path;
    let shown = |text: &str| text.contains(".raw()") && SHOWS.iter().any(|call| text.contains(call));
    let lines: Vec<usize> = source.code_outside_tests().filter(|(_, text)| shown(text)).map(|(line, _)| line).collect();
    match (SHOWS_RAW.contains(&path.as_str()), lines.is_empty()) {
        (true, true) => {
            complaints.push(format!("{path}: shows nothing raw any more: take it off SHOWS_RAW in cm-model/tests/tidy/word.rs"));
        }
        (false, false) => complaints.extend(lines.iter().map(|line| {
            format!("{path}:{line}: text from a host is shown raw: let it out through cm_model::text::terminal, or another exit")
        })),
        _ => {}
    }
}

/// What is wrong with a file's name and its first line. A `tests.rs` goes on with the idea of the room above it.
pub(crate) fn check_opening(source: &Source, complaints: &mut Vec<String>) {
    let path = &source.path;
    for part in path.trim_end_matches(".rs").split('/').filter(|part| EMPTY_NAMES.contains(part)) {
        complaints.push(match part {
            "mod" => format!("{path}: no mod.rs: name the file after its folder and put it beside that"),
            part => format!("{path}: `{part}` says nothing: name it after its subject, with a noun of the field"),
        });
    }
    if !path.ends_with("/tests.rs") && !source.text.starts_with("//!") {
        complaints
            .push(format!("{path}:1: open with `//!`: the file's one idea, and what it deliberately does not know"));
    }
}

/// What is wrong with the words of a document. What stands in backticks is quoted.
pub(crate) fn check_document(path: &str, text: &str, complaints: &mut Vec<String>) {
    for (at, line) in text.lines().enumerate() {
        say(ANYWHERE, path, at + 1, &without_quoted(line), complaints);
    }
}

fn say(words: &[(&str, &str)], path: &str, line: usize, text: &str, complaints: &mut Vec<String>) {
    for (word, instead) in words.iter().filter(|(word, _)| has_word(text, word)) {
        complaints.push(format!("{path}:{line}: `{word}`: {instead}"));
    }
}

fn without_quoted(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

#[test]
fn each_rule_of_words_can_be_broken() {
    for (path, text, wrong) in [
        ("x/src/a.rs", "// TODO later", true),
        ("x/src/a.rs", "// not `TODO`, nor TODOS", false),
        ("x/src/a.rs", "fn a() { todo!() }", true),
        ("x/src/a.rs", "fn a() { let s = \"unsafe\"; }", false),
        ("x/src/a.rs", "use rusqlite::Connection;", true),
        ("cm-core/src/store/a.rs", "use rusqlite::Connection;", false),
        ("cm-core/src/store/a.rs", "fn a() { std::fs::copy(a, b); }", true),
        ("x/src/a.rs", "fn a() { std::fs::copy(a, b); }", false),
        ("x/src/a.rs", "unsafe fn a() {}", true),
        (SPEAKS_TO_DRIVES, "unsafe fn a() {}", false),
        ("x/src/a.rs", "fn a() { Instant::now(); }", true),
        ("x/src/a.rs", "use tokio::time::{Instant, sleep};\nfn a() { Instant::now(); }", false),
        ("x/src/a.rs", "fn a() { chrono::Utc::now(); }", true),
        ("x/src/main.rs", "fn a() { Instant::now(); }", false),
        (CLOCK, "fn a() { SystemTime::now(); }", false),
        ("x/tests/a.rs", "fn a() { Instant::now(); }", false),
        ("x/src/a.rs", "fn a() { println!(); }", true),
        ("x/src/main.rs", "fn a() { println!(); }", false),
        ("x/src/a.rs", "#[error(\"{}\", .why.raw())]", true),
        ("x/src/a.rs", "#[cfg(test)]\nmod tests {\n    fn a() { println!(); }\n}", false),
    ] {
        let mut complaints = Vec::new();
        check_source(&Source::new(path, text), &mut complaints);
        assert_eq!(!complaints.is_empty(), wrong, "{path}: {text}: {complaints:?}");
    }
    for (path, text, wrong) in [
        ("x/src/wear.rs", "//! Wear.", false),
        ("x/src/wear.rs", "use a;", true),
        ("x/src/wear/tests.rs", "use a;", false),
        ("x/tests/whole.rs", "use a;", true),
        ("x/src/wear/mod.rs", "//! Wear.", true),
        ("x/src/utils.rs", "//! All.", true),
        ("x/src/common/wear.rs", "//! Wear.", true),
    ] {
        let mut complaints = Vec::new();
        check_opening(&Source::new(path, text), &mut complaints);
        assert_eq!(!complaints.is_empty(), wrong, "{path}: {complaints:?}");
    }
}
