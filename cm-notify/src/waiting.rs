//! `outbox`: which messages wait, and why.

use std::io::{self, Write};

use cm_core::clock::WallTime;
use cm_core::outbox::{Queued, Saved};
use cm_core::text::terminal;

/// Lists what waits, a message a line, the oldest first; with `all` what has ended lately as well.
pub fn list(saved: &Saved, all: bool, local: &dyn Fn(WallTime) -> String, out: &mut dyn Write) -> io::Result<()> {
    let mut shown = 0_usize;
    for row in saved.messages.iter().filter(|row| all || row.ended.is_none()) {
        shown += 1;
        let voice = cm_core::outbox::Voice { now: row.queued.wall, local, program: "cm-cli" };
        let title = row.message.sheet(voice).title;
        let (queued, channel) = (local(row.queued.wall), row.channel.as_str());
        writeln!(out, "{queued}  {channel}  {}  {}", terminal::line(&title), terminal::line(&why(row)))?;
    }
    if shown == 0 { writeln!(out, "nothing waits") } else { Ok(()) }
}

/// Why it waits, or what became of it.
fn why(row: &Queued) -> String {
    let times = |count: u32| if count == 1 { "once".to_owned() } else { format!("{count} times") };
    let because = if row.error.is_empty() { String::new() } else { format!(": {}", row.error) };
    let unsure = if row.unsure { ", may have arrived" } else { "" };
    match (row.ended, row.claimed, row.attempts) {
        (Some((outcome, _)), ..) => format!("{}{because}", outcome.word()),
        (None, Some(_), _) => "is being sent".to_owned(),
        (None, None, 0) => "waits for its turn".to_owned(),
        (None, None, count) => format!("tried {}{unsure}{because}", times(count)),
    }
}
