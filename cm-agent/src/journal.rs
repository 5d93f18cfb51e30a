//! The last lines of a unit's journal, told with a unit that failed.
//!
//! `journalctl` is run for one unit at a time, once when it fails and again when it fails anew, and what it said is taken at
//! a later look. What comes is bounded in lines and bytes, and secrets in it are masked ([`mask`]) before anything else
//! sees them. It does not know what a unit's state means.

pub mod mask;

use std::collections::VecDeque;
use std::time::Duration;

use cm_model::clock::MonoTime;
use cm_model::text::HostText;
use serde::Deserialize;
use serde_json::Value;

use crate::machine::Machine;
use crate::program::{Ended, How, Limits, Program, Running};
use crate::systemd::Unit;

/// The most lines of a unit.
const MOST_LINES: usize = 10;
/// The most bytes of a line.
const MOST_LINE: usize = 512;
/// What `journalctl` may take.
const LIMITS: Limits = Limits { time: Duration::from_secs(10), output: 128 * 1024 };
/// The shortest time from one reading of a unit's journal to the next: one that comes back every second is not read as often.
const REST: Duration = Duration::from_mins(1);

/// What is mostly the matter.
const MISSING_RIGHT: &str = "; to read the journal, the user of this process has to be in the group systemd-journal";

/// The journal, as far as units needed it.
#[derive(Debug, Default)]
pub struct Journal {
    units: Vec<Entry>,
    waiting: VecDeque<String>,
    running: Option<(String, Running)>,
    trouble: Option<String>,
}

#[derive(Debug)]
struct Entry {
    unit: String,
    /// Which of its failures these lines tell of.
    of: Occasion,
    asked: MonoTime,
    lines: Vec<HostText>,
}

/// What makes one failure another than the last: the run that failed, and how often it came back.
type Occasion = (String, Option<u64>, String);

impl Journal {
    /// The last lines of a unit that fails: those of this failure once they are there, until then those of the last.
    pub fn lines(&mut self, unit: &Unit, machine: &Machine, now: MonoTime) -> &[HostText] {
        // A box holds no journal, and this machine's is not its.
        if !machine.is_itself() {
            return &[];
        }
        let of = (unit.invocation.clone(), unit.restarts, unit.sub.clone());
        let place = self.units.iter().position(|entry| entry.unit == unit.name);
        let due = place.is_none_or(|at| self.units[at].of != of && now.since(self.units[at].asked) >= REST);
        let place = place.unwrap_or_else(|| {
            self.units.push(Entry { unit: unit.name.clone(), of: Occasion::default(), asked: now, lines: Vec::new() });
            self.units.len() - 1
        });
        if due {
            let entry = &mut self.units[place];
            (entry.of, entry.asked) = (of, now);
            if !self.waiting.contains(&unit.name) {
                self.waiting.push_back(unit.name.clone());
            }
        }
        &self.units[place].lines
    }

    /// Takes what has come, and starts what waits. Waits for nothing.
    pub fn poll(&mut self, now: MonoTime) {
        let Some((unit, running)) = &mut self.running else { return self.start(now) };
        let Some(ended) = running.poll(now) else { return };
        let read = read(&ended);
        let entry = self.units.iter_mut().find(|entry| entry.unit == *unit);
        match (read, entry) {
            (Ok(lines), Some(entry)) => {
                entry.lines = lines;
                self.trouble = None;
            }
            (Err(why), _) => self.trouble = Some(why),
            (Ok(_), None) => {}
        }
        self.running = None;
        self.start(now);
    }

    /// Forgets units that are no longer told.
    pub fn keep(&mut self, is_told: impl Fn(&str) -> bool) {
        self.units.retain(|entry| is_told(&entry.unit));
        self.waiting.retain(|unit| is_told(unit));
    }

    /// Whether lines are being read, or about to be.
    pub fn is_asked(&self) -> bool {
        self.running.is_some() || !self.waiting.is_empty()
    }

    /// Why the last reading came to nothing.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    fn start(&mut self, now: MonoTime) {
        if self.running.is_some() {
            return;
        }
        let Some(unit) = self.waiting.pop_front() else { return };
        let started = Program::settle("journalctl").map_err(|error| error.to_string()).and_then(|program| {
            let named = format!("--unit={unit}");
            let lines = format!("--lines={MOST_LINES}");
            let args = ["--quiet", "--no-pager", "--boot", "--output=json", "--output-fields=MESSAGE", &lines, &named];
            program.start(&args, &[], LIMITS, now).map_err(|error| error.to_string())
        });
        match started {
            Ok(running) => self.running = Some((unit, running)),
            Err(why) => self.trouble = Some(why),
        }
    }
}

/// The lines of an answer. Without the right to read the journal `journalctl` finds nothing, and that there is nothing said
/// of a unit that failed can only mean that.
fn read(ended: &Ended) -> Result<Vec<HostText>, String> {
    match ended.how {
        How::Exit(0) => {}
        How::Exit(_) => {
            let said = ended.stderr.lines().next().unwrap_or("without a word");
            let next = if said.contains("permission") { MISSING_RIGHT } else { "" };
            return Err(format!("journalctl failed: {}{next}", mask::line(said)));
        }
        How::Signal(signal) => return Err(format!("journalctl was ended by signal {signal}")),
        How::TooLong => return Err(format!("journalctl took longer than {:?}", LIMITS.time)),
        How::TooMuch => return Err(format!("journalctl said more than {} bytes", LIMITS.output)),
    }
    let lines = parse(&ended.stdout);
    if lines.is_empty() {
        return Err(format!("journalctl finds nothing{MISSING_RIGHT}"));
    }
    Ok(lines)
}

/// One entry of `journalctl --output=json`.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "MESSAGE")]
    message: Value,
}

/// Reads entries, one a line: bounded, masked, the newest last. What is no entry is passed over.
fn parse(output: &[u8]) -> Vec<HostText> {
    let entries = output.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Line>(line).ok());
    let texts = entries.filter_map(|entry| match entry.message {
        Value::String(text) => Some(text),
        // What is no UTF-8 comes as its bytes; of several messages in one entry the first counts.
        Value::Array(items) => Some(match items.first() {
            Some(Value::String(text)) => text.clone(),
            _ => text_of(&items),
        }),
        // It is longer than journalctl prints.
        _ => None,
    });
    let mut masking = mask::Mask::default();
    let mut lines: Vec<HostText> = Vec::new();
    for text in texts {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            // Masked first: a secret must not become unknown to the mask by being cut.
            if let Some(line) = masking.line(line) {
                lines.push(cut(&line).into());
            }
        }
        masking.end();
    }
    lines.split_off(lines.len().saturating_sub(MOST_LINES))
}

fn text_of(bytes: &[Value]) -> String {
    let bytes: Vec<u8> = bytes.iter().filter_map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn cut(line: &str) -> String {
    if line.len() <= MOST_LINE {
        return line.to_owned();
    }
    format!("{}…", &line[..line.floor_char_boundary(MOST_LINE - '…'.len_utf8())])
}

#[cfg(test)]
mod tests;
