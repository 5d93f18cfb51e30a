//! The owner's files of rules: found in their folder and read, when nobody else could have written them. What they say is
//! for [`rule`](crate::rule) to read.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use cm_model::fault::Code;
use cm_model::problem::{Problem, Problems, show_path};

use super::file::File;
use super::{Kind, Loaded, Places, Surroundings, trust};
use crate::rule::RuleFile;

/// The most files of one folder.
const MOST_FILES: usize = 200;

/// The folder of rules that a configuration names; `None` where there is no home to find it in.
pub fn rule_folder(loaded: &Loaded, surroundings: &Surroundings<'_>) -> Option<PathBuf> {
    let wanted = &loaded.config.dashboard.rules.folder;
    if let Ok(below_home) = wanted.strip_prefix("~") {
        return Some(surroundings.home()?.join(below_home));
    }
    // Beside dashboard.toml, or where it would lie; a file that is both is named otherwise.
    let dashboard = loaded.files.iter().rev().find(|file| !file.ends_with(Kind::Hosts.file_name()));
    let beside = dashboard.or(loaded.files.first()).and_then(|file| file.parent()).map(Path::to_owned);
    let usual = || Places::of(surroundings).config.into_iter().next();
    Some(beside.or_else(usual)?.join(wanted))
}

/// The files of a folder that end in `.rules`, by name. One that cannot be read, or that somebody else could have
/// written, is left out and told. A folder that is not there holds none.
pub fn rule_files(folder: &Path, user: u32) -> (Vec<RuleFile>, Problems) {
    let (mut files, mut problems) = (Vec::new(), Problems::default());
    match names(folder) {
        Ok(names) => {
            if names.len() > MOST_FILES {
                let message = format!("more than {MOST_FILES} files of rules: those after the first are left out");
                problems.push(Problem::error(Code::CONFIG_OUT_OF_RANGE, &message, None).about(folder));
            }
            for path in names.into_iter().take(MOST_FILES) {
                match rule_file(&path, user) {
                    Ok(file) => files.push(file),
                    Err(problem) => problems.push(*problem),
                }
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => {
            let message = format!("the folder of rules {} cannot be read: {error}", show_path(folder));
            problems.push(Problem::error(Code::CONFIG_UNREADABLE, &message, None).about(folder));
        }
    }
    (files, problems)
}

/// One file of rules.
///
/// # Errors
/// It cannot be read, is no text, or somebody else could have written it.
pub fn rule_file(path: &Path, user: u32) -> Result<RuleFile, Box<Problem>> {
    trust::check(path, user).map_err(|distrust| Box::new(distrust.problem(path)))?;
    let file = File::read(path, Kind::Either)?;
    Ok(RuleFile { path: path.to_owned(), text: file.text().to_owned() })
}

fn names(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "rules") {
            names.push(path);
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use super::*;
    use crate::config::{Config, interpret};

    #[test]
    fn files_of_rules_are_found_by_their_end_and_read_in_order() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let user = fs::metadata(folder.path()).unwrap().uid();
        for (name, text) in [("b.rules", "off b"), ("a.rules", "off a"), ("a.rules~", "off c"), ("note.txt", "x")] {
            fs::write(folder.path().join(name), text).unwrap();
            fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o644)).unwrap();
        }
        let (files, problems) = rule_files(folder.path(), user);
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(files.iter().map(|file| file.text.as_str()).collect::<Vec<_>>(), ["off a", "off b"]);

        fs::set_permissions(folder.path().join("a.rules"), fs::Permissions::from_mode(0o666)).unwrap();
        fs::write(folder.path().join("b.rules"), b"off \xff").unwrap();
        let (files, problems) = rule_files(folder.path(), user);
        assert_eq!((files.len(), problems.errors().count()), (0, 2), "{problems}");
        let (files, problems) = rule_files(&folder.path().join("absent"), user);
        assert!(files.is_empty() && problems.is_empty());
    }

    #[test]
    fn the_folder_lies_beside_the_file_that_names_it() {
        let variable = |name: &str| (name == "HOME").then(|| "/home/u".into());
        let around = Surroundings::new(&variable, 1000);
        let of = |path: &str, text: &str| {
            let files = [File::new(path, Kind::Either, text)];
            rule_folder(&interpret(&files, &[], &around).unwrap(), &around)
        };
        assert_eq!(of("/etc/cm-dashboard/dashboard.toml", ""), Some("/etc/cm-dashboard/rules.d".into()));
        assert_eq!(of("/e/x.toml", "[rules]\nfolder = \"own\"\n"), Some("/e/own".into()));
        assert_eq!(of("/e/x.toml", "[rules]\nfolder = \"~/own\"\n"), Some("/home/u/own".into()));
        assert_eq!(of("/e/x.toml", "[rules]\nfolder = \"/own\"\n"), Some("/own".into()));
        let nothing = Loaded { config: Config::local_only(), ..Loaded::default() };
        assert_eq!(rule_folder(&nothing, &around), Some("/home/u/.config/cm-dashboard/rules.d".into()));
    }
}
