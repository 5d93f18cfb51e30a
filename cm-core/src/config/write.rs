//! The commented files that `init` writes: every setting with its help and its default, each as a comment.
//!
//! The text is made from the lists of settings, so it can't be behind them. An existing file is never written over.

use std::fmt::Write as _;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use cm_model::fault::Code;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::dashboard::{SETTINGS, TABLES, THRESHOLDS};
use super::external;
use super::file::Kind;
use super::hosts::{HOST_SETTINGS, ROLE_SETTINGS};
use super::keys;
use super::notify;
use super::setting::{Effect, Setting, Takes, Usual};
use cm_model::problem::show_path;

/// How wide comments are written.
const WIDTH: usize = 100;

/// The commented text of a file. It sets nothing: what it shows is what holds without it.
pub fn template(kind: Kind) -> String {
    match kind {
        Kind::Hosts => hosts(),
        Kind::Dashboard => dashboard(),
        Kind::Either => format!("{}\n{}", hosts(), dashboard()),
    }
}

fn hosts() -> String {
    let mut out = String::new();
    comment(&mut out, "CM Dashboard: the hosts to watch. Without any, this machine is watched.");
    comment(
        &mut out,
        "Every line that sets something is a comment and shows the default or an example; `cm-cli config check` checks the file.",
    );
    out.push('\n');
    comment(
        &mut out,
        "One table a host, in the order in which they are shown. The name alone is enough where it resolves:",
    );
    out.push_str("#[hosts.srv01]\n\n");
    comment(&mut out, "Everything that can stand below a host:");
    out.push_str("#[hosts.NAME]\n");
    for setting in HOST_SETTINGS {
        write_setting(&mut out, setting);
    }
    out.push('\n');
    comment(&mut out, "Any table of dashboard.toml can stand below a host too, and goes before it for that host:");
    out.push_str("#[hosts.NAME.dashboard]\n#refresh_interval = 30\n#[hosts.NAME.widgets.thresholds]\n");
    out.push_str("#drive.temperature = { warning = 60, critical = 75 }\n\n");
    comment(&mut out, "What holds for all hosts of a role:");
    out.push_str("#[roles.NAME]\n");
    for setting in ROLE_SETTINGS {
        write_setting(&mut out, setting);
    }
    out
}

fn dashboard() -> String {
    let mut out = String::new();
    comment(&mut out, "CM Dashboard: how it asks, what it shows and from where a reading is bad.");
    comment(
        &mut out,
        "Every line that sets something is a comment and shows the default; `cm-cli config check` checks the file. Each but a list can also be set by a variable, CM_DASHBOARD_THEME for theme below [dashboard].",
    );
    for (table, about) in TABLES {
        out.push('\n');
        comment(&mut out, about);
        let _ = writeln!(out, "#[{table}]");
        for setting in SETTINGS.iter().filter(|setting| setting.table() == *table) {
            write_setting(&mut out, setting);
        }
        if THRESHOLDS.table() == *table {
            comment(&mut out, THRESHOLDS.help);
            let _ = writeln!(out, "#[{}]", THRESHOLDS.name);
            out.push_str("#drive.wear = { warning = 70, critical = 90 }\n");
        }
    }
    out.push('\n');
    comment(&mut out, external::ABOUT);
    let _ = writeln!(out, "#[{}.ups]\n#{}", external::TABLE, external::EXAMPLE.replace('\n', "\n#"));
    out.push('\n');
    comment(&mut out, notify::ABOUT);
    let _ = writeln!(out, "#[{}]\n#{}", notify::TABLE, notify::EXAMPLE.replace('\n', "\n#"));
    out.push('\n');
    comment(&mut out, keys::ABOUT);
    let _ = writeln!(out, "#[{}]\n#{}", keys::TABLE, keys::EXAMPLE);
    out
}

fn write_setting(out: &mut String, setting: &Setting) {
    let (value, default) = match setting.usual {
        Usual::Words(words, example) => (example.to_owned(), format!(" Default: {words}.")),
        other => (other.value().map(|value| value.to_string()).unwrap_or_default(), String::new()),
    };
    let later = match setting.effect {
        Effect::Now => String::new(),
        Effect::Later(part) => format!(" Takes effect with {part}."),
    };
    // What a switch or a name takes is seen from the value.
    let takes = match setting.takes {
        Takes::Whole { .. } | Takes::Word(_) | Takes::Api | Takes::Command => {
            format!(" Takes {}.", setting.takes.words())
        }
        _ => String::new(),
    };
    comment(out, &format!("{}{takes}{default}{later}", setting.help));
    let _ = writeln!(out, "#{} = {value}", setting.key());
}

/// Writes sentences as comments, a space behind the mark; settings have none, so one stroke makes them live.
fn comment(out: &mut String, text: &str) {
    let mut width = 0;
    for word in text.split(' ') {
        if width == 0 || width + 1 + word.chars().count() > WIDTH {
            out.push_str(if width == 0 { "#" } else { "\n#" });
            width = 1;
        }
        out.push(' ');
        out.push_str(word);
        width += 1 + word.chars().count();
    }
    out.push('\n');
}

/// Why the files were not written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// One is there already; none was written.
    #[error("{} is there already; nothing was written", show_path(path))]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// It could not be written.
    #[error("{} could not be written: {source}{}", show_path(path), before(written))]
    Failed {
        /// Which.
        path: PathBuf,
        /// Files that had been written before it, and stay.
        written: Vec<PathBuf>,
        /// Why.
        source: io::Error,
    },
}

fn before(written: &[PathBuf]) -> String {
    let names: Vec<String> = written.iter().map(|path| show_path(path)).collect();
    if names.is_empty() { String::new() } else { format!("; {} was written before it", names.join(", ")) }
}

impl NotWritten {
    /// The code under which it is explained.
    pub const fn code(&self) -> Code {
        match self {
            Self::Exists { .. } => Code::CONFIG_EXISTS,
            Self::Failed { .. } => Code::FILE_UNWRITABLE,
        }
    }
}

/// Writes `hosts.toml` and `dashboard.toml` into a folder, which is made if it is not there. Each appears whole or not
/// at all, and none is written where either exists. Others get no right to write, whatever the umask.
pub fn init(folder: &Path) -> Result<Vec<PathBuf>, NotWritten> {
    let files = [Kind::Hosts, Kind::Dashboard].map(|kind| (folder.join(kind.file_name()), template(kind)));
    if let Some((path, _)) = files.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
        return Err(NotWritten::Exists { path: path.clone() });
    }
    DirBuilder::new().recursive(true).mode(0o755).create(folder).map_err(|source| NotWritten::Failed {
        path: folder.to_owned(),
        written: Vec::new(),
        source,
    })?;
    let mut written = Vec::new();
    for (path, text) in files {
        match write_new(&path, &text) {
            Ok(()) => written.push(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && written.is_empty() => {
                return Err(NotWritten::Exists { path });
            }
            Err(source) => return Err(NotWritten::Failed { path, written, source }),
        }
    }
    Ok(written)
}

/// Writes a file that must not exist: whole under another name first, then put in place.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".new.{}", std::process::id()));
    let beside = PathBuf::from(name);
    let file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&beside)?;
    let result = write_whole(file, text).and_then(|()| put_in_place(&beside, path));
    if result.is_err() {
        // What is left over would be in nobody's way.
        let _ = std::fs::remove_file(&beside);
    }
    result
}

fn write_whole(mut file: File, text: &str) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Renames without ever writing over; a file system that cannot promise that makes a second link instead.
fn put_in_place(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            std::fs::hard_link(from, to)?;
            std::fs::remove_file(from)
        }
        other => Ok(other?),
    }
}
