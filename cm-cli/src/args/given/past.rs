//! The commands of the history, from their arguments to requests.

use cm_core::fault::Code;
use cm_core::series::retention::Resolution;
use cm_core::series::rollup::Step;

use super::Given;
use crate::args::list::FormatArg;
use crate::args::past::{
    BetweenArgs, FileArgs, HistoryArgs, HistoryCommand, PredictArgs, SamplesArgs, SamplesFormatArg, StepArg, TrendArgs,
};
use crate::args::record::RecordArgs;
use crate::complaint::Complaint;
use crate::request::{Act, Ask, Between, Care, Chart, Past, Readings, Samples, Trend};

pub(super) fn history(args: HistoryArgs, given: &mut Given) -> Result<Act, Complaint> {
    if let Some(act) = args.act {
        return Ok(care(act, given));
    }
    let says_form = args.form.format.is_some() || given.format.is_some();
    let fields = given.form(args.form);
    let chart = match (args.chart, says_form || !fields.is_empty()) {
        (true, _) => Chart::Always,
        (false, true) => Chart::Never,
        (false, false) => Chart::OnTerminal,
    };
    let between = between(args.between);
    let what = match (args.host, args.metric) {
        (Some(host), Some(metric)) => {
            let step = args.step.map(step);
            Ask::Readings(Readings { host, metric, subject: args.subject, between, step, chart })
        }
        (_, _) if between != Between::default() || args.step.is_some() || args.chart => {
            let what = "which host and which metric is not said";
            return Err(Complaint::new(Code::USAGE, what)
                .next("`cm-cli history` lists the hosts, `cm-cli history HOST` its metrics."));
        }
        (host, _) => Ask::Known { host },
    };
    Ok(Act::Past(Past { database: args.database.database, what, fields }))
}

fn record(record: RecordArgs, given: &mut Given) -> Act {
    given.who(record.who);
    given.place(record.place);
    given.demo |= record.demo;
    Act::Record { database: record.database }
}

fn care(act: HistoryCommand, given: &mut Given) -> Act {
    let mut file = |file: FileArgs| {
        given.json |= file.json.json;
        file.database.database
    };
    let (database, care) = match act {
        HistoryCommand::Record(args) => return record(args, given),
        HistoryCommand::Stats(args) => (file(args), Care::Stats),
        HistoryCommand::Check(args) => (file(args), Care::Check),
        HistoryCommand::Compact(args) => (file(args), Care::Compact),
        HistoryCommand::Backup { path, file: args } => (file(args), Care::Backup(path)),
        HistoryCommand::Salvage { from, to, json } => {
            given.json |= json.json;
            (None, Care::Salvage { from, to })
        }
    };
    Act::Past(Past { database, what: Ask::Care(care), fields: Vec::new() })
}

pub(super) fn trend(args: TrendArgs, given: &mut Given) -> Past {
    let fields = given.form(args.form);
    let between = between(args.between);
    let what = Ask::Trend(Trend { host: args.host, metric: args.metric, between });
    Past { database: args.database.database, what, fields }
}

pub(super) fn predict(args: PredictArgs, given: &mut Given) -> Past {
    let fields = given.form(args.form);
    let host = args.host.or(given.hosts.pop());
    Past { database: args.database.database, what: Ask::Predict { host }, fields }
}

pub(super) fn samples(args: SamplesArgs, given: &mut Given) -> Result<Past, Complaint> {
    if given.demo || given.replay.is_some() || !given.groups.is_empty() {
        let what = "--demo, --replay and --group mean something to the fleet as it is, not to what was recorded";
        return Err(Complaint::new(Code::USAGE, what).next("Name a file with --snapshot, or leave them out."));
    }
    given.format = args.format.map_or(given.format, |format| {
        Some(match format {
            SamplesFormatArg::Csv => FormatArg::Csv,
            SamplesFormatArg::Json => FormatArg::Json,
            SamplesFormatArg::Ndjson => FormatArg::Ndjson,
        })
    });
    if args.append && matches!(given.format, Some(FormatArg::Json)) {
        let what = "nothing can be put behind the end of one JSON document";
        return Err(Complaint::new(Code::USAGE, what).next("Take --format ndjson or csv with --append."));
    }
    let samples = Samples {
        between: between(args.between),
        hosts: std::mem::take(&mut given.hosts),
        metrics: args.metric,
        step: args.step.map_or(Resolution::Raw, step),
        output: args.output,
        append: args.append,
    };
    Ok(Past { database: args.database.database, what: Ask::Samples(samples), fields: Vec::new() })
}

const fn between(args: BetweenArgs) -> Between {
    Between { since: args.since, until: args.until }
}

const fn step(arg: StepArg) -> Resolution {
    match arg {
        StepArg::Raw => Resolution::Raw,
        StepArg::Minute => Resolution::Step(Step::Minute),
        StepArg::Hour => Resolution::Step(Step::Hour),
        StepArg::Day => Resolution::Step(Step::Day),
    }
}
