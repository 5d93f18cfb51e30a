//! Asks the linker to lay the agent out so that little of it has to be in memory, where it can.
//!
//! The kernel maps at least 64 KB around every page that is touched, and newer ones all of a segment that lies in one large
//! folio. With hot and cold functions mixed all of the code is resident soon; with what `cm-agent run` calls in a segment of
//! its own (`link/run.ld`, written by `bench/text_order.py`) the rest stays where it is. The names in that list are those of
//! symbols that name their types (`.cargo/config.toml`). Relocations packed to bits save the 120 KB that the loader would
//! read, and the unwinder linked in a library of which nobody else on a small machine holds the pages. All of it only
//! changes where things lie: a linker, a target or a C library that does not know it gets the usual layout, and names in the
//! list that no function has any more match nothing.

use std::env::var;
use std::path::Path;
use std::process::{Command, Stdio};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=link/run.ld");
    let is = |name: &str, value: &str| var(name).is_ok_and(|found| found == value);
    if !is("PROFILE", "release") || !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }

    let order = format!("link-arg=-Wl,-T,{}/link/run.ld", given("CARGO_MANIFEST_DIR"));
    if is("CARGO_CFG_TARGET_ARCH", "x86_64") && tried("-C", &order).is_some() {
        println!("cargo:rustc-link-arg-bins={}", order.trim_start_matches("link-arg="));
    }
    if given("HOST") != given("TARGET") {
        return;
    }
    let starts = |option, value| tried(option, value).is_some_and(|program| succeeds(&mut Command::new(program)));
    // Loaders before that of glibc 2.36 refuse a program whose relocations are packed, so one is started for a trial.
    if starts("-C", "link-arg=-Wl,-z,pack-relative-relocs") {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    if starts("-l", "gcc_eh") {
        println!("cargo:rustc-link-lib=gcc_eh");
    }
}

/// What cargo gives every build script.
fn given(name: &str) -> String {
    var(name).unwrap_or_default()
}

/// An empty program, linked as the agent will be and with this option; nothing where that fails.
fn tried(option: &str, value: &str) -> Option<String> {
    let folder = given("OUT_DIR");
    let source = Path::new(&folder).join("trial.rs");
    std::fs::write(&source, "fn main() {}\n").ok()?;
    let program = format!("{folder}/trial");
    let mut rustc = Command::new(given("RUSTC"));
    rustc.arg(source).args(["--target", &given("TARGET"), "-o", &program, option, value]);
    rustc.args(given("CARGO_ENCODED_RUSTFLAGS").split('\x1f').filter(|flag| !flag.is_empty()));
    if let Ok(linker) = var("RUSTC_LINKER") {
        rustc.args(["-C", &format!("linker={linker}")]);
    }
    succeeds(&mut rustc).then_some(program)
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
