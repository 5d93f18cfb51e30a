//! Batteries and adapters (Documentation/ABI/testing/sysfs-class-power): one reading of `uevent` tells all of one.

use cm_model::report::service::{BatteryState, Sensor};
use cm_model::unit::{Amperes, Celsius, Count, Percent, Volts, Watts};

use crate::machine::Machine;

/// Where they are.
pub(super) const PLACE: &str = "/sys/class/power_supply";

/// A supply, as it is now.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) sensor: Sensor,
    /// Whether it is told where the owner chose nothing.
    pub(super) by_default: bool,
}

/// The supply of this name; nothing if it is gone, or not there (an empty bay).
pub(super) fn read(machine: &Machine, name: &str) -> Option<Found> {
    parse(name, &machine.head(&format!("{PLACE}/{name}/uevent"), 4096).ok()?)
}

/// Reads the text of `uevent`.
fn parse(name: &str, text: &str) -> Option<Found> {
    let word = |key: &str| {
        text.lines().find_map(|line| line.strip_prefix("POWER_SUPPLY_")?.strip_prefix(key)?.strip_prefix('='))
    };
    let number = |key: &str| word(key)?.trim().parse::<f64>().ok();
    // Millionths of volts, amperes and watts.
    let millionths = |key: &str| number(key).map(|value| value / 1e6);
    let mut sensor = Sensor { name: name.into(), ..Sensor::default() };
    match word("TYPE")? {
        "Battery" | "UPS" if number("PRESENT") != Some(0.0) => {}
        "Battery" | "UPS" => return None,
        kind => {
            sensor.online = Some(number("ONLINE")? > 0.0);
            return Some(Found { sensor, by_default: kind == "Mains" });
        }
    }
    let full = ["ENERGY", "CHARGE"].into_iter().find_map(|unit| {
        let full = number(&format!("{unit}_FULL"))?;
        let now = number(&format!("{unit}_NOW"));
        Some((full, now, number(&format!("{unit}_FULL_DESIGN"))))
    });
    let share = |part: f64, whole: f64| Percent::try_from(100.0 * part / whole).ok().map(|share| share.rounded(0));
    sensor.charge_percent = number("CAPACITY")
        .and_then(|charge| Percent::try_from(charge).ok())
        .or_else(|| full.and_then(|(full, now, _)| share(now?, full)))
        .filter(|charge| charge.get() <= 110.0);
    sensor.health_percent =
        full.and_then(|(full, _, design)| share(full, design?)).filter(|h| h.get() > 0.0 && h.get() <= 200.0);
    sensor.state = word("STATUS").map(BatteryState::from_word).filter(|state| *state != BatteryState::Unknown);
    // Drivers that don't count say nought.
    sensor.cycles =
        word("CYCLE_COUNT").and_then(|count| count.trim().parse().ok()).filter(|count| *count > 0).map(Count);
    let volts = millionths("VOLTAGE_NOW").filter(|volts| (0.0..1_000.0).contains(volts));
    // Some drivers count what flows out as negative, some never: what it does its state says.
    let amperes = millionths("CURRENT_NOW").map(f64::abs).filter(|amperes| *amperes < 1_000.0);
    let watts = millionths("POWER_NOW").map(f64::abs).or_else(|| Some(volts? * amperes?)).filter(|watts| *watts < 1e5);
    sensor.voltage_v = volts.and_then(|volts| Volts::try_from(volts).ok()).map(|volts| volts.rounded(2));
    sensor.current_a = amperes.and_then(|amperes| Amperes::try_from(amperes).ok()).map(|amperes| amperes.rounded(2));
    sensor.power_w = watts.and_then(|watts| Watts::try_from(watts).ok()).map(|watts| watts.rounded(1));
    // Tenths of a degree.
    sensor.temperature_c = number("TEMP")
        .filter(|tenths| (-400.0..=1_500.0).contains(tenths) && *tenths != 0.0)
        .map(|tenths| Celsius::saturating(tenths / 10.0));
    sensor.alarm = word("HEALTH").and_then(|health| match health {
        "Good" | "Cool" | "Warm" => Some(false),
        "Unknown" => None,
        _ => Some(true),
    });
    let bare = Sensor { name: sensor.name.clone(), ..Sensor::default() };
    (sensor != bare).then_some(Found { sensor, by_default: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> Option<Sensor> {
        let lines: Vec<String> =
            text.split(' ').map(|field| format!("POWER_SUPPLY_{}", field.replace('~', " "))).collect();
        parse("x", &lines.join("\n")).map(|found| found.sensor)
    }

    #[test]
    fn a_battery_tells_charge_wear_and_draw() {
        let battery = told(
            "TYPE=Battery STATUS=Discharging PRESENT=1 CYCLE_COUNT=412 VOLTAGE_NOW=11870000 POWER_NOW=7420000 \
             ENERGY_FULL_DESIGN=57020000 ENERGY_FULL=40484000 ENERGY_NOW=32387000 CAPACITY=80",
        )
        .unwrap();
        let expected = Sensor {
            name: "x".into(),
            charge_percent: Percent::try_from(80.0).ok(),
            state: Some(BatteryState::Discharging),
            health_percent: Percent::try_from(71.0).ok(),
            cycles: Some(Count(412)),
            voltage_v: Volts::try_from(11.87).ok(),
            power_w: Watts::try_from(7.4).ok(),
            ..Sensor::default()
        };
        assert_eq!(battery, expected);
    }

    #[test]
    fn what_drivers_leave_out_or_get_wrong_is_left_out() {
        let charge = |text: &str| told(text).and_then(|sensor| sensor.charge_percent).map(Percent::get);
        for (text, expected) in [
            ("TYPE=Battery CHARGE_FULL=4000 CHARGE_NOW=1000", Some(25.0)),
            ("TYPE=Battery CHARGE_FULL=0 CHARGE_NOW=1000", None),
            ("TYPE=Battery CAPACITY=-1", None),
            ("TYPE=Battery CAPACITY=255", None),
            ("TYPE=Battery PRESENT=0 CAPACITY=50", None),
            ("TYPE=Battery", None),
            ("CAPACITY=50", None),
        ] {
            assert_eq!(charge(text), expected, "{text}");
        }
        let flows_out = told("TYPE=Battery CURRENT_NOW=-500000 VOLTAGE_NOW=12000000 CYCLE_COUNT=0 TEMP=312").unwrap();
        assert_eq!(flows_out.power_w.map(Watts::get), Some(6.0));
        assert_eq!((flows_out.cycles, flows_out.temperature_c.map(Celsius::get)), (None, Some(31.2)));
        let hot = told("TYPE=Battery HEALTH=Overheat CAPACITY=50 STATUS=Not~charging").unwrap();
        assert_eq!((hot.alarm, hot.state), (Some(true), Some(BatteryState::Held)));
        assert_eq!(told("TYPE=Mains ONLINE=1").unwrap().online, Some(true));
        assert_eq!(told("TYPE=Mains"), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(POWER_SUPPLY_(TYPE|STATUS|CAPACITY|ENERGY_FULL|ENERGY_FULL_DESIGN|VOLTAGE_NOW|TEMP)=(Battery|-?[0-9eNa.]{0,12})\n){0,9}.{0,20}") {
            parse("x", &text);
        }
    }
}
