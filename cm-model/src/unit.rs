//! Quantities that know what they are: no bare `f64` crosses a public function.
//!
//! Each type has a range. A number outside it is refused where it is read, so everything behind the border may trust
//! its values: finite, and short enough to print. The types print themselves as people read them ([`human`]).

pub mod human;
mod measure;

use std::fmt;

pub use measure::Unit;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number that its unit does not allow.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{value} is no {what} (from {low} to {high})")]
pub struct OutOfRange {
    /// What the number was to be, in words.
    pub what: &'static str,
    /// The number as it came.
    pub value: f64,
    /// The least value allowed.
    pub low: f64,
    /// The greatest value allowed.
    pub high: f64,
}

/// Reads a number written as an integer or as a float, and hands it on as `f64`.
struct Number(&'static str);

impl Visitor<'_> for Number {
    type Value = f64;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number ({})", self.0)
    }
    fn visit_i64<E: de::Error>(self, v: i64) -> Result<f64, E> {
        Ok(v as f64)
    }
    fn visit_u64<E: de::Error>(self, v: u64) -> Result<f64, E> {
        Ok(v as f64)
    }
    fn visit_f64<E: de::Error>(self, v: f64) -> Result<f64, E> {
        Ok(v)
    }
}

/// Whole numbers are written without a fraction: shorter, and what older clients were written against.
fn write_number<S: Serializer>(value: f64, serializer: S) -> Result<S::Ok, S::Error> {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53: up to here every integer is an f64
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
    if value.fract() == 0.0 && value.abs() < EXACT {
        serializer.serialize_i64(value as i64)
    } else {
        serializer.serialize_f64(value)
    }
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $what:literal, $low:expr, $high:expr, $print:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
        pub struct $name(f64);

        impl $name {
            /// The least value allowed.
            pub const LOW: f64 = $low;
            /// The greatest value allowed.
            pub const HIGH: f64 = $high;

            /// The value moved into the range that this unit allows; not-a-number becomes its low end.
            pub fn saturating(value: f64) -> Self {
                Self(if value.is_nan() { Self::LOW } else { value.clamp(Self::LOW, Self::HIGH) })
            }

            /// The bare number, in this unit.
            pub const fn get(self) -> f64 {
                self.0
            }

            /// The same quantity with at most `decimals` digits after the point, so that it is short on the wire.
            #[must_use]
            pub fn rounded(self, decimals: i32) -> Self {
                let scale = 10_f64.powi(decimals);
                Self((self.0 * scale).round() / scale)
            }
        }

        impl TryFrom<f64> for $name {
            type Error = OutOfRange;
            fn try_from(value: f64) -> Result<Self, OutOfRange> {
                if (Self::LOW..=Self::HIGH).contains(&value) {
                    Ok(Self(value))
                } else {
                    Err(OutOfRange { what: $what, value, low: Self::LOW, high: Self::HIGH })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let print: fn(f64) -> String = $print;
                f.pad(&print(self.0))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                write_number(self.0, serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = deserializer.deserialize_any(Number($what))?;
                Self::try_from(value).map_err(de::Error::custom)
            }
        }
    };
}

quantity! {
    /// Parts of a hundred. May pass 100: a worn drive, a service on many cores.
    Percent, "percentage", 0.0, 1_000_000.0, human::percent
}
quantity! {
    /// A temperature in degrees Celsius.
    Celsius, "temperature in °C", -273.15, 1_000.0, |v| format!("{v:.0} °C")
}
quantity! {
    /// An amount of memory in MiB (2^20 bytes): what the APIs call `_mb` of memory.
    Mebibytes, "amount of memory in MiB", 0.0, 1e12, |v| human::binary(v * 1_048_576.0)
}
quantity! {
    /// An amount of storage in GiB (2^30 bytes): what the APIs call `_gb` of filesystems, services and backups.
    Gibibytes, "amount of storage in GiB", 0.0, 1e12, |v| human::binary(v * 1_073_741_824.0)
}
quantity! {
    /// A capacity as a drive's maker states it, in GB (10^9 bytes).
    Gigabytes, "capacity in GB", 0.0, 1e12, |v| human::decimal(v * 1e9)
}
quantity! {
    /// Bytes moved over a drive's life, in TB (10^12 bytes).
    Terabytes, "amount of data in TB", 0.0, 1e12, |v| human::decimal(v * 1e12)
}
quantity! {
    /// Bytes a second.
    BytesPerSecond, "rate in bytes a second", 0.0, 1e18, |v| format!("{}/s", human::binary(v))
}
quantity! {
    /// A span of time in seconds.
    Seconds, "span of time in seconds", 0.0, 1e12, human::span
}
quantity! {
    /// A span of time in milliseconds.
    Milliseconds, "span of time in milliseconds", 0.0, 1e12, |v| format!("{} ms", human::short(v))
}
quantity! {
    /// Hours in which a drive had power.
    Hours, "number of hours", 0.0, 1e12, |v| format!("{} h", human::grouped(v))
}
quantity! {
    /// A clock rate in MHz.
    Megahertz, "clock rate in MHz", 0.0, 1e9, |v| if v >= 1000.0 { format!("{:.1} GHz", v / 1000.0) } else { format!("{v:.0} MHz") }
}
quantity! {
    /// Electrical power in watts.
    Watts, "power in watts", 0.0, 1e9, |v| format!("{} W", human::short(v))
}
quantity! {
    /// Voltage in volts.
    Volts, "voltage in volts", -1e6, 1e6, |v| format!("{v:.2} V")
}
quantity! {
    /// Electrical current in amperes; negative where it flows the other way.
    Amperes, "current in amperes", -1e6, 1e6, |v| format!("{v:.2} A")
}
quantity! {
    /// The load average: how many tasks ran or waited, over 1, 5 or 15 minutes.
    Load, "load average", 0.0, 1e9, |v| format!("{v:.2}")
}
quantity! {
    /// One quantity in terms of another.
    Ratio, "ratio", 0.0, 1e12, |v| format!("{}:1", human::short(v))
}

/// How many. Counters wider than 64 bits stand at [`u64::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Count(pub u64);

impl Count {
    /// The bare number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&human::grouped(self.0 as f64))
    }
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;
        impl Visitor<'_> for Whole {
            type Value = Count;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a count")
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Count, E> {
                Ok(Count(v))
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Count, E> {
                u64::try_from(v).map(Count).map_err(|_| E::custom(format_args!("{v} is no count (it is below 0)")))
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "not negative, and saturating is what wide counters want"
            )]
            fn visit_f64<E: de::Error>(self, v: f64) -> Result<Count, E> {
                if v >= 0.0 {
                    Ok(Count(v as u64))
                } else {
                    Err(E::custom(format_args!("{v} is no count (it is below 0)")))
                }
            }
        }
        deserializer.deserialize_any(Whole)
    }
}

/// An amount of memory or storage in bytes: what the catalogue counts in, and where MiB, GiB and TB meet.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Bytes(f64);

impl Bytes {
    /// An amount from a number of bytes; what is negative or not a number becomes 0.
    pub fn new(bytes: f64) -> Self {
        Self(if bytes > 0.0 { bytes } else { 0.0 })
    }

    /// The bare number of bytes.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// In MiB, as the APIs state memory.
    pub fn mebibytes(self) -> Mebibytes {
        Mebibytes::saturating(self.0 / 1_048_576.0).rounded(2)
    }

    /// In GiB, as the APIs state storage.
    pub fn gibibytes(self) -> Gibibytes {
        Gibibytes::saturating(self.0 / 1_073_741_824.0).rounded(3)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&human::binary(self.0))
    }
}

impl From<Mebibytes> for Bytes {
    fn from(v: Mebibytes) -> Self {
        Self(v.0 * 1_048_576.0)
    }
}

impl From<Gibibytes> for Bytes {
    fn from(v: Gibibytes) -> Self {
        Self(v.0 * 1_073_741_824.0)
    }
}

impl From<Gigabytes> for Bytes {
    fn from(v: Gigabytes) -> Self {
        Self(v.0 * 1e9)
    }
}

impl From<Terabytes> for Bytes {
    fn from(v: Terabytes) -> Self {
        Self(v.0 * 1e12)
    }
}

#[cfg(test)]
mod tests;
