//! Fewer points, with the extremes among them: what a chart of so many columns needs.
//!
//! Each stretch of time keeps its least and its greatest point. That a disk was full for five seconds is what a person
//! looks for in a chart of a month; a mean hides it, and picking by the shape of the curve (largest triangle, three
//! buckets) may pass it over, because it keeps one point a stretch. Nothing is invented: every point was measured.

use super::Point;

/// At most `most` of the points, in their order: the first and the last, and of each of equal stretches of time between
/// them the least and the greatest. All of them where they are few enough already; below 4, the extremes count for more
/// than the ends. Values that are no number (NaN) are left out once anything is.
///
/// The points are in order of time. Cost: linear.
pub fn thin(points: &[Point], most: usize) -> Vec<Point> {
    if points.len() <= most {
        return points.to_vec();
    }
    let numbers: Vec<usize> = (0..points.len()).filter(|at| !points[*at].value.is_nan()).collect();
    let (Some(&first), Some(&last)) = (numbers.first(), numbers.last()) else {
        return points.iter().take(most).copied().collect();
    };
    let mut kept = Vec::with_capacity(most);
    let inner = if most >= 4 {
        kept.extend([first, last]);
        &numbers[1..numbers.len().max(2) - 1]
    } else {
        &numbers[..]
    };
    let stretches = (most - kept.len().min(most)) / 2;
    for stretch in stretched(points, inner, stretches) {
        kept.extend(extremes(points, stretch));
    }
    if most == 1 {
        kept.extend(numbers.iter().copied().max_by(|a, b| points[*a].value.total_cmp(&points[*b].value)));
    }
    kept.sort_unstable();
    kept.dedup();
    kept.into_iter().map(|at| points[at]).collect()
}

/// The places of points, in so many stretches of equal time.
fn stretched<'a>(points: &[Point], places: &'a [usize], stretches: usize) -> impl Iterator<Item = &'a [usize]> {
    let moment = |at: usize| i128::from(points[at].at.millis());
    let (begin, end) = match (places.first(), places.last()) {
        (Some(&first), Some(&last)) => (moment(first), moment(last)),
        _ => (0, 0),
    };
    let whole = (end - begin).max(0) + 1;
    let last = stretches.max(1) as i128 - 1;
    let stretch = move |at: usize| ((moment(at) - begin) * (last + 1) / whole).clamp(0, last);
    let mut groups: Vec<&[usize]> = places.chunk_by(|a, b| stretch(*a) == stretch(*b)).collect();
    // Points out of order come back to a stretch: then there are more groups than room.
    groups.truncate(stretches);
    groups.into_iter()
}

/// The places of the least and the greatest of some points.
fn extremes(points: &[Point], places: &[usize]) -> impl Iterator<Item = usize> {
    let by_value = |a: &&usize, b: &&usize| points[**a].value.total_cmp(&points[**b].value);
    let least = places.iter().min_by(by_value).copied();
    let most = places.iter().max_by(by_value).copied();
    least.into_iter().chain(most)
}

#[cfg(test)]
mod tests;
