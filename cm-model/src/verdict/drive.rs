//! Drives and pools: what they say of themselves, beside their limits.

use super::{Policy, limits, own_word, state};
use crate::catalogue::Measured;
use crate::clock::WallTime;
use crate::health::{Health, Reason, Subject, SubjectKind, Verdict};
use crate::report::smart::{Drive, DriveKind, Pool, PoolState, PowerState, SelfTest, SmartReport};
use crate::text::HostText;
use crate::unit::Count;

const REPLACE_NOW: &str = "Make sure of the backup now, then replace the drive.";

/// The verdict over all drives and pools of a host.
pub fn smart(report: &SmartReport, policy: &Policy) -> Verdict {
    let at = report.timestamp;
    let mut reasons = Vec::new();
    for one in &report.drives {
        reasons.extend(drive(one, at, policy).reasons);
    }
    for one in &report.pools {
        reasons.extend(pool(one, at, policy).reasons);
    }
    let told: Vec<&HostText> = report.issues.iter().collect();
    reasons.extend(own_word(report.status, Subject::host(), "smart.host_says", &told, "drives", &reasons));
    Verdict::from_reasons(reasons)
}

/// The verdict over one drive.
pub fn drive(drive: &Drive, at: WallTime, policy: &Policy) -> Verdict {
    let mut reasons = Vec::new();
    limits(drive, at, policy, &mut reasons);
    own_verdict(drive, &mut reasons);
    if drive.self_test == Some(SelfTest::Failed) {
        let text = format!("{} failed its last self-test", drive.name.raw());
        reasons.push(state(Health::Critical, "drive.self_test_failed", drive.subject(), text, REPLACE_NOW));
    }
    let could_tell = !matches!(drive.kind, DriveKind::Emmc | DriveKind::Card | DriveKind::Virtual);
    let asleep = drive.power_state == Some(PowerState::Standby);
    if let Some(why) = drive.unreadable_reason.as_ref().filter(|_| could_tell && !asleep) {
        let text = format!("{} does not tell its health: {}", drive.name.raw(), why.raw());
        reasons.push(state(
            Health::Note,
            "drive.unreadable",
            drive.subject(),
            text,
            "Nothing warns before this drive fails: see the cause, and keep backups.",
        ));
    }
    Verdict::from_reasons(reasons)
}

/// The bits of the NVMe log's critical warning, each with what it says (NVM Express base specification, SMART log page 02h, byte 0).
const WARNING_BITS: [(u64, Health, &str, &str, &str); 6] = [
    (1, Health::Critical, "drive.spare_low", "says that its spare blocks run out", REPLACE_NOW),
    (
        2,
        Health::Warning,
        "drive.temperature_warning",
        "says that its temperature is outside its limits",
        "Look at fans, dust and airflow around the drive.",
    ),
    (4, Health::Critical, "drive.unreliable", "says that it is no longer reliable", REPLACE_NOW),
    (8, Health::Critical, "drive.read_only", "has gone read-only", REPLACE_NOW),
    (
        16,
        Health::Warning,
        "drive.power_loss_backup",
        "has lost its protection against power cuts",
        "Keep it behind a UPS; replace it when you can.",
    ),
    (
        32,
        Health::Warning,
        "drive.memory_region",
        "says that its persistent memory region cannot be relied on",
        "Replace it when you can.",
    ),
];

fn own_verdict(drive: &Drive, reasons: &mut Vec<Reason>) {
    let name = drive.name.raw();
    let bits = drive.critical_warning.map_or(0, Count::get);
    for (bit, health, code, says, next) in WARNING_BITS {
        if bits & bit == 0 {
            continue;
        }
        // Some drives raise the "unreliable" bit for no other cause than that the rated life is used up.
        let only_worn = bit == 4
            && drive.wear_level.is_some_and(|wear| wear.get() >= 100.0)
            && drive.media_errors.is_none_or(|errors| errors.get() == 0);
        reasons.push(if only_worn {
            let text = format!("{name} is past its rated life, without errors so far");
            state(
                Health::Warning,
                "drive.past_rated_life",
                drive.subject(),
                text,
                "Plan a replacement; it is out of warranty, not broken.",
            )
        } else {
            state(health, code, drive.subject(), format!("{name} {says}"), next)
        });
    }
    if drive.smart_passed == Some(false) && bits == 0 {
        let text = format!("{name} fails its own SMART verdict");
        reasons.push(state(Health::Critical, "drive.smart_failed", drive.subject(), text, REPLACE_NOW));
    }
}

/// The verdict over one pool.
pub fn pool(pool: &Pool, at: WallTime, policy: &Policy) -> Verdict {
    let mut reasons = Vec::new();
    let name = pool.name.raw();
    let subject = || Subject::named(SubjectKind::Pool, pool.name.clone());
    match pool.state {
        PoolState::Online => {}
        PoolState::Degraded => reasons.push(state(
            Health::Critical,
            "pool.degraded",
            subject(),
            format!("{name} is degraded: one more failure may lose data"),
            "Find the missing member (mdadm --detail, zpool status, btrfs device stats) and replace it.",
        )),
        PoolState::Rebuilding => reasons.push(state(
            Health::Warning,
            "pool.rebuilding",
            subject(),
            format!(
                "{name} is being rebuilt{}",
                pool.progress.map_or_else(String::new, |share| format!(", {share} done"))
            ),
            "Leave it in peace until it is whole; do not remove a drive.",
        )),
        PoolState::Faulted => reasons.push(state(
            Health::Critical,
            "pool.faulted",
            subject(),
            format!("{name} is not at work"),
            "Do not write to its drives; see what its own status says is missing.",
        )),
        PoolState::Unknown => {
            reasons.push(state(
                Health::Unknown,
                "pool.unknown",
                subject(),
                format!("{name} is in a state that is not known"),
                "Look at the pool's own status on the host.",
            ));
        }
    }
    limits(pool, at, policy, &mut reasons);
    Verdict::from_reasons(reasons)
}
