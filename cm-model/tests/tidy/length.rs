//! How long a file may be: lines that hold code, tests not counted.

use crate::source::Source;

/// Past this a file is listed below.
const SOFT: usize = 300;

/// Past this a file is split.
const HARD: usize = 500;

/// Past this a test module moves to a file of its own.
const MOST_TESTS: usize = 200;

/// A ceiling this far above a file's length is lowered.
const SLACK: usize = 15;

/// The files that are longer than they should be, and how long each is at most. Ceilings only fall.
pub(crate) const LONGER: &[(&str, usize)] = &[];

/// What is wrong with the length of one file.
pub(crate) fn check(source: &Source, longer: &[(&str, usize)], complaints: &mut Vec<String>) {
    let path = &source.path;
    let length = source.code_outside_tests().filter(|(_, line)| !line.trim().is_empty()).count();
    let ceiling = longer.iter().find(|(listed, _)| listed == path).map(|(_, ceiling)| *ceiling);
    match ceiling {
        _ if length > HARD => complaints.push(format!("{path}: {length} lines of code are more than {HARD}: make two rooms of it")),
        None if length > SOFT => complaints.push(format!(
            "{path}: {length} lines of code are more than {SOFT}: make two rooms of it; if it has one subject still, list it in cm-model/tests/tidy/length.rs"
        )),
        Some(_) if length <= SOFT => complaints.push(format!("{path}: {length} lines of code are few enough: take it off the list in cm-model/tests/tidy/length.rs")),
        Some(ceiling) if length > ceiling => complaints.push(format!("{path}: {length} lines of code are more than its ceiling of {ceiling}, which only falls: move something out")),
        Some(ceiling) if length + SLACK < ceiling => complaints.push(format!("{path}: lower its ceiling from {ceiling} to {length} in cm-model/tests/tidy/length.rs")),
        _ => {}
    }
    if let Some((lines, at)) = source.longest_tests().filter(|(lines, _)| *lines > MOST_TESTS) {
        let own = path.trim_end_matches(".rs");
        complaints.push(format!(
            "{path}:{at}: {lines} lines of tests are more than {MOST_TESTS}: move them to {own}/tests.rs"
        ));
    }
}

/// Entries of the list that name no file.
pub(crate) fn check_list(sources: &[Source], complaints: &mut Vec<String>) {
    for (listed, _) in LONGER {
        if !sources.iter().any(|source| source.path == *listed) {
            complaints.push(format!("cm-model/tests/tidy/length.rs: {listed} is gone: take it off the list"));
        }
    }
}

#[test]
fn a_ceiling_only_falls() {
    let of = |lines: usize| Source::new("x/src/a.rs", &format!("//! A.\n\n{}", "fn a() {}\n".repeat(lines)));
    let listed = [("x/src/a.rs", 400)];
    for (lines, longer, wrong) in [
        (300, &[][..], false),
        (301, &[], true),
        (390, &listed, false),
        (401, &listed, true),
        (350, &listed, true),
        (300, &listed, true),
        (501, &[("x/src/a.rs", 600)], true),
    ] {
        let mut complaints = Vec::new();
        check(&of(lines), longer, &mut complaints);
        assert_eq!(!complaints.is_empty(), wrong, "{lines}: {complaints:?}");
    }
    let tests =
        Source::new("x/src/a.rs", &format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    fn a() {}\n".repeat(200)));
    let mut complaints = Vec::new();
    check(&tests, &[], &mut complaints);
    assert_eq!(complaints.len(), 1);
}
