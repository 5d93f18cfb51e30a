//! Where files are looked for: XDG's folders, then the system's; and where state lives. Nothing is read here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::file::Kind;

/// What the program that uses this knows of its surroundings. Nothing in this room asks the process itself.
#[derive(Clone, Copy)]
pub struct Surroundings<'s> {
    /// The environment: `|name| std::env::var_os(name)`.
    pub variable: &'s dyn Fn(&str) -> Option<OsString>,
    /// The effective user id: a file that belongs to him or to root is trusted.
    pub user: u32,
    /// The system's folder.
    pub system: &'s Path,
}

impl std::fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The environment may hold secrets.
        f.debug_struct("Surroundings").field("user", &self.user).field("system", &self.system).finish_non_exhaustive()
    }
}

impl<'s> Surroundings<'s> {
    /// The system's folder of configuration, for services.
    pub const SYSTEM: &'static str = "/etc/cm-dashboard";

    /// Surroundings with the usual folder of the system.
    pub fn new(variable: &'s dyn Fn(&str) -> Option<OsString>, user: u32) -> Self {
        Self { variable, user, system: Path::new(Self::SYSTEM) }
    }

    /// A folder out of a variable. By the XDG rule one that is not absolute is as if it were not set.
    fn folder(&self, variable: &str) -> Option<PathBuf> {
        (self.variable)(variable).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    /// The user's home, where it is known.
    pub fn home(&self) -> Option<PathBuf> {
        self.folder("HOME")
    }

    fn xdg(&self, variable: &str, below_home: &str) -> Option<PathBuf> {
        let folder = self.folder(variable).or_else(|| Some(self.home()?.join(below_home)))?;
        Some(folder.join("cm-dashboard"))
    }
}

/// The folders and files that are used; `cm-cli config paths` prints them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Folders of configuration, the one that goes first at the front; of each kind of file the first one found is used.
    pub config: Vec<PathBuf>,
    /// Where state and history live; `None` where neither `XDG_STATE_HOME` nor `HOME` is set.
    pub state: Option<PathBuf>,
}

impl Places {
    /// The places that follow from the surroundings.
    pub fn of(surroundings: &Surroundings<'_>) -> Self {
        let user = surroundings.xdg("XDG_CONFIG_HOME", ".config");
        let config = user.into_iter().chain([surroundings.system.to_owned()]).collect();
        Self { config, state: surroundings.xdg("XDG_STATE_HOME", ".local/state") }
    }

    /// Every path at which a file of this kind is looked for, in order.
    pub fn candidates(&self, kind: Kind) -> impl Iterator<Item = PathBuf> {
        self.config.iter().map(move |folder| folder.join(kind.file_name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(environment: &[(&str, &str)]) -> Places {
        let variable =
            |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
        Places::of(&Surroundings::new(&variable, 1000))
    }

    #[test]
    fn folders_follow_xdg_and_relative_ones_are_ignored() {
        for (environment, config, state) in [
            (
                &[("HOME", "/home/u")][..],
                &["/home/u/.config/cm-dashboard", "/etc/cm-dashboard"][..],
                Some("/home/u/.local/state/cm-dashboard"),
            ),
            (
                &[("HOME", "/home/u"), ("XDG_CONFIG_HOME", "/c"), ("XDG_STATE_HOME", "/s")],
                &["/c/cm-dashboard", "/etc/cm-dashboard"],
                Some("/s/cm-dashboard"),
            ),
            (
                &[("HOME", "/home/u"), ("XDG_CONFIG_HOME", "c"), ("XDG_STATE_HOME", "")],
                &["/home/u/.config/cm-dashboard", "/etc/cm-dashboard"],
                Some("/home/u/.local/state/cm-dashboard"),
            ),
            (&[], &["/etc/cm-dashboard"], None),
            (&[("HOME", ".")], &["/etc/cm-dashboard"], None),
        ] {
            let expected =
                Places { config: config.iter().map(PathBuf::from).collect(), state: state.map(PathBuf::from) };
            assert_eq!(places(environment), expected, "{environment:?}");
        }
    }
}
