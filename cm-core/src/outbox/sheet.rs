//! A message in words, before any channel has dressed it: a title, and of each incident the value, what is usual, since
//! when, the likely cause, the next step. A channel takes the rows and makes HTML, a bubble or plain text of them.
//!
//! Every text in it is a [`HostText`]: it may quote a host, and leaves through the channel's exit.

use std::fmt::Write as _;
use std::time::Duration;

use super::message::{MOST_LOG, Message, News, Part, Topic};
use super::title;
use crate::clock::WallTime;
use crate::health::Health;
use crate::incident::look::Gone;
use crate::incident::phase::End;
use crate::text::HostText;
use crate::unit::human;
use crate::wording::plural;

/// From when on a message that was kept up says so.
const LATE: Duration = Duration::from_mins(5);

/// How a message is told: when, and by which clock.
#[derive(Clone, Copy)]
pub struct Voice<'v> {
    /// When it is sent.
    pub now: WallTime,
    /// A moment in local time, as `2026-03-01 14:02`.
    pub local: &'v dyn Fn(WallTime) -> String,
    /// How the owner's program is asked: `cm-cli`.
    pub program: &'v str,
}

impl std::fmt::Debug for Voice<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Voice").field("now", &self.now).finish_non_exhaustive()
    }
}

/// A message in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// At most 40 columns.
    pub title: HostText,
    /// What is said first; may be empty.
    pub lead: Vec<HostText>,
    /// An incident each.
    pub blocks: Vec<Block>,
    /// What is said last: who tells, that it may repeat, that it is late.
    pub foot: Vec<HostText>,
}

/// One incident in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// How bad it is: its colour. Well for what is over.
    pub health: Health,
    /// The incident's name, for buttons and links.
    pub incident: crate::incident::IncidentId,
    /// What is new, where, and what was found.
    pub head: HostText,
    /// What is known of it, by label.
    pub rows: Vec<Row>,
    /// The last lines of a unit that failed.
    pub log: Vec<HostText>,
}

/// One thing that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What.
    pub label: Label,
    /// The text.
    pub text: HostText,
}

/// What a row tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// The number, and what it was not to pass.
    Value,
    /// What is usual.
    Usual,
    /// Since when, and for how long.
    Since,
    /// What probably caused it.
    Cause,
    /// The next step.
    Next,
    /// The owner's own notes.
    Notes,
    /// What to type for more.
    More,
}

impl Label {
    /// Its word: at most six letters.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Usual => "usual",
            Self::Since => "since",
            Self::Cause => "cause",
            Self::Next => "next",
            Self::Notes => "notes",
            Self::More => "more",
        }
    }
}

impl Message {
    /// The title: at most 40 columns, calm as if it went to a terminal.
    pub fn title(&self) -> HostText {
        title::title(self)
    }

    /// The message in words.
    pub fn sheet(&self, voice: Voice<'_>) -> Sheet {
        let blocks = self.parts.iter().map(|part| block(part, voice)).collect();
        Sheet { title: self.title(), lead: lead(self), blocks, foot: foot(self, voice) }
    }
}

impl Sheet {
    /// As plain text, each piece through the exit of the place that it goes to.
    pub fn plain(&self, exit: impl Fn(&HostText) -> String) -> String {
        let mut text = String::new();
        for line in &self.lead {
            text.push_str(&exit(line));
            text.push('\n');
        }
        for (at, block) in self.blocks.iter().enumerate() {
            if at > 0 || !self.lead.is_empty() {
                text.push('\n');
            }
            text.push_str(&exit(&block.head));
            text.push('\n');
            for Row { label, text: value } in &block.rows {
                let _ = writeln!(text, "  {:<6} {}", label.word(), exit(value));
            }
            for line in &block.log {
                let _ = writeln!(text, "  | {}", exit(line));
            }
        }
        if !text.is_empty() {
            text.push('\n');
        }
        for line in &self.foot {
            text.push_str(&exit(line));
            text.push('\n');
        }
        text
    }
}

fn lead(message: &Message) -> Vec<HostText> {
    let line = match &message.topic {
        Topic::News | Topic::Reminder if message.parts.len() + message.more <= 1 => return Vec::new(),
        Topic::News | Topic::Reminder => format!("{} at once.", title::counts(message)),
        Topic::Digest => format!("Since the last digest: {}.", title::counts(message)),
        Topic::Weekly { hosts, began } => {
            let began = match began {
                0 => "nothing happened since the last of these messages".to_owned(),
                began => format!("{} since the last of these messages", plural(*began, "incident")),
            };
            let state = if message.parts.is_empty() { "all well" } else { "not all well" };
            format!("{} watched, {state}; {began}.", plural(*hosts, "host"))
        }
        Topic::Trial => "This is a test: messages arrive here. Nothing is wrong.".to_owned(),
    };
    vec![HostText::new(line)]
}

fn foot(message: &Message, voice: Voice<'_>) -> Vec<HostText> {
    let mut foot = Vec::new();
    if message.more > 0 {
        foot.push(format!("And {} more: {} alerts", message.more, voice.program));
    }
    let late = voice.now.since(message.made);
    if late >= LATE {
        let made = (voice.local)(message.made);
        foot.push(format!("Late: this is of {made}, {} ago, and could not be sent before.", roughly(late)));
    }
    if message.may_repeat {
        foot.push("This may repeat: nothing can be stored at the moment, so it was sent from memory.".to_owned());
    }
    let from = match message.from.raw() {
        "" => String::new(),
        from => format!("From {from}. "),
    };
    let audit = message.audit.as_ref().map_or_else(String::new, |head| format!("Acts: {head}"));
    if !from.is_empty() || !audit.is_empty() {
        foot.push(format!("{from}{audit}").trim_end().to_owned());
    }
    foot.into_iter().map(HostText::new).collect()
}

fn block(part: &Part, voice: Voice<'_>) -> Block {
    let mut rows = Vec::new();
    let mut say = |label, text: String| {
        if !text.is_empty() {
            rows.push(Row { label, text: HostText::new(text) });
        }
    };
    if let Some(measure) = part.measure {
        let unit = measure.unit;
        let limit = measure.limit.map_or_else(String::new, |limit| format!(", limit {}", unit.print(limit)));
        say(Label::Value, format!("{}{limit}", unit.print(measure.value)));
        let usual = part.usual.map(|usual| format!("{} to {}", unit.print(usual.low), unit.print(usual.high)));
        say(Label::Usual, usual.unwrap_or_default());
    }
    say(Label::Since, since(part, voice));
    let is_over = part.news.is_over();
    if !is_over {
        say(Label::Cause, part.cause.raw().to_owned());
        say(Label::Next, part.next.raw().to_owned());
    }
    say(Label::Notes, part.runbook.clone());
    say(Label::More, format!("{} alerts explain {}", voice.program, part.incident));
    let log = if is_over { &[][..] } else { &part.log[..part.log.len().min(MOST_LOG)] };
    Block {
        health: if is_over { Health::Ok } else { part.severity.health() },
        incident: part.incident,
        head: head(part),
        rows,
        log: log.to_vec(),
    }
}

fn head(part: &Part) -> HostText {
    let place = part.host.as_ref().map_or_else(String::new, |host| format!("{host}: "));
    let text = part.text.raw();
    HostText::new(match part.news {
        News::Fires => format!("{}: {place}{text}", part.severity),
        News::Unattended => format!("{}, and nobody looks after it: {place}{text}", part.severity),
        News::Worse { from } => format!("{}, was {from}: {place}{text}", part.severity),
        News::Eased { from } => format!("{}, no longer {from}: {place}{text}", part.severity),
        News::ComesAndGoes => format!("{}, comes and goes: {place}{text}", part.severity),
        News::Holds => format!("{}, and this time for good: {place}{text}", part.severity),
        News::Still => format!("still {}, {}: {place}{text}", part.severity, roughly(part.lasted)),
        News::Over { how } => format!("over ({}): {place}{text}", ended(how)),
        News::Passed { how } => format!("was {}, and is over ({}): {place}{text}", part.severity, ended(how)),
    })
}

const fn ended(how: End) -> &'static str {
    match how {
        End::Cleared | End::Passed => "well again",
        End::Calm => "calm again",
        End::Gone(Gone::Unwatched) => "no longer watched",
        End::Gone(Gone::Replaced) => "replaced",
        End::Gone(Gone::Removed) => "removed",
    }
}

fn since(part: &Part, voice: Voice<'_>) -> String {
    let lasted = roughly(part.lasted);
    let from = (voice.local)(part.since);
    let often = if part.spells > 1 { format!(", {} times", part.spells) } else { String::new() };
    match part.ended {
        Some(ended) => format!("{from} until {}, {lasted}{often}", (voice.local)(ended)),
        None => format!("{from}, for {lasted}{often}"),
    }
}

/// A span as people say it: `3 h`, `12 min`, `5 d`.
pub(super) fn roughly(span: Duration) -> String {
    let s = span.as_secs();
    match s {
        0..60 => format!("{s} s"),
        60..5_400 => format!("{} min", s / 60),
        5_400..172_800 => format!("{} h", (s + 1_800) / 3_600),
        172_800..94_608_000 => format!("{} d", (s + 43_200) / 86_400),
        _ => human::span(s as f64),
    }
}
