//! Programs of the owner whose output is a panel of the dashboard: `[widgets.external.NAME]`.
//!
//! It says what may stand there; whether a program can be trusted is asked anew each time before it runs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_model::fault::Code;
use cm_model::host::HostId;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reader::Reader;
use super::setting::what_came;
use cm_model::problem::quoted;

/// The table in dashboard.toml.
pub const TABLE: &str = "widgets.external";

/// What it is for, in two sentences.
pub const ABOUT: &str = "A program of your own as a panel, run on this machine and shown on the screen of that host, or of all. It needs external_widgets below [features]; docs/WIDGETS.md says what it prints and how it is run.";

/// One program, in TOML.
pub const EXAMPLE: &str = "program = \"/usr/local/bin/ups-panel\"\narguments = []\nevery = 60\nhost = \"srv01\"";

/// Its key within `widgets`.
pub(crate) const KEY: &str = "external";

/// The most programs of one dashboard.
pub const MOST: usize = 8;

/// The most arguments of one program.
const MOST_ARGUMENTS: usize = 64;

const KEYS: [&str; 4] = ["program", "arguments", "every", "host"];

/// A program whose output is a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalWidget {
    /// Its name in the configuration.
    pub name: HostId,
    /// The program, by its absolute path.
    pub program: PathBuf,
    /// What it is given; no shell reads them.
    pub arguments: Vec<String>,
    /// Time from the end of one run to the beginning of the next: 1 second to 1 day.
    pub every: Duration,
    /// The host on whose screen it is shown; on every host's where none is named.
    pub host: Option<HostId>,
}

/// Reads the tables of all programs, in the order of the file.
pub(crate) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>, into: &mut Vec<ExternalWidget>) {
    let mut in_order: Vec<_> = table.iter().collect();
    in_order.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in in_order {
        let Ok(name) = HostId::new(key.get_ref()) else {
            let message = format!("{} is no name for a program's panel", quoted(key.get_ref()));
            let next = "Use letters, digits, `-`, `_` and `.`.".to_owned();
            reader.error(Code::CONFIG_OUT_OF_RANGE, key.span(), message, Some(next));
            continue;
        };
        if into.len() == MOST {
            let message = format!("more than {MOST} programs have panels");
            reader.error(Code::CONFIG_OUT_OF_RANGE, key.span(), message, Some(format!("Keep {MOST} of them.")));
            return;
        }
        let Some(table) = value.get_ref().as_table() else {
            let next = format!("Write [{TABLE}.{name}], and below it program = \"/usr/local/bin/{name}\"");
            wrong_type(reader, value, &format!("{TABLE}.{name}"), "a table", Some(next));
            continue;
        };
        into.extend(read_one(reader, name, key.span(), table));
    }
}

fn read_one(
    reader: &mut Reader<'_>,
    name: HostId,
    span: std::ops::Range<usize>,
    table: &DeTable<'_>,
) -> Option<ExternalWidget> {
    let mut widget = ExternalWidget {
        name,
        program: PathBuf::new(),
        arguments: Vec::new(),
        every: Duration::from_secs(30),
        host: None,
    };
    for (key, value) in table {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("program", DeValue::String(path)) if Path::new(path.as_ref()).is_absolute() => {
                widget.program = PathBuf::from(path.as_ref());
            }
            ("program", _) => {
                let next = "Write it as \"/usr/local/bin/name\": no folders are searched, and no shell is asked.";
                wrong_type(reader, value, "program", "an absolute path in quotes", Some(next.to_owned()));
                return None;
            }
            ("arguments", DeValue::Array(list)) if list.len() <= MOST_ARGUMENTS => {
                for word in list {
                    let DeValue::String(word) = word.get_ref() else {
                        wrong_type(reader, value, "arguments", "a list of texts", None);
                        return None;
                    };
                    widget.arguments.push(word.as_ref().to_owned());
                }
            }
            ("arguments", _) => wrong_type(reader, value, "arguments", "a list of at most 64 texts", None),
            ("every", DeValue::Integer(number)) => {
                let seconds = u64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).unwrap_or(0);
                if (1..=86_400).contains(&seconds) {
                    widget.every = Duration::from_secs(seconds);
                } else {
                    let message = "`every` takes a whole number of seconds from 1 to 86400";
                    reader.error(Code::CONFIG_OUT_OF_RANGE, value.span(), message, None);
                }
            }
            ("every", _) => wrong_type(reader, value, "every", "a whole number of seconds", None),
            ("host", DeValue::String(host)) => {
                widget.host = HostId::new(host.as_ref()).ok();
                if widget.host.is_none() {
                    let message = format!("{} is no name of a host", quoted(host.as_ref()));
                    reader.error(Code::CONFIG_OUT_OF_RANGE, value.span(), message, None);
                }
            }
            ("host", _) => wrong_type(reader, value, "host", "the name of a host in quotes", None),
            (other, _) => reader.unknown_key(other, key.span(), &KEYS),
        }
    }
    if widget.program.as_os_str().is_empty() {
        let message = format!("[{TABLE}.{}] names no program", widget.name);
        let next = format!("Write below it: program = \"/usr/local/bin/{}\"", widget.name);
        reader.error(Code::CONFIG_CONTRADICTION, span, message, Some(next));
        return None;
    }
    Some(widget)
}

fn wrong_type(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>, key: &str, takes: &str, next: Option<String>) {
    let message = format!("`{key}` takes {takes}, not {}", what_came(value.get_ref()));
    reader.error(Code::CONFIG_WRONG_TYPE, value.span(), message, next);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{File, Kind, Loaded, Problems, Surroundings, interpret};

    fn load(text: &str) -> Result<Loaded, Problems> {
        let file = File::new("/etc/cm/dashboard.toml", Kind::Dashboard, text);
        interpret(&[file], &[], &Surroundings::new(&|_| None, 1000))
    }

    #[test]
    fn programs_are_read_in_the_order_of_the_file() {
        let loaded = load(
            "[features]\nexternal_widgets = true\n[widgets.external.ups]\nprogram = '/usr/local/bin/ups'\narguments = ['--json', 'a b']\n\
             every = 60\nhost = 'srv01'\n[widgets.external.air]\nprogram = '/opt/air'\n",
        )
        .unwrap();
        let [ups, air] = loaded.config.external.as_slice() else { panic!("two") };
        assert_eq!((ups.name.as_str(), ups.arguments.len(), ups.every.as_secs()), ("ups", 2, 60));
        assert_eq!(ups.host.as_ref().map(HostId::as_str), Some("srv01"));
        assert_eq!((air.name.as_str(), air.every.as_secs(), &air.host), ("air", 30, &None));
    }

    #[test]
    fn what_is_wrong_with_a_program_is_said() {
        for (text, told) in [
            ("program = 'ups'", "`program` takes an absolute path in quotes"),
            ("program = 3", "`program` takes an absolute path in quotes, not the number 3"),
            ("every = 5", "names no program"),
            ("program = '/a'\nevery = 0", "from 1 to 86400"),
            ("program = '/a'\nevery = 'often'", "`every` takes a whole number of seconds"),
            ("program = '/a'\narguments = '-x'", "`arguments` takes a list"),
            ("program = '/a'\narguments = [1]", "`arguments` takes a list of texts"),
            ("program = '/a'\nhost = 'a b'", "is no name of a host"),
            ("program = '/a'\nevrey = 5", "`evrey` is no setting"),
        ] {
            let problems = load(&format!("[widgets.external.ups]\n{text}\n")).unwrap_err();
            assert!(problems.to_string().contains(told), "{text}: {problems}");
        }
        let tables: Vec<String> =
            (0..=MOST).map(|number| format!("[widgets.external.p{number}]\nprogram = '/a'\n")).collect();
        let many = tables.concat();
        assert!(load(&many).unwrap_err().to_string().contains("more than 8 programs"));
    }
}
