//! The processors: load, use, frequency, temperature, throttling, model.
//!
//! Inside a container, cores and use are those of its cgroup; the kernel's figures for single cores and for waiting are
//! those of the machine around it and are left out there. The load average is the kernel's own in either case: it keeps
//! no other.

pub mod frequency;
pub mod heat;
pub mod stat;

use std::time::Duration;

use cm_model::clock::MonoTime;
use cm_model::report::service::Cpu as Block;
use cm_model::text::HostText;
use cm_model::unit::{Count, Load, Percent};

use super::counter::{per_second, rise};
use super::{Absent, Collector, Draft, Look};
use crate::machine::container::Processors;
use crate::machine::{Machine, Unreadable};
use frequency::Frequency;
use heat::Heat;
use stat::{Jiffies, Stat};

/// The collector.
#[derive(Debug, Default)]
pub struct Cpu {
    model: Model,
    frequency: Frequency,
    heat: Heat,
    before: Option<Before>,
}

/// The maker's model: it never changes, and is sought at the first look alone.
#[derive(Debug, Default)]
enum Model {
    #[default]
    NotSought,
    Sought(Option<HostText>),
}

impl Model {
    fn get(&mut self, machine: &Machine) -> Option<HostText> {
        if let Self::NotSought = self {
            *self = Self::Sought(model(machine));
        }
        match self {
            Self::NotSought => None,
            Self::Sought(model) => model.clone(),
        }
    }
}

/// Counters of the look before.
#[derive(Debug)]
enum Before {
    Machine(Stat),
    Container(Duration, MonoTime),
}

impl Collector for Cpu {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        let machine = look.machine;
        match machine.read("/proc/loadavg") {
            Ok(text) => match loads(&text) {
                Some([one, five, fifteen]) => {
                    draft.service.summary.cpu_load_1 = one;
                    draft.service.summary.cpu_load_5 = five;
                    draft.service.summary.cpu_load_15 = fifteen;
                }
                None => draft.missing("cpu load", Unreadable::garbled("/proc/loadavg", "three load averages")),
            },
            Err(error) => draft.missing("cpu load", error),
        }
        let model = self.model.get(machine);
        let (temperature, throttled) = self.heat.now(machine);
        let mut block = Block { model, throttled: throttled.map(Count), ..Block::default() };
        draft.service.summary.cpu_freq_mhz = self.frequency.now(machine);
        draft.service.summary.cpu_temp_c = temperature;

        let text = machine.read("/proc/stat");
        let stat = text
            .and_then(|text| Stat::parse(&text).ok_or_else(|| Unreadable::garbled("/proc/stat", "processor times")));
        let result = match (look.container, stat) {
            (Some(container), stat) => {
                let around = stat.map(|stat| stat.cores.len());
                let allowed = container.processors(machine);
                self.within(&mut block, allowed, around.as_ref().ok().copied(), look.now.mono);
                if block.cores.is_none() { around.map(drop) } else { Ok(()) }
            }
            (None, Ok(stat)) => {
                self.whole(&mut block, stat);
                Ok(())
            }
            (None, Err(error)) => Err(error),
        };
        if block != Block::default() {
            draft.service.cpu = Some(block);
        }
        result.map_err(Absent::Unread)
    }
}

impl Cpu {
    /// The figures of a machine of its own.
    fn whole(&mut self, block: &mut Block, stat: Stat) {
        block.cores = Some(Count(stat.cores.len() as u64));
        if let Some(Before::Machine(before)) = &self.before
            && let Some(spent) = stat.all.since(&before.all)
        {
            block.use_percent = Some(percent(spent.busy));
            block.iowait_percent = Some(percent(spent.iowait));
            block.steal_percent = Some(percent(spent.steal));
            // Core by core, but only while they are the same ones: a list with holes would shift the others.
            let same = before.cores.iter().map(|(core, _)| core).eq(stat.cores.iter().map(|(core, _)| core));
            if same {
                let pairs = before.cores.iter().zip(&stat.cores);
                let spent = pairs.map(|((_, before), (_, now))| now.since(before).map(|spent| percent(spent.busy)));
                block.core_use_percent = spent.collect::<Option<Vec<_>>>().unwrap_or_default();
            }
        }
        self.before = Some(Before::Machine(stat));
    }

    /// The figures of a container: of what it may use, how much it does.
    fn within(&mut self, block: &mut Block, allowed: Processors, around: Option<usize>, now: MonoTime) {
        let cores = allowed.cores.or(around.filter(|cores| *cores > 0).map(|cores| cores as f64));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and saturating is right"
        )]
        if let Some(cores) = cores {
            block.cores = Some(Count(cores.ceil() as u64));
        }
        let Some(used) = allowed.used else { return };
        if let (Some(cores), Some(Before::Container(before, at))) = (cores, &self.before) {
            let nanos = |span: Duration| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
            let share = rise(nanos(*before), nanos(used)).and_then(|rise| per_second(rise, now.since(*at)));
            block.use_percent = share.map(|share| percent((share / 1e9 / cores).min(1.0)));
        }
        self.before = Some(Before::Container(used, now));
    }
}

fn percent(share: f64) -> Percent {
    Percent::saturating(share * 100.0).rounded(1)
}

/// Share of a span spent in each way, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spent {
    /// At work.
    pub busy: f64,
    /// Waiting for a disk with nothing else to do.
    pub iowait: f64,
    /// Taken by the hypervisor for others.
    pub steal: f64,
}

impl Jiffies {
    /// How the time since an earlier reading was spent; nothing if the counters fell back or stood still.
    ///
    /// Idle and waiting time of a single reading may fall by a tick (proc(5) calls iowait unreliable): such a field counts
    /// as nothing spent, as long as the whole rose.
    pub fn since(&self, before: &Self) -> Option<Spent> {
        if self.sum() <= before.sum() {
            return None;
        }
        let spent = |now: u64, before: u64| now.saturating_sub(before) as f64;
        let (idle, iowait) = (spent(self.idle, before.idle), spent(self.iowait, before.iowait));
        let (work, steal) = (spent(self.work, before.work), spent(self.steal, before.steal));
        let all = idle + iowait + work + steal;
        (all > 0.0).then(|| Spent { busy: work / all, iowait: iowait / all, steal: steal / all })
    }
}

/// The three load averages of `/proc/loadavg`.
pub fn loads(text: &str) -> Option<[Load; 3]> {
    let mut fields =
        text.split_whitespace().map(|field| field.parse().ok().and_then(|load: f64| Load::try_from(load).ok()));
    Some([fields.next()??, fields.next()??, fields.next()??])
}

/// The maker's name of the processor; on boards whose kernel knows none, the board's.
fn model(machine: &Machine) -> Option<HostText> {
    // Cores follow one another, all alike: the first is enough.
    let cores = machine.head("/proc/cpuinfo", 16 * 1024).unwrap_or_default();
    let known = field(&cores, "model name").or_else(|| field(&cores, "cpu model")).map(str::to_owned);
    let board =
        || machine.line("/proc/device-tree/model").or_else(|| machine.line("/sys/firmware/devicetree/base/model"));
    known.or_else(board).or_else(|| field(&cores, "Hardware").map(str::to_owned)).map(HostText::from)
}

/// The first value of a field in `/proc/cpuinfo`, its runs of blanks made one.
pub fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        let value = value.trim();
        (key.trim_end() == name && !value.is_empty()).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn load_averages() {
        for (text, expected) in [
            ("0.06 0.10 0.08 1/116 11182\n", Some([0.06, 0.10, 0.08])),
            ("12.00 3.5 1\n", Some([12.0, 3.5, 1.0])),
            ("0.06 0.10", None),
            ("-1 0 0 1/1 1", None),
            ("nan 0 0 1/1 1", None),
            ("1e300 0 0", None),
            ("", None),
        ] {
            assert_eq!(loads(text).map(|loads| loads.map(Load::get)), expected, "{text}");
        }
    }

    #[test]
    fn time_is_shared_out() {
        let before = Jiffies { work: 100, idle: 800, iowait: 100, steal: 0 };
        for (now, expected) in [
            (Jiffies { work: 150, idle: 840, iowait: 105, steal: 5 }, Some((0.5, 0.05, 0.05))),
            (Jiffies { work: 150, idle: 850, iowait: 99, steal: 0 }, Some((0.5, 0.0, 0.0))),
            (before, None),
            (Jiffies { work: 10, idle: 80, iowait: 10, steal: 0 }, None),
        ] {
            let spent = now.since(&before).map(|spent| (spent.busy, spent.iowait, spent.steal));
            assert_eq!(spent, expected, "{now:?}");
        }
    }

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let text = "processor\t: 0\nmodel\t\t: 33\nmodel name\t: AMD Ryzen 9 5900X\nRevision\t:\n";
        assert_eq!(field(text, "model name"), Some("AMD Ryzen 9 5900X"));
        assert_eq!((field(text, "Revision"), field(text, "mode")), (None, None));
    }

    proptest! {
        #[test]
        fn shares_stay_within_one(a: [u64; 4], b: [u64; 4]) {
            let jiffies = |[work, idle, iowait, steal]: [u64; 4]| Jiffies { work, idle, iowait, steal };
            if let Some(spent) = jiffies(a).since(&jiffies(b)) {
                for share in [spent.busy, spent.iowait, spent.steal] {
                    prop_assert!((0.0..=1.0).contains(&share), "{spent:?}");
                }
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = (loads(&text), field(&text, "model name"));
        }
    }
}
