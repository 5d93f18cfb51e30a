//! Where a host answers: a name or an IP address, and the URL of each API made from it.
//!
//! Addresses are read as the HTTP client will read them, so what passes here can be asked. Nothing is resolved.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use cm_model::report::Api;
use url::{Host, Url};

/// A host's address as the owner wrote it, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    scheme: Scheme,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Name(String),
    V4(Ipv4Addr),
    V6(Ipv6Addr, Option<Box<str>>),
}

/// An IPv6 address that holds on one interface alone (`fe80::1%eth0`), which no URL can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkLocal {
    /// The address.
    pub address: Ipv6Addr,
    /// The interface's name, or its number: 1 to 15 characters.
    pub interface: Box<str>,
}

/// What an API setting says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiSetting {
    /// On this port of the host's address.
    Port(u16),
    /// At this URL.
    Url(Url),
    /// The host does not have it.
    Absent,
}

/// Why text is no address: a sentence without a full stop, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NoAddress {
    /// What is wrong with it.
    pub why: &'static str,
    /// What to write instead, where that can be told; it may quote the text.
    pub next: Option<String>,
}

fn no(why: &'static str) -> NoAddress {
    NoAddress { why, next: None }
}

impl FromStr for Address {
    type Err = NoAddress;

    /// A name, an IPv4 or IPv6 address, the latter with or without brackets and zone; `https://` before it for TLS.
    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Scheme::Https, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Scheme::Http, rest),
            Some(_) => return Err(no("only http:// and https:// are spoken")),
            None => (Scheme::Http, text),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.is_empty() {
            return Err(no("it is empty"));
        }
        if rest.contains(['/', '?', '#', '@']) {
            let next = "Write the whole URL at smart_api, service_api and backup_api, and the name alone at address.";
            return Err(NoAddress {
                why: "an address has no user name, no password and no path",
                next: Some(next.to_owned()),
            });
        }
        Place::read(rest).map(|place| Self { scheme, place })
    }
}

impl Address {
    /// Whether it is this machine by the loopback interface, where nobody else can listen in.
    fn is_loopback(&self) -> bool {
        match &self.place {
            Place::Name(name) => name == "localhost" || name.ends_with(".localhost"),
            Place::V4(address) => address.is_loopback(),
            Place::V6(address, _) => address.is_loopback(),
        }
    }

    /// The URL of an API of a host, and where that URL cannot say all, to what to connect instead of resolving it.
    /// `None` where the host does not have the API.
    pub(crate) fn at(&self, host: &str, setting: &ApiSetting) -> Option<(Url, Option<LinkLocal>)> {
        let (port, scheme) = match setting {
            ApiSetting::Absent => return None,
            ApiSetting::Url(url) => return Some((url.clone(), None)),
            ApiSetting::Port(port) => (port, if self.scheme == Scheme::Https { "https" } else { "http" }),
        };
        let (name, link_local) = match &self.place {
            Place::V6(address, Some(zone)) => {
                (host.to_owned(), Some(LinkLocal { address: *address, interface: zone.clone() }))
            }
            Place::V6(address, None) => (format!("[{address}]"), None),
            Place::V4(address) => (address.to_string(), None),
            Place::Name(name) => (name.clone(), None),
        };
        let url = Url::parse(&format!("{scheme}://{name}:{port}/")).ok()?;
        Some((url, link_local))
    }
}

impl Place {
    fn read(text: &str) -> Result<Self, NoAddress> {
        let bare = match text.strip_prefix('[') {
            Some(inner) => inner.strip_suffix(']').ok_or_else(|| port_at(text, inner.split_once(']')))?,
            None => text,
        };
        let (number, zone) = match bare.split_once('%') {
            Some((number, zone)) => (number, Some(zone.strip_prefix("25").filter(|z| !z.is_empty()).unwrap_or(zone))),
            None => (bare, None),
        };
        match (number.parse::<IpAddr>(), zone) {
            (Ok(IpAddr::V6(address)), None) => return Ok(Self::V6(address, None)),
            (Ok(IpAddr::V6(address)), Some(zone)) if is_interface(zone) => {
                return Ok(Self::V6(address, Some(zone.into())));
            }
            (Ok(IpAddr::V6(_)), Some(_)) => return Err(no("what stands behind % is no interface")),
            (Ok(IpAddr::V4(address)), None) if bare.len() == text.len() => return Ok(Self::V4(address)),
            _ if bare.len() < text.len() => return Err(no("brackets stand around an IPv6 address alone")),
            _ => {}
        }
        if let Some((name, port)) = text.split_once(':') {
            if port.contains(':') {
                return Err(no("this is no IPv6 address"));
            }
            return Err(port_at(text, Some((name, port))));
        }
        match Host::parse(text) {
            // `1`, `0x7f.1`: what a URL takes for a number is nothing that anybody means.
            Ok(Host::Ipv4(_)) => Err(no("this is no whole IPv4 address")),
            Ok(Host::Domain(name)) if name.len() <= 253 && !name.starts_with('.') => Ok(Self::Name(name)),
            _ => Err(no("this is neither a name nor an IP address")),
        }
    }
}

/// What to say of `srv01:6127` and `[::1]:6127`.
fn port_at(text: &str, parts: Option<(&str, &str)>) -> NoAddress {
    let Some((_, port)) = parts.filter(|(_, port)| port.trim_start_matches(':').parse::<u16>().is_ok()) else {
        return no(if text.starts_with('[') { "the closing bracket is missing" } else { "this is no address" });
    };
    let port = port.trim_start_matches(':');
    let next = format!("Write the port at smart_api, service_api or backup_api: smart_api = {port}");
    NoAddress { why: "an address has no port", next: Some(next) }
}

fn is_interface(text: &str) -> bool {
    (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() && b != b'/' && b != b'%')
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scheme == Scheme::Https {
            f.write_str("https://")?;
        }
        match &self.place {
            Place::Name(name) => f.write_str(name),
            Place::V4(address) => address.fmt(f),
            Place::V6(address, None) => address.fmt(f),
            Place::V6(address, Some(zone)) => write!(f, "{address}%{zone}"),
        }
    }
}

impl ApiSetting {
    /// A URL that can be asked: http or https, no user name or password, no fragment.
    pub(crate) fn read_url(text: &str) -> Result<Self, NoAddress> {
        if let Ok(port) = text.trim().parse::<u16>() {
            let next = format!("Write the port without quotes: {port}");
            return Err(NoAddress { why: "a port is a number, not text", next: Some(next) });
        }
        if !text.contains("://") {
            let next = format!("Write http://{text}, or the port alone if the rest is the host's address.");
            return Err(NoAddress { why: "this is no URL", next: Some(next) });
        }
        let url = Url::parse(text).map_err(|_| no("this is no URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(no("only http:// and https:// are spoken"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let next = "Write the secret into a file, and the file's name at token_file.";
            return Err(NoAddress { why: "a URL must hold no user name and no password", next: Some(next.to_owned()) });
        }
        if url.fragment().is_some() {
            return Err(no("the part behind # is never sent"));
        }
        Ok(Self::Url(url))
    }

    /// The usual port of an API.
    pub(crate) const fn usual(api: Api) -> Self {
        Self::Port(api.default_port())
    }
}

/// Whether a token sent to this URL could be read on the way: no TLS, and not on this machine.
pub(crate) fn is_open_to_listeners(url: &Url, link_local: bool) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => {
            !link_local && Address { scheme: Scheme::Http, place: Place::Name(name.to_owned()) }.is_loopback()
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && !loopback
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (text, url) in [
            ("srv01", "http://srv01:6127/"),
            ("SRV01.lan", "http://srv01.lan:6127/"),
            ("under_score", "http://under_score:6127/"),
            ("bücher.example", "http://xn--bcher-kva.example:6127/"),
            ("192.168.1.5", "http://192.168.1.5:6127/"),
            ("fe80::1", "http://[fe80::1]:6127/"),
            ("[2001:db8::1]", "http://[2001:db8::1]:6127/"),
            ("https://srv01.lan", "https://srv01.lan:6127/"),
            ("HTTPS://[::1]/", "https://[::1]:6127/"),
        ] {
            let address = Address::from_str(text).unwrap();
            let (made, link_local) = address.at("srv01", &ApiSetting::Port(6127)).unwrap();
            assert_eq!((made.as_str(), link_local), (url, None), "{text}");
        }
    }

    #[test]
    fn a_zone_goes_beside_the_url() {
        for text in ["fe80::1%eth0", "[fe80::1%eth0]", "[fe80::1%25eth0]"] {
            let (url, link_local) = Address::from_str(text).unwrap().at("srv01", &ApiSetting::Port(6127)).unwrap();
            assert_eq!(url.as_str(), "http://srv01:6127/");
            let expected = LinkLocal { address: "fe80::1".parse().unwrap(), interface: "eth0".into() };
            assert_eq!(link_local, Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_says_why() {
        for (text, why, next) in [
            ("", "empty", ""),
            ("srv01:6127", "no port", "smart_api = 6127"),
            ("[::1]:6127", "no port", "smart_api = 6127"),
            ("http://srv01/smart", "no path", "whole URL"),
            ("root@srv01", "user name", "whole URL"),
            ("ftp://srv01", "only http", ""),
            ("[::1", "closing bracket", ""),
            ("[srv01]", "brackets", ""),
            ("1", "whole IPv4", ""),
            ("0x7f.1", "whole IPv4", ""),
            ("256.1.1.1", "neither", ""),
            ("fe80::1%", "interface", ""),
            ("fe80::1%a/b", "path", ""),
            ("1::2::3", "no IPv6", ""),
            ("two words", "neither", ""),
            ("srv01\u{1b}[31m", "neither", ""),
        ] {
            let error = Address::from_str(text).unwrap_err();
            assert!(error.why.contains(why), "{text}: {}", error.why);
            assert!(error.next.as_deref().unwrap_or("").contains(next), "{text}: {:?}", error.next);
        }
    }

    #[test]
    fn urls_hold_no_secrets() {
        for (text, why) in [
            ("6127", "number"),
            ("srv01/smart", "no URL"),
            ("file:///etc/passwd", "only http"),
            ("http://user:secret@srv01/", "password"),
            ("http://srv01/#part", "behind #"),
            ("http://", "no URL"),
        ] {
            assert!(ApiSetting::read_url(text).unwrap_err().why.contains(why), "{text}");
        }
        let url = ApiSetting::read_url("https://srv01.lan/api/smart?v=1").unwrap();
        assert!(matches!(url, ApiSetting::Url(url) if url.path() == "/api/smart"));
    }

    #[test]
    fn only_tls_and_loopback_hide_a_token() {
        for (url, open) in [
            ("http://srv01:6127/", true),
            ("https://srv01:6127/", false),
            ("http://localhost:6127/", false),
            ("http://127.3.2.1/", false),
            ("http://[::1]/", false),
            ("http://localhost.evil.example/", true),
            ("http://10.0.0.1/", true),
        ] {
            assert_eq!(is_open_to_listeners(&Url::parse(url).unwrap(), false), open, "{url}");
        }
    }
}
