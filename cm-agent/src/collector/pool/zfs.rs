//! ZFS: the state of each pool, which is all that the kernel's files say of its health. Scrubs and errors are told by `zpool`.

use cm_model::report::smart::{Pool, PoolKind, PoolState};

use super::MOST;
use crate::machine::Machine;

/// Where the kernel module keeps a folder a pool.
const FOLDER: &str = "/proc/spl/kstat/zfs";

/// The pools.
pub(super) fn pools(machine: &Machine) -> Vec<Pool> {
    let names = machine.list(FOLDER).unwrap_or_default();
    let pools = names.into_iter().filter_map(|name| {
        let state = state(&machine.line(&format!("{FOLDER}/{name}/state"))?);
        Some(Pool { name: name.into(), kind: PoolKind::Zfs, state, ..Pool::default() })
    });
    pools.take(MOST).collect()
}

/// A pool's state by ZFS' own word.
pub(crate) fn state(word: &str) -> PoolState {
    match word.trim() {
        "ONLINE" => PoolState::Online,
        "DEGRADED" => PoolState::Degraded,
        "FAULTED" | "OFFLINE" | "UNAVAIL" | "REMOVED" | "SUSPENDED" => PoolState::Faulted,
        _ => PoolState::Unknown,
    }
}
