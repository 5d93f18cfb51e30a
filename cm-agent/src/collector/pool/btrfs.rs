//! btrfs: `/sys/fs/btrfs/UUID` (ABI/testing/sysfs-fs-btrfs), and what `btrfs scrub` leaves behind for root to read.
//!
//! A filesystem is called by where it is mounted, the shortest of such places; else by its label.

use cm_model::clock::WallTime;
use cm_model::report::smart::{Pool, PoolKind, PoolState};
use cm_model::unit::{Bytes, Count, Gibibytes};

use super::MOST;
use crate::machine::Machine;
use crate::machine::mount::Mount;

/// The filesystems.
pub(crate) fn filesystems(machine: &Machine, mounts: &[Mount]) -> Vec<Pool> {
    let names = machine.list("/sys/fs/btrfs").unwrap_or_default();
    let filesystems =
        names.iter().filter(|name| name.len() == 36 && name.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'));
    filesystems.take(MOST).map(|uuid| filesystem(machine, uuid, mounts)).collect()
}

fn filesystem(machine: &Machine, uuid: &str, mounts: &[Mount]) -> Pool {
    let folder = format!("/sys/fs/btrfs/{uuid}");
    let devices = machine.list(&format!("{folder}/devices")).unwrap_or_default();
    let members = machine.list(&format!("{folder}/devinfo")).unwrap_or_default();
    let missing = members.iter().any(|id| machine.number::<u8>(&format!("{folder}/devinfo/{id}/missing")) == Some(1));
    let operation = machine.line(&format!("{folder}/exclusive_operation")).unwrap_or_default();
    let (capacity_gb, used_gb) = room(machine, &folder, &devices);
    let name = mounted_at(machine, &devices, mounts)
        .map(str::to_owned)
        .or_else(|| machine.line(&format!("{folder}/label")))
        .unwrap_or_else(|| uuid.to_owned());
    let (last_scrub, scrub_errors) = scrub(machine, uuid);
    Pool {
        name: name.into(),
        kind: PoolKind::Btrfs,
        state: match (&*operation, missing) {
            ("device replace", _) => PoolState::Rebuilding,
            (_, true) => PoolState::Degraded,
            (_, false) => PoolState::Online,
        },
        capacity_gb,
        used_gb,
        errors: errors(machine, &folder, &members),
        last_scrub,
        scrub_errors,
        progress: None,
    }
}

/// The shortest place where one of the devices is mounted.
fn mounted_at<'a>(machine: &Machine, devices: &[String], mounts: &'a [Mount]) -> Option<&'a str> {
    let mapped: Vec<_> =
        devices.iter().filter_map(|device| machine.line(&format!("/sys/block/{device}/dm/name"))).collect();
    let is_ours = |mount: &&Mount| {
        let source = mount.source.rsplit('/').next().unwrap_or_default();
        mount.kind == "btrfs" && devices.iter().chain(&mapped).any(|device| device == source)
    };
    mounts.iter().filter(is_ours).map(|mount| &*mount.point).min_by_key(|point| point.len())
}

/// Size and what is in use, as data would see it: of two copies one counts. The proportion is that of the data there is.
fn room(machine: &Machine, folder: &str, devices: &[String]) -> (Option<Gibibytes>, Option<Gibibytes>) {
    let sectors: f64 =
        devices.iter().filter_map(|device| machine.number::<f64>(&format!("{folder}/devices/{device}/size"))).sum();
    let of = |kind: &str, file: &str| machine.number::<f64>(&format!("{folder}/allocation/{kind}/{file}"));
    let copies = match (of("data", "disk_total"), of("data", "total_bytes")) {
        (Some(disk), Some(total)) if total > 0.0 && disk >= total => disk / total,
        _ => 1.0,
    };
    let used: Option<f64> = ["data", "metadata", "system"]
        .iter()
        .map(|kind| of(kind, "disk_used"))
        .try_fold(0.0, |sum, used| Some(sum + used?));
    let told = |bytes: f64| Bytes::new(bytes / copies).gibibytes();
    ((sectors > 0.0).then(|| told(sectors * 512.0)), used.map(told))
}

/// Errors of all members since they were last cleared: the sum of the lines `write_errs 0`, `read_errs 0` and so on.
fn errors(machine: &Machine, folder: &str, members: &[String]) -> Option<Count> {
    let told = members.iter().filter_map(|id| machine.read(&format!("{folder}/devinfo/{id}/error_stats")).ok());
    let sums = told.map(|text| {
        let counts = text.lines().filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        counts.fold(0, u64::saturating_add)
    });
    sums.reduce(u64::saturating_add).map(Count)
}

/// When `btrfs scrub` last ended and what it found, from its own record, which root alone may read.
fn scrub(machine: &Machine, uuid: &str) -> (Option<WallTime>, Option<Count>) {
    let record = machine.read(&format!("/var/lib/btrfs/scrub.status.{uuid}"));
    record.map_or((None, None), |text| read_record(&text, uuid))
}

/// A line a device: `UUID:1|data_extents_scrubbed:9|...|t_start:1700000000|duration:60|canceled:0|finished:1`. The filesystem was
/// scrubbed when all of them ended, the last of them.
fn read_record(text: &str, uuid: &str) -> (Option<WallTime>, Option<Count>) {
    const FOUND: [&str; 4] = ["read_errors", "csum_errors", "verify_errors", "super_errors"];
    let mut ended: Option<i64> = None;
    let mut found = 0_u64;
    for line in text.lines().filter(|line| line.starts_with(uuid)) {
        let of = |name: &str| {
            let mut fields = line.split('|').filter_map(|field| field.split_once(':'));
            fields.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse::<i64>().ok())
        };
        let (Some(start), Some(1)) = (of("t_start").filter(|start| *start > 0), of("finished")) else {
            return (None, None);
        };
        let end = start.saturating_add(of("duration").unwrap_or(0).max(0));
        ended = Some(ended.map_or(end, |other| other.max(end)));
        let errors = FOUND.iter().filter_map(|name| of(name)).filter_map(|count| u64::try_from(count).ok());
        found = errors.fold(found, u64::saturating_add);
    }
    (ended.map(WallTime::from_secs), ended.map(|_| Count(found)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scrub_counts_once_all_devices_have_ended_it() {
        let uuid = "0f2c1f6e-1111-2222-3333-444455556666";
        let line = |device: u8, errors: u8, finished: u8| {
            format!(
                "{uuid}:{device}|data_extents_scrubbed:9|read_errors:{errors}|csum_errors:1|corrected_errors:2|t_start:1700000000|t_resumed:0|duration:{device}0|canceled:0|finished:{finished}\n"
            )
        };
        let head = "scrub status:1\n";
        let read = |lines: &str| {
            let (ended, found) = read_record(&format!("{head}{lines}"), uuid);
            (ended.map(WallTime::secs), found.map(Count::get))
        };
        assert_eq!(read(&(line(1, 0, 1) + &line(2, 3, 1))), (Some(1_700_000_020), Some(5)));
        assert_eq!(read(&(line(1, 0, 1) + &line(2, 0, 0))), (None, None), "one is still at it");
        assert_eq!(read(""), (None, None));
        assert_eq!(read("garbage|||::\n"), (None, None));
    }
}
