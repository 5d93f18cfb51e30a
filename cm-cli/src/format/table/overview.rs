//! The whole fleet at a glance: a line a host, by role, the troubled first; under each that is in trouble why, and what next.

use cm_core::health::{Health, Reason};
use cm_core::text::terminal;
use cm_core::wording::{self, Glyphs, plural};

use super::{Layout, by_trouble, mark, usual_lanes};
use crate::document::{Document, Row, Value};
use crate::paint::{Meaning, Paint};

/// How far rows stand from the edge.
const INDENT: usize = 1;
/// How far reasons stand from the edge.
const REASON: usize = 5;
/// How wide the whole is where nobody says.
const USUAL_WIDTH: usize = 80;
/// No rule is longer.
const WIDEST_RULE: usize = 120;
/// How many reasons of one host a terminal shows.
const MOST_REASONS: usize = 6;

/// The overview, and the line that says that all is well where only problems were asked for and there are none.
pub fn lines(document: &mut Document, problems: bool, clock: &str, paint: Paint) -> Vec<String> {
    if problems && document.sheet.rows.is_empty() {
        return vec![calm(document, paint)];
    }
    let mut groups: Vec<Option<String>> = Vec::new();
    let role = document.sheet.place("role");
    for row in &document.sheet.rows {
        let group = group_of(row, role);
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    document.sheet.rows.sort_by(|a, b| by_trouble(a).cmp(&by_trouble(b)));
    // Groups stand in the order of the fleet, but for those in trouble: a short screen must not hide these.
    let worst = |group: &Option<String>| {
        let rows = document.sheet.rows.iter().filter(|row| group_of(row, role) == *group);
        rows.map(|row| row.health.trouble()).max().filter(|&trouble| trouble > Health::Note.trouble())
    };
    groups.sort_by_cached_key(|group| std::cmp::Reverse(worst(group)));
    let layout = Layout::new(&document.sheet, usual_lanes(document), document.made_at, paint, INDENT);
    let mut lines = vec![summary(document, clock, paint)];
    if !document.sheet.rows.is_empty() {
        lines.push(layout.head());
    }
    let reasons = document.sheet.place("reasons");
    let has_groups = groups.iter().any(Option::is_some);
    for group in &groups {
        if has_groups {
            lines.push(rule(group.as_deref().unwrap_or("no role"), paint));
        }
        for (at, row) in document.sheet.rows.iter().enumerate().filter(|(_, row)| group_of(row, role) == *group) {
            lines.push(layout.line(at));
            if let Some(Value::Reasons(reasons)) = reasons.and_then(|place| row.cells.get(place)) {
                why(reasons, row, paint, &mut lines);
            }
        }
    }
    lines
}

fn group_of(row: &Row, role: Option<usize>) -> Option<String> {
    match row.cells.get(role?)? {
        Value::Text(text) => Some(terminal::line(text).into_owned()),
        _ => None,
    }
}

fn calm(document: &Document, paint: Paint) -> String {
    let number = document.hosts.len();
    let sentence = match number {
        0 => "no hosts are watched".to_owned(),
        1 => format!("{} is well", document.hosts[0].0),
        number => format!("all {number} hosts are well"),
    };
    format!("{} {sentence}", mark(if number == 0 { Health::Unknown } else { Health::Ok }, paint))
}

/// ` CM  5 hosts   ✖ 1   ◆ 1   ● 3                    12:04:31`.
fn summary(document: &Document, clock: &str, paint: Paint) -> String {
    let hosts = format!("CM  {}", plural(document.hosts.len(), "host"));
    let counts: Vec<(String, Meaning)> = Health::BY_TROUBLE
        .into_iter()
        .map(|health| (health, document.hosts.iter().filter(|(_, other)| *other == health).count()))
        .filter(|(_, number)| *number > 0)
        .map(|(health, number)| (format!("   {} {number}", mark(health, paint)), health.into()))
        .collect();
    let used = INDENT + hosts.len() + counts.iter().map(|(count, _)| terminal::columns(count)).sum::<usize>();
    let dressed: String = counts.iter().map(|(count, meaning)| colour_after_space(count, *meaning, paint)).collect();
    let mut line = format!("{}{}{dressed}", " ".repeat(INDENT), paint.dress(&hosts, Meaning::Title));
    let width = paint.width.unwrap_or(USUAL_WIDTH).min(WIDEST_RULE);
    if used + 2 + clock.len() <= width {
        line.push_str(&" ".repeat(width - used - clock.len()));
        line.push_str(&paint.dress(clock, Meaning::Faint));
    }
    line
}

fn rule(name: &str, paint: Paint) -> String {
    let width = paint.width.unwrap_or(USUAL_WIDTH).min(WIDEST_RULE);
    let dash = if paint.glyphs == Glyphs::Unicode { "─" } else { "-" };
    let name = paint.fit(&paint.spell(name), width.saturating_sub(6));
    let rest = width.saturating_sub(terminal::columns(&name) + 4);
    let (before, after) = (dash.repeat(2), dash.repeat(rest));
    format!("{} {name} {}", paint.dress(&before, Meaning::Faint), paint.dress(&after, Meaning::Faint))
}

/// Why a host is not well, and what next; the same next step is said once.
fn why(reasons: &[Reason], row: &Row, paint: Paint, lines: &mut Vec<String>) {
    let most = if paint.width.is_some() { MOST_REASONS } else { usize::MAX };
    for (at, reason) in reasons.iter().take(most).enumerate() {
        let meaning = Meaning::from(reason.health);
        let first = format!("{}{} ", " ".repeat(REASON), wording::mark(reason.health, paint.glyphs));
        let text = paint.spell(&terminal::line(&reason.text));
        lines.extend(
            paint.wrap(&first, REASON + 2, &text).into_iter().map(|line| colour_after_space(&line, meaning, paint)),
        );
        let said_below = reasons.get(at + 1).is_some_and(|next| next.next == reason.next && at + 1 < most);
        if !reason.next.is_empty() && !said_below && reason.health.trouble() > Health::Note.trouble() {
            let first = format!("{}next: ", " ".repeat(REASON + 2));
            let next = paint.wrap(&first, REASON + 2 + 6, &paint.spell(reason.next));
            lines.extend(next.into_iter().map(|line| colour_after_space(&line, Meaning::Faint, paint)));
        }
    }
    if reasons.len() > most {
        let more = format!(
            "{}and {} more: cm-cli status --json --host {}",
            " ".repeat(REASON + 2),
            reasons.len() - most,
            row.host_name()
        );
        lines.push(paint.fit(&more, paint.width.unwrap_or(usize::MAX)));
    }
}

fn colour_after_space(line: &str, meaning: Meaning, paint: Paint) -> String {
    let text = line.trim_start_matches(' ');
    format!("{}{}", " ".repeat(line.len() - text.len()), paint.dress(text, meaning))
}
