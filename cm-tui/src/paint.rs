//! Drawing within a rectangle: whatever is drawn is cut at its edges, and text from hosts goes through the terminal's
//! exit. It knows roles and cells, and nothing of what they tell.

mod bar;
pub(crate) mod plot;
mod rule;
mod sparkline;

use cm_core::text::Foreign;
use cm_core::text::terminal;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::theme::{Look, Role};

/// A rectangle to draw in. Coordinates count from its own upper left corner.
#[derive(Debug)]
pub(crate) struct Canvas<'b> {
    cells: &'b mut Buffer,
    area: Rect,
    /// How things look.
    pub(crate) look: Look,
}

impl<'b> Canvas<'b> {
    /// The part of `area` that lies within the buffer.
    pub(crate) fn new(cells: &'b mut Buffer, area: Rect, look: Look) -> Self {
        let area = area.intersection(cells.area);
        Self { cells, area, look }
    }

    /// How many columns there are.
    pub(crate) const fn width(&self) -> u16 {
        self.area.width
    }

    /// How many rows there are.
    pub(crate) const fn height(&self) -> u16 {
        self.area.height
    }

    /// A part of it to draw in.
    pub(crate) fn part(&mut self, x: u16, y: u16, width: u16, height: u16) -> Canvas<'_> {
        let x = x.min(self.area.width);
        let y = y.min(self.area.height);
        let area = Rect {
            x: self.area.x + x,
            y: self.area.y + y,
            width: width.min(self.area.width - x),
            height: height.min(self.area.height - y),
        };
        Canvas { cells: self.cells, area, look: self.look }
    }

    /// Draws a text of ours and answers where it ends. It may quote a host: what cannot be shown is escaped.
    pub(crate) fn put<T: Foreign + ?Sized>(&mut self, x: u16, y: u16, text: &T, role: Role) -> u16 {
        self.put_within(x, y, self.area.width.saturating_sub(x), text, role)
    }

    /// As [`put`](Self::put), at most `columns` wide; what is longer ends in `…`.
    pub(crate) fn put_within<T: Foreign + ?Sized>(
        &mut self,
        x: u16,
        y: u16,
        columns: u16,
        text: &T,
        role: Role,
    ) -> u16 {
        let room = columns.min(self.area.width.saturating_sub(x));
        let text = fit(self.look, text, room);
        self.write(x, y, &text, self.look.theme.style(role))
    }

    /// Draws a text that ends just before column `end`, at most `columns` wide.
    pub(crate) fn put_right<T: Foreign + ?Sized>(&mut self, end: u16, y: u16, columns: u16, text: &T, role: Role) {
        let text = fit(self.look, text, columns.min(end));
        let width = u16::try_from(terminal::columns(&text)).unwrap_or(columns);
        self.write(end.saturating_sub(width), y, &text, self.look.theme.style(role));
    }

    /// Draws a number with its unit: the unit is dim, unless the whole is in trouble. Ends just before column `end`.
    pub(crate) fn put_figure(&mut self, end: u16, y: u16, columns: u16, text: &str, role: Role) {
        let text = fit(self.look, text, columns.min(end));
        let width = u16::try_from(terminal::columns(&text)).unwrap_or(columns);
        self.write_figure(end.saturating_sub(width), y, &text, role);
    }

    /// As [`put_figure`](Self::put_figure), from column `x` on. Answers where it ends.
    pub(crate) fn put_figure_at(&mut self, x: u16, y: u16, text: &str, role: Role) -> u16 {
        let text = fit(self.look, text, self.area.width.saturating_sub(x));
        self.write_figure(x, y, &text, role)
    }

    fn write_figure(&mut self, x: u16, y: u16, text: &str, role: Role) -> u16 {
        let unit = text.rfind(|c: char| c.is_ascii_digit()).map_or(0, |last| last + 1);
        let (number, unit) = text.split_at(unit);
        let x = self.write(x, y, number, self.look.theme.style(role));
        let role = if role == Role::Plain { Role::Dim } else { role };
        self.write(x, y, unit, self.look.theme.style(role))
    }

    /// Lays a role over a whole row without touching its text.
    pub(crate) fn tint(&mut self, y: u16, role: Role) {
        if y < self.area.height {
            let row = Rect { y: self.area.y + y, height: 1, ..self.area };
            self.cells.set_style(row, self.look.theme.style(role));
        }
    }

    /// Copies a part of a sheet, `from_row` rows down, so that it fills this canvas.
    pub(crate) fn show(&mut self, sheet: &Buffer, from_row: u16) {
        for y in 0..self.area.height.min(sheet.area.height.saturating_sub(from_row)) {
            for x in 0..self.area.width.min(sheet.area.width) {
                let cell = sheet[(sheet.area.x + x, sheet.area.y + from_row + y)].clone();
                self.cells[(self.area.x + x, self.area.y + y)] = cell;
            }
        }
    }

    /// Draws harmless text and answers where it ends.
    fn write(&mut self, x: u16, y: u16, text: &str, style: Style) -> u16 {
        if y >= self.area.height || x >= self.area.width {
            return x;
        }
        let room = usize::from(self.area.width - x);
        let (end, _) = self.cells.set_stringn(self.area.x + x, self.area.y + y, text, room, style);
        end - self.area.x
    }
}

/// A text in the characters that there are, without harm, at most so many columns wide.
fn fit<T: Foreign + ?Sized>(look: Look, text: &T, columns: u16) -> String {
    let line = terminal::line(text);
    let spelled = look.spelled(&line);
    let fitted = terminal::fitted(&*spelled, usize::from(columns));
    // What was cut ends in a sign that has to be spelled too; it stays one column wide.
    look.spelled(&fitted).into_owned()
}

/// How many columns a text of ours takes.
pub(crate) fn columns(look: Look, text: &str) -> u16 {
    u16::try_from(terminal::columns(&look.spelled(text))).unwrap_or(u16::MAX)
}
