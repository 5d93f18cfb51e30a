//! What rules found of everything, as incidents take it in: of what is well and was never ill, nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Judge;
use crate::health::{Subject, SubjectKind};
use crate::host::Host;
use crate::incident::{About, Basis, Condition, Finding, Flap, Gone, Key, Look, Measure, Terms, Worse};
use crate::rule::{Body, Frame, Judged, LabelId, Need, Place, Standing, Worse as RuleWorse};

/// One look at one thing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) key: Key,
    pub(super) terms: Terms,
    pub(super) saw: Saw,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Saw {
    Holds(Box<Finding>),
    Between,
    Clear,
    Absent,
    Gone(Gone),
}

impl Found {
    pub(super) fn look(&self) -> Look<'_> {
        let condition = match &self.saw {
            Saw::Holds(finding) => Condition::Holds(finding),
            Saw::Between => Condition::Between,
            Saw::Clear => Condition::Clear,
            Saw::Absent => Condition::Absent,
            Saw::Gone(gone) => Condition::Gone(*gone),
        };
        Look { key: &self.key, terms: &self.terms, condition }
    }

    pub(super) fn gone(key: &Key, gone: Gone) -> Self {
        Self { key: key.clone(), terms: Terms::default(), saw: Saw::Gone(gone) }
    }
}

/// What all rules found: of each key once, in the order of keys.
pub(super) fn all(judge: &Judge, gap: Duration) -> Vec<Found> {
    let frame = judge.present.frame();
    let mut followed: BTreeMap<&str, BTreeSet<&Key>> = BTreeMap::new();
    for key in judge.incidents.keys() {
        followed.entry(key.rule()).or_default().insert(key);
    }
    let mut all = Looks { judge, gap, found: BTreeMap::new(), not_asked: BTreeSet::new() };
    for judged in judge.options.rules.judge(frame) {
        all.rule(&judged, followed.get(judged.rule.name()), frame);
    }
    let Looks { mut found, not_asked, .. } = all;
    for key in not_asked {
        found.entry(key.clone()).or_insert_with(|| Found::gone(&key, Gone::Unwatched));
    }
    found.into_values().collect()
}

struct Looks<'j> {
    judge: &'j Judge,
    gap: Duration,
    found: BTreeMap<Key, Found>,
    /// What is followed and was not asked in one of the ways in which its rule holds.
    not_asked: BTreeSet<Key>,
}

impl Looks<'_> {
    fn rule(&mut self, judged: &Judged<'_>, followed: Option<&BTreeSet<&Key>>, frame: &Frame) {
        for (index, standing) in judged.standings.iter().enumerate() {
            if followed.is_none() && !matches!(standing, Standing::Holds(_)) {
                continue;
            }
            let place = Place { kind: judged.body.kind(), index };
            let Some((host, subject)) = frame.whose(place) else { continue };
            let key = Key::new(judged.rule.name(), Some(host.id.clone()), subject.clone());
            let is_followed = followed.is_some_and(|followed| followed.contains(&key));
            // Not yet looked at is not absent: the time until the history has answered is no break.
            if *standing != Standing::NotAsked && self.judge.past.is_awaited(&host.id, subject, judged.body.needs()) {
                continue;
            }
            let saw = match *standing {
                Standing::NotAsked if is_followed => {
                    self.not_asked.insert(key);
                    continue;
                }
                Standing::Holds(_) => match finding(judged.body, frame, place, subject) {
                    Some(finding) => Saw::Holds(Box::new(finding)),
                    None => continue,
                },
                _ if !is_followed => continue,
                Standing::Between => Saw::Between,
                Standing::Clear => Saw::Clear,
                Standing::Absent | Standing::NotAsked => Saw::Absent,
            };
            // A drive under its old name is not known: that says nothing against what it is under its new one.
            if saw == Saw::Absent && self.found.contains_key(&key) {
                continue;
            }
            self.found.insert(key.clone(), Found { key, terms: terms(judged.body, host, self.gap), saw });
        }
    }
}

/// The terms that a rule sets for things of a host.
fn terms(body: &Body, host: &Host, gap: Duration) -> Terms {
    Terms {
        hold: body.hold(),
        clear: body.clear_hold(),
        gap,
        about: if body.is_about_reach() { About::Reach } else { About::Thing },
        role: host.role.clone(),
        group: body.group().map(str::to_owned),
        flap: Flap::Damped,
    }
}

/// Whether a rule tells of what was not told: how a host answers is seen here, not there.
fn follows_from_silence(body: &Body) -> bool {
    let link = LabelId::by_name("host.link");
    let is_link = |need: &Need| matches!(need, Need::Label(label) if Some(*label) == link);
    body.is_lapse() || body.is_about_reach() || body.kind() == SubjectKind::Api || body.needs().iter().any(is_link)
}

fn finding(body: &Body, frame: &Frame, place: Place, subject: &Subject) -> Option<Finding> {
    let found = body.finding(frame, place)?;
    let measure = found.measure.map(|measure| Measure {
        value: measure.value,
        limit: measure.limit,
        unit: measure.unit,
        worse: match measure.worse {
            RuleWorse::Higher => Worse::Higher,
            RuleWorse::Lower => Worse::Lower,
        },
    });
    Some(Finding {
        severity: found.severity,
        basis: if follows_from_silence(body) { Basis::Lapse } else { Basis::Reading },
        measure,
        name: subject.name.clone(),
        text: found.text,
        next: found.next,
        runbook: body.runbook().unwrap_or_default().to_owned(),
    })
}
