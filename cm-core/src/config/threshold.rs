//! The owner's limits: from where a reading is a warning or critical, by metric.
//!
//! `[widgets.thresholds]` takes `drive.wear = { warning = 60, critical = 90 }`, with the name quoted or not, or `false`
//! where no value of the metric is bad. Whether high or low values are bad is the catalogue's to say.

use std::collections::BTreeMap;
use std::fmt;

use cm_model::catalogue;
use cm_model::fault::Code;
use cm_model::metric::{Limits, MetricId};
use cm_model::unit::Unit;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::origin::Origin;
use super::reader::Reader;
use super::setting::what_came;
use cm_model::nearest::nearest;
use cm_model::problem::quoted;

/// A limit set by the owner.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Threshold {
    pub(crate) name: &'static str,
    pub(crate) limits: Limits,
    pub(crate) tell: Option<bool>,
    pub(crate) origin: Origin,
}

/// The owner's limits.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Thresholds(BTreeMap<MetricId, Threshold>);

impl Thresholds {
    /// These over those of `below`.
    pub(crate) fn over(&self, below: &Self) -> Self {
        let mut both = below.clone();
        both.0.extend(self.0.iter().map(|(id, threshold)| (*id, threshold.clone())));
        both
    }

    pub(crate) fn limits(&self) -> Vec<(MetricId, Limits)> {
        self.0.iter().map(|(id, threshold)| (*id, threshold.limits)).collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Threshold> {
        self.0.values()
    }
}

/// As TOML writes it.
impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Limits::Above { warning, critical } | Limits::Below { warning, critical }) = self.limits else {
            return f.write_str("false");
        };
        let given = [("warning", warning), ("critical", critical)];
        let limits = given.iter().filter_map(|(key, limit)| limit.map(|limit| format!("{key} = {limit}")));
        let parts: Vec<String> = limits.chain(self.tell.map(|tell| format!("tell = {tell}"))).collect();
        write!(f, "{{ {} }}", parts.join(", "))
    }
}

const KEYS: [&str; 3] = ["warning", "critical", "tell"];

/// Reads a table of thresholds. Names with dots may come as tables in tables.
pub(crate) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>, for_host: bool, into: &mut Thresholds) {
    walk(reader, table, "", for_host, into);
}

fn walk(reader: &mut Reader<'_>, table: &DeTable<'_>, before: &str, for_host: bool, into: &mut Thresholds) {
    for (key, value) in table {
        let name = if before.is_empty() { key.get_ref().to_string() } else { format!("{before}.{}", key.get_ref()) };
        if let Some(entry) = catalogue::by_name(&name) {
            let name = entry.metric.name;
            let Some((limits, tell)) = read_one(reader, name, entry.metric.unit, entry.limits, value) else { continue };
            if tell.is_some() {
                reader.idle("the notifier", format!("widgets.thresholds.{name}.tell"), key.span());
            }
            let origin = reader.origin(&key.span(), for_host);
            into.0.insert(entry.metric.id, Threshold { name, limits, tell, origin });
            continue;
        }
        let begin = format!("{name}.");
        let begins_a_name = catalogue::all().any(|entry| entry.metric.name.starts_with(&begin));
        match value.get_ref() {
            DeValue::Table(inner) if begins_a_name => walk(reader, inner, &name, for_host, into),
            _ if reader.is_full() => {}
            _ => {
                let near = nearest(&name, catalogue::all().map(|entry| entry.metric.name));
                let next = match near {
                    Some(near) => format!("Did you mean `{near}`?"),
                    None => "`cm-cli metrics` lists the metrics that there are.".to_owned(),
                };
                reader.error(
                    Code::CONFIG_UNKNOWN_KEY,
                    key.span(),
                    format!("{} is no metric", quoted(&name)),
                    Some(next),
                );
            }
        }
    }
}

/// The limits of one metric, or `None` once what is wrong with them has been said.
fn read_one(
    reader: &mut Reader<'_>,
    name: &str,
    unit: Unit,
    usual: Limits,
    value: &Spanned<DeValue<'_>>,
) -> Option<(Limits, Option<bool>)> {
    let table = match value.get_ref() {
        DeValue::Boolean(false) => return Some((Limits::None, None)),
        DeValue::Table(table) => table,
        other => {
            let message =
                format!("`{name}` takes {{ warning = .., critical = .. }} or false, not {}", what_came(other));
            let next = number(other).map(|limit| format!("Write {{ warning = {limit} }}"));
            reader.error(Code::CONFIG_WRONG_TYPE, value.span(), message, next);
            return None;
        }
    };
    let (mut warning, mut critical, mut tell) = (None, None, None);
    let mut sound = true;
    for (key, value) in table {
        let limit = match key.get_ref().as_ref() {
            "warning" => &mut warning,
            "critical" => &mut critical,
            "tell" => {
                tell = value.get_ref().as_bool();
                if tell.is_none() {
                    let message = format!("`tell` takes true or false, not {}", what_came(value.get_ref()));
                    reader.error(Code::CONFIG_WRONG_TYPE, value.span(), message, None);
                    sound = false;
                }
                continue;
            }
            other => {
                reader.unknown_key(other, key.span(), &KEYS);
                sound = false;
                continue;
            }
        };
        *limit = number(value.get_ref());
        if limit.is_none() {
            let message = format!("`{}` takes a number, not {}", key.get_ref(), what_came(value.get_ref()));
            reader.error(Code::CONFIG_WRONG_TYPE, value.span(), message, None);
            sound = false;
        }
    }
    if !sound {
        return None;
    }
    let limits = match (usual, warning, critical) {
        (_, None, None) => {
            let next = format!("Write `{name} = false` for no limit, or name a limit: warning, critical.");
            reader.error(Code::CONFIG_CONTRADICTION, value.span(), format!("`{name}` has no limit"), Some(next));
            return None;
        }
        (Limits::Below { .. }, Some(warn), Some(crit)) if warn < crit => {
            let message = format!("low values of `{name}` are bad, but warning ({warn}) lies below critical ({crit})");
            reader.error(Code::CONFIG_CONTRADICTION, value.span(), message, Some(swapped(name, warn, crit)));
            return None;
        }
        (Limits::Below { .. }, ..) => Limits::Below { warning, critical },
        (_, Some(warn), Some(crit)) if warn > crit => {
            let message = format!("high values of `{name}` are bad, but warning ({warn}) lies above critical ({crit})");
            reader.error(Code::CONFIG_CONTRADICTION, value.span(), message, Some(swapped(name, warn, crit)));
            return None;
        }
        _ => Limits::Above { warning, critical },
    };
    if unit == Unit::Flag {
        let message = format!("`{name}` is a yes or no and takes no limit; only false, to leave it unjudged");
        reader.error(Code::CONFIG_CONTRADICTION, value.span(), message, None);
        return None;
    }
    Some((limits, tell))
}

fn swapped(name: &str, warning: f64, critical: f64) -> String {
    format!("Did you mean {name} = {{ warning = {critical}, critical = {warning} }}?")
}

/// A finite number, whole or not.
fn number(value: &DeValue<'_>) -> Option<f64> {
    let number = match value {
        DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix()).ok()? as f64,
        DeValue::Float(text) => text.as_str().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}
