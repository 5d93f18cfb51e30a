//! The program from its arguments to its exit code.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cm_core::clock::{Clock, SystemClock};
use cm_core::config::dashboard::Theme as Choice;
use cm_core::config::{self, KeyBinding, Places};
use cm_core::engine::Recorder;
use cm_core::fault::Code;
use cm_core::fleet::{Fleet, Freshness};
use cm_core::series::retention::Policy;
use cm_core::text::terminal;
use cm_core::wording::Glyphs;
use futures_util::StreamExt;

use crate::app::{self, Ending, Outside};
use crate::args::{Form, Request};
use crate::external::{self, External};
use crate::gather::{self, GatherError, Gathered, SourceKind};
use crate::history::desk::Desk;
use crate::history::place::{self, Named};
use crate::history::{History, Source};
use crate::in_force::InForce;
use crate::keymap::{KeyFault, KeyMap};
use crate::preferences::{self, PassedOver};
use crate::screen::{Screen, host::HostPage};
use crate::state::{Facts, Origin, Set, Size, State};
use crate::surroundings::{self, Surroundings};
use crate::term::{NoTerminal, Saved, Term};
use crate::theme::Look;
use crate::update::{Event, update};
use crate::{journal, linear, record};

/// Exit codes from 64 up are of usage, configuration and inner faults.
const USAGE: u8 = 64;
const CONFIGURATION: u8 = 78;
const NO_TERMINAL: u8 = 69;

/// A fault of this program itself.
const INNER: u8 = 70;

/// Runs the program in this process's surroundings.
pub fn program() -> ExitCode {
    program_over(|gathered| gathered)
}

/// Runs it over what was gathered, as `change` leaves that.
pub(crate) fn program_over(change: impl FnOnce(Gathered) -> Gathered) -> ExitCode {
    let request = match Request::read(std::env::args_os()) {
        Ok(request) => request,
        Err(error) => {
            let is_mistake = error.use_stderr();
            // Where even that cannot be printed, the exit code tells.
            let _ = error.print();
            return if is_mistake { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let variables = |name: &str| std::env::var_os(name);
    let around = Surroundings { variables: &variables, user: rustix::process::geteuid().as_raw() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("error: no runtime: {error}"), USAGE),
    };
    runtime.block_on(async {
        let gathered = match gather::gather(&request.from, &request.hosts, around) {
            Ok(gathered) => change(gathered),
            Err(error) => return complain_of(&error),
        };
        let (state, outside) = match set_up(&request, gathered, around) {
            Ok(ready) => ready,
            Err(told) => return complain(&told, CONFIGURATION),
        };
        let is_plain = request.form == Form::Lines || around.is_dumb() || !std::io::stdout().is_terminal();
        if is_plain { in_lines(state, outside).await } else { on_screen(state, outside).await }
    })
}

/// Everything that the loop needs; what is wrong with the keys where they can't be used.
fn set_up(request: &Request, gathered: Gathered, around: Surroundings<'_>) -> Result<(State, Outside), String> {
    let Gathered { members, config, settings, kind, stands, begin } = gathered;
    let surroundings = config::Surroundings::new(around.variables, around.user);
    let (places, home) = (Places::of(&surroundings), surroundings.home());
    let mut preferences = places.state.as_deref().map(preferences::file::read).unwrap_or_default();
    preferences.passed_over =
        PassedOver { theme: request.theme.is_some(), refresh: request.refresh.is_some(), signs: request.ascii };
    let keys = KeyMap::new(&config.keys).map_err(|faults| told_of_keys(&faults, &config.keys))?;
    let facts = members.iter().map(|member| {
        let entry = config.host(&member.host.id);
        Facts {
            address: entry.map(|entry| entry.address.to_string()),
            display: entry.and_then(|entry| entry.display.clone()),
            widgets: entry.map_or(&config.dashboard, |entry| &entry.dashboard).widgets.clone(),
            hand_over: entry.map_or(&config.dashboard, |entry| &entry.dashboard).hand_over.clone(),
        }
    });
    let mut in_force = InForce {
        settings,
        widgets: config.dashboard.widgets.clone(),
        signs: if request.ascii { Glyphs::Ascii } else { around.glyphs() },
        signs_from: if request.ascii { "command line --ascii" } else { "the locale and the terminal" },
        auto: around.theme(Choice::Auto),
        asks: around.asks_background(Choice::Auto),
        folder: places.state.as_ref().map(|folder| folder.display().to_string()),
    };
    if let Some(theme) = request.theme {
        in_force.say_on_command_line("dashboard.theme", format!("{:?}", theme.word()), "--theme");
    }
    if let Some(refresh) = request.refresh {
        in_force.say_on_command_line("dashboard.refresh_interval", refresh.as_secs().to_string(), "--refresh");
    }
    let set = Set {
        origin: match kind {
            SourceKind::Configured => Origin::Configured,
            SourceKind::ThisMachine => Origin::ThisMachine,
            SourceKind::Demo => Origin::Demo,
            SourceKind::Replay => Origin::Replay,
        },
        rights: request.rights,
        facts: facts.collect(),
        interval: request.refresh.unwrap_or(config.dashboard.general.refresh_interval),
        theme: request.theme.unwrap_or(config.dashboard.general.theme),
        ahead_s: surroundings::ahead_s,
        in_force,
        verbose: request.verbose,
    };
    let choice = preferences.theme().unwrap_or(set.theme);
    let look = Look { theme: around.theme(choice), glyphs: preferences.signs().unwrap_or(set.in_force.signs) };
    let freshness = Freshness::for_interval(preferences.refresh().unwrap_or(set.interval));
    let watched = record::is_wanted(&config.dashboard, kind, request.hosts.is_empty()).then(|| members.clone());
    let fleet = Fleet::new(members, freshness);
    let now = stands.unwrap_or_else(|| SystemClock.now());
    let size = Size { width: 80, height: 24 };
    let mut state = State::new(set, fleet, keys, look, size, now);
    state.preferences = preferences;
    // Without programs the stream is at its end at once, and is not waited for.
    let programs = if config.dashboard.features.external_widgets { config.external } else { Vec::new() };
    let externals = external::runs(&programs, around.user);
    state.externals = programs.into_iter().map(|widget| External { widget, told: None }).collect();
    // One host alone is what was asked for: the overview would only be in the way.
    if let [host] = state.live.fleet.hosts()
        && (!request.hosts.is_empty() || kind == SourceKind::ThisMachine)
    {
        let host = host.member.host.id.clone();
        state.open(Screen::Host(HostPage::of(host)));
    }
    let named = Named {
        on_command_line: request.database.as_deref(),
        configured: &config.dashboard.history,
        folders: (places.state.as_deref(), home.as_deref()),
    };
    let file = place::file(named, kind);
    let path = file.clone().ok();
    let (source, desk) = history_of(file, config.dashboard.retention());
    state.history = History::new(source);
    let recorder =
        match watched.zip(path).map(|(members, path)| record::begin(path, members, freshness, &config.dashboard)) {
            Some(Ok(recorder)) => Some(recorder),
            Some(Err(why)) => {
                state.trouble_recording = Some(why);
                None
            }
            None => None,
        };
    let outside = Outside {
        externals,
        recorder,
        history: desk,
        begin,
        stands,
        folder: places.state,
        in_tmux: around.is_tmux(),
        asks_background: state.set.in_force.asks,
    };
    Ok((state, outside))
}

/// Where the history is, and who reads it.
fn history_of(file: Result<PathBuf, &'static str>, policy: Policy) -> (Source, Desk) {
    let none = |why| (Source::None(why), Desk::closed());
    match file.map(|path| Desk::over(path, policy, surroundings::ahead_s)) {
        Ok(Ok(desk)) => (Source::File, desk),
        Ok(Err(_)) => none("The system gives no thread to read the history with."),
        Err(why) => none(why),
    }
}

/// What is wrong with the keys, a line each, with the place in the file where it stands.
fn told_of_keys(faults: &[KeyFault], bindings: &[KeyBinding]) -> String {
    let line = |fault: &KeyFault| {
        let at = bindings.iter().rfind(|binding| fault.is_about(&binding.act));
        let at = at.map(|binding| format!("{}: ", binding.origin)).unwrap_or_default();
        format!("error[{}]: {at}{fault}\n", Code::CONFIG_CONTRADICTION)
    };
    let lines: Vec<String> = faults.iter().map(line).collect();
    lines.concat() + "next: `?` in the dashboard shows every act and its keys; without [keys] all have their own."
}

async fn on_screen(mut state: State, outside: Outside) -> ExitCode {
    let mut term = match Term::open() {
        Ok(term) => term,
        Err(error) => return complain_terminal(&error),
    };
    give_back_on_panic(term.saved());
    state.size = term.size();
    match app::run(&mut state, &mut term, outside).await {
        Ok(Ending::Quit) => ExitCode::SUCCESS,
        // As a shell tells of a program that a signal ended.
        Ok(Ending::Signal(number)) => ExitCode::from(u8::try_from(128 + number).unwrap_or(u8::MAX)),
        Ok(Ending::Gone) => ExitCode::from(128 + 1),
        Err(error) => {
            drop(term);
            complain_terminal(&error)
        }
    }
}

/// A panic first gives the terminal back, then says what it says, and ends the program whichever thread it came from: going
/// on would draw over what was said, on a terminal that is not ours any more.
fn give_back_on_panic(saved: Arc<Saved>) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        saved.give_back();
        before(info);
        let fault = Code::INNER_FAULT.fault();
        complain(
            &format!("error[{}]: cm-tui has a fault and had to end.\nnext: {}", Code::INNER_FAULT, fault.next),
            INNER,
        );
        std::process::exit(i32::from(INNER));
    }));
}

async fn in_lines(mut state: State, mut outside: Outside) -> ExitCode {
    /// After so long everything is told that is known, whoever is still to come.
    const PATIENCE: Duration = Duration::from_secs(8);
    let mut source = Some((outside.begin)(state.interval()));
    let mut out = std::io::stdout().lock();
    let start = tokio::time::Instant::now();
    let mut has_told = false;
    let mut told = 0;
    loop {
        let second = tokio::time::Instant::now() + Duration::from_secs(1);
        let event = match &mut source {
            Some(stream) => match tokio::time::timeout_at(second, stream.next()).await {
                Ok(Some(observation)) => Event::Observed(Box::new(observation)),
                Ok(None) => {
                    source = None;
                    Event::Tick
                }
                Err(_) => Event::Tick,
            },
            // A snapshot is told once.
            None if has_told => return ExitCode::SUCCESS,
            None => Event::Tick,
        };
        let now = outside.stands.unwrap_or_else(|| SystemClock.now());
        if let (Some(recorder), Event::Observed(observation)) = (&outside.recorder, &event) {
            recorder.observe((**observation).clone());
        }
        while let Some(notice) = outside.recorder.as_mut().and_then(Recorder::notice_now) {
            if let Some(code) = notice.code() {
                // The lines are for readings; where this cannot be printed, nobody reads it.
                let _ = writeln!(std::io::stderr(), "error[{code}]: {}", terminal::line(&notice.to_string()));
            }
        }
        update(&mut state, event, now);
        let total = state.journal.noted();
        let ready = state.live.fleet.is_complete() || source.is_none() || start.elapsed() >= PATIENCE;
        let written = if !has_told && ready {
            has_told = true;
            told = total;
            linear::overview(&state, &mut out)
        } else if has_told && total > told {
            let new: Vec<&journal::Entry> =
                state.journal.newest_first().take(usize::try_from(total - told).unwrap_or(0)).collect();
            told = total;
            new.into_iter().rev().try_for_each(|entry| linear::entry(&state, entry, &mut out))
        } else {
            Ok(())
        };
        if written.and_then(|()| out.flush()).is_err() {
            // Whoever read this has enough.
            return ExitCode::SUCCESS;
        }
    }
}

fn complain_of(error: &GatherError) -> ExitCode {
    let told = match (error, error.code()) {
        // Each problem has its own head, place and next step, of harmless lines.
        (GatherError::Configuration(problems), _) => problems.to_string(),
        (error, Some(code)) => {
            let text = error.to_string();
            format!("error[{code}]: {}\nnext: {}", terminal::line(&text), code.fault().next)
        }
        (error, None) => format!("error: {}", terminal::line(&error.to_string())),
    };
    complain(&told, CONFIGURATION)
}

fn complain_terminal(error: &NoTerminal) -> ExitCode {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    complain(&format!("error: {error}{cause}\nnext: Run it in a terminal, or with --linear for lines."), NO_TERMINAL)
}

fn complain(told: &str, exit: u8) -> ExitCode {
    // Where even that cannot be printed, the exit code tells.
    let _ = writeln!(std::io::stderr(), "{}", told.trim_end());
    ExitCode::from(exit)
}
