//! A slope that outliers do not bend: the median of the slopes between all pairs of points (Theil 1950, Sen 1968).
//!
//! It knows points alone, not what they count nor in which unit.

/// More points than this are thinned evenly before pairs are made: 300 points are 44,850 pairs, a millisecond.
pub const POINTS: usize = 300;

/// A slope with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    /// The median of all slopes between two points, in units of y over units of x.
    pub middle: f64,
    /// The low end of its 90 % interval.
    pub low: f64,
    /// The high end of its 90 % interval.
    pub high: f64,
}

/// The slope of `points` (x, y), in any order; points that are not finite are left out.
///
/// The interval is Sen's, from the normal approximation of Kendall's S without ties. `None` below two different x.
/// Costs O(n²) for n ≤ [`POINTS`], memory for as many slopes.
pub fn slope(points: &[(f64, f64)]) -> Option<Slope> {
    let sound: Vec<(f64, f64)> = points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    let step = sound.len().div_ceil(POINTS).max(1);
    let kept: Vec<(f64, f64)> = sound.into_iter().step_by(step).collect();
    let mut slopes: Vec<f64> = Vec::with_capacity(kept.len() * kept.len().saturating_sub(1) / 2);
    for (n, (x, y)) in kept.iter().enumerate() {
        slopes.extend(
            kept[n + 1..].iter().filter(|(other, _)| (other - x).abs() > 0.0).map(|(ox, oy)| (oy - y) / (ox - x)),
        );
    }
    if slopes.is_empty() {
        return None;
    }
    slopes.sort_by(f64::total_cmp);
    let n = kept.len() as f64;
    // Sen's interval: ranks (N ∓ 1.645 sd(S)) / 2 of the N sorted slopes, with var(S) = n(n-1)(2n+5)/18.
    let width = 1.645 * (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    let count = slopes.len() as f64;
    Some(Slope {
        middle: at_rank(&slopes, (count - 1.0) / 2.0),
        low: at_rank(&slopes, (count - width) / 2.0),
        high: at_rank(&slopes, f64::midpoint(count, width)),
    })
}

/// The value at a rank of a sorted list that is not empty, between two where the rank falls between them.
fn at_rank(sorted: &[f64], rank: f64) -> f64 {
    let rank = rank.clamp(0.0, (sorted.len() - 1) as f64);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the list's own indices")]
    let below = rank as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (rank - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_has_its_slope_and_no_width() {
        let line: Vec<(f64, f64)> = (0..50).map(|n| (f64::from(n), 3.0 + 0.25 * f64::from(n))).collect();
        let found = slope(&line).unwrap();
        assert!((found.middle - 0.25).abs() < 1e-12 && (found.high - found.low).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn outliers_bend_nothing() {
        let mut line: Vec<(f64, f64)> = (0..60).map(|n| (f64::from(n), 2.0 * f64::from(n))).collect();
        for n in [3, 17, 31, 44] {
            line[n].1 += 10_000.0;
        }
        let found = slope(&line).unwrap();
        assert!((found.middle - 2.0).abs() < 1e-9, "{found:?}");
        assert!(found.low <= found.middle && found.middle <= found.high);
    }

    #[test]
    fn too_few_points_have_no_slope_and_many_are_thinned() {
        assert_eq!(slope(&[]), None);
        assert_eq!(slope(&[(1.0, 2.0), (1.0, 5.0), (f64::NAN, 1.0)]), None);
        let many: Vec<(f64, f64)> = (0..100_000).map(|n| (f64::from(n), -f64::from(n))).collect();
        assert!((slope(&many).unwrap().middle + 1.0).abs() < 1e-9);
    }
}
