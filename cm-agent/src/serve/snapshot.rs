//! The newest body of each API, as it is sent: plain, compressed, and named by a tag.
//!
//! A body keeps its tag for as long as it stays the same, so a client that polls more often than the agent collects is
//! told "unchanged" in a line. Compression happens once a body, and only if somebody asks for it.

use std::fmt;
use std::hash::Hasher;
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use cm_model::report::Api;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Bytes;
use tokio::sync::Notify;

/// One body, ready to be sent.
pub struct Snapshot {
    plain: Bytes,
    gzip: OnceLock<Option<Bytes>>,
    tag: String,
    gzip_tag: String,
}

/// How a body travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// As it is.
    Plain,
    /// Compressed.
    Gzip,
}

impl Snapshot {
    /// Smaller bodies are sent as they are: the gzip frame and its header line would eat the gain.
    pub const LEAST_GZIP_BYTES: usize = 256;

    fn new(plain: Bytes) -> Self {
        // A fixed key: the same body has the same tag after a restart. Who could forge a collision could write the body.
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(&plain);
        let hash = hasher.finish();
        Self { plain, gzip: OnceLock::new(), tag: format!("\"{hash:016x}\""), gzip_tag: format!("\"{hash:016x}-g\"") }
    }

    /// The body as it is.
    pub const fn plain(&self) -> &Bytes {
        &self.plain
    }

    /// The compressed body, made at the first call (about 0.1 ms for 10 KB); none where it would not be smaller.
    pub fn gzip(&self) -> Option<&Bytes> {
        self.gzip.get_or_init(|| compress(&self.plain)).as_ref()
    }

    /// The body in the coding that a client takes, with its strong entity tag: each coding is a representation of its
    /// own (RFC 9110, 8.8.3.3).
    pub(super) fn sent_as(&self, wanted: Coding) -> (Coding, &Bytes, &str) {
        match wanted {
            Coding::Gzip if let Some(body) = self.gzip() => (Coding::Gzip, body, &self.gzip_tag),
            Coding::Gzip | Coding::Plain => (Coding::Plain, &self.plain, &self.tag),
        }
    }

    /// The tag of ours that an `If-None-Match` lists, if it lists one. Either coding counts: both say the same.
    pub(super) fn known_by(&self, if_none_match: &str) -> Option<&str> {
        if_none_match.split(',').find_map(|given| {
            let given = given.trim();
            let given = given.strip_prefix("W/").unwrap_or(given);
            match given {
                "*" => Some(self.tag.as_str()),
                _ => [self.tag.as_str(), self.gzip_tag.as_str()].into_iter().find(|tag| *tag == given),
            }
        })
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("bytes", &self.plain.len()).field("tag", &self.tag).finish_non_exhaustive()
    }
}

fn compress(plain: &[u8]) -> Option<Bytes> {
    if plain.len() < Snapshot::LEAST_GZIP_BYTES {
        return None;
    }
    // Room for all of it, so that it does not grow past the compressor's 300 KB: above them on the heap, it would keep them
    // from being given back.
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len()), Compression::fast());
    let packed = encoder.write_all(plain).and_then(|()| encoder.finish()).expect("a Vec takes every write");
    (packed.len() < plain.len()).then(|| packed.into_boxed_slice().into())
}

/// The newest snapshot of each API: set by whoever collects, read by whoever serves. Cheap on both sides.
#[derive(Debug)]
pub struct Snapshots {
    places: [Place; 3],
    told: Notify,
}

#[derive(Debug)]
enum Place {
    NotOffered,
    Offered(Mutex<Option<Arc<Snapshot>>>),
}

impl Snapshots {
    /// Empty places for the APIs that are offered; the others are never served.
    pub fn offering(apis: &[Api]) -> Self {
        let place = |api| if apis.contains(&api) { Place::Offered(Mutex::default()) } else { Place::NotOffered };
        Self { places: Api::ALL.map(place), told: Notify::new() }
    }

    /// Whether an API is offered at all.
    pub fn offers(&self, api: Api) -> bool {
        matches!(self.place(api), Place::Offered(_))
    }

    /// Sets the newest body of an API: JSON. Passed over where the API is not offered.
    pub fn set(&self, api: Api, body: impl Into<Bytes>) {
        self.put(api, Some(Arc::new(Snapshot::new(body.into()))));
    }

    /// Takes an API's body away, until one is set again.
    pub fn clear(&self, api: Api) {
        self.put(api, None);
    }

    /// The newest snapshot of an API, if anything was collected.
    pub fn latest(&self, api: Api) -> Option<Arc<Snapshot>> {
        match self.place(api) {
            Place::NotOffered => None,
            Place::Offered(newest) => newest.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// Notes that somebody is being answered with the newest service snapshot.
    pub(crate) fn told(&self) {
        self.told.notify_waiters();
    }

    /// Waits until somebody is answered with a service snapshot: one that is newest now, or a later one.
    pub async fn when_told(&self) {
        self.told.notified().await;
    }

    fn put(&self, api: Api, snapshot: Option<Arc<Snapshot>>) {
        if let Place::Offered(newest) = self.place(api) {
            *newest.lock().unwrap_or_else(PoisonError::into_inner) = snapshot;
        }
    }

    fn place(&self, api: Api) -> &Place {
        let [smart, service, backup] = &self.places;
        match api {
            Api::Smart => smart,
            Api::Service => service,
            Api::Backup => backup,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_body_keeps_its_tag_for_as_long_as_it_stays_the_same() {
        let [one, same, other] = ["a", "a", "b"].map(|body| Snapshot::new(body.into()));
        assert_eq!(one.tag, same.tag);
        assert_ne!(one.tag, other.tag);
    }

    #[test]
    fn what_is_compressed_unpacks_to_the_same_and_is_made_once() {
        let body = "{\"name\":\"gitea\"},".repeat(100);
        let snapshot = Snapshot::new(body.clone().into());
        let (coding, packed, tag) = snapshot.sent_as(Coding::Gzip);
        assert_eq!(coding, Coding::Gzip);
        assert_ne!(tag, snapshot.tag);
        assert!(packed.len() * 10 < body.len());
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, body);
        assert_eq!(snapshot.gzip().unwrap().as_ptr(), packed.as_ptr());
    }

    #[test]
    fn a_small_body_is_sent_as_it_is() {
        let snapshot = Snapshot::new("{}".into());
        assert_eq!(snapshot.sent_as(Coding::Gzip).0, Coding::Plain);
    }

    #[test]
    fn a_client_that_knows_either_coding_is_told_unchanged() {
        let snapshot = Snapshot::new("{}".into());
        let (tag, gzip_tag) = (snapshot.tag.clone(), snapshot.gzip_tag.clone());
        for (given, expected) in [
            (tag.clone(), Some(&tag)),
            (format!("W/{tag}"), Some(&tag)),
            (format!("\"other\" , {gzip_tag}"), Some(&gzip_tag)),
            ("*".into(), Some(&tag)),
            ("\"other\"".into(), None),
            (tag.trim_matches('"').into(), None),
            (String::new(), None),
        ] {
            assert_eq!(snapshot.known_by(&given), expected.map(String::as_str), "{given}");
        }
    }

    #[test]
    fn an_api_that_is_not_offered_stays_empty() {
        let snapshots = Snapshots::offering(&[Api::Service]);
        for api in Api::ALL {
            snapshots.set(api, "{}");
        }
        assert_eq!(Api::ALL.map(|api| snapshots.latest(api).is_some()), [false, true, false]);
        snapshots.clear(Api::Service);
        assert!(snapshots.latest(Api::Service).is_none());
    }
}
