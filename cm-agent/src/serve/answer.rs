//! One request, one answer: whether it may come in, where it leads, and what is sent.
//!
//! Answers hold the collected JSON or a small error, never a word of the request. No CORS header is ever sent: a page from
//! elsewhere must not read even a refusal.

use std::net::IpAddr;

use cm_model::fault::Code;
use cm_model::guard::{self, Header, Policy, Refusal};
use cm_model::report::Api;
use http_body_util::Full;
use hyper::body::{Body, Bytes};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};

use super::House;
use super::door::{Door, Route};
use super::snapshot::{Coding, Snapshot};

/// Answers one request. The body of the request is never read.
pub(super) fn answer<B: Body>(
    request: &Request<B>,
    door: Door,
    arrived_at: Option<IpAddr>,
    house: &House,
) -> Response<Full<Bytes>> {
    let route = door.route(request.uri().path());
    let token = match route {
        Some(Route::Api(api)) => house.tokens.of(api),
        Some(Route::Index | Route::Health) | None => None,
    };
    if let Err(refusal) = admit(request, arrived_at, &Policy { names: &house.names, token }) {
        tracing::debug!(%refusal, "request refused");
        return refused(refusal);
    }
    match route {
        None => error(StatusCode::NOT_FOUND, Code::REQUEST_REFUSED, "nothing is served under this path"),
        Some(Route::Index) => json(StatusCode::OK, index(door, house)),
        Some(Route::Health) => json(StatusCode::OK, health(house)),
        Some(Route::Api(api)) if !house.snapshots.offers(api) => {
            error(StatusCode::NOT_FOUND, Code::NOT_OFFERED, "this API is switched off")
        }
        Some(Route::Api(api)) => match house.snapshots.latest(api) {
            Some(snapshot) => {
                if api == Api::Service {
                    house.snapshots.told();
                }
                newest(&snapshot, request.headers())
            }
            None => not_yet(),
        },
    }
}

fn admit<B: Body>(request: &Request<B>, arrived_at: Option<IpAddr>, policy: &Policy<'_>) -> Result<(), Refusal> {
    let sent = |name| Header::from_values(request.headers().get_all(name).iter().map(HeaderValue::as_bytes));
    guard::admit(
        &guard::Request {
            method: request.method().as_str(),
            authority: request.uri().authority().map(hyper::http::uri::Authority::as_str),
            arrived_at,
            host: sent(header::HOST),
            origin: sent(header::ORIGIN),
            fetch_site: sent(HeaderName::from_static("sec-fetch-site")),
            authorization: sent(header::AUTHORIZATION),
            body: !request.body().is_end_stream(),
        },
        policy,
    )
}

/// The newest body, or that the client has it already.
fn newest(snapshot: &Snapshot, headers: &HeaderMap) -> Response<Full<Bytes>> {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if let Some(tag) = known.and_then(|known| snapshot.known_by(known)) {
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        put(&mut response, header::ETAG, tag);
        return response;
    }
    let (coding, body, tag) = snapshot.sent_as(wanted(headers));
    let mut response = json(StatusCode::OK, body.clone());
    put(&mut response, header::ETAG, tag);
    if coding == Coding::Gzip {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// The coding that a client asks for: gzip only where it says so, since older clients say nothing and want plain JSON.
fn wanted(headers: &HeaderMap) -> Coding {
    let takes_gzip = |offer: &str| {
        let (coding, quality) = offer.split_once(';').unwrap_or((offer, ""));
        let refused = quality.trim().strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
        coding.trim().eq_ignore_ascii_case("gzip") && !refused
    };
    let offers = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    if offers.flat_map(|value| value.split(',')).any(takes_gzip) { Coding::Gzip } else { Coding::Plain }
}

/// Every path that is served. It holds nothing of the host.
fn index(door: Door, house: &House) -> Vec<u8> {
    let offered = |route| !matches!(route, Route::Api(api) if !house.snapshots.offers(api));
    let paths: Vec<_> = door.routes().iter().filter(|(_, route)| offered(*route)).map(|(path, _)| *path).collect();
    let index = serde_json::json!({
        "schema": "cm-agent/index/1",
        "agent_version": env!("CARGO_PKG_VERSION"),
        "paths": paths,
    });
    index.to_string().into_bytes()
}

/// Whether all that is offered has been collected.
fn health(house: &House) -> Vec<u8> {
    let collected = |api: &Api| !house.snapshots.offers(*api) || house.snapshots.latest(*api).is_some();
    let status = if Api::ALL.iter().all(collected) { "ok" } else { "collecting" };
    serde_json::json!({ "schema": "cm-agent/health/1", "status": status }).to_string().into_bytes()
}

fn not_yet() -> Response<Full<Bytes>> {
    let mut response =
        error(StatusCode::SERVICE_UNAVAILABLE, Code::NOT_COLLECTED_YET, "nothing has been collected yet");
    put(&mut response, header::RETRY_AFTER, "1");
    response
}

fn refused(refusal: Refusal) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(refusal.status()).expect("every refusal has an HTTP status");
    let mut response = error(status, refusal.code(), &refusal.to_string());
    match refusal {
        Refusal::MethodNotAllowed => put(&mut response, header::ALLOW, "GET, HEAD"),
        Refusal::TokenMissing | Refusal::TokenWrong => put(&mut response, header::WWW_AUTHENTICATE, "Bearer"),
        Refusal::HostUnclear | Refusal::ForeignHost | Refusal::ForeignPage | Refusal::TooBig => {}
    }
    // What else such a client has sent is not worth reading.
    put(&mut response, header::CONNECTION, "close");
    response
}

fn error(status: StatusCode, code: Code, message: &str) -> Response<Full<Bytes>> {
    let next = code.fault().next;
    let error = serde_json::json!({ "error": { "code": code.to_string(), "message": message, "next": next } });
    json(status, error.to_string().into_bytes())
}

fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    put(&mut response, header::CONTENT_TYPE, "application/json");
    put(&mut response, header::CACHE_CONTROL, "no-store");
    put(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

/// Sets a header to a text of ours.
fn put(response: &mut Response<Full<Bytes>>, name: HeaderName, value: &str) {
    let value = HeaderValue::from_str(value).expect("our own header values are visible ASCII");
    response.headers_mut().insert(name, value);
}
