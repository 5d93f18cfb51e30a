//! `[drives]`: whom to ask for the drives' health, and what the owner calls each drive.

use std::path::PathBuf;

use super::section::Section;
use crate::collector::drive::Options;

/// The longest label, in bytes: a bay, a shelf.
const LONGEST: usize = 64;

/// Reads the section.
pub(super) fn read(mut section: Section<'_, '_>) -> Options {
    let socket = |text: &str| match text {
        "" => Some(None),
        text => Some(Some(PathBuf::from(text))).filter(|path| path.as_ref().is_some_and(|path| path.is_absolute())),
    };
    let helper = section
        .parsed("helper", "the whole path of a socket, from / on, or \"\" to ask nobody", socket)
        .unwrap_or_else(|| Options::default().helper);
    let label = |text: &str| {
        let (drive, label) = text.rsplit_once('=')?;
        let (drive, label) = (drive.trim(), label.trim());
        (!drive.is_empty() && !label.is_empty() && label.len() <= LONGEST).then(|| (drive.to_owned(), label.to_owned()))
    };
    let expected = "a drive's serial or world-wide name, `=`, and what you call it, as in \"S4EWNX0N123456 = bay 3\"";
    let labels = section.each("labels", expected, label).unwrap_or_default();
    if let Some((twice, _)) =
        labels.iter().enumerate().find_map(|(at, one)| labels[..at].iter().find(|other| other.0 == one.0))
    {
        section.contradiction(Some("labels"), &format!("`{twice}` is named twice"));
    }
    section.finish();
    Options { helper, labels }
}
