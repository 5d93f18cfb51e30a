//! The words of the help, and what is made from the list of arguments: completions and manual pages.

use std::sync::LazyLock;

use cm_core::fault::Code;

use super::command;
use crate::complaint::Complaint;
use crate::exit::Exit;
use cm_core::nearest::nearest;

/// Version, and for what it was built.
pub(super) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\ntarget: ", env!("CM_TARGET"));

pub(super) const ABOUT: &str = "\
Every Linux machine you own in one command: what is wrong, why, and what next.

Without a configuration it looks at the machine it runs on, by itself. With hosts.toml it asks every host at once, \
and one that is down costs the others nothing.";

pub(super) const EXAMPLES: &str = "\
Examples:
  cm-cli                          how every host is
  cm-cli --demo                   the same of a made-up fleet
  cm-cli status --problems        only what is wrong; one calm line if nothing is
  cm-cli drives --host srv01      the drives of one host
  cm-cli services --json | jq     for a script
  cm-cli status --check --quiet   for cron: exit code 0, 1, 2 or 3
  cm-cli config init              a commented configuration to fill in
  cm-cli predict                  which drive or disk is at its end next
  cm-cli doctor                   when something does not work";

pub(super) const STATUS: &str = "\
Examples:
  cm-cli status
  cm-cli status --problems --group server
  cm-cli status --watch=2
  cm-cli status --format oneline          for a status bar
  cm-cli status --check || echo look      exit code 0, 1, 2 or 3";

pub(super) const HOSTS: &str = "\
Examples:
  cm-cli hosts
  cm-cli hosts --fields host,os,kernel,host_uptime_seconds --format csv";

pub(super) const DRIVES: &str = "\
Examples:
  cm-cli drives
  cm-cli drives --problems
  cm-cli drives --fields host,drive,serial,wear_percent --format csv > drives.csv";

pub(super) const SERVICES: &str = "\
Examples:
  cm-cli services --host srv01
  cm-cli services --json | jq '.services[] | select(.status != \"running\")'";

pub(super) const BACKUPS: &str = "\
Examples:
  cm-cli backups
  cm-cli backups --json | jq '.backups[] | {host, last_success}'";

pub(super) const METRICS: &str = "\
Examples:
  cm-cli metrics --host srv01
  cm-cli metrics --format prometheus > /var/lib/node_exporter/cm.prom
  cm-cli metrics --format csv --watch=10 >> readings.csv";

pub(super) const CONFIG: &str = "\
Examples:
  cm-cli config init
  cm-cli config check
  cm-cli config show | grep srv01
  cm-cli config init --print | less";

pub(super) const DOCTOR: &str = "\
Examples:
  cm-cli doctor
  cm-cli doctor --host srv01
  cm-cli doctor --json";

pub(super) const EXPLAIN: &str = "\
Examples:
  cm-cli explain CM-0103
  cm-cli explain                  all of them";

pub(super) const HISTORY: &str = "\
With a host and a metric it says how the readings went: a chart on a terminal, rows elsewhere. Where there are several
things of a kind (filesystems, drives) all of them are told unless one is named. Times are local; JSON and CSV have UTC.

Examples:
  cm-cli history                                   which hosts and drives are known, and since when
  cm-cli history srv01                             their series
  cm-cli history srv01 memory.use --since 7d
  cm-cli history srv01 filesystem.use /home --since 90d --step 1d --format csv
  cm-cli history srv01 cpu.use --since 2026-11-20 --until 2026-11-21 --json
  cm-cli history check                             whether the file is whole
  cm-cli history backup /mnt/backup/history.db";

pub(super) const TREND: &str = "\
The slope is the median of all slopes between two days (Theil-Sen), or between two hours where less than eight days are
known; outliers do not bend it. The interval holds it nine times in ten, taking days as independent of one another.

Examples:
  cm-cli trend
  cm-cli trend srv01
  cm-cli trend srv01 memory.used --since 90d";

pub(super) const PREDICT: &str = "\
A date stands with the interval that holds it nine times in ten; docs/FORECAST.md says how often that was so. 100 % of
the rated life is no failure.

Examples:
  cm-cli predict
  cm-cli predict --host srv01
  cm-cli predict --json | jq '.predictions[] | select(.standing == \"coming\")'";

pub(super) const AUDIT: &str = "\
Each act is sealed under a key of its own, which is erased once the next is made from it, and linked to the act before
it. A key that was written down elsewhere proves every act from there on; the head in a mail's last line shows whether
the past up to it is still the same.

Examples:
  cm-cli audit show --since 30d
  cm-cli audit key                           write it down, away from this machine
  cm-cli audit verify --key-file /media/stick/audit.key
  cm-cli audit verify --head 42-9f2c6b1e0d7a4c5390b8e1f2 --json";

pub(super) const RULES: &str = "\
docs/RULES.md has the language. What has happened lately, forecasts and usual values are not known to `test`.

Examples:
  cm-cli rules list
  cm-cli rules check ~/new.rules
  cm-cli rules test 'drive.wear > 50 % and drive.temperature > 60 C'
  cm-cli rules test filesystem-full --json";

pub(super) const EXPORT: &str = "\
What was measured comes in slices of six hours, in each of them series after series, so that its size does not matter.
Broken off, it says with which --since to go on; --append then writes behind what is there.

With --snapshot the file holds what the hosts say now. Read it before you give it away; --rename-hosts replaces names,
serial numbers and addresses.

Examples:
  cm-cli export --since 30d --format csv --output month.csv
  cm-cli export --step 1h --metric cpu.use,memory.use --format ndjson | gzip > hours.gz
  cm-cli export --snapshot fleet.json --rename-hosts
  cm-cli status --replay fleet.json";

pub(super) const RECORD: &str = "\
It asks every host at the configured interval and stores what they tell; what it does stands on stderr. Ctrl-C, or \
SIGTERM from a service manager, ends it with everything stored.

One program at a time records. A second one, cm-tui among them, follows, and takes over within ten seconds of the \
first one's end.

Examples:
  cm-cli history record
  cm-cli history record --host srv01 --database ~/srv01.db
  cm-cli history record --quiet --log-level info     for a service: problems and figures alone";

pub(super) const SCHEMA: &str = "\
Examples:
  cm-cli schema status > status.schema.json";

pub(super) const COMPLETIONS: &str = "\
Examples:
  cm-cli completions bash > ~/.local/share/bash-completion/completions/cm-cli
  cm-cli completions zsh > ~/.zfunc/_cm-cli
  cm-cli completions fish > ~/.config/fish/completions/cm-cli.fish";

pub(super) const MAN: &str = "\
Examples:
  cm-cli man | man -l -
  cm-cli man drives > cm-cli-drives.1";

/// Examples and exit codes, for the long help.
pub(super) fn after_long() -> String {
    let codes: Vec<String> =
        Exit::LIST.iter().map(|(exit, meaning)| format!("  {:>2}  {meaning}", exit.number())).collect();
    format!("{EXAMPLES}\n\nExit codes:\n{}", codes.join("\n"))
}

/// The completions of a shell.
pub(super) fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "cm-cli", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual page of a command, or of the whole program.
pub(super) fn manual(name: Option<&str>) -> Result<String, Complaint> {
    static WHOLE: LazyLock<clap::Command> = LazyLock::new(|| {
        let mut whole = command();
        // Only a command that is built has the options of the whole program.
        whole.build();
        whole
    });
    let page = match name {
        None => WHOLE.clone(),
        Some(name) => {
            let names: Vec<&str> = WHOLE.get_subcommands().map(clap::Command::get_name).collect();
            let known = WHOLE.find_subcommand(name).cloned();
            let command = known.ok_or_else(|| no_such_command(name, &names))?;
            command.display_name(format!("cm-cli-{name}")).bin_name(format!("cm-cli {name}"))
        }
    };
    let mut text = Vec::new();
    let fault = |error| Complaint::new(Code::INNER_FAULT, format!("the manual page cannot be made: {error}"));
    clap_mangen::Man::new(page).render(&mut text).map_err(fault)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A command that is not there.
pub(crate) fn no_such_command(name: &str, names: &[&str]) -> Complaint {
    let near = nearest(name, names.iter().copied()).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    Complaint::new(Code::USAGE, format!("there is no command {name:?}{near}"))
        .next(format!("Choose from: {}.", names.join(", ")))
}
