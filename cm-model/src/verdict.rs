//! Limits and states over one report: health, with reasons in words.
//!
//! It judges one moment. What needs a past (a counter that grows, a restart that nobody asked for) is the rules' work.

mod backup;
mod drive;
mod machine;

use std::collections::BTreeMap;

pub use backup::{BackupState, backup, backup_state, job_state, worst_backup};
pub use drive::{drive, pool, smart};
pub use machine::{filesystem, machine, service, service_report};

use crate::catalogue::Measured;
use crate::clock::WallTime;
use crate::health::{Health, Reason, Subject, Verdict};
use crate::metric::{Limits, MetricId};
use crate::report::{Report, Status};
use crate::text::HostText;
use crate::unit::Unit;

/// What the owner decided: limits of their own, by metric. Everything else is the catalogue's default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Policy {
    limits: BTreeMap<MetricId, Limits>,
}

impl Policy {
    /// The defaults.
    pub const fn new() -> Self {
        Self { limits: BTreeMap::new() }
    }

    /// Puts the owner's limits in the place of the default ones. They also go before a drive's own.
    #[must_use]
    pub fn with(mut self, metric: MetricId, limits: Limits) -> Self {
        self.limits.insert(metric, limits);
        self
    }

    /// The owner's limits for a metric, if any.
    pub fn limits(&self, metric: MetricId) -> Option<Limits> {
        self.limits.get(&metric).copied()
    }
}

impl FromIterator<(MetricId, Limits)> for Policy {
    fn from_iter<I: IntoIterator<Item = (MetricId, Limits)>>(limits: I) -> Self {
        Self { limits: limits.into_iter().collect() }
    }
}

impl Extend<(MetricId, Limits)> for Policy {
    fn extend<I: IntoIterator<Item = (MetricId, Limits)>>(&mut self, limits: I) {
        self.limits.extend(limits);
    }
}

/// The verdict over a whole answer.
pub fn report(report: &Report, policy: &Policy) -> Verdict {
    match report {
        Report::Smart(report) => smart(report, policy),
        Report::Service(report) => service_report(report, policy),
        Report::Backup(report) => backup(report, policy),
    }
}

/// Judges every metric of one part against its limits.
fn limits<T: Measured>(part: &T, at: WallTime, policy: &Policy, reasons: &mut Vec<Reason>) {
    let mut subject = None;
    for reading in T::TABLES.iter().copied().flatten() {
        let metric = reading.entry.metric;
        let limits = policy.limits(metric.id).unwrap_or_else(|| reading.limits_for(part));
        let Some(value) = reading.value(part, at) else { continue };
        let Some((health, limit)) = limits.judge(value) else { continue };
        let subject: &Subject = subject.get_or_insert_with(|| part.subject());
        let mut text = String::new();
        if !subject.name.is_empty() {
            text.push_str(subject.name.raw());
            text.push(' ');
        }
        text.push_str(&told(metric.label, metric.unit, value, limit));
        reasons.push(Reason {
            health,
            code: metric.name,
            subject: subject.clone(),
            metric: Some(metric.id),
            text: HostText::new(text),
            next: if reading.entry.next.is_empty() { "Your own limit was passed." } else { reading.entry.next },
        });
    }
}

/// `wear 82 % (limit 70 %)`; for a count of bad things just `3 media errors`.
fn told(label: &str, unit: Unit, value: f64, limit: f64) -> String {
    if unit == Unit::Count && limit <= 1.0 {
        let label = if value < 1.5 { label.strip_suffix('s').unwrap_or(label) } else { label };
        return format!("{} {label}", unit.print(value));
    }
    let (value, limit) = (unit.print(value), unit.print(limit));
    if value == limit { format!("{label} {value}, its limit") } else { format!("{label} {value} (limit {limit})") }
}

/// A reason that is a state, not a limit.
fn state(
    health: Health,
    code: &'static str,
    subject: Subject,
    text: impl Into<HostText>,
    next: &'static str,
) -> Reason {
    Reason { health, code, subject, metric: None, text: text.into(), next }
}

/// A host's own verdict, where it is worse than ours: it may know more.
fn own_word(
    status: Status,
    subject: Subject,
    code: &'static str,
    told: &[&HostText],
    what: &str,
    ours: &[Reason],
) -> Option<Reason> {
    let health = match status {
        Status::Warning => Health::Warning,
        Status::Critical => Health::Critical,
        Status::Ok | Status::Unknown => return None,
    };
    if ours.iter().any(|reason| reason.health.trouble() >= health.trouble()) {
        return None;
    }
    let text = if told.is_empty() {
        format!("the host calls its {what} {health} without saying why")
    } else {
        let told: Vec<_> = told.iter().map(|text| text.raw()).collect();
        format!("the host says: {}", told.join("; "))
    };
    Some(state(health, code, subject, text, "Look on the host itself: its own server judges by rules of its own."))
}

#[cfg(test)]
mod tests;
