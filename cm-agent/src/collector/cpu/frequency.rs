//! The clock rate that the processors run at, averaged over cores.
//!
//! From cpufreq, where cores that share a clock are one policy. Without it (most virtual machines) the rate in
//! `/proc/cpuinfo` is a constant and is read once: that file is the dearest of all to read.

use cm_model::unit::Megahertz;

use super::field;
use crate::machine::Machine;

/// Where the rate is read.
#[derive(Debug, Default)]
pub struct Frequency(Source);

#[derive(Debug, Default)]
enum Source {
    #[default]
    NotSought,
    /// Files with a rate in kHz, and how many cores each is for.
    Policies(Vec<(String, f64)>),
    Constant(Option<Megahertz>),
}

impl Frequency {
    /// The most policies that are read: reading one may interrupt its core, and the mean of sixteen tells as much.
    const MOST_POLICIES: usize = 16;

    /// The rate now.
    pub fn now(&mut self, machine: &Machine) -> Option<Megahertz> {
        if matches!(self.0, Source::NotSought) {
            self.0 = Self::seek(machine);
        }
        match &self.0 {
            Source::NotSought => None,
            Source::Constant(rate) => *rate,
            Source::Policies(policies) => {
                let rates = policies.iter().filter_map(|(path, cores)| Some((machine.number::<f64>(path)?, *cores)));
                mean(rates).and_then(|khz| Megahertz::try_from(khz / 1000.0).ok()).map(|rate| rate.rounded(0))
            }
        }
    }

    fn seek(machine: &Machine) -> Source {
        const POLICIES: &str = "/sys/devices/system/cpu/cpufreq";
        let names = machine.list(POLICIES).unwrap_or_default();
        let mut policies: Vec<_> = names
            .iter()
            .filter(|name| name.starts_with("policy"))
            .filter_map(|name| {
                let rate = format!("{POLICIES}/{name}/scaling_cur_freq");
                let cores = machine.line(&format!("{POLICIES}/{name}/affected_cpus"));
                let cores = cores.map_or(1, |cores| cores.split_whitespace().count().max(1));
                machine.exists(&rate).then_some((rate, cores as f64))
            })
            .collect();
        if policies.is_empty() {
            let text = machine.head("/proc/cpuinfo", 16 * 1024).unwrap_or_default();
            let rate = field(&text, "cpu MHz").and_then(|rate| rate.parse().ok());
            return Source::Constant(
                rate.and_then(|rate: f64| Megahertz::try_from(rate).ok()).map(|rate| rate.rounded(0)),
            );
        }
        // Spread evenly, so that both halves of a machine with two kinds of cores have their say.
        let step = policies.len().div_ceil(Self::MOST_POLICIES);
        let mut index = 0;
        policies.retain(|_| {
            index += 1;
            (index - 1) % step == 0
        });
        Source::Policies(policies)
    }
}

/// The mean of values, each with its weight.
fn mean(values: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (sum, weight) = values.fold((0.0, 0.0), |(sum, weight), (value, w)| (sum + value * w, weight + w));
    (weight > 0.0).then(|| sum / weight)
}

#[cfg(test)]
mod tests {
    use super::mean;

    #[test]
    fn a_policy_weighs_as_many_cores_as_it_has() {
        assert_eq!(mean([(3_000.0, 2.0), (1_000.0, 6.0)].into_iter()), Some(1_500.0));
        assert_eq!(mean(std::iter::empty()), None);
    }
}
