//! `watch`, the service: hosts are asked, what they tell is recorded and judged while this program holds the lease, and
//! messages go out, until a signal comes.
//!
//! A service manager is told when it is ready and what it is at; its watchdog is fed by rounds that ended while hosts were
//! asked, so that a file or a source that hangs feeds nobody. How it is judged stands in `cm_core::engine`.

use std::io::{self, Write};
use std::pin::pin;
use std::time::Duration;

use cm_agent::notify::Notify as Manager;
use cm_core::clock::{Clock, MonoTime, SystemClock, WallTime};
use cm_core::engine::{Heard, News, Notice, Progress, Recorder};
use cm_core::fault::Code;
use cm_core::source::Rounds;
use cm_core::text::terminal;
use cm_core::wording::plural;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::Receiver;

use crate::channel::desktop::Pressed;
use crate::exit::{Complaint, Exit};
use crate::post::{Post, Sent};
use crate::press;
use crate::site::Site;

/// After this long without an answer or a failure of any host, beside its interval, asking has come to a stand.
const STANDSTILL: Duration = Duration::from_secs(30);

/// What the service is given.
pub struct Service<'s> {
    /// What is watched.
    pub site: Site,
    /// The channels.
    pub post: &'s Post<'s>,
    /// What buttons say.
    pub pressed: Receiver<Pressed>,
    /// The service manager.
    pub manager: Manager,
    /// A moment in local time.
    pub local: &'s dyn Fn(WallTime) -> String,
    /// Where it is said what happens.
    pub err: &'s mut dyn Write,
}

impl std::fmt::Debug for Service<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").field("site", &self.site).finish_non_exhaustive()
    }
}

impl Service<'_> {
    /// Watches until a signal comes, and ends well: what waits is stored, answers to what was sent are waited for, for some
    /// seconds at most.
    pub async fn run(mut self, end: impl Future<Output = ()>) -> Result<Exit, Complaint> {
        for problem in &self.site.problems {
            writeln!(self.err, "{problem}")?;
        }
        self.post.prepare();
        let (path, boot) = (self.site.options.path.clone(), self.site.options.holder.boot.clone());
        let hosts = plural(self.site.options.members.len(), "host");
        let channels = self.site.notify.contacts.len();
        let interval = self.site.interval;
        let line = format!(
            "asking {hosts} every {} s, into {}; {} told",
            interval.as_secs(),
            path.display(),
            plural(channels, "channel")
        );
        self.say(&line)?;
        let mut recorder = Recorder::start(self.site.options.clone(), SystemClock).map_err(|error| refused(&error))?;
        let mut source = self.site.gathered.begin(Rounds::Every(interval), SystemClock).fuse();
        let mut sends = FuturesUnordered::new();
        let (mut end, mut is_ending) = (pin!(end), false);
        let mut asked = SystemClock.now().mono;
        loop {
            tokio::select! {
                () = &mut end, if !is_ending => {
                    is_ending = true;
                    self.manager.stopping();
                    recorder.finish();
                }
                heard = recorder.heard() => match heard {
                    None => break,
                    Some(Heard::Message(sending)) => sends.push(self.post.send(*sending)),
                    Some(Heard::Notice(notice)) => self.notice(&notice)?,
                    Some(Heard::Beat(progress)) => self.beat(&progress, asked, is_ending),
                },
                Some(sent) = sends.next() => {
                    self.sent(&sent)?;
                    recorder.answered(sent.number, sent.answer);
                }
                Some(observation) = source.next(), if !is_ending => {
                    asked = SystemClock.now().mono;
                    recorder.observe(observation);
                }
                Some(pressed) = self.pressed.recv() => {
                    if let Err(error) = press::ask(pressed, &path, &boot, SystemClock.now()) {
                        self.say(&format!("error[{}]: {} was not done: {error}", error.code(), pressed.act.label()))?;
                    }
                }
            }
        }
        self.say("ended")?;
        Ok(Exit::Well)
    }

    /// Feeds the watchdog, unless asking has come to a stand.
    fn beat(&self, progress: &Progress, asked: MonoTime, is_ending: bool) {
        let now = SystemClock.now().mono;
        if is_ending || now.since(asked) > self.site.interval * 2 + STANDSTILL {
            return;
        }
        self.manager.progress(now, &status(progress));
    }

    fn sent(&mut self, sent: &Sent) -> io::Result<()> {
        match &sent.trouble {
            None => self.say(&format!("{} was told", sent.channel.as_str())),
            Some((code, why, _)) => self.say(&format!("error[{code}]: {why}")),
        }
    }

    fn notice(&mut self, notice: &Notice) -> io::Result<()> {
        match (notice.code(), &notice.what) {
            (Some(code), _) => self.say(&format!("error[{code}]: {notice}")),
            (None, News::Follows { .. } | News::Records | News::Over { .. }) => self.say(&notice.to_string()),
            (None, _) => Ok(()),
        }
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        let at = (self.local)(SystemClock.now().wall);
        writeln!(self.err, "{at} {}", terminal::line(text))?;
        self.err.flush()
    }
}

/// How it stands, in a line for `systemctl status`.
fn status(progress: &Progress) -> String {
    match &progress.follows {
        Some(by) => format!("{by} records and judges; this program takes over when that ends"),
        None if progress.rounds == 0 => "nothing was judged yet".to_owned(),
        None => {
            let waiting = plural(progress.waiting, "message");
            format!("{} firing, {waiting} waiting", plural(progress.firing, "incident"))
        }
    }
}

/// Why it cannot run.
pub(crate) fn refused(error: &io::Error) -> Complaint {
    let what = format!("the machine refuses what is needed to watch: {error}");
    Complaint::new(Code::INNER_FAULT, what, Exit::Inner)
}

/// The signals that end a service.
#[derive(Debug)]
pub struct Signals([Signal; 3]);

impl Signals {
    /// Takes them over. It must be called inside a tokio runtime with I/O.
    pub fn new() -> io::Result<Self> {
        let [interrupt, terminate, hang_up] = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        Ok(Self([signal(interrupt)?, signal(terminate)?, signal(hang_up)?]))
    }

    /// Waits for one of them.
    pub async fn next(&mut self) {
        let Self([interrupt, terminate, hang_up]) = self;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
}
