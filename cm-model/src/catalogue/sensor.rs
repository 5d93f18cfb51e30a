//! The sensors that belong to no other subject: fans, heat, power, batteries.

use super::{Measured, Reading, flag};
use crate::health::{Subject, SubjectKind};
use crate::metric::Limits;
use crate::report::service::{BatteryState, Sensor};
use crate::unit::{Amperes, Celsius, Percent, Unit, Volts, Watts};

type Row = Reading<Sensor>;

impl Measured for Sensor {
    const KIND: SubjectKind = SubjectKind::Sensor;
    const TABLES: &'static [&'static [Reading<Self>]] = &[&[
        Row::gauge(851, "sensor.fan", "turns a minute", Unit::Count, "A fan's turns a minute.", |s, _| {
            s.fan_rpm.map(|v| v.get() as f64)
        }),
        Row::gauge(
            852,
            "sensor.temperature",
            "temperature",
            Unit::Celsius,
            "A temperature that belongs to no other subject.",
            |s, _| s.temperature_c.map(Celsius::get),
        )
        .limits(Limits::warn_above(115.0), "Look at fans, dust and the airflow of the case.")
        .own(heat),
        Row::gauge(853, "sensor.power", "power", Unit::Watts, "Power draw.", |s, _| s.power_w.map(Watts::get)),
        Row::gauge(854, "sensor.charge", "charge", Unit::Percent, "A battery's charge.", |s, _| {
            s.charge_percent.map(Percent::get)
        })
        .limits(
            Limits::Below { warning: Some(10.0), critical: None },
            "Charge it; if it has power and does not charge, it or its adapter is at its end.",
        )
        .own(charge),
        Row::gauge(855, "sensor.voltage", "voltage", Unit::Volts, "A voltage that its driver names.", |s, _| {
            s.voltage_v.map(Volts::get)
        }),
        Row::gauge(856, "sensor.current", "current", Unit::Amperes, "A current that its driver names.", |s, _| {
            s.current_a.map(Amperes::get)
        }),
        Row::gauge(
            857,
            "sensor.alarm",
            "alarm",
            Unit::Flag,
            "Whether the chip itself calls the value critical, or the part faulty.",
            |s, _| s.alarm.map(flag),
        ),
        Row::gauge(
            858,
            "sensor.health",
            "battery health",
            Unit::Percent,
            "What a battery can still hold of what it held when it was new.",
            |s, _| s.health_percent.map(Percent::get),
        )
        .lifelong(),
        Row::counter(
            859,
            "sensor.cycles",
            "charge cycles",
            Unit::Count,
            "Times that a battery was charged from end to end.",
            |s, _| s.cycles.map(|v| v.get() as f64),
        )
        .lifelong(),
        Row::gauge(860, "sensor.online", "mains", Unit::Flag, "Whether a power adapter gives power.", |s, _| {
            s.online.map(flag)
        }),
    ]];

    fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Sensor, self.name.clone())
    }
}

/// A chip's own limits count where it states a critical one. A lone maximum is what some firmware left there, for one
/// board as high as what it is meant for and for the next at 0.
fn heat(sensor: &Sensor) -> Option<Limits> {
    let critical = sensor.temperature_critical_c?.get();
    let warning = sensor.temperature_warning_c.map(Celsius::get).filter(|warning| *warning < critical);
    Some(Limits::Above { warning, critical: Some(critical) })
}

/// A low battery is no trouble while it charges.
fn charge(sensor: &Sensor) -> Option<Limits> {
    match sensor.state? {
        BatteryState::Charging | BatteryState::Full => Some(Limits::None),
        BatteryState::Discharging | BatteryState::Held | BatteryState::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::Health;

    fn health_of(sensor: &Sensor, name: &str) -> Option<Health> {
        let reading = Sensor::TABLES[0].iter().find(|reading| reading.entry.metric.name == name).unwrap();
        let value = reading.value(sensor, crate::clock::WallTime::default()).unwrap();
        reading.limits_for(sensor).judge(value).map(|(health, _)| health)
    }

    #[test]
    fn heat_is_judged_by_the_critical_limit_of_its_chip() {
        let celsius = |value| Celsius::try_from(value).ok();
        for (now, warning, critical, expected) in [
            (84.0, None, Some(85.0), None),
            (85.0, None, Some(85.0), Some(Health::Critical)),
            (80.0, Some(80.0), Some(85.0), Some(Health::Warning)),
            (80.0, Some(80.0), None, None),
            (60.0, Some(0.0), None, None),
            (84.0, Some(90.0), Some(85.0), None),
            (116.0, None, None, Some(Health::Warning)),
        ] {
            let sensor = Sensor {
                temperature_c: celsius(now),
                temperature_warning_c: warning.and_then(celsius),
                temperature_critical_c: critical.and_then(celsius),
                ..Sensor::default()
            };
            assert_eq!(health_of(&sensor, "sensor.temperature"), expected, "{sensor:?}");
        }
    }

    #[test]
    fn a_low_battery_is_trouble_unless_it_charges() {
        for (state, expected) in [
            (None, Some(Health::Warning)),
            (Some(BatteryState::Discharging), Some(Health::Warning)),
            (Some(BatteryState::Held), Some(Health::Warning)),
            (Some(BatteryState::Charging), None),
            (Some(BatteryState::Full), None),
        ] {
            let charge_percent = Percent::try_from(7.0).ok();
            let sensor = Sensor { charge_percent, state, ..Sensor::default() };
            assert_eq!(health_of(&sensor, "sensor.charge"), expected, "{state:?}");
        }
    }
}
