//! Help: every act with its keys, on a sheet, drawn from the lists of acts.

use super::sheet::{Scroll, Sheet};
use super::{Hit, Kind, Page, Step};
use crate::action::{self, Action};
use crate::paint::{Canvas, columns};
use crate::state::State;
use crate::theme::Role;

/// Help over a screen: what works there comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Help {
    over: Kind,
    scroll: Scroll,
}

/// An act with its keys.
struct Line {
    keys: String,
    help: &'static str,
    here: bool,
}

impl Help {
    /// Help over a screen of this sort, from the beginning.
    pub(crate) fn over(over: Kind) -> Self {
        Self { over, scroll: Scroll::default() }
    }

    fn sheet(&self, state: &State) -> Sheet {
        let of = |list: &'static [Action]| list.iter().filter_map(|act| self.line(state, act)).collect::<Vec<Line>>();
        let parts: Vec<(&str, Vec<Line>)> = action::LISTS.iter().map(|(heading, list)| (*heading, of(list))).collect();
        let width = state.body().width;
        let wide = parts.iter().flat_map(|(_, lines)| lines).map(|line| columns(state.look, &line.keys)).max();
        let texts = 4 + wide.unwrap_or(0).min(width / 2);
        let mut sheet = Sheet::new(state.look, width);
        for (heading, lines) in parts.iter().filter(|(_, lines)| !lines.is_empty()) {
            sheet.heading(heading);
            for Line { keys, help, here } in lines {
                let (keys_role, role) = if *here { (Role::Accent, Role::Plain) } else { (Role::Dim, Role::Dim) };
                sheet.row(&[(2, keys, keys_role), (texts, help, role)]);
            }
        }
        sheet
    }

    fn line(&self, state: &State, act: &Action) -> Option<Line> {
        let here = act.is_offered(state, self.over);
        let kind = Kind::ALL.iter().copied().find(|&kind| act.is_offered(state, kind))?;
        let kind = if here { self.over } else { kind };
        let keys: Vec<String> = state.keys.chords(act, kind).map(|chord| chord.shown(state.look.glyphs)).collect();
        (!keys.is_empty()).then(|| Line { keys: keys.join("  "), help: act.help, here })
    }
}

impl Page for Help {
    fn crumbs(&self, _: &State) -> Vec<String> {
        vec!["help".to_owned()]
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
        self.scroll.settle(self.sheet(state).window(state.body().height));
    }

    fn click(&mut self, state: &State, x: u16, y: u16) -> Hit {
        let window = self.sheet(state).window(state.body().height);
        if self.scroll.grab(x, y, window) { Hit::New } else { Hit::Nothing }
    }

    fn drag(&mut self, state: &State, x: u16, y: u16) {
        self.scroll.grab(x, y, self.sheet(state).window(state.body().height));
    }
}
