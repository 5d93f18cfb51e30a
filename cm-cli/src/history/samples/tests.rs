//! An export that is broken off, and one whose reader goes away.

use std::io::{self, Write as _};

use cm_core::clock::Now;
use cm_core::health::Subject;
use cm_core::host::HostId;
use cm_core::metric::Sample;
use cm_core::registry::Registry;
use cm_core::store::{Holder, Measured, Opening};

use super::*;

/// 2026-01-01T00:00:00Z.
const NEW_YEAR: i64 = 1_767_225_600;

/// Two days, a sample every ten minutes.
fn history() -> (tempfile::TempDir, Reader) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let mut writer = Opening::at(&path).write().unwrap();
    let now = Now { wall: WallTime::from_secs(NEW_YEAR + 2 * 86_400), ..Now::default() };
    writer.claim(&Holder { name: "test".into(), boot: "one".into() }, now).unwrap();
    let metric = cm_core::catalogue::by_name("cpu.use").unwrap().metric.id;
    let sample = |n: i64| Sample {
        metric,
        subject: Subject::host(),
        at: WallTime::from_secs(NEW_YEAR + n * 600),
        value: n as f64 / 3.0,
    };
    let host = HostId::new("srv01").unwrap();
    let samples: Vec<_> = (0..288).map(|n| Measured { host: host.clone(), sample: sample(n) }).collect();
    writer.append(&samples, &Registry::default(), now).unwrap();
    let reader = Opening::at(&path).read().unwrap();
    (folder, reader)
}

/// Writes into `out` from a moment on, and breaks off before the slice of that number.
fn export(reader: &Reader, out: &mut dyn io::Write, since: WallTime, format: Format, slices: usize) -> Ended {
    let contents = Contents::read(reader).unwrap();
    let series: Vec<&Known> = contents.series().iter().collect();
    let span = extent(reader, &series, Span::new(since, WallTime::LATEST)).unwrap();
    let form = Form::new(format, Resolution::Raw, span, since > WallTime::default());
    let step = Resolution::Raw;
    let mut stream = Stream { reader, contents: &contents, series: &series, step, span, form, count: 0 };
    let mut seen = 0;
    stream.write(&mut Target::Stdout(out), |_| {
        seen += 1;
        seen > slices
    })
}

#[test]
fn what_is_broken_off_and_gone_on_with_is_what_comes_at_once() {
    let (_folder, reader) = history();
    let mut whole = Vec::new();
    let ended = export(&reader, &mut whole, WallTime::default(), Format::Csv, usize::MAX);
    assert!(matches!(ended.how, How::Done) && ended.count == 288);
    for slices in 1..8 {
        let mut parts = Vec::new();
        let ended = export(&reader, &mut parts, WallTime::default(), Format::Csv, slices);
        assert!(matches!(ended.how, How::BrokenOff), "{slices}");
        assert_eq!(ended.until.secs() - NEW_YEAR, i64::try_from(slices).unwrap() * 6 * 3_600);
        export(&reader, &mut parts, ended.until, Format::Csv, usize::MAX);
        assert_eq!(parts, whole, "{slices}");
    }
}

#[test]
fn a_document_that_is_broken_off_is_still_one_and_says_so() {
    let (_folder, reader) = history();
    let mut out = Vec::new();
    export(&reader, &mut out, WallTime::default(), Format::Json, 2);
    let document: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(document["samples"].as_array().unwrap().len(), 72);
    assert_eq!(document["complete"], false);
    assert_eq!(document["go_on_since"], "2026-01-01T12:00:00Z");
}

/// A reader that goes away after so many bytes.
struct Gone(usize);

impl io::Write for Gone {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_goes_away_ends_it() {
    let (_folder, reader) = history();
    for bytes in [0, 100, 5_000] {
        for format in [Format::Csv, Format::Json, Format::Ndjson] {
            let ended = export(&reader, &mut Gone(bytes), WallTime::default(), format, usize::MAX);
            let How::Failed(Stop::Output(error)) = ended.how else { panic!("{bytes} {format:?}") };
            assert!(is_gone(&error), "{bytes} {format:?}: {error}");
        }
    }
}

#[test]
fn what_follows_the_last_whole_slice_is_taken_away_where_writing_fails() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.csv");
    let asked = Samples {
        between: crate::request::Between::default(),
        hosts: Vec::new(),
        metrics: Vec::new(),
        step: Resolution::Raw,
        output: Some(file.clone()),
        append: false,
    };
    let mut out = Vec::new();
    let mut target = Target::open(&asked, &mut out).unwrap();
    target.write_all(b"whole\n").unwrap();
    target.keep().unwrap();
    target.write_all(&vec![b'x'; 100_000]).unwrap();
    target.cut_back();
    let part = target.place().unwrap();
    assert_eq!(std::fs::read_to_string(&part).unwrap(), "whole\n");
    assert!(!file.exists(), "nothing stands in its place before it is whole");
}
