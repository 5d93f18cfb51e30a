//! Warnings that would have been given, counted over real histories: those that came true, those that did not, and those
//! of which nobody can tell.

use cm_core::forecast::wear::{self, Outlook, Reading};

use crate::baseline;
use crate::history::{hours, used};

const YEAR_H: f64 = 8_766.0;

/// Warnings "fewer than 90 days left" that did not come true.
#[derive(Default)]
pub(crate) struct Warnings {
    years: f64,
    /// Came true, false, cannot be told.
    ours: [usize; 3],
    life: [usize; 3],
    window: [usize; 3],
}

impl Warnings {
    /// One reading at which a warning could have been given; it stands until the next reading.
    pub(crate) fn count(&mut self, segment: &[Reading], at: usize) {
        let cut = &segment[at];
        if used(cut) >= 100.0 {
            return;
        }
        self.years += (hours(&segment[at + 1]) - hours(cut)) / YEAR_H;
        let in_time =
            segment[at..].iter().any(|reading| used(reading) >= 100.0 && hours(reading) - hours(cut) <= 2_160.0);
        let later = segment[at..].iter().find(|reading| hours(reading) - hours(cut) >= 2_160.0);
        let verdict = match later {
            _ if in_time => 0,
            Some(reading) if used(reading) < 100.0 => 1,
            // It came to 100 between two readings, or was not seen 90 days later.
            _ => 2,
        };
        let outlook = wear::outlook(&segment[..=at], cut.at).outlook;
        let soon = match outlook {
            Outlook::Reaches { when, .. } => {
                when.likely.ahead_of(cut.at).is_some_and(|left| left.as_secs() < 90 * 86_400)
            }
            _ => false,
        };
        let rates = baseline::rates(&segment[..=at]);
        let left = (100.0 - used(cut)) / 2_160.0;
        for (warned, tally) in
            [(soon, &mut self.ours), (rates[0] > left, &mut self.life), (rates[2] > left, &mut self.window)]
        {
            if warned {
                tally[verdict] += 1;
            }
        }
    }

    /// False warnings of ours in 100 drive-years.
    pub(crate) fn false_rate(&self) -> f64 {
        self.rate(self.ours[1])
    }

    fn rate(&self, false_ones: usize) -> f64 {
        100.0 * false_ones as f64 / self.years
    }

    pub(crate) fn print(&self) {
        println!("Warnings that fewer than 90 days are left, over {:.0} drive-years:\n", self.years);
        println!("| | came true | false | cannot be told | false in 100 drive-years |\n|---|---|---|---|---|");
        for (name, [right, wrong, untold]) in
            [("ours", self.ours), ("(a) life line", self.life), ("(c) window line", self.window)]
        {
            println!("| {name} | {right} | {wrong} | {untold} | {:.2} |", self.rate(wrong));
        }
        println!();
    }
}
