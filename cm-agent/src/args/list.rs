//! The list of commands and of options, from which parsing, help and "did you mean" derive. It knows no value that was given.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Run,
    Collect,
    Backups,
    Doctor,
    Drives,
    Simulate,
}

/// Every command by its word, with what it does.
pub(super) const VERBS: &[(&str, Verb, &str)] = &[
    ("run", Verb::Run, "Collect this machine's state and serve it until told to stop"),
    ("collect", Verb::Collect, "Look once and print what is seen, and why something is missing"),
    ("backups", Verb::Backups, "Ask every configured backup once and print a status file of what they say"),
    ("doctor", Verb::Doctor, "Say what may be seen, which right would show more, and if the sandbox holds"),
    ("drives", Verb::Drives, "Ask the drives for their health, as root, and tell the agent"),
    ("simulate", Verb::Simulate, "Serve made-up hosts, and print a hosts.toml that finds them"),
];

#[derive(Debug)]
pub(super) struct Flag {
    pub(super) name: &'static str,
    /// What its value is called; empty for a switch.
    pub(super) value: &'static str,
    pub(super) verbs: &'static [Verb],
    pub(super) help: &'static str,
}

/// For options of all commands.
pub(super) const EVERY: &[Verb] =
    &[Verb::Run, Verb::Collect, Verb::Backups, Verb::Drives, Verb::Doctor, Verb::Simulate];

/// Every option, in the order of help.
pub(super) const FLAGS: &[Flag] = &[
    Flag {
        name: "config",
        value: "FILE",
        verbs: &[Verb::Run, Verb::Collect, Verb::Backups, Verb::Doctor],
        help: "Settings; see config/agent.toml for all of them",
    },
    Flag {
        name: "once",
        value: "",
        verbs: &[Verb::Collect, Verb::Backups, Verb::Drives],
        help: "Look once and print; only `drives` knows another way",
    },
    Flag { name: "output", value: "FILE", verbs: &[Verb::Backups], help: "Put it into this file, whole or not at all" },
    Flag { name: "json", value: "", verbs: &[Verb::Collect, Verb::Doctor], help: "Print it as JSON" },
    Flag {
        name: "check",
        value: "",
        verbs: &[Verb::Doctor],
        help: "Exit with 1 on a warning, 2 on something critical, 3 if unknown",
    },
    Flag { name: "root", value: "DIR", verbs: &[Verb::Collect], help: "Look at a folder that holds proc/ and sys/" },
    Flag {
        name: "smartctl",
        value: "PROGRAM",
        verbs: &[Verb::Drives],
        help: "smartctl's name or whole path [smartctl]",
    },
    Flag {
        name: "explain",
        value: "FILE",
        verbs: &[Verb::Drives],
        help: "Read a file of `smartctl --json`, and say how it is judged",
    },
    Flag { name: "hosts", value: "N", verbs: &[Verb::Simulate], help: "How many hosts [5]" },
    Flag {
        name: "base-port",
        value: "PORT",
        verbs: &[Verb::Simulate],
        help: "Host i has PORT+4i (smart), +1 (service), +2 (backup), +3 (all) [7000]",
    },
    Flag { name: "seed", value: "N", verbs: &[Verb::Simulate], help: "What the fleet is made from [1]" },
    Flag { name: "listen", value: "ADDRESS", verbs: &[Verb::Simulate], help: "Where to listen [127.0.0.1]" },
    Flag {
        name: "log-level",
        value: "LEVEL",
        verbs: EVERY,
        help: "error, warn, info, debug, trace or off [CM_LOG, or info]",
    },
    Flag { name: "help", value: "", verbs: EVERY, help: "Print this" },
    Flag { name: "version", value: "", verbs: EVERY, help: "Print the version" },
];
