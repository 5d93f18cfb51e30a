//! One alert with its evidence, on a sheet. What is wrong beside it, and what happened before it, can be clicked on.

mod evidence;

use cm_core::health::Subject;
use cm_core::host::HostId;
use cm_core::metric::MetricId;
use cm_core::text::terminal;
use cm_core::wording;

use super::host::HostPage;
use super::sheet::{Link, Scroll, Sheet};
use super::{Hit, Page, Screen, Step, detail};
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
    scroll: Scroll,
    /// What has just been clicked on.
    clicked: Option<Link>,
}

impl AlertPage {
    /// The screen of an alert, as it opens.
    pub(crate) fn of(alert: &Alert) -> Self {
        Self { id: alert.id, host: alert.host.clone(), scroll: Scroll::default(), clicked: None }
    }

    fn sheet(&self, state: &State) -> Sheet {
        let mut sheet = Sheet::new(state.look, state.body().width);
        match state.alerts().get(self.id) {
            Some(alert) => evidence::write(state, alert, &mut sheet),
            None if state.then.is_some() => {
                sheet.text(1, "It had not begun at this moment. n goes back to now.", Role::Plain);
            }
            None => sheet.text(1, "It has been over for so long that it is forgotten.", Role::Plain),
        }
        sheet
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
        self.sheet(state).draw(&mut canvas, self.scroll.first());
    }

    fn step(&mut self, state: &State, step: Step) {
        self.scroll.step(step, self.sheet(state).window(state.body().height));
    }

    fn wheel(&mut self, state: &State, step: Step) {
        self.scroll.wheel(step, self.sheet(state).window(state.body().height));
    }

    fn settle(&mut self, state: &State) {
        self.clicked = None;
        self.scroll.settle(self.sheet(state).window(state.body().height));
    }

    fn inside(&self, state: &State) -> Option<Screen> {
        let (host, subject) = match &self.clicked {
            Some((host, subject)) => (host, Some(subject)),
            None => (&self.host, None),
        };
        state.picture().place(host)?;
        Some(match subject {
            Some(subject) => detail::opened(host.clone(), subject.clone()),
            None => Screen::Host(HostPage::of(host.clone())),
        })
    }

    fn host(&self, _: &State) -> Option<HostId> {
        Some(self.host.clone())
    }

    fn charted(&self, state: &State) -> Option<(Subject, Option<MetricId>)> {
        let reason = &state.alerts().get(self.id)?.reason;
        Some((reason.subject.clone(), reason.metric))
    }

    fn copied(&self, state: &State) -> Option<String> {
        state.alerts().get(self.id).map(copied)
    }

    fn click(&mut self, state: &State, x: u16, y: u16) -> Hit {
        let sheet = self.sheet(state);
        let window = sheet.window(state.body().height);
        if self.scroll.grab(x, y, window) {
            return Hit::New;
        }
        self.clicked = self.scroll.row_at(y, window).and_then(|row| sheet.link_at(row)).cloned();
        if self.clicked.is_some() { Hit::Same } else { Hit::Nothing }
    }

    fn drag(&mut self, state: &State, x: u16, y: u16) {
        self.scroll.grab(x, y, self.sheet(state).window(state.body().height));
    }
}
