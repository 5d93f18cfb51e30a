//! A round: every rule over everything, and what there is to say of what holds.
//!
//! How long something has held, and who is told, is for incidents to know.

use super::body::Body;
use super::evaluate::{Look, uniform};
use super::frame::{Frame, Place};
use super::program::Said;
use super::quantity::{Quantity, factor};
use super::set::{Rule, RuleSet};
use super::truth::Truth;
use crate::severity::Severity;
use crate::text::HostText;
use crate::unit::Unit;

/// How a rule stands for a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It is not asked of this one: it is off, or holds in another way for its host.
    NotAsked,
    /// It does not hold, and it is over if it did.
    Clear,
    /// It does not hold, but it is not over either if it did.
    Between,
    /// Nobody can tell.
    Absent,
    /// It holds.
    Holds(Severity),
}

/// How a rule stands for all things that it looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged<'s> {
    /// Which rule.
    pub rule: &'s Rule,
    /// In which of the ways in which it holds.
    pub body: &'s Body,
    /// How it stands for each thing of its sort.
    pub standings: Vec<Standing>,
}

/// Which way a number gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Worse {
    /// More is worse.
    Higher,
    /// Less is worse.
    Lower,
}

/// The number behind a finding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// The number.
    pub value: f64,
    /// The number that it was not to pass, where that is known.
    pub limit: Option<f64>,
    /// What both count in.
    pub unit: Unit,
    /// Which way it gets worse.
    pub worse: Worse,
}

/// What there is to say of a thing for which a rule holds. It may quote the host, so it leaves through an exit.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The number that it is about; nothing where it is about none.
    pub measure: Option<Measure>,
    /// One sentence, without the host's name unless the rule names it.
    pub text: HostText,
    /// The next step; may be empty.
    pub next: HostText,
}

impl RuleSet {
    /// Judges everything. Each way in which a rule holds for some host is told apart.
    ///
    /// Costs some nanoseconds for each rule and thing.
    pub fn judge<'s>(&'s self, frame: &Frame) -> Vec<Judged<'s>> {
        let mut judged = Vec::new();
        for rule in self.rules() {
            let own: Vec<usize> = if rule.mixtures.is_one() {
                Vec::new()
            } else {
                frame.hosts.iter().map(|host| rule.mixtures.index(host)).collect()
            };
            for (way, body) in rule.mixtures.bodies.iter().enumerate() {
                let Some(body) = body else { continue };
                if !own.is_empty() && !own.contains(&way) {
                    continue;
                }
                let look = Look::all(frame, body.kind);
                let mut standings = body.standings(&look);
                if !own.is_empty() {
                    for (standing, host) in standings.iter_mut().zip(look.hosts()) {
                        if own[*host] != way {
                            *standing = Standing::NotAsked;
                        }
                    }
                }
                judged.push(Judged { rule, body, standings });
            }
        }
        judged
    }
}

impl Judged<'_> {
    /// How it stands for a thing.
    pub fn standing(&self, place: Place) -> Standing {
        if place.kind != self.body.kind {
            return Standing::NotAsked;
        }
        self.standings.get(place.index).copied().unwrap_or(Standing::NotAsked)
    }

    /// Every thing for which it holds.
    pub fn holding(&self) -> impl Iterator<Item = (Place, Severity)> {
        self.standings.iter().enumerate().filter_map(|(index, standing)| match standing {
            Standing::Holds(severity) => Some((Place { kind: self.body.kind, index }, *severity)),
            _ => None,
        })
    }
}

impl Body {
    pub(super) fn standings(&self, look: &Look<'_>) -> Vec<Standing> {
        let when = look.truth(&self.when);
        if self.clear.is_none() && uniform(&when) == Some(Truth::False) {
            return vec![Standing::Clear; when.len()];
        }
        let clear = self.clear.as_ref().map(|clear| look.truth(clear));
        let severity = when.contains(&Truth::True).then(|| self.severities_of(look, when.len()));
        let stand = |(at, truth): (usize, Truth)| match (truth, &clear) {
            (Truth::True, _) => Standing::Holds(severity.as_ref().map_or(Severity::Warning, |all| all[at])),
            (Truth::Unknown, _) => Standing::Absent,
            (Truth::False, Some(clear)) if clear[at] != Truth::True => Standing::Between,
            (Truth::False, _) => Standing::Clear,
        };
        when.into_iter().enumerate().map(stand).collect()
    }

    fn severities_of(&self, look: &Look<'_>, count: usize) -> Vec<Severity> {
        let mut all = vec![Severity::Warning; count];
        for (severity, when) in self.severity.iter().rev() {
            match when {
                None => all.fill(*severity),
                Some(when) => {
                    let holds = look.truth(when);
                    let them = all.iter_mut().zip(holds).filter(|(_, holds)| *holds == Truth::True);
                    them.for_each(|(one, _)| *one = *severity);
                }
            }
        }
        all
    }

    /// What there is to say of a thing, as it is now: nothing where the rule does not hold for it.
    pub fn finding(&self, frame: &Frame, place: Place) -> Option<Finding> {
        if place.kind != self.kind || place.index >= frame.count(place.kind) {
            return None;
        }
        let look = Look::new(frame, self.kind, place.index..place.index + 1);
        let Some(Standing::Holds(severity)) = self.standings(&look).first().copied() else { return None };
        let text = sentence(&look, &self.text);
        Some(Finding { severity, measure: self.measure(&look), text, next: sentence(&look, &self.next) })
    }

    fn measure(&self, look: &Look<'_>) -> Option<Measure> {
        let measured = self.when.measure()?;
        let unit = measured.quantity.unit();
        let number = |number| Some(look.number(number).first() / factor(unit)).filter(|number| !number.is_nan());
        let worse = if measured.higher { Worse::Higher } else { Worse::Lower };
        Some(Measure { value: number(measured.value)?, limit: number(measured.limit), unit, worse })
    }
}

/// The parts as one text. A thing without a name leaves no gap.
fn sentence(look: &Look<'_>, parts: &[Said]) -> HostText {
    let mut text = String::new();
    for part in parts {
        let said = say(look, part);
        let gap = (text.is_empty() || text.ends_with(' ')) && !matches!(part, Said::Number(..));
        text.push_str(if gap { said.trim_start() } else { &said });
    }
    HostText::new(text)
}

pub(super) fn say(look: &Look<'_>, part: &Said) -> String {
    match part {
        Said::Words(words) => words.clone(),
        Said::Number(number, quantity) => shown(*quantity, look.number(number).first()),
        Said::Truth(truth) => look.truth(truth).first().map_or("not known", |truth| truth.word()).to_owned(),
        Said::Label(need) => look.text(*need).unwrap_or_else(|| "not known".to_owned()),
    }
}

fn shown(quantity: Quantity, value: f64) -> String {
    if value.is_nan() {
        "not known".to_owned()
    } else if value.is_infinite() {
        "none in sight".to_owned()
    } else {
        quantity.print(value)
    }
}
