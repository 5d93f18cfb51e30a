//! Rules tried by scenes: files of a tiny language beside this one. What is wrong with files of rules: `errors/`.
//!
//! ```text
//! rules                                the built-in rules, and these over them; `rules alone` leaves the built-in ones out
//!   change drive-wear
//!     severity note
//! load 1m                              one value a minute from the beginning on
//!   srv01 drive:sda drive.wear = 60 70+1x9 _ 80    `70+1x9`: nine more, each 1 higher; `5x3`: three more of it; `_`: none
//!   srv01 drive:sda drive.self_test = "failed"      a name or state; several with `|`
//!   srv01 drive:sda limit drive.wear = above 70 90   from where it is a warning, and critical; `-` for none
//!   srv01 host usual cpu.use = 5 10 20               low, middle and high of what is usual
//!   srv01 drive:sda left drive.wear = 30d            until it comes to its end; `never`
//!   srv01 drive:sda gone = 10m                       for how long it was not told of
//!   srv01 role = "lab"
//! eval at 10m                          what holds then; all of it, so that nothing more may hold
//!   drive-wear srv01 sda warning "sda has used 79 % of its rated life (limit 70 %)"
//! eval at 10m watching 5m              readings have been taken in for that long; else since the beginning
//!   drive-gone srv01 sda absent        clear, between, absent, off: what stands of what does not hold
//! ```

mod errors;
mod scene;

use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/rules")
}

/// The files of a folder that end so, by name.
fn files(folder: &std::path::Path, end: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|known| known == end))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no .{end} in {}", folder.display());
    files
}

#[test]
fn every_scene_comes_out_as_it_says() {
    let mut wrong = Vec::new();
    for path in files(&folder(), "test") {
        let text = std::fs::read_to_string(&path).expect("it is text");
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        wrong.extend(scene::play(&name, &text));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_scene_can_fail() {
    let scene =
        "rules\nload 1m\n  srv01 drive:sda drive.smart_passed = 1\neval at 0s\n  drive-failing srv01 sda critical\n";
    assert_eq!(scene::play("x", scene).len(), 1);
    let scene = "rules\nload 1m\n  srv01 drive:sda drive.smart_passed = 0\neval at 0s\n";
    assert_eq!(scene::play("x", scene).len(), 1);
}
