//! Which options mean something to which command: the others are hidden in its help, and refused where they are given.

use clap::ArgMatches;
use clap::parser::ValueSource;
use cm_core::fault::Code;

use crate::complaint::Complaint;
use crate::request::{Act, Format};

/// The options that are declared for all commands but mean nothing to some, by the commands that take them.
fn takes(command: &str, option: &str) -> bool {
    let shows = matches!(command, "" | "status" | "hosts" | "drives" | "services" | "backups" | "metrics");
    match option {
        "host" | "group" => shows || matches!(command, "export" | "doctor"),
        "config" => shows || matches!(command, "export" | "doctor" | "config" | "show" | "check" | "init" | "paths"),
        "demo" | "replay" => shows || command == "export",
        "format" => shows || matches!(command, "explain" | "doctor"),
        "json" => shows || !matches!(command, "completions" | "man" | "schema" | "init"),
        "check" => shows || command == "doctor",
        "fields" | "watch" => shows,
        _ => true,
    }
}

const JUDGED: [&str; 10] = ["host", "group", "config", "demo", "replay", "format", "json", "fields", "check", "watch"];

/// Hides in each command's help what means nothing to it.
pub(super) fn hide(mut command: clap::Command) -> clap::Command {
    // Only a command that is built has the options of the whole program.
    command.build();
    hide_below(command)
}

fn hide_below(command: clap::Command) -> clap::Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().filter(|name| name != "help").fold(command, |command, name| {
        command.mut_subcommand(&name, |sub| {
            let sub = hide_below(sub);
            let known: Vec<String> = sub.get_arguments().map(|arg| arg.get_id().to_string()).collect();
            let hidden = JUDGED.iter().filter(|id| !takes(&name, id) && known.iter().any(|known| known == **id));
            hidden.fold(sub, |sub, id| sub.mut_arg(*id, |arg| arg.hide(true)))
        })
    })
}

/// Refuses options that mean nothing to the command.
pub(super) fn check(matches: &ArgMatches) -> Result<(), Complaint> {
    let (name, inner) = match matches.subcommand() {
        Some((name, inner)) => (name, inner),
        None => ("", matches),
    };
    let (name, inner) = match inner.subcommand() {
        Some((below, inner)) => (below, inner),
        None => (name, inner),
    };
    for option in JUDGED {
        // The environment may speak to all commands; only what was typed for this one is a mistake.
        let typed = inner.try_contains_id(option).unwrap_or(false)
            && inner.value_source(option) == Some(ValueSource::CommandLine);
        if typed && !takes(name, option) {
            let what = format!("{name} takes no --{option}");
            return Err(Complaint::new(Code::USAGE, what).next(format!("`cm-cli {name} --help` shows what it takes.")));
        }
    }
    Ok(())
}

/// Refuses a format in which the command has nothing to say, and options that contradict each other.
pub(super) fn fits(act: &Act, format: Format, matches: &ArgMatches) -> Result<(), Complaint> {
    let formats: &[Format] = match act {
        Act::Show(show) => show.what.formats(),
        _ => &[Format::Table, Format::Json],
    };
    if !formats.contains(&format) {
        let words: Vec<_> = formats.iter().map(|format| format.word()).collect();
        let what = format!("the format {} does not fit {}", format.word(), command_name(matches));
        return Err(Complaint::new(Code::FORMAT_UNFIT, what).next(format!("Choose from: {}.", words.join(", "))));
    }
    let Act::Show(show) = act else { return Ok(()) };
    if show.check && show.every.is_some() {
        let what = "--check tells one moment by its exit code, --watch goes on for ever";
        return Err(Complaint::new(Code::USAGE, what).next("Leave one of them out."));
    }
    if !show.fields.is_empty() && matches!(format, Format::Prometheus | Format::Oneline) {
        let what = format!("--fields chooses columns, and {} has none", format.word());
        return Err(Complaint::new(Code::USAGE, what).next("Leave --fields out, or take another format."));
    }
    Ok(())
}

fn command_name(matches: &ArgMatches) -> &str {
    matches.subcommand_name().unwrap_or("status")
}
