//! Reading the files: every table and key against the lists of settings, every problem noted, nothing given up early.
//!
//! It knows what one file says by itself; what two settings or two files say together is `check`'s.

mod roster;

use std::ops::Range;

use cm_model::fault::Code;
use cm_model::host::HostId;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::dashboard::{SETTINGS, TABLES, THRESHOLDS};
use super::external::{self, ExternalWidget};
use super::file::{File, Kind};
use super::keys::{self, KeyBinding};
use super::notify;
use super::origin::Origin;
use super::setting::{Effect, Misfit, Reach, Setting, what_came};
use super::threshold::{self, Thresholds};
use super::value::{At, Set, Values};
use cm_model::nearest::nearest;
use cm_model::problem::{Problem, Problems, quoted};

/// What the files say.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// Settings of the dashboard, for all hosts.
    pub(crate) general: Values,
    pub(crate) thresholds: Thresholds,
    /// In the order of the file.
    pub(crate) hosts: Vec<SaidHost>,
    pub(crate) roles: Vec<SaidRole>,
    /// In the order of the file.
    pub(crate) external: Vec<ExternalWidget>,
    pub(crate) keys: Vec<KeyBinding>,
    pub(crate) notify: notify::Said,
}

/// What is said of one host.
#[derive(Debug)]
pub(crate) struct SaidHost {
    pub(crate) id: HostId,
    /// Its name in the file.
    pub(crate) at: At,
    /// Whether all that is said of it could be read, so that it can be held against what else is said.
    pub(crate) sound: bool,
    /// Its own settings.
    pub(crate) own: Values,
    /// Settings of the dashboard for it alone.
    pub(crate) dashboard: Values,
    pub(crate) thresholds: Thresholds,
}

/// What is said of one role.
#[derive(Debug)]
pub(crate) struct SaidRole {
    pub(crate) name: HostId,
    pub(crate) at: At,
    pub(crate) own: Values,
}

/// A setting that does nothing in this version.
struct Idle {
    part: &'static str,
    name: String,
    span: Range<usize>,
}

/// One file being read.
pub(crate) struct Reader<'r> {
    file: &'r File,
    index: usize,
    problems: &'r mut Problems,
    idle: Vec<Idle>,
}

/// The most places at which one file is told to be no TOML: behind the first, others often follow from it.
const MOST_SYNTAX_ERRORS: usize = 10;

/// Reads one file, the `index`th of those that are read together.
pub(crate) fn read(file: &File, index: usize, said: &mut Said, problems: &mut Problems) {
    let mut reader = Reader { file, index, problems, idle: Vec::new() };
    let (root, errors) = DeTable::parse_recoverable(file.text());
    if errors.is_empty() {
        reader.root(root.get_ref(), said);
        reader.tell_idle();
        return;
    }
    let mut last_line = 0;
    for error in errors.iter().take(MOST_SYNTAX_ERRORS) {
        let span = error.span().unwrap_or(0..0);
        let line = file.place(span.clone()).line;
        if line != last_line {
            reader.error(Code::CONFIG_NOT_TOML, span, format!("not TOML: {}", error.message()), None);
        }
        last_line = line;
    }
}

impl Reader<'_> {
    pub(crate) fn error(&mut self, code: Code, span: Range<usize>, message: impl AsRef<str>, next: Option<String>) {
        if !self.is_full() {
            self.problems.push(self.file.put(span, Problem::error(code, message.as_ref(), next)));
        }
    }

    /// An error at a key whose value is a secret: its line is not shown.
    pub(crate) fn secret_error(&mut self, span: Range<usize>, message: &str, next: String) {
        if !self.is_full() {
            let mut problem = self.file.put(span, Problem::error(Code::CONFIG_UNKNOWN_KEY, message, Some(next)));
            problem.excerpt = None;
            self.problems.push(problem);
        }
    }

    fn note(&mut self, span: Range<usize>, message: &str, next: &str) {
        self.problems.push(self.file.put(span, Problem::note(message, next)));
    }

    /// Whether a problem more would only be counted; then it is counted, and need not be made.
    pub(crate) fn is_full(&mut self) -> bool {
        let full = self.problems.is_full();
        if full {
            self.problems.leave_out();
        }
        full
    }

    pub(crate) fn origin(&self, span: &Range<usize>, for_host: bool) -> Origin {
        let place = self.file.place(span.clone());
        Origin::File { path: self.file.path().to_owned(), line: place.line, column: place.column, for_host }
    }

    fn at(&self, span: Range<usize>) -> At {
        At { file: self.index, span }
    }

    /// Remembers that a setting was set for a part that comes later.
    pub(crate) fn idle(&mut self, part: &'static str, name: String, span: Range<usize>) {
        self.idle.push(Idle { part, name, span });
    }

    /// One note for each part, at the first of its settings, rather than one for each line.
    fn tell_idle(&mut self) {
        const NAMED: usize = 4;
        let mut idle = std::mem::take(&mut self.idle);
        idle.sort_by_key(|idle| idle.span.start);
        while let Some(part) = idle.first().map(|first| first.part) {
            let of_part: Vec<Idle> = idle.extract_if(.., |idle| idle.part == part).collect();
            let names: Vec<&str> = of_part.iter().take(NAMED).map(|idle| idle.name.as_str()).collect();
            let more = of_part.len().saturating_sub(NAMED);
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            let message =
                format!("no effect in this version, which does not have {part} yet: {}{rest}", names.join(", "));
            let next = "Nothing to do: it is checked now, and takes effect with a version that has it.";
            self.note(of_part[0].span.clone(), &message, next);
        }
    }

    /// A name that no setting has, and the nearest one.
    pub(crate) fn unknown_key(&mut self, key: &str, span: Range<usize>, known: &[&str]) {
        if self.is_full() {
            return;
        }
        let next = match nearest(key, known.iter().copied()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("Known here: {}.", known.join(", ")),
        };
        self.error(Code::CONFIG_UNKNOWN_KEY, span, format!("{} is no setting", quoted(key)), Some(next));
    }

    fn table<'t, 'i>(&mut self, name: &str, value: &'t Spanned<DeValue<'i>>) -> Option<&'t DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            let message = format!("{} is a table, not {}", quoted(name), what_came(value.get_ref()));
            self.error(
                Code::CONFIG_WRONG_TYPE,
                value.span(),
                message,
                Some(format!("Write [{name}] on a line of its own.")),
            );
        }
        table
    }

    fn root(&mut self, root: &DeTable<'_>, said: &mut Said) {
        let kind = self.file.kind();
        for (key, value) in root {
            let name = key.get_ref().as_ref();
            let of_hosts = matches!(name, "hosts" | "roles");
            let of_dashboard =
                [keys::TABLE, notify::TABLE].contains(&name) || TABLES.iter().any(|(table, _)| *table == name);
            if (of_hosts && kind == Kind::Dashboard) || (of_dashboard && kind == Kind::Hosts) {
                let home = if of_hosts { Kind::Hosts } else { Kind::Dashboard };
                let message = format!("`{name}` belongs into {}", home.file_name());
                let next = format!("Move it into {} in the same folder.", home.file_name());
                self.error(Code::CONFIG_UNKNOWN_KEY, key.span(), message, Some(next));
            } else if name == "hosts" {
                let Some(hosts) = self.table(name, value) else { continue };
                self.hosts(hosts, said);
            } else if name == "roles" {
                let Some(roles) = self.table(name, value) else { continue };
                self.roles(roles, said);
            } else if name == keys::TABLE {
                let Some(table) = self.table(name, value) else { continue };
                keys::read(self, table, &mut said.keys);
            } else if name == notify::TABLE {
                let Some(table) = self.table(name, value) else { continue };
                let at = self.at(key.span());
                notify::read(self, table, at, &mut said.notify);
            } else if of_dashboard {
                self.dashboard_table(name, value, None, &mut said.general, &mut said.thresholds);
                let programs = value.get_ref().as_table().filter(|_| name == THRESHOLDS.table());
                if let Some(programs) = programs.and_then(|widgets| widgets.get(external::KEY))
                    && let Some(programs) = self.table(external::TABLE, programs)
                {
                    external::read(self, programs, &mut said.external);
                }
            } else {
                self.stranger(name, key.span());
            }
        }
    }

    /// A key at the top of a file that is no table of it.
    fn stranger(&mut self, name: &str, span: Range<usize>) {
        let kind = self.file.kind();
        let homes = SETTINGS.iter().filter(|setting| setting.key() == name && kind != Kind::Hosts);
        if let Some(home) = homes.into_iter().next() {
            let message = format!("`{name}` stands outside of a table");
            self.error(Code::CONFIG_UNKNOWN_KEY, span, message, Some(format!("Write it below [{}].", home.table())));
            return;
        }
        let mut known: Vec<&str> = TABLES.iter().map(|(table, _)| *table).filter(|_| kind != Kind::Hosts).collect();
        known.extend([keys::TABLE, notify::TABLE].into_iter().filter(|_| kind != Kind::Hosts));
        if kind != Kind::Dashboard {
            known.extend(["hosts", "roles"]);
        }
        self.unknown_key(name, span, &known);
    }

    /// One table of dashboard.toml, for all hosts or for one.
    fn dashboard_table(
        &mut self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        host: Option<&HostId>,
        values: &mut Values,
        thresholds: &mut Thresholds,
    ) {
        let Some(table) = self.table(name, value) else { return };
        let full = |name: &str| host.map_or_else(|| name.to_owned(), |host| format!("hosts.{host}.{name}"));
        for (key, value) in table {
            let wanted = key.get_ref().as_ref();
            if name == THRESHOLDS.table() && wanted == THRESHOLDS.key() {
                let Some(table) = self.table(THRESHOLDS.name, value) else { continue };
                threshold::read(self, table, host.is_some(), thresholds);
                continue;
            }
            if name == THRESHOLDS.table() && wanted == external::KEY {
                if host.is_some() {
                    let message = "programs with panels stand in dashboard.toml, not below a host";
                    let next = format!("Write [{}.NAME] into dashboard.toml, and host = .. below it.", external::TABLE);
                    self.error(Code::CONFIG_UNKNOWN_KEY, key.span(), message, Some(next));
                }
                continue;
            }
            let setting = SETTINGS.iter().find(|setting| setting.table() == name && setting.key() == wanted);
            let Some(setting) = setting else {
                let extra = (name == THRESHOLDS.table()).then_some(THRESHOLDS.key());
                let here = SETTINGS.iter().filter(|setting| setting.table() == name).map(Setting::key);
                let known: Vec<&str> = here.chain(extra).collect();
                self.unknown_or_elsewhere(wanted, key.span(), name, &known);
                continue;
            };
            if !self.setting(setting, key, value, host.is_some(), values) {
                continue;
            }
            match (setting.effect, setting.reach) {
                (Effect::Later(part), _) => self.idle(part, full(setting.name), key.span()),
                (Effect::Now, Reach::Whole) if host.is_some() => {
                    let message = format!("`{}` holds for the whole dashboard and not for one host", setting.name);
                    self.note(key.span(), &message, "Move it into dashboard.toml, or delete it.");
                }
                (Effect::Now, _) => {}
            }
        }
    }

    /// A key that its table has not: perhaps another table has it.
    fn unknown_or_elsewhere(&mut self, key: &str, span: Range<usize>, table: &str, known: &[&str]) {
        match SETTINGS.iter().find(|setting| setting.key() == key) {
            Some(other) => {
                let message = format!("`{key}` is no setting of [{table}]");
                self.error(
                    Code::CONFIG_UNKNOWN_KEY,
                    span,
                    message,
                    Some(format!("Write it below [{}].", other.table())),
                );
            }
            None => self.unknown_key(key, span, known),
        }
    }

    /// Reads a value; whether it is what the setting takes.
    fn setting(
        &mut self,
        setting: &Setting,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        for_host: bool,
        values: &mut Values,
    ) -> bool {
        match super::setting::read(setting, value.get_ref()) {
            Ok(read) => {
                let origin = self.origin(&key.span(), for_host);
                values.set(setting, Set { value: read, origin, at: Some(self.at(value.span())) });
                true
            }
            Err(misfit) => {
                self.misfit(misfit, value.span());
                false
            }
        }
    }

    fn misfit(&mut self, misfit: Misfit, span: Range<usize>) {
        self.error(misfit.code, span, misfit.message, misfit.next);
    }
}
