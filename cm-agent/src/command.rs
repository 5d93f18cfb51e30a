//! Doing what was asked: the one place where the process's surroundings (files, signals, environment, output) meet the
//! library. What goes wrong ends here, as a message with its code and the next step, and as an exit status.

mod doctor;
mod simulated;
mod surroundings;

use std::env;
use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use cm_agent::collector::backup::Backups;
use cm_agent::collector::evidence::When;
use cm_agent::config::{Config, ConfigError};
use cm_agent::helper::Helper;
use cm_agent::helper::socket::{self, SocketError};
use cm_agent::logfile::{Keep, LogFile};
use cm_agent::machine::Unreadable;
use cm_agent::notify::Notify;
use cm_agent::serve::{BindError, Door, Server, Snapshots};
use cm_agent::{CollectOptions, Machine, WatchOptions, collect_once, run};
use cm_model::clock::{Clock, SystemClock};
use cm_model::fault::Code;
use cm_model::text::terminal;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::filter::LevelFilter;

use self::surroundings::{configuration, surrounded};
use crate::args::{self, Drives, Invocation, Misunderstood, Request};
use crate::{handover, look};

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Misunderstood(#[from] Misunderstood),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("{} holds neither proc/ nor sys/", .root.display())]
    NotAMachine { root: PathBuf },
    #[error("the folder of --root cannot be read")]
    NoRoot(#[source] Unreadable),
    #[error("the log file {} cannot be written", .path.display())]
    Log {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the drives cannot be told")]
    Socket(#[from] SocketError),
    #[error("{} is not what `smartctl --json` writes: {why}", .path.display())]
    NotExplained { path: PathBuf, why: String },
    #[error("{} cannot be written", .path.display())]
    NotWritten {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the output cannot be written")]
    Output(#[source] io::Error),
    #[error("the program cannot be started")]
    Start(#[source] io::Error),
}

impl Trouble {
    fn code(&self) -> Code {
        match self {
            Self::Misunderstood(_) | Self::Socket(_) => Code::USAGE,
            Self::Config(error) => error.code(),
            Self::Bind(error) => error.code(),
            Self::NotAMachine { .. } | Self::NoRoot(_) => Code::NOT_A_MACHINE,
            Self::NotExplained { .. } => Code::FILE_UNREADABLE,
            Self::Output(_) | Self::Log { .. } | Self::NotWritten { .. } => Code::FILE_UNWRITABLE,
            Self::Start(_) => Code::INNER_FAULT,
        }
    }

    fn next(&self) -> String {
        let known_better = match self {
            Self::Misunderstood(misunderstood) => Some(misunderstood.next.clone()),
            Self::Config(ConfigError::Missing { .. }) => {
                Some("Check the path given with --config; config/agent.toml is a commented example.".to_owned())
            }
            Self::Config(error) => error.next(),
            Self::Socket(_) => Some("`cm-agent drives --once` prints what the socket would tell.".to_owned()),
            Self::NotExplained { .. } => {
                Some("`smartctl --json --xall /dev/sda > sda.json` writes such a file.".to_owned())
            }
            _ => None,
        };
        known_better.unwrap_or_else(|| self.code().fault().next.to_owned())
    }

    /// The exit status, by the meanings of sysexits.h.
    fn status(&self) -> u8 {
        match self {
            Self::Misunderstood(_) => 64,
            Self::NotAMachine { .. } | Self::NoRoot(_) | Self::NotExplained { .. } => 66,
            Self::Bind(_) | Self::Socket(_) => 69,
            Self::Start(_) => 71,
            Self::Log { .. } | Self::NotWritten { .. } => 73,
            Self::Output(_) => 74,
            Self::Config(_) => 78,
        }
    }
}

/// Does what was asked and tells how it went.
pub(crate) fn perform(asked: Result<Invocation, Misunderstood>) -> ExitCode {
    let done = asked.map_err(Trouble::from).and_then(|invocation| {
        let level = log_level(invocation.log_level)?;
        match invocation.request {
            Request::Print(text) => print(&text)?,
            Request::Run { config } => {
                let config = configuration(config)?;
                log_to(config.log.as_ref(), level)?;
                block_on(serve(config))?;
            }
            Request::Collect { config, root, json } => {
                log_to(None, level)?;
                // What this machine's owner chose does not count for another machine, unless it was named.
                let usual = if root.is_none() || config.is_some() { configuration(config)? } else { Config::default() };
                block_on(collect(root, &usual, json))?;
            }
            Request::Doctor { config, json, check } => {
                log_to(None, level)?;
                return doctor::perform(configuration(config), json, check);
            }
            Request::Backups { config, output } => {
                let mut backups = Backups::new(&surrounded(configuration(config)?.collect).backup);
                log_to(None, level)?;
                let found = backups.ask_all(&Machine::itself(), &SystemClock);
                match output {
                    None => print(&found)?,
                    Some(path) => {
                        handover::put(&path, &found).map_err(|source| Trouble::NotWritten { path, source })?;
                    }
                }
            }
            Request::Drives { how, smartctl } => {
                log_to(None, level)?;
                drives(how, &smartctl)?;
            }
            Request::Simulate(options) => {
                log_to(None, level)?;
                block_on(simulated::serve(options))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    });
    match done {
        Ok(status) => status,
        // Whoever read our output has seen enough.
        Err(Trouble::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(trouble) => {
            tell(&trouble);
            ExitCode::from(trouble.status())
        }
    }
}

/// The code, what happened, where and why on the first lines; the next step on the last: as `cm-cli` tells it.
fn tell(trouble: &Trouble) {
    if let Trouble::Config(ConfigError::Wrong { .. }) = trouble {
        // Each of its problems tells its own code, place and next step.
        let _ = writeln!(io::stderr(), "{trouble}");
        return;
    }
    let mut text = format!("error[{}]: {trouble}", trouble.code());
    let mut cause = trouble.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    let lines: Vec<_> = text.lines().map(|line| terminal::line(line)).collect();
    // Where even stderr is gone there is nobody left to tell.
    let _ = writeln!(io::stderr(), "{}\nnext: {}", lines.join("\n"), terminal::line(&trouble.next()));
}

fn print(text: &str) -> Result<(), Trouble> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Trouble::Output)
}

fn log_level(asked: Option<LevelFilter>) -> Result<LevelFilter, Misunderstood> {
    let variable = env::var("CM_LOG").ok().filter(|word| asked.is_none() && !word.is_empty());
    let Some(word) = variable else { return Ok(asked.unwrap_or(LevelFilter::INFO)) };
    args::level(&word).ok_or_else(|| Misunderstood {
        what: format!("CM_LOG={}: it takes {}", terminal::line(&word), args::LEVELS),
        next: "correct the variable, or give --log-level".to_owned(),
    })
}

fn log_to(file: Option<&(PathBuf, Keep)>, level: LevelFilter) -> Result<(), Trouble> {
    let format = tracing_subscriber::fmt().with_max_level(level).with_target(false).with_ansi(false);
    if let Some((path, keep)) = file {
        let log =
            LogFile::open(path, *keep, SystemClock).map_err(|source| Trouble::Log { path: path.clone(), source })?;
        format.with_writer(Mutex::new(log)).init();
        return Ok(());
    }
    let format = format.with_writer(io::stderr);
    // The journal writes the time itself.
    if env::var_os("JOURNAL_STREAM").is_some() && !io::stderr().is_terminal() {
        format.without_time().init();
    } else {
        format.init();
    }
    Ok(())
}

/// Runs a task on this thread alone.
fn block_on<T>(task: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Trouble::Start)?.block_on(task)
}

/// A place that turns true at SIGTERM or SIGINT.
fn told_to_stop() -> Result<watch::Receiver<bool>, Trouble> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Trouble::Start)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Trouble::Start)?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        let _ = stop.send(true);
    });
    Ok(stopped)
}

async fn serve(config: Config) -> Result<(), Trouble> {
    if !config.enabled {
        tracing::warn!("`enabled` of [metrics_agent] is false: nothing to do");
        return Ok(());
    }
    if !config.neighbors.is_empty() {
        tracing::warn!("the mesh is no part of this version: `neighbors` of [metrics_agent] is not used");
    }
    if config.sends_tokens_in_the_clear() {
        tracing::warn!("tokens cross the network in the clear: they keep out the curious, not who listens in");
    }
    let stop = told_to_stop()?;
    let tokens = config.tokens()?;
    let snapshots = Arc::new(Snapshots::offering(&config.collectors.apis()));
    let machine_name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let server = Server::bind(config.serve(tokens, &machine_name), Arc::clone(&snapshots)).await?;
    for (address, door) in server.addresses() {
        match door {
            Door::Single(api) => tracing::info!(%address, "serving the {api} API"),
            Door::Combined => tracing::info!(%address, "serving all APIs"),
        }
    }
    let notify = service_manager();
    let stopping = told(stop.clone());
    tokio::select! {
        () = server.run(stop) => {}
        () = run::collect(Machine::itself(), surrounded(config.collect.clone()), &config.collectors, snapshots, &notify, &SystemClock) => {}
        () = async { stopping.await; notify.stopping(); std::future::pending().await } => {}
    }
    Ok(())
}

/// Waits until it turns true.
async fn told(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn collect(root: Option<PathBuf>, config: &Config, json: bool) -> Result<(), Trouble> {
    let machine = match root {
        None => Machine::itself(),
        Some(root) => {
            let machine = Machine::in_a_box(&root).map_err(Trouble::NoRoot)?;
            if !machine.exists("/proc") && !machine.exists("/sys") {
                return Err(Trouble::NotAMachine { root });
            }
            machine
        }
    };
    // Whoever asks once wants to see everything.
    let options = CollectOptions { evidence: When::Always, ..surrounded(config.collect.clone()) };
    let found = collect_once(machine, &options, WatchOptions::GAP, &SystemClock).await;
    print(&if json { look::json(&found) } else { look::table(&found) })
}

/// Who is told of this program's progress.
fn service_manager() -> Notify {
    Notify::of(|name| env::var_os(name), std::process::id()).unwrap_or_else(|error| {
        tracing::warn!(%error, "the service manager cannot be told how this program is");
        Notify::nobody()
    })
}

fn drives(how: Drives, smartctl: &str) -> Result<(), Trouble> {
    match how {
        Drives::AtTheSocket => {
            let listener = socket::handed_over()?;
            Ok(socket::answer_all(&listener, &mut Helper::new(smartctl, service_manager()), &SystemClock)?)
        }
        Drives::Once => print(&Helper::new(smartctl, Notify::nobody()).answer(&SystemClock).write()),
        Drives::Explain(path) => {
            let refused = |why: String| Trouble::NotExplained { path: path.clone(), why };
            let text = std::fs::read_to_string(&path).map_err(|error| refused(error.to_string()))?;
            let document = serde_json::from_str(&text).map_err(|error| refused(error.to_string()))?;
            print(&look::drive(&cm_agent::helper::smartctl::read(&document), SystemClock.now()))
        }
    }
}
