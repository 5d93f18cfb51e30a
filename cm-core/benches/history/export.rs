//! Samples as lines of JSON: one a series and hour, as the import of `VictoriaMetrics` takes them.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write as _, stdout};

use cm_core::catalogue;
use cm_core::metric::Sample;

use crate::telemetry::{DAY, EVERY, HOUR, NEW_YEAR, Telemetry};

pub(crate) fn export(feed: &str, days: i64) {
    let mut telemetry = Telemetry::named(feed);
    let mut out = BufWriter::with_capacity(1 << 16, stdout().lock());
    let mut gathered: BTreeMap<String, Vec<(i64, f64)>> = BTreeMap::new();
    for at in (NEW_YEAR..NEW_YEAR + days * DAY).step_by(5_000) {
        for measured in telemetry.tick(at) {
            let name = name(measured.host.as_str(), &measured.sample);
            gathered.entry(name).or_default().push((measured.sample.at.millis(), measured.sample.value));
        }
        if (at + EVERY) % HOUR != 0 {
            continue;
        }
        for (name, points) in &mut gathered {
            let list = |each: &dyn Fn(&(i64, f64)) -> String| points.iter().map(each).collect::<Vec<_>>().join(",");
            let (values, times) = (list(&|point| point.1.to_string()), list(&|point| point.0.to_string()));
            writeln!(out, "{{\"metric\":{name},\"values\":[{values}],\"timestamps\":[{times}]}}").expect("a reader");
            points.clear();
        }
        gathered.retain(|_, points| points.capacity() > 0);
    }
    out.flush().expect("a reader");
}

/// The labels of a series, as JSON.
fn name(host: &str, sample: &Sample) -> String {
    let metric = catalogue::by_id(sample.metric).expect("of the catalogue").metric.name.replace('.', "_");
    let subject = sample.subject.name.raw();
    let drive = sample.subject.identity.as_ref().map_or("", |identity| identity.raw());
    format!("{{\"__name__\":\"{metric}\",\"host\":{host:?},\"subject\":{subject:?},\"drive\":{drive:?}}}")
}
