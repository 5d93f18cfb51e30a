//! Damage: whatever is flipped, zeroed or torn off, no panic, no wrong value told, and of the rest nothing lost.

use std::collections::BTreeMap;

use super::super::salvage::{TABLES, salvage};
use super::*;
use crate::observation::LinkState;
use crate::series::rollup::Step;

const PAGE: usize = 4_096;
const SERIES: usize = 40;

/// A history of two days with inner pages in the trees of words and chunks, closed; it has no log.
fn sound(folder: &Path) -> PathBuf {
    let path = folder.join("history.db");
    let mut writer = recorder(&path);
    let end = NEW_YEAR + 2 * DAY + 3 * HOUR;
    append(&mut writer, &waves(SERIES, NEW_YEAR + DAY, end, 600_000), end);
    writer.seal(now(end)).unwrap();
    writer.roll_up(now(end)).unwrap();
    for from in (end..end + 4 * MINUTE).step_by(20_000) {
        append(&mut writer, &waves(SERIES, from, from + 20_000, 5_000), from + 20_000);
    }
    let said = |n: i64| tell::Said {
        entity: Entity::Host(host()),
        subject: "host".to_owned(),
        what: "message".to_owned(),
        at: at(NEW_YEAR + n * MINUTE),
        text: HostText::new(format!("word {n} {}", "of many ".repeat(20))),
    };
    writer.say(&(0..120).map(said).collect::<Vec<_>>()).unwrap();
    let state = |n: i64| if n % 2 == 0 { LinkState::Answering } else { LinkState::Off };
    let links: Vec<_> =
        (0..120).map(|n| tell::Linked { host: host(), at: at(NEW_YEAR + n * MINUTE), state: state(n) }).collect();
    writer.link(&links).unwrap();
    for n in 0..40 {
        writer.record_act(&audit::usual_key(folder), || [1; 32], acts::act(n)).unwrap();
    }
    incidents::some(&mut writer);
    messages::some(&mut writer);
    writer.empty_log().unwrap();
    path
}

/// What a sound history holds.
struct Truth {
    values: Vec<Vec<(i64, f64)>>,
    rows: BTreeMap<String, u64>,
    /// Of each page its table or index, how it is used, and how many cells it has, by SQLite's own account (dbstat).
    pages: BTreeMap<usize, (String, String, u64)>,
}

impl Truth {
    fn of(path: &Path) -> Self {
        let reader = Opening::at(path).read().unwrap();
        let pages = rows_of(&reader, "SELECT pageno, name, pagetype, ncell FROM dbstat", |row| {
            Ok((row.get::<_, i64>(0)?, (row.get(1)?, row.get(2)?, row.get::<_, i64>(3)?)))
        });
        let pages = pages.into_iter().map(|(page, (name, kind, cells))| {
            (usize::try_from(page).unwrap(), (name, kind, u64::try_from(cells).unwrap()))
        });
        let rows = TABLES.iter().map(|table| {
            let count = format!("SELECT count(*) FROM {}", table.name);
            let count = rows_of(&reader, &count, |row| row.get::<_, i64>(0))[0];
            (table.name.to_owned(), u64::try_from(count).unwrap())
        });
        Self {
            values: (0..SERIES).map(|place| values(&reader, place)).collect(),
            rows: rows.collect(),
            pages: pages.collect(),
        }
    }

    /// Whether all that a reader tells was once stored; answers with how much it tells.
    fn compare(&self, reader: &Reader, what: &str) -> usize {
        let mut told = 0;
        for known in reader.series().unwrap_or_default() {
            let Some(place) = (0..SERIES).find(|place| host_metric(*place) == known.key.metric) else { continue };
            for point in reader.points(&known, Span::all()).unwrap_or_default() {
                let pair = (point.at.millis(), point.value);
                assert!(
                    self.values[place]
                        .binary_search_by_key(&pair.0, |pair| pair.0)
                        .is_ok_and(|at| self.values[place][at] == pair),
                    "{what}: {pair:?} was never stored"
                );
                told += 1;
            }
        }
        told
    }

    fn all(&self) -> usize {
        self.values.iter().map(Vec::len).sum()
    }
}

fn rows_of<T>(reader: &Reader, sql: &str, take: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    let mut statement = reader.connection.prepare(sql).unwrap();
    statement.query_map([], take).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Puts damaged bytes where a history lies, with nothing beside them.
fn lay(folder: &Path, bytes: &[u8]) -> PathBuf {
    let path = folder.join("damaged.db");
    for beside in ["damaged.db-wal", "damaged.db-shm", "saved.db", "saved.db-wal", "saved.db-shm"] {
        let _ = std::fs::remove_file(folder.join(beside));
    }
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Whether anything but a sound answer is given.
fn is_told(path: &Path) -> bool {
    let Ok(reader) = Opening::at(path).read() else { return true };
    !reader.check().is_ok_and(|checked| checked.is_whole())
}

#[test]
fn every_page_zeroed_in_turn_is_told_and_salvage_keeps_every_row_that_is_not_on_it() {
    let folder = in_memory();
    let path = sound(folder.path());
    let truth = Truth::of(&path);
    let sound = bytes(&path);
    let inner = truth.pages.values().filter(|(_, kind, _)| kind == "internal").count();
    assert!(inner >= 3, "too small: {inner} inner pages");
    for page in 1..=sound.len() / PAGE {
        let mut spoilt = sound.clone();
        spoilt[(page - 1) * PAGE..page * PAGE].fill(0);
        let damaged = lay(folder.path(), &spoilt);
        let used = truth.pages.get(&page);
        let what = format!("page {page} {used:?}");
        assert!(used.is_none() || is_told(&damaged), "{what}: not told");
        if let Ok(reader) = Opening::at(&damaged).read() {
            truth.compare(&reader, &what);
        }
        let new = folder.path().join("saved.db");
        let saved = salvage(&damaged, &new).unwrap_or_else(|error| panic!("{what}: {error}"));
        for (table, kept) in &saved.kept {
            let on_it = match used {
                Some((name, kind, cells)) if name == table && kind == "leaf" => *cells,
                // A batch has one checksum for all of it, and of a small chunk such a page may hold all series.
                Some((name, kind, _)) if name == table && kind == "overflow" => 1,
                _ => 0,
            };
            // The names of series stand in an index too.
            let on_it = if *table == "series" { 0 } else { on_it };
            assert!(
                *kept >= truth.rows[*table] - on_it,
                "{what}: {kept} rows of {} in {table}: {:?}",
                truth.rows[*table],
                saved.cut
            );
        }
        let reader = Opening::at(&new).read().unwrap();
        assert!(reader.check().unwrap().is_whole(), "{what}");
        let told = truth.compare(&reader, &what);
        let holds_samples =
            used.is_some_and(|(name, kind, _)| (name == "chunk" || name == "batch") && kind != "internal");
        assert!(holds_samples || told == truth.all(), "{what}: {told} samples of {}: {:?}", truth.all(), saved.cut);
        // A page may hold two chunks of six hours each, of the 51 that there are.
        assert!(told * 10 > truth.all() * 7, "{what}: {told} samples of {}", truth.all());
    }
}

#[test]
fn flipped_bytes_are_survived_and_no_wrong_value_is_told_before_or_after_salvage() {
    let folder = in_memory();
    let path = sound(folder.path());
    let truth = Truth::of(&path);
    let sound = bytes(&path);
    let mut chance = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = |most: usize| {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        usize::try_from(chance >> 33).unwrap() % most
    };
    let mut told = 0;
    for page in 0..sound.len() / PAGE {
        // One byte of each page, then one of its head and some more, where most of the harm is done.
        for flips in [1, 5] {
            let mut spoilt = sound.clone();
            let mut flip = |place: usize, mask: usize| spoilt[page * PAGE + place] ^= u8::try_from(mask).unwrap();
            (0..flips).for_each(|_| flip(below(PAGE), 1 + below(255)));
            if flips > 1 {
                flip(below(40), 1 + below(255));
            }
            let what = format!("{flips} bytes of page {}", page + 1);
            let damaged = lay(folder.path(), &spoilt);
            told += usize::from(is_told(&damaged));
            if let Ok(reader) = Opening::at(&damaged).read() {
                truth.compare(&reader, &what);
            }
            let new = folder.path().join("saved.db");
            salvage(&damaged, &new).unwrap_or_else(|error| panic!("{what}: {error}"));
            truth.compare(&Opening::at(&new).read().unwrap(), &what);
        }
    }
    assert!(told > 0);
}

#[test]
fn a_file_torn_off_at_any_page_gives_what_is_left_of_it() {
    let folder = in_memory();
    let path = sound(folder.path());
    let truth = Truth::of(&path);
    let sound = bytes(&path);
    for pages in (1..sound.len() / PAGE).step_by(3) {
        let what = format!("{pages} pages");
        let damaged = lay(folder.path(), &sound[..pages * PAGE]);
        assert!(is_told(&damaged), "{what}");
        let new = folder.path().join("saved.db");
        match salvage(&damaged, &new) {
            Ok(_) => drop(truth.compare(&Opening::at(&new).read().unwrap(), &what)),
            Err(error) => assert!(!new.exists(), "{what}: {error}"),
        }
    }
}

#[test]
fn what_was_salvaged_is_recorded_on_and_no_new_series_takes_the_number_of_a_lost_one() {
    let folder = in_memory();
    let path = sound(folder.path());
    let truth = Truth::of(&path);
    let mut spoilt = bytes(&path);
    for (page, (name, kind, _)) in &truth.pages {
        if name.starts_with("series") && kind != "internal" {
            spoilt[(page - 1) * PAGE..page * PAGE].fill(0);
        }
    }
    let damaged = lay(folder.path(), &spoilt);
    let new = folder.path().join("saved.db");
    let saved = salvage(&damaged, &new).unwrap();
    assert!(saved.cut.iter().any(|cut| cut.contains("the names of 40")), "{:?}", saved.cut);
    let mut writer = recorder(&new);
    let later = NEW_YEAR + 3 * DAY;
    assert_eq!(append(&mut writer, &[measured(0, later, 1.0)], later).stored, 1);
    let reader = Opening::at(&new).read().unwrap();
    assert_eq!(values(&reader, 0), [(later, 1.0)]);
    let all: usize =
        reader.series().unwrap().iter().map(|known| reader.points(known, Span::all()).unwrap().len()).sum();
    assert_eq!(all, truth.all() + 1);
    assert!(!reader.buckets(&reader.series().unwrap()[0], Step::Hour, Span::all()).unwrap().is_empty());
}
