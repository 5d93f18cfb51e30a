//! The simulated fleet through real sockets: it answers, and who drops out really does not.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use cm_agent::simulate::{Fleet, Options};
use cm_model::clock::{ManualClock, Now, WallTime};
use cm_model::demo::Demo;
use cm_model::report::{Api, Report};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

const SEED: u64 = 7;

fn start() -> WallTime {
    WallTime::from_secs(1_700_000_000)
}

/// A fleet of five somewhere in the upper ports, wherever there is room.
async fn fleet() -> (Fleet, u16) {
    for base_port in (20_000..60_000).step_by(97) {
        let listen = Ipv4Addr::LOCALHOST.into();
        let round = Duration::from_millis(25);
        let options = Options { hosts: 5, base_port, seed: SEED, listen, round };
        if let Ok(fleet) = Fleet::bind(options, start()).await {
            return (fleet, base_port);
        }
    }
    panic!("there are not twenty free ports in a row");
}

/// The body that a port answers; none if nobody does.
async fn ask(port: u16) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.ok()?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.ok()?;
    let mut answer = Vec::new();
    timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.expect("an end").ok()?;
    let head_end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    Some(answer.split_off(head_end))
}

/// Asks until the answer is as expected.
async fn until(port: u16, answering: bool) {
    let wait = async {
        while ask(port).await.is_some_and(|body| !body.is_empty()) != answering {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), wait).await.expect("the host does as its story has it");
}

/// Runs a fleet beside a test that gets its first port and its clock.
fn check<F: Future<Output = ()>>(test: impl FnOnce(u16, &'static ManualClock) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let clock: &'static ManualClock = Box::leak(Box::new(ManualClock::at(Now { wall: start(), ..Now::default() })));
        let (fleet, base_port) = fleet().await;
        let (stop, stopped) = watch::channel(false);
        let told = async {
            test(base_port, clock).await;
            stop.send(true).unwrap();
        };
        tokio::join!(fleet.run(clock, stopped), told);
        assert!(ask(base_port).await.is_none(), "told to stop, it shuts its ports");
    });
}

#[test]
fn every_port_tells_what_the_demo_has() {
    check(|base_port, _| async move {
        let demo = Demo::new(SEED, start());
        until(base_port, true).await;
        for (offset, api) in (0..).zip(Api::ALL) {
            let body = ask(base_port + offset).await.unwrap();
            let expected = demo.report(&demo.hosts()[0].id, api, start()).unwrap();
            assert_eq!(Report::read(api, &body).unwrap(), expected, "{api}");
        }
        let index = String::from_utf8(ask(base_port + 3).await.unwrap()).unwrap();
        assert!(index.contains("\"/service\""), "{index}");
    });
}

#[test]
fn a_host_that_drops_out_does_not_answer_until_it_is_back() {
    check(|base_port, clock| async move {
        // labbox, the last of the five, is silent when the story begins, for six minutes.
        let labbox = base_port + 4 * 4;
        until(base_port, true).await;
        until(labbox, false).await;
        clock.advance(Duration::from_mins(10));
        until(labbox, true).await;
        clock.step_wall(start());
        until(labbox, false).await;
        for port in labbox..labbox + 4 {
            assert!(ask(port).await.is_none(), "all its ports are shut");
        }
        assert!(ask(base_port).await.is_some(), "which is nothing to the others");
    });
}

#[test]
fn the_hosts_toml_names_every_host_with_its_ports() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (fleet, base_port) = runtime.block_on(fleet());
    let text = fleet.hosts_toml();
    let mut sections = text.split("\n[hosts.").skip(1);
    for (at, host) in (0u16..).zip(Demo::new(SEED, start()).hosts()) {
        let section = sections.next().unwrap();
        let port = base_port + 4 * at;
        assert!(
            section.starts_with(&format!("{}]\naddress = \"127.0.0.1\"\nsmart_api = {port}\n", host.id)),
            "{section}"
        );
        assert!(section.contains(&format!("service_api = {}\nbackup_api = {}\n", port + 1, port + 2)), "{section}");
    }
    assert_eq!(sections.next(), None);
}
