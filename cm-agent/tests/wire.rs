//! What steady polling costs on the wire: bytes of both directions, headers included.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use cm_agent::serve::{Door, Limits, Options, Server, Snapshots, Tokens};
use cm_model::clock::WallTime;
use cm_model::demo::Demo;
use cm_model::report::Api;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// A client that keeps its connection, takes gzip and says what it has.
struct Client {
    stream: TcpStream,
    tag: Option<String>,
}

impl Client {
    async fn connect(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), tag: None }
    }

    /// One poll: its status, and the bytes that it sent and received.
    async fn poll(&mut self) -> (String, usize) {
        let known = self.tag.as_ref().map(|tag| format!("if-none-match: {tag}\r\n")).unwrap_or_default();
        let request = format!(
            "GET / HTTP/1.1\r\nhost: 192.168.100.100:6128\r\naccept: application/json\r\naccept-encoding: gzip\r\n\
             authorization: Bearer 0123456789abcdef0123456789abcdef\r\nuser-agent: cm-dashboard/0.1.0\r\n{known}\r\n"
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push(char::from(self.stream.read_u8().await.unwrap()));
        }
        let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        let length = value("content-length: ").map_or(0, |length| length.parse().unwrap());
        self.stream.read_exact(&mut vec![0; length]).await.unwrap();
        self.tag = value("etag: ").or(self.tag.take());
        let status = head.split(' ').nth(1).unwrap().to_owned();
        (status, request.len() + head.len() + length)
    }
}

#[test]
fn polling_all_three_every_5_s_stays_below_1_kilobyte_a_second() {
    let start = WallTime::from_secs(1_700_000_000);
    let demo = Demo::new(1, start);
    let host = &demo.hosts()[0].id;
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let snapshots = Arc::new(Snapshots::offering(&Api::ALL));
        let options = Options {
            listen: vec![Ipv4Addr::LOCALHOST.into()],
            doors: Api::ALL.map(|api| (0, Door::Single(api))).to_vec(),
            names: vec!["192.168.100.100".into()],
            tokens: Tokens::default(),
            limits: Limits::default(),
        };
        let server = Server::bind(options, Arc::clone(&snapshots)).await.unwrap();
        let addresses = server.addresses();
        let (_stop, stopped) = watch::channel(false);
        tokio::spawn(server.run(stopped));
        let mut clients = Vec::new();
        for (address, _) in addresses {
            clients.push(Client::connect(address).await);
        }
        let mut total = 0;
        // A minute as an agent goes through it by default: drives and backups once, services at every poll.
        for round in 0..12 {
            let at = start.after(Duration::from_secs(5 * round));
            for api in Api::ALL {
                if api == Api::Service || round == 0 {
                    snapshots.set(api, demo.report(host, api, at).unwrap().write());
                }
            }
            for (client, api) in clients.iter_mut().zip(Api::ALL) {
                let (status, bytes) = client.poll().await;
                let expected = if api == Api::Service || round == 0 { "200" } else { "304" };
                assert_eq!(status, expected, "{api} in round {round}");
                total += bytes;
            }
        }
        let a_second = total / 60;
        assert!(a_second < 1000, "{a_second} bytes a second");
        assert!(a_second > 100, "{a_second} bytes a second are too few to be true");
    });
}
