//! Typed clients of the three host APIs: one `GET`, one [`Report`] or one [`Failure`] that names host, API and cause.
//!
//! Whatever answers is taken for hostile: time, bytes on the wire and bytes unpacked are bounded, nothing is followed,
//! a token goes nowhere but where it was configured to go. What this room does not know is when to ask again: that is
//! [`source`](crate::source).

mod body;
mod cause;
mod endpoint;
mod names;
mod patience;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, ETAG, HeaderMap, IF_NONE_MATCH};
use reqwest::{Response, StatusCode, redirect};
use tokio::time::Instant;

use cm_model::observation::{Failure, FailureKind};
use cm_model::report::{Api, Report};

use endpoint::Kept;
pub(crate) use endpoint::is_token;
pub use endpoint::{Endpoint, EndpointError, PlainToken};
use names::Names;
pub use reqwest::Url;

/// How long a host may take. Each limit counts from the moment that it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until there is a connection, the look-up of its name included.
    pub connection: Duration,
    /// Until the first line and the headers have come.
    pub answer: Duration,
    /// Until the last byte has come.
    pub whole: Duration,
}

impl Default for Limits {
    /// 2, 3 and 5 seconds: a machine on the same network that needs longer is in trouble.
    fn default() -> Self {
        Self { connection: Duration::from_secs(2), answer: Duration::from_secs(3), whole: Duration::from_secs(5) }
    }
}

/// Asks hosts over HTTP. Cheap to clone; clones share connections, which are kept open between two asks.
///
/// It must be used inside a tokio runtime with time and I/O. Proxies named in the environment are not used, redirects
/// not followed, cookies not kept.
#[derive(Debug, Clone)]
pub struct Client {
    limits: Limits,
    names: Names,
    plain: reqwest::Client,
    /// Built when the first `https` endpoint is asked: reading the machine's certificates takes milliseconds and
    /// megabytes that most fleets never need.
    secure: Arc<OnceLock<reqwest::Client>>,
}

impl Client {
    /// A client with these limits. Costs well under a millisecond: nothing is read and nothing opened.
    ///
    /// # Panics
    /// Never: all that could fail is a certificate, and there is none.
    pub fn new(limits: Limits) -> Self {
        // Without root certificates no `https` could be reached by this one; `http` is all that it is asked.
        let names = Names::default();
        let plain =
            builder(limits, &names).tls_certs_only([]).build().expect("no certificate that could be unreadable");
        Self { limits, names, plain, secure: Arc::new(OnceLock::new()) }
    }

    /// Asks once. Ends within [`Limits::whole`], whatever the host does.
    ///
    /// What the host said last is kept in the endpoint: if it says that nothing has changed since (304), the same
    /// report is returned without having been sent or parsed again.
    pub async fn ask(&self, endpoint: &Endpoint) -> Result<Report, Failure> {
        self.fetch(endpoint).await.map_err(|kind| Failure { address: endpoint.address(), kind })
    }

    async fn fetch(&self, endpoint: &Endpoint) -> Result<Report, FailureKind> {
        let started = Instant::now();
        let kept = endpoint.kept();
        let response = match self.send(endpoint, kept.as_ref(), started).await {
            // A host may close a kept connection at the very moment when it is used again. That is no fault of anybody's,
            // and what was asked changes nothing: it is asked once more, on a new one.
            Err(FailureKind::BrokenOff { .. }) if endpoint.was_connected() => {
                self.send(endpoint, kept.as_ref(), started).await
            }
            sent => sent,
        };
        endpoint.note_connected(response.is_ok());
        let response = response?;

        match (response.status(), kept) {
            (StatusCode::OK, _) => {}
            (StatusCode::NOT_MODIFIED, Some(kept)) => return Ok(kept.report),
            (status, _) => return Err(refusal(status)),
        }
        let etag = response.headers().get(ETAG).cloned();
        let report = patience::until(started + self.limits.whole, self.read(endpoint.api(), response))
            .await
            .ok_or(FailureKind::TimedOut { waiting_for: "whole answer", limit: self.limits.whole })??;
        endpoint.keep(etag, &report);
        Ok(report)
    }

    async fn send(&self, endpoint: &Endpoint, kept: Option<&Kept>, started: Instant) -> Result<Response, FailureKind> {
        let bearer = endpoint.bearer()?;
        let mut request = self.transport(endpoint)?.get(endpoint.url().clone()).header(ACCEPT_ENCODING, "gzip");
        if let (Some(place), Some(name)) = (endpoint.place(), endpoint.url().host_str()) {
            self.names.pin(name, place);
        }
        if let Some(bearer) = bearer {
            request = request.header(AUTHORIZATION, bearer);
        }
        if let Some(kept) = kept {
            request = request.header(IF_NONE_MATCH, kept.etag.clone());
        }
        patience::until(started + self.limits.answer, request.send())
            .await
            .ok_or(FailureKind::TimedOut { waiting_for: "answer", limit: self.limits.answer })?
            .map_err(|fault| cause::of(&fault, self.limits))
    }

    async fn read(&self, api: Api, mut response: Response) -> Result<Report, FailureKind> {
        let mut body = body::Body::new(packing(response.headers())?, response.content_length())?;
        while let Some(chunk) = response.chunk().await.map_err(|fault| cause::of(&fault, self.limits))? {
            body.take(&chunk)?;
        }
        Ok(Report::read(api, &body.finish()?)?)
    }

    fn transport(&self, endpoint: &Endpoint) -> Result<&reqwest::Client, FailureKind> {
        if endpoint.url().scheme() == "http" {
            return Ok(&self.plain);
        }
        if let Some(secure) = self.secure.get() {
            return Ok(secure);
        }
        // The machine's own store and not a list of public authorities: who has https at home signs it with a
        // certificate of their own, which they have told their machine to trust.
        let secure = builder(self.limits, &self.names)
            .build()
            .map_err(|fault| FailureKind::Tls { why: cause::innermost(&fault) })?;
        Ok(self.secure.get_or_init(|| secure))
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

fn builder(limits: Limits, names: &Names) -> reqwest::ClientBuilder {
    // An error means that the program has installed a provider of its own, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("cm/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .referer(false)
        .redirect(redirect::Policy::none())
        .dns_resolver(Arc::new(names.clone()))
        .connect_timeout(limits.connection)
        .pool_max_idle_per_host(1)
}

fn refusal(status: StatusCode) -> FailureKind {
    let number = status.as_u16();
    match number {
        401 | 403 => FailureKind::Unauthorised { status: number },
        300..=303 | 305..=399 => FailureKind::Redirected { status: number },
        _ => FailureKind::HttpStatus { status: number },
    }
}

fn packing(headers: &HeaderMap) -> Result<body::Packing, FailureKind> {
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    let (Some(encoding), None) = (encodings.next(), encodings.next()) else {
        return if headers.contains_key(CONTENT_ENCODING) {
            Err(FailureKind::Unpackable { why: "it is packed more than once".to_owned() })
        } else {
            Ok(body::Packing::None)
        };
    };
    match encoding.as_bytes() {
        b"identity" | b"" => Ok(body::Packing::None),
        word if word.eq_ignore_ascii_case(b"gzip") || word.eq_ignore_ascii_case(b"x-gzip") => Ok(body::Packing::Gzip),
        _ => Err(FailureKind::Unpackable { why: "it is packed by another method than gzip".to_owned() }),
    }
}
