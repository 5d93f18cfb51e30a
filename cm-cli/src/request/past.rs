//! What was asked of the history, in plain types.

use std::path::PathBuf;
use std::time::Duration;

use cm_core::series::retention::Resolution;

use super::Format;

/// A moment as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// So long before now.
    Ago(Duration),
    /// By the clock on the wall here, in seconds since 1970 as if that were UTC.
    Local {
        /// The seconds.
        secs: i64,
    },
    /// In UTC.
    Utc {
        /// Seconds since 1970.
        secs: i64,
    },
}

/// A span of time as it was asked for; each end has a usual value of the command's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Between {
    /// From when on.
    pub since: Option<Moment>,
    /// Until when, not included.
    pub until: Option<Moment>,
}

/// A question about the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Which file; the usual one where none is named.
    pub database: Option<PathBuf>,
    /// What to say or do.
    pub what: Ask,
    /// These columns, in this order; empty for the usual ones.
    pub fields: Vec<String>,
}

/// What to say of the history, or to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// What is known, of all hosts or of one.
    Known {
        /// The host, or a drive's serial number.
        host: Option<String>,
    },
    /// How readings went.
    Readings(Readings),
    /// How fast things change.
    Trend(Trend),
    /// What will be.
    Predict {
        /// Of this host alone.
        host: Option<String>,
    },
    /// Everything that was measured, as a stream.
    Samples(Samples),
    /// Something for the file.
    Care(Care),
}

impl Ask {
    /// Its name as the user knows it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Known { .. } | Self::Readings(_) => "history",
            Self::Trend(_) => "trend",
            Self::Predict { .. } => "predict",
            Self::Samples(_) => "export",
            Self::Care(care) => care.word(),
        }
    }

    /// The forms in which it can be said.
    pub const fn formats(&self) -> &'static [Format] {
        match self {
            Self::Known { .. } | Self::Readings(_) | Self::Trend(_) | Self::Predict { .. } => {
                &[Format::Table, Format::Json, Format::Csv, Format::Ndjson]
            }
            // Table stands for "nothing was said": CSV.
            Self::Samples(_) => &[Format::Csv, Format::Json, Format::Ndjson, Format::Table],
            Self::Care(_) => &[Format::Table, Format::Json],
        }
    }
}

/// One metric of one host over a span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readings {
    /// The host, or a drive's serial number.
    pub host: String,
    /// The metric's name.
    pub metric: String,
    /// On which of several things.
    pub subject: Option<String>,
    /// From when to when.
    pub between: Between,
    /// As measured or summed up; what fits where nothing is said.
    pub step: Option<Resolution>,
    /// Whether a chart is drawn.
    pub chart: Chart,
}

/// Whether a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chart {
    /// On a terminal, where no form was asked for.
    #[default]
    OnTerminal,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How fast things change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    /// Of this host alone.
    pub host: Option<String>,
    /// Of this metric alone; of wear and what fills up where none is named.
    pub metric: Option<String>,
    /// From when to when.
    pub between: Between,
}

/// Everything that was measured, or much of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samples {
    /// From when to when.
    pub between: Between,
    /// Of these hosts; of all where it is empty.
    pub hosts: Vec<String>,
    /// Of these metrics; of all where it is empty.
    pub metrics: Vec<String>,
    /// As measured, or summed up.
    pub step: Resolution,
    /// Into which file; to stdout where none is named.
    pub output: Option<PathBuf>,
    /// Whether it goes behind what is in the file.
    pub append: bool,
}

/// What to do with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Care {
    /// Say how large it is and what is in it.
    Stats,
    /// Look whether it is whole.
    Check,
    /// Give room inside back to the disk.
    Compact,
    /// Copy it into a new file.
    Backup(PathBuf),
    /// Save what is whole of one file into a new one.
    Salvage {
        /// The damaged file.
        from: PathBuf,
        /// The new one.
        to: PathBuf,
    },
}

impl Care {
    /// Its name as the user knows it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Stats => "history stats",
            Self::Check => "history check",
            Self::Compact => "history compact",
            Self::Backup(_) => "history backup",
            Self::Salvage { .. } => "history salvage",
        }
    }
}
