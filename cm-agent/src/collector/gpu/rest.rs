//! When a graphics card may be looked at without keeping it awake.
//!
//! A card that is allowed to sleep falls asleep a few seconds after its last use, and nearly every figure that a driver
//! gives counts as use: whoever looks every five seconds keeps a laptop's second card awake for ever, and wakes it. Its
//! power state (`power/runtime_status`) can be read without waking it. So a sleeping card is left alone, and one that may
//! sleep, drives no screen and has nothing to do is looked at so seldom that it can fall asleep in between.

use std::time::Duration;

use cm_model::clock::MonoTime;
use cm_model::report::service::Gpu;
use cm_model::unit::Percent;

use crate::machine::Machine;

/// From one look at a card without work to the next. Drivers let a card sleep after 5 s.
pub(super) const BETWEEN: Duration = Duration::from_secs(30);
/// Up to this load a card has nothing to do.
const IDLE: f64 = 5.0;

/// What may be done with a card now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Power {
    /// It sleeps.
    Asleep,
    /// It may fall asleep if it is left alone.
    Drowsy,
    /// It stays awake anyway.
    Awake,
}

impl Power {
    /// The state of the PCI device in this directory, whose screens are connectors of `card` (`card0`). Reads a handful of
    /// files of which none wakes it.
    pub(super) fn of(machine: &Machine, device: &str, card: Option<&str>) -> Self {
        match machine.line(&format!("{device}/power/runtime_status")).as_deref() {
            Some("suspended" | "suspending") => return Self::Asleep,
            // The kernel does not manage its power.
            None | Some("unsupported") => return Self::Awake,
            Some(_) => {}
        }
        if machine.line(&format!("{device}/power/control")).as_deref() != Some("auto") {
            return Self::Awake;
        }
        if card.is_some_and(|card| drives_a_screen(machine, card)) { Self::Awake } else { Self::Drowsy }
    }
}

fn drives_a_screen(machine: &Machine, card: &str) -> bool {
    let names = machine.list(&format!("/sys/class/drm/{card}")).unwrap_or_default();
    let mut connectors = names.iter().filter(|name| name.strip_prefix(card).is_some_and(|rest| rest.starts_with('-')));
    connectors.any(|name| machine.line(&format!("/sys/class/drm/{card}/{name}/enabled")).as_deref() == Some("enabled"))
}

/// The last reading of a card.
#[derive(Debug, Default)]
pub(super) struct Rest {
    last: Option<(Gpu, MonoTime)>,
}

impl Rest {
    /// The card now: read, left as it was, or told to do nothing since it sleeps.
    pub(super) fn gpu(&mut self, power: Power, now: MonoTime, name: &str, read: impl FnOnce() -> Gpu) -> Gpu {
        match (power, &self.last) {
            (Power::Asleep, _) => {
                self.last = None;
                return Gpu { name: name.into(), load_percent: Some(Percent::default()), ..Gpu::default() };
            }
            (Power::Drowsy, Some((gpu, at))) if now.since(*at) < BETWEEN && is_idle(gpu) => return gpu.clone(),
            _ => {}
        }
        let gpu = read();
        self.last = Some((gpu.clone(), now));
        gpu
    }
}

/// Whether a card had nothing to do when it was last read.
pub(super) fn is_idle(gpu: &Gpu) -> bool {
    gpu.load_percent.is_some_and(|load| load.get() < IDLE)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_card_is_read_as_often_as_it_can_bear() {
        use Power::{Asleep, Awake, Drowsy};
        let reads = Cell::new(0);
        let mut rest = Rest::default();
        let mut look = |at, power, load: f64| {
            reads.set(0);
            let read = || {
                reads.set(1);
                Gpu { load_percent: Percent::try_from(load).ok(), ..Gpu::default() }
            };
            let gpu = rest.gpu(power, MonoTime::from_start(Duration::from_secs(at)), "card", read);
            (reads.get(), gpu.load_percent.map(Percent::get))
        };
        for (at, power, load, expected) in [
            (0, Awake, 0.0, (1, Some(0.0))),
            (5, Awake, 1.0, (1, Some(1.0))),
            (10, Drowsy, 90.0, (0, Some(1.0))),
            (34, Drowsy, 90.0, (0, Some(1.0))),
            (35, Drowsy, 90.0, (1, Some(90.0))),
            (40, Drowsy, 80.0, (1, Some(80.0))),
            (45, Asleep, 80.0, (0, Some(0.0))),
            (50, Drowsy, 3.0, (1, Some(3.0))),
            (55, Drowsy, 60.0, (0, Some(3.0))),
        ] {
            assert_eq!(look(at, power, load), expected, "at {at}");
        }
    }
}
