//! Asking over plain HTTP, on connections that cost next to nothing between two asks.
//!
//! A kept connection is a bare socket. What HTTP needs beside it, some 30 KB of buffers and a channel, is there for one
//! ask and gone with it: a fleet of 200 has 600 connections, of which a handful are in use at any moment. It knows how a
//! request goes out and an answer comes in, and nothing of what either says.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper::header::HeaderMap;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tower_service::Service;

use cm_model::observation::FailureKind;

use super::names::Names;
use super::{Limits, cause, patience};

type Socket = TokioIo<TcpStream>;
type Nothing = Empty<Bytes>;

/// A connection between two asks.
#[derive(Debug)]
pub(super) struct Line(Socket);

impl Line {
    /// Whether nothing has come on it since: neither an end nor a word that nobody asked for.
    fn is_quiet(&self) -> bool {
        let looked = self.0.inner().try_read(&mut [0]);
        looked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }
}

/// Opens connections.
#[derive(Debug, Clone)]
pub(super) struct Dialler {
    connector: HttpConnector<Names>,
    limits: Limits,
}

impl Dialler {
    pub(super) fn new(limits: Limits, names: Names) -> Self {
        let mut connector = HttpConnector::new_with_resolver(names);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(limits.connection));
        // A host that vanished is noticed even where it is asked once an hour.
        connector.set_keepalive(Some(Duration::from_secs(15)));
        Self { connector, limits }
    }

    /// Sends a request on a kept connection, or on a new one to the host of `to`, and waits for the head of the answer.
    pub(super) async fn ask(
        &self,
        kept: Option<Line>,
        to: &str,
        request: Request<Nothing>,
        started: Instant,
    ) -> Result<Answer, FailureKind> {
        let line = match kept.filter(Line::is_quiet) {
            Some(line) => line,
            None => self.dial(to, started).await?,
        };
        let asked = patience::until(started + self.limits.answer, Box::pin(converse(line, request))).await;
        let timed_out = FailureKind::TimedOut { waiting_for: "answer", limit: self.limits.answer };
        asked.ok_or(timed_out)?.map_err(|fault| cause::of(&fault, self.limits))
    }

    async fn dial(&self, to: &str, started: Instant) -> Result<Line, FailureKind> {
        let to: Uri = to.parse().map_err(|fault| cause::of(&fault, self.limits))?;
        let dialled = patience::until(started + self.limits.connection, self.connector.clone().call(to)).await;
        let timed_out = FailureKind::TimedOut { waiting_for: "connection", limit: self.limits.connection };
        dialled.ok_or(timed_out)?.map(Line).map_err(|fault| cause::of(&fault, self.limits))
    }
}

async fn converse(Line(socket): Line, request: Request<Nothing>) -> hyper::Result<Answer> {
    let (mut sender, connection) = http1::handshake(socket).await?;
    let asked = sender.send_request(request);
    let mut talk = Talk { sender, connection, is_over: false };
    let response = talk.until(asked).await?;
    Ok(Answer { response, talk })
}

/// A connection in use.
struct Talk {
    sender: SendRequest<Nothing>,
    connection: Connection<Socket, Nothing>,
    is_over: bool,
}

impl Talk {
    /// Waits for something that the connection brings, which moves only while somebody waits here.
    async fn until<F: Future>(&mut self, work: F) -> F::Output {
        let mut work = pin!(work);
        poll_fn(|context| {
            // How it ended is told to whoever waits for the answer or its body.
            self.is_over = self.is_over || Pin::new(&mut self.connection).poll(context).is_ready();
            work.as_mut().poll(context)
        })
        .await
    }
}

/// An answer, of which the body is still to come.
pub(super) struct Answer {
    response: Response<Incoming>,
    talk: Talk,
}

impl Answer {
    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The length of the body, where the host tells it.
    pub(super) fn announced(&self) -> Option<u64> {
        self.response.body().size_hint().exact()
    }

    /// The next bytes of the body; `None` at its end.
    pub(super) async fn chunk(&mut self) -> hyper::Result<Option<Bytes>> {
        let Self { response, talk } = self;
        while let Some(frame) = talk.until(response.body_mut().frame()).await.transpose()? {
            // What is no data is a trailer, of which none means anything.
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// The connection, if it can be asked again: the host keeps it, and nothing of this answer is left on it.
    pub(super) async fn leave(self) -> Option<Line> {
        let Self { response, mut talk } = self;
        drop(response);
        // One turn, in which the connection notices that this is over.
        talk.until(std::future::ready(())).await;
        if talk.is_over || !talk.sender.is_ready() {
            return None;
        }
        let parts = talk.connection.into_parts();
        parts.read_buf.is_empty().then_some(Line(parts.io))
    }
}
