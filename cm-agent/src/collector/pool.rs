//! Arrays and pools over several drives: md, btrfs, ZFS, as far as anybody may read in proc and sysfs.
//!
//! What only root may read (when a pool was last scrubbed) the drive helper tells; its pools are in the draft already and are
//! brought up to date here, for a state that changes is seen by the kernel first. It does not know what is bad.

pub(crate) mod btrfs;
mod md;
pub(crate) mod zfs;

use cm_model::report::Api;
use cm_model::report::smart::{Pool, PoolState};

use super::{Absent, Collector, Draft, Look};

/// The most pools of each sort that are told.
const MOST: usize = 64;

/// The collector.
#[derive(Debug, Default)]
pub struct Pools;

impl Collector for Pools {
    fn name(&self) -> &'static str {
        "pool"
    }

    fn feeds(&self, api: Api) -> bool {
        api == Api::Smart
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        // In a container these are the pools of the machine around it, which tells of them itself.
        if look.container.is_some() {
            return Err(Absent::NothingHere);
        }
        let told = std::mem::take(&mut draft.pools);
        let mut seen = md::arrays(look.machine);
        seen.extend(btrfs::filesystems(look.machine, look.mounts().unwrap_or_default()));
        seen.extend(zfs::pools(look.machine));
        for pool in &mut seen {
            if let Some(told) = told.iter().find(|told| told.kind == pool.kind && told.name == pool.name) {
                join(pool, told);
            }
        }
        draft.pools = seen;
        Ok(())
    }
}

/// Fills in what the kernel does not tell to everybody.
fn join(seen: &mut Pool, told: &Pool) {
    // The kernel's word for a pool that is being rebuilt is `degraded`.
    if told.state == PoolState::Rebuilding && seen.state == PoolState::Degraded || seen.state == PoolState::Unknown {
        seen.state = told.state;
    }
    seen.capacity_gb = seen.capacity_gb.or(told.capacity_gb);
    seen.used_gb = seen.used_gb.or(told.used_gb);
    seen.errors = seen.errors.or(told.errors);
    seen.last_scrub = seen.last_scrub.or(told.last_scrub);
    seen.scrub_errors = seen.scrub_errors.or(told.scrub_errors);
    seen.progress = seen.progress.or(told.progress);
}

#[cfg(test)]
mod tests;
