//! The program itself: pipes, exit codes and errors as a shell sees them.

use std::io::Read;
use std::process::{Command, Stdio};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cm-cli"));
    command.env_clear().env("LANG", "C.UTF-8").env("HOME", "/nonexistent");
    command
}

#[test]
fn data_is_on_stdout_and_the_exit_code_is_the_fleets() {
    let output = program().args(["status", "--demo", "--check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("labbox"));
    assert_eq!(output.stderr, b"");
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let mut child = program()
        .args(["metrics", "--demo", "--format", "csv", "--watch=1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn a_full_disk_is_told() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = program().args(["status", "--demo"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(74));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("error[CM-0402]") && told.contains("next: "), "{told}");
}

#[test]
fn errors_go_to_stderr_with_the_next_step() {
    let output = program().arg("--nonsense").output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(64), &b""[..]));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error[CM-0501]: "));
}

#[test]
fn with_nothing_configured_it_looks_at_this_machine() {
    let output = program().output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("CM  1 host"));
}

#[test]
fn the_version_says_for_what_it_was_built() {
    let output = program().arg("--version").output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.starts_with(concat!("cm-cli ", env!("CARGO_PKG_VERSION"))) && told.contains("target: "), "{told}");
    let output = program().arg("-V").output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1);
}
