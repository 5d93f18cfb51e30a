//! ZFS pools as `zpool status` tells them: state, errors, and the last scrub, which the kernel's files leave out.
//!
//! The text is read, for only `OpenZFS` 2.3 and later has JSON; its times are asked for in UTC.

use std::time::Duration;

use cm_model::clock::{Clock, WallTime};
use cm_model::report::smart::{Pool, PoolKind, PoolState};
use cm_model::unit::{Bytes, Count, Percent};

use crate::collector::pool::zfs::state;
use crate::program::{How, Limits, Program};

const LIMITS: Limits = Limits { time: Duration::from_secs(10), output: 256 * 1024 };

/// The pools; none if it does not say.
pub(super) fn ask(zpool: &Program, clock: &dyn Clock) -> Vec<Pool> {
    let Some(status) = run(zpool, &["status"], clock) else { return Vec::new() };
    let mut pools = read(&status);
    if let Some(sizes) = run(zpool, &["list", "-Hp", "-o", "name,size,allocated"], clock) {
        fill_sizes(&mut pools, &sizes);
    }
    pools
}

fn run(zpool: &Program, args: &[&str], clock: &dyn Clock) -> Option<String> {
    let running = zpool.start(args, &[("TZ", "UTC0")], LIMITS, clock.now().mono);
    let ended = running.inspect_err(|error| tracing::warn!(%error, "zpool cannot be run")).ok()?.wait(clock);
    if ended.how != How::Exit(0) {
        tracing::warn!(how = ?ended.how, said = ended.stderr.trim(), "zpool failed");
    }
    Some(String::from_utf8_lossy(&ended.stdout).into_owned())
}

/// A line a pool: name, size and what is in use, in bytes. With parity both count it.
fn fill_sizes(pools: &mut [Pool], text: &str) {
    for line in text.lines() {
        let words: Vec<_> = line.split('\t').collect();
        let [name, size, used] = words[..] else { continue };
        let bytes = |word: &str| word.trim().parse().ok().map(|bytes: f64| Bytes::new(bytes).gibibytes());
        if let Some(pool) = pools.iter_mut().find(|pool| pool.name.raw() == name) {
            (pool.capacity_gb, pool.used_gb) = (bytes(size), bytes(used));
        }
    }
}

/// Reads the text of `zpool status`.
fn read(text: &str) -> Vec<Pool> {
    let mut pools: Vec<Pool> = Vec::new();
    let mut in_scan = false;
    for line in text.lines() {
        let (key, value) = line.trim().split_once(": ").unwrap_or((line.trim(), ""));
        if key == "pool" {
            pools.push(Pool { name: value.trim().into(), kind: PoolKind::Zfs, ..Pool::default() });
        }
        let Some(pool) = pools.last_mut() else { continue };
        match key {
            "state" => pool.state = state(value),
            "scan" => scan(value, pool),
            "errors" => pool.errors = errors(value).or(pool.errors),
            _ if in_scan => progress(line, pool),
            _ => members(line, pool),
        }
        in_scan = key == "scan" || (in_scan && !line.trim().ends_with(':'));
    }
    pools
}

/// `scrub repaired 0B in 02:12:33 with 0 errors on Sun Nov  9 02:36:34 2025`, or one that runs.
fn scan(value: &str, pool: &mut Pool) {
    if value.starts_with("resilver in progress") {
        pool.state = PoolState::Rebuilding;
    } else if let Some(rest) = value.strip_prefix("scrub repaired ") {
        let words: Vec<_> = rest.split_whitespace().collect();
        let after = |word: &str| words.iter().position(|one| *one == word).and_then(|at| words.get(at + 1));
        pool.scrub_errors = after("with").and_then(|count| count.parse().ok()).map(Count);
        pool.last_scrub = rest.split_once(" on ").and_then(|(_, date)| utc(date));
    }
}

/// The lines after a scan that runs: `1.20T / 4.00T issued` or `123G resilvered, 31.20% done, 00:10:00 to go`.
fn progress(line: &str, pool: &mut Pool) {
    let Some((before, _)) = line.split_once("% done") else { return };
    let share = before.rsplit([' ', ',']).next().and_then(|share| share.parse().ok());
    pool.progress = share.and_then(|share: f64| Percent::try_from(share).ok());
}

/// `No known data errors`, or `2 data errors, use '-v' for a list`.
fn errors(value: &str) -> Option<Count> {
    if value.starts_with("No known") {
        return None;
    }
    value.split_whitespace().next()?.parse().ok().map(Count)
}

/// Errors of the members, from the table `NAME STATE READ WRITE CKSUM`; the worst member's, for a disk's errors show again in
/// what it is part of.
fn members(line: &str, pool: &mut Pool) {
    let words: Vec<_> = line.split_whitespace().collect();
    let [_, state, counts @ ..] = &words[..] else { return };
    let counts: Option<Vec<u64>> = counts.iter().take(3).map(|count| counted(count)).collect();
    let (Some(counts), true) = (counts, state.bytes().all(|b| b.is_ascii_uppercase())) else { return };
    if counts.len() == 3 {
        let sum = counts.iter().fold(0_u64, |sum, count| sum.saturating_add(*count));
        pool.errors = Some(Count(pool.errors.map_or(0, Count::get).max(sum)));
    }
}

/// A count as `zpool` shortens it: `12`, `1.5K`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count is not negative")]
fn counted(word: &str) -> Option<u64> {
    let (digits, factor) = match word.as_bytes().last()? {
        b'K' => (&word[..word.len() - 1], 1e3),
        b'M' => (&word[..word.len() - 1], 1e6),
        b'G' => (&word[..word.len() - 1], 1e9),
        _ => (word, 1.0),
    };
    digits.parse().ok().filter(|count: &f64| *count >= 0.0).map(|count: f64| (count * factor) as u64)
}

/// `Sun Nov  9 02:36:34 2025`, in UTC.
fn utc(date: &str) -> Option<WallTime> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<_> = date.split_whitespace().collect();
    let [_, month, day, time, year] = words[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let (day, year): (u64, u64) = (day.parse().ok()?, year.parse().ok()?);
    let clock: Vec<u64> = time.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [hours, minutes, seconds] = clock[..] else { return None };
    if !(1..=31).contains(&day) || !(1970..=9999).contains(&year) {
        return None;
    }
    // Days since 1970 by the rule that a year begins in March (H. Hinnant, chrono-compatible low-level date algorithms).
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    let days = i64::try_from(days).ok()? - 719_468;
    let within = i64::try_from(hours * 3600 + minutes * 60 + seconds).ok()?;
    Some(WallTime::from_secs(days * 86_400 + within))
}

#[cfg(test)]
mod tests {
    use cm_model::unit::Gibibytes;

    use super::*;

    const STATUS: &str = "  pool: rpool
 state: ONLINE
  scan: scrub in progress since Sun Nov  9 00:24:01 2025
	1.20T / 4.00T scanned at 1.1G/s, 1.00T / 4.00T issued at 900M/s
	0B repaired, 25.00% done, 00:55:33 to go
config:

	NAME        STATE     READ WRITE CKSUM
	rpool       ONLINE       0     0     0
	  nvme0n1p3 ONLINE       0     0     0

errors: No known data errors

  pool: tank
 state: DEGRADED
status: One or more devices has experienced an unrecoverable error.
action: Replace the device: it is worn.
  scan: scrub repaired 0B in 02:12:33 with 3 errors on Sun Nov  9 02:36:34 2025
config:

	NAME        STATE     READ WRITE CKSUM
	tank        DEGRADED     0     0     0
	  mirror-0  DEGRADED     0     0     0
	    sda     ONLINE       0     2  1.5K
	    sdb     REMOVED      0     0     0

errors: 2 data errors, use '-v' for a list

  pool: big
 state: DEGRADED
  scan: resilver in progress since Mon Nov 10 00:00:00 2025
	31.2G resilvered, 7.5% done, no estimated completion time
config:

	NAME        STATE     READ WRITE CKSUM
	big         DEGRADED     0     0     0

errors: No known data errors
";

    #[test]
    fn pools_are_told_with_their_scrubs_and_errors() {
        let pools = read(STATUS);
        let told: Vec<_> =
            pools.iter().map(|pool| (pool.name.raw(), pool.state, pool.errors.map(Count::get))).collect();
        assert_eq!(
            told,
            [
                ("rpool", PoolState::Online, Some(0)),
                ("tank", PoolState::Degraded, Some(2)),
                ("big", PoolState::Rebuilding, Some(0)),
            ]
        );
        let progress: Vec<_> = pools.iter().map(|pool| pool.progress.map(Percent::get)).collect();
        assert_eq!(progress, [Some(25.0), None, Some(7.5)]);
        assert_eq!((pools[0].last_scrub, pools[1].scrub_errors), (None, Some(Count(3))));
        assert_eq!(pools[1].last_scrub, Some(WallTime::from_secs(1_762_655_794)));
    }

    #[test]
    fn sizes_are_put_to_their_pools() {
        let mut pools = read(STATUS);
        fill_sizes(&mut pools, "rpool\t1073741824\t536870912\ntank\t-\t-\nother\t1\t1\n");
        let sizes = pools.iter().map(|pool| (pool.capacity_gb.map(Gibibytes::get), pool.used_gb.map(Gibibytes::get)));
        assert_eq!(sizes.collect::<Vec<_>>(), [(Some(1.0), Some(0.5)), (None, None), (None, None)]);
    }

    #[test]
    fn dates_are_read_in_utc() {
        for (date, expected) in [
            ("Thu Jan  1 00:00:00 1970", Some(0)),
            ("Thu Feb 29 12:00:00 2024", Some(1_709_208_000)),
            ("Fri Mar  1 00:00:00 2024", Some(1_709_251_200)),
            ("Thu Xxx  1 00:00:00 1970", None),
            ("yesterday", None),
        ] {
            assert_eq!(utc(date).map(WallTime::secs), expected, "{date}");
        }
    }

    #[test]
    fn what_is_no_status_is_no_pool() {
        assert!(read("no pools available\n").is_empty());
        assert!(read("The ZFS modules cannot be auto-loaded.\n").is_empty());
    }
}
