//! Sensors: heat, fans and power follow how hard the machine works; batteries live their own lives.

use super::cast;
use super::machine::effort;
use super::rhythm::noise;
use super::story::Moment;
use super::whole;
use crate::report::service::{BatteryState, Sensor};
use crate::unit::{Amperes, Celsius, Count, Percent, Volts, Watts};

pub(super) fn sensor(m: &Moment<'_>, plan: &cast::Sensor) -> Sensor {
    let way = |rest: f64, most: f64, span: f64| rest + (most - rest) * effort(m, span);
    let percent = |value: f64| Some(Percent::saturating(value).rounded(0));
    match *plan {
        cast::Sensor::FanRpm(name, rest, most) => {
            let turns = way(rest, most, 120.0) * (1.0 + 0.02 * noise(m.part("fan", name), m.t));
            Sensor { name: name.into(), fan_rpm: Some(whole(turns)), ..Sensor::default() }
        }
        cast::Sensor::TemperatureC(name, rest, most) => {
            let warm = way(rest, most, 300.0) + noise(m.part("sensor", name), m.t);
            Sensor {
                name: name.into(),
                temperature_c: Some(Celsius::saturating(warm).rounded(1)),
                temperature_warning_c: Some(Celsius::saturating(most + 14.0)),
                temperature_critical_c: Some(Celsius::saturating(most + 19.0)),
                alarm: Some(false),
                ..Sensor::default()
            }
        }
        cast::Sensor::PowerW(name, rest, most) => {
            let drawn = way(rest, most, 10.0) * (1.0 + 0.04 * noise(m.part("power", name), m.t));
            Sensor { name: name.into(), power_w: Some(Watts::saturating(drawn).rounded(1)), ..Sensor::default() }
        }
        cast::Sensor::ChargePercent(name, charge) => {
            let left = (charge + 12.0 * noise(m.part("charge", name), m.t / 40.0)).clamp(5.0, 100.0);
            let state = Some(BatteryState::Discharging);
            Sensor { name: name.into(), charge_percent: percent(left), state, ..Sensor::default() }
        }
        cast::Sensor::Kept(name, charge, health, cycles) => Sensor {
            name: name.into(),
            charge_percent: percent(charge),
            state: Some(BatteryState::Held),
            health_percent: percent(health),
            cycles: Some(Count(cycles)),
            voltage_v: Some(Volts::saturating(12.1 + 0.04 * noise(m.part("voltage", name), m.t)).rounded(2)),
            current_a: Some(Amperes::saturating(0.0)),
            ..Sensor::default()
        },
        cast::Sensor::Mains(name) => Sensor { name: name.into(), online: Some(true), ..Sensor::default() },
    }
}
