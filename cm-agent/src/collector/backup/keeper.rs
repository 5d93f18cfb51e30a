//! What is kept of one configured backup from one look to the next, and asking for it without ever waiting.
//!
//! A question is put at one look and its answer taken at a later one. What was learnt stands, with the moment at which it was
//! learnt, until a new answer comes; why none came is told beside it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, UNIX_EPOCH};

use cm_model::clock::{BootTime, Now, WallTime};
use cm_model::report::backup::{Job, Trouble};
use cm_model::unit::{Count, Seconds};

use super::fault::{Fault, said, shown_repository};
use super::lock::{self, Lock};
use super::options::{JobOptions, Tool};
use super::question::{self, Places, Question};
use super::state::{State, gibibytes};
use super::{borg, borgmatic, kopia, restic, status_file};
use crate::machine::Machine;
use crate::pattern::fits;
use crate::program::{Ended, How, Program, Running};

/// After sizes could not be had they are not asked for again so soon: what they cost did not fit.
const SIZES_AGAIN: Duration = Duration::from_hours(24);

/// How an answer is read.
type Read = fn(&[u8]) -> serde_json::Result<State>;
/// What a tool's exit code and words mean.
type Judge = fn(i32, &str) -> Trouble;

/// One configured backup.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) options: JobOptions,
    program: Option<Program>,
    hidden: Vec<(String, String)>,
    /// Why nothing could be learnt lately.
    fault: Option<Fault>,
    /// When something last could.
    asked: Option<WallTime>,
    /// When it is asked next; at once if it never was.
    due: Option<BootTime>,
    state: Option<State>,
    lock: Option<Lock>,
    asking: Option<(Question, Running)>,
    sizes_from: BootTime,
    file: File,
}

/// What is kept of a status file.
#[derive(Debug, Default)]
struct File {
    /// What changes whenever it is written.
    stamp: Option<(u64, u64, i64, i64)>,
    written: Option<WallTime>,
    jobs: Vec<Job>,
}

impl Keeper {
    /// A backup of which nothing is known yet. Its program is looked for and judged.
    pub(super) fn new(options: JobOptions) -> Self {
        let (program, fault) = match question::settle(&options) {
            Ok(program) => (program, None),
            Err(fault) => (None, Some(fault)),
        };
        let hidden = question::hidden(&options);
        Self {
            options,
            program,
            hidden,
            fault,
            asked: None,
            due: None,
            state: None,
            lock: None,
            asking: None,
            sizes_from: BootTime::default(),
            file: File::default(),
        }
    }

    /// The answer that is waited for.
    pub(super) fn asking(&self) -> Option<&Running> {
        self.asking.as_ref().map(|(_, running)| running)
    }

    /// Whether it was asked at least once, with whatever outcome.
    pub(super) const fn was_asked(&self) -> bool {
        self.due.is_some() && self.asking.is_none()
    }

    /// Takes the answer that has come, and asks if it is time to and `may_ask` allows a process more.
    pub(super) fn poll(&mut self, machine: &Machine, places: &Places, now: Now, may_ask: bool) {
        if self.options.tool == Tool::StatusFile {
            self.read_file(now);
            return;
        }
        if let Some((question, mut running)) = self.asking.take() {
            let Some(ended) = running.poll(now.mono) else {
                self.asking = Some((question, running));
                return;
            };
            // Of a further question that cannot be put, what was learnt before stands.
            if let Some(next) = self.take(&question, &ended, machine, now) {
                let _ = self.ask(next, places, now);
            }
        } else if may_ask && self.due.is_none_or(|due| now.boot >= due) {
            self.due = Some(now.boot.after(self.options.interval));
            if let Err(fault) = self.ask(Question::List, places, now) {
                self.fault = Some(fault);
            }
        }
    }

    fn ask(&mut self, question: Question, places: &Places, now: Now) -> Result<(), Fault> {
        if self.program.is_none() {
            self.program = question::settle(&self.options)?;
        }
        if let Some(program) = &self.program {
            let running = question::ask(&question, &self.options, program, places, now.mono)?;
            self.asking = Some((question, running));
        }
        Ok(())
    }

    /// Takes an answer; what is to be asked next, if anything is.
    fn take(&mut self, question: &Question, ended: &Ended, machine: &Machine, now: Now) -> Option<Question> {
        let well = matches!(ended.how, How::Exit(code) if is_well(self.options.tool, code));
        match question {
            Question::List => {
                match self.listed(ended, well) {
                    Ok(state) => self.learn(state, now.wall),
                    Err(fault) => {
                        self.fault = Some(fault);
                        return None;
                    }
                }
                self.fault = self.damage(ended);
                match self.options.tool {
                    Tool::Borg => {
                        self.lock = lock::of_borg(self.options.repository.as_deref().unwrap_or_default(), machine);
                        self.wants_sizes(now.boot).then_some(Question::Sizes)
                    }
                    Tool::Restic => Some(Question::Locks),
                    Tool::Borgmatic | Tool::Kopia | Tool::StatusFile => None,
                }
            }
            Question::Sizes => {
                let state = self.state.as_mut()?;
                if !well || borg::read_sizes(&ended.stdout, state).is_err() {
                    self.sizes_from = now.boot.after(SIZES_AGAIN);
                }
                None
            }
            Question::Locks => {
                let lock = restic::first_lock(&ended.stdout).filter(|_| well);
                if lock.is_none() {
                    self.lock = None;
                }
                lock.map(|id| Question::Lock(id.to_owned()))
            }
            Question::Lock(_) => {
                // One that has gone in between is no lock.
                self.lock = restic::read_lock(&ended.stdout).ok().filter(|_| well).map(|lock| {
                    let (host, pid) = lock.holder();
                    let gone = lock::is_gone(host, pid, machine);
                    let abandoned = lock.is_abandoned(now.wall) || gone == Some(true);
                    Lock { since: lock.since(), abandoned: Some(abandoned) }
                });
                None
            }
        }
    }

    fn listed(&self, ended: &Ended, well: bool) -> Result<State, Fault> {
        let (read, trouble): (Read, Judge) = match self.options.tool {
            Tool::Borg | Tool::StatusFile => (borg::read, borg::trouble),
            Tool::Restic => (restic::read, restic::trouble),
            Tool::Borgmatic => (borgmatic::read, borgmatic::trouble),
            Tool::Kopia => (kopia::read, kopia::trouble),
        };
        if !well {
            return Err(Fault::ended(ended, trouble, &self.hidden));
        }
        read(&ended.stdout).map_err(|error| {
            let (tool, line, column) = (self.options.tool.word(), error.line(), error.column());
            Fault::new(
                Trouble::Unreadable,
                format!("line {line}, column {column} of the answer is not what {tool} says"),
            )
        })
    }

    /// What a tool complained about although it ended well.
    fn damage(&self, ended: &Ended) -> Option<Fault> {
        let damaged = self.options.tool == Tool::Restic && restic::is_damaged(&ended.stderr);
        damaged.then(|| Fault::new(Trouble::Damaged, said(&ended.stderr, &self.hidden).unwrap_or_default()))
    }

    fn learn(&mut self, mut state: State, now: WallTime) {
        // Sizes come by a question of their own; those of archives that are still there stand.
        if let Some(before) = &self.state
            && self.options.tool == Tool::Borg
        {
            state.stored = before.stored;
            let known: Vec<_> =
                before.recent.iter().chain(before.newest.iter().map(|(archive, _)| archive)).cloned().collect();
            state.complete(&known);
        }
        self.state = Some(state);
        self.asked = Some(now);
    }

    fn wants_sizes(&self, now: BootTime) -> bool {
        let unknown = self.state.as_ref().and_then(State::last).is_some_and(|last| last.size.is_none());
        self.options.sizes && unknown && now >= self.sizes_from
    }

    fn read_file(&mut self, now: Now) {
        self.due = Some(now.boot);
        let Some(path) = &self.options.file else { return };
        let about = fs::metadata(path);
        let stamp = about.as_ref().ok().map(|about| (about.ino(), about.len(), about.mtime(), about.mtime_nsec()));
        if stamp.is_some() && stamp == self.file.stamp && self.fault.is_none() {
            return;
        }
        match status_file::load(path) {
            Ok(jobs) => {
                let written = about.ok().and_then(|about| about.modified().ok()?.duration_since(UNIX_EPOCH).ok());
                let written = written.map(|since| WallTime::from_millis(i64::try_from(since.as_millis()).unwrap_or(0)));
                self.file = File { stamp, written, jobs };
                self.fault = None;
            }
            Err(fault) => self.fault = Some(fault),
        }
    }

    /// What is told of it.
    pub(super) fn told(&self) -> Vec<Job> {
        let mut jobs = match self.options.tool {
            Tool::StatusFile => self.of_file(),
            _ => vec![self.of_tool()],
        };
        for job in &mut jobs {
            let span = |span: Duration| Seconds::saturating(span.as_secs_f64());
            job.every_s = self.options.every.map(span).or(job.every_s);
            job.check_every_s = self.options.check_every.map(span).or(job.check_every_s);
            job.sources
                .retain(|source| !self.options.ignore_sources.iter().any(|pattern| fits(pattern, source.name.raw())));
            if let Some(Fault { trouble, said }) = &self.fault {
                job.trouble = Some(*trouble);
                job.message = Some(said.as_str().into());
            }
        }
        jobs
    }

    fn of_file(&self) -> Vec<Job> {
        let name = &self.options.name;
        if self.file.jobs.is_empty() {
            let trouble = self.fault.is_none().then_some(Trouble::NotYet);
            return vec![Job { name: name.as_str().into(), trouble, ..Job::default() }];
        }
        let several = self.file.jobs.len() > 1;
        let told = |job: &Job| {
            let mut job = job.clone();
            if job.name.is_empty() || !several {
                job.name = name.as_str().into();
            }
            job.asked_at = job.asked_at.or(self.file.written);
            job
        };
        self.file.jobs.iter().map(told).collect()
    }

    fn of_tool(&self) -> Job {
        let options = &self.options;
        let mut job = Job {
            name: options.name.as_str().into(),
            tool: Some(options.tool.word().into()),
            repository: options.repository.as_deref().map(|repository| shown_repository(repository).into()),
            trouble: (self.asked.is_none() && self.fault.is_none()).then_some(Trouble::NotYet),
            asked_at: self.asked,
            locked_since: self.lock.map(|lock| lock.since),
            lock_abandoned: self.lock.and_then(|lock| lock.abandoned),
            ..Job::default()
        };
        // Whoever holds a lock and is there works on the repository; where a unit is known, it tells better.
        if options.unit.is_none() && job.lock_abandoned == Some(false) {
            job.running_since = job.locked_since;
        }
        let Some(state) = &self.state else { return job };
        job.archive_count = Some(Count(state.count));
        job.sources = state.sources();
        job.history = state.history();
        job.stored_gb = state.stored.map(gibibytes);
        let Some(last) = state.last() else { return job };
        job.last_success = Some(last.ended());
        job.duration_s = last.duration();
        job.size_gb = last.size.map(gibibytes);
        job.usual_size_gb = state.usual_size().map(gibibytes);
        job
    }
}

/// Whether a tool's exit code says that it answered. Borg's warnings are answers.
fn is_well(tool: Tool, code: i32) -> bool {
    match tool {
        Tool::Borg | Tool::Borgmatic => matches!(code, 0 | 1 | 100..=127),
        Tool::Restic | Tool::Kopia | Tool::StatusFile => code == 0,
    }
}
