//! The dashboard with a fault in it: `cargo run -p cm-tui --example fault -- --demo` ends in a panic once it shows something, as
//! a test of what the terminal is like then. `FAULT=beside` puts it on another thread than the one that draws.

use std::process::ExitCode;

use cm_tui::{Where, program_with_a_fault};

fn main() -> ExitCode {
    let is_beside = std::env::var_os("FAULT").is_some_and(|place| place == "beside");
    program_with_a_fault(if is_beside { Where::Beside } else { Where::Loop })
}
