//! The made-up fleet of five for some weeks at the default retention, as recording keeps it, and what a year of it would take.
//!
//! Samples and minutes have reached their full size after 7 and 30 days; hours, days and what is left of frames go on
//! growing, so of these the rest of the year is added. It is an extrapolation, not a year that was run.

use std::path::Path;

use cm_core::registry::Registry;
use cm_core::series::retention::Policy;
use cm_core::store::Opening;
use rusqlite::Connection;

use crate::ours::{holder, recorder, wall};
use crate::telemetry::{DAY, EVERY, HOUR, NEW_YEAR, Telemetry};
use crate::tell;

const YEAR: f64 = 365.0;

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
    for stored in &stats.sealed {
        tell(&format!("month_{}_bytes", stored.resolution.word()), stored.bytes as f64);
    }
    let (frames, bytes) = stats.frames;
    tell("month_frames", frames as f64);
    tell("month_frame_bytes", bytes as f64);
    let rest = YEAR - days as f64;
    let growing = stats.sealed[2..].iter().map(|stored| stored.bytes as f64 / days as f64).sum::<f64>();
    let more = (growing + thinned_a_day(path, days)) * rest;
    // What pages, rows and indexes add to the bytes in them.
    let inside = stats.sealed.iter().map(|stored| stored.bytes).sum::<u64>() + bytes + stats.recent_bytes;
    let over = (stats.file_bytes - stats.free_bytes) as f64 / inside as f64;
    tell("month_overhead", over);
    tell("year_bytes", (more.mul_add(over, stats.file_bytes as f64)).round());
}

/// The bytes of a day's frames of which one an hour is left, which is so after 30 days.
fn thinned_a_day(path: &Path, days: i64) -> f64 {
    assert!(days > 30, "so few days tell nothing of what stays for a year");
    let sum = "SELECT sum(length(body)) FROM frame WHERE at < ?1";
    let connection = Connection::open(path).expect("the history");
    let bytes: i64 = connection.query_row(sum, [NEW_YEAR + (days - 30) * DAY], |row| row.get(0)).expect("frames");
    bytes as f64 / (days - 30) as f64
}
