//! Dead files: a Rust file that no `mod` leads to is compiled by nobody and checked by nobody.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Source;

/// Every file that is reached from no root of its crate.
pub(crate) fn check(sources: &[Source], complaints: &mut Vec<String>) {
    let by_path: BTreeMap<&str, &Source> = sources.iter().map(|source| (source.path.as_str(), source)).collect();
    let mut reached = BTreeSet::new();
    let mut ahead: Vec<&str> = by_path.keys().copied().filter(|path| is_root(path)).collect();
    while let Some(path) = ahead.pop() {
        if reached.insert(path) {
            let named = modules(by_path[path]);
            ahead.extend(by_path.keys().copied().filter(|other| named.iter().any(|name| name == other)));
        }
    }
    for path in by_path.keys().filter(|path| !reached.contains(*path)) {
        complaints.push(format!("{path}: no `mod` leads here: declare it in the file above it, or delete it"));
    }
}

/// Files that cargo finds by itself.
fn is_root(path: &str) -> bool {
    let Some((_, inside)) = path.split_once('/') else { return true };
    if matches!(inside, "build.rs" | "src/lib.rs" | "src/main.rs") {
        return true;
    }
    ["src/bin/", "tests/", "examples/", "benches/"].iter().any(|folder| {
        inside
            .strip_prefix(folder)
            .is_some_and(|rest| !rest.contains('/') || (rest.ends_with("/main.rs") && rest.matches('/').count() == 1))
    })
}

/// The files that a file's `mod x;` may mean, of which one exists.
fn modules(source: &Source) -> Vec<String> {
    let (folder, name) = source.path.rsplit_once('/').unwrap_or(("", &source.path));
    let stem = name.trim_end_matches(".rs");
    let below = if is_root(&source.path) { folder.to_owned() } else { format!("{folder}/{stem}") };
    let mut found = Vec::new();
    let mut named_path = None;
    for (at, line) in source.code.iter().enumerate() {
        let line = line.trim();
        if line.starts_with("#[path") {
            named_path = source.literals.iter().find(|(line, _)| *line == at + 1).map(|(_, literal)| literal);
        }
        let declared = line
            .strip_suffix(';')
            .and_then(|line| line.rsplit_once("mod "))
            .filter(|(before, _)| before.is_empty() || before.starts_with("pub") || before.starts_with('#'));
        if let Some((_, module)) = declared {
            match named_path.take() {
                Some(named) => found.push(format!("{folder}/{named}")),
                None => found.push(format!("{below}/{module}.rs")),
            }
        }
    }
    found
}

#[test]
fn a_file_without_a_mod_is_dead() {
    let sources = [
        Source::new("x/src/lib.rs", "mod a;\n"),
        Source::new("x/src/a.rs", "pub(crate) mod b;\n// mod c;\n"),
        Source::new("x/src/a/b.rs", ""),
        Source::new("x/src/a/c.rs", ""),
        Source::new("x/tests/whole.rs", "#[path = \"whole/part.rs\"]\nmod part;\n"),
        Source::new("x/tests/whole/part.rs", ""),
        Source::new("x/tests/whole/other.rs", ""),
    ];
    let mut complaints = Vec::new();
    check(&sources, &mut complaints);
    let dead: Vec<_> = complaints.iter().filter_map(|complaint| complaint.split(':').next()).collect();
    assert_eq!(dead, ["x/src/a/c.rs", "x/tests/whole/other.rs"]);
}
