//! What people and programs see of the demonstration fleet, kept as files.

use cm_core::text::terminal;

use crate::room::{Room, golden};

const COMMANDS: [&str; 6] = ["status", "hosts", "drives", "services", "backups", "metrics"];

/// `metrics` of all hosts is thousands of lines; one host says the same.
fn arguments(command: &'static str) -> Vec<&'static str> {
    let mut arguments = vec![command, "--demo"];
    if command == "metrics" {
        arguments.extend(["--host", "srv01"]);
    }
    arguments
}

#[test]
fn tables_fit_every_width_and_are_as_they_were() {
    for command in COMMANDS {
        for width in [60, 80, 120, 200] {
            let told = Room::terminal(width).with("NO_COLOR", "1").run(&arguments(command));
            for line in told.out.lines() {
                assert!(terminal::columns(line) <= usize::from(width), "{command} at {width}: {line:?}");
                assert_eq!(line, line.trim_end(), "{command} at {width}");
            }
            if command != "metrics" || width == 80 {
                golden(&format!("{command}-{width}.txt"), &told.out);
            }
        }
    }
}

#[test]
fn into_a_pipe_nothing_is_cut_and_nothing_coloured() {
    for command in COMMANDS {
        let told = Room::piped().run(&arguments(command));
        assert!(!told.out.contains('\u{1b}') && !told.out.contains('…'), "{command}");
        if command != "metrics" {
            golden(&format!("{command}-piped.txt"), &told.out);
        }
    }
}

#[test]
fn every_form_is_as_it_was() {
    for command in COMMANDS {
        for (form, ending) in [("json", "json"), ("csv", "csv"), ("ndjson", "ndjson"), ("prometheus", "prom")] {
            let mut arguments = arguments(command);
            arguments.extend(["--format", form, "--quiet"]);
            let told = Room::piped().run(&arguments);
            assert_eq!((told.exit.number(), told.err.as_str()), (0, ""), "{command} {form}");
            // Samples in four forms say one thing four times.
            if command != "metrics" || form == "prometheus" {
                golden(&format!("{command}.{ending}"), &told.out);
            }
        }
    }
    golden("oneline.txt", &Room::piped().run(&["--demo", "--format", "oneline"]).out);
}

#[test]
fn colour_is_as_it_was_and_ascii_is_ascii() {
    let told = Room::terminal(80).run(&["status", "--demo"]);
    golden("status-colour.txt", &told.out.replace('\u{1b}', "ESC"));
    for command in COMMANDS {
        let mut arguments = arguments(command);
        arguments.push("--ascii");
        let told = Room::terminal(100).with("NO_COLOR", "1").run(&arguments);
        assert!(told.out.is_ascii(), "{command}: {:?}", told.out.lines().find(|line| !line.is_ascii()));
        if command == "status" {
            golden("status-ascii.txt", &told.out);
        }
    }
    let in_c = Room::terminal(100).with("LANG", "C").run(&["status", "--demo"]);
    assert!(in_c.out.is_ascii());
}

#[test]
fn chosen_fields_come_in_the_order_asked_for_in_every_form() {
    let ask = |form| Room::piped().run(&["drives", "--demo", "--fields", "wear_percent,host", "--format", form]);
    assert!(ask("csv").out.starts_with("wear_percent,host\n"));
    assert!(ask("ndjson").out.starts_with("{\"wear_percent\":"));
    assert!(ask("table").out.trim_start().starts_with("wear_percent  host"), "{}", ask("table").out);
    assert!(!ask("json").out.contains("\"serial\""));
}

#[test]
fn messages_go_to_stderr_and_quiet_means_none() {
    let told = Room::piped().run(&["drives", "--demo"]);
    assert!(told.err.contains("labbox: smart does not answer"), "{}", told.err);
    assert!(!told.out.contains("labbox"));
    assert_eq!(Room::piped().run(&["drives", "--demo", "--quiet"]).err, "");
}

#[test]
fn the_clock_is_local() {
    assert!(Room::piped().run(&["--demo"]).out.lines().next().unwrap().ends_with("17:00:00"));
}

#[test]
fn help_and_manuals_hold_what_they_should() {
    let help = Room::piped().run(&["--help"]).out;
    for part in ["Usage:", "Examples:", "Exit codes:", "Whom to look at:", "--watch"] {
        assert!(help.contains(part), "{part}");
    }
    let explain = Room::piped().run(&["explain", "--help"]).out;
    assert!(!explain.contains("--watch") && explain.contains("Examples:"), "{explain}");
    for command in COMMANDS {
        let page = Room::piped().run(&["man", command]).out;
        assert!(
            page.contains(&format!("cm\\-cli\\-{command}")) || page.contains(&format!("cm-cli-{command}")),
            "{page}"
        );
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(Room::piped().run(&["completions", shell]).out.contains("backups"), "{shell}");
    }
}
