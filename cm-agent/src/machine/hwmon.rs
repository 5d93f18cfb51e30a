//! The kernel's hardware monitoring: chips under `/sys/class/hwmon` and below devices, and their temperatures.
//!
//! It knows the form (`tempN_input` in thousandths of a degree, `tempN_label`), not which chip measures what.

use cm_model::unit::Celsius;

use super::Machine;

/// One temperature of a chip: where to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The path up to the underscore: `/sys/class/hwmon/hwmon2/temp1`.
    stem: String,
    /// What the chip calls it.
    pub label: Option<String>,
}

impl Probe {
    /// The temperatures of the chip in this directory, by number.
    pub fn all(machine: &Machine, chip: &str) -> Vec<Self> {
        let names = machine.list(chip).unwrap_or_default();
        let inputs = names.iter().filter_map(|name| name.strip_suffix("_input"));
        inputs
            .filter(|stem| stem.starts_with("temp"))
            .map(|stem| {
                let stem = format!("{chip}/{stem}");
                let label = machine.line(&format!("{stem}_label"));
                Self { stem, label }
            })
            .collect()
    }

    /// The temperature now.
    pub fn temperature(&self, machine: &Machine) -> Option<Celsius> {
        self.figure(machine, "input")
    }

    /// The limit of that name (`max`, `crit`), if the chip states one.
    pub fn limit(&self, machine: &Machine, name: &str) -> Option<Celsius> {
        self.figure(machine, name)
    }

    fn figure(&self, machine: &Machine, name: &str) -> Option<Celsius> {
        celsius(machine.number(&format!("{}_{name}", self.stem))?)
    }
}

/// Thousandths of a degree as the kernel writes them. What no drive or processor can be (drivers answer so for a sensor
/// that is not connected, and NVMe drives for a limit that they don't have) is nothing.
pub fn celsius(thousandths: i64) -> Option<Celsius> {
    if !(-40_000..=200_000).contains(&thousandths) {
        return None;
    }
    Celsius::try_from(thousandths as f64 / 1000.0).ok().map(|celsius| celsius.rounded(1))
}

#[cfg(test)]
mod tests {
    use super::celsius;

    #[test]
    fn what_cannot_be_is_no_temperature() {
        for (thousandths, expected) in
            [(45_850, Some(45.9)), (-5_000, Some(-5.0)), (-273_150, None), (65_261_850, None), (i64::MIN, None)]
        {
            assert_eq!(celsius(thousandths).map(cm_model::unit::Celsius::get), expected, "{thousandths}");
        }
    }
}
