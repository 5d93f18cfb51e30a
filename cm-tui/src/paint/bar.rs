//! Bars in eighths of a column.

use cm_core::wording;

use super::Canvas;
use crate::theme::Role;

impl Canvas<'_> {
    /// A bar of `columns` columns filled to `percent`.
    pub(crate) fn bar(&mut self, x: u16, y: u16, columns: u16, percent: f64, role: Role) {
        let columns = columns.min(self.width().saturating_sub(x));
        let bar = wording::bar(percent, usize::from(columns), self.look.glyphs);
        self.write(x, y, bar.trim_end(), self.look.theme.style(role));
    }
}
