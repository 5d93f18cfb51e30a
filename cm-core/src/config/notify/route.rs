//! `[[notify.route]]`: which channels are told of what.

use std::ops::Range;
use std::time::Duration;

use cm_model::fault::Code;
use cm_model::nearest::nearest;
use toml::de::DeTable;

use super::Said;
use super::field::{Field, Form, Given};
use super::table::Table;
use crate::config::reader::Reader;
use crate::outbox::{ChannelName, Route};

/// The key within `[notify]`.
pub(super) const TABLE: &str = "route";

const AFTER: Form = Form::Span { low: 60, high: 7 * 86_400 };
const REMIND: Form = Form::Span { low: 600, high: 30 * 86_400 };

/// What a route has.
pub static FIELDS: &[Field] = &[
    Field::needed("channels", Form::Channels, "To which channels."),
    Field::new("least", Form::Severity, "\"warning\"", "Of this severity or more."),
    Field::new("hosts", Form::Hosts, "all", "On these hosts, or hosts of `roles`."),
    Field::new("roles", Form::Roles, "all", "On hosts of these roles, or on `hosts`."),
    Field::new("rules", Form::Texts, "all", "Found by these rules; `drive.*` means all that begin so."),
    Field::new(
        "hours",
        Form::Hours,
        "always",
        "In these hours. What fires outside of them is told once they begin, if it is still there.",
    ),
    Field::new("after", AFTER, "at once", "Once it has fired for so long and nobody has acknowledged it."),
    Field::new(
        "remind",
        REMIND,
        "never",
        "After so long it is told again that it goes on, then after twice as long each time, up to a week.",
    ),
];

pub(super) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>, span: Range<usize>, said: &mut Said) {
    let mut values = Table::read(reader, "notify.route", table, FIELDS, &[]);
    values.need(reader, "a route", FIELDS, &span);
    values.note(&format!("notify.route.{}", said.notify.routes.len() + 1), said);
    let Some((Given::Channels(channels), place)) = values.take_with_place("channels") else { return };
    if channels.is_empty() {
        let next = Some("Name at least one, or leave the route out.".to_owned());
        return reader.error(Code::CONFIG_OUT_OF_RANGE, place, "a route leads to no channel", next);
    }
    said.led.extend(channels.iter().map(|channel| (channel.clone(), place.clone())));
    let usual = Route::to(channels);
    let span = |values: &mut Table, key: &str| -> Option<Duration> { values.take(key).and_then(Given::span) };
    let route = Route {
        least: values.take("least").and_then(Given::severity).unwrap_or(usual.least),
        hosts: values.take("hosts").map(Given::hosts).unwrap_or_default(),
        roles: values.take("roles").map(Given::roles).unwrap_or_default(),
        rules: values.take("rules").map(Given::texts).unwrap_or_default(),
        after: span(&mut values, "after").unwrap_or_default(),
        remind: span(&mut values, "remind"),
        ..usual
    };
    let hours = values.take("hours").map(Given::hours).unwrap_or_default();
    said.notify.routes.push((route, hours));
}

/// Names of channels that no channel has.
pub(super) fn check_names(reader: &mut Reader<'_>, said: &mut Said) {
    for (channel, span) in std::mem::take(&mut said.led) {
        if said.notify.contact(&channel).is_some() || said.named.contains(&channel) {
            continue;
        }
        let known: Vec<&str> = said.named.iter().map(ChannelName::as_str).collect();
        let next = match nearest(channel.as_str(), known.iter().copied()) {
            Some(near) => format!("Did you mean \"{near}\"?"),
            None if known.is_empty() => "Write [[notify.channel]] with that name.".to_owned(),
            None => format!("Known here: {}.", known.join(", ")),
        };
        reader.error(Code::CONFIG_CONTRADICTION, span, format!("there is no channel `{channel}`"), Some(next));
    }
}
