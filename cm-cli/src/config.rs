//! `config show|check|init|paths`: what is in force and why, what is wrong, a new one, and where it lies.

use std::path::PathBuf;

use cm_core::config::{self, Kind, Loaded, Places, write};
use cm_core::health::Health;
use cm_core::text::terminal;
use cm_core::wording::{self, plural};
use schemars::JsonSchema;
use serde::Serialize;

use crate::complaint::{Complaint, ProblemDocument};
use crate::exit::Exit;
use crate::format::json;
use crate::gather::configured;
use crate::paint::{Meaning, pad};
use crate::request::{ConfigAct, Format, From, Request};
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// What `config show` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "config_show")]
pub struct ShowDocument {
    /// `cm-dashboard/config-show/1`.
    schema: String,
    /// The files that were read.
    files: Vec<String>,
    /// Every setting in force.
    settings: Vec<SettingDocument>,
}

/// One setting in force.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "setting")]
pub struct SettingDocument {
    /// Its full name: `dashboard.theme`, `hosts.srv01.address`.
    name: String,
    /// Its value as TOML writes it; never a secret.
    value: String,
    /// Where the value comes from: `default`, `FILE:LINE:COLUMN`, `environment NAME`.
    origin: String,
}

/// What `config check` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "config_check")]
pub struct CheckDocument {
    /// `cm-dashboard/config-check/1`.
    schema: String,
    /// Whether all of it can be used.
    sound: bool,
    /// The files that were read; empty where nothing of it can be used.
    files: Vec<String>,
    /// What is wrong, and what is worth knowing.
    problems: Vec<ProblemDocument>,
}

/// What `config paths` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "config_paths")]
pub struct PathsDocument {
    /// `cm-dashboard/config-paths/1`.
    schema: String,
    /// Every place that is looked at or written to, in the order in which they are looked at.
    paths: Vec<PathDocument>,
}

/// One place.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "path")]
pub struct PathDocument {
    /// What lies there: `hosts.toml`, `dashboard.toml` or `state`.
    what: &'static str,
    /// Where.
    path: String,
    /// `used`, `ignored` where another of its kind goes first, or `absent`.
    state: &'static str,
}

/// Does what was asked.
///
/// # Errors
/// A configuration that cannot be used or written; output that cannot be written.
pub fn run(act: &ConfigAct, request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    match act {
        ConfigAct::Show => show(request, surroundings),
        ConfigAct::Check => check(request, surroundings),
        ConfigAct::Init { print: true } => print_templates(surroundings),
        ConfigAct::Init { print: false } => init(request, surroundings),
        ConfigAct::Paths => paths(request, surroundings),
    }
}

fn names(files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|file| file.display().to_string()).collect()
}

fn show(request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let loaded = configured::load(&request.watch, surroundings).map_err(Complaint::of_problems)?;
    if request.output.format == Format::Json {
        let settings = loaded.origins.iter().map(|shown| SettingDocument {
            name: shown.name.clone(),
            value: shown.value.clone(),
            origin: shown.origin.to_string(),
        });
        let document = ShowDocument {
            schema: json::schema_name("config-show"),
            files: names(&loaded.files),
            settings: settings.collect(),
        };
        json::document(surroundings.out, &document)?;
        return Ok(Exit::Well);
    }
    let paint = surroundings.paint(request.output);
    let widest = loaded.origins.iter().map(|shown| shown.name.len() + shown.value.len() + 3).max().unwrap_or(0);
    for shown in &loaded.origins {
        let setting = format!("{} = {}", shown.name, shown.value);
        let origin = paint.dress(&format!("# {}", shown.origin), Meaning::Faint);
        writeln!(surroundings.out, "{}  {origin}", pad(&setting, widest.min(60), false))?;
    }
    Ok(Exit::Well)
}

fn check(request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let found = configured::load(&request.watch, surroundings);
    let (files, problems) = match &found {
        Ok(loaded) => (names(&loaded.files), &loaded.problems),
        Err(problems) => (Vec::new(), problems),
    };
    let sound = problems.errors().next().is_none();
    let exit = if sound { Exit::Well } else { Exit::Config };
    if request.output.format == Format::Json {
        let document = CheckDocument {
            schema: json::schema_name("config-check"),
            sound,
            files,
            problems: problems.iter().map(ProblemDocument::from).collect(),
        };
        json::document(surroundings.out, &document)?;
        return Ok(exit);
    }
    if !problems.is_empty() {
        writeln!(surroundings.out, "{problems}")?;
    }
    let errors = plural(problems.errors().count(), "error");
    match &found {
        Ok(loaded) if sound => {
            let paint = surroundings.paint(request.output);
            writeln!(surroundings.out, "{} {}", wording::mark(Health::Ok, paint.glyphs), verdict(loaded))?;
        }
        Ok(_) => writeln!(surroundings.out, "\n{errors}: the hosts of these tokens are not asked, all others are")?,
        Err(_) => writeln!(surroundings.out, "\n{errors}: the configuration cannot be used")?,
    }
    Ok(exit)
}

fn verdict(loaded: &Loaded) -> String {
    let hosts = loaded.config.hosts.len();
    match (loaded.files.len(), hosts) {
        (0, _) => "no configuration: this machine is watched, with every default".to_owned(),
        (files, 0) => format!("{} sound; no hosts, so this machine is watched", plural(files, "file")),
        (files, hosts) => format!("{} sound, {}", plural(files, "file"), plural(hosts, "host")),
    }
}

fn print_templates(surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    for (at, kind) in [Kind::Hosts, Kind::Dashboard].into_iter().enumerate() {
        let gap = if at > 0 { "\n" } else { "" };
        write!(surroundings.out, "{gap}# ---- {} ----\n{}", kind.file_name(), write::template(kind))?;
    }
    Ok(Exit::Well)
}

fn init(request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let folder = match &request.watch.from {
        From::Path(path) => path.clone(),
        _ => places(surroundings).config.swap_remove(0),
    };
    let written = write::init(&folder).map_err(|error| Complaint::new(error.code(), error.to_string()))?;
    for path in written {
        writeln!(surroundings.out, "{}", terminal::line(&path.display().to_string()))?;
    }
    if !request.output.quiet {
        writeln!(surroundings.err, "next: name your hosts in hosts.toml, then run: cm-cli config check")?;
    }
    Ok(Exit::Well)
}

/// Where files are looked for in these surroundings.
pub(crate) fn places(surroundings: &Surroundings<'_>) -> Places {
    Places::of(&config::Surroundings::new(surroundings.variables, surroundings.user))
}

fn paths(request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let places = places(surroundings);
    let mut paths = Vec::new();
    let folders = match &request.watch.from {
        From::Path(path) => vec![path.clone()],
        _ => places.config,
    };
    for kind in [Kind::Hosts, Kind::Dashboard] {
        let mut found = false;
        for folder in &folders {
            let path = if folder.is_file() { folder.clone() } else { folder.join(kind.file_name()) };
            let state = match (path.exists(), found) {
                (false, _) => "absent",
                (true, false) => "used",
                (true, true) => "ignored",
            };
            found |= path.exists();
            paths.push(PathDocument { what: kind.file_name(), path: path.display().to_string(), state });
        }
    }
    if let Some(path) = places.state {
        let state = if path.exists() { "used" } else { "absent" };
        paths.push(PathDocument { what: "state", path: path.display().to_string(), state });
    }
    if request.output.format == Format::Json {
        json::document(surroundings.out, &PathsDocument { schema: json::schema_name("config-paths"), paths })?;
        return Ok(Exit::Well);
    }
    for path in &paths {
        let place = terminal::line(&path.path);
        writeln!(surroundings.out, "{}  {}  {place}", pad(path.what, 14, false), pad(path.state, 7, false))?;
    }
    Ok(Exit::Well)
}
