//! The settings in force, with where each comes from. A few can be changed here: that is a choice of the user's, kept in
//! the state folder and put over the configuration, whose files are never written.

mod field;

use cm_core::config::Shown;
use cm_core::config::dashboard::SETTINGS;
use cm_core::text::terminal;

pub(crate) use field::Field;
use field::short;

use super::{Filtered, Hit, Page, Step, scrolled};
use crate::paint::{Canvas, columns};
use crate::state::State;
use crate::theme::Role;

/// From this height on the list leaves room to explain what has the cursor.
const WITH_EXPLANATION: u16 = 12;

/// The screen's own state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SettingsPage {
    /// Which of the rows that can have it has the cursor.
    cursor: usize,
    filter: String,
    first: usize,
}

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// What can be changed here.
    Field(Field),
    /// A setting of the configuration, by its place.
    Setting(usize),
    /// The head of one of the two parts.
    Head(&'static str),
    /// Where choices are kept.
    Kept,
    /// Nothing matches.
    Nothing,
}

impl Line {
    const fn is_item(self) -> bool {
        matches!(self, Self::Field(_) | Self::Setting(_))
    }
}

/// A row in words: its name, its value, where that comes from, and whether it was chosen here.
struct Told {
    name: String,
    value: String,
    origin: String,
    is_chosen: bool,
}

impl SettingsPage {
    /// What has the cursor, where it can be changed.
    pub(crate) fn field(&self, state: &State) -> Option<Field> {
        match self.item(state)? {
            Line::Field(field) => Some(field),
            _ => None,
        }
    }

    fn item(&self, state: &State) -> Option<Line> {
        self.lines(state).into_iter().filter(|line| line.is_item()).nth(self.cursor)
    }

    fn lines(&self, state: &State) -> Vec<Line> {
        let wanted = |line: &Line| self.matches(&told(state, *line));
        let fields: Vec<Line> = Field::all(state).map(Line::Field).filter(wanted).collect();
        let settings: Vec<Line> = (0..state.set.in_force.settings.len()).map(Line::Setting).filter(wanted).collect();
        let mut lines = Vec::new();
        if !fields.is_empty() {
            lines.push(Line::Head("To change here"));
            lines.extend(fields);
            lines.push(Line::Kept);
        }
        if !settings.is_empty() {
            lines.push(Line::Head("Configuration in force"));
            lines.extend(settings);
        }
        if lines.is_empty() {
            lines.push(Line::Nothing);
        }
        lines
    }

    fn matches(&self, told: &Told) -> bool {
        let hay = format!("{} {} {}", told.name, told.value, told.origin).to_lowercase();
        self.filter.to_lowercase().split_whitespace().all(|word| hay.contains(word))
    }

    /// What there is to know of what has the cursor: what it is, and where the value stands in full.
    fn explained(&self, state: &State) -> [String; 2] {
        let help = |name: &str| {
            let own = name.strip_prefix("hosts.").and_then(|rest| rest.split_once('.')).map_or(name, |(_, own)| own);
            SETTINGS.iter().find(|setting| setting.name == own).map(|setting| setting.help.trim().to_owned())
        };
        let place = |setting: &Shown| format!("{}: {}", setting.name, setting.origin);
        match self.item(state) {
            Some(Line::Field(field)) => {
                let setting = field.setting().and_then(|name| state.set.in_force.setting(name));
                let what = match field {
                    Field::Signs => "Unicode, or ASCII where the terminal lacks the signs.",
                    Field::Mouse => "Click, wheel and drag; shift lets the terminal select.",
                    Field::Panel(_) => "Shown on every host that has something to show in it.",
                    Field::Theme | Field::Refresh => "",
                };
                let what = setting.and_then(|setting| help(&setting.name)).unwrap_or_else(|| what.to_owned());
                let chosen =
                    field.is_chosen(state).then(|| format!("{} is {}", field.name(state), field.origin(state)));
                [what, chosen.or_else(|| setting.map(place)).unwrap_or_default()]
            }
            Some(Line::Setting(at)) => match state.set.in_force.settings.get(at) {
                Some(setting) => [help(&setting.name).unwrap_or_default(), place(setting)],
                None => Default::default(),
            },
            _ => Default::default(),
        }
    }

    fn items(&self, state: &State) -> usize {
        self.lines(state).into_iter().filter(|line| line.is_item()).count()
    }
}

/// How many rows below the list explain what has the cursor.
const fn below(state: &State) -> u16 {
    if state.body().height >= WITH_EXPLANATION { 3 } else { 0 }
}

fn told(state: &State, line: Line) -> Told {
    match line {
        Line::Field(field) => Told {
            name: field.name(state),
            value: field.value(state),
            origin: field.origin(state),
            is_chosen: field.is_chosen(state),
        },
        Line::Setting(place) => {
            let Some(setting) = state.set.in_force.settings.get(place) else { return told(state, Line::Nothing) };
            let mut fields = Field::all(state).filter(|field| field.setting() == Some(setting.name.as_str()));
            let is_chosen = fields.any(|field| field.is_chosen(state));
            let origin = short(&setting.origin);
            Told {
                name: setting.name.clone(),
                value: setting.value.clone(),
                origin: if is_chosen { format!("passed over: chosen here ({origin})") } else { origin },
                is_chosen,
            }
        }
        Line::Head(_) | Line::Kept | Line::Nothing => {
            Told { name: String::new(), value: String::new(), origin: String::new(), is_chosen: false }
        }
    }
}

impl Page for SettingsPage {
    fn crumbs(&self, _: &State) -> Vec<String> {
        vec!["settings".to_owned()]
    }

    fn draw_head(&self, _: &State, canvas: &mut Canvas<'_>, x: u16) -> u16 {
        if self.filter.trim().is_empty() {
            return x;
        }
        canvas.put(x, 0, format!("/{}", self.filter.trim()).as_str(), Role::Accent)
    }

    fn draw(&self, state: &State, mut canvas: Canvas<'_>) {
        let lines = self.lines(state);
        let cursor = lines.iter().enumerate().filter(|(_, line)| line.is_item()).nth(self.cursor).map(|(at, _)| at);
        let below = below(state);
        let height = canvas.height().saturating_sub(below);
        if below > 0 {
            canvas.part(0, height, u16::MAX, 1).rule(0, "", Role::Dim);
            for (y, text) in (height + 1..).zip(self.explained(state)) {
                let room = canvas.width().saturating_sub(2);
                canvas.put_within(1, y, room, text.as_str(), Role::Dim);
            }
        }
        let whole = canvas.width();
        let mut canvas = canvas.part(0, 0, whole, height);
        let seen = usize::from(height);
        let width = canvas.width() - u16::from(lines.len() > seen);
        let shown: Vec<(usize, &Line)> = lines.iter().enumerate().skip(self.first).take(seen).collect();
        let rows: Vec<Told> = shown.iter().map(|(_, line)| told(state, **line)).collect();
        let widest = |of: fn(&Told) -> &str, most: u16| {
            rows.iter().map(|row| columns(state.look, of(row))).max().unwrap_or(0).min(most)
        };
        let names = widest(|row| &row.name, width * 2 / 5);
        let values = widest(|row| &row.value, width / 4);
        let mut list = canvas.part(0, 0, width, height);
        for (y, ((at, line), row)) in (0..).zip(shown.into_iter().zip(&rows)) {
            match line {
                Line::Field(_) | Line::Setting(_) => {
                    let role = if row.is_chosen { Role::Accent } else { Role::Plain };
                    let role = if row.is_chosen && matches!(line, Line::Setting(_)) { Role::Dim } else { role };
                    list.put_within(1, y, names, row.name.as_str(), Role::Plain);
                    list.put_within(names + 3, y, values, row.value.as_str(), role);
                    let x = names + values + 5;
                    list.put_within(x, y, width.saturating_sub(x + 1), row.origin.as_str(), Role::Dim);
                    if cursor == Some(at) {
                        list.tint(y, Role::Cursor);
                    }
                }
                Line::Head(head) => list.rule(y, head, Role::Dim),
                Line::Kept => {
                    let text = match &state.set.in_force.folder {
                        Some(folder) => format!("Kept in {folder}; configuration files stay as they are."),
                        None => "Not kept: there is no state folder (HOME is not set).".to_owned(),
                    };
                    list.put_within(1, y, width.saturating_sub(2), text.as_str(), Role::Dim);
                }
                Line::Nothing => {
                    let text = format!("No setting matches {:?}. Esc takes the filter away.", self.filter);
                    list.put_within(1, y, width.saturating_sub(2), text.as_str(), Role::Plain);
                }
            }
        }
        canvas.scroll_bar(self.first, lines.len());
    }

    fn step(&mut self, state: &State, step: Step) {
        let page = (usize::from(state.body().height) / 2).max(1);
        let last = self.items(state).saturating_sub(1);
        self.cursor = match step {
            Step::Up => self.cursor.saturating_sub(1),
            Step::Down => self.cursor + 1,
            Step::PageUp => self.cursor.saturating_sub(page),
            Step::PageDown => self.cursor + page,
            Step::Top => 0,
            Step::Bottom => last,
        }
        .min(last);
    }

    fn settle(&mut self, state: &State) {
        let lines = self.lines(state);
        let items: Vec<usize> = (0..lines.len()).filter(|&at| lines[at].is_item()).collect();
        self.cursor = self.cursor.min(items.len().saturating_sub(1));
        let height = usize::from(state.body().height.saturating_sub(below(state)));
        let (from, wanted) = match items.get(self.cursor) {
            // With the first the head above it is seen.
            Some(&at) if self.cursor == 0 => (0, at + 1),
            Some(&at) => (at, 1),
            None => (0, 1),
        };
        self.first = scrolled(self.first, height, from, wanted, lines.len());
    }

    fn copied(&self, state: &State) -> Option<String> {
        let row = told(state, self.item(state)?);
        Some(format!("{} = {}  # {}", row.name, row.value, terminal::line(row.origin.as_str())))
    }

    fn click(&mut self, state: &State, _: u16, y: u16) -> Hit {
        let lines = self.lines(state);
        if y >= state.body().height.saturating_sub(below(state)) {
            return Hit::Nothing;
        }
        let at = self.first + usize::from(y);
        if lines.get(at).is_none_or(|line| !line.is_item()) {
            return Hit::Nothing;
        }
        let item = lines[..at].iter().filter(|line| line.is_item()).count();
        if item == self.cursor {
            return Hit::Same;
        }
        self.cursor = item;
        Hit::New
    }

    fn filtered(&self, state: &State) -> Option<Filtered> {
        let all = Field::all(state).count() + state.set.in_force.settings.len();
        Some(Filtered { words: self.filter.clone(), shown: self.items(state), all })
    }

    fn filter(&mut self, words: String) {
        self.filter = words;
        self.cursor = 0;
    }

    fn give_up(&mut self) -> bool {
        let was_filtered = !self.filter.is_empty();
        self.filter.clear();
        was_filtered
    }
}

#[cfg(test)]
mod tests;
