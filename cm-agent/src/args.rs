//! The command line: one list of options, from which parsing, help and "did you mean" derive.
//!
//! It turns words into a request and does nothing else: no file is opened, nothing is printed.

mod list;

use std::ffi::OsString;
use std::fmt::Write;
use std::net::IpAddr;
use std::path::PathBuf;

use cm_agent::simulate;
use cm_model::nearest::nearest;
use cm_model::text::terminal;
use lexopt::Arg;
use tracing_subscriber::filter::LevelFilter;

use self::list::{EVERY, FLAGS, Flag, VERBS, Verb};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// Collect and serve until told to stop.
    Run {
        /// The configuration file, if one was named.
        config: Option<PathBuf>,
    },
    /// Collect once and print.
    Collect {
        /// The configuration file, if one was named.
        config: Option<PathBuf>,
        /// The machine in a box to look at instead of this one.
        root: Option<PathBuf>,
        /// As JSON instead of a table.
        json: bool,
    },
    /// Say how every part of the set-up is.
    Doctor {
        /// The configuration file, if one was named.
        config: Option<PathBuf>,
        /// As JSON instead of a table.
        json: bool,
        /// Whether the exit status tells how it is.
        check: bool,
    },
    /// Ask all configured backups once and print what they say, as a status file.
    Backups {
        /// The configuration file, if one was named.
        config: Option<PathBuf>,
        /// The file to put it into instead.
        output: Option<PathBuf>,
    },
    /// Tell of the drives, as the one who may ask them.
    Drives {
        /// How.
        how: Drives,
        /// The name or whole path of smartctl.
        smartctl: String,
    },
    /// Serve made-up hosts until told to stop.
    Simulate(simulate::Options),
    /// Print a text.
    Print(String),
}

/// How the drives are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Drives {
    /// To whoever calls at the socket that systemd handed over.
    AtTheSocket,
    /// Once, printed.
    Once,
    /// None of this machine, but the one in a file that `smartctl --json` wrote; printed with what is good and bad about it.
    Explain(PathBuf),
}

/// A request, and how much to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invocation {
    /// What was asked for.
    pub(crate) request: Request,
    /// The level asked for, if one was.
    pub(crate) log_level: Option<LevelFilter>,
}

/// Why the words are no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub(crate) struct Misunderstood {
    /// What is wrong.
    pub(crate) what: String,
    /// The next step.
    pub(crate) next: String,
}

/// Everything that options set, with its default.
#[derive(Debug)]
struct Values {
    config: Option<PathBuf>,
    output: Option<PathBuf>,
    root: Option<PathBuf>,
    json: bool,
    check: bool,
    drives: Drives,
    smartctl: String,
    simulate: simulate::Options,
    log_level: Option<LevelFilter>,
    instead: Option<Instead>,
}

/// What is printed instead of doing anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instead {
    Help,
    Version,
}

/// Reads the words after the program's name.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Invocation, Misunderstood> {
    let mut parser = lexopt::Parser::from_args(words);
    let listen = std::net::Ipv4Addr::LOCALHOST.into();
    let mut values = Values {
        config: None,
        output: None,
        root: None,
        json: false,
        check: false,
        drives: Drives::AtTheSocket,
        smartctl: "smartctl".to_owned(),
        simulate: simulate::Options { hosts: 5, base_port: 7000, seed: 1, listen, round: simulate::Options::ROUND },
        log_level: None,
        instead: None,
    };
    let mut verb = None;
    let mut given = Vec::new();
    while let Some(arg) = parser.next().map_err(|error| misunderstood(verb, error.to_string()))? {
        let name = match arg {
            Arg::Short('h') => "help".to_owned(),
            Arg::Short('V') => "version".to_owned(),
            Arg::Short(letter) => return Err(unknown_flag(verb, &format!("-{letter}"))),
            Arg::Long(name) => name.to_owned(),
            Arg::Value(word) if verb.is_none() => {
                verb = Some(verb_of(&word.to_string_lossy())?);
                continue;
            }
            Arg::Value(word) => {
                let what = format!("`{}` is one word too many", terminal::line(&word.to_string_lossy()));
                return Err(misunderstood(verb, what));
            }
        };
        let flag =
            FLAGS.iter().find(|flag| flag.name == name).ok_or_else(|| unknown_flag(verb, &format!("--{name}")))?;
        given.push(flag);
        let value = match flag.value {
            "" => OsString::new(),
            what => parser.value().map_err(|_| misunderstood(verb, format!("`--{name}` needs a value: {what}")))?,
        };
        values.set(flag, value).map_err(|what| misunderstood(verb, what))?;
    }
    // Options may stand before the command, so only now is it known whether they are its own.
    if let Some(verb) = verb
        && let Some(foreign) = given.iter().find(|flag| !flag.verbs.contains(&verb))
    {
        return Err(misunderstood(Some(verb), format!("`--{}` is no option of `{}`", foreign.name, word_of(verb))));
    }
    values.request(verb)
}

impl Values {
    fn set(&mut self, flag: &Flag, value: OsString) -> Result<(), String> {
        match flag.name {
            "config" => self.config = Some(value.into()),
            "output" => self.output = Some(value.into()),
            "root" => self.root = Some(value.into()),
            "once" if self.drives == Drives::AtTheSocket => self.drives = Drives::Once,
            "once" => {}
            "smartctl" => self.smartctl = parsed(flag, &value, "a name or a whole path", |text| Some(text.to_owned()))?,
            "explain" => self.drives = Drives::Explain(value.into()),
            "json" => self.json = true,
            "check" => self.check = true,
            "hosts" => self.simulate.hosts = number(flag, &value, 1..=10_000)?,
            "base-port" => self.simulate.base_port = number(flag, &value, 1..=u16::MAX)?,
            "seed" => self.simulate.seed = number(flag, &value, 0..=u64::MAX)?,
            "listen" => {
                self.simulate.listen = parsed(flag, &value, "an IP address", |text| text.parse::<IpAddr>().ok())?;
            }
            "log-level" => self.log_level = Some(parsed(flag, &value, LEVELS, level)?),
            "help" => self.instead = self.instead.or(Some(Instead::Help)),
            _ => self.instead = Some(Instead::Version),
        }
        Ok(())
    }

    fn request(self, verb: Option<Verb>) -> Result<Invocation, Misunderstood> {
        let request = match verb {
            _ if self.instead == Some(Instead::Version) => {
                Request::Print(format!("cm-agent {}\n", env!("CARGO_PKG_VERSION")))
            }
            _ if self.instead == Some(Instead::Help) => Request::Print(help(verb)),
            None => return Err(misunderstood(None, "a command is missing".to_owned())),
            Some(Verb::Run) => Request::Run { config: self.config },
            Some(Verb::Collect) => Request::Collect { config: self.config, root: self.root, json: self.json },
            Some(Verb::Doctor) => Request::Doctor { config: self.config, json: self.json, check: self.check },
            Some(Verb::Backups) => Request::Backups { config: self.config, output: self.output },
            Some(Verb::Drives) => Request::Drives { how: self.drives, smartctl: self.smartctl },
            Some(Verb::Simulate) if !self.simulate.fits() => {
                let simulate::Options { hosts, base_port, .. } = self.simulate;
                let what =
                    format!("{hosts} hosts from port {base_port} on do not fit: each takes 4, and 65535 is the last");
                return Err(misunderstood(verb, what));
            }
            Some(Verb::Simulate) => Request::Simulate(self.simulate),
        };
        Ok(Invocation { request, log_level: self.log_level })
    }
}

pub(crate) const LEVELS: &str = "error, warn, info, debug, trace or off";

/// A level of logging by its word.
pub(crate) fn level(word: &str) -> Option<LevelFilter> {
    Some(match word.to_ascii_lowercase().as_str() {
        "off" => LevelFilter::OFF,
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "info" => LevelFilter::INFO,
        "debug" => LevelFilter::DEBUG,
        "trace" => LevelFilter::TRACE,
        _ => return None,
    })
}

fn number<N: std::str::FromStr + PartialOrd + std::fmt::Display + Copy>(
    flag: &Flag,
    value: &OsString,
    range: std::ops::RangeInclusive<N>,
) -> Result<N, String> {
    let expected = format!("a whole number, {} to {}", range.start(), range.end());
    parsed(flag, value, &expected, |text| text.parse().ok().filter(|number| range.contains(number)))
}

fn parsed<T>(
    flag: &Flag,
    value: &OsString,
    expected: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, String> {
    let value = value.to_string_lossy();
    parse(&value).ok_or_else(|| format!("`--{} {}`: it takes {expected}", flag.name, terminal::line(&value)))
}

fn verb_of(word: &str) -> Result<Verb, Misunderstood> {
    let found = VERBS.iter().find(|(name, ..)| *name == word);
    found.map(|&(_, verb, _)| verb).ok_or_else(|| {
        let names: Vec<_> = VERBS.iter().map(|(name, ..)| *name).collect();
        let what = format!("there is no command `{}`", terminal::line(word));
        let next = nearest(word, names).map(|name| format!("did you mean `cm-agent {name}`?"));
        next.map_or_else(|| misunderstood(None, what.clone()), |next| Misunderstood { what: what.clone(), next })
    })
}

fn unknown_flag(verb: Option<Verb>, given: &str) -> Misunderstood {
    let names: Vec<_> = FLAGS.iter().map(|flag| flag.name).collect();
    let what = format!("there is no option `{}`", terminal::line(given));
    match nearest(given.trim_start_matches('-'), names) {
        Some(name) => Misunderstood { what, next: format!("did you mean `--{name}`?") },
        None => misunderstood(verb, what),
    }
}

fn misunderstood(verb: Option<Verb>, what: String) -> Misunderstood {
    let verb = verb.map(|verb| format!(" {}", word_of(verb))).unwrap_or_default();
    Misunderstood { what, next: format!("`cm-agent{verb} --help` shows what it takes") }
}

fn word_of(verb: Verb) -> &'static str {
    VERBS.iter().find(|(_, known, _)| *known == verb).expect("every verb is listed").0
}

/// The help of the program, or of one command.
fn help(verb: Option<Verb>) -> String {
    let mut text = match verb {
        None => {
            let mut text =
                "Collects the state of one Linux machine and serves it as JSON; it can do nothing but read.\n\n\
                Usage: cm-agent COMMAND [OPTIONS]\n\nCommands:\n"
                    .to_owned();
            for (name, _, about) in VERBS {
                row(&mut text, name, about);
            }
            text
        }
        Some(verb) => {
            let (name, _, about) = VERBS.iter().find(|(_, known, _)| *known == verb).expect("every verb is listed");
            format!("{about}.\n\nUsage: cm-agent {name} [OPTIONS]\n")
        }
    };
    text.push_str("\nOptions:\n");
    let shown = |flag: &&Flag| verb.map_or(flag.verbs.len() == EVERY.len(), |verb| flag.verbs.contains(&verb));
    for flag in FLAGS.iter().filter(shown) {
        row(&mut text, format!("--{} {}", flag.name, flag.value).trim_end(), flag.help);
    }
    text
}

fn row(text: &mut String, left: &str, right: &str) {
    writeln!(text, "  {left:<19} {right}").expect("a String takes every write");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &str) -> Result<Request, Misunderstood> {
        parse(line.split_whitespace().map(OsString::from)).map(|invocation| invocation.request)
    }

    #[test]
    fn what_people_type_is_understood() {
        let fleet = |hosts, base_port, seed, listen: &str| {
            Request::Simulate(simulate::Options {
                hosts,
                base_port,
                seed,
                listen: listen.parse().unwrap(),
                round: simulate::Options::ROUND,
            })
        };
        for (line, expected) in [
            ("run", Request::Run { config: None }),
            ("run --config agent.toml", Request::Run { config: Some("agent.toml".into()) }),
            ("run --config=agent.toml", Request::Run { config: Some("agent.toml".into()) }),
            ("--config agent.toml run", Request::Run { config: Some("agent.toml".into()) }),
            ("collect --once --json", Request::Collect { config: None, root: None, json: true }),
            (
                "collect --root box --config a.toml",
                Request::Collect { config: Some("a.toml".into()), root: Some("box".into()), json: false },
            ),
            ("doctor", Request::Doctor { config: None, json: false, check: false }),
            ("doctor --json --check", Request::Doctor { config: None, json: true, check: true }),
            ("backups --once", Request::Backups { config: None, output: None }),
            (
                "backups --config b.toml --output b.json",
                Request::Backups { config: Some("b.toml".into()), output: Some("b.json".into()) },
            ),
            ("drives", Request::Drives { how: Drives::AtTheSocket, smartctl: "smartctl".into() }),
            (
                "drives --once --smartctl /opt/smartctl",
                Request::Drives { how: Drives::Once, smartctl: "/opt/smartctl".into() },
            ),
            (
                "drives --explain sda.json",
                Request::Drives { how: Drives::Explain("sda.json".into()), smartctl: "smartctl".into() },
            ),
            ("simulate", fleet(5, 7000, 1, "127.0.0.1")),
            ("simulate --hosts 200 --base-port 20000 --seed 7 --listen ::1", fleet(200, 20000, 7, "::1")),
        ] {
            assert_eq!(parse_line(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told_with_the_next_step() {
        for (line, what, next) in [
            ("", "a command is missing", "`cm-agent --help` shows what it takes"),
            ("rum", "there is no command `rum`", "did you mean `cm-agent run`?"),
            ("xyzzy", "there is no command `xyzzy`", "`cm-agent --help` shows what it takes"),
            ("run --confg a", "there is no option `--confg`", "did you mean `--config`?"),
            ("run -x", "there is no option `-x`", "`cm-agent run --help` shows what it takes"),
            ("run --config", "`--config` needs a value: FILE", "`cm-agent run --help` shows what it takes"),
            ("run --json", "`--json` is no option of `run`", "`cm-agent run --help` shows what it takes"),
            ("--json run", "`--json` is no option of `run`", "`cm-agent run --help` shows what it takes"),
            ("run twice", "`twice` is one word too many", "`cm-agent run --help` shows what it takes"),
            (
                "simulate --hosts many",
                "`--hosts many`: it takes a whole number, 1 to 10000",
                "`cm-agent simulate --help` shows what it takes",
            ),
            (
                "simulate --base-port 65530",
                "5 hosts from port 65530 on do not fit: each takes 4, and 65535 is the last",
                "`cm-agent simulate --help` shows what it takes",
            ),
            (
                "run --log-level loud",
                "`--log-level loud`: it takes error, warn, info, debug, trace or off",
                "`cm-agent run --help` shows what it takes",
            ),
        ] {
            assert_eq!(parse_line(line), Err(Misunderstood { what: what.into(), next: next.into() }), "{line}");
        }
    }

    #[test]
    fn every_option_is_set_by_its_name_and_shown_in_help() {
        let everywhere = VERBS.iter().fold(help(None), |text, (_, verb, _)| text + &help(Some(*verb)));
        for (at, flag) in FLAGS.iter().enumerate() {
            assert!(everywhere.contains(&format!("--{}", flag.name)) && !flag.help.ends_with('.'), "{}", flag.name);
            assert!(FLAGS[..at].iter().all(|other| other.name != flag.name), "{} stands twice", flag.name);
        }
        assert!(everywhere.lines().all(|line| line.len() <= 100), "{everywhere}");
        for line in ["--help", "-h", "run --help", "--version", "-V"] {
            assert!(matches!(parse_line(line), Ok(Request::Print(_))), "{line}");
        }
    }
}
