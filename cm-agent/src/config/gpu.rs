//! `[gpu]`: how graphics cards are asked.

use std::path::PathBuf;

use super::section::Section;
use crate::collector::gpu::Options;

/// Reads the section; an absent one is the default.
pub(super) fn read(mut section: Section<'_, '_>) -> Options {
    let ask_processes = section.flag("processes").unwrap_or_default();
    let whole = |text: &str| Some(PathBuf::from(text)).filter(|path| path.is_absolute());
    let nvml = section.parsed("nvml", "the whole path of a library, from / on", whole);
    section.finish();
    Options { ask_processes, nvml }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Config;
    use super::*;

    #[test]
    fn what_is_set_is_taken_and_what_is_wrong_is_told() {
        let read = |text: &str| {
            let config = Config::parse(Path::new("/etc/agent.toml"), text).map_err(|error| error.to_string())?;
            Ok::<_, String>(config.collect.gpu)
        };
        let expected = Options { ask_processes: true, nvml: Some("/opt/nv/libnvidia-ml.so.1".into()) };
        assert_eq!(read("[gpu]\nprocesses = true\nnvml = \"/opt/nv/libnvidia-ml.so.1\""), Ok(expected));
        assert_eq!(read(""), Ok(Options::default()));
        for (text, expected) in [
            ("[gpu]\nnvml = \"libnvidia-ml.so.1\"", "the whole path of a library"),
            ("[gpu]\nprocess = true", "Did you mean `processes`?"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(expected), "{told}");
        }
    }
}
