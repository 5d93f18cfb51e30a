//! A drive's life on a sheet: how worn it has become, where that leads, with the band that holds nine in ten, and why. The
//! lines between now and a date are straight: the forecast tells dates, not the way there.

use cm_core::clock::WallTime;
use cm_core::forecast::wear::{self, Limit, Outlook as Will, Reading};
use cm_core::forecast::{HORIZON, Range, When};
use cm_core::text::terminal;
use cm_core::unit::{Percent, Unit};
use cm_core::wording::chart::{Plot, Scale, Span};

use crate::history::{Known, Outlook};
use crate::local;
use crate::paint::plot;
use crate::screen::sheet::Sheet;
use crate::state::State;
use crate::theme::Role;

/// Rows of the chart, without its axis.
const ROWS: u16 = 7;

/// Writes the section.
pub(super) fn write(known: &Known<'_, Outlook>, state: &State, sheet: &mut Sheet) {
    sheet.heading("Life so far, and what comes");
    let outlook = match known {
        Known::Told(outlook) => outlook,
        Known::Waiting => return sheet.text(1, "Reading the history …", Role::Dim),
        Known::Nothing => {
            return sheet.text(1, "Nothing of its wear is stored yet: a forecast wants days of it.", Role::Dim);
        }
        Known::Failed(why) => return sheet.text(1, *why, Role::Dim),
    };
    if let Some(drawn) = Drawn::of(outlook) {
        drawn.write(state, sheet);
    }
    let sentence = capital(&wear::sentence(&outlook.drive.forecast, outlook.now));
    sheet.text(1, format!("{sentence}.").as_str(), Role::Plain);
    let reasons: Vec<String> = outlook.drive.forecast.reasons.iter().map(ToString::to_string).collect();
    if !reasons.is_empty() {
        sheet.text(1, format!("Why: {}.", reasons.join("; ")).as_str(), Role::Dim);
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What the chart is made of.
struct Drawn {
    /// Values so far, by time.
    so_far: Vec<(WallTime, f64)>,
    now: WallTime,
    /// Where it ends, and when.
    coming: Option<(f64, Range)>,
    /// The right edge.
    end: WallTime,
}

impl Drawn {
    fn of(outlook: &Outlook) -> Option<Self> {
        let (forecast, now) = (&outlook.drive.forecast, outlook.now);
        let newest_threshold = outlook.drive.readings.iter().rev().find_map(|reading| reading.spare_threshold);
        let coming = match &forecast.outlook {
            Will::Reaches { limit: Limit::RatedLife, when, .. } => Some((100.0, *when)),
            Will::Reaches { limit: Limit::Spare, when, .. } => {
                Some((newest_threshold.map_or(0.0, Percent::get), *when))
            }
            _ => None,
        };
        let is_spare =
            matches!(&forecast.outlook, Will::Reaches { limit: Limit::Spare, .. } | Will::SpareAtThreshold(_));
        let value = |reading: &Reading| if is_spare { reading.spare } else { reading.percent_used };
        let told = outlook.drive.readings.iter().filter_map(|reading| Some((reading.at, value(reading)?.get())));
        let so_far: Vec<(WallTime, f64)> = told.collect();
        let (first, _) = *so_far.first()?;
        let end = match coming {
            Some((_, when)) => {
                [when.late, when.likely, when.early].into_iter().find_map(at).unwrap_or(now.after(HORIZON))
            }
            None => now,
        };
        (end > first).then_some(Self { so_far, now, coming, end })
    }

    fn first(&self) -> WallTime {
        self.so_far.first().map_or(self.now, |(at, _)| *at)
    }

    fn last(&self) -> f64 {
        self.so_far.last().map_or(0.0, |(_, value)| *value)
    }

    /// The moment in the middle of a column.
    fn moment(&self, column: usize, columns: usize) -> WallTime {
        let along = (column as f64 + 0.5) / columns.max(1) as f64;
        self.first().after(self.end.since(self.first()).mul_f64(along))
    }

    /// How it stood at a moment: the last that was told by then.
    fn stood(&self, at: WallTime) -> Option<f64> {
        let until = self.so_far.partition_point(|(told, _)| *told <= at);
        self.so_far.get(until.checked_sub(1)?).map(|(_, value)| *value)
    }

    /// Where it will stand at a moment, if it ends at `when`; no further than where it ends.
    fn will_stand(&self, at_moment: WallTime, goal: f64, when: When) -> f64 {
        let ends = at(when).unwrap_or(self.now.after(HORIZON));
        let whole = ends.since(self.now).as_secs_f64().max(1.0);
        let share = (at_moment.since(self.now).as_secs_f64() / whole).min(1.0);
        (goal - self.last()).mul_add(share, self.last())
    }

    fn plot(&self, width: usize, dots: usize) -> Plot {
        let line = (0..dots).map(|n| {
            let moment = self.moment(n, dots);
            if moment <= self.now {
                return self.stood(moment);
            }
            let (goal, when) = self.coming?;
            let likely = at(when.likely)?;
            // What is to come is dotted.
            (moment <= likely && n % 2 == 0).then(|| self.will_stand(moment, goal, when.likely))
        });
        let band = (0..width).map(|n| {
            let moment = self.moment(n, width);
            let (goal, when) = self.coming.filter(|_| moment > self.now)?;
            let ends = [when.early, when.late].map(|when| self.will_stand(moment, goal, when));
            Some(Span { low: ends[0].min(ends[1]), high: ends[0].max(ends[1]) })
        });
        let limit = self.coming.map(|(goal, _)| goal);
        Plot { line: line.map(|value| value.map(Span::of)).collect(), band: band.collect(), range: Vec::new(), limit }
    }

    fn write(&self, state: &State, sheet: &mut Sheet) {
        let width = sheet.width().min(202).saturating_sub(plot::AXIS + 4);
        if width < 10 {
            return;
        }
        let dots = Plot::dots(usize::from(width), state.look.glyphs);
        let plot = self.plot(usize::from(width), dots);
        // The whole way to the end of the rated life is seen, or what there is where no end is in sight.
        let scale = match (self.coming, plot.span(true)) {
            (Some(_), _) => Scale { low: 0.0, high: 100.0, step: 50.0 },
            (None, Some(span)) => Scale::fitting(Span { low: 0.0, high: span.high.max(2.0) }, 2),
            (None, None) => return,
        };
        sheet.plot(plot::rows(&plot, scale, (width, ROWS), Unit::Percent, state.look));
        self.axis(width, state, sheet);
    }

    /// The dates below: where it begins, now, the likely date, the right edge; what finds no room is left out.
    fn axis(&self, width: u16, state: &State, sheet: &mut Sheet) {
        let is_long = self.end.since(self.first()).as_secs() > 3 * 365 * 86_400;
        let form = if is_long { "%Y" } else { "%b %Y" };
        let date = |at: WallTime| local::format(at, state.set.ahead_s, form);
        let column = |at: WallTime| {
            let along = at.since(self.first()).as_secs_f64() / self.end.since(self.first()).as_secs_f64().max(1.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the width")]
            let column = (along.clamp(0.0, 1.0) * f64::from(width)) as u16;
            column
        };
        let likely = self.coming.and_then(|(_, when)| at(when.likely));
        let mut marks = vec![(self.now, "now".to_owned()), (self.first(), date(self.first()))];
        marks.extend(likely.map(|at| (at, date(at))));
        marks.push((self.end, date(self.end)));
        let mut cells: Vec<(u16, u16, String)> = Vec::new();
        for (at, text) in marks {
            let wide = u16::try_from(terminal::columns(&text)).unwrap_or(width);
            let x = column(at).saturating_sub(wide / 2).min(width.saturating_sub(wide));
            if cells.iter().all(|(from, to, _)| x > *to || x + wide < *from) {
                cells.push((x, x + wide, text));
            }
        }
        cells.sort_unstable();
        let row: Vec<(u16, &str, Role)> =
            cells.iter().map(|(x, _, text)| (plot::AXIS + 2 + x, text.as_str(), Role::Dim)).collect();
        sheet.row(&row);
    }
}

/// The moment, where it lies within what is foretold.
const fn at(when: When) -> Option<WallTime> {
    match when {
        When::At(moment) => Some(moment),
        When::Beyond => None,
    }
}
