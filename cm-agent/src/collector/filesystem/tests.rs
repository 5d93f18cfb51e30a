use super::*;
use crate::machine::mount;

/// Which filesystems a table of mounts has: place, device, number of parts.
fn check(table: &[&str], choice: &Choice, expected: &[(&str, &str, usize)]) {
    let mounts = mount::parse(&table.join("\n"));
    let groups = group(&mounts, choice);
    let found: Vec<_> =
        groups.iter().map(|group| (&*group.shown.point, group.kind.key(group.shown), group.parts.len())).collect();
    assert_eq!(found, expected);
}

#[test]
fn bind_mounts_count_once_at_the_shortest_place() {
    check(
        &[
            "1 0 8:2 / / rw - ext4 /dev/sda2 rw",
            "2 1 8:2 /nix/store /nix/store ro - ext4 /dev/sda2 rw",
            "3 1 8:2 /srv/a /export/a rw - ext4 /dev/sda2 rw",
            "4 1 8:1 / /boot rw - vfat /dev/sda1 rw",
            "5 1 8:17 /x /mnt/long rw - xfs /dev/sdb1 rw",
            "6 1 8:17 / /mnt/b rw - xfs /dev/sdb1 rw",
        ],
        &Choice::default(),
        &[("/", "8:2", 1), ("/boot", "8:1", 1), ("/mnt/b", "8:17", 1)],
    );
}

#[test]
fn subvolumes_count_once_and_datasets_add_up() {
    check(
        &[
            "1 0 0:30 /@ / rw - btrfs /dev/nvme0n1p2 rw,subvol=/@",
            "2 1 0:30 /@home /home rw - btrfs /dev/nvme0n1p2 rw,subvol=/@home",
            "3 1 0:30 /@snap/1 /.snapshots/1 ro - btrfs /dev/nvme0n1p2 rw",
            "4 1 0:40 / /tank rw - zfs tank rw",
            "5 4 0:41 / /tank/media rw - zfs tank/media rw",
            "6 5 0:42 / /tank/media/.zfs/snapshot/x ro - zfs tank/media@x ro",
            "7 1 0:41 / /export/media rw - zfs tank/media rw",
            "8 1 0:50 / /var/lib/y rw - zfs rpool/y rw",
        ],
        &Choice::default(),
        &[("/", "/dev/nvme0n1p2", 1), ("/tank", "tank", 2), ("/var/lib/y", "rpool", 1)],
    );
}

#[test]
fn what_holds_no_data_of_the_owner_is_hidden() {
    check(
        &[
            "1 0 8:2 / / rw - ext4 /dev/sda2 rw",
            "2 1 0:5 / /proc rw - proc proc rw",
            "3 1 7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro",
            "4 1 7:2 / /mnt/image rw - ext4 /dev/loop2 rw",
            "5 1 0:9 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw",
            "6 1 0:10 / /run/user/1000/gvfs rw - fuse.gvfsd-fuse gvfsd-fuse rw",
            "7 1 0:11 / /run/user/1000/doc rw - fuse.portal portal rw",
            "8 1 11:0 / /media/cd ro - iso9660 /dev/sr0 ro",
            "9 1 0:12 / /mnt/auto rw - autofs systemd-1 rw",
            "10 1 0:13 / /tmp rw - tmpfs tmpfs rw",
            "11 1 0:14 / /mnt/nas rw - nfs4 nas:/export rw",
            "12 1 0:15 / /mnt/pool rw - fuse.mergerfs a:b rw",
            "13 1 8:3 / /mnt/win rw - fuseblk /dev/sda3 rw",
        ],
        &Choice::default(),
        &[("/", "8:2", 1), ("/mnt/nas", "0:14", 1), ("/mnt/pool", "0:15", 1), ("/mnt/win", "8:3", 1)],
    );
}

#[test]
fn in_a_container_its_root_is_told_and_what_the_engine_lays_over_is_not() {
    check(
        &[
            "1 0 0:99 / / rw - overlay overlay rw,lowerdir=/a",
            "2 1 8:2 /var/lib/docker/containers/x/hosts /etc/hosts rw - ext4 /dev/sda2 rw",
            "3 1 8:2 /srv/data /data rw - ext4 /dev/sda2 rw",
        ],
        &Choice::default(),
        &[("/", "0:99", 1), ("/data", "8:2", 1)],
    );
}

#[test]
fn the_owner_chooses() {
    let table = [
        "1 0 8:2 / / rw - ext4 /dev/sda2 rw",
        "2 1 0:13 / /tmp rw - tmpfs tmpfs rw",
        "3 1 8:17 / /mnt/b rw - xfs /dev/sdb1 rw",
    ];
    let choice = |include: &[&str], exclude: &[&str]| Choice {
        include: include.iter().map(ToString::to_string).collect(),
        exclude: exclude.iter().map(ToString::to_string).collect(),
    };
    check(&table, &choice(&[], &["/mnt/*"]), &[("/", "8:2", 1)]);
    check(&table, &choice(&["/tmp", "/mnt/*"], &[]), &[("/mnt/b", "8:17", 1), ("/tmp", "0:13", 1)]);
}

#[test]
fn the_machine_is_known_by_its_root_or_by_its_largest() {
    let block = |mount: &str, total: f64, remote: Option<bool>| Block {
        mount: mount.into(),
        total_gb: Some(cm_model::unit::Gibibytes::saturating(total)),
        remote,
        ..Block::default()
    };
    let nas = block("/mnt/nas", 9000.0, Some(true));
    let cases = [
        (vec![block("/", 10.0, None), block("/data", 20.0, None)], Some("/")),
        (vec![block("/nix", 30.0, None), block("/data", 20.0, None), nas.clone()], Some("/nix")),
        (vec![nas], None),
    ];
    for (blocks, expected) in cases {
        assert_eq!(main(&blocks).map(|block| block.mount.raw()), expected);
    }
}
