//! A history of 45 days that ends at [`MOMENT`], written by the store with a clock of its own. It is made once.

use std::path::PathBuf;
use std::sync::OnceLock;

use cm_core::catalogue;
use cm_core::clock::{Now, WallTime};
use cm_core::health::{Subject, SubjectKind};
use cm_core::host::HostId;
use cm_core::metric::Sample;
use cm_core::registry::Registry;
use cm_core::store::{Holder, Measured, Opening};

use crate::room::MOMENT;

/// A name that a host may give a service: it would colour a terminal, break a line, begin a formula.
pub(crate) const HOSTILE: &str = "evil\u{1b}[31m\nname,=1+1";

const DAYS: i64 = 45;
const GIB: f64 = 1_073_741_824.0;

/// The file's path.
pub(crate) fn history() -> &'static str {
    static MADE: OnceLock<(tempfile::TempDir, String)> = OnceLock::new();
    let (_, path) = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        write(&path);
        let path = path.to_str().unwrap().to_owned();
        (folder, path)
    });
    path
}

/// A copy of it that a test may spoil.
pub(crate) fn copy(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("copy.db");
    Opening::at(history()).read().unwrap().backup(&path).unwrap();
    path
}

fn write(path: &std::path::Path) {
    let mut writer = Opening::at(path).write().unwrap();
    writer.claim(&Holder { name: "a test".into(), boot: "one".into() }, Now::default()).unwrap();
    let start = MOMENT - DAYS * 86_400;
    for day in 0..DAYS {
        let step = if day == DAYS - 1 { 600 } else { 3_600 };
        let moments = (0..86_400 / step).map(|n| start + day * 86_400 + n * step);
        let samples: Vec<Measured> = moments.flat_map(|at| measured(at, start)).collect();
        writer.append(&samples, &Registry::default(), now(start + (day + 1) * 86_400)).unwrap();
        writer.seal(now(start + (day + 1) * 86_400)).unwrap();
        writer.roll_up(now(start + (day + 1) * 86_400)).unwrap();
    }
    writer.release().unwrap();
}

fn now(secs: i64) -> Now {
    Now { wall: WallTime::from_secs(secs), ..Now::default() }
}

/// Everything that is measured at one moment.
fn measured(at: i64, start: i64) -> Vec<Measured> {
    let hours = (at - start) as f64 / 3_600.0;
    let days = hours / 24.0;
    let named = |kind, name: &'static str| Subject::named(kind, name.into());
    let drive =
        |name, serial: &'static str| Subject { identity: Some(serial.into()), ..named(SubjectKind::Drive, name) };
    let (old, root, srv) =
        (drive("nvme0n1", "S4EV"), named(SubjectKind::Filesystem, "/"), named(SubjectKind::Filesystem, "/srv"));
    // A drive that was moved to another host and another name twenty days before the end.
    let (home, moved) = if days < 25.0 { ("srv01", drive("sda", "WD-1")) } else { ("cmbox", drive("sdb", "WD-1")) };
    let tremble = ((at / 600 * 37) % 17) as f64 / 17.0;
    let work = if (at / 3_600 % 24 - 12).abs() < 5 { 30.0 } else { 0.0 };
    let all = [
        ("srv01", Subject::host(), "cpu.use", 8.0 + work + 6.0 * tremble),
        ("srv01", Subject::host(), "memory.used", (3.0 + 0.02 * days + 0.1 * tremble) * GIB),
        ("srv01", old.clone(), "drive.wear", (60.0 + 0.25 * days).floor()),
        ("srv01", old.clone(), "drive.power_on", 12_000.0 + hours.floor()),
        ("srv01", old.clone(), "drive.written", 3e14 + 1e11 * days),
        ("srv01", old.clone(), "drive.spare", 100.0),
        ("srv01", old, "drive.temperature", 41.0 + (3.0 * tremble).round()),
        ("srv01", root.clone(), "filesystem.used", (20.0 + tremble) * GIB),
        ("srv01", root, "filesystem.total", 64.0 * GIB),
        ("srv01", srv.clone(), "filesystem.used", (400.0 + 1.5 * days + tremble) * GIB),
        ("srv01", srv, "filesystem.total", 512.0 * GIB),
        ("srv01", named(SubjectKind::Service, HOSTILE), "service.memory", 100.0 * 1_048_576.0),
        ("cmbox", Subject::host(), "cpu.use", 3.0 + tremble),
        (home, moved, "drive.wear", 7.0),
    ];
    let measured = |(host, subject, metric, value): (&str, Subject, &str, f64)| {
        let metric = catalogue::by_name(metric).unwrap().metric.id;
        let sample = Sample { metric, subject, at: WallTime::from_secs(at), value };
        Measured { host: HostId::new(host).unwrap(), sample }
    };
    all.into_iter().map(measured).collect()
}
