//! The program: hands the machine's surroundings to the library and ends with its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    cm_notify::run::program()
}
