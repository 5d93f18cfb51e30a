//! What a metric counts in. It knows words and factors, not the metrics.

use serde::{Deserialize, Serialize};

use super::{Amperes, BytesPerSecond, Celsius, Hours, Megahertz, Milliseconds, Ratio, Volts, Watts, human};

/// What a metric counts in: how its values are named, printed, and turned into Prometheus' base units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Parts of a hundred.
    Percent,
    /// Degrees Celsius.
    Celsius,
    /// Bytes of memory or of a filesystem: printed in KiB, MiB, GiB.
    Bytes,
    /// Bytes as a drive's maker counts them: printed in GB, TB.
    DecimalBytes,
    /// Bytes a second.
    BytesPerSecond,
    /// A span in seconds.
    Seconds,
    /// A span in milliseconds.
    Milliseconds,
    /// A span in hours.
    Hours,
    /// A clock rate in MHz.
    Megahertz,
    /// Watts.
    Watts,
    /// Volts.
    Volts,
    /// Amperes.
    Amperes,
    /// How many.
    Count,
    /// A load average.
    Load,
    /// One quantity in terms of another.
    Ratio,
    /// Yes (1) or no (0).
    Flag,
}

impl Unit {
    /// The unit as documentation and CSV headers name it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Percent => "percent",
            Self::Celsius => "celsius",
            Self::Bytes | Self::DecimalBytes => "bytes",
            Self::BytesPerSecond => "bytes_per_second",
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::Hours => "hours",
            Self::Megahertz => "megahertz",
            Self::Watts => "watts",
            Self::Volts => "volts",
            Self::Amperes => "amperes",
            Self::Count => "count",
            Self::Load => "load",
            Self::Ratio => "ratio",
            Self::Flag => "flag",
        }
    }

    /// Prometheus' base unit: the suffix of a name (empty for a plain number) and the factor to reach it.
    pub const fn base(self) -> (&'static str, f64) {
        match self {
            Self::Percent => ("ratio", 0.01),
            Self::Celsius => ("celsius", 1.0),
            Self::Bytes | Self::DecimalBytes => ("bytes", 1.0),
            Self::BytesPerSecond => ("bytes_per_second", 1.0),
            Self::Seconds => ("seconds", 1.0),
            Self::Milliseconds => ("seconds", 0.001),
            Self::Hours => ("seconds", 3600.0),
            Self::Megahertz => ("hertz", 1e6),
            Self::Watts => ("watts", 1.0),
            Self::Volts => ("volts", 1.0),
            Self::Amperes => ("amperes", 1.0),
            Self::Ratio => ("ratio", 1.0),
            Self::Count | Self::Load | Self::Flag => ("", 1.0),
        }
    }

    /// A value of this unit as people read it.
    pub fn print(self, value: f64) -> String {
        match self {
            Self::Percent => human::percent(value),
            Self::Celsius => Celsius::saturating(value).to_string(),
            Self::Bytes => human::binary(value),
            Self::DecimalBytes => human::decimal(value),
            Self::BytesPerSecond => BytesPerSecond::saturating(value).to_string(),
            Self::Seconds => human::span(value),
            Self::Milliseconds => Milliseconds::saturating(value).to_string(),
            Self::Hours => Hours::saturating(value).to_string(),
            Self::Megahertz => Megahertz::saturating(value).to_string(),
            Self::Watts => Watts::saturating(value).to_string(),
            Self::Volts => Volts::saturating(value).to_string(),
            Self::Amperes => Amperes::saturating(value).to_string(),
            Self::Count => human::grouped(value),
            Self::Load => format!("{value:.2}"),
            Self::Ratio => Ratio::saturating(value).to_string(),
            Self::Flag => if value > 0.5 { "yes" } else { "no" }.to_owned(),
        }
    }
}
