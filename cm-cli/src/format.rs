//! Documents in the forms in which they go out.

pub mod csv;
pub mod json;
pub mod oneline;
pub mod prometheus;
pub mod table;

use std::io;

use cm_core::clock::WallTime;
use cm_core::unit::Unit;

/// A number without the noise of its computation: bytes whole, whole numbers as they are, others to three places.
pub(crate) fn rounded(value: f64, unit: Unit) -> f64 {
    if matches!(unit, Unit::Bytes | Unit::DecimalBytes | Unit::BytesPerSecond) {
        return value.round();
    }
    let places = (value * 1000.0).round() / 1000.0;
    // What is tiny keeps three digits instead of vanishing.
    if places == 0.0 && value != 0.0 { format!("{value:.2e}").parse().unwrap_or(value) } else { places }
}

/// A moment as CSV has it: `2026-11-24T12:04:31Z`.
pub(crate) fn iso(at: WallTime) -> String {
    let utc = chrono::DateTime::from_timestamp_millis(at.millis()).unwrap_or_default();
    utc.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A moment in full, to the millisecond where it has any: `2026-11-24T12:04:31.250Z` (RFC 3339).
pub(crate) fn rfc3339(at: WallTime) -> String {
    let utc = chrono::DateTime::from_timestamp_millis(at.millis()).unwrap_or_default();
    utc.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// A number to four digits that matter.
pub(crate) fn significant(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { format!("{value:.3e}").parse().unwrap_or(value) }
}

/// Whether a unit's values are yes and no.
pub(crate) const fn is_flag(unit: Unit) -> bool {
    matches!(unit, Unit::Flag)
}

/// Whoever read went away: not a fault.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_noise_and_nothing_vanishes() {
        for (value, unit, written) in [
            (4.0, Unit::Percent, "4"),
            (31.578_947_368, Unit::Percent, "31.579"),
            (0.000_012_345, Unit::Load, "0.0000123"),
            (263_507_148.8, Unit::Bytes, "263507149"),
            (1e21, Unit::Bytes, "1000000000000000000000"),
            (-0.5, Unit::Celsius, "-0.5"),
        ] {
            assert_eq!(rounded(value, unit).to_string(), written);
        }
    }
}
