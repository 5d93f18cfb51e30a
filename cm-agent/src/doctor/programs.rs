//! The programs that the agent and its helper run: whether they are here, and whether somebody else could have written them.

use cm_model::health::Health;

use super::Check;
use crate::program::Program;

/// Each by its name, with what it tells.
const PROGRAMS: &[(&str, &str)] = &[("smartctl", "the health of SATA, SAS and USB drives, asked by the drive helper")];

/// Each program.
pub(super) fn checks() -> Vec<Check> {
    PROGRAMS.iter().map(|(name, gives)| check(name, gives)).collect()
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
