//! `agent.toml`: where to serve, what to collect, how often.
//!
//! Everything has a default, so that no file is a good configuration. What is wrong is told with file, line, column and
//! the nearest valid name, all of it at once; a file that somebody else could have written is not used at all. It does
//! not know how anything is collected or served.

mod backup;
mod container;
mod drives;
mod error;
mod gpu;
mod program;
mod section;
mod serve;
mod service;
mod token;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_model::host::Role;
use cm_model::problem::{Problems, Text};
use cm_model::report::Api;
use toml::de::DeTable;

pub use self::error::ConfigError;
use self::section::{Found, Section};
pub use self::serve::Serve;
pub use self::token::TokenError;
use crate::collector::{Choice, CollectOptions};
use crate::logfile::Keep;
use crate::serve::{Limits, Options, Tokens};
use crate::trust;

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Whether the agent is to run at all.
    pub enabled: bool,
    /// What the host is for.
    pub role: Option<Role>,
    /// Addresses of mesh neighbours; taken and checked, and not used by this version.
    pub neighbors: Vec<String>,
    /// What is collected, and how often.
    pub collectors: Collectors,
    /// What the collectors are told.
    pub collect: CollectOptions,
    /// The file that is logged to instead of stderr, and how much of it is kept.
    pub log: Option<(PathBuf, Keep)>,
    /// Where and how it is served.
    pub serve: Serve,
}

/// Which APIs are collected, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collectors {
    /// The smart API.
    pub smart: Collector,
    /// The service API.
    pub service: Collector,
    /// The backup API.
    pub backup: Collector,
}

/// One API's collectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collector {
    /// Whether they run and are served.
    pub enabled: bool,
    /// From one look to the next, 500 ms to a day.
    pub interval: Duration,
}

impl Collectors {
    /// One API's.
    pub const fn of(&self, api: Api) -> &Collector {
        match api {
            Api::Smart => &self.smart,
            Api::Service => &self.service,
            Api::Backup => &self.backup,
        }
    }

    /// The APIs that are switched on.
    pub fn apis(&self) -> Vec<Api> {
        Api::ALL.into_iter().filter(|&api| self.of(api).enabled).collect()
    }
}

impl Default for Config {
    fn default() -> Self {
        let every = |secs| Collector { enabled: true, interval: Duration::from_secs(secs) };
        Self {
            enabled: true,
            role: None,
            neighbors: Vec::new(),
            collectors: Collectors { smart: every(5), service: every(2), backup: every(30) },
            collect: CollectOptions::default(),
            log: None,
            serve: Serve::default(),
        }
    }
}

impl Config {
    /// The largest file that is read.
    pub const MOST_BYTES: u64 = 1 << 20;

    /// Reads a file, if nobody but its owner could have written it.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = trust::read(path, Self::MOST_BYTES).map_err(|refused| match refused {
            trust::Refused::Untrusted(source) => ConfigError::Untrusted { path: path.into(), source },
            trust::Refused::Unreadable(error) if error.kind() == std::io::ErrorKind::NotFound => {
                ConfigError::Missing { path: path.into() }
            }
            trust::Refused::Unreadable(source) => ConfigError::Unreadable { path: path.into(), source },
        })?;
        Self::parse(path, &text)
    }

    /// Reads the text of a file; `path` is for messages, and relative token files are looked for beside it.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let problems = RefCell::new(Vec::new());
        let text = Text::new(text);
        let config = match DeTable::parse(text.as_str()) {
            Ok(table) => Self::read(Section::root(table.get_ref(), &problems), path),
            Err(error) => {
                let found = Found::syntax(error.message(), error.span().unwrap_or(0..0));
                problems.borrow_mut().push(found);
                Self::default()
            }
        };
        let mut found = problems.into_inner();
        if found.is_empty() {
            return Ok(config);
        }
        found.sort_by_key(|found| found.span.start);
        let mut problems = Problems::default();
        for Found { span, problem } in found {
            problems.push(text.put(path, span, problem));
        }
        Err(ConfigError::Wrong { problems })
    }

    /// The tokens out of their files.
    pub fn tokens(&self) -> Result<Tokens, ConfigError> {
        let mut tokens = Tokens::default();
        for (api, path) in &self.serve.token_files {
            let token = Some(token::read(path)?);
            match api {
                Api::Smart => tokens.smart = token,
                Api::Service => tokens.service = token,
                Api::Backup => tokens.backup = token,
            }
        }
        Ok(tokens)
    }

    /// What the server is told. Where it listens beyond loopback it answers under `machine_name` as well: alone, without
    /// its domain and with `.local`. On loopback nobody has a reason to, and whoever answers mDNS here could.
    pub fn serve(&self, tokens: Tokens, machine_name: &str) -> Options {
        let short = machine_name.split('.').next().unwrap_or(machine_name);
        let own = [machine_name.to_owned(), short.to_owned(), format!("{short}.local")];
        let own = own.into_iter().filter(|_| self.serve.listens_beyond_loopback());
        Options {
            listen: self.serve.listen.clone(),
            doors: self.serve.doors.clone(),
            names: self.serve.host_names.iter().cloned().chain(own).collect(),
            tokens,
            limits: Limits::default(),
        }
    }

    /// Whether tokens will cross a network in the clear.
    pub fn sends_tokens_in_the_clear(&self) -> bool {
        !self.serve.token_files.is_empty() && self.serve.listens_beyond_loopback()
    }

    fn read(mut root: Section<'_, '_>, path: &Path) -> Self {
        let default = Self::default();
        let mut agent = root.section("metrics_agent");
        let enabled = agent.flag("enabled").unwrap_or(default.enabled);
        let role =
            agent.parsed("role", "a role: 1 to 63 letters, digits, `-`, `_` or `.`", |text| Role::new(text).ok());
        let neighbors = agent.texts("neighbors");
        let combined = agent.number("port", 1..=65535);
        agent.finish();

        let collectors = Self::read_collectors(&mut root, default.collectors);
        let services = service::read(root.section("services"));
        let collect = CollectOptions {
            mounts: choice(&mut root, "mounts"),
            interfaces: choice(&mut root, "interfaces"),
            sensors: choice(&mut root, "sensors"),
            activities: program::read(root.section("activities")),
            drives: drives::read(root.section("drives")),
            containers: container::read(root.section("containers")),
            gpu: gpu::read(root.section("gpu")),
            usage: service::usage(&services),
            services,
            backup: backup::read(&root.section("backups")),
            ..CollectOptions::default()
        };
        let log = read_log(root.section("log"));
        let serve = Serve::read(root.section("serve"), combined.as_ref(), &collectors, path);
        root.finish();
        Self { enabled, role, neighbors, collectors, collect, log, serve }
    }

    fn read_collectors(root: &mut Section<'_, '_>, default: Collectors) -> Collectors {
        let mut section = root.section("collectors");
        let mut one = |name, default: Collector| {
            let mut collector = section.section(name);
            let enabled = collector.flag("enabled").unwrap_or(default.enabled);
            let interval = collector.number("interval_ms", 500..=86_400_000);
            collector.finish();
            Collector { enabled, interval: interval.map_or(default.interval, |(ms, _)| Duration::from_millis(ms)) }
        };
        let collectors = Collectors {
            smart: one("smart_metrics", default.smart),
            service: one("service_metrics", default.service),
            backup: one("backup_metrics", default.backup),
        };
        if collectors.apis().is_empty() {
            section.contradiction(None, "every collector is switched off: nothing is left to serve");
        }
        section.finish();
        collectors
    }
}

fn read_log(mut section: Section<'_, '_>) -> Option<(PathBuf, Keep)> {
    let whole = |text: &str| Some(PathBuf::from(text)).filter(|path| path.is_absolute());
    let file = section.parsed("file", "the whole path of a file, from / on", whole);
    let default = Keep::default();
    let size = section.number("max_mb", 1..=1024).map_or(default.size, |(mb, _)| mb << 20);
    let files =
        section.number("keep_files", 0..=100).map_or(default.files, |(files, _)| usize::try_from(files).unwrap_or(100));
    let age = section.number("keep_days", 1..=3650).map_or(default.age, |(days, _)| Duration::from_hours(24 * days));
    section.finish();
    file.map(|file| (file, Keep { size, files, age }))
}

fn choice(root: &mut Section<'_, '_>, name: &'static str) -> Choice {
    let mut section = root.section(name);
    let choice = choice_of(&mut section);
    section.finish();
    choice
}

/// The two lists of a section that holds other settings as well.
fn choice_of(section: &mut Section<'_, '_>) -> Choice {
    let choice = Choice { include: section.texts("include"), exclude: section.texts("exclude") };
    if let Some(both) = choice.include.iter().find(|pattern| choice.exclude.contains(pattern)) {
        section.contradiction(Some("exclude"), &format!("`{both}` is both included and excluded"));
    }
    choice
}

#[cfg(test)]
mod tests;
