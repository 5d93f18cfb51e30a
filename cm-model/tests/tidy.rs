//! Style that can be checked is checked: order of rooms, openings, names, lengths, words, dead files, the spine.
//!
//! It stands in the lowest crate because the workspace's root is no package, and reads all crates from there. Each check
//! names file and line, and what to do instead; each has a test of its own that breaks the rule.

#[path = "tidy/length.rs"]
mod length;
#[path = "tidy/order.rs"]
mod order;
#[path = "tidy/reach.rs"]
mod reach;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/spine.rs"]
mod spine;
#[path = "tidy/word.rs"]
mod word;
#[path = "tidy/workspace.rs"]
mod workspace;

use workspace::Workspace;

/// Runs one check over the workspace and tells all that it has to say at once.
fn check(check: impl Fn(&Workspace, &mut Vec<String>)) {
    let Some(workspace) = Workspace::read() else { return };
    let mut complaints = Vec::new();
    check(&workspace, &mut complaints);
    assert!(complaints.is_empty(), "{} to put right:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn every_file_has_a_telling_name_and_opens_with_its_idea() {
    check(|workspace, complaints| workspace.sources.iter().for_each(|source| word::check_opening(source, complaints)));
}

#[test]
fn nothing_on_the_left_imports_from_the_right() {
    check(|workspace, complaints| {
        workspace.sources.iter().for_each(|source| order::check_source(source, complaints));
        for (folder, manifest) in &workspace.manifests {
            order::check_manifest(folder, manifest, complaints);
        }
    });
}

#[test]
fn files_are_short_and_ceilings_only_fall() {
    check(|workspace, complaints| {
        workspace.sources.iter().for_each(|source| length::check(source, length::LONGER, complaints));
        length::check_list(&workspace.sources, complaints);
    });
}

#[test]
fn banned_words_and_calls_stand_nowhere() {
    check(|workspace, complaints| {
        workspace.sources.iter().for_each(|source| word::check_source(source, complaints));
        for (path, text) in &workspace.documents {
            word::check_document(path, text, complaints);
        }
    });
}

#[test]
fn every_rust_file_is_compiled() {
    check(|workspace, complaints| reach::check(&workspace.sources, complaints));
}

#[test]
fn every_folder_of_fixtures_says_where_it_comes_from() {
    check(|workspace, complaints| {
        for (folder, _) in workspace.fixtures.iter().filter(|(_, told)| !told) {
            complaints
                .push(format!("{folder}: add a README.md: where this comes from, what it is for, how it is read"));
        }
    });
}

#[test]
fn metrics_are_listed_in_the_catalogue_alone() {
    let names = spine::names();
    assert!(names.len() > 100, "the catalogue tells only {} names", names.len());
    check(|workspace, complaints| {
        workspace.sources.iter().for_each(|source| spine::check(source, &names, complaints));
    });
}
