//! Typed clients of the three host APIs: one `GET`, one [`Report`] or one [`Failure`] that names host, API and cause.
//!
//! Whatever answers is taken for hostile: time, bytes on the wire and bytes unpacked are bounded, nothing is followed,
//! a token goes nowhere but where it was configured to go. What this room does not know is when to ask again: that is
//! [`source`](crate::source).

mod answer;
mod body;
mod cause;
mod endpoint;
mod names;
mod patience;
mod plain;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http_body_util::Empty;
use hyper::header::{ETAG, IF_NONE_MATCH};
use hyper::{Request, StatusCode};
use reqwest::redirect;
use tokio::time::Instant;

use cm_model::observation::{Failure, FailureKind};
use cm_model::report::{Api, Report};

use answer::Answer;
use endpoint::Kept;
pub(crate) use endpoint::is_token;
pub use endpoint::{Endpoint, EndpointError, PlainToken};
use names::Names;
use plain::Dialler;
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

/// Asks hosts over HTTP. Cheap to clone. Connections are kept open between two asks, with the [`Endpoint`] that they lead to.
///
/// It must be used inside a tokio runtime with time and I/O. Proxies named in the environment are not used, redirects
/// not followed, cookies not kept.
#[derive(Debug, Clone)]
pub struct Client {
    limits: Limits,
    names: Names,
    plain: Dialler,
    /// Built when the first `https` endpoint is asked: reading the machine's certificates takes milliseconds and
    /// megabytes that most fleets never need.
    secure: Arc<OnceLock<reqwest::Client>>,
}

impl Client {
    /// A client with these limits. Costs well under a millisecond: nothing is read and nothing opened.
    pub fn new(limits: Limits) -> Self {
        let names = Names::default();
        let plain = Dialler::new(limits, names.clone());
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
        let answer = match self.send(endpoint, kept.as_ref(), started).await {
            // A host may close a kept connection at the very moment when it is used again. That is no fault of anybody's,
            // and what was asked changes nothing: it is asked once more, on a new one.
            Err(FailureKind::BrokenOff { .. }) if endpoint.was_connected() => {
                self.send(endpoint, kept.as_ref(), started).await
            }
            sent => sent,
        };
        endpoint.note_connected(answer.is_ok());
        let mut answer = answer?;
        let report = self.hear(endpoint, kept, &mut answer, started).await;
        endpoint.keep_line(answer.leave().await);
        report
    }

    async fn hear(
        &self,
        endpoint: &Endpoint,
        kept: Option<Kept>,
        answer: &mut Answer,
        started: Instant,
    ) -> Result<Report, FailureKind> {
        match (answer.status(), kept) {
            (StatusCode::OK, _) => {}
            (StatusCode::NOT_MODIFIED, Some(kept)) => return Ok(kept.report),
            (status, _) => return Err(refusal(status)),
        }
        let etag = answer.headers().get(ETAG).cloned();
        let report = patience::until(started + self.limits.whole, self.read(endpoint.api(), answer))
            .await
            .ok_or(FailureKind::TimedOut { waiting_for: "whole answer", limit: self.limits.whole })??;
        endpoint.keep(etag, &report);
        Ok(report)
    }

    async fn send(&self, endpoint: &Endpoint, kept: Option<&Kept>, started: Instant) -> Result<Answer, FailureKind> {
        let mut headers = endpoint.headers()?;
        if let Some(kept) = kept {
            headers.insert(IF_NONE_MATCH, kept.etag.clone());
        }
        if let (Some(place), Some(name)) = (endpoint.place(), endpoint.url().host_str()) {
            self.names.pin(name, place);
        }
        if endpoint.url().scheme() == "http" {
            let mut request = Request::new(Empty::new());
            *request.uri_mut() = endpoint.target();
            *request.headers_mut() = headers;
            let asked = self.plain.ask(endpoint.take_line(), endpoint.url().as_str(), request, started);
            return Ok(Answer::Plain(Box::new(asked.await?)));
        }
        let request = self.secure()?.get(endpoint.url().clone()).headers(headers);
        patience::until(started + self.limits.answer, request.send())
            .await
            .ok_or(FailureKind::TimedOut { waiting_for: "answer", limit: self.limits.answer })?
            .map(Answer::Secure)
            .map_err(|fault| cause::of(&fault, self.limits))
    }

    async fn read(&self, api: Api, answer: &mut Answer) -> Result<Report, FailureKind> {
        let mut body = body::Body::new(answer.packing()?, answer.announced())?;
        while let Some(chunk) = answer.chunk(self.limits).await? {
            body.take(&chunk)?;
        }
        Ok(Report::read(api, &body.finish()?)?)
    }

    fn secure(&self) -> Result<&reqwest::Client, FailureKind> {
        if let Some(secure) = self.secure.get() {
            return Ok(secure);
        }
        // The machine's own store and not a list of public authorities: who has https at home signs it with a
        // certificate of their own, which they have told their machine to trust.
        // An error means that the program has installed a provider of its own, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let secure = reqwest::Client::builder()
            .no_proxy()
            .referer(false)
            .redirect(redirect::Policy::none())
            .dns_resolver(Arc::new(self.names.clone()))
            .connect_timeout(self.limits.connection)
            .pool_max_idle_per_host(1)
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

fn refusal(status: StatusCode) -> FailureKind {
    let number = status.as_u16();
    match number {
        401 | 403 => FailureKind::Unauthorised { status: number },
        300..=303 | 305..=399 => FailureKind::Redirected { status: number },
        _ => FailureKind::HttpStatus { status: number },
    }
}
