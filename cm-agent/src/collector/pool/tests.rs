use std::path::Path;

use cm_model::clock::Now;
use cm_model::report::smart::PoolKind;
use cm_model::unit::{Count, Gibibytes, Percent};

use super::*;
use crate::machine::Machine;

const UUID: &str = "0f2c1f6e-1111-2222-3333-444455556666";

/// The pools of a box that holds these files, with what a helper told before.
fn pools(files: &[(&str, &str)], told: Vec<Pool>) -> Vec<Pool> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(Path::new(path).strip_prefix("/").unwrap());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let machine = Machine::in_a_box(folder.path()).unwrap();
    let mut draft = Draft { pools: told, ..Draft::default() };
    Pools.collect(&Look::new(&machine, Now::default(), None), &mut draft).unwrap();
    draft.pools
}

#[test]
fn an_array_is_told_with_its_rebuild_and_its_errors() {
    let pools = pools(
        &[
            ("/sys/block/md0/size", "4194304\n"),
            ("/sys/block/md0/md/array_state", "active\n"),
            ("/sys/block/md0/md/level", "raid5\n"),
            ("/sys/block/md0/md/degraded", "1\n"),
            ("/sys/block/md0/md/sync_action", "recover\n"),
            ("/sys/block/md0/md/sync_completed", "524288 / 2097152\n"),
            ("/sys/block/md0/md/dev-sda1/errors", "2\n"),
            ("/sys/block/md0/md/dev-sdb1/errors", "1\n"),
            ("/sys/block/md127/md/array_state", "inactive\n"),
            ("/sys/block/md127/md/level", "container\n"),
            ("/sys/block/md9/size", "0\n"),
        ],
        Vec::new(),
    );
    let [pool] = &pools[..] else { panic!("{pools:?}") };
    assert_eq!((pool.name.raw(), pool.kind, pool.state), ("md0", PoolKind::Md, PoolState::Rebuilding));
    assert_eq!((pool.errors, pool.progress.map(Percent::get)), (Some(Count(3)), Some(25.0)));
    assert_eq!(pool.capacity_gb.map(Gibibytes::get), Some(2.0));
}

#[test]
fn a_mirror_on_btrfs_has_the_size_of_one_copy_and_the_name_of_its_mount() {
    let at = |file: &str| format!("/sys/fs/btrfs/{UUID}/{file}");
    let files = [
        (at("devices/sda1/size"), "4194304"),
        (at("devices/dm-0/size"), "4194304"),
        (
            at("devinfo/1/error_stats"),
            "write_errs 1\nread_errs 2\nflush_errs 0\ncorruption_errs 4\ngeneration_errs 0\n",
        ),
        (at("devinfo/2/error_stats"), "write_errs 0\nread_errs 0\n"),
        (at("devinfo/2/missing"), "1"),
        (at("allocation/data/disk_total"), "2147483648"),
        (at("allocation/data/total_bytes"), "1073741824"),
        (at("allocation/data/disk_used"), "1073741824"),
        (at("allocation/metadata/disk_used"), "0"),
        (at("allocation/system/disk_used"), "0"),
        (at("label"), "photos"),
        ("/sys/block/dm-0/dm/name".to_owned(), "crypt"),
        (
            "/proc/self/mountinfo".to_owned(),
            "30 1 0:31 / / rw - btrfs /dev/sdz rw\n40 30 0:30 /@ /srv/photos rw - btrfs /dev/mapper/crypt rw\n41 40 0:30 /@a /srv/photos/a rw - btrfs /dev/mapper/crypt rw\n",
        ),
    ];
    let files: Vec<_> = files.iter().map(|(path, text)| (&**path, *text)).collect();
    let pools = pools(&files, Vec::new());
    let [pool] = &pools[..] else { panic!("{pools:?}") };
    assert_eq!((pool.name.raw(), pool.state, pool.errors), ("/srv/photos", PoolState::Degraded, Some(Count(7))));
    let room = [pool.capacity_gb, pool.used_gb].map(|size| size.map(Gibibytes::get));
    assert_eq!(room, [Some(2.0), Some(0.5)]);
}

#[test]
fn the_kernels_state_goes_before_the_helpers_and_its_scrub_is_kept() {
    let told = |state, progress| Pool {
        name: "tank".into(),
        kind: PoolKind::Zfs,
        state,
        errors: Some(Count(3)),
        progress,
        ..Pool::default()
    };
    for (now, told, expected) in [
        ("DEGRADED\n", told(PoolState::Online, None), PoolState::Degraded),
        ("ONLINE\n", told(PoolState::Degraded, None), PoolState::Online),
        ("DEGRADED\n", told(PoolState::Rebuilding, Percent::try_from(7.5).ok()), PoolState::Rebuilding),
        ("SUSPENDED\n", told(PoolState::Online, None), PoolState::Faulted),
    ] {
        let pools = pools(&[("/proc/spl/kstat/zfs/tank/state", now), ("/proc/spl/kstat/zfs/arcstats", "")], vec![told]);
        let [pool] = &pools[..] else { panic!("{pools:?}") };
        assert_eq!((pool.state, pool.errors), (expected, Some(Count(3))), "{now}");
    }
}

#[test]
fn a_pool_that_is_gone_is_not_told_from_memory() {
    let told = Pool { name: "tank".into(), kind: PoolKind::Zfs, ..Pool::default() };
    assert!(pools(&[("/proc/uptime", "1 1")], vec![told]).is_empty());
}
