//! Draws the state, and changes nothing: the first line, the body of the uppermost screen, the last line.

use cm_core::health::Health;
use cm_core::observation::LinkState;
use cm_core::wording;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::action::{self, Action, Hint};
use crate::local;
use crate::paint::{Canvas, columns};
use crate::picture::Picture;
use crate::state::{Origin, Overlay, State};
use crate::theme::Role;

/// Draws everything into `cells`, which are blank. Answers where the terminal's cursor belongs, if anywhere.
pub(crate) fn view(state: &State, cells: &mut Buffer) -> Option<(u16, u16)> {
    let area = cells.area;
    let mut canvas = Canvas::new(cells, Rect { x: 0, y: 0, ..area }, state.look);
    let (width, height) = (canvas.width(), canvas.height());
    if width == 0 || height == 0 {
        return None;
    }
    first_line(state, &mut canvas.part(0, 0, width, 1));
    if height > 2 {
        state.top().page().draw(state, canvas.part(0, 1, width, height - 2));
    }
    if height > 1 { last_line(state, &mut canvas.part(0, height - 1, width, 1)).map(|x| (x, height - 1)) } else { None }
}

fn first_line(state: &State, canvas: &mut Canvas<'_>) {
    let mut x = canvas.put(1, 0, "CM", Role::Strong);
    let mut crumbs = Vec::new();
    for screen in &state.screens {
        crumbs = screen.page().crumbs(state);
    }
    for crumb in &crumbs {
        x = canvas.put(x + 1, 0, state.look.sign("▸", ">"), Role::Dim);
        x = canvas.put(x + 1, 0, crumb.as_str(), Role::Strong);
    }
    let width = canvas.width();
    let (required, optional) = right_side(state, width);
    let wide = |(text, _): &(String, Role)| columns(state.look, text);
    let reserved: u16 = required.iter().map(|part| wide(part) + 1).sum::<u16>() + 1;
    let mut left = canvas.part(0, 0, width.saturating_sub(reserved + 1), 1);
    let left_end = state.top().page().draw_head(state, &mut left, x + 2);
    let mut end = width.saturating_sub(1);
    for part in &required {
        canvas.put_right(end, 0, wide(part), part.0.as_str(), part.1);
        end = end.saturating_sub(wide(part) + 1);
    }
    for part in &optional {
        end = end.saturating_sub(2);
        if end >= left_end + 2 + wide(part) {
            canvas.put_right(end, 0, wide(part), part.0.as_str(), part.1);
            end = end.saturating_sub(wide(part));
        }
    }
}

/// Below this width the first line is terse.
const TERSE: u16 = 70;

type Parts = Vec<(String, Role)>;

/// What stands at the right of the first line, from right to left: what always does, and what does where there is room.
fn right_side(state: &State, width: u16) -> (Parts, Parts) {
    let picture = state.picture();
    let now = picture.now;
    let ahead = state.set.ahead_s;
    let mut required = Vec::new();
    if state.set.origin == Origin::Replay {
        required.push((local::format(now.wall, ahead, " THEN %Y-%m-%d %H:%M "), Role::Past));
    } else if state.paused.is_some() {
        required.push((local::format(now.wall, ahead, " PAUSED %H:%M:%S "), Role::Past));
    } else {
        required.push(("LIVE".to_owned(), Role::Dim));
        required.push((local::format(now.wall, ahead, "%H:%M:%S"), Role::Plain));
    }
    required.push(heard(picture, width));
    let told = match state.alerts().count(now) {
        (0, 0) => None,
        (0, quiet) => Some((wording::plural(quiet, "quiet alert"), Role::Dim)),
        (open, 0) => Some((wording::plural(open, "alert"), Role::Plain)),
        (open, quiet) => Some((format!("{} +{quiet} quiet", wording::plural(open, "alert")), Role::Plain)),
    };
    (required, told.into_iter().collect())
}

/// How many hosts answer, and how old the newest of their data is.
fn heard(picture: &Picture, width: u16) -> (String, Role) {
    let hosts = picture.fleet.hosts().len();
    let is_heard = |link| matches!(link, LinkState::Answering | LinkState::Stale);
    let answer = picture.standing.iter().filter(|standing| is_heard(standing.link)).count();
    if !picture.fleet.is_complete() {
        return (format!("heard {answer} of {hosts} "), Role::Note);
    }
    let newest = picture.fleet.hosts().iter().filter_map(|host| host.age(picture.now)).min();
    let age = newest.map(wording::age).unwrap_or_default();
    let text = if width < TERSE {
        format!("{answer}/{hosts} {age:>3} ")
    } else {
        format!("{answer}/{hosts} answer {age:>3}  ")
    };
    (text, if answer == hosts { Role::Dim } else { Role::Plain })
}

/// Counts of hosts by health, each mark in its colour, from column `x` on. Answers where they end.
pub(crate) fn counts(state: &State, canvas: &mut Canvas<'_>, mut x: u16) -> u16 {
    let standing = &state.picture().standing;
    for health in Health::BY_TROUBLE {
        let number = standing.iter().filter(|standing| standing.verdict.health == health).count();
        if number > 0 {
            let text = format!("{} {number}", wording::mark(health, state.look.glyphs));
            x = canvas.put(x, 0, text.as_str(), Role::of(health)) + 2;
        }
    }
    x
}

fn last_line(state: &State, canvas: &mut Canvas<'_>) -> Option<u16> {
    if let Some(overlay) = &state.overlay {
        return Some(overlay_line(state, overlay, canvas));
    }
    if let Some(notice) = &state.notice {
        canvas.put(1, 0, notice.text.as_str(), Role::Accent);
        return None;
    }
    if !state.typed.is_empty() {
        let typed: String = state.typed.iter().map(|press| press.shown(state.look.glyphs)).collect();
        canvas.put(1, 0, format!("{typed} …").as_str(), Role::Accent);
        return None;
    }
    hints(state, canvas);
    None
}

fn overlay_line(state: &State, overlay: &Overlay, canvas: &mut Canvas<'_>) -> u16 {
    let (label, line, told) = match overlay {
        Overlay::Filter(line) => {
            let (shown, all) =
                state.top().page().filtered(state).map_or((0, 0), |filtered| (filtered.shown, filtered.all));
            ("filter ", line, format!("{shown} of {all}   enter keeps   esc clears"))
        }
        Overlay::Comment { line, .. } => ("comment ", line, "enter acknowledges   esc does not".to_owned()),
        Overlay::Silence { .. } => {
            let x = canvas.put(1, 0, "silence ", Role::Accent) + 1;
            canvas.put(x, 0, action::alerts::spans().as_str(), Role::Plain);
            return x;
        }
    };
    let x = canvas.put(1, 0, label, Role::Accent);
    let typed = line.text();
    let cursor = x.saturating_add(u16::try_from(line.columns_before_cursor()).unwrap_or(u16::MAX));
    let end = canvas.put(x, 0, typed.as_str(), Role::Plain);
    let wide = columns(state.look, &told);
    if end + 3 + wide < canvas.width() {
        canvas.put_right(canvas.width() - 1, 0, wide, told.as_str(), Role::Dim);
    }
    cursor.min(canvas.width().saturating_sub(1))
}

/// The keys that work here, most useful first, as many as fit; how to quit and where help is always fit.
fn hints(state: &State, canvas: &mut Canvas<'_>) {
    let kind = state.kind();
    let mut offered: Vec<(&Action, Hint)> = action::all()
        .filter(|action| action.is_offered(state, kind))
        .filter_map(|action| Some((action, action.hint?)))
        .filter(|(action, _)| (action.ready)(state).is_ok())
        .collect();
    offered.sort_by_key(|(_, hint)| hint.rank);
    let texts: Vec<(u8, String, &str)> = offered
        .into_iter()
        .filter_map(|(action, hint)| {
            let first = |action| state.keys.chords(action, kind).next().map(|chord| chord.shown(state.look.glyphs));
            let before = hint.after.and_then(action::by_word).and_then(first).unwrap_or_default();
            Some((hint.rank, before + &first(action)?, hint.words))
        })
        .collect();
    let wide = |(_, keys, words): &(u8, String, &str)| columns(state.look, keys) + columns(state.look, words) + 3;
    let mut room = canvas.width().saturating_sub(1);
    let mut fits = vec![false; texts.len()];
    let always = |rank: u8| rank >= 95;
    for pass in [true, false] {
        for (at, text) in texts.iter().enumerate().filter(|(_, text)| always(text.0) == pass) {
            if wide(text) <= room {
                room -= wide(text);
                fits[at] = true;
            } else if !pass {
                break;
            }
        }
    }
    let mut x = 1;
    for ((_, keys, words), _) in texts.iter().zip(fits).filter(|(_, fits)| *fits) {
        x = canvas.put(x, 0, keys.as_str(), Role::Accent);
        x = canvas.put(x + 1, 0, *words, Role::Dim) + 2;
    }
}

/// How long until something on the screen changes by itself, however nothing comes: ages and the clock, every second.
pub(crate) fn next_change(state: &State, now: cm_core::clock::Now) -> Option<std::time::Duration> {
    if state.set.origin == Origin::Replay && state.notice.is_none() {
        return None;
    }
    let into_second = u64::try_from(now.wall.millis().rem_euclid(1_000)).unwrap_or(0);
    Some(std::time::Duration::from_millis(1_000 - into_second))
}
