//! A disk that is really full, and one that cannot be written: a filesystem of few megabytes, mounted by whoever runs it.

use super::*;

/// Where the small filesystem is mounted.
fn small() -> PathBuf {
    PathBuf::from(
        std::env::var_os("CM_ORDEAL_SMALL").expect("CM_ORDEAL_SMALL: a filesystem of 3 MB, see ci/peers.d/history.py"),
    )
}

fn free(folder: &Path) -> u64 {
    ground::Disk.free_bytes(folder).unwrap()
}

/// Takes all room but so many pages.
fn leave(folder: &Path, pages: u64) {
    let ballast = folder.join("ballast");
    let _ = std::fs::remove_file(&ballast);
    let length = usize::try_from(free(folder) - pages * 4_096).unwrap();
    std::fs::write(ballast, vec![1_u8; length]).unwrap();
    assert_eq!(free(folder), pages * 4_096);
}

fn make_room(folder: &Path) {
    std::fs::remove_file(folder.join("ballast")).unwrap();
}

fn recorder_on(path: &Path, reserve_bytes: u64) -> Writer {
    let limits = Limits { reserve_bytes, ..Limits::default() };
    let mut writer = Opening::at(path).on(ground::Disk).with(limits).write().unwrap();
    writer.claim(&holder("recorder"), now(NEW_YEAR)).unwrap();
    writer
}

type Deed = (&'static str, fn(&mut Writer, i64) -> Result<(), StoreError>);

/// What a recorder does, each on its own.
const DEEDS: [Deed; 7] = [
    ("append", |writer, tick| writer.append(&samples(tick), &Registry::default(), now(moment(tick))).map(drop)),
    ("rows", |writer, tick| {
        let state = if tick % 2 == 0 { LinkState::Answering } else { LinkState::Unreachable };
        writer.link(&[tell::Linked { host: host(), at: at(moment(tick)), state }]).map(drop)
    }),
    ("seal", |writer, tick| writer.seal(now(moment(tick))).map(drop)),
    ("roll up", |writer, tick| writer.roll_up(now(moment(tick))).map(drop)),
    ("expire", |writer, tick| writer.expire(&policy(), &holder("recorder"), now(moment(tick))).map(drop)),
    ("empty the log", |writer, _| writer.empty_log().map(drop)),
    ("compact", |writer, _| writer.compact().map(drop)),
];

#[test]
#[ignore = "needs a small filesystem: ci/peers history"]
fn a_disk_that_is_full_at_any_write_loses_nothing_and_recording_goes_on_once_there_is_room() {
    let small = small();
    let (mut failed, mut tried) = (0, 0);
    for pages in 0..times(24) as u64 {
        let home = small.join("home");
        let _ = std::fs::remove_dir_all(&home);
        let path = home.join("history.db");
        let mut writer = recorder_on(&path, 0);
        let (mut acknowledged, mut changes) = (Acknowledged::default(), 0);
        for tick in 0..400 {
            if tick % 60 == 50 {
                leave(&small, pages % 24);
            }
            for (name, deed) in DEEDS {
                if !matches!(name, "append" | "rows") && tick % 12 != 11 {
                    continue;
                }
                tried += 1;
                if let Err(error) = deed(&mut writer, tick) {
                    failed += 1;
                    assert!(matches!(error, StoreError::Full { .. }) && error.can_retry(), "{name}: {error}");
                    make_room(&small);
                    // The same writer, the same call.
                    deed(&mut writer, tick).unwrap_or_else(|error| panic!("{name} with room: {error}"));
                }
                match name {
                    "append" => (acknowledged.samples, acknowledged.firm) = (tick + 1, tick + 1),
                    "rows" => changes += 1,
                    "expire" => acknowledged.expiry = Some(tick),
                    _ => {}
                }
            }
            if small.join("ballast").exists() && tick % 60 == 59 {
                make_room(&small);
            }
        }
        assert_eq!(compare(&reader(&path), &acknowledged), 400);
        assert_eq!(reader(&path).links(&host(), Span::all()).unwrap().len(), changes);
    }
    assert!(failed > 0);
    println!("full disk: {tried} calls, {failed} of them met a full disk, 0 lost");
}

#[test]
#[ignore = "needs a small filesystem: ci/peers history"]
fn samples_stop_before_rows_do_and_what_expires_frees_room_within_the_reserve() {
    let small = small();
    let home = small.join("home");
    let _ = std::fs::remove_dir_all(&home);
    let path = home.join("history.db");
    let reserve = 1_200_000;
    let mut writer = recorder_on(&path, reserve);
    let mut tick = 0;
    // Numbers without a pattern take room.
    let noise = |tick: i64, at: i64| {
        let bits = (tick * 1_000_003 + at).cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 12;
        measured(0, moment(tick) + at, f64::from_bits(0x4000_0000_0000_0000 | bits))
    };
    let refused = loop {
        let samples: Vec<_> = (0..500).map(|at| noise(tick, at)).collect();
        match writer.append(&samples, &Registry::default(), now(moment(tick))) {
            Ok(_) => tick += 1,
            Err(error) => break error,
        }
        writer.seal(now(moment(tick))).unwrap();
    };
    assert!(matches!(refused, StoreError::Reserve { .. }) && refused.can_retry(), "{refused}");
    let mut rows = 0;
    for tick in tick..tick + 500 {
        store_rows(&mut writer, tick);
        rows += 3;
    }
    let later = tick + 3 * 144;
    let policy = policy();
    writer.expire(&policy, &holder("recorder"), now(moment(tick))).unwrap();
    for hour in 1..=(3 * 24) {
        writer.expire(&policy, &holder("recorder"), now(moment(tick) + hour * HOUR)).unwrap();
    }
    writer.compact().unwrap();
    assert_eq!(writer.append(&samples(later), &Registry::default(), now(moment(later))).unwrap().stored, 3);
    assert!(reader(&path).check().unwrap().is_whole());
    println!(
        "reserve: samples stopped after {tick} commits, {rows} rows were stored after that, expiry made room again"
    );
}

#[test]
#[ignore = "needs a small filesystem: ci/peers history"]
fn a_filesystem_that_cannot_be_written_is_told_and_the_file_stays_as_it_was() {
    let small = small();
    let home = small.join("home");
    let _ = std::fs::remove_dir_all(&home);
    let path = home.join("history.db");
    let mut writer = recorder_on(&path, 0);
    append(&mut writer, &samples(0), NEW_YEAR);
    let remount = |how: &str| {
        let done = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&small).status().unwrap();
        assert!(done.success());
    };
    drop(writer);
    let before = bytes(&path);
    remount("ro");
    let write = Opening::at(&path).on(ground::Disk).write().map(drop);
    let read = Opening::at(&path).on(ground::Disk).read().and_then(|reader| Ok(reader.series()?.len()));
    let after = bytes(&path);
    remount("rw");
    assert_eq!(before, after);
    let (write, read) = (write.unwrap_err().to_string(), read.map_err(|error| error.to_string()));
    assert!(write.contains("mounted read-only"), "{write}");
    assert_eq!(read, Ok(SERIES));
    println!("read-only: refused to write ({write}), read what is there");
}
