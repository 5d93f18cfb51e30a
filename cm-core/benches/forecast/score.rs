//! Weighted medians, shares and a bootstrap over fleets. It knows numbers with weights.

/// |log((true + 0.5) / (foretold + 0.5))| of points used.
pub(crate) fn log_error(foretold: f64, truth: f64) -> f64 {
    ((truth + 0.5) / (foretold.max(0.0) + 0.5)).ln().abs()
}

/// The value below which half of the weight lies.
pub(crate) fn median(values: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    quantile(values, 0.5)
}

/// The value below which a share of the weight lies; not a number without values.
pub(crate) fn quantile(values: impl IntoIterator<Item = (f64, f64)>, share: f64) -> f64 {
    let mut sorted: Vec<(f64, f64)> = values.into_iter().collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = sorted.iter().map(|value| value.1).sum::<f64>() * share;
    let mut sum = 0.0;
    for (value, weight) in &sorted {
        sum += weight;
        if sum >= half {
            return *value;
        }
    }
    f64::NAN
}

/// The weighted mean; of zeros and ones it is a share.
pub(crate) fn mean(values: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    let (sum, weight) = values.into_iter().fold((0.0, 0.0), |(sum, weight), (value, w)| (sum + value * w, weight + w));
    sum / weight
}

/// A number that looks random, from a seed: `SplitMix64`.
pub(crate) fn scramble(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// FNV-1a of a text, scrambled once more: the fleets are split by it, so that every run splits them alike.
pub(crate) fn hash(text: &str) -> u64 {
    scramble(
        text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
    )
}
