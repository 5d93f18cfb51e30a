//! The made-up fleet of five for some weeks at the default retention, as recording keeps it, and what a year of it would take.
//!
//! Samples and minutes have reached their full size after 7 and 30 days; hours, days and what is left of frames go on
//! growing, so of these the rest of the year is added. It is an extrapolation, not a year that was run.

use std::path::Path;

use cm_core::registry::Registry;
use cm_core::report::Api;
use cm_core::series::retention::Policy;
use cm_core::store::{Opening, Reader};

use crate::ours::{holder, recorder, wall};
use crate::telemetry::{DAY, EVERY, HOUR, NEW_YEAR, Telemetry};
use crate::tell;

const YEAR: f64 = 365.0;

/// For how many days samples and minutes are kept.
const KEPT: [f64; 2] = [7.0, 30.0];

pub(crate) fn month(days: i64, path: &Path) {
    let mut telemetry = Telemetry::fleet();
    let mut writer = recorder(path);
    let registry = Registry::default();
    let mut samples = 0_u64;
    for at in (NEW_YEAR..NEW_YEAR + days * DAY).step_by(5_000) {
        let batch = telemetry.tick(at);
        samples += batch.len() as u64;
        let now = wall(at);
        writer.append(&batch, &registry, now).expect("stored");
        if at % 60_000 == 0 {
            writer.keep_frames(&telemetry.frames(at)).expect("kept");
        }
        if (at + EVERY) % HOUR == 0 {
            let now = wall(at + 700_000);
            writer.expire(&Policy::default(), &holder(), now).expect("expired");
        }
    }
    writer.empty_log().expect("an empty log");
    let reader = Opening::at(path).read().expect("the history");
    let stats = reader.stats().expect("stats");
    tell("month_days", days as f64);
    tell("month_samples", samples as f64);
    tell("month_bytes", stats.file_bytes as f64);
    tell("month_free_bytes", stats.free_bytes as f64);
    let mut more = 0.0;
    let days = days as f64;
    for (place, stored) in stats.sealed.iter().enumerate() {
        tell(&format!("month_{}_bytes", stored.resolution.word()), stored.bytes as f64);
        let had = match place {
            0 => days.min(KEPT[0]),
            1 => (days.min(KEPT[1]) - KEPT[0]).max(1.0),
            _ => days,
        };
        let wanted = match place {
            0 => KEPT[0],
            1 => KEPT[1] - KEPT[0],
            _ => YEAR,
        };
        more += stored.bytes as f64 * (wanted / had - 1.0);
    }
    let (frames, bytes) = stats.frames;
    tell("month_frame_bytes", bytes as f64);
    // Of what is older than a month a frame an hour stays.
    let frame = bytes as f64 / frames.max(1) as f64;
    let streams = (telemetry.frames(NEW_YEAR).len().max(hosts(&reader) * Api::ALL.len())) as f64;
    let after =
        |days: f64| 1_440.0 * days.min(7.0) + 144.0 * (days.min(30.0) - 7.0).max(0.0) + 24.0 * (days - 30.0).max(0.0);
    more += frame * streams * (after(YEAR) - after(days));
    tell("year_bytes", stats.file_bytes as f64 + more * overhead(&stats));
}

/// What pages, rows and indexes add to the bytes in them.
fn overhead(stats: &cm_core::store::stats::Stats) -> f64 {
    let inside: u64 = stats.sealed.iter().map(|stored| stored.bytes).sum::<u64>() + stats.frames.1 + stats.recent_bytes;
    (stats.file_bytes - stats.free_bytes) as f64 / inside as f64
}

fn hosts(reader: &Reader) -> usize {
    let mut hosts: Vec<String> = reader
        .series()
        .expect("series")
        .iter()
        .map(|series| series.key.entity.to_string())
        .filter(|entity| entity.starts_with("host:"))
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts.len()
}
