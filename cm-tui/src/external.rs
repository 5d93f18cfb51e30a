//! Programs of the owner whose output is a panel: run now and then, with nothing of ours around them, and ended when they
//! take too long or say too much. It knows processes and JSON, and nothing of how a panel is drawn.
//!
//! A program is run by its absolute path, only while nobody but root or the user could have written it or a folder on the
//! way to it, with the configured arguments, an empty environment, `/` as its folder, no input, and its errors thrown
//! away. It leads a process group, and that group is killed at the end, whatever it left behind.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use cm_core::config::{self, ExternalWidget};
use cm_core::health::Health;
use cm_core::text::HostText;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use serde::Deserialize;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout_at};

/// A program that has not ended by then is killed.
pub(crate) const TIME: Duration = Duration::from_secs(5);

/// The most bytes that a program may print.
pub(crate) const MOST_BYTES: usize = 64 * 1024;

/// The most lines of a panel; what is beyond is counted.
pub(crate) const MOST_LINES: usize = 40;

/// One line of a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// What it says.
    pub(crate) text: HostText,
    /// How it is marked; not at all where the program gives no health.
    pub(crate) health: Option<Health>,
}

/// What a program printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Panel {
    /// Its title.
    pub(crate) title: HostText,
    /// Its lines.
    pub(crate) lines: Vec<Line>,
    /// How many lines more there were.
    pub(crate) left_out: usize,
}

/// Why there is no panel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// Somebody else could have written it, or nobody can tell.
    #[error("{why}")]
    NotTrusted {
        /// Which file, and who.
        why: String,
    },
    /// The system would not start it.
    #[error("it does not start: {why}")]
    NotStarted {
        /// The system's words.
        why: String,
    },
    /// It took too long.
    #[error("it had not ended after {} s, and was killed", limit.as_secs_f64())]
    TooLong {
        /// The limit.
        limit: Duration,
    },
    /// It printed too much.
    #[error("it printed more than {most} bytes, and was killed")]
    TooMuch {
        /// The limit.
        most: usize,
    },
    /// It ended with a failure.
    #[error("it ended with {how}")]
    Failed {
        /// The exit code or signal.
        how: String,
    },
    /// What it printed is no panel.
    #[error("what it printed is no panel: {why}")]
    NoPanel {
        /// The parser's words.
        why: String,
    },
}

/// One program and what it said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct External {
    /// The program.
    pub(crate) widget: ExternalWidget,
    /// What it said last; nothing before its first run.
    pub(crate) told: Option<Result<Panel, Trouble>>,
}

/// What programs say, each by its place in the list.
pub(crate) type Runs = BoxStream<'static, (usize, Result<Panel, Trouble>)>;

/// Runs every program at its own pace for as long as the stream lives; dropping it kills what runs.
pub(crate) fn runs(widgets: &[ExternalWidget], user: u32) -> Runs {
    let each = widgets.iter().cloned().enumerate().map(|(place, widget)| {
        stream::unfold((widget, Duration::ZERO), move |(widget, pause)| async move {
            sleep(pause).await;
            let told = run(&widget, user, TIME).await;
            let pause = widget.every;
            Some(((place, told), (widget, pause)))
        })
        .boxed()
    });
    stream::select_all(each).boxed()
}

/// The group of a child that is killed when this is dropped, before the child is waited for: until then its number
/// cannot belong to anybody else.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    /// Whether the leader has ended; it is not waited for yet.
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        self.0.is_none_or(|leader| !matches!(rustix::process::waitid(WaitId::Pid(leader), options), Ok(None)))
    }

    fn kill(&mut self) {
        if let Some(leader) = self.0.take() {
            // Where nobody is left there is nothing to kill.
            let _ = rustix::process::kill_process_group(leader, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs a program once.
pub(crate) async fn run(widget: &ExternalWidget, user: u32, limit: Duration) -> Result<Panel, Trouble> {
    // Looked at each time: what was sound an hour ago may be no more.
    if let Some(problem) = config::program_problem(&widget.program, user) {
        return Err(Trouble::NotTrusted { why: problem.message });
    }
    let deadline = Instant::now() + limit;
    let mut child = start(&widget.program, &widget.arguments)?;
    let mut group = Group::of(&child);
    let told = listen(&mut child, &group, deadline, limit).await;
    group.kill();
    let ended = child.wait().await;
    let body = told?;
    match ended {
        Ok(status) if status.success() => read(&body),
        Ok(status) => Err(Trouble::Failed { how: status.to_string() }),
        Err(error) => Err(Trouble::Failed { how: error.to_string() }),
    }
}

fn start(program: &PathBuf, arguments: &[String]) -> Result<Child, Trouble> {
    Command::new(program)
        .args(arguments)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| Trouble::NotStarted { why: error.to_string() })
}

/// Everything that it prints until it closes its output and has ended.
async fn listen(child: &mut Child, group: &Group, deadline: Instant, limit: Duration) -> Result<Vec<u8>, Trouble> {
    const LOOKS: Duration = Duration::from_millis(20);
    let mut body = Vec::new();
    if let Some(output) = child.stdout.take() {
        let mut output = output.take(MOST_BYTES as u64 + 1);
        match timeout_at(deadline, output.read_to_end(&mut body)).await {
            Err(_) => return Err(Trouble::TooLong { limit }),
            Ok(Err(error)) => return Err(Trouble::Failed { how: error.to_string() }),
            Ok(Ok(_)) if body.len() > MOST_BYTES => return Err(Trouble::TooMuch { most: MOST_BYTES }),
            Ok(Ok(_)) => {}
        }
    }
    while !group.has_ended() {
        if Instant::now() >= deadline {
            return Err(Trouble::TooLong { limit });
        }
        sleep(LOOKS).await;
    }
    Ok(body)
}

/// Reads what a program printed.
pub(crate) fn read(body: &[u8]) -> Result<Panel, Trouble> {
    #[derive(Deserialize)]
    struct Printed {
        title: HostText,
        #[serde(default)]
        lines: Vec<PrintedLine>,
    }
    #[derive(Deserialize)]
    struct PrintedLine {
        text: HostText,
        #[serde(default)]
        health: Option<String>,
    }
    let printed: Printed = serde_json::from_slice(body).map_err(|error| Trouble::NoPanel { why: error.to_string() })?;
    let left_out = printed.lines.len().saturating_sub(MOST_LINES);
    let lines = printed.lines.into_iter().take(MOST_LINES).map(|line| {
        let named = |word: &str| Health::BY_TROUBLE.into_iter().find(|health| health.word() == word);
        // A word that nobody knows is not taken for well.
        let health = line.health.map(|word| named(&word).unwrap_or(Health::Unknown));
        Line { text: line.text, health }
    });
    Ok(Panel { title: printed.title, lines: lines.collect(), left_out })
}

#[cfg(test)]
mod tests;
