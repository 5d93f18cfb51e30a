//! The programs that the agent and its helper run: whether they are here, and whether somebody else could have written them.

use cm_model::health::Health;

use super::Check;
use crate::collector::CollectOptions;
use crate::collector::backup::Tool;
use crate::program::Program;

/// Each by its name, with what it tells.
const PROGRAMS: &[(&str, &str)] = &[
    ("smartctl", "the health of SATA, SAS and USB drives, asked by the drive helper"),
    ("journalctl", "the last lines of a service that failed"),
];

/// Each program, and those of the backups that the settings name.
pub(super) fn checks(options: &CollectOptions) -> Vec<Check> {
    let usual = PROGRAMS.iter().map(|(name, gives)| check(name, gives));
    let jobs = options.backup.jobs.iter().filter(|job| job.tool != Tool::StatusFile);
    let tools = jobs.map(|job| {
        let check = check(job.program.as_deref().unwrap_or(job.tool.word()), &format!("the backup {}", job.name));
        // What the settings name ought to be here.
        if check.text.starts_with("not here") {
            check.trouble(
                Health::Warning,
                "Install it, or give its whole path as `program` of that backup in agent.toml.",
            )
        } else {
            check
        }
    });
    usual.chain(tools).collect()
}

fn check(name: &str, gives: &str) -> Check {
    match Program::settle(name) {
        Ok(program) => Check::well("program", program.path().display().to_string(), gives),
        Err(distrust) if distrust.is_not_there() => {
            Check::well("program", name, format!("not here, so without {gives}"))
        }
        Err(distrust) => {
            let check = Check::well("program", name, format!("not run: {distrust}")).code(distrust.code());
            check.trouble(Health::Warning, distrust.next().unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_program_that_others_could_have_written_is_a_trouble_and_one_that_is_not_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tool");
        fs::write(&path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o777)).unwrap();
        let open = check(path.to_str().unwrap(), "something");
        assert_eq!(open.health, Health::Warning);
        assert!(open.next.starts_with("Run: chmod "), "{open:?}");
        let absent = check(folder.path().join("none").to_str().unwrap(), "something");
        assert_eq!(absent.health, Health::Ok, "{absent:?}");
    }
}
