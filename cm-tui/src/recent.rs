//! The last readings of every gauge of every host, for sparklines. Bounded; what is older is forgotten.

use std::collections::VecDeque;

use cm_core::catalogue;
use cm_core::metric::{Kind, MetricId, Sample};
use cm_core::text::HostText;

/// How many readings of one series are kept: no sparkline is wider.
pub(crate) const LONGEST: usize = 60;

/// How many series of one host are kept, so that a host cannot fill memory with names.
const MOST_SERIES: usize = 600;

/// Readings of one metric on one subject, the oldest first. Most never change: those cost a number.
#[derive(Debug, Clone)]
struct Series {
    metric: MetricId,
    /// What it was at first, and for how many readings.
    steady: f32,
    times: u8,
    /// What came after that.
    later: VecDeque<f32>,
}

impl Series {
    const fn new(metric: MetricId) -> Self {
        Self { metric, steady: 0.0, times: 0, later: VecDeque::new() }
    }

    fn push(&mut self, value: f32) {
        if usize::from(self.times) + self.later.len() == LONGEST {
            match self.times.checked_sub(1) {
                Some(fewer) => self.times = fewer,
                None => {
                    self.later.pop_front();
                }
            }
        }
        if !self.later.is_empty() || self.times > 0 && self.steady.to_bits() != value.to_bits() {
            self.later.push_back(value);
        } else {
            self.steady = value;
            self.times += 1;
        }
    }

    fn values(&self) -> impl DoubleEndedIterator<Item = f32> {
        std::iter::repeat_n(self.steady, self.times.into()).chain(self.later.iter().copied())
    }
}

/// Readings of one subject; of several that have one name, of all of them.
#[derive(Debug, Clone)]
struct OfSubject {
    name: HostText,
    series: Vec<Series>,
}

/// Readings of one host.
#[derive(Debug, Clone, Default)]
struct OfHost {
    subjects: Vec<OfSubject>,
    number: usize,
}

impl OfHost {
    /// The readings that a sample goes on with; none where it is no gauge, or there are too many already. `near` is the
    /// place of the subject before, since those of one subject come together.
    fn series(&mut self, metric: MetricId, name: HostText, near: &mut usize) -> Option<&mut Series> {
        if self.subjects.get(*near).is_none_or(|subject| subject.name != name) {
            *near = self.subjects.iter().position(|subject| subject.name == name).unwrap_or(self.subjects.len());
        }
        let known = self.subjects.get(*near).and_then(|of| of.series.iter().position(|series| series.metric == metric));
        let at = match known {
            Some(at) => at,
            None if self.number == MOST_SERIES => return None,
            None if catalogue::by_id(metric).is_none_or(|entry| entry.metric.kind != Kind::Gauge) => return None,
            None => {
                self.number += 1;
                if *near == self.subjects.len() {
                    self.subjects.push(OfSubject { name, series: Vec::new() });
                }
                self.subjects[*near].series.push(Series::new(metric));
                self.subjects[*near].series.len() - 1
            }
        };
        Some(&mut self.subjects[*near].series[at])
    }
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
        let mut near = 0;
        for Sample { metric, subject, value, .. } in samples {
            if let Some(series) = of_host.series(metric, subject.name, &mut near) {
                #[expect(clippy::cast_possible_truncation, reason = "a sparkline has eight levels")]
                series.push(value as f32);
            }
        }
    }

    /// The readings of a metric of the host itself, the oldest first.
    pub(crate) fn of_host(&self, host: usize, metric: MetricId) -> impl DoubleEndedIterator<Item = f32> {
        self.of(host, metric, "")
    }

    /// The readings of a metric on a subject of that name, the oldest first.
    pub(crate) fn of(&self, host: usize, metric: MetricId, subject: &str) -> impl DoubleEndedIterator<Item = f32> {
        let subjects = self.hosts.get(host).map(|of_host| &of_host.subjects);
        let of_subject = subjects.into_iter().flatten().find(|of| of.name.raw() == subject);
        let series = of_subject.and_then(|of| of.series.iter().find(|series| series.metric == metric));
        series.into_iter().flat_map(Series::values)
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
    fn readings_come_back_as_they_went_in_whether_they_change_or_not() {
        let told = |n: u32| match n % 150 {
            70..72 => 6.0,
            0..140 => 5.0,
            _ => 7.0,
        };
        let shown = Shown::new();
        let mut recent = Recent::new(1);
        for n in 0..300 {
            // Another subject of the same metric, and another metric of the same subject, are kept apart.
            let other = sample("drive.temperature", "sdb", 1.0);
            let wear = sample("drive.wear", "sda", 2.0);
            recent.feed(0, vec![sample("drive.temperature", "sda", f64::from(told(n))), wear, other]);
            let kept: Vec<f32> = recent.of(0, shown.drive_temperature, "sda").collect();
            let expected: Vec<f32> = ((n + 1).saturating_sub(60)..=n).map(told).collect();
            assert_eq!(kept, expected, "{n}");
        }
        assert!(recent.of(0, shown.wear, "sda").eq([2.0; LONGEST]));
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
