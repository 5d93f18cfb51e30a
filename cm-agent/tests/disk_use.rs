//! What the agent counts, beside what `du` counts of the same trees.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cm_agent::collector::usage::walk::{Step, Walk};
use cm_model::clock::SystemClock;

fn ours(paths: &[PathBuf]) -> u64 {
    let mut walk = Walk::over(paths);
    while walk.step(256, Duration::from_millis(2), &SystemClock) == Step::More {}
    assert_eq!(walk.sum().gap, None);
    walk.sum().bytes
}

/// `-D` follows the paths that are named, as we do; `-c` gives the sum last.
fn theirs(paths: &[PathBuf]) -> u64 {
    let asked = Command::new("du")
        .args(["-D", "-x", "-s", "-c", "-B1"])
        .args(paths)
        .env("LC_ALL", "C")
        .output()
        .expect("du is there");
    assert!(asked.status.success(), "{asked:?}");
    let text = String::from_utf8(asked.stdout).expect("figures and names");
    let sum = text.lines().last().and_then(|line| line.split('\t').next()).expect("a sum");
    sum.parse().expect("a number")
}

/// Files of many sizes, empty ones, holes, links of both kinds, a pipe, folders within folders.
fn tree(root: &Path) {
    for (number, size) in [0, 1, 511, 4096, 4097, 100_000, 3_000_000].into_iter().enumerate() {
        let folder = root.join(format!("a{}/b{number}/c", number % 2));
        fs::create_dir_all(&folder).expect("writable");
        let file = folder.join("file");
        fs::write(&file, vec![7; size]).expect("writable");
        fs::hard_link(&file, folder.join("again")).expect("writable");
        fs::hard_link(&file, root.join(format!("far {number}"))).expect("writable");
        symlink("/usr", folder.join("a link")).expect("writable");
    }
    fs::File::create(root.join("hole")).expect("writable").set_len(1 << 36).expect("writable");
    assert!(Command::new("mkfifo").arg(root.join("pipe")).status().expect("writable").success());
    fs::create_dir(root.join("empty")).expect("writable");
}

#[test]
fn a_tree_takes_what_du_says() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("tree");
    fs::create_dir(&root).unwrap();
    tree(&root);
    let link = folder.path().join("link");
    symlink(&root, &link).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").canonicalize().unwrap();
    for paths in [
        vec![root.clone()],
        vec![link],
        vec![root.join("hole"), root.join("a1")],
        vec![root.clone(), root.join("a0"), fixtures.clone()],
        vec![fixtures],
        vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../cm-tui")],
    ] {
        // Somebody may write in between; then a second time they agree.
        let agree = (0..3).any(|_| ours(&paths) == theirs(&paths));
        assert!(agree, "{paths:?}: we say {}, du {}", ours(&paths), theirs(&paths));
    }
}
