//! A server that does everything wrong, and what is made of it: a typed state for that host, and nothing for the others.
#![expect(clippy::unwrap_used, reason = "all of it is test code, which clippy knows of its test functions alone")]

mod script;

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use cm_core::api::{Client, Endpoint, Limits, PlainToken};
use cm_core::clock::{Clock, SystemClock};
use cm_core::fault::Code;
use cm_core::host::HostId;
use cm_core::observation::{FailureKind, LinkState, Observation};
use cm_core::report::{Api, Report};
use cm_core::source::{self, Rounds};
use flate2::{Compression, write::GzEncoder};
use futures_util::StreamExt;

use script::{Script, Stage, blackhole, closed_port};

const TOKEN: &str = "t0ken-marker";
const GOOD: &str = r#"{"status":"ok","drives":[{"name":"nvme0n1","temperature_c":56}],"summary":{},"issues":[],"timestamp":1766000000}"#;

/// Short, so that hosts that hang are over soon; the server's own pace is shorter still.
const LIMITS: Limits = Limits {
    connection: Duration::from_secs(1),
    answer: Duration::from_millis(1500),
    whole: Duration::from_millis(2500),
};

/// What a case is to come to.
#[derive(Debug, Clone, Copy)]
enum Expect {
    Report,
    Failure(LinkState, &'static [Code]),
}

use Expect::Failure;
const UNREACHABLE: LinkState = LinkState::Unreachable;
const MALFORMED: Expect = Failure(LinkState::Malformed, &[Code::MALFORMED]);
const TOO_LARGE: Expect = Failure(LinkState::Malformed, &[Code::TOO_LARGE]);
const WEB_PAGE: Expect = Failure(LinkState::Malformed, &[Code::WEB_PAGE]);
const UNPACKABLE: Expect = Failure(LinkState::Malformed, &[Code::UNPACKABLE]);
const TIMED_OUT: Expect = Failure(UNREACHABLE, &[Code::TIMED_OUT]);
const BROKEN_OFF: Expect = Failure(UNREACHABLE, &[Code::BROKEN_OFF]);
const REDIRECTED: Expect = Failure(LinkState::Faulty, &[Code::REDIRECTED]);
const HTTP_STATUS: Expect = Failure(LinkState::Faulty, &[Code::HTTP_STATUS]);
const UNAUTHORISED: Expect = Failure(LinkState::Unauthorised, &[Code::UNAUTHORISED]);

fn head(status: &str, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}\r\n").into_bytes()
}

fn whole(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut answer = head(status, &format!("{headers}Content-Length: {}\r\n", body.len()));
    answer.extend_from_slice(body);
    answer
}

fn ok(body: impl AsRef<[u8]>) -> Script {
    Script::Say(whole("200 OK", "Content-Type: application/json\r\n", body))
}

fn with(old: &str, new: &str) -> Script {
    assert!(GOOD.contains(old), "{old}");
    ok(GOOD.replace(old, new))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn packed(encoding: &str, body: &[u8]) -> Script {
    Script::Say(whole("200 OK", &format!("Content-Encoding: {encoding}\r\n"), body))
}

fn crowd(services: usize) -> String {
    let mut list = String::new();
    for n in 0..services {
        write!(list, r#"{{"name":"s{n}"}},"#).unwrap();
    }
    GOOD.replace("\"drives\":[", &format!("\"drives\":[{list}"))
}

fn bad_answers(trap: SocketAddr) -> Vec<(&'static str, Script, Expect)> {
    let deep = format!("{{\"x\":{}{},", "[".repeat(100_000), "]".repeat(100_000));
    let login = "<!DOCTYPE html><title>Sign in</title><form action=/login>";
    let to_trap = format!("Location: http://{trap}/\r\n");
    let redirect = |status| Script::Say(whole(status, &to_trap, ""));
    let mib = vec![b' '; 1024 * 1024];
    let ten_mib = vec![b' '; 10 * 1024 * 1024];
    let chunked = "Transfer-Encoding: chunked\r\n";
    let mut endless_chunk = format!("{:x}\r\n", mib.len()).into_bytes();
    endless_chunk.extend_from_slice(&mib);
    endless_chunk.extend_from_slice(b"\r\n");
    vec![
        ("not JSON", ok("hello"), MALFORMED),
        ("nothing", ok(""), MALFORMED),
        ("truncated", ok(&GOOD[..60]), MALFORMED),
        ("10 MiB, announced", ok(&ten_mib), TOO_LARGE),
        ("10 MiB, unannounced", Script::Say([head("200 OK", ""), ten_mib].concat()), TOO_LARGE),
        ("endless", Script::SayForEver(head("200 OK", ""), mib.clone()), TOO_LARGE),
        ("endless chunks", Script::SayForEver(head("200 OK", chunked), endless_chunk), TOO_LARGE),
        ("endless headers", Script::SayForEver(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X: 1\r\n".repeat(1000)), TOO_LARGE),
        ("nested 100,000 deep", ok(GOOD.replacen('{', &deep, 1)), MALFORMED),
        ("invalid UTF-8", ok(b"{\"status\":\"\xff\xfe\"}"), MALFORMED),
        ("wrong type", with("56", "\"warm\""), MALFORMED),
        ("a list for an object", ok("[]"), MALFORMED),
        ("NaN", with("56", "NaN"), MALFORMED),
        ("a huge number", with("56", "1e999"), MALFORMED),
        ("an impossible number", with("56", "1e300"), MALFORMED),
        ("duplicate keys", with("\"issues\":[]", "\"issues\":[],\"issues\":[]"), MALFORMED),
        ("a missing field", with("\"issues\":[],", ""), MALFORMED),
        ("unknown fields", with("\"issues\":[]", "\"issues\":[],\"moon\":{\"x\":[{}]}"), Expect::Report),
        ("a byte-order mark", ok(format!("\u{feff}{GOOD}")), Expect::Report),
        ("a login page", ok(login), WEB_PAGE),
        ("a login page for a fault", Script::Say(whole("403 Forbidden", "", login)), UNAUTHORISED),
        ("301", redirect("301 Moved Permanently"), REDIRECTED),
        ("302", redirect("302 Found"), REDIRECTED),
        ("307", redirect("307 Temporary Redirect"), REDIRECTED),
        ("308", redirect("308 Permanent Redirect"), REDIRECTED),
        ("304 unasked", Script::Say(head("304 Not Modified", "")), HTTP_STATUS),
        ("204", Script::Say(head("204 No Content", "")), HTTP_STATUS),
        ("206", Script::Say(whole("206 Partial Content", "", GOOD)), HTTP_STATUS),
        ("401", Script::Say(whole("401 Unauthorized", "WWW-Authenticate: Bearer\r\n", "")), UNAUTHORISED),
        ("500", Script::Say(whole("500 Internal Server Error", "", GOOD)), HTTP_STATUS),
        (
            "too long a length, closed",
            Script::Say([head("200 OK", "Content-Length: 999\r\n"), GOOD.into()].concat()),
            BROKEN_OFF,
        ),
        (
            "too long a length, open",
            Script::SayAndHold([head("200 OK", "Content-Length: 999\r\n"), GOOD.into()].concat()),
            TIMED_OUT,
        ),
        (
            "too short a length",
            Script::Say([head("200 OK", "Content-Length: 20\r\n"), GOOD.into()].concat()),
            MALFORMED,
        ),
        (
            "two lengths",
            Script::Say([head("200 OK", "Content-Length: 20\r\nContent-Length: 9\r\n"), GOOD.into()].concat()),
            MALFORMED,
        ),
        ("a bad chunk", Script::Say([head("200 OK", chunked), b"zz\r\n{".to_vec()].concat()), BROKEN_OFF),
        ("a gzip bomb of 10 GB", Script::Bomb(head("200 OK", "Content-Encoding: gzip\r\n")), UNPACKABLE),
        ("a gzip bomb with a length", packed("gzip", &gzip(&vec![b'['; 64 * 1024 * 1024])), UNPACKABLE),
        ("truncated gzip", packed("gzip", &gzip(GOOD.as_bytes())[..40]), UNPACKABLE),
        ("not gzip after all", packed("gzip", GOOD.as_bytes()), UNPACKABLE),
        ("brotli", packed("br", b"\x0b\x02\x80"), UNPACKABLE),
        ("packed twice", packed("gzip, gzip", &gzip(&gzip(GOOD.as_bytes()))), UNPACKABLE),
        ("gzip, well", packed("gzip", &gzip(GOOD.as_bytes())), Expect::Report),
        (
            "a reset in the middle",
            Script::SayAndReset([head("200 OK", "Content-Length: 999\r\n"), GOOD.into()].concat()),
            BROKEN_OFF,
        ),
        ("a reset at once", Script::SayAndReset(Vec::new()), BROKEN_OFF),
        ("closed without a word", Script::Say(Vec::new()), BROKEN_OFF),
        ("a body byte by byte", Script::Drip(head("200 OK", "Content-Length: 100000\r\n")), TIMED_OUT),
        ("a header byte by byte", Script::Drip(b"HTTP/1.1 200 OK\r\nX-Slow: ".to_vec()), TIMED_OUT),
        ("never", Script::SayAndHold(Vec::new()), TIMED_OUT),
        ("another protocol", Script::Say(b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec()), MALFORMED),
        ("TLS where none is spoken", Script::Say(b"\x15\x03\x01\x00\x02\x02\x46".to_vec()), MALFORMED),
        ("100,000 invented drives", ok(crowd(100_000)), MALFORMED),
    ]
}

fn endpoint(name: &str, address: &str) -> Endpoint {
    let host = HostId::new(name).unwrap();
    let endpoint = Endpoint::new(host, Api::Smart, address).unwrap();
    endpoint.with_token(TOKEN.to_owned().into(), PlainToken::Allowed).unwrap()
}

#[tokio::test]
async fn whatever_a_host_does_it_gets_a_typed_state_and_the_others_their_answer() {
    let stage = Stage::new();
    let trap = stage.start(ok(GOOD));
    let (dropping, _queue, _listener) = blackhole().await;
    let mut cases: Vec<(&str, String, Expect)> = Vec::new();
    for (name, script, expect) in bad_answers(trap.at) {
        cases.push((name, format!("http://{}/", stage.start(script).at), expect));
    }
    let plain = stage.start(ok(GOOD)).at;
    let names = Failure(UNREACHABLE, &[Code::NAME_UNKNOWN, Code::TIMED_OUT]);
    let refused = Failure(UNREACHABLE, &[Code::REFUSED]);
    cases.push(("a name that does not resolve", "http://host.invalid:6127/".into(), names));
    cases.push(("a port that is closed", format!("http://{}/", closed_port().await), refused));
    cases.push(("a port that drops packets", format!("http://{dropping}/"), TIMED_OUT));
    cases.push(("https where none is spoken", format!("https://{plain}/"), Failure(UNREACHABLE, &[Code::TLS])));

    let bad = cases.iter().enumerate().map(|(n, (_, address, _))| endpoint(&format!("bad{n:02}"), address));
    let mut endpoints: Vec<Endpoint> = bad.collect();
    for n in 0..20 {
        let good = stage.start(ok(GOOD)).at;
        endpoints.push(endpoint(&format!("good{n:02}"), &format!("http://{good}/")));
    }

    let started = SystemClock.now();
    let stream = source::http(endpoints, Client::new(LIMITS), Rounds::Once, SystemClock, 1);
    let observations: Vec<Observation> = stream.collect().await;
    let took = SystemClock.now().mono.since(started.mono);

    let mut wrong = Vec::new();
    for (n, (name, address, expect)) in cases.iter().enumerate() {
        let host = HostId::new(&format!("bad{n:02}")).unwrap();
        let of_host: Vec<_> = observations.iter().filter(|observation| observation.host == host).collect();
        assert_eq!(of_host.len(), 1, "{name}");
        let met = match (&of_host[0].outcome, expect) {
            (Ok(_), Expect::Report) => true,
            (Err(failure), Failure(state, codes)) => {
                assert!(!failure.to_string().contains(TOKEN), "{name}: {failure}");
                assert!(failure.to_string().starts_with(address.as_str()), "{name}: {failure}");
                failure.kind.state() == *state && codes.contains(&failure.code())
            }
            _ => false,
        };
        if !met {
            wrong.push(format!("{name}: {:?}, but {:?}", expect, of_host[0].outcome));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let good: Vec<_> = observations.iter().filter(|it| it.host.as_str().starts_with("good")).collect();
    assert_eq!(good.len(), 20);
    for observation in good {
        assert!(observation.outcome.is_ok(), "{observation:?}");
    }
    assert_eq!(trap.connections(), 0, "no redirect was followed");
    // In a debug build on a busy machine the parsing of what is large takes its time.
    assert!(took < LIMITS.whole + Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn a_token_goes_where_it_was_configured_to_go_and_nowhere_else() {
    let stage = Stage::new();
    let trap = stage.start(ok(GOOD));
    let location = format!("Location: http://{}/\r\n", trap.at);
    let host = stage.start(Script::Say(whole("302 Found", &location, "")));
    let asked = Client::new(LIMITS).ask(&endpoint("srv01", &format!("http://{}/", host.at))).await;
    assert_eq!(asked.unwrap_err().kind, FailureKind::Redirected { status: 302 });
    assert!(host.requests()[0].contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{}", host.requests()[0]);
    assert_eq!(trap.connections(), 0);
}

#[tokio::test]
async fn what_has_not_changed_is_neither_sent_nor_parsed_again() {
    let stage = Stage::new();
    let answers = vec![
        whole("200 OK", "ETag: \"a\"\r\n", GOOD),
        head("304 Not Modified", "ETag: \"a\"\r\n"),
        whole("200 OK", "", GOOD),
        whole("200 OK", &format!("ETag: \"{}\"\r\n", "x".repeat(10_000)), GOOD),
        whole("200 OK", "", GOOD),
    ];
    let server = stage.start(Script::Serve(answers));
    let (client, endpoint) = (Client::new(LIMITS), endpoint("srv01", &format!("http://{}/", server.at)));
    let mut reports = Vec::new();
    for _ in 0..5 {
        let Ok(Report::Smart(report)) = client.ask(&endpoint).await else { panic!("a report") };
        reports.push(report);
    }
    assert!(std::sync::Arc::ptr_eq(&reports[0], &reports[1]), "the same report, not an equal one");
    assert!(!std::sync::Arc::ptr_eq(&reports[1], &reports[2]));
    let sent: Vec<bool> = server.requests().iter().map(|request| request.contains("if-none-match: \"a\"")).collect();
    assert_eq!(sent, [false, true, true, false, false], "nothing is sent back that was not given, or is too long");
    assert_eq!(server.connections(), 1, "the connection is kept");
    let longest = server.requests().iter().map(String::len).max().unwrap();
    assert!(longest < 200, "a request of {longest} bytes: {:?}", server.requests());
}

#[tokio::test]
async fn a_host_that_closes_kept_connections_is_asked_on_a_new_one() {
    let stage = Stage::new();
    let answer = whole("200 OK", "", GOOD);
    for script in [Script::Say(answer.clone()), Script::SayOnce(answer)] {
        let server = stage.start(script);
        let (client, endpoint) = (Client::new(LIMITS), endpoint("srv01", &format!("http://{}/", server.at)));
        for _ in 0..5 {
            client.ask(&endpoint).await.unwrap();
        }
        assert_eq!(server.connections(), 5);
    }
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_answers_nothing() {
    let stage = Stage::new();
    let unasked = whole("200 OK", "", GOOD.replace("56", "99"));
    let server = stage.start(Script::SayAndHold([whole("200 OK", "", GOOD), unasked].concat()));
    let (client, endpoint) = (Client::new(LIMITS), endpoint("srv01", &format!("http://{}/", server.at)));
    for asked in 1..=3 {
        let Ok(Report::Smart(report)) = client.ask(&endpoint).await else { panic!("a report") };
        assert_eq!(report.drives[0].temperature_c.map(|warmth| warmth.to_string()).as_deref(), Some("56 °C"));
        assert_eq!(server.connections(), asked, "what is left of the answer before is on none that is used");
    }
}
