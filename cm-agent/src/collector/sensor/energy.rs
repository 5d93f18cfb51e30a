//! Power draw by the processor's own counters of energy (Documentation/power/powercap/powercap.rst).

use cm_model::clock::MonoTime;
use cm_model::report::service::Sensor;
use cm_model::text::HostText;
use cm_model::unit::Watts;

use crate::collector::counter::per_second;
use crate::collector::rarely::Rarely;
use crate::machine::{Machine, Unreadable};

const PLACE: &str = "/sys/class/powercap";
/// The most counters that are read.
const MOST: usize = 16;

/// The counters, and where they stood at the look before.
#[derive(Debug, Default)]
pub(super) struct Meters {
    found: Rarely<Vec<Meter>>,
    before: Vec<(String, u64)>,
    at: MonoTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Meter {
    /// `intel-rapl package-0`; AMD's have the same names.
    name: String,
    path: String,
    /// Where the counter begins again, in microjoules.
    range: Option<u64>,
}

impl Meters {
    /// The mean power of each since the look before, in watts; an error if there are counters and none may be read.
    pub(super) fn read(&mut self, machine: &Machine, now: MonoTime) -> Result<Vec<Sensor>, Unreadable> {
        let meters = self.found.get(|| find(machine));
        let mut refused = None;
        let mut counts = Vec::with_capacity(meters.len());
        let mut told = Vec::new();
        let span = now.since(self.at);
        for meter in meters {
            let text = match machine.read(&meter.path) {
                Ok(text) => text,
                Err(error) => {
                    refused.get_or_insert(error);
                    continue;
                }
            };
            let Ok(count) = text.trim().parse::<u64>() else { continue };
            let before = self.before.iter().find(|(name, _)| *name == meter.name).map(|(_, count)| *count);
            let watts =
                before.and_then(|before| rise(before, count, meter.range)).and_then(|rise| per_second(rise, span));
            if let Some(watts) =
                watts.and_then(|microwatts| Watts::try_from(microwatts / 1e6).ok()).filter(|w| w.get() < 1e5)
            {
                told.push(Sensor {
                    name: HostText::from(&*meter.name),
                    power_w: Some(watts.rounded(1)),
                    ..Sensor::default()
                });
            }
            counts.push((meter.name.clone(), count));
        }
        let none = counts.is_empty();
        (self.before, self.at) = (counts, now);
        match refused {
            Some(error) if none && !error.is_not_there() => Err(error),
            _ => Ok(told),
        }
    }
}

/// How far a counter rose that begins again at `range`: once at most, which at 100 W takes the better part of an hour.
fn rise(before: u64, now: u64, range: Option<u64>) -> Option<u64> {
    now.checked_sub(before).or_else(|| range?.checked_sub(before)?.checked_add(now))
}

/// Packages, the whole platform and memory. Cores and graphics are parts of a package, and `intel-rapl-mmio` is the same
/// counter by another way.
fn find(machine: &Machine) -> Vec<Meter> {
    let names = machine.list(PLACE).unwrap_or_default();
    let zones = names.iter().filter(|name| name.starts_with("intel-rapl:")).take(4 * MOST);
    let meter = |zone: &String| {
        let path = format!("{PLACE}/{zone}");
        let name = machine.line(&format!("{path}/name"))?;
        let depth = zone.matches(':').count();
        if depth > 1 && name != "dram" {
            return None;
        }
        // The memory of the second package is another one's.
        let owner = zone.split(':').nth(1).filter(|_| depth > 1).map(|owner| format!("-{owner}"));
        Some(Meter {
            name: format!("intel-rapl {name}{}", owner.unwrap_or_default()),
            range: machine.number(&format!("{path}/max_energy_range_uj")),
            path: format!("{path}/energy_uj"),
        })
    };
    zones.filter_map(meter).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::rise;

    #[test]
    fn a_counter_begins_again_at_its_range() {
        for (before, now, range, expected) in [
            (100, 300, Some(1_000), Some(200)),
            (900, 100, Some(1_000), Some(200)),
            (900, 100, None, None),
            (2_000, 100, Some(1_000), None),
            (0, 5, Some(u64::MAX), Some(5)),
        ] {
            assert_eq!(rise(before, now, range), expected, "{before} to {now}");
        }
    }
}
