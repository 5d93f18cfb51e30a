//! Programs that an owner names because their running explains load. It does not know how they are found.

use super::section::Section;
use crate::collector::activity::Options;

/// Reads `[activities]`.
pub(super) fn read(mut section: Section<'_, '_>) -> Options {
    let options = Options { games: section.texts("games"), backups: section.texts("backups") };
    if let Some(both) = options.games.iter().find(|program| options.backups.contains(program)) {
        section.contradiction(Some("backups"), &format!("`{both}` is both a game and a backup"));
    }
    section.finish();
    options
}
