//! The demo fleet behind real HTTP: every made-up host on four ports of its own, in one process.
//!
//! A host that drops out closes its ports and every connection, as a machine does whose agent is gone, and opens them
//! again when it comes back. It invents nothing: what the hosts say is `cm_model::demo`'s.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use cm_model::clock::{Clock, WallTime};
use cm_model::demo::Demo;
use cm_model::host::{Expected, Host};
use cm_model::report::Api;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::serve::{self, BindError, Door, Limits, Server, Snapshots, Tokens};

/// In how many rounds drives and backups are looked at once, as a real agent does by default.
const ROUNDS_PER_SLOW_LOOK: usize = 12;

/// Which fleet, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How many hosts.
    pub hosts: u16,
    /// The first port: host `i` has the four from `base_port + 4 i` on: smart, service, backup, combined.
    pub base_port: u16,
    /// What the fleet is made from.
    pub seed: u64,
    /// The address to listen on.
    pub listen: IpAddr,
    /// How often each host is made up anew.
    pub round: Duration,
}

impl Options {
    /// How often each host is made up anew unless told otherwise: as a real agent looks by default.
    pub const ROUND: Duration = Duration::from_secs(5);

    /// Ports of one host.
    pub const PORTS: u16 = 4;

    /// Whether the last port is one.
    pub fn fits(&self) -> bool {
        let last = u32::from(self.base_port) + u32::from(Self::PORTS) * u32::from(self.hosts);
        self.hosts > 0 && self.base_port > 0 && last <= u32::from(u16::MAX) + 1
    }

    fn first_port(&self, at: usize) -> u16 {
        self.base_port + Self::PORTS * u16::try_from(at).expect("there are at most `hosts` hosts")
    }
}

/// A fleet whose ports are open.
#[derive(Debug)]
pub struct Fleet {
    demo: Demo,
    options: Options,
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    host: Host,
    snapshots: Arc<Snapshots>,
    serve: serve::Options,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Ports are open, nobody answers yet.
    Ready(Server),
    /// Answering until the task is aborted.
    Answering(JoinHandle<()>),
    /// Ports are shut.
    Silent,
}

impl Fleet {
    /// Opens the ports of all hosts, or none. The story begins at `start`.
    ///
    /// # Panics
    /// If the ports do not fit ([`Options::fits`]).
    pub async fn bind(options: Options, start: WallTime) -> Result<Self, BindError> {
        assert!(options.fits(), "ports end at 65535");
        let demo = Demo::new(options.seed, start).with_hosts(options.hosts.into());
        let mut members = Vec::with_capacity(options.hosts.into());
        for (at, host) in demo.hosts().iter().enumerate() {
            let doors = Api::ALL.map(Door::Single).into_iter().chain([Door::Combined]);
            let serve = serve::Options {
                listen: vec![options.listen],
                doors: (options.first_port(at)..).zip(doors).collect(),
                names: vec![host.id.to_string()],
                tokens: Tokens::default(),
                limits: Limits::default(),
            };
            let snapshots = Arc::new(Snapshots::offering(&Api::ALL));
            let server = Server::bind(serve.clone(), Arc::clone(&snapshots)).await?;
            members.push(Member { host: host.clone(), snapshots, serve, state: State::Ready(server) });
        }
        Ok(Self { demo, options, members })
    }

    /// A `hosts.toml` that finds the whole fleet.
    pub fn hosts_toml(&self) -> String {
        let address = match self.options.listen {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
            address => address,
        };
        let mut text = format!("# {} made-up hosts, seed {}.\n", self.members.len(), self.options.seed);
        for (at, Member { host, .. }) in self.members.iter().enumerate() {
            let port = self.options.first_port(at);
            let mut line = |key: &str, value: &dyn std::fmt::Display| {
                writeln!(text, "{key}{value}").expect("a String takes every write");
            };
            line("\n[hosts.", &format_args!("{}]", quoted_if_dotted(host.id.as_str())));
            line("address = ", &format_args!("\"{address}\""));
            line("smart_api = ", &port);
            line("service_api = ", &(port + 1));
            line("backup_api = ", &(port + 2));
            if let Some(role) = &host.role {
                line("role = ", &format_args!("\"{role}\""));
            }
            match host.expected {
                Expected::Always => {}
                Expected::Often => line("expected = ", &"\"often\""),
                Expected::Sometimes => line("expected = ", &"\"sometimes\""),
            }
        }
        text
    }

    /// Answers until `stop` holds `true` or its sender is gone.
    pub async fn run(mut self, clock: &dyn Clock, mut stop: watch::Receiver<bool>) {
        let now = clock.now().wall;
        for member in &mut self.members {
            member.turn(&self.demo, now, true, &stop).await;
        }
        // One host after the other, so that a large fleet does not compute in bursts.
        let mut beat = interval(self.options.round / u32::from(self.options.hosts.max(1)));
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        'rounds: for round in 0.. {
            for (at, member) in self.members.iter_mut().enumerate() {
                tokio::select! {
                    _ = stop.wait_for(|&stop| stop) => break 'rounds,
                    _ = beat.tick() => {}
                }
                let slow_look = (round + at) % ROUNDS_PER_SLOW_LOOK == 0;
                member.turn(&self.demo, clock.now().wall, slow_look, &stop).await;
            }
        }
        for member in self.members {
            if let State::Answering(task) = member.state {
                // It was told to stop as well, and ends within its own limit.
                let _ = task.await;
            }
        }
    }
}

/// A dotted name is one key only in quotes.
fn quoted_if_dotted(name: &str) -> String {
    if name.contains('.') { format!("\"{name}\"") } else { name.to_owned() }
}

impl Member {
    /// Makes the host's answers up anew; opens or shuts its ports as its story has it.
    async fn turn(&mut self, demo: &Demo, at: WallTime, slow_look: bool, stop: &watch::Receiver<bool>) {
        let Ok(service) = demo.report(&self.host.id, Api::Service, at) else { return self.fall_silent().await };
        self.snapshots.set(Api::Service, service.write());
        for api in [Api::Smart, Api::Backup] {
            if (slow_look || self.snapshots.latest(api).is_none())
                && let Ok(report) = demo.report(&self.host.id, api, at)
            {
                self.snapshots.set(api, report.write());
            }
        }
        self.answer(stop).await;
    }

    async fn answer(&mut self, stop: &watch::Receiver<bool>) {
        self.state = match std::mem::replace(&mut self.state, State::Silent) {
            State::Answering(task) => State::Answering(task),
            State::Ready(server) => State::Answering(tokio::spawn(server.run(stop.clone()))),
            State::Silent => match Server::bind(self.serve.clone(), Arc::clone(&self.snapshots)).await {
                Ok(server) => {
                    tracing::info!(host = %self.host.id, "answers again");
                    State::Answering(tokio::spawn(server.run(stop.clone())))
                }
                Err(error) => {
                    tracing::warn!(host = %self.host.id, %error, "cannot come back yet");
                    State::Silent
                }
            },
        };
    }

    async fn fall_silent(&mut self) {
        if let State::Answering(task) = std::mem::replace(&mut self.state, State::Silent) {
            tracing::info!(host = %self.host.id, "has dropped out");
            task.abort();
            // Only then are its ports shut.
            let _ = task.await;
        }
        for api in Api::ALL {
            self.snapshots.clear(api);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(hosts: u16, base_port: u16) -> Options {
        Options { hosts, base_port, seed: 1, listen: Ipv4Addr::LOCALHOST.into(), round: Options::ROUND }
    }

    #[test]
    fn the_last_port_is_65535() {
        for (hosts, base_port, fits) in
            [(1, 1, true), (1, 65532, true), (1, 65533, false), (200, 7000, true), (65535, 7000, false), (5, 0, false)]
        {
            assert_eq!(options(hosts, base_port).fits(), fits, "{hosts} from {base_port}");
        }
    }
}
