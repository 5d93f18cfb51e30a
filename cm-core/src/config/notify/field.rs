//! A setting of a table of `[notify]`: what it takes, how a value is read as it, what is wrong with one that is not.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_model::fault::Code;
use cm_model::host::{HostId, Role};
use cm_model::nearest::nearest;
use cm_model::problem::quoted;
use toml::de::DeValue;

use super::kind::Link;
use super::secret::Secret;
use crate::config::setting::what_came;
use crate::incident::hours::{Hours, Zone};
use crate::outbox::{ChannelName, Rate};
use crate::severity::Severity;

/// The most entries of a list.
const MOST_LISTED: usize = 64;

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name. A secret stands at this name with `_file` or `_credential` behind it.
    pub key: &'static str,
    /// What it takes.
    pub form: Form,
    /// What holds without it; none where it must be there.
    pub usual: Option<&'static str>,
    /// One or two sentences.
    pub help: &'static str,
}

impl Field {
    pub(super) const fn new(key: &'static str, form: Form, usual: &'static str, help: &'static str) -> Self {
        Self { key, form, usual: Some(usual), help }
    }

    pub(super) const fn needed(key: &'static str, form: Form, help: &'static str) -> Self {
        Self { key, form, usual: None, help }
    }

    /// The names under which it may stand.
    pub fn keys(&self) -> Vec<String> {
        let secret = || ["file", "credential"].map(|end| format!("{}_{end}", self.key));
        match self.form {
            Form::Secret => secret().into(),
            Form::Link => [self.key.to_owned()].into_iter().chain(secret()).collect(),
            _ => vec![self.key.to_owned()],
        }
    }
}

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text of at most so many characters.
    Text(usize),
    /// A text or a list of them.
    Texts,
    /// A whole number.
    Whole {
        /// The least.
        low: i64,
        /// The greatest.
        high: i64,
    },
    /// `warning` or `critical`: of a note nobody is told.
    Severity,
    /// Hours of the week, or a list of them.
    Hours,
    /// A span of time.
    Span {
        /// The least, in seconds.
        low: u64,
        /// The greatest, in seconds.
        high: u64,
    },
    /// So many in a span of time.
    Rate,
    /// A URL.
    Url,
    /// A URL, or a secret that holds one.
    Link,
    /// A secret: a file or a credential.
    Secret,
    /// The name of a file.
    Path,
    /// One of some words.
    Word(&'static [&'static str]),
    /// A program and its arguments.
    Command,
    /// A list of hosts.
    Hosts,
    /// A list of roles.
    Roles,
    /// A list of channels.
    Channels,
}

impl Form {
    /// What it takes, in words.
    pub fn words(self) -> String {
        match self {
            Self::Text(most) => format!("text of at most {most} characters"),
            Self::Texts => "a text or a list of texts".to_owned(),
            Self::Whole { low, high } => format!("a whole number from {low} to {high}"),
            Self::Severity => "\"warning\" or \"critical\"".to_owned(),
            Self::Hours => "hours or a list of them, as in \"mon-fri 22:00-06:00\"".to_owned(),
            Self::Span { low, high } => {
                format!("a span of time from {} to {}, as in \"30m\"", span_text(low), span_text(high))
            }
            Self::Rate => "a number of messages and a span, as in \"6/1h\"".to_owned(),
            Self::Url => "a URL that begins with https:// or http://".to_owned(),
            Self::Link => "a URL; or a file or credential with one, where it is a secret".to_owned(),
            Self::Secret => "the name of a file, or of a credential".to_owned(),
            Self::Path => "the name of a file".to_owned(),
            Self::Word(words) => {
                format!("one of {}", words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", "))
            }
            Self::Command => "a list of words, the first a program by its whole path".to_owned(),
            Self::Hosts => "a list of hosts".to_owned(),
            Self::Roles => "a list of roles".to_owned(),
            Self::Channels => "a list of channels".to_owned(),
        }
    }

    /// Reads a value; answers with what is wrong with it otherwise.
    pub(super) fn read(self, key: &str, value: &DeValue<'_>) -> Result<Given, (Code, String)> {
        let wrong = || (Code::CONFIG_WRONG_TYPE, format!("`{key}` takes {}, not {}", self.words(), what_came(value)));
        let range = |what: &str| (Code::CONFIG_OUT_OF_RANGE, format!("`{key}` takes {}: {what}", self.words()));
        let text = || value.as_str().ok_or_else(wrong);
        let list = || -> Result<Vec<String>, (Code, String)> {
            match value {
                DeValue::String(one) => Ok(vec![one.as_ref().to_owned()]),
                DeValue::Array(list) if list.len() <= MOST_LISTED => {
                    list.iter().map(|word| word.get_ref().as_str().map(str::to_owned).ok_or_else(wrong)).collect()
                }
                _ => Err(wrong()),
            }
        };
        let plain = |text: &str, most: usize| {
            let fits = !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control);
            if fits {
                Ok(text.to_owned())
            } else {
                Err(range("this is empty, too long, or has a character that is none"))
            }
        };
        Ok(match self {
            Self::Text(most) => Given::Text(plain(text()?, most)?),
            Self::Texts => Given::Texts(list()?.iter().map(|text| plain(text, 320)).collect::<Result<_, _>>()?),
            Self::Whole { low, high } => {
                let DeValue::Integer(digits) = value else { return Err(wrong()) };
                let number = i64::from_str_radix(&digits.as_str().replace('_', ""), digits.radix()).ok();
                Given::Whole(
                    number.filter(|number| (low..=high).contains(number)).ok_or_else(|| range(&what_came(value)))?,
                )
            }
            Self::Severity => {
                let severity = text()?.parse().ok().filter(|severity| *severity > Severity::Note);
                Given::Severity(severity.ok_or_else(|| range("of a note nobody is told"))?)
            }
            Self::Hours => {
                let texts = list()?;
                for text in &texts {
                    Hours::read(text, &Zone::UTC).map_err(|bad| (Code::CONFIG_OUT_OF_RANGE, bad.to_string()))?;
                }
                Given::Hours(texts)
            }
            Self::Span { low, high } => {
                let span = read_span(text()?).filter(|span| (low..=high).contains(&span.as_secs()));
                Given::Span(span.ok_or_else(|| range(&what_came(value)))?)
            }
            Self::Rate => Given::Rate(read_rate(text()?).ok_or_else(|| range(&what_came(value)))?),
            Self::Url | Self::Link => {
                let url = url::Url::parse(text()?).map_err(|error| range(&error.to_string()))?;
                let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
                if !is_web || !url.username().is_empty() || url.password().is_some() {
                    return Err(range("it has a host, and no user and password in it"));
                }
                if self == Self::Url { Given::Text(url.into()) } else { Given::Link(Link::Url(url.into())) }
            }
            Self::Secret | Self::Path => Given::Path(PathBuf::from(plain(text()?, 4_096)?)),
            Self::Word(words) => {
                let word = text()?;
                let near = || {
                    nearest(word, words.iter().copied())
                        .map_or_else(String::new, |near| format!("did you mean \"{near}\"?"))
                };
                Given::Word(words.iter().copied().find(|known| *known == word).ok_or_else(|| range(&near()))?)
            }
            Self::Command => {
                let DeValue::Array(_) = value else { return Err(wrong()) };
                let words = list()?;
                let whole = words.first().is_some_and(|program| Path::new(program).is_absolute());
                if whole && words.iter().all(|word| !word.contains('\0')) {
                    Given::Command(words)
                } else {
                    return Err(range("no folders are searched, and no shell is asked"));
                }
            }
            Self::Hosts => {
                Given::Hosts(names(&list()?, HostId::new).map_err(|name| range(&format!("{} is none", quoted(&name))))?)
            }
            Self::Roles => {
                Given::Roles(names(&list()?, Role::new).map_err(|name| range(&format!("{} is none", quoted(&name))))?)
            }
            Self::Channels => Given::Channels(
                names(&list()?, ChannelName::new).map_err(|name| range(&format!("{} is none", quoted(&name))))?,
            ),
        })
    }
}

fn names<T, E>(texts: &[String], new: impl Fn(&str) -> Result<T, E>) -> Result<Vec<T>, String> {
    texts.iter().map(|text| new(text).map_err(|_| text.clone())).collect()
}

/// A value that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given {
    Text(String),
    Texts(Vec<String>),
    Whole(i64),
    Severity(Severity),
    Hours(Vec<String>),
    Span(Duration),
    Rate(Rate),
    Link(Link),
    Secret(Secret),
    Path(PathBuf),
    Word(&'static str),
    Command(Vec<String>),
    Hosts(Vec<HostId>),
    Roles(Vec<Role>),
    Channels(Vec<ChannelName>),
}

macro_rules! given {
    ($($name:ident $variant:ident: $type:ty),+) => {
        impl Given {
            $(pub(super) fn $name(self) -> $type {
                match self { Self::$variant(value) => value.into(), _ => Default::default() }
            })+
        }
    };
}

given! {
    text Text: String, texts Texts: Vec<String>, whole Whole: Option<i64>, severity Severity: Option<Severity>, hours Hours: Vec<String>,
    span Span: Option<Duration>, rate Rate: Option<Rate>, link Link: Option<Link>, secret Secret: Option<Secret>, path Path: Option<PathBuf>,
    word Word: Option<&'static str>, command Command: Vec<String>, hosts Hosts: Vec<HostId>, roles Roles: Vec<Role>
}

/// `30s`, `30m`, `3h`, `7d`.
fn read_span(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let secs = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let number: u64 = number.parse().ok().filter(|_| number.bytes().all(|b| b.is_ascii_digit()))?;
    Some(Duration::from_secs(number.checked_mul(secs)?))
}

fn span_text(secs: u64) -> String {
    match secs {
        0..60 => format!("{secs}s"),
        60..3_600 => format!("{}m", secs / 60),
        3_600..86_400 => format!("{}h", secs / 3_600),
        _ => format!("{}d", secs / 86_400),
    }
}

/// `6/1h`.
fn read_rate(text: &str) -> Option<Rate> {
    let (most, span) = text.split_once('/')?;
    let most = most.parse().ok().filter(|most| (1..=1_000).contains(most))?;
    let span = read_span(span).filter(|span| (1..=7 * 86_400).contains(&span.as_secs()))?;
    Some(Rate { most, span })
}
