//! What any source yields: what one API of one host answered, or how it failed, and when.

use std::time::Duration;

use crate::clock::Now;
use crate::fault::Code;
use crate::host::HostId;
use crate::report::read::Malformed;
use crate::report::{Api, Report};
use crate::text::HostText;

/// By what way an observation came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// Asked over HTTP.
    Http,
    /// Collected on this machine, in this process.
    Local,
    /// Made up.
    Demo,
    /// Read from a snapshot.
    Replay,
}

impl Way {
    /// Its word in JSON and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Local => "local",
            Self::Demo => "demo",
            Self::Replay => "replay",
        }
    }
}

/// One answer, or one failure to answer. Cheap to clone but for a failure's words.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Which host.
    pub host: HostId,
    /// Which of its APIs.
    pub api: Api,
    /// By what way.
    pub way: Way,
    /// When it arrived here, by this machine's clocks.
    pub at: Now,
    /// How long it took.
    pub took: Duration,
    /// What came.
    pub outcome: Result<Report, Failure>,
}

/// Why there is no report: what was asked, what happened, where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{address}: {kind}")]
pub struct Failure {
    /// What was asked: a URL without its secrets, or `this machine`.
    pub address: String,
    /// What happened.
    #[source]
    pub kind: FailureKind,
}

impl Failure {
    /// The code under which this is explained.
    pub const fn code(&self) -> Code {
        self.kind.code()
    }
}

/// What happened instead of an answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FailureKind {
    /// The name means nothing to the resolver.
    #[error("the name does not resolve")]
    NoSuchName,
    /// Nobody listens there.
    #[error("connection refused")]
    Refused,
    /// No way leads there.
    #[error("no route to the host")]
    NoRoute,
    /// Nothing came within the limit.
    #[error("no {waiting_for} within {limit:?}")]
    TimedOut {
        /// What was waited for: `connection`, `answer`, `whole answer`.
        waiting_for: &'static str,
        /// How long.
        limit: Duration,
    },
    /// The connection ended in the middle.
    #[error("the connection broke off ({why})")]
    BrokenOff {
        /// The transport's own words.
        why: String,
    },
    /// TLS could not be agreed on.
    #[error("no secure connection ({why})")]
    Tls {
        /// The transport's own words.
        why: String,
    },
    /// It was not asked: the token that belongs to it cannot be used.
    #[error("{why}")]
    TokenUnusable {
        /// Which fault of a token it is.
        code: Code,
        /// The cause, with the file that was to hold the token.
        why: String,
    },
    /// The host wants a token, or another one (401, 403).
    #[error("the host refuses the token (HTTP {status})")]
    Unauthorised {
        /// The HTTP status.
        status: u16,
    },
    /// The host sends elsewhere; redirects are not followed.
    #[error("the host redirects (HTTP {status}), which is not followed")]
    Redirected {
        /// The HTTP status.
        status: u16,
    },
    /// Another HTTP status than 200.
    #[error("the host answers HTTP {status}")]
    HttpStatus {
        /// The HTTP status.
        status: u16,
    },
    /// The body is no report.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// The compressed body does not unpack, or to more than is read.
    #[error("the compressed answer does not unpack ({why})")]
    Unpackable {
        /// The cause.
        why: String,
    },
    /// What was asked is not offered: the API is switched off for this host.
    #[error("not offered")]
    NotOffered,
    /// This machine could not be read.
    #[error("{}", crate::text::terminal::line(.why))]
    Unreadable {
        /// The cause.
        why: HostText,
    },
}

/// The coarse state that a failure puts a host's API in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// Not asked yet, or the first answer has not come.
    Waiting,
    /// It answers.
    Answering,
    /// It answers, but what it says is old.
    Stale,
    /// No answer.
    Unreachable,
    /// It answers, but not to us; or it is not asked, because its token cannot be used.
    Unauthorised,
    /// It answers, but not what can be read.
    Malformed,
    /// It answers with an error of its own.
    Faulty,
    /// Off, as expected.
    Off,
}

impl LinkState {
    /// Its word in JSON and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Answering => "answering",
            Self::Stale => "stale",
            Self::Unreachable => "unreachable",
            Self::Unauthorised => "unauthorised",
            Self::Malformed => "malformed",
            Self::Faulty => "faulty",
            Self::Off => "off",
        }
    }
}

impl FailureKind {
    /// The code under which this is explained.
    pub const fn code(&self) -> Code {
        match self {
            Self::NoSuchName => Code::NAME_UNKNOWN,
            Self::Refused => Code::REFUSED,
            Self::NoRoute => Code::NO_ROUTE,
            Self::TimedOut { .. } => Code::TIMED_OUT,
            Self::BrokenOff { .. } => Code::BROKEN_OFF,
            Self::Tls { .. } => Code::TLS,
            Self::TokenUnusable { code, .. } => *code,
            Self::Unauthorised { .. } => Code::UNAUTHORISED,
            Self::Redirected { .. } => Code::REDIRECTED,
            Self::HttpStatus { .. } => Code::HTTP_STATUS,
            Self::Malformed(Malformed::TooLarge) => Code::TOO_LARGE,
            Self::Malformed(Malformed::WebPage) => Code::WEB_PAGE,
            Self::Malformed(_) => Code::MALFORMED,
            Self::Unpackable { .. } => Code::UNPACKABLE,
            Self::NotOffered => Code::NOT_OFFERED,
            Self::Unreadable { .. } => Code::MACHINE_UNREADABLE,
        }
    }

    /// The coarse state that this puts the API in.
    pub const fn state(&self) -> LinkState {
        match self {
            Self::NoSuchName
            | Self::Refused
            | Self::NoRoute
            | Self::TimedOut { .. }
            | Self::BrokenOff { .. }
            | Self::Tls { .. } => LinkState::Unreachable,
            Self::TokenUnusable { .. } | Self::Unauthorised { .. } => LinkState::Unauthorised,
            Self::Malformed(_) | Self::Unpackable { .. } => LinkState::Malformed,
            Self::Redirected { .. } | Self::HttpStatus { .. } | Self::NotOffered | Self::Unreadable { .. } => {
                LinkState::Faulty
            }
        }
    }
}
