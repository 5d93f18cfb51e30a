//! From the arguments as they were given, before the command and behind it, to a request in plain types.

mod audit;
mod past;

use std::path::PathBuf;
use std::time::Duration;

use cm_core::fault::Code;

use super::list::{
    AboutArgs, Cli, ColourArg, Command, CommonArgs, ConfigCommand, FormArgs, FormatArg, InsteadArgs, LevelArg,
    LookArgs, PlaceArg, WhoArgs,
};
use super::rules::RulesCommand;
use super::{help, takes};
use crate::complaint::Complaint;
use crate::request::{Act, Colour, ConfigAct, Format, From, Level, Output, Request, RulesAct, Show, Watch, What};

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

    fn form(&mut self, form: FormArgs) -> Vec<String> {
        self.format = form.format.or(self.format);
        self.json |= form.json.json;
        self.fields.extend(form.fields);
        std::mem::take(&mut self.fields)
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

pub(super) fn request(cli: Cli) -> Result<Request, Complaint> {
    let mut given = Given::default();
    given.look(cli.list.look);
    let act = match cli.command {
        None => Act::Show(Show {
            what: What::Status,
            problems: cli.list.problems,
            check: given.check,
            every: given.watch.map(Duration::from_secs),
            fields: std::mem::take(&mut given.fields),
        }),
        Some(command) => act(command, cli.list.problems, &mut given)?,
    };
    let output = output(&cli.common, &given)?;
    takes::fits(&act, output.format)?;
    Ok(Request { act, watch: watch(given)?, output })
}

fn act(command: Command, problems: bool, given: &mut Given) -> Result<Act, Complaint> {
    Ok(match command {
        Command::Status(list) => given.show(What::Status, list.look, problems | list.problems),
        Command::Hosts(list) => given.show(What::Hosts, list.look, problems | list.problems),
        Command::Drives(list) => given.show(What::Drives, list.look, problems | list.problems),
        Command::Services(list) => given.show(What::Services, list.look, problems | list.problems),
        Command::Backups(list) => given.show(What::Backups, list.look, problems | list.problems),
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
        Command::History(history) => past::history(history, given)?,
        Command::Trend(trend) => Act::Past(past::trend(trend, given)),
        Command::Predict(predict) => Act::Past(past::predict(predict, given)),
        Command::Audit { act } => audit::act(act, given),
        Command::Rules { act } => Act::Rules(rules_act(act, given)),
        Command::Export { samples, snapshot, who, place, instead } => {
            given.who(who);
            given.place(place);
            given.instead(instead);
            match snapshot.snapshot {
                Some(file) => Act::Export { file, rename: snapshot.rename_hosts },
                None => Act::Past(past::samples(samples, given)?),
            }
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

fn rules_act(act: RulesCommand, given: &mut Given) -> RulesAct {
    match act {
        RulesCommand::List(about) => {
            given.about(about);
            RulesAct::List
        }
        RulesCommand::Check { files, about } => {
            given.about(about);
            RulesAct::Check { files }
        }
        RulesCommand::Test { condition, who, place, instead, json } => {
            given.who(who);
            given.place(place);
            given.instead(instead);
            given.json |= json.json;
            RulesAct::Test { condition }
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

fn output(common: &CommonArgs, given: &Given) -> Result<Output, Complaint> {
    let format = match given.format {
        None if given.json => Format::Json,
        None | Some(FormatArg::Table) => Format::Table,
        Some(FormatArg::Json) => Format::Json,
        Some(FormatArg::Csv) => Format::Csv,
        Some(FormatArg::Ndjson) => Format::Ndjson,
        Some(FormatArg::Prometheus) => Format::Prometheus,
        Some(FormatArg::Oneline) => Format::Oneline,
    };
    if given.json && format != Format::Json {
        let what = format!("--json and --format {} each say how to print", format.word());
        return Err(Complaint::new(Code::USAGE, what).next("Leave one of them out."));
    }
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
    Ok(Output { format, colour, ascii: common.ascii, quiet: common.quiet, log })
}
