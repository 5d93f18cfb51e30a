//! Samples in Prometheus' text format: names and base units from the catalogue, each metric's lines together.
//!
//! No line has a time of its own: whoever scrapes knows when, and a file of them would be refused with one.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use cm_core::catalogue;
use cm_core::health::{Subject, SubjectKind};
use cm_core::host::HostId;
use cm_core::metric::{Kind, Metric, MetricId, Sample};
use cm_core::text::prometheus::label;

use crate::request::What;

/// The kinds of thing whose samples a command shows.
pub fn shows(what: What, kind: SubjectKind) -> bool {
    match what {
        What::Status => matches!(kind, SubjectKind::Host | SubjectKind::Api),
        What::Hosts => kind == SubjectKind::Host,
        What::Drives => matches!(kind, SubjectKind::Drive | SubjectKind::Pool),
        What::Services => kind == SubjectKind::Service,
        What::Backups => kind == SubjectKind::Backup,
        What::Metrics => true,
    }
}

/// Writes samples, metric by metric in the order of the catalogue. Of two samples with the same labels the first stays:
/// Prometheus refuses a whole page that has both.
pub fn write<'a>(to: &mut dyn Write, samples: impl Iterator<Item = (&'a HostId, &'a Sample)>) -> io::Result<()> {
    let mut by_metric: BTreeMap<MetricId, Vec<(String, f64)>> = BTreeMap::new();
    for (host, sample) in samples {
        by_metric.entry(sample.metric).or_default().push((labels(host, &sample.subject), sample.value));
    }
    for (id, samples) in by_metric {
        let Some(entry) = catalogue::by_id(id) else { continue };
        let (metric, name) = (entry.metric, entry.metric.prometheus_name());
        let kind = if metric.kind == Kind::Counter { "counter" } else { "gauge" };
        writeln!(to, "# HELP {name} {}", metric.help.replace('\\', "\\\\"))?;
        writeln!(to, "# TYPE {name} {kind}")?;
        let mut seen = HashSet::new();
        for (labels, value) in samples {
            let value = in_base_unit(metric, value);
            if seen.insert(labels.clone()) {
                writeln!(to, "{name}{{{labels}}} {value}")?;
            }
        }
    }
    Ok(())
}

/// Without the noise of the multiplication: 12 digits are more than any sensor has.
fn in_base_unit(metric: Metric<'_>, value: f64) -> f64 {
    let value = value * metric.unit.base().1;
    if metric.unit.base().0 == "bytes" {
        return value.round();
    }
    if value.fract() == 0.0 { value } else { format!("{value:.11e}").parse().unwrap_or(value) }
}

fn labels(host: &HostId, subject: &Subject) -> String {
    let mut labels = format!("host=\"{}\"", label(host.as_str()));
    if !subject.name.is_empty() {
        write!(labels, ",{}=\"{}\"", subject.kind.word(), label(&subject.name)).expect("a String takes everything");
    }
    if let Some(identity) = &subject.identity {
        write!(labels, ",serial=\"{}\"", label(identity)).expect("a String takes everything");
    }
    labels
}
