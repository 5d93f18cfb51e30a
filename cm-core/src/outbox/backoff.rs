//! How long is waited after a failure: twice as long each time, up to an hour, and never two channels or two programs in
//! step.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(15);
const MOST: Duration = Duration::from_hours(1);

/// The wait after so many failures in a row, between half and the whole of what is due. `seed` is chance, handed in.
pub(super) fn backoff(failures: u32, seed: u64, name: &str) -> Duration {
    let doubled = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(20)).min(MOST);
    // FNV-1a, then a round of splitmix64: any mixture will do, as long as the same seed gives the same wait.
    let mut mixed = name
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64 ^ seed, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3));
    mixed = mixed.wrapping_add(u64::from(failures)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^= mixed >> 31;
    let half = doubled / 2;
    let part = u32::try_from(mixed >> 44).unwrap_or(0);
    half + half * part / (1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_lie_between_half_and_the_whole() {
        for (failures, most) in
            [(1, 15), (2, 30), (3, 60), (5, 240), (8, 1_920), (9, 3_600), (40, 3_600), (u32::MAX, 3_600)]
        {
            let waits: Vec<u128> = (0..200).map(|seed| backoff(failures, seed, "mail").as_millis()).collect();
            let (low, high) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
            assert!(*low >= most * 500 && *high <= most * 1_000, "{failures}: {low} {high}");
            assert!(high - low > most * 400, "{failures}: {low} {high}");
            assert_eq!(backoff(failures, 7, "mail"), backoff(failures, 7, "mail"));
        }
    }
}
