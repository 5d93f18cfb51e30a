//! What fits what: options before a command that does not take them, formats in which a command has nothing to say, and
//! options that contradict each other.

use clap::ArgMatches;
use clap::parser::ValueSource;
use cm_core::fault::Code;

use crate::complaint::Complaint;
use crate::request::{Act, Format};

/// Refuses options that stand before a command and mean nothing to it; behind it they are unknown to begin with.
pub(super) fn check(matches: &ArgMatches) -> Result<(), Complaint> {
    let (mut names, mut inner) = (Vec::new(), matches);
    while let Some((name, below)) = inner.subcommand() {
        names.push(name);
        inner = below;
    }
    // Groups stand among the options, by the names of their types.
    let options = matches.ids().map(clap::Id::as_str).filter(|id| id.starts_with(|c: char| c.is_ascii_lowercase()));
    let mut typed = options.filter(|id| matches.value_source(id) == Some(ValueSource::CommandLine));
    let Some(option) = typed.find(|id| inner.try_contains_id(id).is_err()) else { return Ok(()) };
    let command = names.join(" ");
    let what = format!("{command} takes no --{}", option.replace('_', "-"));
    Err(Complaint::new(Code::USAGE, what).next(format!("`cm-cli {command} --help` shows what it takes.")))
}

/// Refuses a format in which the command has nothing to say, and options that contradict each other.
pub(super) fn fits(act: &Act, format: Format) -> Result<(), Complaint> {
    if let Act::Past(past) = act {
        return form_fits(past.what.word(), past.what.formats(), format);
    }
    let Act::Show(show) = act else {
        // `--format` before a command that knows `--json` alone is refused above; the others print what they print.
        return Ok(());
    };
    form_fits(show.what.word(), show.what.formats(), format)?;
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

fn form_fits(word: &str, formats: &[Format], format: Format) -> Result<(), Complaint> {
    if formats.contains(&format) {
        return Ok(());
    }
    let words: Vec<_> = formats.iter().map(|format| format.word()).collect();
    let what = format!("the format {} does not fit {word}", format.word());
    Err(Complaint::new(Code::FORMAT_UNFIT, what).next(format!("Choose from: {}.", words.join(", "))))
}
