//! Where one API of one host is asked, and with what token; what the host said last is kept beside it.
//!
//! A token that would travel readable over a network is refused when the endpoint is made, not when it is asked, so that
//! a configuration error is told at start.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::Uri;
use hyper::header::{ACCEPT_ENCODING, AUTHORIZATION, HOST, HeaderMap, HeaderValue, USER_AGENT};
use hyper::http::uri::InvalidUri;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use url::Position;

use cm_model::fault::Code;
use cm_model::host::HostId;
use cm_model::observation::FailureKind;
use cm_model::report::{Api, Report};

use super::plain::Line;

/// The longest entity tag that is kept and sent back, in bytes: it costs the wire twice at every ask.
const MOST_ETAG_BYTES: usize = 128;

/// Why an address or a token cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The text is no address of this kind.
    #[error("{text:?} is no address: http://HOST:PORT/ was expected ({why})")]
    NotAnAddress {
        /// What was given.
        text: String,
        /// The parser's own words.
        why: String,
    },
    /// Another scheme than `http` and `https`.
    #[error("{scheme}:// is not spoken: http:// and https:// are")]
    UnknownScheme {
        /// The scheme.
        scheme: String,
    },
    /// `http://user:password@host/`: it would stand in every message.
    #[error("the address of {host} holds a name or password: write the token into a token file instead")]
    SecretInAddress {
        /// Which host.
        host: HostId,
    },
    /// A token holds what no header can.
    #[error("the token of {host} holds characters that no token has")]
    BadToken {
        /// Which host.
        host: HostId,
    },
    /// A token over plain HTTP to another machine.
    #[error("the token of {host} would travel readable over the network to {address}: use https, or allow it by name")]
    TokenInTheClear {
        /// Which host.
        host: HostId,
        /// Where it would have gone.
        address: String,
    },
}

/// Whether a token may travel over plain HTTP to another machine, where everyone between can read and use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlainToken {
    /// It may not. This machine itself is not another one.
    #[default]
    Refused,
    /// The owner has said that it may: the network is theirs alone, or encrypted below (`WireGuard`).
    Allowed,
}

/// Where one API of one host is asked. Cheap to clone; clones share what the host said last.
#[derive(Clone)]
pub struct Endpoint {
    host: HostId,
    api: Api,
    url: Url,
    /// Path and query, as they stand in a request.
    target: Uri,
    /// What is looked up in place of the URL's host.
    place: Option<String>,
    token: Token,
    shared: Arc<Shared>,
}

/// What asks leave behind for the next one.
#[derive(Default)]
struct Shared {
    last: Mutex<Option<Kept>>,
    line: Mutex<Option<Line>>,
    connected: AtomicBool,
}

/// What an endpoint is asked with.
#[derive(Clone, Debug)]
enum Token {
    None,
    /// Its `Debug` hides it.
    Bearer(SecretString),
    /// It is not asked, for this reason.
    Unusable(FailureKind),
}

/// What the host said last, and the name that it gave it.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) etag: HeaderValue,
    pub(super) report: Report,
}

impl Endpoint {
    /// An endpoint without a token. `address` is a whole URL: `http://srv01.lan:6128/`.
    pub fn new(host: HostId, api: Api, address: &str) -> Result<Self, EndpointError> {
        let no_address = |why: String| EndpointError::NotAnAddress { text: without_secrets(address), why };
        let url = Url::parse(address).map_err(|fault| no_address(fault.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(EndpointError::UnknownScheme { scheme: url.scheme().to_owned() });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::SecretInAddress { host });
        }
        let target = url[Position::BeforePath..Position::AfterQuery].parse();
        let target = target.map_err(|fault: InvalidUri| no_address(fault.to_string()))?;
        Ok(Self { host, api, url, target, place: None, token: Token::None, shared: Arc::default() })
    }

    /// The same endpoint, reached at an IPv6 address that holds on one interface alone (`fe80::1%eth0`), which no URL can
    /// hold; its URL's host then is only a name, which must be no other endpoint's. A token comes after this: one given
    /// before is dropped.
    #[must_use]
    pub fn at_link_local(mut self, address: Ipv6Addr, interface: &str) -> Self {
        self.place = Some(format!("{address}%{interface}"));
        self.token = Token::None;
        self.shared = Arc::default();
        self
    }

    /// The same endpoint, asked with a bearer token.
    pub fn with_token(mut self, token: SecretString, plain: PlainToken) -> Result<Self, EndpointError> {
        if !is_token(token.expose_secret()) {
            return Err(EndpointError::BadToken { host: self.host });
        }
        let stays_here = self.place.is_none() && is_this_machine(&self.url);
        if self.url.scheme() == "http" && plain == PlainToken::Refused && !stays_here {
            return Err(EndpointError::TokenInTheClear { address: self.address(), host: self.host });
        }
        self.token = Token::Bearer(token);
        self.shared = Arc::default();
        Ok(self)
    }

    /// The same endpoint, which is never asked since its token cannot be used: each ask fails at once, for this reason.
    #[must_use]
    pub fn without_usable_token(mut self, code: Code, why: String) -> Self {
        self.token = Token::Unusable(FailureKind::TokenUnusable { code, why });
        self.shared = Arc::default();
        self
    }

    /// Which host.
    pub const fn host(&self) -> &HostId {
        &self.host
    }

    /// Which of its APIs.
    pub const fn api(&self) -> Api {
        self.api
    }

    /// Where it is asked.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// The address as it may be shown: without query, where older servers take keys.
    pub fn address(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.into()
    }

    pub(super) fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// Path and query, as they stand in a request.
    pub(super) fn target(&self) -> Uri {
        self.target.clone()
    }

    /// The headers to ask with.
    pub(super) fn headers(&self) -> Result<HeaderMap, FailureKind> {
        let mut headers = HeaderMap::with_capacity(5);
        let host = HeaderValue::from_str(&self.url[Position::BeforeHost..Position::AfterPort]);
        headers.insert(HOST, host.expect("a URL's host is visible ASCII"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("cm/", env!("CARGO_PKG_VERSION"))));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        if let Some(bearer) = self.bearer()? {
            headers.insert(AUTHORIZATION, bearer);
        }
        Ok(headers)
    }

    fn bearer(&self) -> Result<Option<HeaderValue>, FailureKind> {
        let token = match &self.token {
            Token::None => return Ok(None),
            Token::Bearer(token) => token,
            Token::Unusable(why) => return Err(why.clone()),
        };
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
            .expect("a token of visible ASCII, as with_token saw to");
        bearer.set_sensitive(true);
        Ok(Some(bearer))
    }

    /// Whether it answered last time, so that a connection to it may have been kept.
    pub(super) fn was_connected(&self) -> bool {
        self.shared.connected.load(Ordering::Relaxed)
    }

    pub(super) fn note_connected(&self, connected: bool) {
        self.shared.connected.store(connected, Ordering::Relaxed);
    }

    /// The connection on which it was asked last, where it was kept.
    pub(super) fn take_line(&self) -> Option<Line> {
        self.shared.line.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn keep_line(&self, line: Option<Line>) {
        *self.shared.line.lock().unwrap_or_else(PoisonError::into_inner) = line;
    }

    pub(super) fn kept(&self) -> Option<Kept> {
        self.shared.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn keep(&self, etag: Option<HeaderValue>, report: &Report) {
        // Copied: as it came it is a part of the buffer that the whole answer was read into, and would keep that.
        let copied = |tag: HeaderValue| HeaderValue::from_bytes(tag.as_bytes()).ok();
        let etag = etag.filter(|tag| tag.len() <= MOST_ETAG_BYTES).and_then(copied);
        let kept = etag.map(|etag| Kept { etag, report: report.clone() });
        *self.shared.last.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("host", &self.host)
            .field("api", &self.api)
            .field("address", &self.address())
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// Whether a text can stand behind `Bearer` in a header.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Whether a connection to it never leaves the machine. `localhost` is one that [`names`](super::names) never looks up.
fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse().is_ok_and(|ip: IpAddr| ip.to_canonical().is_loopback()) || super::names::is_localhost(bare)
}

/// What stands before an `@` may be a password, even in text that is no address.
fn without_secrets(text: &str) -> String {
    text.rsplit('@').next().unwrap_or_default().chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::body::Bytes;

    const SECRET: &str = "s3cr3t-marker";

    fn host() -> HostId {
        HostId::new("srv01").unwrap()
    }

    fn with_token(address: &str, plain: PlainToken) -> Result<Endpoint, EndpointError> {
        Endpoint::new(host(), Api::Smart, address)?.with_token(SECRET.into(), plain)
    }

    #[test]
    fn a_token_travels_readable_only_to_this_machine_or_where_it_was_allowed() {
        use PlainToken::{Allowed, Refused};
        let cases = [
            ("http://127.0.0.1:6127/", Refused, true),
            ("http://127.8.8.8:6127/", Refused, true),
            ("http://[::1]:6127/", Refused, true),
            ("http://[::ffff:127.0.0.1]:6127/", Refused, true),
            ("http://localhost:6127/", Refused, true),
            ("http://localhost.:6127/", Refused, true),
            ("https://srv01.lan:6127/", Refused, true),
            ("http://srv01.lan:6127/", Allowed, true),
            ("http://srv01.lan:6127/", Refused, false),
            ("http://192.168.1.10:6127/", Refused, false),
            ("http://0.0.0.0:6127/", Refused, false),
            ("http://localhost.evil.example/", Refused, false),
            ("http://127.0.0.1.evil.example/", Refused, false),
        ];
        for (address, plain, allowed) in cases {
            let made = with_token(address, plain);
            assert_eq!(made.is_ok(), allowed, "{address} {plain:?}: {made:?}");
        }
        let elsewhere = Endpoint::new(host(), Api::Smart, "http://localhost:6127/").unwrap();
        let elsewhere = elsewhere.at_link_local("fe80::1".parse().unwrap(), "eth0");
        assert!(elsewhere.with_token(SECRET.into(), Refused).is_err(), "only called localhost");
    }

    #[test]
    fn a_kept_tag_does_not_keep_the_buffer_that_it_came_in() {
        let came = Bytes::from(vec![b'x'; 8_192]);
        let endpoint = Endpoint::new(host(), Api::Backup, "http://127.0.0.1/").unwrap();
        let tag = HeaderValue::from_maybe_shared(came.slice(..9)).unwrap();
        endpoint.keep(Some(tag), &Report::Backup(Arc::default()));
        assert_eq!(endpoint.kept().unwrap().etag, "xxxxxxxxx");
        assert!(came.is_unique());
    }

    #[test]
    fn addresses_that_cannot_be_asked_are_refused_when_they_are_made() {
        let new = |address: &str| Endpoint::new(host(), Api::Smart, address).map(|_| ()).unwrap_err();
        assert!(matches!(new("srv01"), EndpointError::NotAnAddress { .. }));
        assert!(matches!(new("http://"), EndpointError::NotAnAddress { .. }));
        assert_eq!(new("ftp://srv01/"), EndpointError::UnknownScheme { scheme: "ftp".into() });
        assert_eq!(new("http://me:pw@srv01/"), EndpointError::SecretInAddress { host: host() });
        for token in ["", "two words", "line\nbreak", "käse"] {
            let made = Endpoint::new(host(), Api::Smart, "http://127.0.0.1/")
                .unwrap()
                .with_token(token.into(), PlainToken::Refused);
            assert_eq!(made.unwrap_err(), EndpointError::BadToken { host: host() });
        }
    }

    #[test]
    fn a_secret_stands_in_no_text_of_ours() {
        let endpoint = with_token(&format!("http://127.0.0.1:6127/?key={SECRET}"), PlainToken::Refused).unwrap();
        let said = [
            format!("{endpoint:?}"),
            format!("{endpoint:#?}"),
            endpoint.address(),
            format!("{:?}", endpoint.bearer()),
            with_token("http://srv01:6127/", PlainToken::Refused).unwrap_err().to_string(),
            Endpoint::new(host(), Api::Smart, &format!("user:{SECRET}@srv01")).unwrap_err().to_string(),
            Endpoint::new(host(), Api::Smart, &format!("http://u:{SECRET}@srv01/")).unwrap_err().to_string(),
        ];
        for text in said {
            assert!(!text.contains(SECRET), "{text}");
        }
    }
}
