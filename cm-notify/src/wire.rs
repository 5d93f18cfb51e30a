//! HTTP for the channels that speak it: one request, and what its answer means for the message.
//!
//! The address of a webhook is as good as a password, so none is ever shown: a channel is called by its host. Nothing is
//! followed, no proxy is used that was not configured, no more of an answer is read than its reason needs, and nothing
//! travels in the clear to another machine unless the owner says so. What the body says is the channel's own affair.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use cm_core::fault::Code;
use cm_core::outbox::MessageId;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use reqwest::{Method, Response, StatusCode, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

use crate::carrier::{Delivered, Load, Trouble, innermost, is_of_tls, said};

/// How long a connection may take.
const CONNECTION: Duration = Duration::from_secs(10);

/// The most bytes of an answer that are read.
const MOST_ANSWER: usize = 16 * 1024;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// JSON, as a body's type.
pub const JSON: &str = "application/json";

/// Why an address or a header cannot be used. It never holds the address itself: that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an address at all.
    #[error("this is no address: https://HOST/... was expected ({why})")]
    NotAnAddress {
        /// The parser's own words.
        why: String,
    },
    /// Another scheme than `http` and `https`.
    #[error("{scheme}:// is not spoken: https:// is, and http:// to this machine")]
    UnknownScheme {
        /// The scheme.
        scheme: String,
    },
    /// `https://user:password@host/`.
    #[error("the address holds a name or a password: write the secret into a file of its own")]
    SecretInAddress,
    /// Plain HTTP to another machine.
    #[error(
        "messages and secrets would travel readable over the network to {host}: use https, or write plain = \"allowed\""
    )]
    InTheClear {
        /// Which machine.
        host: String,
    },
    /// What no header can hold.
    #[error("the header {name} holds what no header can")]
    BadHeader {
        /// Which.
        name: String,
    },
    /// No client could be made.
    #[error("HTTPS cannot be spoken on this machine: {why}")]
    NoClient {
        /// Why.
        why: String,
    },
}

impl AddressError {
    /// The code under which it is explained.
    pub const fn code(&self) -> Code {
        match self {
            Self::NotAnAddress { .. } | Self::UnknownScheme { .. } | Self::BadHeader { .. } => {
                Code::CONFIG_OUT_OF_RANGE
            }
            Self::SecretInAddress | Self::InTheClear { .. } | Self::NoClient { .. } => Code::CHANNEL_INSECURE,
        }
    }
}

/// Whether what a channel sends may travel readable to another machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InTheClear {
    /// It may not. This machine itself is not another one.
    #[default]
    Refused,
    /// The owner has said that it may: the network is theirs alone, or encrypted below.
    Allowed,
}

/// Speaks HTTP. Cheap to clone; must be used inside a tokio runtime with time and I/O.
#[derive(Debug, Clone)]
pub struct Wire {
    client: reqwest::Client,
}

impl Wire {
    /// A client that trusts whom this machine trusts. `proxy` is the one proxy that is used.
    pub fn new(proxy: Option<Url>) -> Result<Self, AddressError> {
        let no_client = |fault: reqwest::Error| AddressError::NoClient { why: innermost(&fault, &[]) };
        // An error means that the program has installed a provider of its own, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .no_proxy()
            .referer(false)
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECTION)
            .pool_max_idle_per_host(1);
        let builder = match proxy {
            Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy).map_err(no_client)?),
            None => builder,
        };
        Ok(Self { client: builder.build().map_err(no_client)? })
    }
}

/// An address with what is sent along each time.
#[derive(Clone)]
pub struct Address {
    wire: Wire,
    url: Url,
    place: String,
    headers: HeaderMap,
    secrets: Vec<SecretString>,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Address {
    /// An address of a channel called `name`.
    pub fn new(wire: &Wire, name: &str, address: &SecretString, clear: InTheClear) -> Result<Self, AddressError> {
        let url = Url::parse(address.expose_secret())
            .map_err(|fault| AddressError::NotAnAddress { why: fault.to_string() })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressError::UnknownScheme { scheme: url.scheme().to_owned() });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::SecretInAddress);
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        if url.scheme() == "http" && !is_this_machine(&url) && clear == InTheClear::Refused {
            return Err(AddressError::InTheClear { host });
        }
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        let place = format!("{name} ({host}{port})");
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("cm-notify/", env!("CARGO_PKG_VERSION"))));
        let secrets = parts(&url).map(SecretString::from).collect();
        Ok(Self { wire: wire.clone(), url, place, headers, secrets })
    }

    /// Sends a header along each time, which may be a secret.
    pub fn header(mut self, name: &str, value: &SecretString) -> Result<Self, AddressError> {
        let bad = || AddressError::BadHeader { name: said(name, &[]) };
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        let mut held = HeaderValue::from_str(value.expose_secret()).map_err(|_| bad())?;
        held.set_sensitive(true);
        self.headers.insert(header, held);
        self.secrets.push(value.clone());
        Ok(self)
    }

    /// Sends a bearer token along each time.
    pub fn bearer(mut self, token: &SecretString) -> Result<Self, AddressError> {
        self.secrets.push(token.clone());
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {}", token.expose_secret()).into())
    }

    /// The same with words added to its path; each becomes one part of it, whatever it holds.
    #[must_use]
    pub fn below(mut self, words: &[&str]) -> Self {
        // An http address always has a path.
        if let Ok(mut path) = self.url.path_segments_mut() {
            path.pop_if_empty().extend(words);
        }
        self
    }

    /// The same with one more parameter behind its `?`.
    #[must_use]
    pub fn asking(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Hides one more secret in whatever the other end says.
    #[must_use]
    pub fn hiding(mut self, secret: &SecretString) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    /// What it is called in errors.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Sends one request, and reads its answer to the end.
    pub async fn send(&self, load: Load<'_>, request: Request) -> Result<Delivered, Trouble> {
        let url = if request.below.is_empty() {
            self.url.clone()
        } else {
            let words: Vec<&str> = request.below.iter().map(String::as_str).collect();
            self.clone().below(&words).url
        };
        let built = self
            .wire
            .client
            .request(request.method, url)
            .headers(self.headers.clone())
            .header(CONTENT_TYPE, request.kind)
            .headers(request.headers)
            .body(request.body)
            .build()
            .map_err(|fault| self.message(&innermost(&fault, &self.secrets())))?;
        // Whatever goes wrong once a connection stands may have gone wrong after the request was read.
        load.handed_over();
        self.exchange(built).await
    }

    /// Asks for it once and looks at nothing but whether it answers well: for whoever raises an alarm when nobody asks.
    pub async fn ping(&self, limit: Duration) -> Result<(), Trouble> {
        let asked = self.wire.client.get(self.url.clone()).headers(self.headers.clone()).timeout(limit).build();
        let asked = asked.map_err(|fault| self.message(&innermost(&fault, &self.secrets())))?;
        self.exchange(asked).await.map(|_| ())
    }

    async fn exchange(&self, request: reqwest::Request) -> Result<Delivered, Trouble> {
        let mut answer = self.wire.client.execute(request).await.map_err(|fault| self.unsent(&fault))?;
        let mut text = Vec::new();
        let whole = loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if text.len() + chunk.len() <= MOST_ANSWER => text.extend_from_slice(&chunk),
                // More than any reason needs.
                Ok(_) => break Ok(()),
                Err(fault) => break Err(fault),
            }
        };
        let status = answer.status();
        match whole {
            Err(fault) if status.is_success() => {
                let why = format!("its answer broke off: {}", innermost(&fault, &self.secrets()));
                Err(Trouble::Lost { place: self.place.clone(), why })
            }
            _ => self.meaning(&answer, &String::from_utf8_lossy(&text)),
        }
    }

    fn secrets(&self) -> Vec<&SecretString> {
        self.secrets.iter().collect()
    }

    fn message(&self, why: &str) -> Trouble {
        Trouble::Message { place: self.place.clone(), said: why.to_owned() }
    }

    fn unsent(&self, fault: &(dyn Error + 'static)) -> Trouble {
        let (place, why) = (self.place.clone(), innermost(fault, &self.secrets()));
        let never_connected = fault.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_connect);
        match never_connected {
            true if is_of_tls(fault) => Trouble::Insecure { place, why },
            true => Trouble::Unreached { place, why },
            false => Trouble::Lost { place, why },
        }
    }

    fn meaning(&self, answer: &Response, text: &str) -> Result<Delivered, Trouble> {
        let status = answer.status();
        if status.is_success() {
            return Ok(Delivered::default());
        }
        let place = self.place.clone();
        let text = said(text, &self.secrets());
        let said = format!("{}: {text}", status.as_u16());
        Err(match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                Trouble::Login { place, said }
            }
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::METHOD_NOT_ALLOWED => Trouble::Gone { place, said },
            // Whoever stands between may have handed it on before it gave up.
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
                Trouble::Lost { place, why: format!("a proxy answered {said}") }
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
                Trouble::Busy { place, said, wait: wait(answer, &text) }
            }
            status if status.is_server_error() => Trouble::Busy { place, said, wait: wait(answer, &text) },
            status if status.is_redirection() => {
                Trouble::Gone { place, said: format!("{}: it redirects, which is not followed", status.as_u16()) }
            }
            _ => Trouble::Message { place, said },
        })
    }
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    below: Vec<String>,
    kind: &'static str,
    headers: HeaderMap,
    body: String,
}

impl Request {
    /// A `POST` of JSON.
    pub fn post(body: String) -> Self {
        Self { method: Method::POST, below: Vec::new(), kind: JSON, headers: HeaderMap::new(), body }
    }

    /// The same as a `PUT`.
    #[must_use]
    pub fn put(self) -> Self {
        Self { method: Method::PUT, ..self }
    }

    /// The same of another type.
    #[must_use]
    pub fn of(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    /// The same with a word more in its path.
    #[must_use]
    pub fn below(mut self, word: impl Into<String>) -> Self {
        self.below.push(word.into());
        self
    }

    /// The same under the message's id, by which a receiver knows a repeated one.
    #[must_use]
    pub fn known_by(mut self, id: MessageId) -> Self {
        if let Ok(id) = HeaderValue::from_str(id.as_str()) {
            self.headers.insert(IDEMPOTENCY_KEY, id);
        }
        self
    }
}

/// What in an address may be a secret by itself, longest first: a server rarely repeats the whole.
fn parts(url: &Url) -> impl Iterator<Item = String> {
    const SHORTEST: usize = 8;
    let path = url.path_segments().into_iter().flatten().map(str::to_owned);
    let query = url.query_pairs().map(|(_, value)| value.into_owned());
    let mut parts: Vec<String> = path.chain(query).filter(|part| part.len() >= SHORTEST).collect();
    parts.push(url.as_str().to_owned());
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    parts.into_iter()
}

/// How long it asks to be left alone: by its header in seconds, or as Telegram says it in its body.
fn wait(answer: &Response, text: &str) -> Option<Duration> {
    let header = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let in_body = || {
        let after = text.split_once("\"retry_after\":")?.1.trim_start();
        Some(after.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default())
    };
    header.or_else(in_body)?.trim().parse().ok().map(Duration::from_secs)
}

/// Whether an address leads to this machine itself, whatever its network.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests;
