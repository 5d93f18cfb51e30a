//! One table of `[notify]`: its keys held against the list of its settings, every problem noted.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use cm_model::fault::Code;
use toml::de::{DeTable, DeValue};

use super::Said;
use super::field::{Field, Form, Given};
use super::kind::Link;
use super::secret::Secret;
use crate::config::origin::{Origin, Shown};
use crate::config::reader::Reader;
use crate::config::setting::what_came;
use crate::config::value::{At, write_text};

/// The values of one table, each with its place.
#[derive(Debug, Default)]
pub(super) struct Table {
    values: BTreeMap<&'static str, (Given, Range<usize>)>,
    shown: Vec<(String, String, Origin)>,
    secrets: Vec<(PathBuf, Range<usize>)>,
    pub(super) has_errors: bool,
}

impl Table {
    /// Reads a table against its settings; `below` are keys that are read elsewhere.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        name: &str,
        table: &DeTable<'_>,
        fields: &[Field],
        below: &[&str],
    ) -> Self {
        let mut read = Self::default();
        let mut keys: Vec<_> = table.iter().filter(|(key, _)| !below.contains(&key.get_ref().as_ref())).collect();
        keys.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in keys {
            let wanted = key.get_ref().as_ref();
            let Some(field) = fields.iter().find(|field| field.keys().iter().any(|known| known == wanted)) else {
                read.has_errors = true;
                Self::stranger(reader, wanted, key.span(), fields, below);
                continue;
            };
            let form = if wanted == field.key { field.form } else { Form::Path };
            match form.read(wanted, value.get_ref()) {
                Ok(given) => read.put(reader, name, field, wanted, given, value.span()),
                Err((code, message)) => {
                    read.has_errors = true;
                    reader.error(code, value.span(), message, None);
                }
            }
            let text = shown(value.get_ref());
            read.shown.push((wanted.to_owned(), text, reader.origin(&key.span(), false)));
        }
        read
    }

    fn put(
        &mut self,
        reader: &mut Reader<'_>,
        name: &str,
        field: &Field,
        wanted: &str,
        given: Given,
        span: Range<usize>,
    ) {
        let given = match given {
            Given::Path(path) if wanted.ends_with("_credential") && wanted != field.key => {
                let word = path.to_string_lossy().into_owned();
                if word.contains('/') {
                    let message = format!("`{wanted}` takes the name of a credential, which is no path");
                    reader.error(Code::CONFIG_OUT_OF_RANGE, span, message, None);
                    self.has_errors = true;
                    return;
                }
                secret(field, Secret::Credential(word))
            }
            Given::Path(path) if wanted.ends_with("_file") && wanted != field.key => {
                self.secrets.push((path.clone(), span.clone()));
                secret(field, Secret::File(path))
            }
            given => given,
        };
        if self.values.insert(field.key, (given, span.clone())).is_some() {
            let message = format!("`{}` is said twice in [{name}]", field.key);
            reader.error(Code::CONFIG_CONTRADICTION, span, message, Some("Leave one of them out.".to_owned()));
            self.has_errors = true;
        }
    }

    fn stranger(reader: &mut Reader<'_>, key: &str, span: Range<usize>, fields: &[Field], below: &[&str]) {
        if let Some(field) = fields.iter().find(|field| field.key == key) {
            let message = format!("`{key}` is a secret, and secrets do not stand in a configuration");
            let next =
                format!("Put it into a file of its own (chmod 600), and write {} = \"that file\".", field.keys()[0]);
            return reader.secret_error(span, &message, next);
        }
        let known: Vec<String> = fields.iter().flat_map(Field::keys).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).chain(below.iter().copied()).collect();
        reader.unknown_key(key, span, &known);
    }

    /// Notes a setting without which the table says nothing.
    pub(super) fn need(&mut self, reader: &mut Reader<'_>, what: &str, fields: &[Field], span: &Range<usize>) {
        for field in fields.iter().filter(|field| field.usual.is_none() && !self.values.contains_key(field.key)) {
            // One that could not be read is told already.
            if self.shown.iter().any(|(key, ..)| field.keys().contains(key)) {
                continue;
            }
            self.has_errors = true;
            let message = format!("{what} has no `{}`", field.keys().join("` or `"));
            let next = format!("It takes {}. {}", field.form.words(), field.help);
            reader.error(Code::CONFIG_CONTRADICTION, span.clone(), message, Some(next));
        }
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Given> {
        self.take_with_place(key).map(|(given, _)| given)
    }

    pub(super) fn take_with_place(&mut self, key: &str) -> Option<(Given, Range<usize>)> {
        self.values.remove(key)
    }

    /// What `config show` says of it, and its secrets, put to the rest.
    pub(super) fn note(&mut self, name: &str, said: &mut Said) {
        let Some(at) = said.at.clone() else { return };
        for (key, value, origin) in self.shown.drain(..) {
            said.shown.push(Shown { name: format!("{name}.{key}"), value, origin });
        }
        for (path, span) in self.secrets.drain(..) {
            said.secrets.push((path, At { span, ..at.clone() }));
        }
    }
}

fn secret(field: &Field, secret: Secret) -> Given {
    if field.form == Form::Link { Given::Link(Link::Secret(secret)) } else { Given::Secret(secret) }
}

/// A value as TOML writes it, for `config show`.
fn shown(value: &DeValue<'_>) -> String {
    struct Shown<'v>(&'v DeValue<'v>);
    impl std::fmt::Display for Shown<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            match self.0 {
                DeValue::String(text) => write_text(f, text),
                DeValue::Integer(number) => f.write_str(number.as_str()),
                DeValue::Array(list) => {
                    f.write_str("[")?;
                    for (at, value) in list.iter().enumerate() {
                        f.write_str(if at > 0 { ", " } else { "" })?;
                        Shown(value.get_ref()).fmt(f)?;
                    }
                    f.write_str("]")
                }
                other => f.write_str(&what_came(other)),
            }
        }
    }
    Shown(value).to_string()
}
