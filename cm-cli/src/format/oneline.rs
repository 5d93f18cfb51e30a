//! The fleet in one short line, for a status bar: `CM 5 hosts ✖1 ◆1 ●3 labbox: no answer`.

use cm_core::health::{Health, Reason};
use cm_core::text::terminal;
use cm_core::wording::{self, plural};

use crate::document::{Document, Value};
use crate::paint::{Meaning, Paint};

/// The most columns of the reason in it.
const REASON_COLUMNS: usize = 60;

/// The line, without its end.
pub fn line(document: &Document, paint: Paint) -> String {
    let mut parts = vec![format!("CM {}", plural(document.hosts.len(), "host"))];
    for health in Health::BY_TROUBLE {
        let number = document.hosts.iter().filter(|(_, other)| *other == health).count();
        if number > 0 {
            let count = format!("{}{number}", wording::mark(health, paint.glyphs));
            parts.push(paint.dress(&count, Meaning::from(health)));
        }
    }
    if let Some((host, reason)) = worst(document) {
        let text = paint.spell(&terminal::line(&reason.text));
        parts.push(format!("{host}: {}", paint.fit(&text, REASON_COLUMNS)));
    }
    parts.join(" ")
}

/// The first reason of the host in the most trouble.
fn worst(document: &Document) -> Option<(&str, &Reason)> {
    let place = document.sheet.place("reasons")?;
    let reasons = document.sheet.rows.iter().filter_map(|row| match row.cells.get(place) {
        Some(Value::Reasons(reasons)) if row.health != Health::Ok => Some((row.host_name(), reasons.first()?)),
        _ => None,
    });
    reasons.min_by_key(|(host, reason)| (std::cmp::Reverse(reason.health.trouble()), *host))
}
