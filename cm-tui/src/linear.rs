//! Lines instead of a screen, for screen readers and dumb terminals: how everything stands once every host has been heard,
//! and from then on only what changes.

use std::io::{self, Write};

use cm_core::text::terminal;
use cm_core::wording;

use crate::journal::{Entry, Turn};
use crate::local;
use crate::state::State;

/// How everything stands, a line a host, the worst first, each followed by its reasons.
pub(crate) fn overview(state: &State, out: &mut dyn Write) -> io::Result<()> {
    let picture = state.picture();
    let mut order: Vec<usize> = (0..picture.standing.len()).collect();
    let name = |host: usize| picture.fleet.hosts()[host].member.host.id.as_str();
    order.sort_by_key(|&host| wording::by_trouble(picture.standing[host].verdict.health, name(host)));
    let time = local::format(picture.now.wall, state.set.ahead_s, "%H:%M:%S");
    writeln!(
        out,
        "{time} {}, {} in all.",
        wording::plural(order.len(), "host"),
        wording::plural(picture.troubles(), "incident")
    )?;
    for host in order {
        let Some((known, standing)) = picture.host(host) else { continue };
        let age = known.age(picture.now).map(|age| format!(", {} old", wording::age(age))).unwrap_or_default();
        writeln!(out, "{}: {}, {}{age}.", name(host), standing.verdict.health, standing.link.word())?;
        for reason in &standing.verdict.reasons {
            writeln!(out, "  {}: {}.", reason.health, terminal::line(&reason.text))?;
            if !reason.next.is_empty() {
                writeln!(out, "    next: {}", reason.next)?;
            }
        }
    }
    Ok(())
}

/// One thing that happened, in a line.
pub(crate) fn entry(state: &State, entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    let time = local::format(entry.at, state.set.ahead_s, "%H:%M:%S");
    let text = terminal::line(&entry.reason.text).into_owned();
    match &entry.turn {
        Turn::Began => writeln!(out, "{time} {}: {}: {text}.", entry.host, entry.reason.health),
        Turn::Ended => writeln!(out, "{time} {}: over: {text}.", entry.host),
        Turn::Done(what) => writeln!(out, "{time} {}: {}: {text}.", entry.host, terminal::line(what.as_str())),
    }
}
