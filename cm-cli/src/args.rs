//! The arguments: how a request is written, its help, and what is made from the same list, completions and manual pages.
//!
//! It knows how things are asked for and nothing of how they are done; everything behind it sees a [`Request`] alone.

mod help;

pub(crate) use help::no_such_command;
mod takes;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
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
    disable_help_subcommand = false,
    subcommand_help_heading = "Commands",
    propagate_version = true
)]
struct Cli {
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    print: PrintArgs,
    #[command(flatten)]
    show: ShowArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Whom to look at")]
struct FleetArgs {
    /// Only these hosts (may be given several times, or with commas)
    #[arg(long, global = true, value_name = "NAME", value_delimiter = ',')]
    host: Vec<String>,
    /// Only hosts of these roles
    #[arg(long, global = true, value_name = "ROLE", value_delimiter = ',', visible_alias = "role")]
    group: Vec<String>,
    /// A configuration file, or a folder with hosts.toml and dashboard.toml
    #[arg(long, global = true, value_name = "PATH")]
    config: Option<PathBuf>,
    /// A made-up fleet of five hosts, to look around
    #[arg(long, global = true, conflicts_with_all = ["replay", "config"])]
    demo: bool,
    /// A snapshot that `export --snapshot` wrote
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "config")]
    replay: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How to print")]
struct PrintArgs {
    /// The form of the output
    #[arg(long, global = true, value_name = "FORM", value_enum)]
    format: Option<FormatArg>,
    /// Short for --format json; errors are JSON on stderr then
    #[arg(long, global = true, conflicts_with = "format")]
    json: bool,
    /// Only these columns, in this order
    #[arg(long, global = true, value_name = "NAMES", value_delimiter = ',')]
    fields: Vec<String>,
    /// When to colour; NO_COLOR and CLICOLOR_FORCE are heeded
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = ColourArg::Auto, visible_alias = "colour", hide_possible_values = true)]
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

#[derive(Debug, Args)]
#[command(next_help_heading = "When and how often")]
struct ShowArgs {
    /// Exit 0, 1, 2 or 3: well, warning, critical, unknown
    #[arg(long, global = true)]
    check: bool,
    /// Again and again, every 1 to 60 seconds (usually 5)
    #[arg(long, global = true, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "5", value_parser = clap::value_parser!(u64).range(1..=60))]
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
    Status(ProblemsArg),
    /// Hosts with their system, processor, memory and load
    #[command(after_help = help::HOSTS)]
    Hosts(ProblemsArg),
    /// Drives with wear, spare blocks, temperature and errors
    #[command(after_help = help::DRIVES)]
    Drives(ProblemsArg),
    /// Services with memory, processor and disk use against their limits
    #[command(after_help = help::SERVICES)]
    Services(ProblemsArg),
    /// Backups with their last success, size and next run
    #[command(after_help = help::BACKUPS)]
    Backups(ProblemsArg),
    /// Every reading of every host
    #[command(after_help = help::METRICS)]
    Metrics,
    /// The configuration: in force, its problems, a new one, where it lies
    #[command(after_help = help::CONFIG, subcommand_required = true, arg_required_else_help = true)]
    Config {
        #[command(subcommand)]
        act: ConfigCommand,
    },
    /// Find what is wrong with the set-up, with the next step for each
    #[command(after_help = help::DOCTOR)]
    Doctor,
    /// Explain a fault by its code, or list them all
    #[command(after_help = help::EXPLAIN)]
    Explain {
        /// The code, as in CM-0103
        #[arg(value_name = "CODE")]
        code: Option<String>,
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
    },
    /// The JSON Schema of a command's document, or of all
    #[command(after_help = help::SCHEMA)]
    Schema {
        /// The command
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

#[derive(Debug, Args)]
struct ProblemsArg {
    /// Only what is not well
    #[arg(long, short, help_heading = "What to show")]
    problems: bool,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Every setting in force, and where its value comes from
    Show,
    /// Every problem of the configuration, with its place and the next step
    Check,
    /// Write a commented configuration where there is none
    Init {
        /// Print it instead
        #[arg(long)]
        print: bool,
    },
    /// Where files are looked for, and what is there
    Paths,
}

/// Reads the arguments, the program's name first. `colour` says whether help may be coloured.
///
/// # Errors
/// What was not understood, with what was probably meant.
pub fn read(arguments: impl IntoIterator<Item = OsString>, colour: bool) -> Result<Asked, Complaint> {
    let matches = match command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => {
            let text = error.render();
            return Ok(Asked::Text(if colour { text.ansi().to_string() } else { text.to_string() }));
        }
        // `cm-cli config` alone: its help, but as an answer to a question that was not finished.
        Err(error) => return Err(misunderstood(&error)),
    };
    takes::check(&matches)?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| misunderstood(&error))?;
    request(cli, &matches)
}

/// The whole command, with options hidden where they mean nothing.
pub fn command() -> clap::Command {
    takes::hide(Cli::command())
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

fn request(cli: Cli, matches: &ArgMatches) -> Result<Asked, Complaint> {
    let output = output(&cli.print);
    let show = |what, problems| {
        Act::Show(Show {
            what,
            problems,
            check: cli.show.check,
            every: cli.show.watch.map(Duration::from_secs),
            fields: cli.print.fields.clone(),
        })
    };
    let act = match cli.command {
        None => show(What::Status, false),
        Some(Command::Status(arg)) => show(What::Status, arg.problems),
        Some(Command::Hosts(arg)) => show(What::Hosts, arg.problems),
        Some(Command::Drives(arg)) => show(What::Drives, arg.problems),
        Some(Command::Services(arg)) => show(What::Services, arg.problems),
        Some(Command::Backups(arg)) => show(What::Backups, arg.problems),
        Some(Command::Metrics) => show(What::Metrics, false),
        Some(Command::Config { act }) => Act::Config(match act {
            ConfigCommand::Show => ConfigAct::Show,
            ConfigCommand::Check => ConfigAct::Check,
            ConfigCommand::Init { print } => ConfigAct::Init { print },
            ConfigCommand::Paths => ConfigAct::Paths,
        }),
        Some(Command::Doctor) => Act::Doctor { check: cli.show.check },
        Some(Command::Explain { code }) => Act::Explain(code),
        Some(Command::Export { snapshot, rename_hosts }) => Act::Export { file: snapshot, rename: rename_hosts },
        Some(Command::Schema { command }) => Act::Schema(command),
        Some(Command::Completions { shell }) => Act::Text(help::completions(shell)),
        Some(Command::Man { command }) => Act::Text(help::manual(command.as_deref())?),
    };
    takes::fits(&act, output.format, matches)?;
    Ok(Asked::This(Request { act, watch: watch(cli.fleet), output }))
}

fn watch(fleet: FleetArgs) -> Watch {
    let from = match fleet {
        FleetArgs { demo: true, .. } => From::Demo,
        FleetArgs { replay: Some(file), .. } => From::Replay(file),
        FleetArgs { config: Some(path), .. } => From::Path(path),
        _ => From::Configured,
    };
    Watch { from, hosts: fleet.host, groups: fleet.group }
}

fn output(print: &PrintArgs) -> Output {
    let format = match print.format {
        _ if print.json => Format::Json,
        None | Some(FormatArg::Table) => Format::Table,
        Some(FormatArg::Json) => Format::Json,
        Some(FormatArg::Csv) => Format::Csv,
        Some(FormatArg::Ndjson) => Format::Ndjson,
        Some(FormatArg::Prometheus) => Format::Prometheus,
        Some(FormatArg::Oneline) => Format::Oneline,
    };
    let colour = match print.color {
        ColourArg::Auto => Colour::Auto,
        ColourArg::Always => Colour::Always,
        ColourArg::Never => Colour::Never,
    };
    let log = print.log_level.map(|level| match level {
        LevelArg::Error => Level::Error,
        LevelArg::Warn => Level::Warn,
        LevelArg::Info => Level::Info,
        LevelArg::Debug => Level::Debug,
    });
    Output { format, colour, ascii: print.ascii, quiet: print.quiet, log }
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
