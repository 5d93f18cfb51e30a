//! One of a host's largest processes in words, the same on every sheet. It knows no screen.

use cm_core::report::service::Process;
use cm_core::text::terminal;

/// Name, figures and unit: `restic (701): 90 % CPU, 590 MiB, reads 85.8 MiB/s; restic-backups-srv.service`. What is not known
/// or nothing is left out.
pub(super) fn words(process: &Process) -> String {
    let rates = [("reads", process.read_per_s), ("writes", process.written_per_s)];
    let rates = rates
        .into_iter()
        .filter_map(|(word, rate)| rate.filter(|rate| rate.get() > 0.0).map(|rate| format!("{word} {rate}")));
    let figures =
        [process.cpu_percent.map(|share| format!("{share} CPU")), process.memory_mb.map(|memory| memory.to_string())];
    let figures: Vec<String> = figures.into_iter().flatten().chain(rates).collect();
    let pid = process.pid.map(|pid| format!(" ({})", pid.get())).unwrap_or_default();
    let unit = process.unit.as_ref().filter(|unit| **unit != process.name);
    let unit = unit.map(|unit| format!("; {}", terminal::line(unit))).unwrap_or_default();
    format!("{}{pid}: {}{unit}", terminal::line(&process.name), figures.join(", "))
}

#[cfg(test)]
mod tests {
    use cm_core::unit::{BytesPerSecond, Count, Mebibytes, Percent};

    use super::*;

    #[test]
    fn only_what_is_known_is_said() {
        let full = Process {
            name: "restic".into(),
            pid: Some(Count(70_123)),
            unit: Some("backup.service".into()),
            cpu_percent: Percent::try_from(90.0).ok(),
            memory_mb: Mebibytes::try_from(590.0).ok(),
            read_per_s: BytesPerSecond::try_from(2_097_152.0).ok(),
            written_per_s: BytesPerSecond::try_from(0.0).ok(),
        };
        let unit = Process {
            name: "a.service".into(),
            unit: Some("a.service".into()),
            read_per_s: full.read_per_s,
            ..Process::default()
        };
        let hostile = Process { name: "\u{1b}[2Jx".into(), memory_mb: full.memory_mb, ..Process::default() };
        assert_eq!(words(&full), "restic (70123): 90 % CPU, 590 MiB, reads 2 MiB/s; backup.service");
        assert_eq!(words(&unit), "a.service: reads 2 MiB/s");
        assert!(!words(&hostile).contains('\u{1b}'));
    }
}
