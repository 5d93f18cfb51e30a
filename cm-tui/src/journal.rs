//! What has happened while this program looked on: troubles that began and ended, hosts that fell silent and came back, and
//! what was done about them here.
//! Bounded, newest last. It does not tell anybody.

use std::collections::{HashMap, VecDeque};

use cm_core::clock::WallTime;
use cm_core::health::{Health, Reason, Verdict};
use cm_core::host::HostId;
use cm_core::text::HostText;

/// How many entries are kept.
pub(crate) const LONGEST: usize = 1_000;

/// What became of a trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It began.
    Began,
    /// It is over.
    Ended,
    /// Somebody did something about it, in words: that is no news of the host.
    Done(String),
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// When it was seen.
    pub(crate) at: WallTime,
    /// On which host.
    pub(crate) host: HostId,
    /// What became of it.
    pub(crate) turn: Turn,
    /// What.
    pub(crate) reason: Reason,
}

impl Entry {
    /// How it is marked: what is over is well.
    pub(crate) fn health(&self) -> Health {
        match self.turn {
            Turn::Began | Turn::Done(_) => self.reason.health,
            Turn::Ended => Health::Ok,
        }
    }

    /// What happened, in words.
    pub(crate) fn text(&self) -> HostText {
        match &self.turn {
            Turn::Began => self.reason.text.clone(),
            Turn::Ended => HostText::new(format!("over: {}", self.reason.text.raw())),
            Turn::Done(what) => HostText::new(format!("{what}: {}", self.reason.text.raw())),
        }
    }

    /// Whether it is of the trouble itself, and not of what was done about it.
    pub(crate) fn is_news(&self) -> bool {
        !matches!(self.turn, Turn::Done(_))
    }
}

/// What has happened, newest last, and how each host was when it was seen last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    noted: u64,
    until: Option<WallTime>,
    last: HashMap<HostId, Vec<Reason>>,
}

impl Journal {
    /// Notes what is different from the last time at which this host was seen. The same trouble with another value is
    /// the same; one that has got worse, or better, has begun anew.
    pub(crate) fn see(&mut self, host: &HostId, at: WallTime, verdict: &Verdict) {
        let before = self.last.remove(host).unwrap_or_default();
        let same = |a: &Reason, b: &Reason| (a.code, &a.subject) == (b.code, &b.subject);
        let gone = before.iter().filter(|old| !verdict.reasons.iter().any(|new| same(old, new)));
        let is_known = |new: &Reason| before.iter().any(|old| same(old, new) && old.health == new.health);
        let new = verdict.reasons.iter().filter(|new| !is_known(new));
        for (turn, reason) in gone.map(|gone| (Turn::Ended, gone)).chain(new.map(|new| (Turn::Began, new))) {
            self.push(Entry { at, host: host.clone(), turn, reason: reason.clone() });
        }
        self.last.insert(host.clone(), verdict.reasons.clone());
    }

    /// Notes what was done about a trouble of a host.
    pub(crate) fn note(&mut self, host: &HostId, at: WallTime, reason: &Reason, what: String) {
        self.push(Entry { at, host: host.clone(), turn: Turn::Done(what), reason: reason.clone() });
    }

    fn push(&mut self, entry: Entry) {
        if self.entries.len() == LONGEST {
            self.entries.pop_front();
        }
        self.noted += 1;
        self.entries.push_back(entry);
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
        for seen in [&[][..], &[("hot", "56 °C")], &[("hot", "57 °C"), ("full", "91 %")], &[("full", "92 %")]] {
            journal.see(&host, WallTime::default(), &verdict(seen));
        }
        let told: Vec<_> = journal.of(&host).map(|entry| (entry.turn.clone(), entry.reason.code)).collect();
        assert_eq!(told, [(Turn::Ended, "hot"), (Turn::Began, "full"), (Turn::Began, "hot")]);
    }

    #[test]
    fn what_is_done_about_a_trouble_is_noted_and_begins_nothing() {
        let mut journal = Journal::default();
        let host = HostId::new("srv01").unwrap();
        let (before, after) = (WallTime::from_secs(10), WallTime::from_secs(20));
        let told = verdict(&[("hot", "56 °C")]);
        journal.see(&host, before, &told);
        journal.note(&host, after, &told.reasons[0], "acknowledged (a fan comes)".to_owned());
        let texts: Vec<String> = journal.of(&host).map(|entry| entry.text().raw().to_owned()).collect();
        assert_eq!(texts, ["acknowledged (a fan comes): 56 °C", "56 °C"]);
        assert_eq!((journal.began_after(before), journal.beginnings().count(), journal.noted()), (None, 1, 2));
        journal.see(&host, after, &told);
        assert_eq!(journal.noted(), 2, "it is the same trouble as before");
    }

    #[test]
    fn the_oldest_entries_are_forgotten() {
        let mut journal = Journal::default();
        let host = HostId::new("srv01").unwrap();
        for n in 0..3_000 {
            let seen: &[_] = if n % 2 == 0 { &[("hot", "x")] } else { &[] };
            journal.see(&host, WallTime::default(), &verdict(seen));
        }
        assert_eq!((journal.newest_first().count(), journal.noted()), (LONGEST, 3_000));
    }
}
