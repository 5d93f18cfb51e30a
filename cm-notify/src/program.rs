//! A program of the owner's, run once within limits: what the channels `command` and `sound` do, and what a response to an
//! incident does.
//!
//! Whether a program can be trusted, how it is started and how it is ended is the agent's
//! ([`cm_agent::program`]); here it is waited for without holding anybody up. No shell reads anything: arguments are a list,
//! and what is to be told lies in a file without a name that it reads as its standard input.

use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::process::Stdio;
use std::time::Duration;

use cm_agent::program::{Ended, How, Limits, Program};
use cm_core::clock::Clock;
use cm_core::problem::show_path;
use cm_core::trust::Distrust;
use rustix::fs::MemfdFlags;

use crate::carrier::{Trouble, said};

/// How often it is looked at.
const A_LOOK: Duration = Duration::from_millis(20);
/// The most bytes of output before it is ended.
const MOST_OUTPUT: usize = 64 * 1024;
/// How much of the time of one try is kept for ending a program that takes too long.
const FOR_THE_END: Duration = Duration::from_secs(6);

/// What a program may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// From its start to its end: 1 second to 10 minutes.
    pub time: Duration,
    /// Memory that it and each of its children may ask for, in bytes.
    pub memory: u64,
}

impl Default for Allowance {
    /// 30 seconds and 512 MiB: what a Python program that speaks HTTPS takes, several times.
    fn default() -> Self {
        Self { time: Duration::from_secs(30), memory: 512 << 20 }
    }
}

/// A program with its arguments.
#[derive(Debug, Clone)]
pub struct Job {
    program: Program,
    arguments: Vec<String>,
    allowance: Allowance,
    place: String,
}

impl Job {
    /// A program that nobody but root and this user could have written, by its whole path or by its name in the usual
    /// places, for a channel called `name`.
    pub fn new(name: &str, program: &str, arguments: Vec<String>, allowance: Allowance) -> Result<Self, Distrust> {
        let settled = Program::settle(program)?;
        let place = format!("{name} ({})", show_path(settled.path()));
        Ok(Self { program: settled, arguments, allowance, place })
    }

    /// What it is called in errors.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Runs it with something to read, and waits for its end: a sixth of a minute less than `limit` at the longest.
    /// `handed` is called once it runs.
    pub async fn run(
        &self,
        input: &[u8],
        limit: Duration,
        clock: &dyn Clock,
        handed: impl FnOnce(),
    ) -> Result<(), Trouble> {
        let failed = |said: String| Trouble::Program { place: self.place.clone(), said };
        let input = file(input).map_err(|fault| failed(said(&fault.to_string(), &[])))?;
        let time = self.allowance.time.min(limit.saturating_sub(FOR_THE_END)).max(Duration::from_secs(1));
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let started = self
            .program
            .start_reading(
                &arguments,
                &[("PATH", "/usr/local/bin:/usr/bin:/bin")],
                Stdio::from(input),
                Limits { time, output: MOST_OUTPUT },
                clock.now().mono,
            )
            .and_then(|running| running.limit_memory(self.allowance.memory).map(|()| running));
        let mut running = started.map_err(|fault| failed(said(&fault.to_string(), &[])))?;
        handed();
        let ended = loop {
            if let Some(ended) = running.poll(clock.now().mono) {
                break ended;
            }
            tokio::time::sleep(A_LOOK).await;
        };
        self.meaning(&ended, time)
    }

    fn meaning(&self, ended: &Ended, time: Duration) -> Result<(), Trouble> {
        let place = self.place.clone();
        let words = || {
            let stdout = String::from_utf8_lossy(&ended.stdout);
            let complained = ended.stderr.trim();
            said(if complained.is_empty() { stdout.trim() } else { complained }, &[])
        };
        Err(match ended.how {
            How::Exit(0) => return Ok(()),
            How::Exit(code) => Trouble::Program { place, said: format!("it ended with {code}: {}", words()) },
            How::Signal(signal) => Trouble::Program { place, said: format!("signal {signal} ended it: {}", words()) },
            How::TooMuch => {
                let said = format!("it said more than {} KiB, and was ended", MOST_OUTPUT / 1024);
                Trouble::Program { place, said }
            }
            How::TooLong => {
                let why = format!("it took longer than {} s, and was ended", time.as_secs());
                Trouble::Lost { place, why }
            }
        })
    }
}

/// A file without a name that holds this, to be read from its beginning.
fn file(holds: &[u8]) -> io::Result<File> {
    let mut file = File::from(rustix::fs::memfd_create("message", MemfdFlags::CLOEXEC)?);
    file.write_all(holds)?;
    file.rewind()?;
    Ok(file)
}
