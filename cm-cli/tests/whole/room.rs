//! A room for one run: a clock that stands, an environment that is made up, outputs that are kept.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cm_cli::exit::Exit;
use cm_cli::surroundings::{Behind, Surroundings};
use cm_core::clock::{BootTime, ManualClock, MonoTime, Now, WallTime};

/// 2025-11-24T16:00:00Z, a Monday.
pub(crate) const MOMENT: i64 = 1_764_000_000;

/// What one run printed, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) exit: Exit,
}

/// Where the program runs.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    pub(crate) out_is: Behind,
    pub(crate) variables: Vec<(&'static str, String)>,
    /// Whether the clock goes: for what is really asked, whose answers bear the real time.
    pub(crate) live: bool,
}

impl Room {
    /// Into a pipe, in a UTF-8 locale, in a home that is not there.
    pub(crate) fn piped() -> Self {
        let home = "/nonexistent/home".to_owned();
        Self { out_is: Behind::File, variables: vec![("LANG", "C.UTF-8".to_owned()), ("HOME", home)], live: false }
    }

    /// On a terminal of that width.
    pub(crate) fn terminal(columns: u16) -> Self {
        Self { out_is: Behind::Terminal { columns: Some(columns), rows: None }, ..Self::piped() }
    }

    /// With the machine's own clock.
    pub(crate) fn live() -> Self {
        Self { live: true, ..Self::piped() }
    }

    /// With a variable set.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value.to_owned()));
        self
    }

    /// Runs the program with these arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Told {
        let since_start = std::time::Duration::from_secs(100_000);
        let clock = ManualClock::at(Now {
            wall: WallTime::from_secs(MOMENT),
            boot: BootTime::from_start(since_start),
            mono: MonoTime::from_start(since_start),
        });
        let find = |name: &str| {
            self.variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut surroundings = Surroundings {
            variables: &find,
            clock: if self.live { &cm_core::clock::SystemClock } else { &clock },
            ahead_s: &|_| 3600,
            user: rustix::process::geteuid().as_raw(),
            out: &mut out,
            err: &mut err,
            out_is: self.out_is,
            look_again: &|| self.out_is,
            err_is: Behind::File,
        };
        let arguments = std::iter::once("cm-cli").chain(arguments.iter().copied()).map(OsString::from).collect();
        let exit = cm_cli::run::run(arguments, &mut surroundings);
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Told { out: text(out), err: text(err), exit }
    }
}

/// A file of the repository.
pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Compares with a file that is reviewed like code. `CM_BLESS=1 cargo test` writes what came instead.
pub(crate) fn golden(name: &str, came: &str) {
    let path = file("tests/golden").join(name);
    if std::env::var_os("CM_BLESS").is_some() {
        std::fs::write(&path, came).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if kept != came {
        let at = kept.lines().zip(came.lines()).position(|(kept, came)| kept != came);
        let line = at.unwrap_or_else(|| kept.lines().count().min(came.lines().count()));
        panic!(
            "{name} differs from line {}:\n  kept: {:?}\n  came: {:?}\n(CM_BLESS=1 writes it anew)",
            line + 1,
            kept.lines().nth(line),
            came.lines().nth(line),
        );
    }
}
