//! An answer whose head has come, over whichever transport: what the head says, and the body piece by piece.

use hyper::body::Bytes;
use hyper::header::{CONTENT_ENCODING, HeaderMap};
use hyper::{StatusCode, header};

use cm_model::observation::FailureKind;

use super::body::Packing;
use super::plain::{self, Line};
use super::{Limits, cause};

pub(super) enum Answer {
    /// Over `http`.
    Plain(Box<plain::Answer>),
    /// Over `https`.
    Secure(reqwest::Response),
}

impl Answer {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Plain(answer) => answer.status(),
            Self::Secure(answer) => answer.status(),
        }
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        match self {
            Self::Plain(answer) => answer.headers(),
            Self::Secure(answer) => answer.headers(),
        }
    }

    /// The length of the body on the wire, where the host tells it.
    pub(super) fn announced(&self) -> Option<u64> {
        match self {
            Self::Plain(answer) => answer.announced(),
            Self::Secure(answer) => answer.content_length(),
        }
    }

    /// How the body is packed; a fault where it is in a way that was not asked for.
    pub(super) fn packing(&self) -> Result<Packing, FailureKind> {
        let unpackable = |why: &str| Err(FailureKind::Unpackable { why: why.to_owned() });
        let mut encodings = self.headers().get_all(CONTENT_ENCODING).iter().map(header::HeaderValue::as_bytes);
        match (encodings.next(), encodings.next()) {
            (None | Some(b"identity" | b""), None) => Ok(Packing::None),
            (Some(word), None) if word.eq_ignore_ascii_case(b"gzip") || word.eq_ignore_ascii_case(b"x-gzip") => {
                Ok(Packing::Gzip)
            }
            (_, None) => unpackable("it is packed by another method than gzip"),
            (_, Some(_)) => unpackable("it is packed more than once"),
        }
    }

    /// The next bytes of the body; `None` at its end.
    pub(super) async fn chunk(&mut self, limits: Limits) -> Result<Option<Bytes>, FailureKind> {
        match self {
            Self::Plain(answer) => answer.chunk().await.map_err(|fault| cause::of(&fault, limits)),
            Self::Secure(answer) => answer.chunk().await.map_err(|fault| cause::of(&fault, limits)),
        }
    }

    /// The connection, where it is ours to keep and can be asked again.
    pub(super) async fn leave(self) -> Option<Line> {
        match self {
            Self::Plain(answer) => answer.leave().await,
            Self::Secure(_) => None,
        }
    }
}
