//! `[containers]`: which engines are asked, and which of their containers are told.

use std::path::PathBuf;

use super::section::Section;
use crate::collector::container::Options;

/// Engines that may be named.
const MOST: usize = 8;

/// Reads the section; an absent one is the default.
pub(super) fn read(mut section: Section<'_, '_>) -> Options {
    let choice = super::choice_of(&mut section);
    let whole = |text: &str| Some(PathBuf::from(text)).filter(|path| path.is_absolute());
    let sockets = section.each("sockets", "whole paths of sockets, from / on", whole);
    if sockets.as_ref().is_some_and(|sockets| sockets.len() > MOST) {
        section.contradiction(Some("sockets"), &format!("`sockets` takes at most {MOST} engines"));
    }
    section.finish();
    Options { choice, sockets }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Config;
    use super::*;
    use crate::collector::Choice;

    fn read(text: &str) -> Result<Options, String> {
        let config = Config::parse(Path::new("/etc/agent.toml"), text).map_err(|error| error.to_string())?;
        Ok(config.collect.containers)
    }

    #[test]
    fn what_is_set_is_taken_and_what_is_wrong_is_told() {
        let choice = Choice { include: Vec::new(), exclude: vec!["test-*".into()] };
        let sockets = Some(vec!["/run/proxy.sock".into()]);
        let set = "[containers]\nexclude = [\"test-*\"]\nsockets = [\"/run/proxy.sock\"]";
        assert_eq!(read(set), Ok(Options { choice, sockets }));
        assert_eq!(read("[containers]\nsockets = []"), Ok(Options { sockets: Some(Vec::new()), ..Options::default() }));
        assert_eq!(read(""), Ok(Options::default()));
        let many = format!("[containers]\nsockets = [{}]", "\"/a\",".repeat(9));
        for (text, expected) in [
            ("[containers]\nsockets = [\"docker.sock\"]", "whole paths of sockets"),
            ("[containers]\nsocket = \"/run/docker.sock\"", "Did you mean `sockets`?"),
            ("[containers]\ninclude = [\"a\"]\nexclude = [\"a\"]", "both included and excluded"),
            (&many, "at most 8 engines"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(expected), "{told}");
        }
    }
}
