//! What the machine is: kernel, distribution, time since its start, whether it waits for another.

use cm_model::report::service::BootReason;
use cm_model::text::HostText;
use cm_model::unit::Seconds;

use super::rarely::Rarely;
use super::{Absent, Collector, Draft, Look};
use crate::machine::{Machine, Unreadable};

/// The collector.
#[derive(Debug, Default)]
pub struct Facts {
    /// What does not change while the machine runs, or only with an upgrade.
    fixed: Rarely<Fixed>,
}

#[derive(Debug, Clone)]
struct Fixed {
    kernel: Option<HostText>,
    os: Option<HostText>,
    boot_reason: Option<BootReason>,
    reboot_needed: Option<bool>,
}

impl Collector for Facts {
    fn name(&self) -> &'static str {
        "facts"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        let machine = look.machine;
        let fixed = self.fixed.get(|| Fixed {
            kernel: machine.line("/proc/sys/kernel/osrelease").map(HostText::from),
            os: os(machine),
            boot_reason: boot_reason(machine),
            reboot_needed: reboot_needed(machine),
        });
        let service = &mut draft.service;
        service.kernel.clone_from(&fixed.kernel);
        service.os.clone_from(&fixed.os);
        service.boot_reason = fixed.boot_reason;
        service.reboot_needed = fixed.reboot_needed;
        let text = machine.read("/proc/uptime")?;
        service.uptime_s = uptime(&text);
        if service.uptime_s.is_none() {
            return Err(Unreadable::garbled("/proc/uptime", "a number of seconds").into());
        }
        Ok(())
    }
}

/// The distribution and its version, by os-release(5).
fn os(machine: &Machine) -> Option<HostText> {
    let text = machine.read("/etc/os-release").or_else(|_| machine.read("/usr/lib/os-release")).ok()?;
    let name = assigned(&text, "PRETTY_NAME").or_else(|| assigned(&text, "NAME"))?;
    Some(name.into())
}

/// The value of a shell-like assignment, without its quotes.
pub fn assigned(text: &str, name: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.trim_start().strip_prefix(name)?.strip_prefix('='))?.trim();
    let quoted = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let value = match (quoted('"'), quoted('\'')) {
        (Some(inner), _) => {
            let mut plain = String::with_capacity(inner.len());
            let mut letters = inner.chars();
            while let Some(letter) = letters.next() {
                plain.push(if letter == '\\' { letters.next().unwrap_or('\\') } else { letter });
            }
            plain
        }
        (None, Some(inner)) => inner.to_owned(),
        (None, None) => value.to_owned(),
    };
    (!value.is_empty()).then_some(value)
}

/// Seconds since the start, to the whole second.
pub fn uptime(text: &str) -> Option<Seconds> {
    let seconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Seconds::try_from(seconds).ok().map(|seconds| Seconds::saturating(seconds.get().floor()))
}

/// A hardware watchdog that had to start the machine says so (`WDIOF_CARDRESET` of the kernel's watchdog API). Nothing else
/// that can be read without rights tells how the run before this one ended.
fn boot_reason(machine: &Machine) -> Option<BootReason> {
    let status: u32 = machine.number("/sys/class/watchdog/watchdog0/bootstatus")?;
    (status & 0x20 != 0).then_some(BootReason::Unasked)
}

/// NixOS knows what was started and what would be; Debian's packages leave a note. Elsewhere it is not known.
fn reboot_needed(machine: &Machine) -> Option<bool> {
    let links = ["kernel", "initrd", "kernel-modules"].map(|part| {
        let booted = machine.link(&format!("/run/booted-system/{part}")).ok();
        booted.zip(machine.link(&format!("/run/current-system/{part}")).ok())
    });
    if links.iter().any(Option::is_some) {
        return Some(links.iter().flatten().any(|(booted, current)| booted != current));
    }
    if machine.exists("/run/reboot-required") {
        return Some(true);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn assignments_are_read_as_a_shell_would() {
        for (text, expected) in [
            ("NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n", Some("Debian GNU/Linux 12 (bookworm)")),
            ("PRETTY_NAME='Arch Linux'\n", Some("Arch Linux")),
            ("PRETTY_NAME=NixOS\n", Some("NixOS")),
            (r#"PRETTY_NAME="a \"b\" \\ c""#, Some(r#"a "b" \ c"#)),
            ("PRETTY_NAME=\"\"\n", None),
            ("PRETTY_NAME=\"open\n", Some("\"open")),
            ("XPRETTY_NAME=x\n", None),
            ("", None),
        ] {
            assert_eq!(assigned(text, "PRETTY_NAME").as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn uptimes() {
        for (text, expected) in [
            ("350735.47 234388.90\n", Some(350_735.0)),
            ("12", Some(12.0)),
            ("-1 0", None),
            ("inf 0", None),
            ("", None),
        ] {
            assert_eq!(uptime(text).map(Seconds::get), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(PRETTY_NAME=)?.{0,60}") {
            let _ = (assigned(&text, "PRETTY_NAME"), uptime(&text));
        }
    }
}
