//! `cm-agent`: understands the command line and does what was asked.

mod args;
mod command;
mod handover;
mod look;

fn main() -> std::process::ExitCode {
    command::perform(args::parse(std::env::args_os().skip(1)))
}
