//! What the machine is: kernel, distribution, time since its start and the reason for it, whether it waits for another.

mod boot;
mod update;

use std::time::Duration;

use cm_model::report::service::BootReason;
use cm_model::text::HostText;
use cm_model::unit::{Count, Seconds};

use super::rarely::Rarely;
use super::{Absent, Collector, Draft, Look};
use crate::machine::{Machine, Unreadable};

/// The collector.
#[derive(Debug, Default)]
pub struct Facts {
    /// What does not change while the machine runs, or only with an upgrade.
    fixed: Rarely<Fixed>,
    /// Why the machine started, once that is known: it has one reason as long as it runs.
    reason: Option<BootReason>,
}

#[derive(Debug, Clone)]
struct Fixed {
    kernel: Option<HostText>,
    os: Option<HostText>,
    boot_reason: Option<BootReason>,
    reboot_needed: Option<bool>,
    updates: Option<Count>,
}

impl Collector for Facts {
    fn name(&self) -> &'static str {
        "facts"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        let machine = look.machine;
        let text = machine.read("/proc/uptime");
        let up = text.as_deref().ok().and_then(uptime);
        let known = self.reason;
        let fixed = self.fixed.get(|| {
            let kernel = machine.line("/proc/sys/kernel/osrelease");
            let started = up.map(|up| look.now.wall.before(Duration::from_secs_f64(up.get())));
            Fixed {
                os: os(machine),
                boot_reason: known.or_else(|| boot::reason(machine, started?)),
                // In a container the kernel is not its own.
                reboot_needed: update::reboot_needed(machine, kernel.as_deref().filter(|_| look.container.is_none())),
                updates: update::pending(machine).map(Count),
                kernel: kernel.map(HostText::from),
            }
        });
        self.reason = fixed.boot_reason;
        let service = &mut draft.service;
        service.kernel.clone_from(&fixed.kernel);
        service.os.clone_from(&fixed.os);
        service.boot_reason = fixed.boot_reason;
        service.reboot_needed = fixed.reboot_needed;
        service.updates_pending = fixed.updates;
        service.uptime_s = up;
        text?;
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
