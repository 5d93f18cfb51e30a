//! The loop: readings, keys, signals and the passing of time come in, [`update`](crate::update) makes of them what it
//! makes, and a picture goes out when something has changed: at once where a key was pressed, and 60 times a second at most.
//! One thread; whatever is waited for is waited for here.

mod pace;
mod signals;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use cm_core::clock::{Clock, Now, SystemClock};
use cm_core::config::dashboard::Theme as Choice;
use cm_core::engine::Recorder;
use cm_core::observation::Observation;
use cm_core::source::Observations;
use futures_util::{FutureExt, StreamExt};
use tokio::process::Child;
use tokio::time::{Instant, sleep_until};

use self::pace::{Pace, Wish};
use self::signals::{Signals, Told};
use crate::state::State;
use crate::term::input::{Reader, Typed};
use crate::term::{Heard, NoTerminal, Term};
use crate::update::{Effect, Event, settle, take_in, update};
use crate::view::{next_change, view};
use crate::{external, history, preferences, record};

/// An escape that is followed by nothing for so long was a key.
const ESCAPE: Duration = Duration::from_millis(30);

/// The most readings that are taken in before anything else is looked at.
const MOST_AT_ONCE: usize = 256;

/// What the loop needs beside the state.
pub(crate) struct Outside {
    /// Begins to ask at an interval.
    pub(crate) begin: Box<dyn FnMut(Duration) -> Observations>,
    /// Where time stands still, when it does.
    pub(crate) stands: Option<Now>,
    /// The folder for what is kept, where there is one.
    pub(crate) folder: Option<PathBuf>,
    /// What programs of the owner say.
    pub(crate) externals: external::Runs,
    /// Who records what is seen, if anybody does.
    pub(crate) recorder: Option<Recorder>,
    /// Where the stored history is asked.
    pub(crate) history: history::desk::Desk,
    /// Whether the terminal is tmux.
    pub(crate) in_tmux: bool,
    /// Whether the terminal is asked for its background where that decides.
    pub(crate) asks_background: bool,
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outside").field("stands", &self.stands).field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The user quit.
    Quit,
    /// A signal of this number ended it.
    Signal(i32),
    /// The terminal is gone.
    Gone,
}

/// The loop's own state.
struct App<'a> {
    state: &'a mut State,
    term: &'a mut Term,
    outside: Outside,
    source: Option<Observations>,
    reader: Reader,
    /// Since when an escape is in doubt.
    doubt: Option<Instant>,
    pace: Pace,
    /// Readings were taken in that the screen is not in line with yet.
    is_unsettled: bool,
    /// The program that has the terminal.
    away: Option<Child>,
    ending: Option<Ending>,
}

/// Runs until it ends. The terminal is given back whatever happens.
pub(crate) async fn run(state: &mut State, term: &mut Term, mut outside: Outside) -> Result<Ending, NoTerminal> {
    let mut signals = Signals::new().map_err(|source| NoTerminal::Unwilling { source })?;
    term.enter(!state.preferences.no_mouse)?;
    let asks_background = outside.asks_background && state.theme() == Choice::Auto;
    let interval = state.interval();
    let stands = outside.stands;
    let source = Some((outside.begin)(interval));
    let mut app = App {
        state,
        term,
        outside,
        source,
        reader: Reader::default(),
        doubt: None,
        pace: Pace::new(),
        is_unsettled: false,
        away: None,
        ending: None,
    };
    app.tell(Event::Tick);
    app.draw();
    if asks_background {
        app.term.ask_background();
    }
    let mut bytes = [0; 4096];
    loop {
        if let Some(ending) = app.ending {
            app.term.leave();
            return Ok(ending);
        }
        let now = Instant::now();
        let can_draw = app.away.is_none() && app.term.is_ready();
        let frame = app.pace.due(now).filter(|_| can_draw);
        if frame.is_some_and(|frame| frame <= now) {
            app.draw();
            continue;
        }
        let tick = next_change(app.state, stands.unwrap_or_else(|| SystemClock.now())).map(|wait| now + wait);
        let alarm = [tick, frame, app.doubt.map(|since| since + ESCAPE)].into_iter().flatten().min();
        let has_terminal = app.away.is_none();
        let is_ready = app.term.is_ready();
        tokio::select! {
            heard = app.term.read(&mut bytes), if has_terminal => match heard {
                Heard::Bytes(read) => app.typed(&bytes[..read], read < bytes.len()),
                Heard::Gone => app.ending = Some(Ending::Gone),
            },
            told = signals.next() => app.signal(&told),
            Some((place, told)) = app.outside.externals.next() => app.tell(Event::External(place, Box::new(told))),
            notice = record::notice(&mut app.outside.recorder) => app.tell(Event::Recorded(Box::new(notice))),
            told = app.outside.history.next() => app.tell(Event::Stored(Box::new(told))),
            next = next_of(&mut app.source), if app.source.is_some() => app.observed(next),
            () = app.term.writable(), if has_terminal && !is_ready => app.term.flush(),
            ended = ended(&mut app.away), if app.away.is_some() => app.returned(&ended),
            () = sleep_until(alarm.unwrap_or(now)), if alarm.is_some() => app.alarm(tick),
        }
    }
}

async fn next_of(source: &mut Option<Observations>) -> Option<Observation> {
    match source {
        Some(source) => source.next().await,
        None => std::future::pending().await,
    }
}

async fn ended(away: &mut Option<Child>) -> std::io::Result<std::process::ExitStatus> {
    match away {
        Some(child) => child.wait().await,
        None => std::future::pending().await,
    }
}

impl App<'_> {
    fn now(&self) -> Now {
        self.outside.stands.unwrap_or_else(|| SystemClock.now())
    }

    fn settle(&mut self) {
        if std::mem::take(&mut self.is_unsettled) {
            settle(self.state);
        }
    }

    fn take_in(&mut self, observation: Observation) {
        let now = self.now();
        if let Some(recorder) = &self.outside.recorder {
            recorder.observe(observation.clone());
        }
        take_in(self.state, observation, now);
        self.is_unsettled = true;
        // Until each host has been heard somebody is waiting for readings.
        self.pace.want(if self.state.live.fleet.is_complete() { Wish::Readings } else { Wish::Soon });
    }

    fn tell(&mut self, event: Event) {
        self.settle();
        let now = self.now();
        self.pace.want(match event {
            Event::Tick | Event::External(..) | Event::Stored(_) | Event::Recorded(_) | Event::Observed(_) => {
                Wish::Soon
            }
            _ => Wish::AtOnce,
        });
        for effect in update(self.state, event, now) {
            self.take(effect);
        }
    }

    fn draw(&mut self) {
        self.settle();
        let (state, size) = (&*self.state, self.state.size);
        self.term.draw(size, |cells| view(state, cells));
        self.pace.drew(Instant::now());
    }

    fn typed(&mut self, bytes: &[u8], is_all: bool) {
        let mut typed = self.reader.feed(bytes);
        if is_all {
            typed.extend(self.reader.pause());
        }
        self.doubt = self.reader.is_in_doubt().then(Instant::now);
        for typed in typed {
            self.meant(typed);
        }
    }

    fn meant(&mut self, typed: Typed) {
        self.tell(match typed {
            Typed::Key(press) => Event::Key(press),
            Typed::Paste(text) => Event::Paste(text),
            Typed::Mouse(mouse) => Event::Mouse(mouse),
            Typed::Background(theme) if self.outside.asks_background => Event::Background(theme),
            Typed::Background(_) => return,
        });
    }

    fn observed(&mut self, next: Option<Observation>) {
        let mut next = next;
        for _ in 0..MOST_AT_ONCE {
            let Some(observation) = next else {
                self.source = None;
                return;
            };
            self.take_in(observation);
            // What has come already belongs on the same picture.
            match self.source.as_mut().and_then(|source| source.next().now_or_never()) {
                Some(more) => next = more,
                None => return,
            }
        }
        if let Some(observation) = next {
            self.take_in(observation);
        }
    }

    fn alarm(&mut self, tick: Option<Instant>) {
        let now = Instant::now();
        if self.doubt.is_some_and(|since| since + ESCAPE <= now) {
            self.doubt = None;
            if let Some(typed) = self.reader.settle() {
                self.meant(typed);
            }
        }
        if tick.is_some_and(|tick| tick <= now) {
            self.tell(Event::Tick);
        }
    }

    fn signal(&mut self, told: &Told) {
        match told {
            Told::End(number) => self.ending = Some(Ending::Signal(*number)),
            Told::Stop => self.take(Effect::Suspend),
            // Somebody may have stopped us without asking, and the shell has set its own modes since.
            Told::GoOn if self.away.is_none() => self.take_terminal(None),
            Told::GoOn => {}
            Told::Resize => {
                let size = self.term.size();
                self.term.forget();
                self.tell(Event::Resize(size));
            }
        }
    }

    fn take(&mut self, effect: Effect) {
        match effect {
            Effect::Quit => self.ending = Some(Ending::Quit),
            Effect::Suspend => self.suspend(),
            Effect::Copy(text) => self.term.copy(&text, self.outside.in_tmux),
            Effect::HandOver(command) => self.hand_over(&command),
            Effect::Save => self.save(),
            Effect::Refresh => self.source = Some((self.outside.begin)(self.state.interval())),
            Effect::Mouse(on) => self.term.set_mouse(on),
            Effect::AskBackground if self.outside.asks_background => self.term.ask_background(),
            Effect::AskBackground => {}
            Effect::Redraw => self.term.forget(),
            Effect::Look(ask) => self.outside.history.ask(ask, self.now().wall),
        }
    }

    /// Stops this process as the shell expects it of a job, and goes on when the shell says so.
    fn suspend(&mut self) {
        if self.away.is_some() {
            return;
        }
        self.term.leave();
        let stopped = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
        // Here time has passed.
        let told = stopped.err().map(|error| format!("could not stop: {error}"));
        self.take_terminal(told);
    }

    fn take_terminal(&mut self, told: Option<String>) {
        match self.term.enter(!self.state.preferences.no_mouse) {
            Ok(()) => {
                let size = self.term.size();
                self.tell(Event::Resize(size));
                self.tell(Event::Returned(told));
                self.tell(Event::Tick);
            }
            Err(_) => self.ending = Some(Ending::Gone),
        }
    }

    fn hand_over(&mut self, command: &[OsString]) {
        let Some((program, arguments)) = command.split_first() else { return };
        self.term.leave();
        match tokio::process::Command::new(program).args(arguments).spawn() {
            Ok(child) => self.away = Some(child),
            Err(error) => self.take_terminal(Some(format!("{} did not start: {error}", program.display()))),
        }
    }

    fn returned(&mut self, ended: &std::io::Result<std::process::ExitStatus>) {
        self.away = None;
        let told = match ended {
            Ok(status) if status.success() => None,
            Ok(status) => Some(format!("it ended with {status}")),
            Err(error) => Some(format!("how it ended is not known: {error}")),
        };
        self.take_terminal(told);
    }

    fn save(&mut self) {
        let Some(folder) = &self.outside.folder else { return };
        if let Err(error) = preferences::file::write(folder, &self.state.preferences) {
            let path = folder.display();
            self.tell(Event::Failed(format!("what you chose could not be kept in {path}: {error}")));
        }
    }
}
