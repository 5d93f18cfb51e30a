//! `/proc/stat`: how the processors spent their time, in ticks since the machine started (proc(5)).

/// Ticks, put together as far as anybody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Jiffies {
    /// For programs and the kernel, interrupts among them. Time of guests is in it already.
    pub work: u64,
    /// Nothing to do.
    pub idle: u64,
    /// Nothing to do but wait for a disk.
    pub iowait: u64,
    /// Given to others by the hypervisor.
    pub steal: u64,
}

impl Jiffies {
    /// All of them.
    pub fn sum(&self) -> u64 {
        self.work.saturating_add(self.idle).saturating_add(self.iowait).saturating_add(self.steal)
    }

    /// From the numbers of a line: user, nice, system, idle, iowait, irq, softirq, steal. Old kernels have the first four.
    fn parse(numbers: &str) -> Option<Self> {
        let mut fields = [0_u64; 8];
        let mut found = 0;
        for (field, number) in fields.iter_mut().zip(numbers.split_whitespace()) {
            *field = number.parse().ok()?;
            found += 1;
        }
        let [user, nice, system, idle, iowait, irq, softirq, steal] = fields;
        let work = [nice, system, irq, softirq].into_iter().fold(user, u64::saturating_add);
        (found >= 4).then_some(Self { work, idle, iowait, steal })
    }
}

/// The part of the file that is about processors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stat {
    /// All cores together.
    pub all: Jiffies,
    /// Each core that is switched on, by its number.
    pub cores: Vec<(u32, Jiffies)>,
}

impl Stat {
    /// The most cores that are kept.
    pub const MOST_CORES: usize = 1024;

    /// Reads the file; nothing if it has no line for all cores together.
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = None;
        let mut cores = Vec::new();
        for line in text.lines() {
            let Some(rest) = line.strip_prefix("cpu") else { break };
            let Some((number, numbers)) = rest.split_once(' ') else { continue };
            let Some(jiffies) = Jiffies::parse(numbers) else { continue };
            if number.is_empty() {
                all = Some(jiffies);
            } else if let Ok(number) = number.parse()
                && cores.len() < Self::MOST_CORES
            {
                cores.push((number, jiffies));
            }
        }
        all.map(|all| Self { all, cores })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn processors_are_read_and_what_follows_is_not() {
        let text = "cpu  10 20 30 400 50 6 7 8 9 0\ncpu0 5 10 15 200 25 3 3 4 5 0\ncpu2 5 10 15 200 25 3 4 4 4 0\n\
                    intr 1 2 3\ncpu9 1 1 1 1\n";
        let stat = Stat::parse(text).unwrap();
        assert_eq!(stat.all, Jiffies { work: 73, idle: 400, iowait: 50, steal: 8 });
        assert_eq!(stat.cores.iter().map(|(core, _)| *core).collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn other_forms() {
        for (text, expected) in [
            ("cpu 1 2 3 4\n", Some(Jiffies { work: 6, idle: 4, iowait: 0, steal: 0 })),
            ("cpu 1 2 3\n", None),
            ("cpu 1 x 3 4\n", None),
            ("cpu 99999999999999999999 2 3 4\n", None),
            ("cpu0 1 2 3 4\n", None),
            ("", None),
        ] {
            assert_eq!(Stat::parse(text).map(|stat| stat.all), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(cpu[0-9]{0,3} [0-9 ]{0,200}\n){0,4}.{0,50}") {
            if let Some(stat) = Stat::parse(&text) {
                let _ = stat.all.sum();
            }
        }
    }
}
