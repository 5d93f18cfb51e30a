//! What a webhook is sent: a text of the owner's with places, `{"text": "{{title}}"}`, each filled by the rules of the form
//! that the whole has. So nothing that a host says can end a string, add a field or begin another line.
//!
//! A template is checked when it is read: it names only places that there are, and one of JSON is JSON once they are filled.

use std::ffi::OsStr;
use std::path::Path;

use cm_core::host::HostId;
use cm_core::nearest::nearest;
use cm_core::outbox::{Message, Sheet, Topic};
use cm_core::text::json;
use url::form_urlencoded;

use crate::dress::{Most, PLAIN, document, fitted, lines, worst};

/// The longest template, in bytes.
pub const LONGEST: usize = 16 * 1024;
/// What a text in a place has at most.
const MOST: Most = Most::Bytes(16 * 1024);

/// What the whole of a filled template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// JSON: places stand inside strings, but for `{{json}}`, which is a value.
    Json,
    /// Plain text.
    Plain,
    /// `a=1&b=2`, as a web page's form sends it.
    Form,
}

impl Form {
    /// The form of a template by the end of its file's name: `.txt` and `.form`, JSON otherwise.
    pub fn of(file: &Path) -> Self {
        match file.extension().and_then(OsStr::to_str) {
            Some("txt") => Self::Plain,
            Some("form") => Self::Form,
            _ => Self::Json,
        }
    }

    /// Its name on the wire.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Plain => "text/plain; charset=utf-8",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }

    fn write(self, text: &str, to: &mut String) {
        match self {
            Self::Json => {
                let quoted = json::string(text);
                to.push_str(&quoted[1..quoted.len() - 1]);
            }
            Self::Plain => to.push_str(text),
            Self::Form => to.extend(form_urlencoded::byte_serialize(text.as_bytes())),
        }
    }
}

/// What may stand in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The title, 40 columns at most.
    Title,
    /// All but the title, in lines.
    Text,
    /// The first sentence of the text.
    Summary,
    /// The message's stable id.
    Id,
    /// `low`, `normal` or `high`.
    Urgency,
    /// `ok`, `note`, `warning` or `critical`: of the worst that is not over.
    Severity,
    /// The host, where it is about one.
    Host,
    /// `firing`, `resolved` or `test`.
    Status,
    /// The whole message as JSON.
    Json,
}

impl Place {
    /// Each, by its name between the braces.
    pub const NAMES: [(&'static str, Self); 9] = [
        ("title", Self::Title),
        ("text", Self::Text),
        ("summary", Self::Summary),
        ("id", Self::Id),
        ("urgency", Self::Urgency),
        ("severity", Self::Severity),
        ("host", Self::Host),
        ("status", Self::Status),
        ("json", Self::Json),
    ];
}

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// A place that there is not.
    #[error("{{{{{name}}}}} is no place: {meant}")]
    UnknownPlace {
        /// What stands between the braces.
        name: String,
        /// What was probably meant, or what there is.
        meant: String,
    },
    /// Braces that are not closed.
    #[error("the place that begins at character {at} is not closed: {{{{title}}}} was expected")]
    Unclosed {
        /// Where it begins, from 1.
        at: usize,
    },
    /// Not JSON.
    #[error("filled, the template is no JSON: {why}")]
    NotJson {
        /// The parser's own words.
        why: String,
    },
    /// Too long.
    #[error("a template has at most {LONGEST} bytes")]
    TooLong,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(Place),
}

/// A template that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    form: Form,
    pieces: Vec<Piece>,
}

impl Template {
    /// Reads and checks one.
    pub fn new(text: &str, form: Form) -> Result<Self, BadTemplate> {
        if text.len() > LONGEST {
            return Err(BadTemplate::TooLong);
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let at = text[..text.len() - after.len() - 2].chars().count() + 1;
            let (name, behind) = after.split_once("}}").ok_or(BadTemplate::Unclosed { at })?;
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Place(place(name.trim())?));
            rest = behind;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        let template = Self { form, pieces };
        if form == Form::Json {
            let sample = template.filled(|place, to| to.push_str(if place == Place::Json { "{}" } else { "x" }));
            serde_json::from_str::<serde::de::IgnoredAny>(&sample)
                .map_err(|fault| BadTemplate::NotJson { why: fault.to_string() })?;
        }
        Ok(template)
    }

    /// What it is.
    pub const fn form(&self) -> Form {
        self.form
    }

    /// The message in it.
    pub fn fill(&self, message: &Message, sheet: &Sheet, program: &str) -> String {
        self.filled(|place, to| {
            if place == Place::Json {
                let json = document::json(message, sheet, program);
                // A value of its own in JSON; elsewhere a text like any other.
                if self.form == Form::Json { to.push_str(&json) } else { self.form.write(&json, to) }
            } else {
                self.form.write(&value(place, message, sheet, program), to);
            }
        })
    }

    fn filled(&self, mut fill: impl FnMut(Place, &mut String)) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(own) => text.push_str(own),
                Piece::Place(place) => fill(*place, &mut text),
            }
        }
        text
    }
}

fn place(name: &str) -> Result<Place, BadTemplate> {
    let known = || Place::NAMES.iter().map(|(name, _)| *name);
    if let Some((_, place)) = Place::NAMES.iter().find(|(known, _)| *known == name) {
        return Ok(*place);
    }
    let meant = match nearest(name, known()) {
        Some(nearest) => format!("{{{{{nearest}}}}} was probably meant"),
        None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
    };
    Err(BadTemplate::UnknownPlace { name: name.chars().take(40).collect(), meant })
}

fn value(place: Place, message: &Message, sheet: &Sheet, program: &str) -> String {
    match place {
        Place::Title => PLAIN(&sheet.title),
        Place::Text => fitted(&lines(sheet, PLAIN), MOST, program),
        Place::Summary => sheet.blocks.first().map_or_else(|| PLAIN(&sheet.title), |block| PLAIN(&block.head)),
        Place::Id => message.id.to_string(),
        Place::Urgency => document::urgency(message.urgency()).to_owned(),
        Place::Severity => worst(sheet).word().to_owned(),
        Place::Host => host(message).map(ToString::to_string).unwrap_or_default(),
        Place::Status => match message.topic {
            Topic::Trial => "test",
            _ if message.is_over() || message.parts.is_empty() => "resolved",
            _ => "firing",
        }
        .to_owned(),
        Place::Json => document::json(message, sheet, program),
    }
}

/// The one host that a message is about.
fn host(message: &Message) -> Option<&HostId> {
    let first = message.parts.first()?.host.as_ref()?;
    message.parts.iter().all(|part| part.host.as_ref() == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests;
