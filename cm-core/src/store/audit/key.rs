//! The file of the audit log's key: two places, of which one has the key of the next act and the other is being written
//! or erased, in turn.
//!
//! A key is written over where it lies and brought to the disk, not moved into its place as a new file: that would leave
//! the old one's blocks as they were. What a copying filesystem, or an SSD below any, keeps all the same, nobody can say.
//! It does not know what is sealed. The caller holds a lock that all programs share.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use secrecy::zeroize::{Zeroize as _, Zeroizing};

use super::super::open::sync;
use crate::audit::ratchet::KEY_BYTES;
use crate::audit::{Foothold, Ratchet};

/// A place: a word that says whose file this is, the act's number, its key, a checksum.
const PLACE_BYTES: usize = 8 + 8 + KEY_BYTES + 4;
/// How far apart they lie, so that no write to the disk tears both.
const STEP: u64 = 4_096;
const WORD: &[u8; 8] = b"CMAUDIT1";
/// How far a key is led on at most, in acts: a second's work.
const MOST_STEPS: u64 = 1_000_000;

/// The file, opened to be moved on.
pub(super) struct KeyFile {
    file: File,
    places: [Option<Ratchet>; 2],
}

/// Where a key stands.
#[derive(Debug)]
pub struct Standing {
    /// Which act is sealed next, or was sealed last where a program ended between the two.
    pub next: u64,
    /// The key, to be written down elsewhere.
    pub foothold: Foothold,
}

impl KeyFile {
    /// Opens it, and makes it with a key for the act `next` where there is none; says whether it did.
    pub(super) fn open(path: &Path, next: u64, fresh: impl FnOnce() -> [u8; KEY_BYTES]) -> io::Result<(Self, bool)> {
        match Self::existing(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            done => return done.map(|opened| (opened, false)),
        }
        let file = private().create_new(true).open(path)?;
        let mut opened = Self { file, places: [None, None] };
        let written = opened.write(0, Ratchet::new(next, fresh())).and_then(|()| sync(super::super::folder(path)));
        if let Err(error) = written {
            // Half a key would keep every later act from being recorded.
            let _ = fs::remove_file(path);
            return Err(error);
        }
        Ok((opened, true))
    }

    /// Where the key stands, if there is one.
    pub(super) fn standing(path: &Path) -> io::Result<Option<Standing>> {
        match Self::existing(path) {
            Ok(opened) => {
                let ratchet = opened.lowest().ok_or_else(no_key)?;
                Ok(Some(Standing { next: ratchet.seq(), foothold: ratchet.foothold() }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn existing(path: &Path) -> io::Result<Self> {
        let mut file = private().open(path)?;
        let data = file.metadata()?;
        let own = rustix::process::geteuid().as_raw();
        if !data.is_file() || data.mode() & 0o077 != 0 || data.uid() != own {
            return Err(io::Error::other(
                "others than its owner may read this key: chmod 600, and chown to who runs this program",
            ));
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(2 * usize::try_from(STEP).unwrap_or(0)));
        (&mut file).take(2 * STEP).read_to_end(&mut bytes)?;
        let place = |at: u64| read(bytes.get(usize::try_from(at * STEP).ok()?..)?);
        let opened = Self { file, places: [place(0), place(1)] };
        if opened.places.iter().all(Option::is_none) { Err(no_key()) } else { Ok(opened) }
    }

    /// The key of an act, or of the first after it for which there is one: where acts were cut off the keys are gone on.
    pub(super) fn at(&self, seq: u64) -> io::Result<Ratchet> {
        let ratchet = self.lowest().ok_or_else(no_key)?;
        if seq.saturating_sub(ratchet.seq()) > MOST_STEPS {
            let what = "the acts in the history are a million ahead of this key: one of the two was changed. `cm-cli audit verify` tells which; move this key away to begin a new one";
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        Ok(ratchet.at(seq))
    }

    /// Keeps the key that comes after this one, and this one beside it until [`forget`](Self::forget).
    pub(super) fn keep_next(&mut self, ratchet: Ratchet) -> io::Result<()> {
        let holds = |place: &Option<Ratchet>| place.as_ref().map(Ratchet::seq);
        let at = match self.places.each_ref().map(holds) {
            [Some(first), _] if first == ratchet.seq() => 1,
            [_, Some(second)] if second == ratchet.seq() => 0,
            // What lies below was sealed long ago, and the act's own key can be made from it again.
            [Some(first), Some(second)] => usize::from(second > first),
            [first, _] => usize::from(first.is_some()),
        };
        self.write(at, ratchet.next())
    }

    /// Erases the key of an act that was sealed, and any older.
    pub(super) fn forget(&self, seq: u64) -> io::Result<()> {
        // Another program may have gone on meanwhile: what lies there now counts.
        for at in 0..2 {
            let mut bytes = Zeroizing::new([0; PLACE_BYTES]);
            let whole = self.file.read_exact_at(&mut *bytes, at * STEP).is_ok();
            if whole && read(&*bytes).is_some_and(|ratchet| ratchet.seq() <= seq) {
                self.file.write_all_at(&[0; PLACE_BYTES], at * STEP)?;
            }
        }
        self.file.sync_data()
    }

    fn lowest(&self) -> Option<Ratchet> {
        let known = self.places.iter().flatten();
        known.min_by_key(|ratchet| ratchet.seq()).map(|ratchet| Ratchet::new(ratchet.seq(), *ratchet.expose()))
    }

    fn write(&mut self, at: usize, ratchet: Ratchet) -> io::Result<()> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(PLACE_BYTES));
        bytes.extend(WORD);
        bytes.extend(ratchet.seq().to_le_bytes());
        bytes.extend(ratchet.expose());
        let check = crc32fast::hash(&bytes);
        bytes.extend(check.to_le_bytes());
        self.file.write_all_at(&bytes, if at == 0 { 0 } else { STEP })?;
        self.file.sync_data()?;
        self.places[at] = Some(ratchet);
        Ok(())
    }
}

fn read(bytes: &[u8]) -> Option<Ratchet> {
    let bytes: &[u8; PLACE_BYTES] = bytes.first_chunk()?;
    let (body, check) = bytes.split_at(PLACE_BYTES - 4);
    if crc32fast::hash(body).to_le_bytes() != check || !body.starts_with(WORD) {
        return None;
    }
    let seq = u64::from_le_bytes(body[8..16].try_into().ok()?);
    let mut key: [u8; KEY_BYTES] = body[16..].try_into().ok()?;
    let ratchet = Ratchet::new(seq, key);
    key.zeroize();
    Some(ratchet)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    let nofollow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0);
    options.read(true).write(true).mode(0o600).custom_flags(nofollow);
    options
}

fn no_key() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "no whole key is in it; move it away: the next act begins a new one, and says so",
    )
}
