//! A history file for tests: what the made-up fleet would have left behind, written in virtual time by the store itself.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cm_core::catalogue;
use cm_core::clock::{Now, WallTime};
use cm_core::demo::Demo;
use cm_core::metric::MetricId;
use cm_core::observation::LinkState::{Answering, Unreachable};
use cm_core::registry::Registry;
use cm_core::report::{Api, Report};
use cm_core::snapshot::Snapshot;
use cm_core::store::tell::Linked;
use cm_core::store::{Claim, Frame, Holder, Measured, Opening, Writer};
use cm_core::unit::{Hours, Percent, Terabytes};

use crate::snapshots::{sick, start};

/// What is kept for long in it: enough for every screen, and not more than a test has time for.
const KEPT: [&str; 8] = [
    "cpu.use",
    "memory.use",
    "cpu.load_1",
    "drive.wear",
    "drive.power_on",
    "drive.written",
    "drive.spare",
    "drive.temperature",
];

/// The history of the sick fleet until a minute before its story begins: 60 days by the hour, three days of kept moments by
/// the hour, the last 20 minutes by the minute. Steambox was silent from a day before until 12 hours before.
pub(crate) fn shared() -> PathBuf {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        write(&folder.path().join("history.db"));
        folder
    });
    folder.path().join("history.db")
}

fn write(path: &Path) {
    let mut writer = writer(path);
    let demo = sick();
    let kept: Vec<MetricId> = KEPT.iter().map(|name| catalogue::by_name(name).expect("known").metric.id).collect();
    let hours = 60 * 24;
    for ago in (1..=hours).rev() {
        let at = start().before(Duration::from_hours(ago));
        append(&mut writer, &demo, at, Some(&kept));
        if ago <= 72 {
            let silent = (12..=24).contains(&ago).then_some("steambox");
            keep(&mut writer, &demo, at, silent);
        }
        if ago % 24 == 0 {
            let now = Snapshot::moment(at.after(Duration::from_hours(1)));
            writer.seal(now).expect("sealed");
            writer.roll_up(now).expect("rolled up");
        }
    }
    for ago in (1..=20).rev() {
        let at = start().before(Duration::from_mins(ago));
        keep(&mut writer, &demo, at, None);
        for tick in 0..6 {
            append(&mut writer, &demo, at.after(Duration::from_secs(10 * tick)), None);
        }
    }
    let steambox = demo.hosts().iter().find(|host| host.id.as_str() == "steambox").expect("one of the five").id.clone();
    let link = |hours, state| Linked { host: steambox.clone(), at: start().before(Duration::from_hours(hours)), state };
    writer.link(&[link(72, Answering), link(24, Unreachable), link(12, Answering)]).expect("links");
}

/// A writer of a new file that holds its lease.
pub(crate) fn writer(path: &Path) -> Writer {
    let mut writer = Opening::at(path).write().expect("a new history");
    let holder = Holder { name: "test".to_owned(), boot: "test".to_owned() };
    assert!(matches!(writer.claim(&holder, Now::default()).expect("a lease"), Claim::Ours { .. }));
    writer
}

/// Appends what all hosts tell at a moment, of these metrics alone where any are named.
pub(crate) fn append(writer: &mut Writer, demo: &Demo, at: WallTime, only: Option<&[MetricId]>) {
    let mut batch = Vec::new();
    for host in demo.hosts() {
        for api in Api::ALL {
            let Ok(report) = demo.report(&host.id, api, at) else { continue };
            let samples = catalogue::samples(&report).into_iter();
            let wanted = samples.filter(|sample| only.is_none_or(|only| only.contains(&sample.metric)));
            batch.extend(wanted.map(|sample| Measured { host: host.id.clone(), sample }));
        }
    }
    writer.append(&batch, &Registry::default(), Snapshot::moment(at)).expect("stored");
}

/// Keeps what all hosts but a silent one tell at a moment whole.
fn keep(writer: &mut Writer, demo: &Demo, at: WallTime, silent: Option<&str>) {
    let mut frames = Vec::new();
    for host in demo.hosts().iter().filter(|host| Some(host.id.as_str()) != silent) {
        for api in Api::ALL {
            let Ok(report) = demo.report(&host.id, api, at) else { continue };
            frames.push(Frame { host: host.id.clone(), api, at, text: report.write() });
        }
    }
    writer.keep_frames(&frames).expect("kept");
}

/// A history of 700 days of one drive of the fleet's first host, which wore from 2 to `used` percent in that time.
pub(crate) fn worn(path: &Path, used: f64) {
    const DAYS: u32 = 700;
    let mut writer = writer(path);
    let demo = sick();
    let host = &demo.hosts()[0].id;
    let Ok(Report::Smart(report)) = demo.report(host, Api::Smart, start()) else { panic!("it tells of drives") };
    for day in 0..=DAYS {
        let at = start().before(Duration::from_hours(24) * (DAYS - day));
        let mut report = (*report).clone();
        report.timestamp = at;
        report.drives.truncate(1);
        let (drive, share) = (&mut report.drives[0], f64::from(day) / f64::from(DAYS));
        drive.wear_level = Some(Percent::saturating(((used - 2.0).mul_add(share, 2.0)).floor()));
        drive.power_on_hours = Some(Hours::saturating(f64::from(day) * 24.0 + 200.0));
        drive.data_written_tb = Some(Terabytes::saturating(share.mul_add(60.0, 2.0)));
        let samples = catalogue::samples(&Report::Smart(Arc::new(report))).into_iter();
        let batch: Vec<Measured> = samples.map(|sample| Measured { host: host.clone(), sample }).collect();
        writer.append(&batch, &Registry::default(), Snapshot::moment(at)).expect("stored");
        if day % 30 == 29 || day == DAYS {
            let now = Snapshot::moment(at.after(Duration::from_hours(2)));
            writer.seal(now).expect("sealed");
            writer.roll_up(now).expect("rolled up");
        }
    }
}
