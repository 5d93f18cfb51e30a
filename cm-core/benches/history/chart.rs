//! A chart of a year: hours of ten hosts with 80 series each, brought to 200 points.

use std::path::Path;
use std::time::Duration;

use cm_core::catalogue;
use cm_core::clock::WallTime;
use cm_core::health::{Subject, SubjectKind};
use cm_core::host::HostId;
use cm_core::metric::Sample;
use cm_core::series::retention::{Policy, Resolution};
use cm_core::series::rollup::{Step, to_width};
use cm_core::series::window::Window;
use cm_core::store::{Known, Measured, Opening, Span};
use cm_core::text::HostText;

use crate::ours::{append, care, median_ms, recorder};
use crate::telemetry::{DAY, HOUR, NEW_YEAR};
use crate::tell;

const HOSTS: usize = 10;
const SERIES: usize = 80;
const DAYS: i64 = 365;

pub(crate) fn chart(path: &Path) {
    let mut writer = recorder(path);
    let metric = catalogue::by_name("filesystem.used").expect("of the catalogue").metric.id;
    let hosts: Vec<HostId> = (0..HOSTS).map(|n| HostId::new(&format!("host{n}")).expect("a name")).collect();
    let subject = |n: usize| Subject::named(SubjectKind::Filesystem, HostText::new(format!("/srv/{n}")));
    for at in (NEW_YEAR..NEW_YEAR + DAYS * DAY).step_by(1_800_000) {
        let mut batch = Vec::new();
        for (host, pace) in (0..HOSTS * SERIES).zip(7_i64..) {
            let value = (at / 60_000 % 10_007 * pace % 9_973) as f64 / 10.0;
            let sample = Sample { metric, subject: subject(host % SERIES), at: WallTime::from_millis(at), value };
            batch.push(Measured { host: hosts[host / SERIES].clone(), sample });
        }
        append(&mut writer, &batch);
        if at % DAY == DAY - 1_800_000 {
            care(&mut writer, at + 2 * HOUR);
        }
    }
    writer.empty_log().expect("an empty log");
    let reader = Opening::at(path).read().expect("the history");
    let all = reader.series().expect("series");
    let until = WallTime::from_millis(NEW_YEAR + DAYS * DAY);
    let year = Window { since: WallTime::from_millis(NEW_YEAR), until, most: 200.try_into().expect("not none") };
    // For 200 columns of a year days are fine enough: hours have to be asked for.
    let hours = |series: &Known| {
        let span = Span::new(year.since, year.until);
        let hours = reader.buckets(series, Step::Hour, span).expect("hours");
        to_width(&hours, Duration::from_hours(48)).len()
    };
    let one = &all[all.len() / 2];
    tell("chart_series", all.len() as f64);
    tell("chart_bytes", std::fs::metadata(path).expect("the file").len() as f64);
    let mut shown = 0;
    tell("chart_hours_ms", median_ms(20, || shown = hours(one)));
    tell("chart_points", shown as f64);
    let of_all_hosts: Vec<&Known> = all.iter().filter(|known| known.key.subject == one.key.subject).collect();
    assert_eq!(of_all_hosts.len(), HOSTS);
    tell("chart_hosts_ms", median_ms(20, || shown = of_all_hosts.iter().map(|known| hours(known)).sum()));
    let mut found = Resolution::Raw;
    let chosen = median_ms(20, || {
        found = reader.window(one, year, &Policy::default(), until).expect("a window").choice.resolution;
    });
    assert_eq!(found, Resolution::Step(Step::Day));
    tell("chart_ms", chosen);
}
