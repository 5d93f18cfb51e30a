//! The server through real sockets on loopback: what well-behaved clients get, and what becomes of the others.
#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use cm_agent::serve::{Door, Limits, Options, Route, Server, Snapshots, Tokens};
use cm_model::guard::Token;
use cm_model::report::Api;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

const DOORS: [Door; 4] =
    [Door::Single(Api::Smart), Door::Single(Api::Service), Door::Single(Api::Backup), Door::Combined];

/// Long enough for anything that is to happen, short enough to fail by.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running server with all four doors.
struct Agent {
    snapshots: Arc<Snapshots>,
    ports: Vec<(SocketAddr, Door)>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Agent {
    async fn start(limits: Limits, tokens: Tokens) -> Self {
        let snapshots = Arc::new(Snapshots::offering(&Api::ALL));
        let options = Options {
            listen: vec![Ipv4Addr::LOCALHOST.into()],
            doors: DOORS.map(|door| (0, door)).to_vec(),
            names: vec!["srv01".into()],
            tokens,
            limits,
        };
        let server = Server::bind(options, Arc::clone(&snapshots)).await.unwrap();
        let ports = server.addresses();
        let (stop, stopped) = watch::channel(false);
        Self { snapshots, ports, stop, task: tokio::spawn(server.run(stopped)) }
    }

    fn address(&self, door: Door) -> SocketAddr {
        self.ports.iter().find(|(_, open)| *open == door).unwrap().0
    }

    async fn connect(&self, door: Door) -> TcpStream {
        TcpStream::connect(self.address(door)).await.unwrap()
    }

    /// Sends bytes on a connection of their own and reads until the server closes it.
    async fn exchange(&self, door: Door, request: &[u8]) -> String {
        let mut stream = self.connect(door).await;
        // A server that has seen enough may close while we still write.
        let _ = stream.write_all(request).await;
        rest(&mut stream).await
    }
}

/// All that comes until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    let read = async {
        loop {
            match stream.read(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(n) => answer.extend_from_slice(&chunk[..n]),
            }
        }
    };
    timeout(PATIENCE, read).await.expect("the server closes the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

/// One answer on a connection that stays open: head and body.
async fn answer(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let read = async {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("an answer"));
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
        let mut body = vec![0; if head.starts_with("http/1.1 304") { 0 } else { length }];
        stream.read_exact(&mut body).await.unwrap();
        (head, body)
    };
    timeout(PATIENCE, read).await.expect("an answer in time")
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

fn check<F: Future<Output = ()>>(test: F) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

fn brief() -> Limits {
    let ms = Duration::from_millis;
    Limits { head: ms(150), idle: ms(300), answer: ms(300), farewell: ms(300), ..Limits::default() }
}

#[test]
fn all_routes_times_all_askers() {
    check(async {
        let token = |text: &str| Some(Token::new(text).unwrap());
        let tokens =
            Tokens { smart: token("smart-token"), service: token("service-token"), backup: token("backup-token") };
        let agent = Agent::start(Limits::default(), tokens).await;
        for api in Api::ALL {
            agent.snapshots.set(api, format!("{{\"marker\":\"{api}-body\"}}"));
        }
        let mut walked = 0;
        for door in DOORS {
            for &(path, route) in door.routes() {
                let own = if let Route::Api(api) = route { format!("{api}-token") } else { "smart-token".into() };
                let other = if own == "smart-token" { "backup-token" } else { "smart-token" };
                let open = !matches!(route, Route::Api(_));
                let needs = |refused| if open { "200" } else { refused };
                for (asker, headers, expected) in [
                    ("no token", "Host: localhost\r\n".into(), needs("401")),
                    ("right token", format!("Host: localhost\r\nAuthorization: Bearer {own}\r\n"), "200"),
                    ("wrong token", "Host: localhost\r\nAuthorization: Bearer wrong\r\n".into(), needs("401")),
                    ("another API's", format!("Host: localhost\r\nAuthorization: Bearer {other}\r\n"), needs("401")),
                    ("wrong host", format!("Host: evil.example\r\nAuthorization: Bearer {own}\r\n"), "421"),
                    ("two hosts", format!("Host: localhost\r\nHost: srv01\r\nAuthorization: Bearer {own}\r\n"), "400"),
                    ("no host", format!("Authorization: Bearer {own}\r\n"), "400"),
                    (
                        "foreign origin",
                        format!("Host: localhost\r\nOrigin: http://evil.example\r\nAuthorization: Bearer {own}\r\n"),
                        "403",
                    ),
                    (
                        "foreign page",
                        format!("Host: localhost\r\nSec-Fetch-Site: cross-site\r\nAuthorization: Bearer {own}\r\n"),
                        "403",
                    ),
                ] {
                    let request = format!("GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
                    let answer = agent.exchange(door, request.as_bytes()).await;
                    assert_eq!(status(&answer), expected, "{asker} at {door:?} {path}\n{answer}");
                    assert!(!answer.to_ascii_lowercase().contains("access-control"), "{answer}");
                    let shown = answer.contains("-body");
                    assert_eq!(shown, expected == "200" && !open, "{asker} at {door:?} {path}\n{answer}");
                    assert!(expected == "200" || answer.contains("\"code\":\"CM-0"), "{answer}");
                    assert!(!answer.contains("-token"), "no answer holds a token");
                    walked += 1;
                }
            }
        }
        assert_eq!(walked, 8 * 9);
    });
}

#[test]
fn what_leads_nowhere_is_a_small_error() {
    check(async {
        let agent = Agent::start(Limits::default(), Tokens::default()).await;
        for (door, line, expected) in [
            (Door::Combined, "GET /nowhere", "404"),
            (Door::Combined, "GET /smart/", "404"),
            (Door::Combined, "GET //smart", "404"),
            (Door::Combined, "GET /../etc/passwd", "404"),
            (Door::Single(Api::Smart), "GET /smart", "404"),
            (Door::Combined, "GET /smart", "503"),
            (Door::Combined, "POST /smart", "405"),
            (Door::Combined, "OPTIONS *", "405"),
            (Door::Combined, "GET http://evil.example/smart", "421"),
            (Door::Combined, "CONNECT evil.example:80", "421"),
        ] {
            let request = format!("{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            let answer = agent.exchange(door, request.as_bytes()).await;
            assert_eq!(status(&answer), expected, "{line}\n{answer}");
            assert!(answer.len() < 700 && answer.contains("\"next\":"), "{answer}");
        }
    });
}

#[test]
fn a_query_does_not_matter_and_a_head_request_gets_no_body() {
    check(async {
        let agent = Agent::start(Limits::default(), Tokens::default()).await;
        agent.snapshots.set(Api::Smart, "{\"status\":\"ok\"}");
        let get = b"GET /smart?verbose=1 HTTP/1.1\r\nHost: [::1]:6126\r\nConnection: close\r\n\r\n";
        assert!(agent.exchange(Door::Combined, get).await.ends_with("\r\n\r\n{\"status\":\"ok\"}"));
        let head = b"HEAD /smart HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let answer = agent.exchange(Door::Combined, head).await;
        assert!(answer.ends_with("\r\n\r\n") && answer.contains("content-length: 15"), "{answer}");
    });
}

#[test]
fn an_older_client_gets_plain_json_and_a_newer_one_a_compressed_body_once() {
    check(async {
        let agent = Agent::start(Limits::default(), Tokens::default()).await;
        let body = format!("[{}1]", "12345,".repeat(400));
        agent.snapshots.set(Api::Service, body.clone());
        let mut stream = agent.connect(Door::Single(Api::Service)).await;

        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let (head, plain) = answer(&mut stream).await;
        assert_eq!(plain, body.as_bytes());
        for line in ["content-type: application/json", "cache-control: no-store", "x-content-type-options: nosniff"] {
            assert!(head.contains(line), "{head}");
        }
        assert!(!head.contains("content-encoding"), "{head}");

        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n").await.unwrap();
        let (head, packed) = answer(&mut stream).await;
        assert!(head.contains("content-encoding: gzip"), "{head}");
        let mut unpacked = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed[..]), &mut unpacked).unwrap();
        assert_eq!(unpacked, body);

        let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
        let again =
            format!("GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nIf-None-Match: {tag}\r\n\r\n");
        stream.write_all(again.as_bytes()).await.unwrap();
        let (head, _) = answer(&mut stream).await;
        assert_eq!(status(&head), "304");
        assert!(head.contains(&tag) && head.len() < 120, "{head}");

        agent.snapshots.set(Api::Service, "{\"new\":true}");
        stream.write_all(again.as_bytes()).await.unwrap();
        let (head, plain) = answer(&mut stream).await;
        assert_eq!((status(&head), &plain[..]), ("200", &b"{\"new\":true}"[..]));
        assert!(!head.contains("content-encoding"), "tiny bodies are not compressed\n{head}");
    });
}

#[test]
fn gzip_is_sent_only_to_those_who_take_it() {
    check(async {
        let agent = Agent::start(Limits::default(), Tokens::default()).await;
        agent.snapshots.set(Api::Service, format!("[{}1]", "12345,".repeat(400)));
        for (offer, expected) in [
            ("gzip", true),
            ("GZIP;q=0.5", true),
            ("deflate, gzip, br", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("identity", false),
            ("br", false),
            ("notgzip", false),
        ] {
            let request = format!(
                "GET /service HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {offer}\r\nConnection: close\r\n\r\n"
            );
            let answer = agent.exchange(Door::Combined, request.as_bytes()).await;
            assert_eq!(answer.contains("content-encoding: gzip"), expected, "{offer}");
        }
    });
}

#[test]
fn requests_sent_in_one_go_are_answered_in_order() {
    check(async {
        let agent = Agent::start(Limits::default(), Tokens::default()).await;
        for api in Api::ALL {
            agent.snapshots.set(api, format!("\"{api}\""));
        }
        let mut stream = agent.connect(Door::Combined).await;
        let paths = ["/smart", "/service", "/backup"].repeat(20);
        let requests: Vec<_> =
            paths.iter().map(|path| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).collect();
        stream.write_all(requests.concat().as_bytes()).await.unwrap();
        for path in paths {
            assert_eq!(answer(&mut stream).await.1, format!("\"{}\"", &path[1..]).as_bytes());
        }
    });
}

#[test]
fn nonsense_is_cut_short() {
    check(async {
        let agent = Agent::start(brief(), Tokens::default()).await;
        agent.snapshots.set(Api::Smart, "\"the body\"");
        let host = "Host: localhost\r\n";
        let cases: [(&str, Vec<u8>, &[&str]); 10] = [
            ("garbage", (0..=255).cycle().take(5000).collect(), &["400", "none"]),
            ("TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), &["400", "none"]),
            ("HTTP/0.9", b"GET /\r\n\r\n".to_vec(), &["400"]),
            ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), &["400", "505", "none"]),
            (
                "huge URL",
                format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(100_000)).into(),
                &["431", "414", "none"],
            ),
            (
                "huge header",
                format!("GET / HTTP/1.1\r\n{host}X: {}\r\n\r\n", "a".repeat(100_000)).into(),
                &["431", "none"],
            ),
            ("many headers", format!("GET / HTTP/1.1\r\n{host}{}\r\n", "X: y\r\n".repeat(60)).into(), &["431"]),
            ("body on GET", format!("GET / HTTP/1.1\r\n{host}Content-Length: 5\r\n\r\nhello").into(), &["413"]),
            (
                "endless body",
                format!("GET / HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n{}", "5\r\nhello\r\n".repeat(9999))
                    .into(),
                &["413", "none"],
            ),
            (
                "smuggling",
                format!("GET / HTTP/1.1\r\n{host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                    .into(),
                &["400", "413"],
            ),
        ];
        for (what, bytes, expected) in cases {
            let answer = agent.exchange(Door::Single(Api::Smart), &bytes).await;
            assert!(expected.contains(&status(&answer)), "{what}: {answer}");
            assert!(!answer.contains("the body"), "{what}: {answer}");
        }
        let good = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        assert_eq!(status(&agent.exchange(Door::Single(Api::Smart), good).await), "200", "and the server still serves");
    });
}

/// Sends a byte every few milliseconds until the server has had enough.
async fn trickle(stream: &mut TcpStream, bytes: impl IntoIterator<Item = u8>) {
    let send = async {
        for byte in bytes {
            if stream.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, send).await.expect("the server ends it");
}

#[test]
fn a_head_that_trickles_in_for_ever_ends_at_its_limit() {
    check(async {
        let agent = Agent::start(brief(), Tokens::default()).await;
        let mut stream = agent.connect(Door::Combined).await;
        trickle(&mut stream, b"GET / HTTP/1.1\r\nX: ".iter().copied().chain(std::iter::repeat(b'a'))).await;
    });
}

#[test]
fn a_silent_connection_ends_at_its_limit_and_one_that_polls_within_it_does_not() {
    check(async {
        let agent = Agent::start(brief(), Tokens::default()).await;
        let mut silent = agent.connect(Door::Combined).await;
        let mut polling = agent.connect(Door::Combined).await;
        // Each pause is longer than the limit of a head and shorter than that of silence; together they pass both.
        for _ in 0..4 {
            polling.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
            assert_eq!(status(&answer(&mut polling).await.0), "200");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert_eq!(rest(&mut silent).await, "");
    });
}

#[test]
fn a_reader_that_takes_its_time_is_dropped() {
    check(async {
        let agent = Agent::start(brief(), Tokens::default()).await;
        // More than the socket buffers of both sides hold.
        agent.snapshots.set(Api::Smart, format!("\"{}\"", "x".repeat(32 << 20)));
        let mut stream = agent.connect(Door::Single(Api::Smart)).await;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        for _ in 0..50 {
            stream.read_u8().await.unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(rest(&mut stream).await.len() < 32 << 20, "the answer was cut");
    });
}

#[test]
fn a_thousand_idle_connections_lock_nobody_out() {
    check(async {
        let limits = Limits { connections: 16, connections_per_peer: 8, ..Limits::default() };
        let agent = Agent::start(limits, Tokens::default()).await;
        let get = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let mut faithful = agent.connect(Door::Combined).await;
        faithful.write_all(get).await.unwrap();
        assert_eq!(status(&answer(&mut faithful).await.0), "200");
        let mut flood = Vec::new();
        for _ in 0..900 {
            flood.push(agent.connect(Door::Combined).await);
        }
        faithful.write_all(get).await.unwrap();
        assert_eq!(status(&answer(&mut faithful).await.0), "200", "who had asked before keeps the connection");
        let mut newcomer = agent.connect(Door::Combined).await;
        newcomer.write_all(get).await.unwrap();
        assert_eq!(status(&answer(&mut newcomer).await.0), "200", "and a newcomer gets in");
        let mut open = 0;
        for stream in &mut flood {
            let mut byte = [0];
            let read = timeout(Duration::from_millis(1), stream.read(&mut byte)).await;
            open += usize::from(read.is_err());
        }
        assert!(open <= 8, "{open} of the flood are still connected");
    });
}

#[test]
fn told_to_stop_it_closes_silent_connections_and_ends() {
    check(async {
        let agent = Agent::start(Limits::default(), Tokens::default()).await;
        let address = agent.address(Door::Combined);
        let mut silent = agent.connect(Door::Combined).await;
        let mut polling = agent.connect(Door::Combined).await;
        polling.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        answer(&mut polling).await;
        agent.stop.send(true).unwrap();
        timeout(PATIENCE, agent.task).await.expect("it ends").unwrap();
        assert_eq!(rest(&mut silent).await + &rest(&mut polling).await, "");
        assert!(TcpStream::connect(address).await.is_err());
    });
}

#[test]
fn a_taken_port_is_named_with_its_holder_and_nothing_stays_open() {
    check(async {
        let agent = Agent::start(Limits::default(), Tokens::default()).await;
        let taken = agent.address(Door::Combined).port();
        let options = Options {
            listen: vec![Ipv4Addr::LOCALHOST.into()],
            doors: vec![(taken, Door::Combined)],
            names: Vec::new(),
            tokens: Tokens::default(),
            limits: Limits::default(),
        };
        let error = Server::bind(options, Arc::clone(&agent.snapshots)).await.unwrap_err();
        assert_eq!(error.code(), cm_model::fault::Code::PORT_IN_USE);
        let message = error.to_string();
        assert!(message.starts_with(&format!("cannot listen on 127.0.0.1:{taken}: ")), "{message}");
        assert!(message.contains(&format!("(process {})", std::process::id())), "{message}");
    });
}

#[test]
fn what_is_not_offered_opens_no_port_of_its_own() {
    check(async {
        let snapshots = Arc::new(Snapshots::offering(&[Api::Service]));
        let options = Options {
            listen: vec![Ipv4Addr::LOCALHOST.into()],
            doors: DOORS.map(|door| (0, door)).to_vec(),
            names: Vec::new(),
            tokens: Tokens::default(),
            limits: Limits::default(),
        };
        let server = Server::bind(options, snapshots).await.unwrap();
        let doors: Vec<_> = server.addresses().into_iter().map(|(_, door)| door).collect();
        assert_eq!(doors, [Door::Single(Api::Service), Door::Combined]);
    });
}
