//! The load of graphics cards as their users cause it, from what drivers tell of each open card (`fdinfo`).
//!
//! Intel's drivers tell no load in any other way. It takes a look at every open file of every process that this one may
//! see, so it is done only if an owner asks for it: all processes once in [`AGAIN`], and at each look those that had a card
//! open. Form: the kernel's Documentation/gpu/drm-usage-stats.rst.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cm_model::clock::MonoTime;
use cm_model::unit::Percent;

use crate::machine::Machine;

/// How often all processes are gone through.
const AGAIN: Duration = Duration::from_secs(30);
/// The most open cards that are followed.
const MOST_OPEN: usize = 512;
/// The most files of one process that are looked at.
const MOST_FILES: usize = 1024;
/// The most bytes that are read of what a driver tells.
const MOST_BYTES: usize = 4096;

/// Who uses graphics cards.
#[derive(Debug, Default)]
pub(super) struct Clients {
    /// Their files of `fdinfo`.
    open: Vec<String>,
    sought: Option<MonoTime>,
    /// Processes whose files this one may not see.
    pub(super) hidden: usize,
    before: BTreeMap<Key, u64>,
    at: MonoTime,
}

/// An engine of a card, as one client uses it.
type Key = (String, u64, String);

/// What one client tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Told {
    place: String,
    client: u64,
    /// Use and capacity by engine. Use is in nanoseconds, or in cycles together with all cycles that have passed.
    engines: BTreeMap<String, Engine>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Engine {
    nanos: Option<u64>,
    cycles: Option<u64>,
    all_cycles: Option<u64>,
    capacity: Option<u64>,
}

impl Clients {
    /// The load of each card since the look before, by its address: that of its busiest engine.
    pub(super) fn loads(&mut self, machine: &Machine, now: MonoTime) -> BTreeMap<String, Percent> {
        if self.sought.is_none_or(|at| now.since(at) >= AGAIN) {
            self.seek(machine);
            self.sought = Some(now);
        }
        let mut seen = BTreeSet::new();
        let told = self.open.iter().filter_map(|path| parse(&machine.head(path, MOST_BYTES).ok()?));
        // A file that is open under several numbers, or in several processes, is one client.
        let told: Vec<Told> = told.filter(|told| seen.insert((told.place.clone(), told.client))).collect();
        let loads = self.shares(&told, now.since(self.at));
        self.at = now;
        loads
    }

    /// Finds all open cards.
    fn seek(&mut self, machine: &Machine) {
        self.open.clear();
        self.hidden = 0;
        for process in machine.list("/proc").unwrap_or_default() {
            if !process.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            let files = match machine.list(&format!("/proc/{process}/fd")) {
                Ok(files) => files,
                Err(error) => {
                    self.hidden += usize::from(!error.is_not_there());
                    continue;
                }
            };
            let cards = files.iter().take(MOST_FILES).filter(|file| {
                let target = machine.link(&format!("/proc/{process}/fd/{file}"));
                target.is_ok_and(|target| target.starts_with("/dev/dri/"))
            });
            let room = MOST_OPEN - self.open.len();
            self.open.extend(cards.take(room).map(|file| format!("/proc/{process}/fdinfo/{file}")));
        }
    }

    fn shares(&mut self, told: &[Told], span: Duration) -> BTreeMap<String, Percent> {
        let mut after = BTreeMap::new();
        // Share of time by card and engine, over all clients.
        let mut sums: BTreeMap<(&str, &str), f64> = BTreeMap::new();
        for one in told {
            for (name, engine) in &one.engines {
                let mut note = |kind: &str, value: Option<u64>| {
                    let key = (one.place.clone(), one.client, format!("{kind} {name}"));
                    let rise = value.and_then(|value| value.checked_sub(*self.before.get(&key)?));
                    after.extend(value.map(|value| (key, value)));
                    rise
                };
                let nanos = note("time", engine.nanos).map(|rise| (rise, span.as_nanos() as f64));
                let cycles = note("cycles", engine.cycles);
                let passed = note("all cycles", engine.all_cycles);
                let used = nanos.or_else(|| Some((cycles?, passed? as f64)));
                let capacity = engine.capacity.unwrap_or(1).max(1) as f64;
                if let Some((used, passed)) = used.filter(|(_, passed)| *passed > 0.0) {
                    *sums.entry((&one.place, name)).or_default() += used as f64 / passed / capacity;
                }
            }
        }
        self.before = after;
        let mut loads: BTreeMap<String, Percent> = BTreeMap::new();
        for ((place, _), share) in sums {
            let load = Percent::saturating((share * 100.0).min(100.0)).rounded(1);
            let most = loads.entry(place.to_owned()).or_default();
            *most = if load > *most { load } else { *most };
        }
        loads
    }
}

/// Reads what a driver tells of one client; nothing if it is no client of a PCI card.
fn parse(text: &str) -> Option<Told> {
    let mut told = Told::default();
    for (key, value) in text.lines().filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        let number = || value.split(' ').next().and_then(|digits| digits.parse::<u64>().ok());
        match key {
            "drm-pdev" => value.clone_into(&mut told.place),
            "drm-client-id" => told.client = number()?,
            _ => {
                let field: fn(&mut Engine) -> &mut Option<u64>;
                let name = if let Some(name) = key.strip_prefix("drm-engine-capacity-") {
                    field = |engine| &mut engine.capacity;
                    name
                } else if let Some(name) = key.strip_prefix("drm-engine-") {
                    field = |engine| &mut engine.nanos;
                    name
                } else if let Some(name) = key.strip_prefix("drm-total-cycles-") {
                    field = |engine| &mut engine.all_cycles;
                    name
                } else if let Some(name) = key.strip_prefix("drm-cycles-") {
                    field = |engine| &mut engine.cycles;
                    name
                } else {
                    continue;
                };
                *field(told.engines.entry(name.to_owned()).or_default()) = number();
            }
        }
    }
    (!told.place.is_empty()).then_some(told)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(text: &str) -> Told {
        parse(text).unwrap()
    }

    fn loads(clients: &mut Clients, told: &[Told], seconds: u64) -> Vec<(String, f64)> {
        let loads = clients.shares(told, Duration::from_secs(seconds));
        loads.into_iter().map(|(place, load)| (place, load.get())).collect()
    }

    #[test]
    fn the_busiest_engine_counts_summed_over_clients() {
        let i915 = |client: u64, render: u64, video: u64| {
            told(&format!(
                "pos:\t0\ndrm-driver:\ti915\ndrm-pdev:\t0000:00:02.0\ndrm-client-id:\t{client}\n\
                 drm-engine-render:\t{render} ns\ndrm-engine-video:\t{video} ns\ndrm-engine-capacity-video:\t2\n"
            ))
        };
        let second = 1_000_000_000;
        let mut clients = Clients::default();
        assert_eq!(loads(&mut clients, &[i915(1, 0, 0), i915(2, 7 * second, 0)], 2), []);
        // Render: a quarter and a half of two seconds; video: two of two engines for one second of two.
        let later = [i915(1, second / 2, 2 * second), i915(2, 8 * second, 0)];
        assert_eq!(loads(&mut clients, &later, 2), [("0000:00:02.0".to_owned(), 75.0)]);
        // A client that is new has no use yet, one that is gone no longer any.
        assert_eq!(loads(&mut clients, &[i915(3, 90 * second, 0)], 2), []);
    }

    #[test]
    fn cycles_count_against_all_that_passed() {
        let xe = |cycles: u64, all: u64| {
            told(&format!(
                "drm-driver:\txe\ndrm-client-id:\t3\ndrm-pdev:\t0000:03:00.0\ndrm-cycles-rcs:\t{cycles}\n\
                 drm-total-cycles-rcs:\t{all}\ndrm-cycles-ccs:\t0\ndrm-total-cycles-ccs:\t{all}\ndrm-engine-capacity-ccs:\t4\n"
            ))
        };
        let mut clients = Clients::default();
        assert_eq!(loads(&mut clients, &[xe(100, 1000)], 5), []);
        assert_eq!(loads(&mut clients, &[xe(400, 2000)], 5), [("0000:03:00.0".to_owned(), 30.0)]);
        assert_eq!(loads(&mut clients, &[xe(400, 2000)], 5), [], "no cycle passed");
        let idle = [("0000:03:00.0".to_owned(), 0.0)];
        assert_eq!(
            loads(&mut clients, &[xe(0, 3000)], 5),
            idle,
            "of the engine whose counter fell back nothing is known"
        );
    }

    #[test]
    fn what_is_no_card_is_no_client() {
        for text in [
            "",
            "pos:\t0\nflags:\t02\n",
            "drm-driver:\tvgem\ndrm-client-id:\t1\n",
            "drm-pdev:\tx\ndrm-client-id:\tno\n",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(drm-(engine|cycles|pdev|client-id|total-cycles)-?[a-z]{0,3}:\t?[0-9a-z ]{0,24}\n){0,6}") {
            let mut clients = Clients::default();
            let told: Vec<_> = parse(&text).into_iter().collect();
            let _ = (clients.shares(&told, Duration::ZERO), clients.shares(&told, Duration::from_secs(1)));
        }
    }
}
