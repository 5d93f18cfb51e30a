//! The samples that are measured with: the made-up fleet of five, and hosts whose readings never rest.
//!
//! Both are the same in every run, so that two programs can be given the very same samples. Each host is asked some
//! milliseconds early or late, as timers do. It does not know who stores them.

use cm_core::catalogue;
use cm_core::clock::WallTime;
use cm_core::demo::Demo;
use cm_core::health::{Subject, SubjectKind};
use cm_core::host::HostId;
use cm_core::metric::{MetricId, Sample};
use cm_core::report::{Api, Report};
use cm_core::store::{Frame, Measured};

/// 2026-01-01T00:00:00Z.
pub(crate) const NEW_YEAR: i64 = 1_767_225_600_000;
pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const DAY: i64 = 24 * HOUR;

/// How often hosts are asked, in milliseconds.
pub(crate) const EVERY: i64 = 5_000;

/// Where samples come from.
pub(crate) enum Telemetry {
    /// The fleet that `--demo` shows: 985 series of five hosts with the course of a day.
    Fleet { demo: Demo, hosts: Vec<HostId> },
    /// Ten hosts with 20 series each, of which half never stand still: readings to the tenth, counters, sensors.
    Restless { hosts: Vec<HostId>, metrics: Vec<MetricId>, values: Vec<f64>, chance: u64 },
}

/// How many hosts and series of each the restless ones are.
const HOSTS: usize = 10;
const SERIES: usize = 20;

impl Telemetry {
    pub(crate) fn fleet() -> Self {
        let demo = Demo::new(1, WallTime::from_millis(NEW_YEAR));
        let hosts = demo.hosts().iter().map(|host| host.id.clone()).collect();
        Self::Fleet { demo, hosts }
    }

    pub(crate) fn restless() -> Self {
        let of_host = |entry: &&catalogue::Entry| entry.metric.subject == SubjectKind::Host;
        let metrics: Vec<_> = catalogue::all().filter(of_host).take(SERIES).map(|entry| entry.metric.id).collect();
        let hosts = (0..HOSTS).map(|n| HostId::new(&format!("host{n}")).expect("a name")).collect();
        Self::Restless { hosts, values: vec![50.0; HOSTS * metrics.len()], metrics, chance: 42 }
    }

    /// By its word on the command line.
    pub(crate) fn named(word: &str) -> Self {
        match word {
            "fleet" => Self::fleet(),
            "restless" => Self::restless(),
            word => panic!("telemetry is fleet or restless, not {word:?}"),
        }
    }

    /// What the hosts tell when asked at about this moment.
    pub(crate) fn tick(&mut self, at: i64) -> Vec<Measured> {
        match self {
            Self::Fleet { .. } => {
                let sampled = |(host, report): (HostId, Report)| {
                    let measured = move |sample| Measured { host: host.clone(), sample };
                    catalogue::samples(&report).into_iter().map(measured)
                };
                self.reports(at).into_iter().flat_map(sampled).collect()
            }
            Self::Restless { hosts, metrics, values, chance } => wander(hosts, metrics, values, chance, at),
        }
    }

    /// The whole reports of the same moment; none of hosts that have none.
    pub(crate) fn frames(&self, at: i64) -> Vec<Frame> {
        let frame = |(host, report): (HostId, Report)| {
            let api = report.api();
            Frame { host, api, at: report.timestamp(), text: report.write() }
        };
        self.reports(at).into_iter().map(frame).collect()
    }

    fn reports(&self, at: i64) -> Vec<(HostId, Report)> {
        let Self::Fleet { demo, hosts } = self else { return Vec::new() };
        let mut reports = Vec::new();
        for (host, first) in hosts.iter().zip((0_i64..).step_by(Api::ALL.len())) {
            for (api, nth) in Api::ALL.into_iter().zip(first..) {
                let late = scrambled(at / EVERY * 31 + nth) % 20;
                let asked = WallTime::from_millis(at + late.cast_signed());
                reports.extend(demo.report(host, api, asked).ok().map(|report| (host.clone(), report)));
            }
        }
        reports
    }
}

/// A number that looks like chance, of one that does not (splitmix64).
fn scrambled(of: i64) -> u64 {
    let mut number = of.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

fn wander(hosts: &[HostId], metrics: &[MetricId], values: &mut [f64], chance: &mut u64, at: i64) -> Vec<Measured> {
    // Xorshift.
    let mut draw = |below: u64| {
        *chance ^= *chance << 13;
        *chance ^= *chance >> 7;
        *chance ^= *chance << 17;
        *chance % below
    };
    let mut batch = Vec::with_capacity(values.len());
    for (host, values) in hosts.iter().zip(values.chunks_mut(metrics.len())) {
        let at = WallTime::from_millis(at + draw(20).cast_signed());
        for (place, (metric, value)) in metrics.iter().zip(values).enumerate() {
            let step = draw(100);
            match place % 4 {
                // A sensor in whole degrees that mostly stays where it is.
                0 if step < 6 => *value += if step < 3 { 1.0 } else { -1.0 },
                // A share in tenths of a percent that never rests.
                1 => *value = ((*value * 10.0 + step as f64 / 10.0 - 5.0).round() / 10.0).clamp(0.0, 100.0),
                // A counter.
                2 => *value += (step * step) as f64,
                // What hardly ever changes, and the rest of the sensor's time.
                _ => {}
            }
            let sample = Sample { metric: *metric, subject: Subject::host(), at, value: *value };
            batch.push(Measured { host: host.clone(), sample });
        }
    }
    batch
}
