//! Reading one table of a TOML file: each key is taken once with the type it must have; what nobody took is unknown.
//!
//! Problems are gathered, not returned, so that one look at the file shows all of them. It does not know any setting.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};

use cm_model::fault::Code;
use cm_model::nearest::nearest;
use cm_model::problem::{Problem, quoted};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A problem before line and column are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) span: Range<usize>,
    pub(super) problem: Problem,
}

impl Found {
    /// The text is no TOML.
    pub(super) fn syntax(message: &str, span: Range<usize>) -> Self {
        Self { span, problem: Problem::error(Code::CONFIG_NOT_TOML, message, None) }
    }
}

/// One table, or the absence of one, which reads as an empty one.
#[derive(Debug)]
pub(super) struct Section<'t, 'i> {
    table: Option<&'t DeTable<'i>>,
    /// Where it stands; the whole file's start for a table that is not there.
    header: Range<usize>,
    known: Vec<&'static str>,
    problems: &'t RefCell<Vec<Found>>,
}

impl<'t, 'i> Section<'t, 'i> {
    /// The whole file.
    pub(super) const fn root(table: &'t DeTable<'i>, problems: &'t RefCell<Vec<Found>>) -> Self {
        Self { table: Some(table), header: 0..0, known: Vec::new(), problems }
    }

    /// A table in this one.
    pub(super) fn section(&mut self, name: &'static str) -> Self {
        let found = self.take(name, "a table", |value| match value {
            DeValue::Table(table) => Some(table),
            _ => None,
        });
        let header = if found.is_some() { self.span(name) } else { self.header.clone() };
        Section { table: found.map(|(table, _)| table), header, known: Vec::new(), problems: self.problems }
    }

    /// All tables in this one, each under a name of its owner's own choosing, in the order of their names.
    pub(super) fn tables(&self) -> Vec<(&'t str, Self)> {
        let one = |(key, value): (&'t Spanned<std::borrow::Cow<'i, str>>, &'t Spanned<DeValue<'i>>)| {
            let DeValue::Table(table) = value.get_ref() else {
                self.wrong_type(key.get_ref(), value, "a table");
                return None;
            };
            let inner = Section { table: Some(table), header: key.span(), known: Vec::new(), problems: self.problems };
            Some((&**key.get_ref(), inner))
        };
        self.table.into_iter().flatten().filter_map(one).collect()
    }

    /// Whether a key of this name is there, of whatever type.
    pub(super) fn has(&self, name: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(name))
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.take(name, "true or false", DeValue::as_bool).map(|(flag, _)| flag)
    }

    /// A whole number within a range, with its place.
    pub(super) fn number(&mut self, name: &'static str, range: RangeInclusive<u64>) -> Option<(u64, Range<usize>)> {
        let whole = |value: &DeValue<'_>| {
            value.as_integer().map(|integer| i64::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(i64::MAX))
        };
        let (number, span) = self.take(name, "a whole number", whole)?;
        match u64::try_from(number) {
            Ok(number) if range.contains(&number) => Some((number, span)),
            _ => {
                let message = format!("`{name}` takes {} to {}", range.start(), range.end());
                self.tell(span, Code::CONFIG_OUT_OF_RANGE, &message, None);
                None
            }
        }
    }

    /// A text that means something.
    pub(super) fn parsed<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let (text, span) = self.take(name, "a text in quotes", |value| value.as_str())?;
        let parsed = parse(text);
        if parsed.is_none() {
            self.tell(span, Code::CONFIG_OUT_OF_RANGE, &format!("`{name}` takes {expected}"), None);
        }
        parsed
    }

    /// A list of texts that each mean something; none if the key is not there, or if one of them does not, which is told.
    pub(super) fn each<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let list = |value: &'t DeValue<'i>| match value {
            DeValue::Array(items) => Some(items.iter().collect::<Vec<_>>()),
            _ => None,
        };
        let (items, _) = self.take(name, "a list of texts, as in [\"one\", \"two\"]", list)?;
        let whole = items.len();
        let mut read = Vec::with_capacity(whole);
        for item in items {
            match item.get_ref().as_str().map(&parse) {
                Some(Some(value)) => read.push(value),
                Some(None) => {
                    self.tell(item.span(), Code::CONFIG_OUT_OF_RANGE, &format!("`{name}` takes {expected}"), None);
                }
                None => self.wrong_type(name, item, "a text in quotes"),
            }
        }
        (read.len() == whole).then_some(read)
    }

    /// A list of texts; empty if the key is not there.
    pub(super) fn texts(&mut self, name: &'static str) -> Vec<String> {
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        self.each(name, "texts that are not empty", filled).unwrap_or_default()
    }

    /// Where a key of this table stands; the table's own place if it is not there.
    pub(super) fn span(&self, name: &str) -> Range<usize> {
        let entry = self.table.and_then(|table| table.iter().find(|(key, _)| key.get_ref() == name));
        entry.map_or(self.header.clone(), |(key, _)| key.span())
    }

    /// Two settings cannot both hold: shown at a key, or at the table.
    pub(super) fn contradiction(&self, name: Option<&str>, message: &str) {
        self.contradiction_at(name.map_or(self.header.clone(), |name| self.span(name)), message);
    }

    /// Two settings cannot both hold: shown at a place.
    pub(super) fn contradiction_at(&self, span: Range<usize>, message: &str) {
        self.tell(span, Code::CONFIG_CONTRADICTION, message, None);
    }

    /// Tells of every key that nobody took.
    pub(super) fn finish(self) {
        for (key, _) in self.table.into_iter().flatten() {
            let name = key.get_ref();
            if self.known.iter().any(|known| known == name) {
                continue;
            }
            let next = match nearest(name, self.known.iter().copied()) {
                Some(known) => format!("Did you mean `{known}`?"),
                None => format!("Known here: {}.", self.known.join(", ")),
            };
            self.tell(key.span(), Code::CONFIG_UNKNOWN_KEY, &format!("unknown setting {}", quoted(name)), Some(next));
        }
    }

    fn take<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&'t DeValue<'i>) -> Option<T>,
    ) -> Option<(T, Range<usize>)> {
        self.known.push(name);
        let value = self.table?.get(name)?;
        let read = read(value.get_ref());
        if read.is_none() {
            self.wrong_type(name, value, expected);
        }
        Some((read?, value.span()))
    }

    fn wrong_type(&self, name: &str, value: &Spanned<DeValue<'_>>, expected: &str) {
        let (article, found) = match value.get_ref() {
            DeValue::String(_) => ("a", "text"),
            DeValue::Integer(_) => ("a", "whole number"),
            DeValue::Float(_) => ("a", "fraction"),
            DeValue::Boolean(_) => ("a", "switch"),
            DeValue::Datetime(_) => ("a", "date"),
            DeValue::Array(_) => ("a", "list"),
            DeValue::Table(_) => ("a", "table"),
        };
        let message = format!("`{name}` takes {expected}, not {article} {found}");
        self.tell(value.span(), Code::CONFIG_WRONG_TYPE, &message, None);
    }

    fn tell(&self, span: Range<usize>, code: Code, message: &str, next: Option<String>) {
        self.problems.borrow_mut().push(Found { span, problem: Problem::error(code, message, next) });
    }
}
