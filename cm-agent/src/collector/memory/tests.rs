use super::*;
use proptest::prelude::*;

const GIB: f64 = 1_073_741_824.0;

#[test]
fn amounts_are_read_whatever_their_order() {
    let text = "MemTotal:       16384 kB\nMemFree:         1000 kB\nMemAvailable:    8192 kB\nBuffers:           10 kB\n\
                Cached:          2000 kB\nSwapCached:         7 kB\nSwapTotal:       4096 kB\nSwapFree:        4000 kB\n\
                Shmem:            500 kB\nSReclaimable:      90 kB\nHugePages_Total:       3\n";
    let sums = Info::parse(text).unwrap().sums();
    assert_eq!((sums.total, sums.available, sums.cached), (16384.0 * 1024.0, 8192.0 * 1024.0, 1600.0 * 1024.0));
    assert_eq!((sums.swap_total, sums.swap_used), (4096.0 * 1024.0, 96.0 * 1024.0));
}

#[test]
fn an_old_kernel_states_no_available_memory() {
    let sums = Info::parse("MemTotal: 1000 kB\nMemFree: 100 kB\nCached: 300 kB\nBuffers: 50 kB\n").unwrap().sums();
    assert_eq!((sums.total, sums.available), (1000.0 * 1024.0, 450.0 * 1024.0));
}

#[test]
fn a_file_without_total_is_none() {
    for text in ["", "MemFree: 1 kB\n", "MemTotal: x kB\n", "MemTotal: 0 kB\n", "MemTotal\n"] {
        assert_eq!(Info::parse(text), None, "{text}");
    }
}

#[test]
fn a_container_counts_within_its_limits() {
    let machine = Sums {
        total: 64.0 * GIB,
        used: 24.0 * GIB,
        available: 40.0 * GIB,
        cached: 20.0 * GIB,
        swap_total: 8.0 * GIB,
        swap_used: GIB,
        oom_kills: None,
    };
    let limited = container::Memory {
        limit: Some(2 << 30),
        used: Some(1 << 30),
        cached: Some(1 << 20),
        swap_limit: Some(0),
        swap_used: Some(5),
        oom_kills: Some(2),
    };
    let mut sums = machine;
    sums.narrow(&limited);
    assert_eq!((sums.total, sums.available, sums.swap_total, sums.swap_used), (2.0 * GIB, GIB, 0.0, 0.0));
    assert_eq!(sums.oom_kills, Some(2));

    let mut sums = machine;
    sums.narrow(&container::Memory { used: Some(1 << 30), ..container::Memory::default() });
    let expected = (64.0 * GIB, GIB, 40.0 * GIB);
    assert_eq!(
        (sums.total, sums.used, sums.available),
        expected,
        "its own use, and what the machine around it has left"
    );

    let mut sums = machine;
    sums.narrow(&container::Memory { limit: Some(1 << 30), used: Some(3 << 30), ..container::Memory::default() });
    assert_eq!((sums.total, sums.used, sums.available), (GIB, GIB, 0.0));
}

#[test]
fn the_zfs_cache_gives_way_down_to_its_minimum() {
    let text = "13 1 0x01 147 39984 5127 98\nname                            type data\nhits                            4    1\n\
                c_min                           4    1000\nc_max                           4    9000\n\
                size                            4    5000\ncompressed_size                 4    400\n";
    let cache = Cache::parse(text);
    assert_eq!((cache, cache.reclaimable()), (Cache { size: 5000, least: 1000 }, 4000));
    assert_eq!(Cache::parse("size 4\nsize\n\n"), Cache::default());
}

#[test]
fn zram_is_read_from_kernels_old_and_new() {
    for (line, expected) in [
        ("4096 64 12288 0 12288 0 0 0 0", Some([4096, 12288])),
        ("4096 64 12288", Some([4096, 12288])),
        ("4096 64", None),
        ("x 64 12288", None),
        ("", None),
    ] {
        assert_eq!(stored(line), expected, "{line}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "([A-Za-z]{0,12}:? {0,3}[0-9]{0,25} ?(kB)?\n){0,8}") {
        if let Some(info) = Info::parse(&text) {
            let sums = info.sums();
            prop_assert!(sums.available <= sums.total);
        }
        let _ = (Cache::parse(&text), stored(&text));
    }
}
