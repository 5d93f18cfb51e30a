//! Which file the history is in: the one that was named, else the configured one, else none and why. It opens nothing.

use std::path::{Path, PathBuf};

use cm_core::config;

use crate::gather::SourceKind;

/// What has a say in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named<'n> {
    /// By `--database`.
    pub(crate) on_command_line: Option<&'n Path>,
    /// By the configuration.
    pub(crate) configured: &'n config::dashboard::History,
    /// The folder of state, and the user's home.
    pub(crate) folders: (Option<&'n Path>, Option<&'n Path>),
}

/// The file, or why there is none.
pub(crate) fn file(named: Named<'_>, kind: SourceKind) -> Result<PathBuf, &'static str> {
    let (state, home) = named.folders;
    match (named.on_command_line, kind) {
        (_, SourceKind::Replay) => Err("A snapshot is one moment: it has no history."),
        (Some(path), _) => Ok(path.to_owned()),
        (None, SourceKind::Demo) => Err("A made-up fleet has no history of its own; --database names one."),
        (None, SourceKind::Configured | SourceKind::ThisMachine) => named
            .configured
            .file(state, home)
            .ok_or("There is no folder for the history: set HOME or XDG_STATE_HOME, or name a file with --database."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_goes_before_the_configuration_and_made_up_hosts_have_no_history() {
        let configured = config::Dashboard::default().history;
        let state = Some(Path::new("/state"));
        for (on_command_line, folder, kind, expected) in [
            (None, state, SourceKind::Configured, Some("/state/history.db")),
            (None, state, SourceKind::ThisMachine, Some("/state/history.db")),
            (Some("/h.db"), state, SourceKind::Configured, Some("/h.db")),
            (Some("/h.db"), None, SourceKind::Demo, Some("/h.db")),
            (None, state, SourceKind::Demo, None),
            (Some("/h.db"), state, SourceKind::Replay, None),
            (None, None, SourceKind::Configured, None),
        ] {
            let named = Named {
                on_command_line: on_command_line.map(Path::new),
                configured: &configured,
                folders: (folder, None),
            };
            assert_eq!(file(named, kind).ok(), expected.map(PathBuf::from), "{on_command_line:?} {kind:?}");
        }
    }
}
