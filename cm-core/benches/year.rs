//! What a year of the made-up fleet of five takes on the disk, at the default retention: some days of it are stored as
//! recording does, sealed and rolled up, and each part is taken for as long as it is kept.
//!
//! `cargo bench -p cm-core --bench year [-- DAYS]`; it prints what it measured.
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::time::Duration;

use cm_core::catalogue;
use cm_core::clock::{Now, WallTime};
use cm_core::demo::Demo;
use cm_core::host::HostId;
use cm_core::registry::Registry;
use cm_core::report::Api;
use cm_core::store::{Claim, Frame, Holder, Measured, Opening};

/// 2026-01-01T00:00:00Z.
const NEW_YEAR: i64 = 1_767_225_600_000;
const DAY_MS: i64 = 86_400_000;

/// For how many days each resolution is kept, the finest first; of days all there are of a year.
const KEPT: [f64; 4] = [7.0, 30.0, 366.0, 366.0];

/// How many frames of one API there are after a year: every minute for 7 days, then of ten minutes until 30, then of hours.
const FRAMES: f64 = 7.0 * 1_440.0 + 23.0 * 144.0 + 336.0 * 24.0;

fn main() {
    let days: i64 = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(2);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.db");
    let mut writer = Opening::at(&path).write().expect("a new history");
    let holder = Holder { name: "bench".to_owned(), boot: "bench".to_owned() };
    let claim = writer.claim(&holder, Now::default()).expect("a lease");
    assert!(matches!(claim, Claim::Ours { .. }));
    let demo = Demo::new(1, WallTime::from_millis(NEW_YEAR));
    let hosts: Vec<HostId> = demo.hosts().iter().map(|host| host.id.clone()).collect();
    let registry = Registry::default();
    let mut samples = 0_u64;
    for tick in 0..days * DAY_MS / 5_000 {
        let now = wall(NEW_YEAR + tick * 5_000);
        let (mut batch, mut frames) = (Vec::new(), Vec::new());
        for host in &hosts {
            for api in Api::ALL {
                let Ok(report) = demo.report(host, api, now.wall) else { continue };
                let measured = |sample| Measured { host: host.clone(), sample };
                batch.extend(catalogue::samples(&report).into_iter().map(measured));
                if tick % 12 == 0 {
                    frames.push(Frame { host: host.clone(), api, at: now.wall, text: report.write() });
                }
            }
        }
        samples += batch.len() as u64;
        writer.append(&batch, &registry, now).expect("stored");
        if !frames.is_empty() {
            writer.keep_frames(&frames).expect("kept");
        }
        if tick % 720 == 719 {
            writer.seal(now).expect("sealed");
        }
    }
    let end = wall(NEW_YEAR + days * DAY_MS + 7_200_000);
    writer.seal(end).expect("sealed");
    writer.roll_up(end).expect("rolled up");
    writer.empty_log().expect("an empty log");

    let stats = Opening::at(&path).read().expect("the history").stats().expect("stats");
    println!("{days} days: {samples} samples of {} series, {} bytes", stats.series, stats.file_bytes);
    // What pages, indexes and rows add to the bytes in them.
    let inside: u64 = stats.sealed.iter().map(|stored| stored.bytes).sum::<u64>() + stats.frames.1;
    let over = stats.file_bytes as f64 / inside as f64;
    let mut year = 0.0;
    for (stored, kept) in stats.sealed.iter().zip(KEPT) {
        let bytes = stored.bytes as f64 / days as f64 * kept;
        year += bytes;
        let row = stored.bytes as f64 / stored.rows.max(1) as f64;
        println!("  {:<7} {row:.3} bytes a row, {:.1} MB in a year", stored.resolution.word(), bytes * over / 1e6);
    }
    let frame = stats.frames.1 as f64 / stats.frames.0.max(1) as f64;
    let frames = frame * FRAMES * (hosts.len() * Api::ALL.len()) as f64;
    println!("  frames  {frame:.0} bytes a frame, {:.1} MB in a year", frames * over / 1e6);
    println!("  pages, indexes and rows add {:.0} %", (over - 1.0) * 100.0);
    println!("a year at the default retention: {:.0} MB", (year + frames) * over / 1e6);
}

fn wall(millis: i64) -> Now {
    let up = Duration::from_millis(u64::try_from(millis - NEW_YEAR).unwrap_or(0));
    Now { wall: WallTime::from_millis(millis), ..Now::default().after(up) }
}
