//! The published JSON Schemas are current, and every document keeps to its own.

use std::path::Path;

use cm_cli::schema;

#[test]
fn published_schemas_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schema");
    for name in schema::names() {
        let path = folder.join(format!("{name}.json"));
        let current = schema::text(Some(name)).unwrap();
        if std::env::var_os("CM_BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &current).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(published == current, "{} is old: CM_BLESS=1 cargo test -p cm-cli writes it anew", path.display());
    }
}

#[test]
fn every_schema_is_of_the_draft_and_says_what_every_field_is() {
    for name in schema::names() {
        let schema = schema::of(name).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        assert_eq!(schema["title"], format!("cm-dashboard/{name}/1"));
        assert!(schema["required"].as_array().unwrap().iter().any(|field| field == "schema"), "{name}");
    }
}

#[test]
fn documents_have_the_fields_of_their_schema_and_no_others() {
    for command in ["status", "hosts", "drives", "services", "backups", "metrics"] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_cm-cli"))
            .args([command, "--demo", "--json"])
            .output()
            .unwrap();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let schema = schema::of(command).unwrap();
        let names = |value: &serde_json::Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
        assert_eq!(names(&document), names(&schema["properties"]), "{command}");
        for (name, property) in schema["properties"].as_object().unwrap() {
            if let Some(fields) = property.get("items").and_then(|items| items.get("properties")) {
                for row in document[name].as_array().unwrap() {
                    assert_eq!(names(row), names(fields), "{command} {name}");
                }
            }
        }
    }
}
