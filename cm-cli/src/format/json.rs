//! Documents as JSON. Texts go out through the JSON exit, so that printing one on a terminal does nothing.

use std::io::{self, Write};

use cm_core::health::{Health, Reason};
use cm_core::text::json;
use cm_core::unit::Unit;
use schemars::JsonSchema;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::{is_flag, rfc3339, rounded, significant};
use crate::document::past::PastDocument;
use crate::document::{Column, Document, Row, Sheet, Value};

/// The `schema` of a command's document.
pub fn schema_name(command: &str) -> String {
    format!("cm-dashboard/{command}/1")
}

/// A reason as JSON has it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "reason")]
pub struct ReasonDocument<'a> {
    /// How much it matters: ok, note, warning, critical or unknown.
    health: &'static str,
    /// A stable word for the sort of reason: `drive.wear`, `link.unreachable`.
    code: &'static str,
    /// What it is about, within the host.
    subject: SubjectDocument<'a>,
    /// One sentence, without the host's name.
    text: &'a str,
    /// The next step, in one line.
    next: &'static str,
}

/// What a reason is about.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "subject")]
pub struct SubjectDocument<'a> {
    /// What sort of thing: host, drive, pool, service, filesystem, tmpfs, disk, interface, gpu, sensor, core, backup, api.
    kind: &'static str,
    /// Which one; empty for the host itself and its backup.
    name: &'a str,
    /// Which one for good: a drive's serial number.
    identity: Option<&'a str>,
}

/// How many hosts are how well.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "counts")]
pub struct Counts {
    /// Hosts in all.
    hosts: usize,
    /// Hosts that are well.
    ok: usize,
    /// Hosts of which something is worth seeing.
    note: usize,
    /// Hosts that want attention.
    warning: usize,
    /// Hosts where something has failed or soon will.
    critical: usize,
    /// Hosts of which nobody can tell.
    unknown: usize,
}

impl Counts {
    /// Counts them.
    pub fn of(healths: impl Iterator<Item = Health>) -> Self {
        let mut counts = Self::default();
        for health in healths {
            counts.hosts += 1;
            *match health {
                Health::Ok => &mut counts.ok,
                Health::Note => &mut counts.note,
                Health::Warning => &mut counts.warning,
                Health::Critical => &mut counts.critical,
                Health::Unknown => &mut counts.unknown,
            } += 1;
        }
        counts
    }
}

fn reason(reason: &Reason) -> ReasonDocument<'_> {
    ReasonDocument {
        health: reason.health.word(),
        code: reason.code,
        subject: SubjectDocument {
            kind: reason.subject.kind.word(),
            name: reason.subject.name.raw(),
            identity: reason.subject.identity.as_ref().map(cm_core::text::HostText::raw),
        },
        text: reason.text.raw(),
        next: reason.next,
    }
}

/// Writes a number as an integer where it is whole.
pub(crate) fn write_number<S: Serializer>(value: f64, serializer: S) -> Result<S::Ok, S::Error> {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53: up to here every integer is an f64
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
    if !value.is_finite() {
        serializer.serialize_none()
    } else if value.fract() == 0.0 && value.abs() < EXACT {
        serializer.serialize_i64(value as i64)
    } else {
        serializer.serialize_f64(value)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text.raw()),
            Self::Word(word) => serializer.serialize_str(word),
            Self::Reading(value, unit) if is_flag(*unit) => serializer.serialize_bool(*value > 0.5),
            Self::Reading(value, unit) => write_number(rounded(*value, *unit), serializer),
            Self::Change(value, _) => write_number(significant(*value), serializer),
            Self::Time(at) => at.serialize(serializer),
            Self::Moment(at, _) => serializer.serialize_str(&rfc3339(*at)),
            Self::Words(words) => serializer.collect_seq(words),
            Self::Age(age, _) => write_number(rounded(age.as_secs_f64(), Unit::Seconds), serializer),
            Self::Health(health) => serializer.serialize_str(health.word()),
            Self::Link(link) => serializer.serialize_str(link.word()),
            Self::Reasons(reasons) => {
                let mut list = serializer.serialize_seq(Some(reasons.len()))?;
                for one in reasons {
                    list.serialize_element(&reason(one))?;
                }
                list.end()
            }
        }
    }
}

struct Object<'a>(&'a [Column], &'a Row);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        for (column, cell) in self.0.iter().zip(&self.1.cells) {
            object.serialize_entry(&column.name, cell)?;
        }
        object.end()
    }
}

struct Objects<'a>(&'a Sheet);

impl Serialize for Objects<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Sheet { columns, rows } = self.0;
        serializer.collect_seq(rows.iter().map(|row| Object(columns, row)))
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_map(None)?;
        document.serialize_entry("schema", &schema_name(self.what.word()))?;
        document.serialize_entry("made_at", &self.made_at)?;
        document.serialize_entry("health", self.health.word())?;
        document.serialize_entry("counts", &Counts::of(self.hosts.iter().map(|(_, health)| *health)))?;
        document.serialize_entry("silent", &self.silent)?;
        document.serialize_entry(Self::rows_name(self.what), &Objects(&self.sheet))?;
        document.end()
    }
}

impl Serialize for PastDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_map(None)?;
        document.serialize_entry("schema", &schema_name(self.tale.word()))?;
        document.serialize_entry("as_of", &rfc3339(self.as_of))?;
        for (fact, value) in self.tale.facts().iter().zip(&self.facts) {
            document.serialize_entry(fact.name, value)?;
        }
        document.serialize_entry(self.tale.rows_name(), &Objects(&self.sheet))?;
        document.end()
    }
}

/// Writes the whole document, a line a member.
pub fn document(to: &mut dyn Write, document: &impl Serialize) -> io::Result<()> {
    json::write_pretty(&mut *to, document).map_err(io::Error::from)?;
    writeln!(to)
}

/// Writes the whole document on one line.
pub fn line(to: &mut dyn Write, document: &impl Serialize) -> io::Result<()> {
    json::write_compact(&mut *to, document).map_err(io::Error::from)?;
    writeln!(to)
}

/// Writes a line a row.
pub fn lines(to: &mut dyn Write, sheet: &Sheet) -> io::Result<()> {
    sheet.rows.iter().try_for_each(|row| line(to, &Object(&sheet.columns, row)))
}
