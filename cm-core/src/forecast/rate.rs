//! How fast a drive wears now, from a segment of its readings, and how sure that is.
//!
//! Two roads lead there: what the counter of percent used did lately, and what is written against what one percent took.
//! While the counter has moved little the bytes know better, because whole percents are coarse; once it has moved three or
//! more the counter does, because it has seen what write amplification does. Where readings are so dense that its steps are
//! seen when they happen, the bytes between steps tell that as well, without the rounding, and the bytes alone count.
//! Constants were chosen on real fleets (docs/FORECAST.md says on which). It knows nothing of dates.

use super::path::{Rate, YEAR_H};
use super::segment::{Point, Segment};

/// What happened this long ago counts half, in hours: 600 days.
const HALF_LIFE_H: f64 = 600.0 * 24.0;
/// "Lately": since the last reading that is at least this old, in hours: 60 days for the counter, which moves in steps, and
/// 30 by the wall for the bytes, which do not.
const LATELY_H: f64 = 60.0 * 24.0;
const LATELY_BYTES_H: f64 = 30.0 * 24.0;
/// Steps that the life's rate counts for against the whole segment, and the segment's against lately.
const PSEUDO_STEPS: (f64, f64) = (0.05, 2.0);
/// Steps lately at which counter and bytes weigh the same, and how sharply the one gives way to the other.
const EVEN_STEPS: f64 = 3.0;
const SHARPNESS: f64 = 3.5;
/// Steps of which the last are looked at where they were seen closely, and how many the life counts for against them. A
/// step is seen closely if no more than this part of a percent was written between the two readings around it.
const CLOSE_STEPS: f64 = 5.0;
const CLOSE_PSEUDO_STEPS: f64 = 1.0;
const CLOSE: f64 = 0.3;
/// Odds of the life's rate against the rate now: at once, and more for each year ahead; steps lately at which both halve.
const PULL: (f64, f64) = (0.03, 0.5);
const PULL_HALVES: f64 = 5.0;
/// No pull goes further than this, as a logarithm: a drive that is used otherwise than it was does not come back to it.
const PULL_MOST: f64 = 1.0;
/// Bytes never foretell less than this share of the life's rate.
const LEAST_OF_LIFE: f64 = 0.0015;
/// Variance of the logarithm of the rate: always, more for a counter that hardly moved; and of its walk, a year.
const START_VARIANCE: (f64, f64) = (0.05, 0.10);
const WALK_SD: f64 = 0.75;
/// After the amount written has changed for good, what follows has been seen for a short time only.
const CHANGED_VARIANCE: f64 = 0.10;

/// What a segment says of the wear to come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Estimate {
    /// The rate, for the paths.
    pub(super) rate: Rate,
    /// Percent used as shown.
    pub(super) used: f64,
    /// Where within the shown percent the wear stands, at least and at most.
    pub(super) within: (f64, f64),
    /// Bytes written an hour, lately.
    pub(super) writes_per_h: Option<f64>,
    /// Bytes that one percent takes.
    pub(super) bytes_per_percent: Option<f64>,
    /// The amount written changed: new over old, and hours ago.
    pub(super) changed: Option<(f64, f64)>,
}

/// The estimate, or `None` where the segment has fewer than two moments or no wear at all.
pub(super) fn estimate(segment: &Segment) -> Option<Estimate> {
    let points = &segment.points;
    let (first, last) = (points.first()?, points.last()?);
    let span = last.h - first.h;
    if span <= 0.0 || last.used <= 0.0 {
        return None;
    }
    let steps = last.used - first.used;
    // Without the drive's own hours its life is what was watched of it.
    let life = if segment.own_clock && last.h > 0.0 { (last.used + 0.5) / last.h } else { (steps + 0.5) / span };
    let changed = changed(points);
    let since_h = changed.map_or(LATELY_H, |(_, ago)| ago.min(LATELY_H));
    let from = points.iter().rev().find(|point| last.h - point.h >= since_h).unwrap_or(first);
    let lately = Stretch::between(from, last);
    let (whole_hours, whole_steps) = decayed(points);

    let long = (whole_steps + PSEUDO_STEPS.0) / (whole_hours + PSEUDO_STEPS.0 / life);
    let counter = (lately.steps + PSEUDO_STEPS.1) / (lately.hours + PSEUDO_STEPS.1 / long);
    let closely = bytes_between_steps(segment);
    let bytes_per_percent = closely.or_else(|| bytes_per_percent(segment, steps));
    let month_h = since_h.min(LATELY_BYTES_H);
    let month = points.iter().rev().find(|point| last.wall_h - point.wall_h >= month_h).unwrap_or(first);
    let written = Stretch::between(month, last);
    let writes_per_h = written.bytes.map(|bytes| bytes / written.hours).filter(|rate| *rate > 0.0);
    let by_bytes =
        writes_per_h.zip(bytes_per_percent).map(|(writes, percent)| (writes / percent).max(life * LEAST_OF_LIFE));
    let now = match by_bytes {
        Some(bytes) if closely.is_some() => bytes.ln(),
        Some(bytes) => {
            let trust = lately.steps.powf(SHARPNESS) / (lately.steps.powf(SHARPNESS) + EVEN_STEPS.powf(SHARPNESS));
            trust * counter.ln() + (1.0 - trust) * bytes.ln()
        }
        None => counter.ln(),
    };
    let weak = 1.0 / (1.0 + lately.steps / PULL_HALVES);
    let variance = START_VARIANCE.0
        + START_VARIANCE.1 / (lately.steps + 1.0)
        + if changed.is_some() { CHANGED_VARIANCE } else { 0.0 }
        + duty_variance(segment);
    let rate = Rate {
        now,
        life: now + (life.ln() - now).clamp(-PULL_MOST, PULL_MOST),
        pull: (PULL.0 * weak, PULL.1 * weak),
        start_sd: variance.sqrt(),
        walk_sd: WALK_SD,
        measured_h: if by_bytes.is_some() { written.hours } else { lately.hours },
        stretch: stretch(lately.steps),
    };
    let within = within(points, now.exp());
    Some(Estimate { rate, used: last.used, within, writes_per_h, bytes_per_percent, changed })
}

/// By how much deviations below and above the middle are stretched, so that nine of ten real outcomes lie inside: found on
/// the calibration quarter of real fleets, by how far the counter moved lately.
fn stretch(steps: f64) -> (f64, f64) {
    match steps {
        ..3.0 => (1.0, 1.05),
        3.0..7.0 => (1.1, 1.3),
        7.0..15.0 => (1.7, 1.6),
        _ => (2.2, 1.7),
    }
}

/// Hours, percents and bytes between two moments.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    hours: f64,
    steps: f64,
    /// Bytes written.
    bytes: Option<f64>,
}

impl Stretch {
    fn between(from: &Point, to: &Point) -> Self {
        let hours = (to.h - from.h).max(1.0);
        let bytes = from.bytes.zip(to.bytes).map(|(before, after)| after - before);
        Self { hours, steps: to.used - from.used, bytes }
    }
}

/// Hours and percents of the whole segment, what lies further back counting less.
fn decayed(points: &[Point]) -> (f64, f64) {
    let end = points.last().map_or(0.0, |point| point.h);
    points.windows(2).fold((0.0, 0.0), |(hours, steps), pair| {
        let weight = (-(end - f64::midpoint(pair[0].h, pair[1].h)) / HALF_LIFE_H * std::f64::consts::LN_2).exp();
        (hours + weight * (pair[1].h - pair[0].h), steps + weight * (pair[1].used - pair[0].used))
    })
}

/// Bytes that one percent took over the last steps, where the first and the last of them were seen closely: what write
/// amplification is now, not what it was in the whole life.
fn bytes_between_steps(segment: &Segment) -> Option<f64> {
    let (first, last) = (segment.points.first()?, segment.points.last()?);
    let life = last.bytes.filter(|_| segment.bytes_whole)? / (last.used + 0.5);
    // Bytes at the moment at which the counter came to a percent.
    let at_step = |percent: f64| {
        let after = segment.points.partition_point(|point| point.used < percent);
        let (before, after) = (segment.points.get(after.checked_sub(1)?)?, segment.points.get(after)?);
        let written = after.bytes? - before.bytes?;
        let share = (percent - before.used - 0.5) / (after.used - before.used);
        (written <= CLOSE * life).then_some(before.bytes? + written * share)
    };
    let end = at_step(last.used)?;
    let mut from = (last.used - CLOSE_STEPS).max(first.used + 1.0);
    while from < last.used {
        if let Some(start) = at_step(from) {
            return Some((end - start + CLOSE_PSEUDO_STEPS * life) / (last.used - from + CLOSE_PSEUDO_STEPS));
        }
        from += 1.0;
    }
    None
}

/// Bytes that one percent takes: of the drive's whole life where its bytes count from the first day, else of what was
/// watched, from three steps on.
fn bytes_per_percent(segment: &Segment, steps: f64) -> Option<f64> {
    let last = segment.points.last()?;
    if segment.bytes_whole {
        return last.bytes.map(|bytes| bytes / (last.used + 0.5));
    }
    let first = segment.points.iter().find(|point| point.bytes.is_some())?;
    let moved = last.used - first.used;
    let written = last.bytes? - first.bytes?;
    (steps >= 3.0 && moved >= 3.0 && written > 0.0).then(|| written / moved)
}

/// Where within the shown percent the wear stands. A step that was seen closely tells; otherwise it may be anywhere.
fn within(points: &[Point], rate: f64) -> (f64, f64) {
    let (Some(last), Some(pair)) = (points.last(), points.windows(2).rev().find(|pair| pair[1].used > pair[0].used))
    else {
        return (0.0, 1.0);
    };
    let (width, single) = (rate * (pair[1].h - pair[0].h), pair[1].used - pair[0].used <= 1.0);
    if !single || width > 0.25 {
        return (0.0, 1.0);
    }
    let middle = (rate * (last.h - f64::midpoint(pair[0].h, pair[1].h))).clamp(0.0, 1.0);
    ((middle - 0.2).clamp(0.0, 0.8), (middle + 0.2).clamp(0.2, 1.0))
}

/// What the share of powered time adds to the variance when it is not steady. The second term is an assumption: a machine
/// that is off at times may be so more or less.
fn duty_variance(segment: &Segment) -> f64 {
    let (recent, whole) = segment.duty();
    (recent / whole).ln().powi(2) / 4.0 + 0.1 * (1.0 - recent).powi(2)
}

/// Whether and when the amount written changed for good: weekly amounts cut in two where the two parts differ most (a
/// CUSUM's peak), told only if they differ by half and by more than weeks differ among themselves. Needs 12 weeks of
/// readings no further than 10 days apart, looks back two years at most.
fn changed(points: &[Point]) -> Option<(f64, f64)> {
    let weeks = weekly_logs(points)?;
    let n = weeks.len();
    let mean = weeks.iter().sum::<f64>() / n as f64;
    let mut sum = 0.0;
    let mut peak = (0.0, 0);
    for (at, week) in weeks.iter().enumerate().take(n - 3) {
        sum += week - mean;
        if at >= 3 && sum.abs() > f64::abs(peak.0) {
            peak = (sum, at + 1);
        }
    }
    let (before, after) = weeks.split_at(peak.1);
    if before.len() < 4 {
        return None;
    }
    let (old, new) = (median(before), median(after));
    let noise = median(&weeks.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect::<Vec<_>>()).max(0.05);
    let differ = (new - old).abs();
    let sure = differ * (before.len() as f64 * after.len() as f64 / n as f64).sqrt() > 4.0 * noise;
    (differ > 1.5_f64.ln() && sure).then(|| ((new - old).exp(), after.len() as f64 * 168.0))
}

/// Logarithms of what was written in each powered week, oldest first.
fn weekly_logs(points: &[Point]) -> Option<Vec<f64>> {
    const WEEK: f64 = 168.0;
    let end = points.last()?.h;
    let recent: Vec<&Point> =
        points.iter().filter(|point| point.bytes.is_some() && end - point.h <= 104.0 * WEEK).collect();
    let dense = recent.windows(2).all(|pair| pair[1].h - pair[0].h <= 240.0);
    let span = end - recent.first()?.h;
    if !dense || span < 12.0 * WEEK {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 12 and 104")]
    let count = (span / WEEK) as usize;
    let mut marks = Vec::with_capacity(count + 1);
    let mut at = 0;
    for week in (0..=count).rev() {
        let h = end - week as f64 * WEEK;
        while at + 1 < recent.len() && recent[at + 1].h < h {
            at += 1;
        }
        let (low, high) = (recent[at], recent[(at + 1).min(recent.len() - 1)]);
        let share = if high.h > low.h { ((h - low.h) / (high.h - low.h)).clamp(0.0, 1.0) } else { 0.0 };
        marks.push(low.bytes? + (high.bytes? - low.bytes?) * share);
    }
    // A week without a write counts as a hundredth of the middle one, not as minus infinity.
    let sums: Vec<f64> = marks.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let floor = (median(&sums) / 100.0).max(1.0);
    Some(sums.iter().map(|sum| sum.max(floor).ln()).collect())
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// A rate an hour as a rate a year.
pub(super) fn a_year(per_hour: f64) -> f64 {
    per_hour * YEAR_H
}
