//! What repeats, set apart from what happened once or twice: an import, a purge.
//!
//! A day is an event when it moves far more than nineteen days in twenty do. Three of a kind in the record are a habit
//! and stay with what repeats. What an event was about is not known here.

use super::path::quantile;

/// How many times more than the 95 % quantile of all days a day must move.
const FAR: f64 = 3.0;
/// So many of a kind are a habit.
const HABIT: usize = 3;

/// One day that stands out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Event {
    /// By how much more than on a usual day what is used changed.
    pub(super) change: f64,
    /// How many days ago that day began: 1 is the last day.
    pub(super) days_ago: usize,
}

/// The changes of all days in two parts.
#[derive(Debug)]
pub(super) struct Events {
    /// Daily changes with the rare events taken out, the last day first.
    pub(super) repeated: Vec<f64>,
    /// Rises seen once or twice.
    pub(super) rises: Vec<Event>,
    /// Falls seen once or twice.
    pub(super) falls: Vec<Event>,
}

impl Events {
    pub(super) fn part(changes: &[f64]) -> Self {
        let median = quantile(&mut changes.to_vec(), 0.5);
        let mut sizes: Vec<f64> = changes.iter().map(|change| (change - median).abs()).collect();
        let bound = FAR * quantile(&mut sizes, 0.95);
        let found = |kind: fn(f64) -> bool| -> Vec<Event> {
            let stands_out = |(_, change): &(usize, &f64)| (*change - median).abs() > bound && kind(*change - median);
            let all = changes.iter().enumerate().filter(stands_out);
            all.map(|(day, change)| Event { change: change - median, days_ago: day + 1 }).collect()
        };
        let rare = |events: Vec<Event>| if events.len() < HABIT { events } else { Vec::new() };
        let (rises, falls) = (rare(found(|change| change > 0.0)), rare(found(|change| change < 0.0)));
        let mut repeated = changes.to_vec();
        for event in rises.iter().chain(&falls) {
            repeated[event.days_ago - 1] = median;
        }
        Self { repeated, rises, falls }
    }
}
