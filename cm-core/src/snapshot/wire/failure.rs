//! A failure in the snapshot's text: a word for its kind and whatever else that kind holds.
//!
//! Words are append-only. The matches name every kind, so that a new one does not compile before it has a word here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use cm_model::fault::Code;
use cm_model::observation::{Failure, FailureKind};
use cm_model::report::read::Malformed;
use cm_model::text::HostText;

use super::{shown, whole};

#[derive(Serialize, Deserialize, Default)]
pub(super) struct FailureLine {
    address: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_for: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

impl FailureLine {
    pub(super) fn of(failure: &Failure) -> Self {
        let bare = |kind: &str| Self { address: failure.address.clone(), kind: kind.to_owned(), ..Self::default() };
        let why = |kind, why: &str| Self { why: Some(why.to_owned()), ..bare(kind) };
        let status = |kind, status| Self { status: Some(status), ..bare(kind) };
        match &failure.kind {
            FailureKind::NoSuchName => bare("no_such_name"),
            FailureKind::Refused => bare("refused"),
            FailureKind::NoRoute => bare("no_route"),
            FailureKind::TimedOut { waiting_for, limit } => Self {
                waiting_for: Some((*waiting_for).to_owned()),
                limit_ms: Some(whole(limit.as_millis())),
                ..bare("timed_out")
            },
            FailureKind::BrokenOff { why: words } => why("broken_off", words),
            FailureKind::Tls { why: words } => why("tls", words),
            FailureKind::TokenUnusable { code, why: words } => {
                Self { code: Some(code.to_string()), ..why("token_unusable", words) }
            }
            FailureKind::Unauthorised { status: number } => status("unauthorised", *number),
            FailureKind::Redirected { status: number } => status("redirected", *number),
            FailureKind::HttpStatus { status: number } => status("http_status", *number),
            FailureKind::Unpackable { why: words } => why("unpackable", words),
            FailureKind::NotOffered => bare("not_offered"),
            FailureKind::Unreadable { why: words } => why("unreadable", words.raw()),
            FailureKind::Malformed(Malformed::TooLarge) => bare("too_large"),
            FailureKind::Malformed(Malformed::TooDeep) => bare("too_deep"),
            FailureKind::Malformed(Malformed::Empty) => bare("empty"),
            FailureKind::Malformed(Malformed::WebPage) => bare("web_page"),
            FailureKind::Malformed(Malformed::NotUtf8 { at }) => Self { byte: Some(*at), ..bare("not_utf8") },
            FailureKind::Malformed(Malformed::NotJson { line, column, why: words }) => {
                Self { line: Some(*line), column: Some(*column), ..why("not_json", words) }
            }
            FailureKind::Malformed(Malformed::WrongShape { path, line, column, why: words }) => {
                Self { path: Some(path.clone()), line: Some(*line), column: Some(*column), ..why("wrong_shape", words) }
            }
        }
    }

    pub(super) fn into_failure(self) -> Failure {
        let why = shown(self.why.as_deref().unwrap_or_default());
        let status = self.status.unwrap_or_default();
        let (line, column) = (self.line.unwrap_or_default(), self.column.unwrap_or_default());
        let kind = match self.kind.as_str() {
            "no_such_name" => FailureKind::NoSuchName,
            "refused" => FailureKind::Refused,
            "no_route" => FailureKind::NoRoute,
            "timed_out" => FailureKind::TimedOut {
                waiting_for: waited_for(self.waiting_for.as_deref()),
                limit: Duration::from_millis(self.limit_ms.unwrap_or_default()),
            },
            "broken_off" => FailureKind::BrokenOff { why },
            "tls" => FailureKind::Tls { why },
            "token_unusable" => {
                let code = self.code.as_deref().and_then(|code| code.parse().ok());
                FailureKind::TokenUnusable { code: code.unwrap_or(Code::TOKEN_UNREADABLE), why }
            }
            "unauthorised" => FailureKind::Unauthorised { status },
            "redirected" => FailureKind::Redirected { status },
            "http_status" => FailureKind::HttpStatus { status },
            "unpackable" => FailureKind::Unpackable { why },
            "not_offered" => FailureKind::NotOffered,
            "unreadable" => FailureKind::Unreadable { why: HostText::new(why) },
            "too_large" => Malformed::TooLarge.into(),
            "too_deep" => Malformed::TooDeep.into(),
            "empty" => Malformed::Empty.into(),
            "web_page" => Malformed::WebPage.into(),
            "not_utf8" => Malformed::NotUtf8 { at: self.byte.unwrap_or_default() }.into(),
            "not_json" => Malformed::NotJson { line, column, why }.into(),
            "wrong_shape" => {
                let path = shown(self.path.as_deref().unwrap_or_default());
                Malformed::WrongShape { path, line, column, why }.into()
            }
            newer => {
                FailureKind::Unreadable { why: HostText::new(format!("a newer kind of failure: {}", shown(newer))) }
            }
        };
        Failure { address: shown(&self.address), kind }
    }
}

/// The words that the sources use; any other is the most general of them.
fn waited_for(word: Option<&str>) -> &'static str {
    ["connection", "whole answer"].into_iter().find(|known| Some(*known) == word).unwrap_or("answer")
}
