//! `history record`: hosts are asked at the configured interval, and what they tell goes into the history until somebody
//! ends it. What happens stands on stderr. How it is stored is known below, in `cm_core::engine`.

use std::path::Path;
use std::time::Duration;

use cm_agent::{Machine, WatchOptions};
use cm_core::config::judging::{Judge, judging};
use cm_core::config::{self, Config, Loaded, Problems, rule_files, rule_folder};
use cm_core::engine::{Judging, News, Notice, Options, Recorder, Tally};
use cm_core::fault::Code;
use cm_core::fleet::Freshness;
use cm_core::host::HostId;
use cm_core::incident::Zone;
use cm_core::source::{Observations, Rounds};
use cm_core::store::Holder;
use cm_core::text::terminal;
use cm_core::wording::plural;
use futures_util::StreamExt;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::complaint::Complaint;
use crate::exit::Exit;
use crate::gather::{self, Opened, configured};
use crate::history::open;
use crate::paint::Meaning;
use crate::request::{From, Level, Output, Request};
use crate::run::Stop;
use crate::surroundings::{CLOCK, Surroundings};

/// How often the figures go into the log.
const LOG_EVERY: Duration = Duration::from_mins(1);

/// Records until a signal comes.
///
/// # Errors
/// A configuration that cannot be used, nobody to ask, no place for the file. A file that cannot be used is told, and
/// tried again.
pub async fn run(
    database: Option<&Path>,
    request: &Request,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Stop> {
    let loaded = match &request.watch.from {
        From::Configured | From::Path(_) => {
            configured::load(&request.watch, surroundings).map_err(Complaint::of_problems)?
        }
        From::Demo if database.is_some() => Loaded { config: Config::local_only(), ..Loaded::default() },
        From::Demo | From::Replay(_) => {
            let what = "a made-up fleet or a snapshot is not put among what was measured";
            return Err(Complaint::new(Code::USAGE, what)
                .next("Leave it out; --demo with --database is allowed.")
                .into());
        }
    };
    let config = &loaded.config;
    let path = open::file(database, config, surroundings)?;
    let (Opened { mut gathered, is_this_machine }, interval) = gather::open(&request.watch, surroundings)?;
    let mut signals = Signals::new().map_err(|error| refused(&error))?;
    let members = gathered.members.clone();
    let hosts = if is_this_machine { "this machine".to_owned() } else { plural(members.len(), "host") };
    let holder = holder()?;
    let watcher = WatchOptions::own_name(&Machine::itself());
    let (judging, problems) = judge(&loaded, watcher.clone(), holder.boot.clone(), surroundings);
    let options = Options {
        path: path.clone(),
        holder,
        watcher,
        members,
        freshness: Freshness::for_interval(interval),
        policy: config.dashboard.retention(),
        judging: Some(judging),
    };
    let mut recorder = Recorder::start(options, CLOCK).map_err(|error| refused(&error))?;
    let mut voice = Voice { output: request.output, surroundings };
    for problem in &problems {
        voice.line(&problem.to_string(), Meaning::Bad)?;
    }
    voice.remark(&format!("asking {hosts} every {} s, into {}", interval.as_secs(), path.display()))?;
    let source = gathered.begin(Rounds::Every(interval), CLOCK);
    listen(source, &mut recorder, &mut signals, &mut voice).await?;
    // What was told between the signal and now still counts.
    while let Some(notice) = recorder.notice_now() {
        voice.notice(&notice)?;
    }
    voice.end(recorder.stop())?;
    Ok(Exit::Well)
}

/// What is judged while it records. It sends nothing: that is for a program with channels.
fn judge(loaded: &Loaded, watcher: HostId, start: String, surroundings: &Surroundings<'_>) -> (Judging, Problems) {
    let around = config::Surroundings::new(surroundings.variables, surroundings.user);
    let folder = rule_folder(loaded, &around);
    let (files, mut problems) = folder.map(|folder| rule_files(&folder, surroundings.user)).unwrap_or_default();
    let judge = Judge {
        watcher,
        start,
        tells: false,
        seed: u64::from(std::process::id()),
        zone: Zone::system(),
        ahead_s: (surroundings.ahead_s)(surroundings.clock.now().wall),
    };
    let (judging, more) = judging(&loaded.config, &files, judge);
    more.iter().for_each(|problem| problems.push(problem.clone()));
    problems.sort();
    (judging, problems)
}

async fn listen(
    source: Observations,
    recorder: &mut Recorder,
    signals: &mut Signals,
    voice: &mut Voice<'_, '_>,
) -> Result<(), Stop> {
    let mut source = source.fuse();
    let mut log = interval_at(Instant::now() + LOG_EVERY, LOG_EVERY);
    log.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = signals.next() => return Ok(()),
            Some(notice) = recorder.notice() => voice.notice(&notice)?,
            Some(observation) = source.next() => recorder.observe(observation),
            _ = log.tick() => voice.log(recorder.tally()),
        }
    }
}

fn holder() -> Result<Holder, Complaint> {
    let boot = Machine::itself().line("/proc/sys/kernel/random/boot_id").ok_or_else(|| {
        let what = "the machine does not tell which start of it this is (/proc/sys/kernel/random/boot_id)";
        Complaint::new(Code::MACHINE_UNREADABLE, what).next("Mount /proc; without it two recorders could not agree.")
    })?;
    Ok(Holder { name: format!("cm-cli history record (process {})", std::process::id()), boot })
}

fn refused(error: &std::io::Error) -> Complaint {
    Complaint::new(Code::INNER_FAULT, format!("the machine refuses what is needed to record: {error}"))
}

/// The signals that end it.
struct Signals([Signal; 3]);

impl Signals {
    fn new() -> std::io::Result<Self> {
        let [interrupt, terminate, hang_up] = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        Ok(Self([signal(interrupt)?, signal(terminate)?, signal(hang_up)?]))
    }

    async fn next(&mut self) {
        let Self([interrupt, terminate, hang_up]) = self;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
}

/// What is said on stderr.
struct Voice<'v, 's> {
    output: Output,
    surroundings: &'v mut Surroundings<'s>,
}

impl Voice<'_, '_> {
    fn line(&mut self, text: &str, meaning: Meaning) -> Result<(), Stop> {
        let paint = self.surroundings.err_paint(self.output);
        let at = self.surroundings.local(self.surroundings.clock.now().wall, "%Y-%m-%d %H:%M:%S");
        writeln!(self.surroundings.err, "{at} {}", paint.dress(&paint.spell(&terminal::line(text)), meaning))?;
        Ok(())
    }

    /// What is worth knowing where nobody asked for quiet.
    fn remark(&mut self, text: &str) -> Result<(), Stop> {
        if self.output.quiet { Ok(()) } else { self.line(text, Meaning::Plain) }
    }

    fn notice(&mut self, notice: &Notice) -> Result<(), Stop> {
        match (&notice.what, notice.code()) {
            (_, Some(code)) => self.line(&format!("error[{code}]: {notice}"), Meaning::Bad),
            (News::Over { .. }, None) => self.line(&notice.to_string(), Meaning::Plain),
            (_, None) => self.remark(&notice.to_string()),
        }
    }

    fn log(&mut self, tally: Tally) {
        let Some(level) = self.output.log else { return };
        if level < Level::Info {
            return;
        }
        let Tally { stored, commits, waiting, dropped, clock_steps, unreadable, .. } = tally;
        let size = tally.file_bytes.unwrap_or(0);
        // A log that cannot be written is no reason to stop.
        let _ = writeln!(
            self.surroundings.err,
            "level=info what=recorded stored={stored} commits={commits} waiting={waiting} dropped={dropped} clock_steps={clock_steps} unreadable={unreadable} file_bytes={size}"
        );
    }

    fn end(&mut self, tally: Tally) -> Result<(), Stop> {
        let Tally { stored, commits, waiting, dropped, .. } = tally;
        self.remark(&format!("ended: {} stored in {}", samples(stored), commits_of(commits)))?;
        if waiting + dropped > 0 {
            self.line(&format!("{} not stored", samples(waiting + dropped)), Meaning::Bad)?;
        }
        Ok(())
    }
}

fn samples(number: u64) -> String {
    plural(usize::try_from(number).unwrap_or(usize::MAX), "sample")
}

fn commits_of(number: u64) -> String {
    plural(usize::try_from(number).unwrap_or(usize::MAX), "commit")
}
