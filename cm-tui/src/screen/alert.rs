//! One alert with its evidence: what is wrong and since when, the next step, the last readings, what else is wrong, what
//! goes on, and what changed in the hour before.

mod evidence;

use cm_core::catalogue;
use cm_core::host::HostId;
use cm_core::metric::MetricId;
use cm_core::text::terminal;
use cm_core::unit::Unit;
use cm_core::wording;

use self::evidence::{Row, Sheet};
use super::host::HostPage;
use super::{Page, Screen, Step};
use crate::alerts::{Alert, AlertId};
use crate::paint::{Canvas, columns};
use crate::state::State;
use crate::theme::Role;

/// The screen of an alert.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AlertPage {
    /// Which.
    pub(crate) id: AlertId,
    host: HostId,
    first: usize,
}

impl AlertPage {
    /// The screen of an alert, as it opens.
    pub(crate) fn of(alert: &Alert) -> Self {
        Self { id: alert.id, host: alert.host.clone(), first: 0 }
    }

    fn rows(&self, state: &State) -> Vec<Row> {
        let Some(alert) = state.alerts().get(self.id) else {
            let text = "It has been over for so long that it is forgotten.".to_owned();
            return vec![Row::Words(vec![(1, text, Role::Plain)])];
        };
        let sheet = Sheet { state, alert, width: state.body().width.saturating_sub(1) };
        let parts: [(&str, Vec<Row>); 6] = [
            ("Last readings", sheet.readings()),
            ("Else wrong there", sheet.beside()),
            ("Going on there", sheet.activities()),
            ("Largest processes there", sheet.processes()),
            ("In the hour before", sheet.before()),
            ("Its life", sheet.life()),
        ];
        let mut rows = sheet.summary();
        for (title, part) in parts {
            if !part.is_empty() {
                rows.push(Row::Rule(title.to_owned()));
                rows.extend(part);
            }
        }
        rows
    }

    fn last_first(&self, state: &State) -> usize {
        self.rows(state).len().saturating_sub(usize::from(state.body().height))
    }
}

/// What `y` copies of an alert.
pub(crate) fn copied(alert: &Alert) -> String {
    let next = if alert.reason.next.is_empty() { String::new() } else { format!("\n  {}", alert.reason.next) };
    format!("{} {}: {}{next}", alert.host, alert.health(), terminal::line(&alert.reason.text))
}

impl Page for AlertPage {
    fn crumbs(&self, _: &State) -> Vec<String> {
        vec!["alerts".to_owned(), format!("#{}", self.id)]
    }

    fn draw_head(&self, state: &State, canvas: &mut Canvas<'_>, x: u16) -> u16 {
        let Some(alert) = state.alerts().get(self.id) else { return x };
        let health = alert.health();
        let mark = wording::mark(health, state.look.glyphs);
        let (word, role) = if alert.is_active() { (health.word(), Role::of(health)) } else { ("over", Role::Dim) };
        let x = canvas.put(x, 0, format!("{mark} {word}").as_str(), role) + 2;
        let x = canvas.put(x, 0, self.host.as_str(), Role::Strong) + 2;
        let told = super::alerts::standing(state, alert, 80);
        if x + columns(state.look, &told) > canvas.width() {
            return x;
        }
        canvas.put(x, 0, told.as_str(), Role::Dim)
    }

    fn draw(&self, state: &State, mut canvas: Canvas<'_>) {
        let rows = self.rows(state);
        let seen = usize::from(canvas.height());
        let (width, height) = (canvas.width(), canvas.height());
        let inner = width - u16::from(rows.len() > seen);
        let mut sheet = canvas.part(0, 0, inner, height);
        for (y, row) in (0..).zip(rows.iter().skip(self.first).take(seen)) {
            match row {
                Row::Rule(title) => sheet.rule(y, title, Role::Dim),
                Row::Words(words) => {
                    for (x, text, role) in words {
                        sheet.put_within(*x, y, inner.saturating_sub(x + 1), text.as_str(), *role);
                    }
                }
                Row::Course(metric, subject) => course(state, &self.host, (*metric, subject), &mut sheet, y),
                Row::Blank => {}
            }
        }
        canvas.scroll_bar(self.first, rows.len());
    }

    fn step(&mut self, state: &State, step: Step) {
        let page = usize::from(state.body().height).max(1);
        let last = self.last_first(state);
        self.first = match step {
            Step::Up => self.first.saturating_sub(1),
            Step::Down => self.first + 1,
            Step::PageUp => self.first.saturating_sub(page),
            Step::PageDown => self.first + page,
            Step::Top => 0,
            Step::Bottom => last,
        }
        .min(last);
    }

    fn settle(&mut self, state: &State) {
        self.first = self.first.min(self.last_first(state));
    }

    fn inside(&self, state: &State) -> Option<Screen> {
        state.picture().place(&self.host)?;
        Some(Screen::Host(HostPage::of(self.host.clone())))
    }

    fn host(&self, _: &State) -> Option<HostId> {
        Some(self.host.clone())
    }

    fn copied(&self, state: &State) -> Option<String> {
        state.alerts().get(self.id).map(copied)
    }
}

/// The last readings of a metric in a row: name, newest, course, lowest and highest.
fn course(state: &State, host: &HostId, (metric, subject): (MetricId, &str), canvas: &mut Canvas<'_>, y: u16) {
    let label_wide = (canvas.width() / 4).clamp(20, 36);
    let value_end = label_wide + 12;
    let Some(entry) = catalogue::by_id(metric) else { return };
    let Some(place) = state.picture().place(host) else { return };
    let values = || state.recent.of(place, metric, subject);
    let Some(newest) = values().next_back() else { return };
    let label = if subject.is_empty() {
        entry.metric.label.to_owned()
    } else {
        format!("{} {}", terminal::line(subject), entry.metric.label)
    };
    canvas.put_within(1, y, label_wide, label.as_str(), Role::Plain);
    let unit = entry.metric.unit;
    canvas.put_figure(value_end, y, 10, &unit.print(f64::from(newest)), Role::Plain);
    let low = values().fold(f32::INFINITY, f32::min);
    let high = values().fold(f32::NEG_INFINITY, f32::max);
    let told = format!("{} to {}", unit.print(f64::from(low)), unit.print(f64::from(high)));
    let wide = columns(state.look, &told);
    let room = canvas.width().saturating_sub(value_end + 2);
    let room_for_course = room.saturating_sub(wide + 3).min(30);
    let scale = if unit == Unit::Percent { (0.0, 100.0) } else { (0.0, 0.0) };
    canvas.sparkline((value_end + 2, y), room_for_course, values(), scale, Role::Plain);
    canvas.put_within(value_end + 4 + room_for_course, y, wide, told.as_str(), Role::Dim);
}
