//! The last readings of every gauge of every host, for sparklines. Bounded; what is older is forgotten.

use cm_core::catalogue::{self, Measured, Walker};
use cm_core::clock::WallTime;
use cm_core::metric::{Kind, Limits, MetricId};
use cm_core::report::Report;
use cm_core::text::HostText;
use cm_core::unit::Unit;

/// How many readings of one series are kept: no sparkline is wider.
pub(crate) const LONGEST: usize = 60;

/// How many series of one host are kept, so that a host cannot fill memory with names.
const MOST_SERIES: usize = 600;

/// Readings of one metric on one subject, the oldest first. Most change seldom: a reading costs four bytes where it is
/// another than the one before it, and a bit where it is not.
#[derive(Debug, Clone)]
struct Series {
    metric: MetricId,
    oldest: f32,
    /// What came after that, each change once.
    later: Vec<f32>,
    /// Whether a reading is another than the one before it, the newest in the lowest bit.
    changes: u64,
    number: u8,
}

impl Series {
    const fn new(metric: MetricId, first: f32) -> Self {
        Self { metric, oldest: first, later: Vec::new(), changes: 0, number: 1 }
    }

    fn push(&mut self, value: f32) {
        let newest = *self.later.last().unwrap_or(&self.oldest);
        let is_change = newest.to_bits() != value.to_bits();
        if is_change {
            if self.later.len() == self.later.capacity() {
                // There are many of these: doubling would leave a third of them empty.
                self.later.reserve_exact(4);
            }
            self.later.push(value);
        }
        self.changes = self.changes << 1 | u64::from(is_change);
        if usize::from(self.number) < LONGEST {
            self.number += 1;
        } else if self.changes >> (LONGEST - 1) & 1 == 1 {
            // The second oldest is the oldest now, and was another.
            self.oldest = self.later.remove(0);
        }
    }

    fn values(&self) -> impl DoubleEndedIterator<Item = f32> {
        let Self { ref later, changes, number, oldest, .. } = *self;
        let number = u32::from(number);
        // The reading of this age stands behind so many changes that are not newer than it.
        let changed = changes & ((1 << (number - 1)) - 1);
        (0..number).rev().map(move |age| match (changed >> age).count_ones() {
            0 => oldest,
            nth => later[nth as usize - 1],
        })
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

/// Takes in a report of a host. What it tells comes in the same order each time, so that places are found where they are
/// looked for first.
struct Feeding<'h> {
    of_host: &'h mut OfHost,
    at: WallTime,
    /// Where the next subject is looked for first.
    near: usize,
}

impl Feeding<'_> {
    /// The place of the subject of that name, which may be one that does not exist yet.
    fn place(&mut self, name: &HostText) -> usize {
        let subjects = &self.of_host.subjects;
        let is_there = |place: &usize| subjects.get(*place).is_some_and(|subject| subject.name == *name);
        let found = Some(self.near).filter(is_there).or_else(|| (0..subjects.len()).find(is_there));
        let place = found.unwrap_or(subjects.len());
        self.near = place + 1;
        place
    }
}

impl Walker for Feeding<'_> {
    fn visit<T: Measured>(&mut self, part: &T) {
        let name = part.subject().name;
        let place = self.place(&name);
        let mut near = 0;
        for reading in T::TABLES.iter().copied().flatten().filter(|reading| is_drawn(&reading.entry)) {
            let Some(value) = reading.value(part, self.at) else { continue };
            #[expect(clippy::cast_possible_truncation, reason = "a sparkline has eight levels")]
            let value = value as f32;
            let metric = reading.entry.metric.id;
            let OfHost { subjects, number } = &mut *self.of_host;
            if let Some(subject) = subjects.get_mut(place) {
                let is_it = |at: &usize| subject.series.get(*at).is_some_and(|series| series.metric == metric);
                if let Some(at) = Some(near).filter(is_it).or_else(|| (0..subject.series.len()).find(is_it)) {
                    subject.series[at].push(value);
                    near = at + 1;
                    continue;
                }
            }
            if *number == MOST_SERIES {
                continue;
            }
            if place == subjects.len() {
                subjects.push(OfSubject { name: name.clone(), series: Vec::new() });
            }
            let series = &mut subjects[place].series;
            series.reserve_exact(1);
            series.push(Series::new(metric, value));
            near = series.len();
            *number += 1;
        }
    }
}

/// Whether its course is drawn anywhere: that of a total is not, and that of a span of time, which grows until it starts
/// anew, where it is judged.
pub(crate) const fn is_drawn(entry: &catalogue::Entry) -> bool {
    let is_span = matches!(entry.metric.unit, Unit::Seconds | Unit::Hours);
    matches!(entry.metric.kind, Kind::Gauge) && !(is_span && matches!(entry.limits, Limits::None))
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
    pub(crate) fn feed(&mut self, host: usize, report: &Report) {
        if let Some(of_host) = self.hosts.get_mut(host) {
            catalogue::walk(report, &mut Feeding { of_host, at: report.timestamp(), near: 0 });
        }
    }

    /// Takes in readings from before those that are known, the oldest first.
    pub(crate) fn prepend(&mut self, host: usize, name: &HostText, metric: MetricId, values: &[f32]) {
        let known: Vec<f32> = self.of(host, metric, name.raw()).collect();
        let Some(of_host) = self.hosts.get_mut(host) else { return };
        let room = LONGEST.saturating_sub(known.len());
        let mut all = values[values.len().saturating_sub(room)..].iter().chain(&known).copied();
        let Some(first) = all.next() else { return };
        let mut series = Series::new(metric, first);
        all.for_each(|value| series.push(value));
        let OfHost { subjects, number } = of_host;
        let place = subjects.iter().position(|subject| subject.name == *name).unwrap_or(subjects.len());
        let is_it = |series: &Series| series.metric == metric;
        let at = subjects.get(place).and_then(|subject| subject.series.iter().position(is_it));
        match at {
            Some(at) => subjects[place].series[at] = series,
            None if *number == MOST_SERIES => {}
            None => {
                if place == subjects.len() {
                    subjects.push(OfSubject { name: name.clone(), series: Vec::new() });
                }
                subjects[place].series.push(series);
                *number += 1;
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
    /// Those whose course the panels of a host draw; of a fleet the overview draws the first three.
    pub(crate) const fn drawn(&self) -> [MetricId; 7] {
        [self.memory_use, self.cpu_use, self.load, self.drive_temperature, self.gpu_load, self.received, self.sent]
    }

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
    use cm_core::report::smart::{Drive, SmartReport};
    use cm_core::unit::{Celsius, Percent};
    use std::sync::Arc;

    fn drive(name: &str, warmth: f64) -> Drive {
        Drive {
            name: name.into(),
            temperature_c: Some(Celsius::saturating(warmth)),
            wear_level: Some(Percent::saturating(2.0)),
            ..Drive::default()
        }
    }

    fn told(drives: Vec<Drive>) -> Report {
        Report::Smart(Arc::new(SmartReport { drives, ..SmartReport::default() }))
    }

    #[test]
    fn only_the_newest_readings_are_kept_and_totals_and_spans_are_not() {
        let mut recent = Recent::new(1);
        for n in 0..200 {
            let drive = Drive {
                power_on_hours: Some(cm_core::unit::Hours::saturating(f64::from(n))),
                ..drive("sda", f64::from(n % 150))
            };
            recent.feed(0, &told(vec![drive]));
        }
        let shown = Shown::new();
        let kept: Vec<f32> = recent.of(0, shown.drive_temperature, "sda").collect();
        assert_eq!((kept.len(), kept[0], kept[LONGEST - 1]), (LONGEST, 140.0, 49.0));
        assert_eq!(recent.hosts[0].number, 2, "warmth and wear");
        assert_eq!(recent.of(0, shown.drive_temperature, "sdb").count(), 0);
        assert_eq!(recent.of(7, shown.drive_temperature, "sda").count(), 0);
    }

    #[test]
    fn readings_come_back_as_they_went_in_however_often_they_change() {
        let courses: [fn(u32) -> u32; 4] = [
            |_| 5,
            |n| n % 100,
            |n| n / 61 % 100,
            |n| match n % 150 {
                70..72 => 6,
                0..140 => 5,
                _ => 7,
            },
        ];
        let shown = Shown::new();
        for (nth, course) in courses.iter().enumerate() {
            let mut recent = Recent::new(1);
            for n in 0..300 {
                // Another subject of the same metric, and another metric of the same subject, are kept apart; a subject
                // may be away for a while.
                let mut drives = vec![drive("sda", f64::from(course(n))), drive("sdb", 1.0)];
                if n % 7 == 3 {
                    drives.insert(0, drive("sdc", 9.0));
                }
                recent.feed(0, &told(drives));
                let expected = || (n + 1).saturating_sub(60)..=n;
                let kept: Vec<f32> = recent.of(0, shown.drive_temperature, "sda").collect();
                assert_eq!(kept, expected().map(|n| course(n) as f32).collect::<Vec<_>>(), "course {nth} at {n}");
                let backwards = recent.of(0, shown.drive_temperature, "sda").rev();
                assert!(backwards.eq(expected().rev().map(|n| course(n) as f32)), "course {nth} at {n}");
            }
            assert!(recent.of(0, shown.wear, "sda").eq([2.0; LONGEST]));
            assert!(recent.of(0, shown.drive_temperature, "sdb").eq([1.0; LONGEST]));
            assert_eq!(recent.of(0, shown.drive_temperature, "sdc").count(), 43);
        }
    }

    #[test]
    fn a_host_cannot_fill_memory_with_names() {
        let mut recent = Recent::new(1);
        for n in 0..10_000 {
            recent.feed(0, &told(vec![drive(&format!("sd{n}"), 1.0)]));
        }
        assert_eq!(recent.hosts[0].number, MOST_SERIES);
    }
}
