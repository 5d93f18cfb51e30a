//! The arguments: how a request is written, its help, and what is made from the same list, completions and manual pages.
//!
//! It knows how things are asked for and nothing of how they are done; everything behind it sees a [`Request`] alone.

mod help;

pub(crate) use help::no_such_command;
mod takes;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use cm_core::fault::Code;

use crate::complaint::Complaint;
use crate::request::{Act, Colour, ConfigAct, Format, From, Level, Output, Request, Show, Watch, What};

/// What the arguments come to.
#[derive(Debug)]
pub enum Asked {
    /// Something to do.
    This(Request),
    /// Help or version: text for stdout.
    Text(String),
}

#[derive(Debug, Parser)]
#[command(
    name = "cm-cli",
    version,
    long_version = help::VERSION,
    about = "Every Linux machine you own in one command: what is wrong, why, and what next",
    long_about = help::ABOUT,
    after_help = help::EXAMPLES,
    after_long_help = help::after_long(),
    max_term_width = 100,
    propagate_version = true
)]
struct Cli {
    #[command(flatten)]
    common: CommonArgs,
    /// What stands before the command, or without one, means the same as behind it.
    #[command(flatten)]
    look: LookArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What all commands take.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options for every command")]
struct CommonArgs {
    /// When to colour: auto, always or never; the environment may say it too
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = ColourArg::Auto, alias = "colour", hide_possible_values = true)]
    color: ColourArg,
    /// Only signs of ASCII (by itself where the locale is not UTF-8)
    #[arg(long, global = true)]
    ascii: bool,
    /// No remarks on stderr; errors are still told
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Log to stderr from this level on: error, warn, info or debug
    #[arg(long, global = true, value_name = "LEVEL", value_enum, hide_possible_values = true)]
    log_level: Option<LevelArg>,
}

/// What a look at the fleet takes.
#[derive(Debug, Args)]
struct LookArgs {
    #[command(flatten)]
    who: WhoArgs,
    #[command(flatten)]
    place: PlaceArg,
    #[command(flatten)]
    instead: InsteadArgs,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    check: CheckArg,
    #[command(flatten)]
    watch: WatchArg,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Whom to look at")]
struct WhoArgs {
    /// Only these hosts (may be given several times, or with commas)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    host: Vec<String>,
    /// Only hosts of these roles
    #[arg(long, value_name = "ROLE", value_delimiter = ',', alias = "role")]
    group: Vec<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Whom to look at")]
struct PlaceArg {
    /// A configuration file, or a folder with hosts.toml and dashboard.toml
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Whom to look at")]
struct InsteadArgs {
    /// A made-up fleet of five hosts, to look around
    #[arg(long)]
    demo: bool,
    /// A snapshot that `export --snapshot` wrote
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How to print")]
struct FormArgs {
    /// The form of the output: table, json, csv, ndjson, prometheus or oneline
    #[arg(long, value_name = "FORM", value_enum, hide_possible_values = true)]
    format: Option<FormatArg>,
    #[command(flatten)]
    json: JsonArg,
    /// Only these columns, in this order
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    fields: Vec<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How to print")]
struct JsonArg {
    /// One JSON document; errors are JSON on stderr then
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "When and how often")]
struct CheckArg {
    /// Exit 0, 1, 2 or 3: well, warning, critical, unknown
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "When and how often")]
struct WatchArg {
    /// Again and again, every 1 to 60 seconds (usually 5)
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "5", value_parser = clap::value_parser!(u64).range(1..=60))]
    watch: Option<u64>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArg {
    /// for people
    Table,
    /// one document
    Json,
    /// for a spreadsheet
    Csv,
    /// one JSON document a row
    Ndjson,
    /// Prometheus' text format
    Prometheus,
    /// one short line for a status bar
    Oneline,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ColourArg {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LevelArg {
    Error,
    Warn,
    Info,
    Debug,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Whether every host is well, and if not why and what next (also without a command)
    #[command(after_help = help::STATUS)]
    Status(ListArgs),
    /// Hosts with their system, processor, memory and load
    #[command(after_help = help::HOSTS)]
    Hosts(ListArgs),
    /// Drives with wear, spare blocks, temperature and errors
    #[command(after_help = help::DRIVES)]
    Drives(ListArgs),
    /// Services with memory, processor and disk use against their limits
    #[command(after_help = help::SERVICES)]
    Services(ListArgs),
    /// Backups with their last success, size and next run
    #[command(after_help = help::BACKUPS)]
    Backups(ListArgs),
    /// Every reading of every host
    #[command(after_help = help::METRICS)]
    Metrics(LookArgs),
    /// The configuration: in force, its problems, a new one, where it lies
    #[command(after_help = help::CONFIG, subcommand_required = true, arg_required_else_help = true)]
    Config {
        #[command(subcommand)]
        act: ConfigCommand,
    },
    /// Write a commented configuration, as `config init` does
    #[command(hide = true, after_help = help::CONFIG)]
    Init {
        /// Print it instead
        #[arg(long)]
        print: bool,
        #[command(flatten)]
        place: PlaceArg,
    },
    /// Find what is wrong with the set-up, with the next step for each
    #[command(after_help = help::DOCTOR)]
    Doctor {
        #[command(flatten)]
        who: WhoArgs,
        #[command(flatten)]
        place: PlaceArg,
        #[command(flatten)]
        json: JsonArg,
        #[command(flatten)]
        check: CheckArg,
    },
    /// Explain a fault by its code, or list them all
    #[command(after_help = help::EXPLAIN)]
    Explain {
        /// The code, as in CM-0103
        #[arg(value_name = "CODE")]
        code: Option<String>,
        #[command(flatten)]
        json: JsonArg,
    },
    /// Write the fleet as it is into a file, for a question or a bug report
    #[command(after_help = help::EXPORT)]
    Export {
        /// The file to write
        #[arg(long, value_name = "FILE", required = true)]
        snapshot: PathBuf,
        /// Give hosts, serial numbers and addresses other names
        #[arg(long)]
        rename_hosts: bool,
        #[command(flatten)]
        who: WhoArgs,
        #[command(flatten)]
        place: PlaceArg,
        #[command(flatten)]
        instead: InsteadArgs,
    },
    /// The JSON Schema of a command's document, or of all
    #[command(after_help = help::SCHEMA)]
    Schema {
        /// The command, or `error` for what stands on stderr
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
    /// Completions for a shell, to be sourced or installed
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// The shell
        #[arg(value_name = "SHELL", value_enum)]
        shell: clap_complete::Shell,
    },
    /// A manual page
    #[command(after_help = help::MAN)]
    Man {
        /// The command; without it the page of the whole program
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
}

/// What a list takes.
#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    look: LookArgs,
    /// Only what is not well
    #[arg(long, short, help_heading = "Whom to look at")]
    problems: bool,
}

/// What a question about the configuration takes.
#[derive(Debug, Args)]
struct AboutArgs {
    #[command(flatten)]
    place: PlaceArg,
    #[command(flatten)]
    json: JsonArg,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Every setting in force, and where its value comes from
    Show(AboutArgs),
    /// Every problem of the configuration, with its place and the next step
    Check(AboutArgs),
    /// Write a commented configuration where there is none
    Init {
        /// Print it instead
        #[arg(long)]
        print: bool,
        #[command(flatten)]
        place: PlaceArg,
    },
    /// Where files are looked for, and what is there
    Paths(AboutArgs),
}

/// Reads the arguments, the program's name first. `colour` says whether help may be coloured.
///
/// # Errors
/// What was not understood, with what was probably meant.
pub fn read(arguments: impl IntoIterator<Item = OsString>, colour: bool) -> Result<Asked, Complaint> {
    let matches = match Cli::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => {
            let text = error.render();
            return Ok(Asked::Text(if colour { text.ansi().to_string() } else { text.to_string() }));
        }
        Err(error) => return Err(misunderstood(&error)),
    };
    takes::check(&matches)?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| misunderstood(&error))?;
    request(cli).map(Asked::This)
}

/// All arguments as a list, from which completions and manual pages are made.
pub fn command() -> clap::Command {
    Cli::command()
}

fn misunderstood(error: &clap::Error) -> Complaint {
    use clap::error::ContextKind;
    let text = error.render().to_string();
    let what = text.strip_prefix("error: ").unwrap_or(&text);
    // clap puts the sentence first, then tips and usage in paragraphs of their own.
    let sentence: Vec<&str> = what.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    let tips = what.lines().filter_map(|line| line.trim().strip_prefix("tip: "));
    let usage = error.get(ContextKind::Usage).map(ToString::to_string);
    let usage = usage.as_deref().map(|usage| usage.trim().trim_start_matches("Usage: ").replace('\n', " "));
    let next = tips.map(capital).chain(usage.map(|usage| format!("Usage: {usage}"))).collect::<Vec<_>>().join("; ");
    let complaint = Complaint::new(Code::USAGE, sentence.join(" "));
    if next.is_empty() { complaint } else { complaint.next(format!("{next} (more with --help).")) }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What was given before the command and behind it, together.
#[derive(Debug, Default)]
struct Given {
    hosts: Vec<String>,
    groups: Vec<String>,
    config: Option<PathBuf>,
    demo: bool,
    replay: Option<PathBuf>,
    format: Option<FormatArg>,
    json: bool,
    fields: Vec<String>,
    check: bool,
    watch: Option<u64>,
}

impl Given {
    fn who(&mut self, who: WhoArgs) {
        self.hosts.extend(who.host);
        self.groups.extend(who.group);
    }

    fn place(&mut self, place: PlaceArg) {
        self.config = place.config.or(self.config.take());
    }

    fn instead(&mut self, instead: InsteadArgs) {
        self.demo |= instead.demo;
        self.replay = instead.replay.or(self.replay.take());
    }

    fn look(&mut self, look: LookArgs) {
        self.who(look.who);
        self.place(look.place);
        self.instead(look.instead);
        self.format = look.form.format.or(self.format);
        self.json |= look.form.json.json;
        self.fields.extend(look.form.fields);
        self.check |= look.check.check;
        self.watch = look.watch.watch.or(self.watch);
    }

    fn about(&mut self, about: AboutArgs) {
        self.place(about.place);
        self.json |= about.json.json;
    }

    fn show(&mut self, what: What, look: LookArgs, problems: bool) -> Act {
        self.look(look);
        Act::Show(Show {
            what,
            problems,
            check: self.check,
            every: self.watch.map(Duration::from_secs),
            fields: std::mem::take(&mut self.fields),
        })
    }
}

fn request(cli: Cli) -> Result<Request, Complaint> {
    let mut given = Given::default();
    given.look(cli.look);
    let act = match cli.command {
        None => Act::Show(Show {
            what: What::Status,
            problems: false,
            check: given.check,
            every: given.watch.map(Duration::from_secs),
            fields: std::mem::take(&mut given.fields),
        }),
        Some(command) => act(command, &mut given)?,
    };
    let output = output(&cli.common, &given);
    takes::fits(&act, output.format)?;
    Ok(Request { act, watch: watch(given)?, output })
}

fn act(command: Command, given: &mut Given) -> Result<Act, Complaint> {
    Ok(match command {
        Command::Status(list) => given.show(What::Status, list.look, list.problems),
        Command::Hosts(list) => given.show(What::Hosts, list.look, list.problems),
        Command::Drives(list) => given.show(What::Drives, list.look, list.problems),
        Command::Services(list) => given.show(What::Services, list.look, list.problems),
        Command::Backups(list) => given.show(What::Backups, list.look, list.problems),
        Command::Metrics(look) => given.show(What::Metrics, look, false),
        Command::Config { act } => Act::Config(config_act(act, given)),
        Command::Init { print, place } => Act::Config(config_act(ConfigCommand::Init { print, place }, given)),
        Command::Doctor { who, place, json, check } => {
            given.who(who);
            given.place(place);
            given.json |= json.json;
            Act::Doctor { check: given.check | check.check }
        }
        Command::Explain { code, json } => {
            given.json |= json.json;
            Act::Explain(code)
        }
        Command::Export { snapshot, rename_hosts, who, place, instead } => {
            given.who(who);
            given.place(place);
            given.instead(instead);
            Act::Export { file: snapshot, rename: rename_hosts }
        }
        Command::Schema { command } => Act::Schema(command),
        Command::Completions { shell } => Act::Text(help::completions(shell)),
        Command::Man { command } => Act::Text(help::manual(command.as_deref())?),
    })
}

fn config_act(act: ConfigCommand, given: &mut Given) -> ConfigAct {
    match act {
        ConfigCommand::Show(about) => {
            given.about(about);
            ConfigAct::Show
        }
        ConfigCommand::Check(about) => {
            given.about(about);
            ConfigAct::Check
        }
        ConfigCommand::Paths(about) => {
            given.about(about);
            ConfigAct::Paths
        }
        ConfigCommand::Init { print, place } => {
            given.place(place);
            ConfigAct::Init { print }
        }
    }
}

fn watch(given: Given) -> Result<Watch, Complaint> {
    let from = match (given.demo, given.replay, given.config) {
        (true, None, None) => From::Demo,
        (false, Some(file), None) => From::Replay(file),
        (false, None, Some(path)) => From::Path(path),
        (false, None, None) => From::Configured,
        _ => {
            let what = "--demo, --replay and --config each say where the fleet comes from";
            return Err(Complaint::new(Code::USAGE, what).next("Leave all but one of them out."));
        }
    };
    Ok(Watch { from, hosts: given.hosts, groups: given.groups })
}

fn output(common: &CommonArgs, given: &Given) -> Output {
    let format = match given.format {
        _ if given.json => Format::Json,
        None | Some(FormatArg::Table) => Format::Table,
        Some(FormatArg::Json) => Format::Json,
        Some(FormatArg::Csv) => Format::Csv,
        Some(FormatArg::Ndjson) => Format::Ndjson,
        Some(FormatArg::Prometheus) => Format::Prometheus,
        Some(FormatArg::Oneline) => Format::Oneline,
    };
    let colour = match common.color {
        ColourArg::Auto => Colour::Auto,
        ColourArg::Always => Colour::Always,
        ColourArg::Never => Colour::Never,
    };
    let log = common.log_level.map(|level| match level {
        LevelArg::Error => Level::Error,
        LevelArg::Warn => Level::Warn,
        LevelArg::Info => Level::Info,
        LevelArg::Debug => Level::Debug,
    });
    Output { format, colour, ascii: common.ascii, quiet: common.quiet, log }
}

/// What can be known of how to print when the arguments as a whole were not understood.
pub fn guess_output(arguments: &[OsString]) -> Output {
    let has = |wanted: &[&str]| {
        let mut words = arguments.iter().skip(1).map(|argument| argument.to_string_lossy());
        let joined: Vec<_> = words.by_ref().collect();
        joined.iter().any(|word| wanted.contains(&word.as_ref()))
            || joined.windows(2).any(|pair| wanted.contains(&format!("{} {}", pair[0], pair[1]).as_str()))
    };
    let json = has(&["--json", "--format=json", "--format=ndjson", "--format json", "--format ndjson"]);
    Output {
        format: if json { Format::Json } else { Format::Table },
        colour: if has(&["--color=never", "--color never", "--colour=never"]) {
            Colour::Never
        } else if has(&["--color=always", "--color always", "--colour=always"]) {
            Colour::Always
        } else {
            Colour::Auto
        },
        ..Output::default()
    }
}

#[cfg(test)]
mod tests;
