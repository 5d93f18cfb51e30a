//! docs/RULES.md keeps to the language: its examples are sound, and every function, name, unit and state stands in it.

use std::path::Path;

use cm_core::registry::Registry;
use cm_core::rule::{FUNCTIONS, LABELS, RuleFile, RuleSet, UNITS};

fn page() -> Option<String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/RULES.md")).ok()
}

#[test]
fn every_example_of_the_page_is_sound() {
    let Some(page) = page() else {
        eprintln!("passed over: docs/ is not part of the packaged crate");
        return;
    };
    let examples: Vec<&str> =
        page.split("```rules\n").skip(1).map(|rest| rest.split("```").next().unwrap_or("")).collect();
    assert_eq!(examples.len(), 3);
    for text in examples {
        let file = RuleFile { path: "RULES.md".into(), text: text.to_owned() };
        let (_, problems) = RuleSet::read(&[file], &Registry::default());
        assert!(problems.is_empty(), "{problems}");
    }
}

#[test]
fn every_word_of_the_language_stands_on_the_page() {
    let Some(page) = page() else { return };
    let functions = FUNCTIONS.iter().map(|function| function.usage);
    let labels = LABELS.iter().map(|label| label.name);
    let words = LABELS.iter().flat_map(|label| label.words.iter().copied()).filter(|word| *word != "unknown");
    let words = words.filter(|word| !["always", "often", "sometimes", "smart"].contains(word));
    for word in functions.chain(labels).chain(words).chain(UNITS.iter().copied()) {
        assert!(page.contains(&format!("`{word}`")), "{word} does not stand in docs/RULES.md");
    }
}
