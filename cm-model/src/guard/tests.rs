//! The decision as tables.

use super::*;

const RIGHT: &str = "Bearer 0123456789abcdef";

fn names() -> Names {
    Names::new(
        ["srv01", "srv01.home.example.", "203.0.113.5"],
        ["192.168.1.7".parse().unwrap(), "fd00::7".parse().unwrap()],
    )
}

fn verdict(request: &Request<'_>, token: Option<&str>) -> Result<(), Refusal> {
    let token = token.map(|token| Token::new(token).unwrap());
    admit(request, &Policy { names: &names(), token: token.as_ref() })
}

fn get<'a>() -> Request<'a> {
    Request { method: "GET", host: Header::Once(b"localhost:6127"), ..Request::default() }
}

#[test]
fn only_our_own_names_are_answered() {
    let ours = [
        "localhost",
        "LOCALHOST:6127",
        "localhost.",
        "127.0.0.1:6128",
        "127.0.0.53",
        "[::1]:6129",
        "[::ffff:127.0.0.1]",
        "192.168.1.7",
        "192.168.1.7:80",
        "[fd00::7]:6127",
        "srv01",
        "Srv01:6127",
        "srv01.home.example:6127",
        "10.9.8.7:6127",
        "203.0.113.5:6127",
    ];
    let foreign = [
        "evil.example",
        "evil.example:6127",
        "localhost.evil.example",
        "evil.example.localhost",
        "127.0.0.1.evil.example",
        "srv01.evil.example",
        "user@localhost",
        "localhost:6127@evil.example",
        "192.168.1.8",
        "0.0.0.0",
        "[::]",
        "[fd00::8]",
        "fd00::7",
        "[localhost]",
        "[127.0.0.1]",
        "127.1",
        "0x7f000001",
        "2130706433",
        "localhost:",
        "localhost:99999",
        "localhost:+80",
        "localhost:80:80",
        "localhost/",
        " localhost",
        ":6127",
        "",
    ];
    for (hosts, expected) in [(&ours[..], Ok(())), (&foreign[..], Err(Refusal::ForeignHost))] {
        for host in hosts {
            let arrived_at = Some("10.9.8.7".parse().unwrap());
            let request = Request { host: Header::Once(host.as_bytes()), arrived_at, ..get() };
            assert_eq!(verdict(&request, None), expected, "{host:?}");
        }
    }
}

#[test]
fn a_request_must_name_one_host() {
    for host in [Header::Absent, Header::Repeated, Header::Once(b"local\xffhost")] {
        assert_eq!(verdict(&Request { host, ..get() }, None), Err(Refusal::HostUnclear), "{host:?}");
    }
    let both = |authority| Request { authority: Some(authority), ..get() };
    assert_eq!(verdict(&both("127.0.0.1:6127"), None), Ok(()));
    assert_eq!(verdict(&both("evil.example"), None), Err(Refusal::ForeignHost));
}

#[test]
fn pages_from_elsewhere_are_refused() {
    let origins: [(&[u8], _); 8] = [
        (b"http://localhost:6127", Ok(())),
        (b"https://LOCALHOST:6127", Ok(())),
        (b"http://localhost:3000", Err(Refusal::ForeignPage)),
        (b"http://localhost", Err(Refusal::ForeignPage)),
        (b"http://evil.example", Err(Refusal::ForeignPage)),
        (b"null", Err(Refusal::ForeignPage)),
        (b"", Err(Refusal::ForeignPage)),
        (b"file://localhost:6127", Err(Refusal::ForeignPage)),
    ];
    for (origin, expected) in origins {
        assert_eq!(verdict(&Request { origin: Header::Once(origin), ..get() }, None), expected, "{origin:?}");
    }
    assert_eq!(verdict(&Request { origin: Header::Repeated, ..get() }, None), Err(Refusal::ForeignPage));
    let sites: [(&[u8], _); 5] = [
        (b"same-origin", Ok(())),
        (b"none", Ok(())),
        (b"same-site", Err(Refusal::ForeignPage)),
        (b"cross-site", Err(Refusal::ForeignPage)),
        (b"anything", Err(Refusal::ForeignPage)),
    ];
    for (site, expected) in sites {
        assert_eq!(verdict(&Request { fetch_site: Header::Once(site), ..get() }, None), expected, "{site:?}");
    }
    assert_eq!(verdict(&Request { fetch_site: Header::Repeated, ..get() }, None), Err(Refusal::ForeignPage));
}

#[test]
fn only_reading_is_offered() {
    for method in ["GET", "HEAD"] {
        assert_eq!(verdict(&Request { method, ..get() }, None), Ok(()));
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "get", ""] {
        assert_eq!(verdict(&Request { method, ..get() }, None), Err(Refusal::MethodNotAllowed), "{method}");
    }
    assert_eq!(verdict(&Request { body: true, ..get() }, None), Err(Refusal::TooBig));
}

#[test]
fn a_token_is_compared_whole() {
    let given: [(Header<'_>, _); 13] = [
        (Header::Once(RIGHT.as_bytes()), Ok(())),
        (Header::Once(b"bearer 0123456789abcdef"), Ok(())),
        (Header::Once(b"BEARER   0123456789abcdef "), Ok(())),
        (Header::Absent, Err(Refusal::TokenMissing)),
        (Header::Once(b""), Err(Refusal::TokenMissing)),
        (Header::Once(b"0123456789abcdef"), Err(Refusal::TokenMissing)),
        (Header::Once(b"Basic 0123456789abcdef"), Err(Refusal::TokenMissing)),
        (Header::Once(b"Bearer"), Err(Refusal::TokenMissing)),
        (Header::Once(b"Bearer "), Err(Refusal::TokenWrong)),
        (Header::Once(b"Bearer 0123456789abcde"), Err(Refusal::TokenWrong)),
        (Header::Once(b"Bearer 0123456789abcdef0"), Err(Refusal::TokenWrong)),
        (Header::Once(b"Bearer 0123456789ABCDEF"), Err(Refusal::TokenWrong)),
        (Header::Repeated, Err(Refusal::TokenWrong)),
    ];
    for (authorization, expected) in given {
        let request = Request { authorization, ..get() };
        assert_eq!(verdict(&request, Some("0123456789abcdef\n")), expected, "{authorization:?}");
        assert_eq!(verdict(&request, None), Ok(()), "no token is asked for");
    }
}

#[test]
fn a_foreign_name_learns_nothing_about_tokens_or_methods() {
    let request = Request { method: "POST", host: Header::Once(b"evil.example"), body: true, ..Request::default() };
    assert_eq!(verdict(&request, Some("secret")), Err(Refusal::ForeignHost));
}

#[test]
fn a_token_neither_prints_nor_holds_what_no_header_can() {
    for bad in ["", "  \n", "two words", "li\nne", "ümlaut", "\u{1b}[31m"] {
        assert_eq!(Token::new(bad).err(), Some(BadToken), "{bad:?}");
    }
    assert!(Token::new(&"x".repeat(Token::MOST_BYTES)).is_ok());
    assert!(Token::new(&"x".repeat(Token::MOST_BYTES + 1)).is_err());
    assert_eq!(format!("{:?}", Token::new("marker-secret").unwrap()), "Token(hidden)");
}
