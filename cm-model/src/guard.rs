//! May this HTTP request come in? One pure decision for every HTTP server of this program, with a named reason.
//!
//! Loopback is no wall: a web page can make a browser on this machine send requests to it, under a name that the page's
//! owner points here (DNS rebinding) or straight across origins. So the `Host` must be a name of ours, whatever asks on
//! behalf of another page is refused, and only reading is offered. It knows no socket and no HTTP library; it never says
//! what the server holds, so a refusal may be sent to anybody. There is no scope in it: what it lets in may read, and
//! nothing that it guards can act.

use std::fmt;
use std::net::IpAddr;

use subtle::ConstantTimeEq;

use crate::fault::Code;

/// A bearer token: held to be compared, never to be printed.
#[derive(Clone)]
pub struct Token(Box<[u8]>);

/// Text that cannot be a bearer token. It does not hold the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token is 1 to {} visible ASCII characters without spaces", Token::MOST_BYTES)]
pub struct BadToken;

impl Token {
    /// The longest token that is taken.
    pub const MOST_BYTES: usize = 512;

    /// Takes a token over; white space around it (a file's last newline) does not count.
    pub fn new(text: &str) -> Result<Self, BadToken> {
        let text = text.trim().as_bytes();
        let good = (1..=Self::MOST_BYTES).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic);
        if good { Ok(Self(text.into())) } else { Err(BadToken) }
    }

    /// Whether another text is the same, in a time that tells nothing but whether the lengths agree.
    pub fn matches(&self, given: &[u8]) -> bool {
        self.0.ct_eq(given).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

/// A header that must not be there twice: two answers to one question are how checks are walked round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Header<'a> {
    /// Not sent.
    #[default]
    Absent,
    /// Sent once.
    Once(&'a [u8]),
    /// Sent more than once.
    Repeated,
}

impl<'a> Header<'a> {
    /// From every value under which it was sent.
    pub fn from_values(values: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut values = values.into_iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => Self::Once(value),
            (Some(_), Some(_)) => Self::Repeated,
        }
    }
}

/// What the decision looks at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// The method, as sent.
    pub method: &'a str,
    /// `host:port` out of the request line, where that holds a whole URL.
    pub authority: Option<&'a str>,
    /// The address at which the connection came in: it is one of ours by then.
    pub arrived_at: Option<IpAddr>,
    /// `Host`.
    pub host: Header<'a>,
    /// `Origin`.
    pub origin: Header<'a>,
    /// `Sec-Fetch-Site`.
    pub fetch_site: Header<'a>,
    /// `Authorization`.
    pub authorization: Header<'a>,
    /// Whether a body comes with it.
    pub body: bool,
}

/// The names under which a server may be asked, with any port or none: `localhost`, loopback addresses, the addresses it
/// listens on and what its owner adds.
#[derive(Debug, Clone, Default)]
pub struct Names {
    names: Vec<Box<str>>,
    addresses: Vec<IpAddr>,
}

impl Names {
    /// From names (any letter case; an address that clients see from behind a router is one too) and addresses. The unspecified address (`0.0.0.0`, `::`) adds nothing: where it is
    /// listened on, [`Request::arrived_at`] has the real one.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        let mut known = Self::default();
        known.addresses.extend(addresses.into_iter().map(|address| address.to_canonical()));
        for name in names {
            match name.parse::<IpAddr>() {
                Ok(address) => known.addresses.push(address.to_canonical()),
                Err(_) => known.names.push(bare(name).into()),
            }
        }
        known
    }

    /// Whether `host`, `host:port`, `[address]` or `[address]:port` is one of them.
    pub fn hold(&self, authority: &str, arrived_at: Option<IpAddr>) -> bool {
        let Some(host) = host_of(authority) else { return false };
        if let Ok(address) = host.parse::<IpAddr>().map(|address| address.to_canonical()) {
            let arrived = arrived_at.is_some_and(|at| at.to_canonical() == address);
            return !address.is_unspecified()
                && (address.is_loopback() || arrived || self.addresses.contains(&address));
        }
        let host = bare(host);
        host.eq_ignore_ascii_case("localhost") || self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// A name without the dot that makes it absolute.
fn bare(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// The host of `host`, `host:port`, `[address]` or `[address]:port`; none where it is none of these.
fn host_of(authority: &str) -> Option<&str> {
    let (host, rest) = if let Some(inside) = authority.strip_prefix('[') {
        let (address, rest) = inside.split_once(']')?;
        address.parse::<std::net::Ipv6Addr>().ok()?;
        (address, rest)
    } else {
        authority.split_at(authority.find(':').unwrap_or(authority.len()))
    };
    let port_is_good = match rest.strip_prefix(':') {
        None => rest.is_empty(),
        Some(port) => port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok(),
    };
    (port_is_good && !host.is_empty()).then_some(host)
}

/// What a server lets in.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// The names under which it may be asked.
    pub names: &'a Names,
    /// The token that must come with the request; none where anybody may read.
    pub token: Option<&'a Token>,
}

/// Why a request may not come in. Safe to send to anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// No `Host`, two of them, or one that is no host.
    #[error("the request must name one host")]
    HostUnclear,
    /// A name that is none of ours: a mistake, or DNS rebinding.
    #[error("this server is not known under that name")]
    ForeignHost,
    /// Sent by a browser on behalf of a page that did not come from here.
    #[error("web pages from elsewhere may not ask")]
    ForeignPage,
    /// Neither GET nor HEAD.
    #[error("only GET and HEAD are answered")]
    MethodNotAllowed,
    /// It brings a body, and none is taken.
    #[error("no body is taken")]
    TooBig,
    /// A token is needed and none came.
    #[error("a bearer token is needed")]
    TokenMissing,
    /// A token is needed and another one came.
    #[error("the bearer token is not the right one")]
    TokenWrong,
}

impl Refusal {
    /// The HTTP status that says it.
    pub const fn status(self) -> u16 {
        match self {
            Self::HostUnclear => 400,
            Self::TokenMissing | Self::TokenWrong => 401,
            Self::ForeignPage => 403,
            Self::MethodNotAllowed => 405,
            Self::TooBig => 413,
            Self::ForeignHost => 421,
        }
    }

    /// The code under which it is explained.
    pub const fn code(self) -> Code {
        match self {
            Self::HostUnclear | Self::MethodNotAllowed | Self::TooBig => Code::REQUEST_REFUSED,
            Self::ForeignHost => Code::FOREIGN_NAME,
            Self::ForeignPage => Code::FOREIGN_PAGE,
            Self::TokenMissing | Self::TokenWrong => Code::UNAUTHORISED,
        }
    }
}

/// Decides whether a request may come in; the first reason against it is given. Names are checked first, so that a page
/// under a foreign name learns nothing else, not even whether a token is needed.
pub fn admit(request: &Request<'_>, policy: &Policy<'_>) -> Result<(), Refusal> {
    let host = own_host(request, policy.names)?;
    own_page(request, host)?;
    if !matches!(request.method, "GET" | "HEAD") {
        return Err(Refusal::MethodNotAllowed);
    }
    if request.body {
        return Err(Refusal::TooBig);
    }
    policy.token.map_or(Ok(()), |token| right_token(request.authorization, token))
}

/// The `Host`, if it is ours. A URL in the request line counts instead of it (RFC 9112, 3.2.2), so both are checked.
fn own_host<'a>(request: &Request<'a>, names: &Names) -> Result<&'a str, Refusal> {
    let Header::Once(host) = request.host else { return Err(Refusal::HostUnclear) };
    let host = std::str::from_utf8(host).map_err(|_| Refusal::HostUnclear)?;
    let ours = |authority| names.hold(authority, request.arrived_at);
    if ours(host) && request.authority.is_none_or(ours) { Ok(host) } else { Err(Refusal::ForeignHost) }
}

/// Whether the request comes from no page, or from one of this very server.
fn own_page(request: &Request<'_>, host: &str) -> Result<(), Refusal> {
    let same_origin = match request.origin {
        Header::Absent => true,
        Header::Repeated => false,
        Header::Once(origin) => {
            let authority = origin.strip_prefix(b"http://").or_else(|| origin.strip_prefix(b"https://"));
            authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_bytes()))
        }
    };
    // `none` is the user's own doing: an address typed in, a bookmark.
    let same_site = matches!(request.fetch_site, Header::Absent | Header::Once(b"same-origin" | b"none"));
    if same_origin && same_site { Ok(()) } else { Err(Refusal::ForeignPage) }
}

/// Whether `Authorization` holds the token.
fn right_token(authorization: Header<'_>, token: &Token) -> Result<(), Refusal> {
    let value = match authorization {
        Header::Absent => return Err(Refusal::TokenMissing),
        Header::Repeated => return Err(Refusal::TokenWrong),
        Header::Once(value) => value,
    };
    let given = value.split_at_checked(7).filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "));
    match given {
        Some((_, given)) if token.matches(given.trim_ascii()) => Ok(()),
        Some(_) => Err(Refusal::TokenWrong),
        None => Err(Refusal::TokenMissing),
    }
}

#[cfg(test)]
mod tests;
