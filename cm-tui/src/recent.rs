//! The last readings of every gauge of every host, for sparklines. Bounded; what is older is forgotten.

use std::collections::{HashMap, VecDeque};

use cm_core::catalogue;
use cm_core::metric::{Kind, MetricId, Sample};
use cm_core::text::HostText;

/// How many readings of one series are kept: no sparkline is wider.
pub(crate) const LONGEST: usize = 60;

/// How many series of one host are kept, so that a host cannot fill memory with names.
const MOST_SERIES: usize = 600;

/// Readings of one metric on one subject, the oldest first.
#[derive(Debug, Clone, Default)]
struct Series {
    subject: HostText,
    values: VecDeque<f32>,
}

/// Readings of one host.
#[derive(Debug, Clone, Default)]
struct OfHost {
    by_metric: HashMap<MetricId, Vec<Series>>,
    number: usize,
}

/// The last readings of all hosts, by the host's place in the fleet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recent {
    hosts: Vec<OfHost>,
}

impl Recent {
    /// Room for so many hosts.
    pub(crate) fn new(hosts: usize) -> Self {
        Self { hosts: vec![OfHost::default(); hosts] }
    }

    /// Takes in what a host told just now.
    pub(crate) fn feed(&mut self, host: usize, samples: Vec<Sample>) {
        let Some(of_host) = self.hosts.get_mut(host) else { return };
        for Sample { metric, subject, value, .. } in samples {
            if catalogue::by_id(metric).is_none_or(|entry| entry.metric.kind != Kind::Gauge) {
                continue;
            }
            let series = of_host.by_metric.entry(metric).or_default();
            let at = if let Some(at) = series.iter().position(|series| series.subject == subject.name) {
                at
            } else if of_host.number < MOST_SERIES {
                of_host.number += 1;
                series.push(Series { subject: subject.name, values: VecDeque::new() });
                series.len() - 1
            } else {
                continue;
            };
            let values = &mut series[at].values;
            if values.len() == LONGEST {
                values.pop_front();
            }
            #[expect(clippy::cast_possible_truncation, reason = "a sparkline has eight levels")]
            values.push_back(value as f32);
        }
    }

    /// The readings of a metric of the host itself, the oldest first.
    pub(crate) fn of_host(&self, host: usize, metric: MetricId) -> impl DoubleEndedIterator<Item = f32> {
        self.of(host, metric, "")
    }

    /// The readings of a metric on a subject of that name, the oldest first.
    pub(crate) fn of(&self, host: usize, metric: MetricId, subject: &str) -> impl DoubleEndedIterator<Item = f32> {
        let series = self.hosts.get(host).and_then(|host| host.by_metric.get(&metric));
        let series = series.into_iter().flatten().find(|series| series.subject.raw() == subject);
        series.into_iter().flat_map(|series| series.values.iter().copied())
    }
}

/// The metrics that have a place on the screen of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Share of memory in use.
    pub(crate) memory_use: MetricId,
    /// Share of time that the processors are at work.
    pub(crate) cpu_use: MetricId,
    /// The load average over 1 minute.
    pub(crate) load: MetricId,
    /// The same for each core.
    pub(crate) load_per_core: MetricId,
    /// A drive's wear.
    pub(crate) wear: MetricId,
    /// Share of a filesystem in use.
    pub(crate) filesystem_use: MetricId,
    /// A drive's temperature.
    pub(crate) drive_temperature: MetricId,
    /// A graphics processor's share of time at work.
    pub(crate) gpu_load: MetricId,
    /// Received a second.
    pub(crate) received: MetricId,
    /// Sent a second.
    pub(crate) sent: MetricId,
}

impl Shown {
    /// Looks them up.
    ///
    /// # Panics
    /// Never: names of the catalogue are permanent.
    pub(crate) fn new() -> Self {
        let id = |name| catalogue::by_name(name).expect("names of the catalogue are permanent").metric.id;
        Self {
            memory_use: id("memory.use"),
            cpu_use: id("cpu.use"),
            load: id("cpu.load_1"),
            load_per_core: id("cpu.load_per_core"),
            wear: id("drive.wear"),
            filesystem_use: id("filesystem.use"),
            drive_temperature: id("drive.temperature"),
            gpu_load: id("gpu.load"),
            received: id("network.receive_rate"),
            sent: id("network.send_rate"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_core::clock::WallTime;
    use cm_core::health::{Subject, SubjectKind};

    fn sample(name: &str, subject: &str, value: f64) -> Sample {
        let metric = catalogue::by_name(name).unwrap().metric.id;
        Sample { metric, subject: Subject::named(SubjectKind::Drive, subject.into()), at: WallTime::default(), value }
    }

    #[test]
    fn only_the_newest_readings_are_kept_and_counters_are_not() {
        let mut recent = Recent::new(1);
        for n in 0..200 {
            recent.feed(0, vec![sample("drive.temperature", "sda", f64::from(n)), sample("drive.written", "sda", 1.0)]);
        }
        let shown = Shown::new();
        let kept: Vec<f32> = recent.of(0, shown.drive_temperature, "sda").collect();
        assert_eq!((kept.len(), kept[0], kept[LONGEST - 1]), (LONGEST, 140.0, 199.0));
        assert_eq!(recent.hosts[0].number, 1);
        assert_eq!(recent.of(0, shown.drive_temperature, "sdb").count(), 0);
        assert_eq!(recent.of(7, shown.drive_temperature, "sda").count(), 0);
    }

    #[test]
    fn a_host_cannot_fill_memory_with_names() {
        let mut recent = Recent::new(1);
        for n in 0..10_000 {
            recent.feed(0, vec![sample("drive.temperature", &format!("sd{n}"), 1.0)]);
        }
        assert_eq!(recent.hosts[0].number, MOST_SERIES);
    }
}
