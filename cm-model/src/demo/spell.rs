//! Things that come and go: a backup every night, a game on some evenings, a check once a month.
//!
//! A pure calendar: which spell a moment falls in, which came before, and how long they lasted in all, each in closed
//! form. It does not know what happens in them.

use super::rhythm::{cell, chance, ease};

/// Spells of one length, one in every period, each at a place of its own within its period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spells {
    period: f64,
    first: f64,
    length: f64,
    seed: u64,
    jitter: f64,
    waits: f64,
}

/// One spell, in seconds like every moment here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spell {
    /// Its number: 0 is the one that begins at `first`.
    pub(super) index: i64,
    /// When it begins.
    pub(super) since: f64,
    /// When it ends.
    pub(super) until: f64,
}

impl Spells {
    /// One of `length` in every `period`, the one with number 0 beginning at `first`.
    pub(super) const fn every(period: f64, first: f64, length: f64) -> Self {
        Self { period, first, length, seed: 0, jitter: 0.0, waits: 0.0 }
    }

    /// The same spells, all but number 0 beginning up to `jitter` later. `jitter + length` stays below the period.
    pub(super) const fn jittered(mut self, seed: u64, jitter: f64) -> Self {
        self.seed = seed;
        self.jitter = jitter;
        self
    }

    /// The same spells, but number 1 and each seventh from there wait for `waits` seconds. `waits + length` stays below
    /// the period.
    pub(super) const fn waiting(mut self, waits: f64) -> Self {
        self.waits = waits;
        self
    }

    /// When the spell with a number should begin if it did not wait.
    pub(super) fn due(&self, index: i64) -> f64 {
        self.first + index as f64 * self.period
    }

    /// The spell with a number.
    pub(super) fn nth(&self, index: i64) -> Spell {
        let late = if index.rem_euclid(7) == 1 { self.waits } else { 0.0 };
        let moved = if index == 0 || self.jitter == 0.0 { 0.0 } else { self.jitter * chance(self.seed, index) };
        let since = self.due(index) + late + moved;
        Spell { index, since, until: since + self.length }
    }

    /// The number of the period that a moment lies in.
    fn index(&self, t: f64) -> i64 {
        cell(t - self.first, self.period).0
    }

    /// The spell that goes on at a moment.
    pub(super) fn at(&self, t: f64) -> Option<Spell> {
        let spell = self.nth(self.index(t));
        (spell.since <= t && t < spell.until).then_some(spell)
    }

    /// The newest spell that has begun at a moment.
    pub(super) fn begun(&self, t: f64) -> Spell {
        let spell = self.nth(self.index(t));
        if spell.since <= t { spell } else { self.nth(spell.index - 1) }
    }

    /// The newest spell that has ended at a moment.
    pub(super) fn ended(&self, t: f64) -> Spell {
        let spell = self.begun(t);
        if spell.until <= t { spell } else { self.nth(spell.index - 1) }
    }

    /// Seconds of spells up to a moment, from a moment of its own.
    pub(super) fn seconds(&self, t: f64) -> f64 {
        let spell = self.nth(self.index(t));
        spell.index as f64 * self.length + (t - spell.since).clamp(0.0, self.length)
    }

    /// From 0 to 1: how far something has come that swells over `rise` seconds in a spell and ebbs as fast after it.
    pub(super) fn swell(&self, t: f64, rise: f64) -> f64 {
        let spell = self.begun(t);
        let up = (t.min(spell.until) - spell.since) / rise;
        ease(up.min(1.0) - ((t - spell.until) / rise).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_falls_in_before_or_after_a_spell() {
        let spells = Spells::every(100.0, 30.0, 10.0);
        let cases = [(29.9, None, -1, -1), (30.0, Some(0), 0, -1), (40.0, None, 0, 0), (-65.0, Some(-1), -1, -2)];
        for (t, at, begun, ended) in cases {
            assert_eq!(spells.at(t).map(|spell| spell.index), at, "at {t}");
            assert_eq!((spells.begun(t).index, spells.ended(t).index), (begun, ended), "at {t}");
        }
    }

    #[test]
    fn seconds_rise_only_within_spells() {
        let spells = Spells::every(100.0, 30.0, 10.0).jittered(9, 80.0);
        for step in -3_000..3_000 {
            let t = f64::from(step) * 0.7;
            let grown = spells.seconds(t + 0.1) - spells.seconds(t);
            let inside = spells.at(t).is_some() && spells.at(t + 0.099).is_some();
            assert!((-1e-9..=0.1 + 1e-9).contains(&grown), "{grown} at {t}");
            assert!(!inside || (grown - 0.1).abs() < 1e-6, "{grown} at {t}");
        }
    }

    #[test]
    fn a_swell_has_no_jumps() {
        let spells = Spells::every(100.0, 30.0, 10.0).jittered(9, 60.0);
        for rise in [4.0, 8.0, 20.0] {
            for step in -3_000..3_000 {
                let t = f64::from(step) * 0.1;
                let (here, next) = (spells.swell(t, rise), spells.swell(t + 0.1, rise));
                assert!((0.0..=1.0).contains(&here) && (next - here).abs() < 0.2, "from {here} to {next} at {t}");
            }
        }
    }

    #[test]
    fn a_swell_ebbs_as_fast_as_it_rose() {
        let spells = Spells::every(100.0, 30.0, 10.0);
        for (rise, t, far) in
            [(5.0, 30.0, 0.0), (5.0, 35.0, 1.0), (5.0, 45.0, 0.0), (20.0, 40.0, 0.5), (20.0, 50.0, 0.0)]
        {
            assert!((spells.swell(t, rise) - far).abs() < 1e-9, "{} at {t} of {rise}", spells.swell(t, rise));
        }
    }
}
