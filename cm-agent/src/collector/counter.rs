//! Rates from counters that only rise, until something sets them back.

use std::time::Duration;

use cm_model::unit::BytesPerSecond;

/// How much a counter rose; nothing if it fell back (a reset, another device under the same name, a wrap): better no
/// rate than a wrong one.
pub(super) fn rise(before: u64, after: u64) -> Option<u64> {
    after.checked_sub(before)
}

/// Mean rise a second over a span; nothing over no span.
pub(super) fn per_second(rise: u64, span: Duration) -> Option<f64> {
    (!span.is_zero()).then(|| rise as f64 / span.as_secs_f64())
}

/// Bytes a second, whole.
pub(super) fn bytes_per_second(before: u64, after: u64, span: Duration) -> Option<BytesPerSecond> {
    let rate = per_second(rise(before, after)?, span)?;
    Some(BytesPerSecond::saturating(rate.round()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_that_fell_back_gives_no_rate() {
        let second = Duration::from_secs(2);
        for (before, after, span, expected) in [
            (100, 300, second, Some(100.0)),
            (100, 100, second, Some(0.0)),
            (300, 100, second, None),
            (u64::MAX, 5, second, None),
            (100, 300, Duration::ZERO, None),
        ] {
            let rate = bytes_per_second(before, after, span).map(BytesPerSecond::get);
            assert_eq!(rate, expected, "{before} to {after}");
        }
    }
}
