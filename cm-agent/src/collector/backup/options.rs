//! What an owner says about backups.

use std::path::PathBuf;
use std::time::Duration;

/// All backups, and where what they need is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Each backup.
    pub jobs: Vec<JobOptions>,
    /// Where systemd puts credentials: `$CREDENTIALS_DIRECTORY`.
    pub credentials: Option<PathBuf>,
    /// A folder that tools may keep their caches in.
    pub cache: Option<PathBuf>,
    /// The home of this user, where tools and ssh look for their own files.
    pub home: Option<PathBuf>,
}

/// One backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobOptions {
    /// What it is called.
    pub name: String,
    /// What makes it.
    pub tool: Tool,
    /// Where it goes, as the tool takes it. Only the environment of the tool has it, never its arguments.
    pub repository: Option<String>,
    /// The tool's own configuration file (borgmatic, kopia), or the status file.
    pub file: Option<PathBuf>,
    /// The tool's path, where it is not found by its name.
    pub program: Option<String>,
    /// Where its passphrase is.
    pub secret: Option<Secret>,
    /// Further variables of its environment, and files that hold the values of secret ones.
    pub environment: Vec<(String, Value)>,
    /// The systemd unit that makes it.
    pub unit: Option<String>,
    /// The systemd timer that starts that.
    pub timer: Option<String>,
    /// The systemd unit that checks the repository.
    pub check_unit: Option<String>,
    /// The systemd unit that restores something as a test.
    pub restore_unit: Option<String>,
    /// How often one is expected.
    pub every: Option<Duration>,
    /// How often a check of the repository is expected.
    pub check_every: Option<Duration>,
    /// How often the tool is asked.
    pub interval: Duration,
    /// Sources whose age does not matter, as patterns.
    pub ignore_sources: Vec<String>,
    /// Whether sizes are asked for, where that takes a question of its own.
    pub sizes: bool,
    /// A folder for the tool's cache, in the place of the common one.
    pub cache: Option<PathBuf>,
}

impl JobOptions {
    /// From one question to the next.
    pub const INTERVAL: Duration = Duration::from_mins(30);

    /// A backup of this name, with the defaults.
    pub fn new(name: &str, tool: Tool) -> Self {
        Self {
            name: name.to_owned(),
            tool,
            repository: None,
            file: None,
            program: None,
            secret: None,
            environment: Vec::new(),
            unit: None,
            timer: None,
            check_unit: None,
            restore_unit: None,
            every: None,
            check_every: None,
            interval: Self::INTERVAL,
            ignore_sources: Vec::new(),
            sizes: true,
            cache: None,
        }
    }
}

/// What makes a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Borg.
    Borg,
    /// Restic.
    Restic,
    /// Borgmatic.
    Borgmatic,
    /// Kopia.
    Kopia,
    /// Anything that writes a status file.
    StatusFile,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Borg, Self::Restic, Self::Borgmatic, Self::Kopia, Self::StatusFile];

    /// Its word in a configuration; also the name of its program.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Borg => "borg",
            Self::Restic => "restic",
            Self::Borgmatic => "borgmatic",
            Self::Kopia => "kopia",
            Self::StatusFile => "status_file",
        }
    }
}

/// Where a passphrase is. It is read when it is needed and never kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// In a file.
    File(PathBuf),
    /// In a credential of systemd's, by its name.
    Credential(String),
}

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// As it stands.
    Plain(String),
    /// A secret, in this file.
    Secret(PathBuf),
}
