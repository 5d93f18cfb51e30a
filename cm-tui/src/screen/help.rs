//! Help: every act with its keys, drawn from the lists of acts.

use super::{Kind, Page, Step};
use crate::action;
use crate::paint::{Canvas, columns};
use crate::state::State;
use crate::theme::Role;

/// Help over a screen: what works there comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Help {
    over: Kind,
    first: usize,
}

/// A line of help.
enum Line {
    Heading(&'static str),
    Act { keys: String, help: &'static str, here: bool },
    Blank,
}

impl Help {
    /// Help over a screen of this sort, from the beginning.
    pub(crate) const fn over(over: Kind) -> Self {
        Self { over, first: 0 }
    }

    fn lines(&self, state: &State) -> Vec<Line> {
        let mut lines = Vec::new();
        for (heading, list) in action::LISTS {
            let acts: Vec<Line> = list.iter().filter_map(|act| self.line(state, act)).collect();
            if acts.is_empty() {
                continue;
            }
            if !lines.is_empty() {
                lines.push(Line::Blank);
            }
            lines.push(Line::Heading(heading));
            lines.extend(acts);
        }
        lines
    }

    fn line(&self, state: &State, act: &action::Action) -> Option<Line> {
        let here = act.is_offered(state, self.over);
        let kind = Kind::ALL.iter().copied().find(|&kind| act.is_offered(state, kind))?;
        let kind = if here { self.over } else { kind };
        let keys: Vec<String> = state.keys.chords(act, kind).map(|chord| chord.shown(state.look.glyphs)).collect();
        (!keys.is_empty()).then(|| Line::Act { keys: keys.join("  "), help: act.help, here })
    }

    fn last_first(&self, state: &State) -> usize {
        self.lines(state).len().saturating_sub(usize::from(state.body().height))
    }
}

impl Page for Help {
    fn crumbs(&self, _: &State) -> Vec<String> {
        vec!["help".to_owned()]
    }

    fn draw(&self, state: &State, mut canvas: Canvas<'_>) {
        let lines = self.lines(state);
        let keys_wide = lines.iter().map(|line| match line {
            Line::Act { keys, .. } => columns(state.look, keys),
            _ => 0,
        });
        let keys_wide = keys_wide.max().unwrap_or(0).min(canvas.width() / 2);
        for (y, line) in lines.iter().skip(self.first).take(usize::from(canvas.height())).enumerate() {
            let y = u16::try_from(y).unwrap_or(u16::MAX);
            match line {
                Line::Heading(heading) => canvas.rule(y, heading, Role::Dim),
                Line::Act { keys, help, here } => {
                    canvas.put_within(2, y, keys_wide, keys.as_str(), if *here { Role::Accent } else { Role::Dim });
                    canvas.put(4 + keys_wide, y, *help, if *here { Role::Plain } else { Role::Dim });
                }
                Line::Blank => {}
            }
        }
        canvas.scroll_bar(self.first, lines.len());
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
}
