//! Draws the state, and changes nothing: the first line, the body of the uppermost screen, the last line.

pub(crate) mod time_bar;

use cm_core::clock::WallTime;
use cm_core::health::Health;
use cm_core::observation::LinkState;
use cm_core::wording;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::action::{self, Action, Hint};
use crate::command::Command;
use crate::local;
use crate::paint::{Canvas, columns};
use crate::picture::Picture;
use crate::screen::Screen;
use crate::state::{Origin, Overlay, State};
use crate::theme::{Look, Role};
use crate::travel::{Motion, PLAYS_EVERY};

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
        let above = state.above();
        time_bar::draw(state, &mut canvas.part(0, 1, width, above - 1));
        state.top().page().draw(state, canvas.part(0, above, width, height - 1 - above));
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

/// From this width on it says both how long ago a moment is and as of when it is shown.
const ROOMY: u16 = 100;

/// Looking up a moment is said once it takes so long.
const SLOW: std::time::Duration = std::time::Duration::from_millis(300);

/// A moment by its time, with its day where that is another.
fn as_of(newest: WallTime, at: WallTime, ahead: local::AheadS) -> String {
    let same_day = local::format(newest, ahead, "%F") == local::format(at, ahead, "%F");
    local::format(newest, ahead, if same_day { "%H:%M" } else { "%d %b %H:%M" })
}

type Parts = Vec<(String, Role)>;

/// What stands at the right of the first line, from right to left: what always does, and what does where there is room.
fn right_side(state: &State, width: u16) -> (Parts, Parts) {
    let picture = state.picture();
    let now = picture.now;
    let ahead = state.set.ahead_s;
    let mut required = Vec::new();
    if state.set.origin == Origin::Replay {
        required.push((local::format(now.wall, ahead, " THEN %Y-%m-%d %H:%M "), Role::Past));
    } else if let Some(then) = &state.then {
        let is_today = local::format(then.at, ahead, "%F") == local::format(state.live.now.wall, ahead, "%F");
        let form = match (width < TERSE, is_today) {
            (true, true) => " THEN %H:%M:%S ",
            (true, false) => " THEN %d %b %H:%M ",
            (false, _) => " THEN %Y-%m-%d %H:%M:%S ",
        };
        required.push((local::format(then.at, ahead, form), Role::Past));
        let ago = state.live.now.wall.since(then.at);
        let plays = match (then.motion, then.speed()) {
            (Motion::Stands, 1) => String::new(),
            (Motion::Stands, speed) => format!("{speed}x  "),
            (Motion::Plays(_), speed) => format!("{} {speed}x  ", state.look.sign("▶", ">")),
        };
        let as_of = then.as_of().map(|newest| format!("as of {} ", as_of(newest, then.at, ahead)));
        let is_room = width >= ROOMY || as_of.is_none();
        let ago = if is_room { format!("{plays}{} ago ", wording::age(ago)) } else { plays };
        required.extend([(ago, Role::Plain)].into_iter().filter(|(text, _)| !text.is_empty()));
        required.extend(as_of.map(|text| (text, Role::Note)));
    } else if state.paused.is_some() {
        required.push((local::format(now.wall, ahead, " PAUSED %H:%M:%S "), Role::Past));
    } else {
        required.push(("LIVE".to_owned(), Role::Dim));
        required.push((local::format(now.wall, ahead, "%H:%M:%S"), Role::Plain));
    }
    if let Some(seek) = state.seeking.filter(|seek| state.live.now.mono.since(seek.since) >= SLOW) {
        required.push((local::format(seek.at, ahead, "reading %m-%d %H:%M … "), Role::Note));
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
        Overlay::Command(command) => return command_line(state, command, canvas),
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

fn command_line(state: &State, command: &Command, canvas: &mut Canvas<'_>) -> u16 {
    let x = canvas.put(0, 0, ":", Role::Accent);
    let before = u16::try_from(command.line.columns_before_cursor()).unwrap_or(u16::MAX);
    let end = canvas.put(x, 0, command.line.text().as_str(), Role::Plain);
    if end + 4 < canvas.width() {
        canvas.put(end + 3, 0, command.told(state).as_str(), Role::Dim);
    }
    x.saturating_add(before).min(canvas.width().saturating_sub(1))
}

/// One act in the last line.
struct Hinted {
    action: &'static Action,
    keys: String,
    words: &'static str,
    /// Where its keys begin.
    x: u16,
}

impl Hinted {
    fn wide(&self, look: Look) -> u16 {
        columns(look, &self.keys) + columns(look, self.words) + 3
    }
}

/// The act in the last line at a column.
pub(crate) fn hint_at(state: &State, x: u16) -> Option<&'static Action> {
    if state.overlay.is_some() || state.notice.is_some() || !state.typed.is_empty() {
        return None;
    }
    let hinted = hinted(state, state.size.width);
    hinted.iter().find(|hint| (hint.x..hint.x + hint.wide(state.look) - 2).contains(&x)).map(|hint| hint.action)
}

/// How many screens remain when the crumb at a column of the first line is clicked; `CM` is the first.
pub(crate) fn crumb_at(state: &State, x: u16) -> Option<usize> {
    if (1..3).contains(&x) {
        return Some(1);
    }
    let shown = state.top().page().crumbs(state);
    let mut end = 3;
    for (at, crumb) in shown.iter().enumerate() {
        end += 3 + columns(state.look, crumb);
        if x < end {
            let is_there = |screen: &Screen| screen.page().crumbs(state) == shown[..=at];
            return if x < 3 { None } else { state.screens.iter().position(is_there).map(|below| below + 1) };
        }
    }
    None
}

fn hints(state: &State, canvas: &mut Canvas<'_>) {
    for Hinted { keys, words, x, .. } in hinted(state, canvas.width()) {
        let x = canvas.put(x, 0, keys.as_str(), Role::Accent);
        canvas.put(x + 1, 0, words, Role::Dim);
    }
}

/// The keys that work here, most useful first, as many as fit; how to quit and where help is always fit.
fn hinted(state: &State, width: u16) -> Vec<Hinted> {
    let kind = state.kind();
    let mut offered: Vec<(&'static Action, Hint)> = action::all()
        .filter(|action| action.is_offered(state, kind))
        .filter_map(|action| Some((action, action.hint?)))
        .filter(|(action, _)| action.can_run(state).is_ok())
        .collect();
    offered.sort_by_key(|(_, hint)| hint.rank);
    let mut hinted: Vec<(u8, Hinted)> = offered
        .into_iter()
        .filter_map(|(action, hint)| {
            let first = |action| state.keys.chords(action, kind).next().map(|chord| chord.shown(state.look.glyphs));
            let before = hint.after.and_then(action::by_word).and_then(first).unwrap_or_default();
            let key = first(action)?;
            // Signs stand side by side, words apart: `←→`, but `left right`.
            let apart = if before.chars().count() > 1 { " " } else { "" };
            let keys = format!("{before}{apart}{key}");
            Some((hint.rank, Hinted { action, keys, words: hint.words, x: 0 }))
        })
        .collect();
    let mut room = width.saturating_sub(1);
    let mut fits = vec![false; hinted.len()];
    let always = |rank: u8| rank >= 95;
    for pass in [true, false] {
        for (at, (_, hint)) in hinted.iter().enumerate().filter(|(_, (rank, _))| always(*rank) == pass) {
            let wide = hint.wide(state.look);
            if wide <= room {
                room -= wide;
                fits[at] = true;
            } else if !pass {
                break;
            }
        }
    }
    let mut fits = fits.into_iter();
    hinted.retain(|_| fits.next() == Some(true));
    let mut x = 1;
    for (_, hint) in &mut hinted {
        hint.x = x;
        x += hint.wide(state.look);
    }
    hinted.into_iter().map(|(_, hint)| hint).collect()
}

/// How long until something on the screen changes by itself, however nothing comes: ages and the clock, every second.
pub(crate) fn next_change(state: &State, now: cm_core::clock::Now) -> Option<std::time::Duration> {
    if state.set.origin == Origin::Replay && state.notice.is_none() {
        return None;
    }
    if state.then.as_ref().is_some_and(|then| then.motion != Motion::Stands) {
        return Some(PLAYS_EVERY);
    }
    let into_second = u64::try_from(now.wall.millis().rem_euclid(1_000)).unwrap_or(0);
    Some(std::time::Duration::from_millis(1_000 - into_second))
}
