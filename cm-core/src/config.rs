//! The configuration: read from TOML files, checked as a whole, with where each value comes from.
//!
//! | room | what it holds |
//! |---|---|
//! | [`dashboard`], [`hosts`] | every setting once, and its typed form |
//! | [`notify`] | who is told that something is wrong: channels, routes, what is told by the clock |
//! | [`keys`] | keys of the full-screen dashboard, as the file has them |
//! | [`command`] | a program and its arguments, with places for a host's name and address |
//! | [`setting`], [`value`] | what a setting is, how a value is read as one, and the values that somebody set |
//! | [`address`], `reader`, `threshold`, `layer` | what the files, the environment and the command line say |
//! | `check` | what two settings say together |
//! | `trust`, `token` | who else could have written a file; the tokens in files of their own |
//! | `watched` | whom the configuration watches, and where each is asked |
//! | `rule_file` | the owner's files of rules |
//! | [`judging`] | rules, routes and channels, for whoever judges |
//! | [`cm_model::problem`] | what is wrong, where, and the next step |
//! | [`place`] | where files are looked for |
//! | [`mod@write`] | the commented template that `init` writes |
//!
//! With no file at all, [`Config::local_only`] holds: this machine is watched, with every default. Files are only ever
//! read; nothing here asks a host or resolves a name.

pub mod address;
mod check;
pub mod command;
pub mod dashboard;
pub mod external;
pub mod file;
pub mod hosts;
pub mod judging;
pub mod keys;
mod layer;
pub mod notify;
pub mod origin;
pub mod place;
pub mod reader;
mod rule_file;
pub mod setting;
mod threshold;
mod token;
mod trust;
pub mod value;
mod watched;
pub mod write;

pub use cm_model::problem::{Problem, Problems, Severity};
pub use dashboard::Dashboard;
pub use external::ExternalWidget;
pub use file::{File, Kind};
pub use hosts::{ApiAt, HostEntry};
pub use keys::KeyBinding;
pub use layer::Override;
pub use notify::Notify;
pub use origin::{Origin, Shown};
pub use place::{Places, Surroundings};
pub use rule_file::{rule_file, rule_files, rule_folder};

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cm_model::fault::Code;
use cm_model::host::HostId;
use cm_model::report::Api;

use check::Check;
use cm_model::problem::show_path;
use dashboard::SETTINGS;
use hosts::{Base, HOST_SETTINGS};
use reader::{Said, SaidHost};
use threshold::Thresholds;
use token::Holds;
use value::{At, Set, Value, Values};

/// Everything that is configured.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// The watched hosts in the order of the file; none means this machine alone.
    pub hosts: Vec<HostEntry>,
    /// The dashboard's settings for all hosts, and for this machine when it is watched alone.
    pub dashboard: Dashboard,
    /// Programs whose output is a panel, in the order of the file.
    pub external: Vec<ExternalWidget>,
    /// Keys of the full-screen dashboard that are bound otherwise than by default, in the order of the file.
    pub keys: Vec<KeyBinding>,
    /// Who is told that something is wrong, and how.
    pub notify: Notify,
}

impl Config {
    /// What holds with no configuration: this machine is watched, with every default.
    pub fn local_only() -> Self {
        Self::default()
    }

    /// Whether this machine is watched, because no host is configured.
    pub fn is_local(&self) -> bool {
        self.hosts.is_empty()
    }

    /// What is configured for a host.
    pub fn host(&self, id: &HostId) -> Option<&HostEntry> {
        self.hosts.iter().find(|entry| entry.host.id == *id)
    }
}

/// A configuration that can be used, but for tokens that cannot.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Loaded {
    /// What it says.
    pub config: Config,
    /// Every setting in force and where it comes from, in the order of the template: what `config show` prints.
    pub origins: Vec<Shown>,
    /// What is worth knowing: notes, and an error for each token that cannot be used. Such a token keeps only its own
    /// host from being asked, so it is told and no reason to watch nobody.
    pub problems: Problems,
    /// The files that it was read from.
    pub files: Vec<PathBuf>,
}

/// Finds, checks and reads the configuration: the files at `wanted` (a folder, or a file of either kind or both), or
/// the first of each kind in the usual [`Places`]. All problems of all files come together.
///
/// Costs one look at each folder on the way to a file, and one read of each file and of each token.
pub fn load(
    wanted: Option<&Path>,
    overrides: &[Override<'_>],
    surroundings: &Surroundings<'_>,
) -> Result<Loaded, Problems> {
    let mut problems = Problems::default();
    let mut files = Vec::new();
    for (path, kind) in find(wanted, surroundings, &mut problems) {
        let read = match trust::check(&path, surroundings.user) {
            Ok(_) => File::read(&path, kind),
            Err(distrust) => Err(Box::new(distrust.problem(&path))),
        };
        match read {
            Ok(file) => files.push(file),
            Err(problem) => problems.push(*problem),
        }
    }
    let look = |path: &Path, holds: Holds| token::read(path, surroundings.user, holds).map(drop);
    join(&files, overrides, surroundings, problems, &look)
}

/// The files to read, each with what it may hold.
fn find(wanted: Option<&Path>, surroundings: &Surroundings<'_>, problems: &mut Problems) -> Vec<(PathBuf, Kind)> {
    let kinds = [Kind::Hosts, Kind::Dashboard];
    // What is there but cannot be looked at counts as found: reading it tells why.
    let there = |path: &PathBuf| {
        path.symlink_metadata().map_or_else(|error| error.kind() != std::io::ErrorKind::NotFound, |_| true)
    };
    let Some(wanted) = wanted else {
        let places = Places::of(surroundings);
        return kinds.iter().filter_map(|kind| Some((places.candidates(*kind).find(there)?, *kind))).collect();
    };
    let mut missing =
        |message: String| problems.push(Problem::error(Code::CONFIG_MISSING, &message, None).about(wanted));
    if !there(&wanted.to_owned()) {
        missing(format!("there is no {}", show_path(wanted)));
        return Vec::new();
    }
    if !wanted.is_dir() {
        return vec![(wanted.to_owned(), Kind::Either)];
    }
    let within = kinds.map(|kind| (wanted.join(kind.file_name()), kind));
    let found: Vec<_> = within.into_iter().filter(|(path, _)| there(path)).collect();
    if found.is_empty() {
        missing(format!("{} holds neither hosts.toml nor dashboard.toml", show_path(wanted)));
    }
    found
}

/// What files say that have been read already. Nothing is looked at on disk: neither who could have written the files
/// nor whether tokens are there.
pub fn interpret(
    files: &[File],
    overrides: &[Override<'_>],
    surroundings: &Surroundings<'_>,
) -> Result<Loaded, Problems> {
    join(files, overrides, surroundings, Problems::default(), &|_, _| Ok(()))
}

fn join(
    files: &[File],
    overrides: &[Override<'_>],
    surroundings: &Surroundings<'_>,
    mut problems: Problems,
    look_at_token: &Look<'_>,
) -> Result<Loaded, Problems> {
    let mut said = Said::default();
    for (index, file) in files.iter().enumerate() {
        reader::read(file, index, &mut said, &mut problems);
    }
    let environment = layer::of_environment(surroundings, &mut problems);
    let command_line = layer::of_command_line(overrides, &mut problems);
    let sound = !problems.has_errors();
    let general = command_line.over(&environment.over(&said.general));
    // The command line is the last word, over what a file says for one host too.
    let of_host = |host: &SaidHost| command_line.over(&host.dashboard.over(&general));
    let dashboard = Dashboard::from_values(&general, said.thresholds.limits());
    let mut config = Config {
        hosts: Vec::new(),
        dashboard,
        external: std::mem::take(&mut said.external),
        keys: std::mem::take(&mut said.keys),
        notify: std::mem::take(&mut said.notify.notify),
    };

    let home = surroundings.home();
    let base =
        |at: &At| Base { folder: files[at.file].path().parent().unwrap_or(Path::new("")), home: home.as_deref() };
    if let Some(at) = &said.notify.at {
        config.notify.resolve(&|path| base(at).resolve(path));
    }
    let mut check = Check { files, problems: &mut problems };
    check.channels(&general, &config);
    if sound {
        check.sources(None, &general, &config.dashboard);
    }
    check.hosts(&said, base);
    let mut origins = show_dashboard("", &general, &said.thresholds, |_| true);
    origins.append(&mut said.notify.shown);
    for host in &said.hosts {
        let values = of_host(host);
        let dashboard = Dashboard::from_values(&values, host.thresholds.over(&said.thresholds).limits());
        if sound && Check::overrides_source(host) {
            Check { files, problems: &mut problems }.sources(Some(host.id.as_str()), &values, &dashboard);
        }
        let by_role = role_of(&said, host);
        let expected = by_role.as_ref().map(|set| hosts::expected(&set.value));
        let Some(entry) = hosts::entry(&host.id, &host.own, expected, dashboard, base(&host.at)) else { continue };
        origins.extend(show_host(host, &entry, by_role.as_ref()));
        config.hosts.push(entry);
    }
    let usable = !problems.has_errors();
    look_at_tokens(files, &said, &config, &mut problems, look_at_token);
    for (path, at) in &said.notify.secrets {
        if let Err(problem) = look_at_token(&base(at).resolve(path), Holds::Line) {
            problems.push(files[at.file].put(at.span.clone(), *problem));
        }
    }
    problems.sort();
    if !usable {
        return Err(problems);
    }
    Ok(Loaded { config, origins, problems, files: files.iter().map(|file| file.path().to_owned()).collect() })
}

/// A look at the file of a secret: whether it is one.
type Look<'l> = dyn Fn(&Path, Holds) -> Result<(), Box<Problem>> + 'l;

/// What the role of a host says of whether it may be off.
fn role_of(said: &Said, host: &SaidHost) -> Option<Set> {
    let Value::Role(name) = &host.own.get("hosts.NAME.role")?.value else { return None };
    let role = said.roles.iter().find(|role| role.name.as_str() == name.as_str())?;
    let set = role.own.get("roles.NAME.expected")?.clone();
    let origin = match set.origin {
        Origin::File { path, line, column, .. } => Origin::Role { path, line, column },
        other => other,
    };
    Some(Set { origin, ..set })
}

/// The settings of a dashboard that are in force and `wanted`, their names behind `before`.
fn show_dashboard(before: &str, values: &Values, thresholds: &Thresholds, wanted: impl Fn(&str) -> bool) -> Vec<Shown> {
    let set = SETTINGS.iter().filter(|setting| wanted(setting.name)).filter_map(|setting| {
        let (value, origin) = values.in_force(setting)?;
        Some(Shown { name: format!("{before}{}", setting.name), value: value.to_string(), origin })
    });
    let limits = thresholds.iter().map(|threshold| Shown {
        name: format!("{before}widgets.thresholds.{}", threshold.name),
        value: threshold.to_string(),
        origin: threshold.origin.clone(),
    });
    set.chain(limits).collect()
}

fn show_host(host: &SaidHost, entry: &HostEntry, by_role: Option<&Set>) -> Vec<Shown> {
    let id = &host.id;
    let shown = |key: &str, value: String, origin| Shown { name: format!("hosts.{id}.{key}"), value, origin };
    let own = HOST_SETTINGS.iter().filter_map(|setting| {
        if let Some((value, origin)) = host.own.in_force(setting) {
            return Some(shown(setting.key(), value.to_string(), origin));
        }
        match (setting.key(), by_role) {
            ("name" | "address", _) => Some(shown(setting.key(), format!("\"{id}\""), Origin::Default)),
            ("expected", Some(set)) => Some(shown("expected", set.value.to_string(), set.origin.clone())),
            ("expected", None) => Some(shown("expected", "\"always\"".to_owned(), Origin::Default)),
            _ => None,
        }
    });
    let overrides = |name: &str| host.dashboard.get(name).is_some();
    let dashboard = show_dashboard(&format!("hosts.{}.", entry.host.id), &host.dashboard, &host.thresholds, overrides);
    own.chain(dashboard).collect()
}

/// Looks at each token's file once, and puts what is wrong at the line that names it.
fn look_at_tokens(files: &[File], said: &Said, config: &Config, problems: &mut Problems, look: &Look<'_>) {
    let mut seen = BTreeSet::new();
    for entry in &config.hosts {
        let Some(host) = said.hosts.iter().find(|host| host.id == entry.host.id) else { continue };
        for api in Api::ALL {
            let Some(path) = entry.api(api).and_then(|at| at.token_file.as_deref()) else { continue };
            if !seen.insert(path) {
                continue;
            }
            let Err(problem) = look(path, Holds::Token) else { continue };
            let set = host.own.get(hosts::token_key(api)).or_else(|| host.own.get(hosts::TOKEN));
            let at = set.and_then(|set| set.at.as_ref());
            problems.push(match at {
                Some(at) => files[at.file].put(at.span.clone(), *problem),
                None => *problem,
            });
        }
    }
}

/// What is wrong with the folder in which state and history live, if it is there: others could write into it.
pub fn state_problem(places: &Places, surroundings: &Surroundings<'_>) -> Option<Problem> {
    let state = places.state.as_deref().filter(|state| state.exists())?;
    trust::check(state, surroundings.user).err().map(|distrust| distrust.problem(state))
}

/// What is wrong with a program that is to be run: it, or a folder on the way to it, could have been written by somebody
/// other than root or the user.
pub fn program_problem(program: &Path, user: u32) -> Option<Problem> {
    trust::check(program, user).err().map(|distrust| distrust.problem(program))
}

#[cfg(test)]
mod tests;
