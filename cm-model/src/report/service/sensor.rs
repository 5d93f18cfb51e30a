//! What a host tells of its sensors: heat, fans, power, voltages, batteries.
//!
//! One type for all, since a sensor is known by its name and not by what it measures. It does not know the chips.

use serde::{Deserialize, Serialize};

use super::super::words;
use crate::text::HostText;
use crate::unit::{Amperes, Celsius, Count, Percent, Volts, Watts};

/// A reading that belongs to no other block: of a chip one value, of a battery or a power adapter all that it tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Sensor {
    /// Chip and label: `nct6775 CPU fan`.
    pub name: HostText,
    /// A fan's turns a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fan_rpm: Option<Count>,
    /// A temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_c: Option<Celsius>,
    /// The chip's own limit: too warm from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_warning_c: Option<Celsius>,
    /// The chip's own limit: what it measures is harmed or shut off from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_critical_c: Option<Celsius>,
    /// Power draw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_w: Option<Watts>,
    /// A voltage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voltage_v: Option<Volts>,
    /// A current.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_a: Option<Amperes>,
    /// Whether the chip itself calls the value critical, or the part faulty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarm: Option<bool>,
    /// A battery's charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge_percent: Option<Percent>,
    /// What a battery does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<BatteryState>,
    /// What a battery can still hold of what it held when it was new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_percent: Option<Percent>,
    /// Times that a battery was charged from end to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycles: Option<Count>,
    /// Whether a power adapter gives power.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online: Option<bool>,
}

words! {
    /// What a battery does.
    BatteryState {
        /// It is being charged.
        Charging = "charging",
        /// The machine lives on it.
        Discharging = "discharging",
        /// It is as full as it gets.
        Full = "full",
        /// It has power and is kept from charging.
        Held = "not charging",
    }
}
