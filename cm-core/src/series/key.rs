//! Which series a sample belongs to: whose it is, what it is measured on, and which metric.
//!
//! What is measured on a drive belongs to the drive, told by its serial or WWN, and follows it to another host and
//! another name. Everything else belongs to its host. The text forms are for a database: they never change, sort
//! plainly, and hold nothing but printable ASCII whatever a host calls its things. It does not know the database.
//!
//! The namespaces of one NVMe controller share its serial, and so one series: what tells them apart is not the drive's.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as Unknown, StrDeserializer};

use crate::health::{Subject, SubjectKind};
use crate::host::HostId;
use crate::metric::{MetricId, Sample};
use crate::text::HostText;

/// Text that is no key of a series.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {what} of a series")]
pub struct BadKey {
    /// Which part was to be read.
    pub what: &'static str,
    /// What was given, its first 80 characters.
    pub text: String,
}

/// Whose series it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// A host's, by the name that its owner gave it.
    Host(HostId),
    /// A drive's, by its serial or WWN, whichever host it is in.
    Drive(HostText),
}

/// Which series.
///
/// Its text is `host:srv01 filesystem:/home 501`: entity, subject and metric, which [`FromStr`] reads again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    /// Whose it is.
    pub entity: Entity,
    /// What it is measured on. A drive that has an identity has no name here: names change with the order of discovery.
    pub subject: Subject,
    /// Which metric. Numbers of the catalogue are permanent; one from [`MetricId::FIRST_DECLARED`] on lasts as long as
    /// its registry, so a database keeps the name of such a metric.
    pub metric: MetricId,
}

impl SeriesKey {
    /// The series that a sample from this host belongs to.
    pub fn of(host: &HostId, sample: &Sample) -> Self {
        Self::about(host, &sample.subject, sample.metric)
    }

    /// The series of a metric on something that this host tells of.
    pub fn about(host: &HostId, subject: &Subject, metric: MetricId) -> Self {
        let (entity, subject) = place(host, subject);
        Self { entity, subject, metric }
    }

    /// The subject's form in a database: its kind, and its name where it has one. `host`, `filesystem:/home`.
    pub fn subject_text(&self) -> String {
        let word = self.subject.kind.word();
        if self.subject.name.is_empty() {
            return word.to_owned();
        }
        format!("{word}:{}", escaped(self.subject.name.raw()))
    }

    /// A key from the parts that a database holds.
    pub fn from_parts(entity: &str, subject: &str, metric: u32) -> Result<Self, BadKey> {
        let entity: Entity = entity.parse()?;
        let (word, name) = subject.split_once(':').unwrap_or((subject, ""));
        let into: StrDeserializer<'_, Unknown> = word.into_deserializer();
        let kind = SubjectKind::deserialize(into).map_err(|_| bad("subject", subject))?;
        let name = unescaped(name).ok_or_else(|| bad("subject", subject))?;
        let subject = Subject::named(kind, HostText::new(name));
        Ok(Self { entity, subject, metric: MetricId(metric) })
    }
}

/// Whose series it is, and on what, for something that a host tells of.
fn place(host: &HostId, subject: &Subject) -> (Entity, Subject) {
    match drive_identity(subject) {
        Some(identity) => (
            Entity::Drive(HostText::new(Cow::Owned(identity.to_owned()))),
            Subject::named(SubjectKind::Drive, HostText::default()),
        ),
        None => (Entity::Host(host.clone()), Subject::named(subject.kind, subject.name.clone())),
    }
}

/// The serial or WWN of a drive, if it tells that drive from all others.
pub(crate) fn drive_identity(subject: &Subject) -> Option<&str> {
    let identity = subject.identity.as_ref().filter(|_| subject.kind == SubjectKind::Drive)?;
    Some(identity.raw().trim()).filter(|text| names_one_drive(text))
}

/// Whether an identity tells one drive from all others. Bridges and virtual disks fill theirs with one character.
fn names_one_drive(identity: &str) -> bool {
    let mut characters = identity.chars().filter(|c| c.is_alphanumeric());
    characters.next().is_some_and(|first| characters.any(|other| other != first))
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => write!(f, "host:{host}"),
            Self::Drive(identity) => write!(f, "drive:{}", escaped(identity.raw())),
        }
    }
}

impl FromStr for Entity {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let bad = || bad("entity", text);
        let (word, name) = text.split_once(':').ok_or_else(bad)?;
        match word {
            "host" => HostId::new(name).map(Self::Host).map_err(|_| bad()),
            "drive" if !name.is_empty() => Ok(Self::Drive(HostText::new(unescaped(name).ok_or_else(bad)?))),
            _ => Err(bad()),
        }
    }
}

impl fmt::Display for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.entity, self.subject_text(), self.metric)
    }
}

impl FromStr for SeriesKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let bad = || bad("key", text);
        let mut parts = text.split(' ');
        let (Some(entity), Some(subject), Some(metric), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad());
        };
        Self::from_parts(entity, subject, metric.parse().map_err(|_| bad())?)
    }
}

fn bad(what: &'static str, text: &str) -> BadKey {
    BadKey { what, text: text.chars().take(80).collect() }
}

/// Text with every byte but plain letters, digits and a few signs as `%XX`.
fn escaped(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.@+".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', HEX[usize::from(byte >> 4)].into(), HEX[usize::from(byte & 15)].into()]);
        }
    }
    out
}

/// What [`escaped`] made of; `None` where it made no such text.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            bytes.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let out = String::from_utf8(bytes).ok()?;
    (escaped(&out) == text).then_some(out)
}

#[cfg(test)]
mod tests;
