//! Tables for people: aligned, fitted to the width, coloured by meaning alone.
//!
//! Into a pipe nothing is cut and no column left out. On a terminal columns give way in the order that
//! [`document::table`](crate::document::table) states, and then texts are cut; no line is ever wider than the terminal.

mod cell;
pub mod overview;

use cm_core::clock::WallTime;
use cm_core::health::Health;
use cm_core::text::terminal;

use self::cell::Cell;
use crate::document::past::PastDocument;
use crate::document::table::{Drawn, Shown, shown_by};
use crate::document::{Column, Document, Kind, Row, Sheet};
use crate::paint::{Meaning, Paint, pad};

/// Between two columns.
const GAP: usize = 2;
/// A text column gives way before it is narrower than this.
const LEAST_TEXT: usize = 14;
/// A column of reasons gives way before it is narrower than this.
const LEAST_REASON: usize = 40;

/// A column as it is drawn.
#[derive(Debug, Clone)]
struct Lane {
    /// Where its values stand in a row.
    place: usize,
    /// Where the second value of its drawing stands.
    beside: Option<usize>,
    drawn: Drawn,
    head: String,
    kind: Kind,
    gives_way: u8,
    width: usize,
}

/// A table that has been laid out.
#[derive(Debug)]
pub(crate) struct Layout {
    lanes: Vec<Lane>,
    /// Every row's cells, a cell a lane.
    grid: Vec<Vec<Cell>>,
    paint: Paint,
    /// Columns before each line.
    indent: usize,
}

/// The lines of a command's table, the rows in trouble first.
pub fn lines(document: &mut Document, chosen: bool, paint: Paint) -> Vec<String> {
    if !chosen {
        document.sheet.rows.sort_by(|a, b| by_trouble(a).cmp(&by_trouble(b)));
    }
    if document.sheet.rows.is_empty() {
        return Vec::new();
    }
    let lanes = if chosen { chosen_lanes(&document.sheet) } else { usual_lanes(document) };
    laid_out(&document.sheet, lanes, document.made_at, paint)
}

/// The lines of a table of the history, in the order of its rows.
pub fn past_lines(document: &PastDocument, chosen: bool, paint: Paint) -> Vec<String> {
    let sheet = &document.sheet;
    if sheet.rows.is_empty() {
        return Vec::new();
    }
    let lanes = if chosen { chosen_lanes(sheet) } else { lanes(sheet, document.tale.shown()) };
    laid_out(sheet, lanes, document.as_of, paint)
}

/// The lines of rows of any sort, in their order.
pub fn sheet_lines(sheet: &Sheet, shown: &[Shown], now: WallTime, paint: Paint) -> Vec<String> {
    if sheet.rows.is_empty() { Vec::new() } else { laid_out(sheet, lanes(sheet, shown), now, paint) }
}

fn laid_out(sheet: &Sheet, lanes: Vec<Lane>, now: WallTime, paint: Paint) -> Vec<String> {
    let layout = Layout::new(sheet, lanes, now, paint, 0);
    let rows = (0..sheet.rows.len()).map(|row| layout.line(row));
    std::iter::once(layout.head()).chain(rows).collect()
}

fn by_trouble(row: &Row) -> (std::cmp::Reverse<u8>, &str) {
    cm_core::wording::by_trouble(row.health, row.host_name())
}

/// The columns that the user named, all of them, in their order.
fn chosen_lanes(sheet: &Sheet) -> Vec<Lane> {
    let lane = |(place, column): (usize, &Column)| Lane {
        place,
        beside: None,
        drawn: Drawn::Plain,
        head: column.name.clone(),
        kind: column.kind,
        gives_way: 0,
        width: 0,
    };
    sheet.columns.iter().enumerate().map(lane).collect()
}

/// The columns that are shown unasked.
fn usual_lanes(document: &Document) -> Vec<Lane> {
    lanes(&document.sheet, shown_by(document.what))
}

fn lanes(sheet: &Sheet, shown: &[Shown]) -> Vec<Lane> {
    let lane = |shown: &Shown| {
        let place = sheet.place(&shown.column())?;
        let column = &sheet.columns[place];
        let beside = match shown.drawn {
            Drawn::Of(other) | Drawn::Since(other) => sheet.place(other),
            Drawn::Plain | Drawn::Bar => None,
        };
        let head = shown.head.map_or_else(|| column.head.clone(), str::to_owned);
        Some(Lane { place, beside, drawn: shown.drawn, head, kind: column.kind, gives_way: shown.gives_way, width: 0 })
    };
    shown.iter().filter_map(lane).collect()
}

impl Layout {
    fn new(sheet: &Sheet, mut lanes: Vec<Lane>, now: WallTime, paint: Paint, indent: usize) -> Self {
        let reasons = sheet.place("reasons");
        let mut grid: Vec<Vec<Cell>> = sheet
            .rows
            .iter()
            .map(|row| lanes.iter().map(|lane| cell::draw(sheet, row, lane, reasons, now, paint)).collect())
            .collect();
        for (at, lane) in lanes.iter_mut().enumerate() {
            lane.head = paint.spell(&lane.head);
            let widest = grid.iter().map(|row| row[at].columns()).max().unwrap_or(0);
            lane.width = widest.max(terminal::columns(&lane.head));
        }
        if let Some(width) = paint.width {
            let empty = |at: usize| grid.iter().all(|row| row[at].is_empty());
            let nothing: Vec<bool> = (0..lanes.len()).map(|at| lanes[at].gives_way > 0 && empty(at)).collect();
            let kept = narrow(&mut lanes, &nothing, width.saturating_sub(indent));
            lanes = kept.iter().map(|&at| lanes[at].clone()).collect();
            for row in &mut grid {
                *row = kept.iter().map(|&at| std::mem::take(&mut row[at])).collect();
            }
        }
        Self { lanes, grid, paint, indent }
    }

    fn head(&self) -> String {
        let heads = self.lanes.iter().enumerate().map(|(at, lane)| {
            let head = self.paint.fit(&lane.head, lane.width);
            self.padded(at, &head, lane.kind.is_number() && lane.drawn != Drawn::Bar)
        });
        let line = self.joined(heads);
        self.paint.dress(line.trim_end(), Meaning::Faint)
    }

    fn line(&self, row: usize) -> String {
        let last = self.lanes.len().saturating_sub(1);
        let cells = self.lanes.iter().enumerate().map(|(at, lane)| {
            let cell = &self.grid[row][at];
            let text = cell.dressed(lane.width, self.paint);
            let space = " ".repeat(lane.width.saturating_sub(cell.columns()));
            match (lane.kind.is_number(), at == last) {
                (true, _) => format!("{space}{text}"),
                (false, true) => text,
                (false, false) => format!("{text}{space}"),
            }
        });
        let line = self.joined(cells);
        line.trim_end().to_owned()
    }

    fn padded(&self, at: usize, text: &str, right: bool) -> String {
        pad(text, self.lanes[at].width, right)
    }

    fn joined(&self, cells: impl Iterator<Item = String>) -> String {
        let mut line = " ".repeat(self.indent);
        for (at, cell) in cells.enumerate() {
            if at > 0 {
                line.push_str(&" ".repeat(gap(&self.lanes, at)));
            }
            line.push_str(&cell);
        }
        line
    }
}

/// The space before a lane: a mark stands closer to what it marks.
fn gap(lanes: &[Lane], at: usize) -> usize {
    if at == 0 {
        0
    } else if lanes[at - 1].kind == Kind::Health && lanes[at - 1].head.is_empty() {
        1
    } else {
        GAP
    }
}

/// How narrow a lane may become before another gives way.
fn least(lane: &Lane) -> usize {
    match lane.kind {
        Kind::Reasons | Kind::Words => lane.width.min(LEAST_REASON),
        Kind::Text => lane.width.min(LEAST_TEXT),
        _ => lane.width,
    }
}

/// Leaves out lanes and narrows texts until they fit; answers with the places of those that stay.
fn narrow(lanes: &mut [Lane], nothing: &[bool], width: usize) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..lanes.len()).filter(|&at| !nothing[at]).collect();
    let total = |kept: &[usize], lanes: &[Lane], of: fn(&Lane) -> usize| -> usize {
        let chosen: Vec<Lane> = kept.iter().map(|&at| lanes[at].clone()).collect();
        (0..chosen.len()).map(|at| gap(&chosen, at) + of(&chosen[at])).sum()
    };
    while total(&kept, lanes, least) > width {
        let Some(first) =
            (0..kept.len()).filter(|&k| lanes[kept[k]].gives_way > 0).max_by_key(|&k| lanes[kept[k]].gives_way)
        else {
            break;
        };
        kept.remove(first);
    }
    for enough in [least as fn(&Lane) -> usize, |_| 1] {
        loop {
            let over = total(&kept, lanes, |lane| lane.width).saturating_sub(width);
            let cuttable = |at: &&usize| lanes[**at].width > enough(&lanes[**at]);
            let Some(&widest) = kept.iter().filter(cuttable).max_by_key(|&&at| lanes[at].width) else { break };
            if over == 0 {
                return kept;
            }
            // The widest gives first, down to the next widest, so that two long texts share what there is.
            let floor = enough(&lanes[widest]);
            lanes[widest].width = (lanes[widest].width - 1).max(floor);
        }
    }
    kept
}

/// The mark of how well something is.
pub(crate) fn mark(health: Health, paint: Paint) -> &'static str {
    cm_core::wording::mark(health, paint.glyphs)
}
