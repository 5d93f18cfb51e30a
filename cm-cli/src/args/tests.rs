use super::*;
use crate::request::{Act, From, Show, What};

fn ask(arguments: &[&str]) -> Result<Request, Complaint> {
    let arguments = std::iter::once("cm-cli").chain(arguments.iter().copied()).map(OsString::from);
    match read(arguments, false)? {
        Asked::This(request) => Ok(*request),
        Asked::Text(text) => panic!("{text}"),
    }
}

fn show(what: What) -> Show {
    Show { what, problems: false, check: false, every: None, fields: Vec::new() }
}

#[test]
fn the_list_of_arguments_is_sound() {
    command().debug_assert();
}

#[test]
fn every_command_has_examples_that_parse() {
    for command in command().get_subcommands() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains("Examples:"), "{}", command.get_name());
        for line in help.lines().filter_map(|line| line.trim().strip_prefix("cm-cli ")) {
            let example = line.split("  ").next().unwrap();
            let example = example.split(['|', '>']).next().unwrap();
            let words: Vec<&str> = example.split_whitespace().collect();
            assert!(ask(&words).is_ok(), "{line}: {:?}", ask(&words));
        }
    }
}

#[test]
fn no_command_means_status() {
    assert_eq!(ask(&[]).unwrap().act, Act::Show(show(What::Status)));
    assert_eq!(ask(&["--demo"]).unwrap().watch.from, From::Demo);
}

#[test]
fn options_mean_the_same_before_the_command_and_behind_it() {
    for (before, behind) in [
        (&["--demo", "drives"][..], &["drives", "--demo"][..]),
        (&["--host", "a", "drives", "--host", "b"], &["drives", "--host", "a,b"]),
        (&["--json", "status"], &["status", "--format", "json"]),
        (&["--watch", "status"], &["status", "--watch=5"]),
        (&["--config", "x", "config", "show"], &["config", "show", "--config", "x"]),
        (&["--color", "never", "hosts"], &["hosts", "--color", "never"]),
        (&["--check", "doctor"], &["doctor", "--check"]),
        (&["-p", "drives"], &["drives", "--problems"]),
        (&["-p"], &["status", "-p"]),
    ] {
        assert_eq!(ask(before).unwrap(), ask(behind).unwrap(), "{before:?}");
    }
}

#[test]
fn what_means_nothing_to_a_command_is_refused_wherever_it_stands() {
    for arguments in [
        &["--demo", "explain"][..],
        &["explain", "--demo"],
        &["--watch", "doctor"],
        &["--fields", "a", "config", "show"],
        &["--format", "csv", "doctor"],
        &["config", "init", "--json"],
        &["schema", "--json"],
        &["--problems", "metrics"],
    ] {
        assert_eq!(ask(arguments).unwrap_err().code, Code::USAGE, "{arguments:?}");
    }
}

#[test]
fn the_form_of_errors_is_known_even_when_the_arguments_are_not_understood() {
    let guess = |words: &[&str]| {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        guess_output(&words)
    };
    assert_eq!(guess(&["cm-cli", "--json", "x"]).format, Format::Json);
    assert_eq!(guess(&["cm-cli", "--format", "ndjson", "x"]).format, Format::Json);
    assert_eq!(guess(&["cm-cli", "x"]).format, Format::Table);
    assert_eq!(guess(&["cm-cli", "--color", "never"]).colour, Colour::Never);
}
