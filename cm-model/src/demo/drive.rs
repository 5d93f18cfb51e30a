//! Drives and pools: what they hold, how warm they are, how far they are worn, and what they do at the moment.
//!
//! The figures of a drive's life and those of the device since the machine's start come from one flow, so they agree.

use super::cast;
use super::rhythm::{Flow, noise};
use super::story::Moment;
use super::whole;
use crate::health::Health;
use crate::report::Status;
use crate::report::service::Disk;
use crate::report::smart::{Drive, DriveKind, Pool, PoolKind, PoolState, PowerState, SelfTest, SmartReport, Summary};
use crate::unit::{
    BytesPerSecond, Celsius, Count, Gibibytes, Gigabytes, Hours, Milliseconds, Percent, Ratio, Terabytes,
};
use crate::verdict::{self, Policy};

const GIB: f64 = 1_073_741_824.0;

/// What the smart API answers. The host judges itself by the limits that everybody has by default.
pub(super) fn smart(m: &Moment<'_>) -> SmartReport {
    let at = m.wall(m.t);
    let drives: Vec<Drive> = (0..m.host.drives.len()).map(|at| drive(m, at)).collect();
    let count = |status: Status| {
        let health = |drive: &&Drive| own_word(verdict::drive(drive, at, &Policy::new()).health) == status;
        Some(Count(drives.iter().filter(health).count() as u64))
    };
    let sum = |of: fn(&Drive) -> Option<Gigabytes>| {
        Some(Gigabytes::saturating(drives.iter().filter_map(of).map(Gigabytes::get).sum()).rounded(1))
    };
    let summary = Summary {
        healthy: count(Status::Ok),
        warning: count(Status::Warning),
        critical: count(Status::Critical),
        capacity_total_gb: sum(|drive| drive.capacity_gb),
        capacity_used_gb: sum(|drive| drive.used_gb),
    };
    let pools = m.host.pools.iter().map(|plan| pool(m, plan)).collect();
    let mut report = SmartReport { status: Status::Ok, drives, summary, issues: Vec::new(), timestamp: at, pools };
    let found = verdict::smart(&report, &Policy::new());
    report.status = own_word(found.health);
    report.issues = found.reasons.into_iter().map(|reason| reason.text).collect();
    report
}

/// A verdict as a host puts it, which has no word for a note.
pub(super) fn own_word(health: Health) -> Status {
    match health {
        Health::Ok | Health::Note | Health::Unknown => Status::Ok,
        Health::Warning => Status::Warning,
        Health::Critical => Status::Critical,
    }
}

/// What a filesystem holds now, in GiB.
pub(super) fn filesystem_used(m: &Moment<'_>, plan: &cast::Filesystem) -> f64 {
    let breath = 1.0 + 0.004 * noise(m.part("files", plan.mount), m.t);
    m.fills(plan.used_gb, plan.total_gb, plan.grows_gb_a_day) * breath
}

fn read_flow(m: &Moment<'_>, at: usize) -> Flow {
    let plan = &m.host.drives[at];
    let flow = Flow::new(m.part("read", plan.name), plan.read_per_s, m.host.day);
    if plan.asleep {
        return flow;
    }
    let system = at == 0;
    let backup = 0.02 * m.host.backup.size_gb * GIB / m.host.backup.takes_s;
    let scrub: f64 = (m.host.pools.iter())
        .map(|pool| {
            let holds = pool.holds.iter().map(|&held| &m.host.filesystems[held]);
            let here = holds.filter(|held| held.on.contains(&at));
            here.map(|held| held.used_gb).sum::<f64>() * GIB / pool.scrub_s
        })
        .sum();
    flow.during(Some(m.story.backup), backup)
        .during(m.story.scrub, scrub)
        .during(m.story.game.filter(|_| system), 5.2e6)
        .during(m.story.upgrade.filter(|_| system), 6e6)
}

fn write_flow(m: &Moment<'_>, at: usize) -> Flow {
    let plan = &m.host.drives[at];
    let flow = Flow::new(m.part("write", plan.name), plan.write_per_s, m.host.day);
    if at > 0 {
        return flow;
    }
    flow.during(m.story.game, 0.6e6).during(m.story.upgrade, 9e6)
}

/// A total over the drive's life, in TB, from what it was when the story began.
fn lifetime_tb(m: &Moment<'_>, at_start: f64, flow: &Flow) -> f64 {
    (at_start * m.worn + (flow.total(m.t) - flow.total(m.start)) / 1e12).max(0.0)
}

/// What the device does at the moment, as the service API tells it.
pub(super) fn disk(m: &Moment<'_>, at: usize) -> Disk {
    let plan = &m.host.drives[at];
    let (reads, writes) = (read_flow(m, at), write_flow(m, at));
    let boot = m.story.boot(m.t);
    let (read, written) = (reads.mean(m.t, 10.0), writes.mean(m.t, 10.0));
    // Small requests cost far more time than their bytes say.
    let busy = (100.0 * (read + written) / (0.35 * plan.most_per_s)).min(96.0);
    Disk {
        name: plan.name.into(),
        read_bytes: Some(whole(reads.between(boot, m.t))),
        written_bytes: Some(whole(writes.between(boot, m.t))),
        read_per_s: Some(BytesPerSecond::saturating(read).rounded(0)),
        written_per_s: Some(BytesPerSecond::saturating(written).rounded(0)),
        busy_percent: Some(Percent::saturating(busy).rounded(1)),
        wait_ms: Some(Milliseconds::saturating(plan.wait_ms * (1.0 + busy / 40.0)).rounded(2)),
        queue_length: Some(Ratio::saturating(busy / 100.0 * (1.0 + busy / 50.0)).rounded(2)),
    }
}

/// Share of time that the busiest disk was at work over the last `span` seconds, from 0 to 1.
pub(super) fn busy_share(m: &Moment<'_>, span: f64) -> f64 {
    let share = |(at, plan): (usize, &cast::Drive)| {
        (read_flow(m, at).mean(m.t, span) + write_flow(m, at).mean(m.t, span)) / (0.35 * plan.most_per_s)
    };
    m.host.drives.iter().enumerate().map(share).fold(0.0, f64::max).min(0.96)
}

fn drive(m: &Moment<'_>, at: usize) -> Drive {
    let plan = &m.host.drives[at];
    let identity = m.part("identity", plan.name);
    let known = Drive {
        name: plan.name.into(),
        model: Some(plan.model.into()),
        serial: Some(format!("{}{:06X}", plan.serial, identity & 0xff_ffff).into()),
        firmware: Some(plan.firmware.into()),
        kind: plan.kind,
        capacity_gb: Some(Gigabytes::saturating(plan.capacity_gb)),
        wwn: match plan.kind {
            DriveKind::Nvme => Some(format!("eui.00253858{:08x}", identity >> 32).into()),
            DriveKind::Ssd | DriveKind::Hdd => Some(format!("0x50014ee2{:08x}", identity >> 32).into()),
            DriveKind::Emmc | DriveKind::Card | DriveKind::Virtual | DriveKind::Unknown => None,
        },
        label: plan.label.map(Into::into),
        ..Drive::default()
    };
    if plan.asleep {
        return Drive {
            power_state: Some(PowerState::Standby),
            unreadable_reason: Some("asleep, and left asleep".into()),
            ..known
        };
    }
    let (reads, writes) = (read_flow(m, at), write_flow(m, at));
    let written = lifetime_tb(m, plan.written_tb, &writes);
    let hours = (plan.hours + (m.t - m.start) / 3_600.0).max(0.0);
    let moved = reads.mean(m.t, 300.0) + writes.mean(m.t, 300.0);
    let work = (moved / (0.1 * plan.most_per_s)).min(1.0);
    let warm = plan.idle_c + 2.2 * noise(m.part("warm", plan.name), m.t) + 8.0 * work + 1.5 * m.game(900.0);
    let held = m.host.filesystems.iter().filter(|held| held.on.contains(&at));
    let nvme = plan.kind == DriveKind::Nvme;
    let flash = plan.endurance_tb.is_finite();
    // Soldered flash tells its wear and nothing else.
    let tells = plan.kind != DriveKind::Emmc;
    let sectors = matches!(plan.kind, DriveKind::Ssd | DriveKind::Hdd);
    let temperature = |limit: f64| Celsius::saturating(limit);
    Drive {
        temperature_c: tells.then(|| Celsius::saturating(warm).rounded(0)),
        wear_level: flash.then(|| Percent::saturating((100.0 * written / plan.endurance_tb).floor())),
        power_on_hours: tells.then(|| Hours::saturating(hours.floor())),
        available_spare: nvme.then(|| Percent::saturating(100.0)),
        available_spare_threshold: nvme.then(|| Percent::saturating(10.0)),
        used_gb: Some(
            Gigabytes::saturating(held.map(|held| filesystem_used(m, held)).sum::<f64>() * GIB / 1e9).rounded(1),
        ),
        data_written_tb: tells.then(|| Terabytes::saturating(written).rounded(4)),
        data_read_tb: tells.then(|| Terabytes::saturating(lifetime_tb(m, plan.read_tb, &reads)).rounded(4)),
        media_errors: nvme.then_some(Count(0)),
        unsafe_shutdowns: (flash && tells).then_some(Count(plan.unsafe_shutdowns)),
        critical_warning: nvme.then_some(Count(0)),
        smart_passed: Some(true),
        self_test: Some(if tells { SelfTest::Passed } else { SelfTest::Never }),
        self_test_hours: tells.then(|| Hours::saturating(last_self_test(hours))),
        power_state: Some(if moved > 0.002 * plan.most_per_s || nvme { PowerState::Active } else { PowerState::Idle }),
        temperature_warning_c: plan.limits_c.map(|(warning, _)| temperature(warning)),
        temperature_critical_c: plan.limits_c.map(|(_, critical)| temperature(critical)),
        reallocated_sectors: sectors.then_some(Count(plan.reallocated)),
        pending_sectors: sectors.then_some(Count(0)),
        uncorrectable_errors: sectors.then_some(Count(0)),
        crc_errors: sectors.then_some(Count(plan.crc_errors)),
        ..known
    }
}

/// A test every week under power, by the drive's own hours.
fn last_self_test(hours: f64) -> f64 {
    let weeks = ((hours - 61.0) / 168.0).floor().max(0.0);
    (weeks * 168.0 + 61.0).min(hours.floor())
}

fn pool(m: &Moment<'_>, plan: &cast::Pool) -> Pool {
    let held = || plan.holds.iter().map(|&held| filesystem_used(m, &m.host.filesystems[held])).sum();
    let progress = (m.story.scrub)
        .and_then(|scrub| scrub.at(m.t))
        .map(|spell| Percent::saturating(100.0 * (m.t - spell.since) / (spell.until - spell.since)).rounded(1));
    Pool {
        name: plan.name.into(),
        kind: plan.kind,
        state: PoolState::Online,
        capacity_gb: Some(Gibibytes::saturating(plan.capacity_gb)),
        // md knows sectors, not files: it cannot tell what is in use.
        used_gb: (plan.kind != PoolKind::Md).then(|| Gibibytes::saturating(held()).rounded(2)),
        errors: Some(Count(0)),
        last_scrub: m.story.scrub.map(|scrub| m.wall(scrub.ended(m.t).until)),
        scrub_errors: Some(Count(0)),
        progress,
    }
}
