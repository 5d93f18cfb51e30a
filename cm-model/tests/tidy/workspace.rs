//! What the workspace holds: its Rust files, its documents, its folders of fixtures.

use std::fs;
use std::path::{Path, PathBuf};

use crate::source::Source;

/// The workspace, read once a test.
pub(crate) struct Workspace {
    /// Every Rust file.
    pub(crate) sources: Vec<Source>,
    /// Every Markdown file: path and text.
    pub(crate) documents: Vec<(String, String)>,
    /// Every crate's manifest: folder and text.
    pub(crate) manifests: Vec<(String, String)>,
    /// Folders directly below a folder named `fixtures`, and whether a README.md lies there.
    pub(crate) fixtures: Vec<(String, bool)>,
}

impl Workspace {
    /// Reads the workspace around this crate. A crate that was packaged on its own stands in none: then this says so.
    #[expect(clippy::print_stdout, reason = "who finds nothing to check says so")]
    pub(crate) fn read() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate lies in a folder");
        let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
        if !manifest.contains("[workspace]") {
            println!("no workspace around this crate, so there is nothing to check: {}", root.display());
            return None;
        }
        let mut found =
            Self { sources: Vec::new(), documents: Vec::new(), manifests: Vec::new(), fixtures: Vec::new() };
        found.walk(root, root);
        assert!(found.sources.len() > 30, "only {} Rust files found below {}", found.sources.len(), root.display());
        Some(found)
    }

    fn walk(&mut self, root: &Path, folder: &Path) {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder)
            .expect("the workspace can be read")
            .map(|entry| entry.expect("a readable entry").path())
            .collect();
        entries.sort();
        for path in entries {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("").to_owned();
            let told = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            if path.is_symlink() || name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                if folder.file_name().is_some_and(|above| above == "fixtures") {
                    self.fixtures.push((told, path.join("README.md").is_file()));
                } else if name != "target" {
                    self.walk(root, &path);
                }
                continue;
            }
            let read = || fs::read_to_string(&path).unwrap_or_else(|error| panic!("{told}: {error}"));
            let kind = path.extension().and_then(|kind| kind.to_str());
            if name == "Cargo.toml" && folder != root {
                self.manifests.push((told.trim_end_matches("/Cargo.toml").to_owned(), read()));
            } else if kind == Some("rs") {
                self.sources.push(Source::new(&told, &read()));
            } else if kind == Some("md") {
                self.documents.push((told.clone(), read()));
            }
        }
    }
}
