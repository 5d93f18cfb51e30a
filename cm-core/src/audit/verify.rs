//! Which acts are not as they were: each edit, drop, act in another's place and cut tail by its number.
//!
//! What can be said depends on what is brought along ([`Evidence`]). Without a key and a head only the links speak, and
//! who rewrites the whole chain can make those anew: [`Verified::covered`] says how much the answer is worth.

use std::collections::BTreeMap;
use std::fmt;

use super::chain::{Head, Link, Sealed};
use super::ratchet::{Foothold, Ratchet};
use super::record::Deed;

/// What is known besides the acts themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'e> {
    /// A key that was written down elsewhere.
    pub foothold: Option<&'e Foothold>,
    /// Which act the ratchet of this machine would seal next.
    pub next: Option<u64>,
    /// Heads that others have seen.
    pub heads: &'e [Head],
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many acts were looked at.
    pub looked_at: u64,
    /// Of which so many are judged by a key or a head from elsewhere; the others by the links alone.
    pub covered: u64,
    /// What is wrong, by number.
    pub faults: Vec<Fault>,
    /// Where the chain ends.
    pub head: Option<Head>,
}

impl Verified {
    /// Whether nothing is wrong.
    pub const fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Something that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This act is not what was sealed.
    Edited {
        /// Which.
        seq: u64,
    },
    /// What stands at this place was sealed at another.
    Moved {
        /// Where it stands.
        seq: u64,
        /// Where it was sealed.
        from: u64,
    },
    /// It comes after a later one.
    OutOfOrder {
        /// Which.
        seq: u64,
    },
    /// It is there more than once.
    Twice {
        /// Which.
        seq: u64,
    },
    /// These are not there.
    Missing {
        /// The first.
        from: u64,
        /// The last.
        through: u64,
    },
    /// The link of this act does not fit it and the one before it: one of the two was changed.
    Unlinked {
        /// Which.
        seq: u64,
    },
    /// The end is gone.
    CutTail {
        /// The last that is left; 0 where none is.
        last: u64,
        /// Up to which there were acts.
        through: u64,
    },
    /// Somebody saw another past than this one.
    OtherPast {
        /// The act with which what they saw ended.
        seq: u64,
    },
    /// The key of this machine is older than its acts: an old one was put in its place.
    OldKey {
        /// Which act it would seal next.
        next: u64,
        /// The last act.
        last: u64,
    },
    /// It was forgotten on purpose, and is there again.
    Returned {
        /// Which.
        seq: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited { seq } => write!(f, "act {seq} was edited"),
            Self::Moved { seq, from } => write!(f, "act {from} stands in the place of act {seq}"),
            Self::OutOfOrder { seq } => write!(f, "act {seq} stands behind later ones"),
            Self::Twice { seq } => write!(f, "act {seq} is there more than once"),
            Self::Missing { from, through } if from == through => write!(f, "act {from} was dropped"),
            Self::Missing { from, through } => write!(f, "acts {from} to {through} were dropped"),
            Self::Unlinked { seq } => write!(f, "act {seq} does not fit the one before it: one of the two was changed"),
            Self::CutTail { last, through } if *last + 1 == *through => write!(f, "the end was cut off: act {through}"),
            Self::CutTail { last, through } => write!(f, "the end was cut off: acts {} to {through}", last + 1),
            Self::OtherPast { seq } => write!(f, "what was seen of the acts up to {seq} is another past than this one"),
            Self::OldKey { next, last } => {
                write!(
                    f,
                    "the key would seal act {next} next, and act {last} is there: an older key was put in its place"
                )
            }
            Self::Returned { seq } => write!(f, "act {seq} was forgotten on purpose, and is there again"),
        }
    }
}

/// For how many acts that fail by themselves every other place is tried.
const MOST_TRIED: usize = 64;

/// So many missing acts are stepped over; what stands behind more than that cannot be proven, and is told as edited.
const MOST_MISSING: u64 = 1_000_000;

/// Looks at acts in the order in which they are kept.
///
/// Cost: two hashes and one HMAC an act; of the first 64 acts that fail, one HMAC for every other place.
pub fn verify(kept: &[Sealed], evidence: Evidence<'_>) -> Verified {
    let mut look = Look::new(kept);
    let edited = evidence.foothold.map(|foothold| look.tags(foothold)).unwrap_or_default();
    look.order();
    let last = look.gaps();
    look.links(&edited);
    look.tail(last, evidence);
    let by_key = evidence.foothold.map_or(u64::MAX, Foothold::seq);
    let by_head = evidence.heads.iter().filter(|head| look.stands(head)).map(|head| head.seq).max().unwrap_or(0);
    let covered = look.acts.keys().filter(|seq| **seq >= by_key || **seq <= by_head).count() as u64;
    look.faults.sort_by_key(Fault::place);
    let head = look.acts.values().next_back().map(|act| act.head());
    Verified { looked_at: kept.len() as u64, covered, faults: look.faults, head }
}

impl Fault {
    const fn place(&self) -> u64 {
        match self {
            Self::Edited { seq }
            | Self::Moved { seq, .. }
            | Self::OutOfOrder { seq }
            | Self::Twice { seq }
            | Self::Unlinked { seq }
            | Self::OtherPast { seq }
            | Self::Returned { seq } => *seq,
            Self::Missing { from, .. } => *from,
            Self::CutTail { last, .. } | Self::OldKey { last, .. } => *last + 1,
        }
    }
}

struct Look<'k> {
    kept: &'k [Sealed],
    /// The first of each number.
    acts: BTreeMap<u64, &'k Sealed>,
    /// The last act that was forgotten on purpose, and its link.
    base: (u64, Link),
    faults: Vec<Fault>,
}

impl<'k> Look<'k> {
    fn new(kept: &'k [Sealed]) -> Self {
        let mut acts = BTreeMap::new();
        for act in kept {
            acts.entry(act.seq).or_insert(act);
        }
        let pruned = kept.iter().filter_map(|kept| match kept.act.deed {
            Deed::Pruned { through, base } if through < kept.seq => Some((through, base)),
            _ => None,
        });
        let base = pruned.max_by_key(|(through, _)| *through).unwrap_or_else(|| (0, Link::genesis()));
        Self { kept, acts, base, faults: Vec::new() }
    }

    /// Tries every act by its own key; answers with those that failed.
    fn tags(&mut self, foothold: &Foothold) -> Vec<u64> {
        let first = foothold.seq();
        // Without an end an edited number could keep the ratchet turning for ever.
        let end = first.saturating_add(self.acts.len() as u64 + MOST_MISSING);
        let mut failed: Vec<&Sealed> = Vec::new();
        let mut ratchet = foothold.ratchet();
        for (seq, act) in self.acts.range(first..) {
            ratchet = ratchet.at(*seq.min(&end));
            if ratchet.tag(&act.act.bytes(*seq)) != act.tag {
                failed.push(act);
            }
        }
        let mut homes = vec![None; failed.len()];
        let reached = ratchet.seq();
        let mut ratchet: Ratchet = foothold.ratchet();
        while !failed.is_empty() && ratchet.seq() <= reached {
            for (act, home) in failed.iter().take(MOST_TRIED).zip(&mut homes) {
                if home.is_none() && ratchet.tag(&act.act.bytes(ratchet.seq())) == act.tag {
                    *home = Some(ratchet.seq());
                }
            }
            ratchet = ratchet.next();
        }
        for (act, home) in failed.iter().zip(&homes) {
            self.faults.push(match home {
                Some(from) => Fault::Moved { seq: act.seq, from: *from },
                None => Fault::Edited { seq: act.seq },
            });
        }
        failed.iter().map(|act| act.seq).collect()
    }

    fn order(&mut self) {
        let (mut highest, mut seen) = (0, std::collections::BTreeSet::new());
        for act in self.kept {
            if !seen.insert(act.seq) {
                self.faults.push(Fault::Twice { seq: act.seq });
            } else if act.seq < highest {
                self.faults.push(Fault::OutOfOrder { seq: act.seq });
            }
            highest = highest.max(act.seq);
        }
    }

    /// Names what is missing before and between acts; answers with the last number.
    fn gaps(&mut self) -> u64 {
        let mut expected = self.base.0 + 1;
        for seq in self.acts.keys() {
            if *seq < expected {
                self.faults.push(Fault::Returned { seq: *seq });
                continue;
            }
            if *seq > expected {
                self.faults.push(Fault::Missing { from: expected, through: seq - 1 });
            }
            expected = seq + 1;
        }
        expected - 1
    }

    fn links(&mut self, edited: &[u64]) {
        let mut before = Some(self.base);
        for (seq, act) in self.acts.range(self.base.0 + 1..) {
            let fits = match before {
                Some((at, link)) if at + 1 == *seq => link.on(&act.tag, &act.act.bytes(*seq)) == act.link,
                // What stood before is missing, and told as such.
                _ => true,
            };
            if !fits && !edited.contains(seq) {
                self.faults.push(Fault::Unlinked { seq: *seq });
            }
            before = Some((*seq, act.link));
        }
    }

    fn tail(&mut self, last: u64, evidence: Evidence<'_>) {
        let seen = evidence.heads.iter().map(|head| head.seq).max().unwrap_or(0);
        // An act is stored before the ratchet moves on, so the key may be one behind.
        let sealed = evidence.next.map_or(0, |next| next.saturating_sub(1));
        let through = sealed.max(seen);
        if through > last {
            self.faults.push(Fault::CutTail { last, through });
        }
        if let Some(next) = evidence.next.filter(|next| *next < last) {
            self.faults.push(Fault::OldKey { next, last });
        }
        for head in evidence.heads {
            if self.link(head.seq).is_some() && !self.stands(head) {
                self.faults.push(Fault::OtherPast { seq: head.seq });
            }
        }
    }

    fn link(&self, seq: u64) -> Option<Link> {
        if seq == self.base.0 { Some(self.base.1) } else { self.acts.get(&seq).map(|act| act.link) }
    }

    /// Whether the chain still has what somebody saw.
    fn stands(&self, head: &Head) -> bool {
        self.link(head.seq).is_some_and(|link| head.is_of(&link))
    }
}
