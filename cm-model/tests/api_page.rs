//! docs/API.md tells of every field and every status word that the report types have.

use std::path::Path;

const ROOMS: [&str; 8] = [
    "report.rs",
    "report/smart.rs",
    "report/service.rs",
    "report/service/machine.rs",
    "report/service/sensor.rs",
    "report/service/activity.rs",
    "report/backup.rs",
    "report/backup/job.rs",
];

fn is_name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[test]
fn the_page_tells_of_every_field_and_word() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(page) = std::fs::read_to_string(crate_folder.join("../docs/API.md")) else {
        eprintln!("passed over: docs/ is not part of the packaged crate");
        return;
    };
    let mut missing = Vec::new();
    for room in ROOMS {
        let source = std::fs::read_to_string(crate_folder.join("src").join(room)).unwrap();
        for line in source.lines() {
            let line = line.trim();
            if let Some((field, _)) =
                line.strip_prefix("pub ").and_then(|rest| rest.split_once(": ")).filter(|(field, _)| is_name(field))
            {
                let renamed = format!("`vm.{field}`");
                if !page.contains(&format!("`{field}`")) && !page.contains(&renamed) {
                    missing.push(format!("{room}: field {field}"));
                }
            }
            // A variant of `words!`: `Ok = "ok" | "healthy",`
            if let Some((_, word)) =
                line.split_once(" = \"").filter(|_| line.ends_with(',') && line.starts_with(char::is_uppercase))
            {
                let word = word.split('"').next().unwrap_or_default();
                if !page.contains(word) {
                    missing.push(format!("{room}: word {word}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "docs/API.md does not tell of: {missing:#?}");
}
