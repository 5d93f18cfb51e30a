//! Whether an update waits for a restart, and how many wait to be installed, where the distribution tells it cheaply.
//!
//! Asking a package manager takes seconds and a lock: nobody is asked here. So how many updates wait is known where
//! something else counts them anyway and leaves the figure in a file (Ubuntu's and Debian's update-notifier, Proxmox), and
//! is not told elsewhere, which is no nought.

use crate::machine::Machine;

/// Notes that packages leave: Debian's and Ubuntu's, SUSE's, and that of systems whose whole image is replaced (ostree).
const NOTES: [&str; 3] = ["/run/reboot-required", "/run/reboot-needed", "/run/ostree/staged-deployment"];

/// Whether the machine runs something older than what is installed; nothing where that cannot be known.
pub(super) fn reboot_needed(machine: &Machine, kernel: Option<&str>) -> Option<bool> {
    if NOTES.iter().any(|note| machine.exists(note)) {
        return Some(true);
    }
    nixos(machine).or_else(|| debian(machine, kernel?)).or_else(|| modules(machine, kernel?))
}

/// NixOS knows what was started and what would be.
fn nixos(machine: &Machine) -> Option<bool> {
    let links = ["kernel", "initrd", "kernel-modules"].map(|part| {
        let booted = machine.link(&format!("/run/booted-system/{part}")).ok();
        booted.zip(machine.link(&format!("/run/current-system/{part}")).ok())
    });
    let known = links.iter().any(Option::is_some);
    known.then(|| links.iter().flatten().any(|(booted, current)| booted != current))
}

/// Debian keeps a link at `/vmlinuz` to the kernel that would be started.
fn debian(machine: &Machine, kernel: &str) -> Option<bool> {
    let next = machine.link_name("/vmlinuz")?;
    Some(next.strip_prefix("vmlinuz-")? != kernel)
}

/// Arch and others delete a kernel's modules with it: then those of the running one are gone, and others are there. That they
/// are there says nothing, since many keep those of older kernels.
fn modules(machine: &Machine, kernel: &str) -> Option<bool> {
    let kept = machine.list("/usr/lib/modules").or_else(|_| machine.list("/lib/modules")).ok()?;
    let gone = !kept.is_empty() && kept.iter().all(|name| name != kernel);
    // What is left may be a directory of somebody's own modules: only one that is ready to be loaded from counts.
    let others = || kept.iter().any(|name| machine.exists(&format!("/lib/modules/{name}/modules.dep")));
    (gone && others()).then_some(true)
}

/// How many updates wait to be installed; nothing where nobody counts them.
pub(super) fn pending(machine: &Machine) -> Option<u64> {
    let notifier = machine.head("/var/lib/update-notifier/updates-available", 4096).ok();
    notifier.and_then(|text| first_number(&text)).or_else(|| {
        let text = machine.read("/var/lib/pve-manager/pkgupdates").ok()?;
        serde_json::from_str::<Vec<serde::de::IgnoredAny>>(&text).ok().map(|updates| updates.len() as u64)
    })
}

/// The first number that begins a line: the file is prose in the system's language, of which that line comes first.
fn first_number(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.split_whitespace().next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine with these files (`path=text`) and links (`path>target`).
    fn machine(parts: &[&str]) -> (tempfile::TempDir, Machine) {
        let made = tempfile::tempdir().unwrap();
        for part in parts {
            let at = part.find(['=', '>']).unwrap();
            let path = made.path().join(&part[1..at]);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            if part.as_bytes()[at] == b'>' {
                std::os::unix::fs::symlink(&part[at + 1..], path).unwrap();
            } else {
                std::fs::write(path, &part[at + 1..]).unwrap();
            }
        }
        let machine = Machine::in_a_box(made.path()).unwrap();
        (made, machine)
    }

    #[test]
    fn a_restart_is_needed_where_the_distribution_says_so() {
        for (parts, expected) in [
            (&["/run/reboot-required="][..], Some(true)),
            (&["/run/reboot-needed=soft-reboot"], Some(true)),
            (&["/run/booted-system/kernel>/a", "/run/current-system/kernel>/a"], Some(false)),
            (&["/run/booted-system/initrd>/a", "/run/current-system/initrd>/b"], Some(true)),
            (&["/vmlinuz>boot/vmlinuz-6.1.0-41-amd64"], Some(false)),
            (&["/vmlinuz>boot/vmlinuz-6.1.0-42-amd64"], Some(true)),
            (&["/vmlinuz>boot/bzImage"], None),
            (&["/lib/modules/6.2/modules.dep=", "/usr/lib/modules/6.2/x="], Some(true)),
            (&["/lib/modules/6.2/x="], None),
            (&["/lib/modules/6.2/modules.dep=", "/lib/modules/6.1.0-41-amd64/modules.dep="], None),
            (&[], None),
        ] {
            let (_made, machine) = machine(parts);
            assert_eq!(reboot_needed(&machine, Some("6.1.0-41-amd64")), expected, "{parts:?}");
        }
    }

    #[test]
    fn updates_are_counted_where_something_counts_them() {
        for (parts, expected) in [
            (
                &[
                    "/var/lib/update-notifier/updates-available=\n12 updates can be applied immediately.\n3 of these are security updates.\n",
                ][..],
                Some(12),
            ),
            (
                &[
                    "/var/lib/update-notifier/updates-available=\nExpanded Security Maintenance is not enabled.\n\n0 updates can be applied.\n",
                ],
                Some(0),
            ),
            (&["/var/lib/update-notifier/updates-available="], None),
            (&["/var/lib/pve-manager/pkgupdates=[{\"Package\":\"a\"},{\"Package\":\"b\"}]"], Some(2)),
            (&["/var/lib/pve-manager/pkgupdates=[]"], Some(0)),
            (&["/var/lib/pve-manager/pkgupdates=[{\"Pack"], None),
            (&[], None),
        ] {
            let (_made, machine) = machine(parts);
            assert_eq!(pending(&machine), expected, "{parts:?}");
        }
    }
}
