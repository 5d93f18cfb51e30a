//! Filesystems that hold data, each once, and how full they are.
//!
//! Counted as an owner does: what several mounts share (bind mounts, btrfs subvolumes, snapshots, the datasets of a ZFS
//! pool) is one filesystem at its shortest place. Loop devices, snaps, overlays and the kernel's own are hidden; in a
//! container, whose `/` is an overlay, that one is told. Its size is what is used and what an ordinary user can still
//! write, without the blocks reserved for root, so that 100 % is full to everybody but root, as `df` counts.
//!
//! A ZFS dataset states as its size what it uses itself and what the pool has left. So a pool's use is the sum over its
//! mounted datasets, and its free space that of the dataset that may use most of it; unmounted datasets and snapshots are
//! not seen from here.
//!
//! Network and FUSE mounts may never answer; they are asked on threads of their own, all within one limit a look.

mod kind;

use std::time::Duration;

use cm_model::report::service::Filesystem as Block;
use cm_model::unit::{Bytes, Count};

use super::{Absent, Choice, CollectOptions, Collector, Draft, Look};
use crate::machine::Machine;
use crate::machine::capacity::{Asker, Capacity, Uncounted};
use crate::machine::mount::Mount;
use kind::{Kind, kind};

/// The collector.
#[derive(Debug)]
pub struct Filesystems {
    choice: Choice,
    limit: Duration,
    asker: Asker<Result<Capacity, Uncounted>>,
}

/// The most filesystems that are told.
const MOST: usize = 256;

/// One filesystem: the mount by which it is known, and all others that count with it.
#[derive(Debug)]
struct Group<'a> {
    shown: &'a Mount,
    /// Mounts whose use adds up: the datasets of a pool. For all else the one shown.
    parts: Vec<&'a Mount>,
    kind: Kind,
}

impl Filesystems {
    /// With an owner's choice of mounts.
    pub fn new(options: &CollectOptions) -> Self {
        Self { choice: options.mounts.clone(), limit: options.remote_limit, asker: Asker::default() }
    }

    /// How full each part of each group is, in their order.
    fn capacities(&mut self, machine: &Machine, groups: &[Group<'_>]) -> Vec<Result<Capacity, Uncounted>> {
        let parts = || groups.iter().flat_map(|group| group.parts.iter().map(|mount| (group.kind, &*mount.point)));
        let slow = |kind: Kind| kind.may_hang() && machine.is_itself();
        let names: Vec<&str> = parts().filter(|(kind, _)| slow(*kind)).map(|(_, point)| point).collect();
        let mut answers = self.asker.ask(&names, self.limit, Capacity::ask).into_iter();
        let answer = |(kind, point): (Kind, &str)| {
            if slow(kind) { answers.next().unwrap_or(Err(Uncounted::NoThread))? } else { machine.capacity(point) }
        };
        parts().map(answer).collect()
    }
}

impl Collector for Filesystems {
    fn name(&self) -> &'static str {
        "filesystem"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        let mut groups = group(look.mounts()?, &self.choice);
        groups.truncate(MOST);
        let mut answers = self.capacities(look.machine, &groups).into_iter();
        let mut told: Vec<(Block, Capacity)> = Vec::with_capacity(groups.len());
        for group in &groups {
            // The capacity of the mount that is shown, and use and free space over all parts.
            let mut sums: Option<(Capacity, f64, f64)> = None;
            let mut failed = None;
            for (mount, answer) in group.parts.iter().zip(&mut answers) {
                match answer {
                    Ok(capacity) => {
                        let (first, used, available) = sums.unwrap_or((capacity, 0.0, 0.0));
                        let first = if std::ptr::eq(*mount, group.shown) { capacity } else { first };
                        sums = Some((first, used + capacity.used(), available.max(capacity.available())));
                    }
                    Err(error) => failed = Some((mount, error)),
                }
            }
            if let Some((mount, error)) = failed {
                draft.missing(format!("filesystem {}", mount.point), error);
            }
            let (block, capacity) = match sums {
                // What has no blocks at all is some interface of the kernel's that this version does not know.
                Some((capacity, ..)) if capacity.blocks == 0 => continue,
                Some((capacity, used, available)) => (block(group, &capacity, used, available), capacity),
                None => continue,
            };
            told.push((block, capacity));
        }
        // A container's `/` and its volumes often lie on one disk of the machine around it, which only shows in the
        // figures: the same size and the same number of files.
        if groups.iter().any(|group| group.kind == Kind::Layered) {
            let root = told.iter().find(|(block, _)| block.mount.raw() == "/").map(|(_, capacity)| *capacity);
            let same = |capacity: &Capacity| {
                root.is_some_and(|root| {
                    (root.blocks, root.bsize, root.files) == (capacity.blocks, capacity.bsize, capacity.files)
                })
            };
            told.retain(|(block, capacity)| block.mount.raw() == "/" || !same(capacity));
        }
        draft.service.filesystems = told.into_iter().map(|(block, _)| block).collect();
        if let Some(main) = main(&draft.service.filesystems) {
            draft.service.summary.disk_used_gb = main.used_gb.unwrap_or_default();
            draft.service.summary.disk_total_gb = main.total_gb.unwrap_or_default();
        }
        Ok(())
    }
}

/// The filesystem that stands for the machine: that of `/`; where that is hidden (a root in memory) the largest of its own.
fn main(filesystems: &[Block]) -> Option<&Block> {
    let size = |block: &Block| block.total_gb.unwrap_or_default().get();
    let own = || filesystems.iter().filter(|block| block.remote != Some(true));
    own().find(|block| block.mount.raw() == "/").or_else(|| own().max_by(|a, b| size(a).total_cmp(&size(b))))
}

/// What is told, by place.
fn group<'a>(mounts: &'a [Mount], choice: &Choice) -> Vec<Group<'a>> {
    let mut groups: Vec<(&str, Group<'a>)> = Vec::new();
    for mount in mounts {
        let kind = kind(mount);
        if !choice.admits(&mount.point, || kind.is_told(mount)) {
            continue;
        }
        let key = kind.key(mount);
        let known = groups.iter_mut().find(|(other, group)| *other == key && group.kind == kind);
        let Some((_, group)) = known else {
            groups.push((key, Group { shown: mount, parts: vec![mount], kind }));
            continue;
        };
        if kind == Kind::Pool && !mount.source.contains('@') {
            group.parts.push(mount);
        }
        if (mount.point.len(), &mount.point) < (group.shown.point.len(), &group.shown.point) {
            group.shown = mount;
        }
    }
    let mut groups: Vec<_> = groups.into_iter().map(|(_, group)| group).collect();
    for group in &mut groups {
        if group.kind == Kind::Pool {
            // A dataset that is mounted twice still counts once.
            group.parts.sort_by(|a, b| a.source.cmp(&b.source));
            group.parts.dedup_by(|a, b| a.source == b.source);
        } else {
            group.parts = vec![group.shown];
        }
    }
    groups.sort_by(|a, b| a.shown.point.cmp(&b.shown.point));
    groups
}

fn block(group: &Group<'_>, capacity: &Capacity, used: f64, available: f64) -> Block {
    let mount = group.shown;
    let device = if group.kind == Kind::Pool { group.kind.key(mount) } else { &mount.source };
    // The files of a pool are as many as it has room for: no limit of their own.
    let counted = capacity.files > 0 && group.kind != Kind::Pool;
    Block {
        mount: (&*mount.point).into(),
        device: Some(device.into()),
        kind: Some((&*mount.kind).into()),
        used_gb: Some(Bytes::new(used).gibibytes()),
        total_gb: Some(Bytes::new(used + available).gibibytes()),
        available_gb: Some(Bytes::new(available).gibibytes()),
        inodes_used: counted.then(|| Count(capacity.files.saturating_sub(capacity.ffree))),
        inodes_total: counted.then_some(Count(capacity.files)),
        read_only: Some(mount.read_only),
        remote: (group.kind == Kind::Remote).then_some(true),
    }
}

#[cfg(test)]
mod tests;
