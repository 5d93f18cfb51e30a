//! Power cuts: the recorder's calls to the system are written down by strace, and the disk is rebuilt as a cut after any
//! of them could leave it. What was synced stands; of the rest any part may be there, torn at 512 or 4,096 bytes.

use std::collections::BTreeMap;

use super::*;

/// What a call did to the disk.
#[derive(Debug)]
enum Call {
    Create {
        name: String,
        empty: bool,
    },
    Write {
        name: String,
        place: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        name: String,
        length: usize,
    },
    Remove {
        name: String,
    },
    Sync {
        name: String,
    },
    /// The folder itself: which names there are.
    SyncFolder,
    Note(String),
}

/// The text between the first pair of some characters, unpacked from strace's `\x2f\x74`.
fn unpacked(text: &str, open: char, close: char) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(open)?;
    let (inside, _) = rest.split_once(close)?;
    inside.split("\\x").skip(1).map(|pair| u8::from_str_radix(pair.get(..2)?, 16).ok()).collect()
}

fn name_in(folder: &str, path: &[u8]) -> Option<String> {
    let path = std::str::from_utf8(path).ok()?;
    Some(path.strip_prefix(folder)?.trim_start_matches('/').to_owned())
}

/// One line of strace, if it is about the folder.
fn call(folder: &str, line: &str) -> Option<Call> {
    let (_, line) = line.split_once(' ')?;
    let (word, rest) = line.trim_start().split_once('(')?;
    let answer = rest.rsplit_once(" = ").map_or("", |(_, answer)| answer);
    if answer.starts_with('-') {
        return None;
    }
    let of_descriptor = || name_in(folder, &unpacked(rest, '<', '>')?);
    let number = |back: usize| rest.rsplit_once(')')?.0.rsplit(", ").nth(back)?.parse::<usize>().ok();
    Some(match word {
        "openat" if rest.contains("O_CREAT") || rest.contains("O_TRUNC") => {
            Call::Create { name: name_in(folder, &unpacked(answer, '<', '>')?)?, empty: rest.contains("O_TRUNC") }
        }
        "pwrite64" | "write" => {
            let (name, bytes) = (of_descriptor()?, unpacked(rest, '"', '"')?);
            assert_eq!(bytes.len().to_string(), answer, "strace left bytes out");
            match name.as_str() {
                "notes" => Call::Note(String::from_utf8(bytes).unwrap()),
                _ => Call::Write { name, place: number(0)?, bytes },
            }
        }
        "ftruncate" => Call::Truncate { name: of_descriptor()?, length: number(0)? },
        "fsync" | "fdatasync" => match of_descriptor()? {
            name if name.is_empty() => Call::SyncFolder,
            name => Call::Sync { name },
        },
        "unlink" | "unlinkat" => Call::Remove { name: name_in(folder, &unpacked(rest, '"', '"')?)? },
        _ => return None,
    })
}

/// A file: what is certain, and what was asked for since.
#[derive(Debug, Clone, Default)]
struct File {
    synced: Vec<u8>,
    asked: Vec<Asked>,
}

#[derive(Debug, Clone)]
enum Asked {
    Write { place: usize, bytes: Vec<u8> },
    Truncate { length: usize },
}

fn put(content: &mut Vec<u8>, place: usize, bytes: &[u8]) {
    if content.len() < place + bytes.len() {
        content.resize(place + bytes.len(), 0);
    }
    content[place..place + bytes.len()].copy_from_slice(bytes);
}

impl Asked {
    fn done(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { place, bytes } => put(content, *place, bytes),
            Self::Truncate { length } => content.resize(*length, 0),
        }
    }

    /// Any of its blocks, by chance.
    fn torn(&self, content: &mut Vec<u8>, block: usize, chance: &mut Chance) {
        let Self::Write { place, bytes } = self else {
            return if chance.below(2) == 0 {
                self.done(content);
            };
        };
        let (mut from, end) = (*place, place + bytes.len());
        while from < end {
            let to = ((from / block + 1) * block).min(end);
            if chance.below(2) == 0 {
                put(content, from, &bytes[from - place..to - place]);
            }
            from = to;
        }
    }
}

impl File {
    fn sync(&mut self) {
        for asked in std::mem::take(&mut self.asked) {
            asked.done(&mut self.synced);
        }
    }

    /// What a cut may leave of it.
    fn left(&self, chance: &mut Chance) -> Vec<u8> {
        let mut content = self.synced.clone();
        let way = chance.below(7);
        let whole = chance.below(self.asked.len() + 1);
        for (at, asked) in self.asked.iter().enumerate() {
            match way {
                1 => asked.done(&mut content),
                3 if at == whole => asked.torn(&mut content, 512, chance),
                2 | 3 if at < whole => asked.done(&mut content),
                4 if chance.below(2) == 0 => asked.done(&mut content),
                5 => asked.torn(&mut content, 512, chance),
                6 => asked.torn(&mut content, 4_096, chance),
                // Nothing of it, which is the seventh way.
                _ => {}
            }
        }
        content
    }
}

/// A folder on a disk that forgets what was not synced.
#[derive(Default)]
struct Disk {
    files: Vec<File>,
    names: BTreeMap<String, usize>,
    synced_names: BTreeMap<String, usize>,
    acknowledged: Acknowledged,
    calls: usize,
}

impl Disk {
    fn file(&mut self, name: &str) -> &mut File {
        let at = *self.names.get(name).unwrap_or_else(|| panic!("{name} was never made"));
        &mut self.files[at]
    }

    fn feel(&mut self, call: Call) {
        self.calls += 1;
        match call {
            Call::Create { name, empty } => {
                if !self.names.contains_key(&name) {
                    self.files.push(File::default());
                    self.names.insert(name, self.files.len() - 1);
                } else if empty {
                    self.file(&name).asked.push(Asked::Truncate { length: 0 });
                }
            }
            Call::Write { name, place, bytes } => self.file(&name).asked.push(Asked::Write { place, bytes }),
            Call::Truncate { name, length } => self.file(&name).asked.push(Asked::Truncate { length }),
            Call::Remove { name } => drop(self.names.remove(&name)),
            Call::Sync { name } => {
                self.file(&name).sync();
                if name == "history.db-wal" {
                    self.acknowledged.firm = self.acknowledged.samples;
                }
            }
            Call::SyncFolder => self.synced_names = self.names.clone(),
            Call::Note(line) => self.acknowledged.note(&line),
        }
    }

    /// Leaves in a folder what a cut at this moment may leave.
    fn cut(&self, folder: &Path, chance: &mut Chance) {
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir(folder).unwrap();
        let all: BTreeSet<&String> = self.names.keys().chain(self.synced_names.keys()).collect();
        for name in all.into_iter().filter(|name| *name != "notes") {
            let (now, before) = (self.names.get(name), self.synced_names.get(name));
            let found = if now == before || chance.below(2) == 0 { now } else { before };
            if let Some(at) = found.filter(|_| !name.ends_with("-shm")) {
                std::fs::write(folder.join(name), self.files[*at].left(chance)).unwrap();
            }
        }
    }
}

/// What the recorder asked of the system; the file is brought to a newer layout on the way.
fn traced(folder: &Path) -> Vec<Call> {
    let trace = folder.join("trace");
    let home = folder.join("home");
    std::fs::create_dir(&home).unwrap();
    let program = again("cut::whatever_a_power_cut_leaves_holds_all_that_was_acknowledged_and_nothing_twice", &home);
    let calls = "trace=openat,pwrite64,write,ftruncate,fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2";
    let done = Command::new("strace")
        .args(["-f", "-y", "-xx", "-s", "4194304", "-e", "signal=none", "-e", calls, "-o"])
        .arg(&trace)
        .arg(program.get_program())
        .args(program.get_args())
        .env("CM_ORDEAL_IN", &home)
        .output()
        .expect("strace, which this needs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = std::fs::read_to_string(&trace).unwrap();
    let home = home.to_str().unwrap().to_owned();
    text.lines().filter_map(|line| call(&home, line)).collect()
}

fn newer() -> Vec<&'static str> {
    [migration::LAYOUTS, &["CREATE TABLE later (a INTEGER) STRICT"]].concat()
}

/// Opens what a cut left, compares, and goes on recording.
fn look(folder: &Path, acknowledged: &Acknowledged) {
    let path = folder.join("history.db");
    if !path.exists() {
        let nothing = Acknowledged { samples: acknowledged.samples, ..Acknowledged::default() };
        assert_eq!(*acknowledged, nothing, "the file itself is lost");
        return;
    }
    let layout = reader(&path).connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap();
    let layouts = if layout > migration::newest(migration::LAYOUTS) { newer() } else { migration::LAYOUTS.to_vec() };
    let mut writer = Opening::at(&path).on(Told::new()).write_with(&layouts).unwrap();
    let there = compare(&reader(&path), acknowledged);
    let restarted = Holder { boot: "start-2".to_owned(), ..holder("second") };
    let claim = writer.claim(&restarted, now(moment(there))).unwrap();
    assert!(matches!(claim, Claim::Ours { epoch } if epoch > acknowledged.epoch), "{claim:?}");
    append(&mut writer, &samples(there), moment(there));
    writer.seal(now(moment(there + 8))).unwrap();
    writer.roll_up(now(moment(there) + 2 * DAY)).unwrap();
    let more = Acknowledged { samples: there + 1, firm: there + 1, ..acknowledged.clone() };
    assert_eq!(compare(&reader(&path), &more), there + 1);
}

#[test]
#[ignore = "needs strace and a minute: ci/peers history"]
fn whatever_a_power_cut_leaves_holds_all_that_was_acknowledged_and_nothing_twice() {
    if let Some(home) = other() {
        let mut recorder = Recorder::in_folder(&home);
        recorder.run(0..300);
        recorder.layouts = newer();
        return recorder.run(300..620);
    }
    let folder = in_memory();
    let calls = traced(folder.path());
    let seed = std::env::var("CM_ORDEAL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let (wanted, length) = (times(1_000), calls.len());
    let mut chance = Chance(seed);
    let (mut cuts, mut disk) = (0, Disk::default());
    let left = folder.path().join("left");
    for (at, call) in calls.into_iter().enumerate() {
        disk.feel(call);
        // So many states in all, spread evenly over the calls.
        while cuts < wanted * (at + 1) / length {
            disk.cut(&left, &mut chance);
            let look = std::panic::catch_unwind(|| look(&left, &disk.acknowledged));
            assert!(
                look.is_ok(),
                "cut {cuts} after call {at} of {length}, seed {seed}; what is left lies in {}",
                folder.keep().display()
            );
            cuts += 1;
        }
    }
    assert_eq!(disk.acknowledged.samples, 620, "the trace ends too early");
    println!(
        "power cuts: {cuts} states after {length} calls, {} rows acknowledged, 0 lost",
        disk.acknowledged.rows.len() * 3
    );
}
