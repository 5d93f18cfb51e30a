//! Linux software RAID: `/sys/block/mdN/md` (Documentation/admin-guide/md.rst, ABI/testing/sysfs-md).
//!
//! When an array was last checked the kernel does not keep.

use cm_model::report::smart::{Pool, PoolKind, PoolState};
use cm_model::unit::{Bytes, Count, Percent};

use super::MOST;
use crate::machine::Machine;

/// The arrays.
pub(super) fn arrays(machine: &Machine) -> Vec<Pool> {
    let names = machine.list("/sys/block").unwrap_or_default();
    names.iter().filter(|name| name.starts_with("md")).filter_map(|name| array(machine, name)).take(MOST).collect()
}

fn array(machine: &Machine, name: &str) -> Option<Pool> {
    let line = |file: &str| machine.line(&format!("/sys/block/{name}/md/{file}"));
    let state = line("array_state")?;
    let level = line("level").unwrap_or_default();
    // What holds the description of other arrays for a firmware is none itself, and `clear` is an array that is no more.
    if level == "container" || state == "clear" {
        return None;
    }
    let action = line("sync_action").unwrap_or_default();
    let missing = line("degraded").and_then(|count| count.parse::<u64>().ok()).unwrap_or(0);
    let sectors: Option<f64> = machine.number(&format!("/sys/block/{name}/size"));
    Some(Pool {
        name: name.into(),
        kind: PoolKind::Md,
        state: condition(&state, missing, &action),
        capacity_gb: sectors.filter(|sectors| *sectors > 0.0).map(|sectors| Bytes::new(sectors * 512.0).gibibytes()),
        errors: member_errors(machine, name),
        scrub_errors: mismatches(&level, line("last_sync_action").as_deref(), line("mismatch_cnt").as_deref()),
        progress: line("sync_completed").as_deref().and_then(progress),
        ..Pool::default()
    })
}

fn condition(state: &str, missing: u64, action: &str) -> PoolState {
    match state {
        "inactive" | "suspended" | "broken" => PoolState::Faulted,
        _ if missing > 0 && matches!(action, "recover" | "reshape") => PoolState::Rebuilding,
        _ if missing > 0 => PoolState::Degraded,
        "readonly" | "read-auto" | "clean" | "active" | "write-pending" | "active-idle" => PoolState::Online,
        _ => PoolState::Unknown,
    }
}

/// Read errors of the members that were mended, and so threw none of them out.
fn member_errors(machine: &Machine, name: &str) -> Option<Count> {
    let folder = format!("/sys/block/{name}/md");
    let names = machine.list(&folder).ok()?;
    let members = names.iter().filter(|name| name.starts_with("dev-"));
    let told = members.filter_map(|member| machine.number::<u64>(&format!("{folder}/{member}/errors")));
    told.reduce(u64::saturating_add).map(Count)
}

/// Sectors in which copies or parity did not agree at the last check. Of mirrors it is not told: swap and mapped files that change
/// while they are written make their copies differ without harm (md(4), "SCRUBBING AND MISMATCHES").
fn mismatches(level: &str, last: Option<&str>, count: Option<&str>) -> Option<Count> {
    let checked = last.is_some_and(|last| matches!(last, "check" | "repair"));
    let parity = matches!(level, "raid4" | "raid5" | "raid6");
    count?.parse().ok().map(Count).filter(|_| checked && parity)
}

/// `1234 / 5678` sectors; `none` where nothing goes on, `delayed` where it waits for another array.
fn progress(line: &str) -> Option<Percent> {
    let (done, all) = line.split_once('/')?;
    let (done, all): (f64, f64) = (done.trim().parse().ok()?, all.trim().parse().ok()?);
    (all > 0.0).then(|| Percent::saturating((done / all * 100.0).min(100.0)).rounded(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_is_as_whole_as_its_members() {
        for (state, missing, action, expected) in [
            ("clean", 0, "idle", PoolState::Online),
            ("active", 0, "check", PoolState::Online),
            ("active", 0, "resync", PoolState::Online),
            ("read-auto", 0, "idle", PoolState::Online),
            ("clean", 1, "idle", PoolState::Degraded),
            ("active", 1, "frozen", PoolState::Degraded),
            ("active", 1, "recover", PoolState::Rebuilding),
            ("inactive", 0, "", PoolState::Faulted),
            ("broken", 2, "idle", PoolState::Faulted),
            ("moonwalking", 0, "idle", PoolState::Unknown),
        ] {
            assert_eq!(condition(state, missing, action), expected, "{state} {missing} {action}");
        }
    }

    #[test]
    fn progress_is_told_while_there_is_some() {
        for (line, expected) in [
            ("2500 / 10000", Some(25.0)),
            ("none", None),
            ("delayed", None),
            ("0 / 0", None),
            ("20000 / 10000", Some(100.0)),
        ] {
            assert_eq!(progress(line).map(Percent::get), expected, "{line}");
        }
    }

    #[test]
    fn differing_copies_count_where_they_can_only_be_wrong() {
        for (level, last, count, expected) in [
            ("raid6", Some("check"), Some("8"), Some(Count(8))),
            ("raid5", Some("repair"), Some("0"), Some(Count(0))),
            ("raid5", Some("resync"), Some("8"), None),
            ("raid1", Some("check"), Some("128"), None),
            ("raid6", None, Some("8"), None),
        ] {
            assert_eq!(mismatches(level, last, count), expected, "{level} {last:?}");
        }
    }
}
