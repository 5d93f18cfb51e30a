//! A file of 1 GB, and what it takes to open one.

use std::path::Path;

use cm_core::clock::WallTime;
use cm_core::store::{Measured, Opening};

use crate::ours::{append, recorder, took, wall};
use crate::telemetry::{EVERY, HOUR, NEW_YEAR, Telemetry};
use crate::tell;

const LARGE: u64 = 1_000_000_000;

/// Readings without any pattern, so that it does not take a decade of telemetry.
pub(crate) fn make(path: &Path) {
    let mut telemetry = Telemetry::restless();
    let mut writer = recorder(path);
    let mut chance = 42_u64;
    let mut at = NEW_YEAR;
    while writer.file_bytes().expect("a size") < LARGE {
        let mut batch: Vec<Measured> = Vec::new();
        for nth in 0..10 {
            for measured in telemetry.tick(at) {
                chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let mut sample = measured.sample;
                sample.at = WallTime::from_millis(at + nth * 500);
                sample.value = f64::from_bits(0x3FF0_0000_0000_0000 | chance >> 12);
                batch.push(Measured { sample, ..measured });
            }
        }
        append(&mut writer, &batch);
        at += EVERY;
        if at % HOUR == 0 {
            writer.seal(wall(at + 700_000)).expect("sealed");
        }
    }
    writer.empty_log().expect("an empty log");
    tell("large_bytes", std::fs::metadata(path).expect("the file").len() as f64);
}

pub(crate) fn open(path: &Path) {
    let before = resident_kb();
    let mut reader = None;
    let opening = took(|| reader = Some(Opening::at(path).read().expect("the history")));
    tell("open_ms", opening.as_secs_f64() * 1e3);
    let reader = reader.expect("opened");
    let mut known = 0;
    let listing = took(|| known = reader.series().expect("series").len());
    tell("open_and_list_ms", (opening + listing).as_secs_f64() * 1e3);
    tell("open_series", known as f64);
    drop(reader);
    let writing = took(|| drop(Opening::at(path).write().expect("the history")));
    tell("open_to_write_ms", writing.as_secs_f64() * 1e3);
    tell("open_mb", (resident_kb() - before) / 1e3);
    tell("open_peak_mb", resident_kb() / 1e3);
}

/// The most that was resident, in KB of 1,024 bytes.
fn resident_kb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("our own status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    peak.trim().trim_end_matches("kB").trim().parse().expect("a number")
}
