//! Recording as a whole, on real files, with time handed in: who records, what is stored, what a person is told.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::hand::Hand;
use super::job::Then;
use super::*;
use crate::clock::{BootTime, Clock, MonoTime, WallTime};
use crate::demo::Demo;
use crate::fault::Code;
use crate::observation::{Failure, LinkState, Observation, Way};
use crate::registry::Registry;
use crate::report::Api;
use crate::series::Entity;
use crate::series::retention::Policy;
use crate::store::expire::Log;
use crate::store::{Holder, Opening, Reader, Span};

mod alone;
mod judging;
mod quiet;
mod simulation;
mod together;
mod trouble;
mod world;

/// 2026-01-01T00:00:00Z.
const NEW_YEAR: i64 = 1_767_225_600_000;

/// A clock that several hold.
#[derive(Debug, Clone)]
struct Time(Arc<Mutex<Now>>);

impl Time {
    fn new() -> Self {
        let up = Duration::from_secs(1_000);
        let wall = WallTime::from_millis(NEW_YEAR);
        Self(Arc::new(Mutex::new(Now { wall, boot: BootTime::from_start(up), mono: MonoTime::from_start(up) })))
    }

    fn pass(&self, secs: u64) {
        let mut now = self.0.lock().unwrap();
        *now = now.after(Duration::from_secs(secs));
    }

    fn set_wall(&self, wall: i64) {
        self.0.lock().unwrap().wall = WallTime::from_millis(wall);
    }
}

impl Clock for Time {
    fn now(&self) -> Now {
        *self.0.lock().unwrap()
    }
}

/// A program that records the made-up fleet.
struct Program {
    engine: Engine,
    hand: Hand,
    time: Time,
    demo: Demo,
    told: Vec<News>,
    messages: Vec<Sending>,
}

impl Program {
    fn new(name: &str, path: &Path, time: &Time) -> Self {
        let demo = Demo::new(1, WallTime::from_millis(NEW_YEAR));
        let members = demo.hosts().iter().cloned().map(Member::new);
        let freshness = Freshness::for_interval(Duration::from_secs(5));
        let engine = Engine::new(members, freshness, HostId::new("desk").unwrap(), name);
        let holder = Holder { name: name.to_owned(), boot: "start-1".to_owned() };
        let hand = Hand::new(path.to_owned(), holder, Policy::default());
        Self { engine, hand, time: time.clone(), demo, told: Vec::new(), messages: Vec::new() }
    }

    fn input(&mut self, input: Input) -> bool {
        run::turn(&mut self.engine, &mut self.hand, input, &self.time, |said| match said {
            run::Said::Notice(notice) => self.told.push(notice.what),
            run::Said::Message(sending) => self.messages.push(*sending),
        })
    }

    /// Everybody is asked once, and a second's tick is given.
    fn poll(&mut self) {
        let now = self.time.now();
        let hosts: Vec<HostId> = self.demo.hosts().iter().map(|host| host.id.clone()).collect();
        for host in hosts {
            for api in Api::ALL {
                let outcome = self.demo.report(&host, api, now.wall);
                let outcome = outcome.map_err(|kind| Failure { address: host.to_string(), kind });
                let took = Duration::from_millis(3);
                let observation = Observation { host: host.clone(), api, way: Way::Demo, at: now, took, outcome };
                self.input(Input::Observed(observation));
            }
        }
        self.tick();
    }

    fn tick(&mut self) {
        self.input(Input::Tick);
    }

    /// Polls every five seconds for so long, with ticks between.
    fn go_on(&mut self, secs: u64) {
        for second in 0..secs {
            if second % 5 == 0 {
                self.poll();
            } else {
                self.tick();
            }
            self.time.pass(1);
        }
    }

    fn stop(&mut self) {
        assert!(self.input(Input::Stop));
    }
}

fn read(path: &Path) -> Reader {
    Opening::at(path).read().unwrap()
}

fn srv01() -> HostId {
    HostId::new("srv01").unwrap()
}

/// When a metric of a host was measured, in seconds from the beginning.
fn moments(path: &Path, host: &HostId, subject: &str, metric: &str) -> Vec<i64> {
    let reader = read(path);
    let Some(series) = reader.find(&Entity::Host(host.clone()), subject, metric).unwrap() else { return Vec::new() };
    let points = reader.points(&series, Span::all()).unwrap();
    points.iter().map(|point| (point.at.millis() - NEW_YEAR) / 1_000).collect()
}
