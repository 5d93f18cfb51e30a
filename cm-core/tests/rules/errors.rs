//! What is said of a file of rules that is wrong: each `errors/*.rules` beside its `.txt`. `CM_UPDATE=1` writes them.

use cm_core::registry::Registry;
use cm_core::rule::{RuleFile, RuleSet};

#[test]
fn every_slip_is_told_with_its_place_and_what_next() {
    let mut wrong = Vec::new();
    for path in super::files(&super::folder().join("errors"), "rules") {
        let text = std::fs::read_to_string(&path).expect("it is text");
        let name = path.file_name().expect("a file");
        let (_, problems) = RuleSet::read(&[RuleFile { path: name.into(), text }], &Registry::default());
        assert!(problems.has_errors(), "{} is sound", path.display());
        let told = format!("{problems}\n");
        let golden = path.with_extension("txt");
        if std::env::var_os("CM_UPDATE").is_some() {
            std::fs::write(&golden, &told).expect("it can be written");
        } else if std::fs::read_to_string(&golden).ok().as_deref() != Some(told.as_str()) {
            wrong.push(format!("{}:\n{told}", golden.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
