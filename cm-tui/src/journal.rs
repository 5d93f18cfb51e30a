//! What has happened while this program looked on: troubles that began and ended, hosts that fell silent and came back.
//! Bounded, newest last. It does not tell anybody.

use std::collections::VecDeque;

use cm_core::clock::WallTime;
use cm_core::health::{Health, Reason, Verdict};
use cm_core::host::HostId;
use cm_core::text::HostText;

/// How many entries are kept.
pub(crate) const LONGEST: usize = 1_000;

/// Whether something began or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It began.
    Began,
    /// It is over.
    Ended,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// When it was seen.
    pub(crate) at: WallTime,
    /// On which host.
    pub(crate) host: HostId,
    /// Whether it began or ended.
    pub(crate) turn: Turn,
    /// What.
    pub(crate) reason: Reason,
}

impl Entry {
    /// How it is marked: what is over is well.
    pub(crate) const fn health(&self) -> Health {
        match self.turn {
            Turn::Began => self.reason.health,
            Turn::Ended => Health::Ok,
        }
    }

    /// What happened, in words.
    pub(crate) fn text(&self) -> HostText {
        match self.turn {
            Turn::Began => self.reason.text.clone(),
            Turn::Ended => HostText::new(format!("over: {}", self.reason.text.raw())),
        }
    }
}

/// What has happened, newest last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    noted: u64,
    until: Option<WallTime>,
}

impl Journal {
    /// Notes what is different between two verdicts over one host.
    pub(crate) fn compare(&mut self, host: &HostId, at: WallTime, before: &Verdict, after: &Verdict) {
        let gone = missing_from(before, after).map(|reason| (Turn::Ended, reason));
        let new = missing_from(after, before).map(|reason| (Turn::Began, reason));
        for (turn, reason) in gone.chain(new) {
            if self.entries.len() == LONGEST {
                self.entries.pop_front();
            }
            self.noted += 1;
            self.entries.push_back(Entry { at, host: host.clone(), turn, reason: reason.clone() });
        }
    }

    /// How much has been noted since the start, with what is forgotten.
    pub(crate) const fn noted(&self) -> u64 {
        self.noted
    }

    /// Shows only what happened until a moment, or everything again.
    pub(crate) const fn show_until(&mut self, until: Option<WallTime>) {
        self.until = until;
    }

    /// When the first trouble after a moment began.
    pub(crate) fn began_after(&self, moment: WallTime) -> Option<WallTime> {
        let began = self.entries.iter().filter(|entry| entry.turn == Turn::Began);
        began.map(|entry| entry.at).find(|at| *at > moment)
    }

    /// When troubles began, the oldest first, whatever is shown.
    pub(crate) fn beginnings(&self) -> impl Iterator<Item = (WallTime, Health)> {
        let began = self.entries.iter().filter(|entry| entry.turn == Turn::Began);
        began.map(|entry| (entry.at, entry.reason.health))
    }

    /// Everything until the moment that is shown, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Entry> {
        let until = self.until;
        self.entries.iter().rev().filter(move |entry| until.is_none_or(|until| entry.at <= until))
    }

    /// What happened on one host, newest first.
    pub(crate) fn of<'j>(&'j self, host: &'j HostId) -> impl Iterator<Item = &'j Entry> {
        self.newest_first().filter(move |entry| entry.host == *host)
    }
}

/// Reasons of one verdict that the other has not. The same trouble with another value is the same.
fn missing_from<'v>(one: &'v Verdict, other: &'v Verdict) -> impl Iterator<Item = &'v Reason> {
    let same = |a: &Reason, b: &Reason| (a.code, &a.subject, a.health) == (b.code, &b.subject, b.health);
    one.reasons.iter().filter(move |reason| !other.reasons.iter().any(|known| same(reason, known)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_core::health::Subject;

    fn verdict(reasons: &[(&'static str, &str)]) -> Verdict {
        let reason = |&(code, text): &(&'static str, &str)| Reason {
            health: Health::Warning,
            code,
            subject: Subject::host(),
            metric: None,
            text: text.into(),
            next: "",
        };
        Verdict::from_reasons(reasons.iter().map(reason).collect())
    }

    #[test]
    fn a_trouble_is_noted_when_it_begins_and_when_it_ends() {
        let mut journal = Journal::default();
        let host = HostId::new("srv01").unwrap();
        for (before, after) in [
            (verdict(&[]), verdict(&[("hot", "56 °C")])),
            (verdict(&[("hot", "56 °C")]), verdict(&[("hot", "57 °C"), ("full", "91 %")])),
            (verdict(&[("hot", "57 °C"), ("full", "91 %")]), verdict(&[("full", "92 %")])),
        ] {
            journal.compare(&host, WallTime::default(), &before, &after);
        }
        let told: Vec<_> = journal.of(&host).map(|entry| (entry.turn, entry.reason.code)).collect();
        assert_eq!(told, [(Turn::Ended, "hot"), (Turn::Began, "full"), (Turn::Began, "hot")]);
    }

    #[test]
    fn the_oldest_entries_are_forgotten() {
        let mut journal = Journal::default();
        let host = HostId::new("srv01").unwrap();
        for n in 0..3_000 {
            let (before, after) = (verdict(&[]), verdict(&[("hot", "x")]));
            let (before, after) = if n % 2 == 0 { (before, after) } else { (after, before) };
            journal.compare(&host, WallTime::default(), &before, &after);
        }
        assert_eq!(journal.newest_first().count(), LONGEST);
    }
}
