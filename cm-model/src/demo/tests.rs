use std::collections::BTreeMap;

use super::*;
use crate::report::Status;
use crate::report::backup::RunResult;
use crate::report::service::{ActivityKind, ServiceReport, ServiceStatus};
use crate::report::smart::SmartReport;
use crate::unit::{Gigabytes, Hours, Mebibytes, Percent, Seconds, Terabytes};

const START: i64 = 1_795_521_871; // 2026-11-24T12:04:31Z
const HOUR: i64 = 3_600;

fn demo() -> Demo {
    Demo::new(7, WallTime::from_secs(START))
}

/// A moment some seconds from the start of the story.
fn at(seconds: i64) -> WallTime {
    WallTime::from_secs(START + seconds)
}

fn id(name: &str) -> HostId {
    HostId::new(name).unwrap()
}

fn smart(demo: &Demo, host: &str, seconds: i64) -> Arc<SmartReport> {
    match demo.report(&id(host), Api::Smart, at(seconds)) {
        Ok(Report::Smart(report)) => report,
        other => panic!("{host} after {seconds} s: {other:?}"),
    }
}

fn service(demo: &Demo, host: &str, seconds: i64) -> Arc<ServiceReport> {
    match demo.report(&id(host), Api::Service, at(seconds)) {
        Ok(Report::Service(report)) => report,
        other => panic!("{host} after {seconds} s: {other:?}"),
    }
}

/// Every answer of the fleet at some moments, with what was asked.
fn answers(demo: &Demo, moments: impl Iterator<Item = i64>) -> Vec<(String, Report)> {
    let mut found = Vec::new();
    for seconds in moments {
        for host in demo.hosts() {
            for api in Api::ALL {
                if let Ok(report) = demo.report(&host.id, api, at(seconds)) {
                    found.push((format!("{} {api} after {seconds} s", host.id), report));
                }
            }
        }
    }
    found
}

/// A day in steps of seven minutes, beginning before the story does.
fn a_day() -> impl Iterator<Item = i64> {
    (-4 * HOUR..20 * HOUR).step_by(420)
}

/// FNV-1a: the same in every process, which the standard library does not promise of its hasher.
fn hash(bytes: &[u8], seed: u64) -> u64 {
    bytes.iter().fold(seed, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn hash_of_a_day(demo: &Demo) -> u64 {
    answers(demo, a_day()).iter().fold(0xcbf2_9ce4_8422_2325, |sum, (_, report)| hash(&report.write(), sum))
}

#[test]
fn two_fleets_of_one_seed_agree_and_another_seed_differs() {
    let first = hash_of_a_day(&demo());
    assert_eq!(first, hash_of_a_day(&demo()));
    assert_eq!(first, hash_of_a_day(&demo().with_hosts(2).with_hosts(5)), "the way to five does not matter");
    assert_ne!(first, hash_of_a_day(&Demo::new(8, at(0))));
}

#[test]
fn a_moment_does_not_depend_on_what_was_asked_before() {
    let fresh = demo().report(&id("srv01"), Api::Service, at(90_000));
    let asked = demo();
    assert!(!answers(&asked, a_day()).is_empty());
    assert_eq!(asked.report(&id("srv01"), Api::Service, at(90_000)), fresh);
}

#[test]
fn every_report_reads_back_as_it_was_written() {
    for (asked, report) in answers(&demo().with_hosts(12), a_day().step_by(4)) {
        let written = report.write();
        assert_eq!(Report::read(report.api(), &written).unwrap(), report, "{asked}");
        assert!(!String::from_utf8(written).unwrap().contains("\"unknown\""), "{asked} has a state that says nothing");
    }
}

/// Every counter of a host, by name.
fn counters(demo: &Demo, host: &HostId, seconds: i64) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    let mut put = |name: String, value: Option<f64>| {
        if let Some(value) = value {
            found.insert(name, value);
        }
    };
    for api in Api::ALL {
        match demo.report(host, api, at(seconds)) {
            Ok(Report::Smart(report)) => {
                for drive in &report.drives {
                    let name = drive.name.raw();
                    put(format!("{name} hours"), drive.power_on_hours.map(Hours::get));
                    put(format!("{name} written"), drive.data_written_tb.map(Terabytes::get));
                    put(format!("{name} read"), drive.data_read_tb.map(Terabytes::get));
                    put(format!("{name} wear"), drive.wear_level.map(Percent::get));
                    put(format!("{name} unsafe"), drive.unsafe_shutdowns.map(|v| v.get() as f64));
                    put(format!("{name} self-test"), drive.self_test_hours.map(Hours::get));
                }
                for pool in &report.pools {
                    put(format!("{} scrub", pool.name.raw()), pool.last_scrub.map(|v| v.secs() as f64));
                }
            }
            Ok(Report::Service(report)) => {
                put("uptime".into(), report.uptime_s.map(Seconds::get));
                put("throttled".into(), report.cpu.as_ref().unwrap().throttled.map(|v| v.get() as f64));
                for disk in &report.disks {
                    put(format!("{} reads", disk.name.raw()), disk.read_bytes.map(|v| v.get() as f64));
                    put(format!("{} writes", disk.name.raw()), disk.written_bytes.map(|v| v.get() as f64));
                }
                for interface in &report.network {
                    put(format!("{} rx", interface.name.raw()), interface.rx_bytes.map(|v| v.get() as f64));
                    put(format!("{} tx", interface.name.raw()), interface.tx_bytes.map(|v| v.get() as f64));
                    put(format!("{} dropped", interface.name.raw()), interface.rx_dropped.map(|v| v.get() as f64));
                }
                for service in &report.services {
                    put(format!("{} restarts", service.name.raw()), service.restarts.map(|v| v.get() as f64));
                    put(format!("{} started", service.name.raw()), service.started_at.map(|v| v.secs() as f64));
                }
            }
            Ok(Report::Backup(report)) => {
                put("success".into(), report.backup.last_success.map(|v| v.secs() as f64));
                put("failure".into(), report.backup.last_failure.map(|v| v.secs() as f64));
                put("checked".into(), report.backup.checked_at.map(|v| v.secs() as f64));
                put("due".into(), report.backup.next_run.map(|v| v.secs() as f64));
            }
            Err(_) => {}
        }
    }
    found
}

#[test]
fn counters_never_fall_over_a_month() {
    let demo = demo();
    for host in demo.hosts() {
        let (mut before, mut seconds, mut step) = (BTreeMap::new(), -7_200, 1);
        while seconds < 30 * 86_400 {
            for (name, value) in counters(&demo, &host.id, seconds) {
                let last = before.insert(name.clone(), value).unwrap_or(0.0);
                assert!(value >= last, "{} {name} falls from {last} to {value} after {seconds} s", host.id);
            }
            // Odd steps from a second to some hours.
            seconds += step;
            step = (step * 7 + 3) % 20_011;
        }
        assert!(before.len() > 8, "{} has counters", host.id);
    }
}

#[test]
fn rates_are_the_growth_of_their_counters() {
    let demo = demo();
    for seconds in (0..3 * 86_400_i64).step_by(7_001) {
        let (before, now) = (service(&demo, "srv01", seconds - 10), service(&demo, "srv01", seconds));
        for (before, now) in before.disks.iter().zip(&now.disks) {
            let grown = (now.written_bytes.unwrap().get() - before.written_bytes.unwrap().get()) as f64 / 10.0;
            assert!((grown - now.written_per_s.unwrap().get()).abs() <= 1.0, "{now:?} after {seconds} s");
        }
        for (before, now) in before.network.iter().zip(&now.network) {
            let grown = (now.rx_bytes.unwrap().get() - before.rx_bytes.unwrap().get()) as f64 / 10.0;
            assert!((grown - now.rx_per_s.unwrap().get()).abs() <= 1.0, "{now:?} after {seconds} s");
        }
    }
    let (first, last) = (smart(&demo, "cmbox", 0), smart(&demo, "cmbox", 86_400));
    let life = 1e12 * (last.drives[0].data_written_tb.unwrap().get() - first.drives[0].data_written_tb.unwrap().get());
    let (first, last) = (service(&demo, "cmbox", 0), service(&demo, "cmbox", 86_400));
    let device = (last.disks[0].written_bytes.unwrap().get() - first.disks[0].written_bytes.unwrap().get()) as f64;
    assert!((life / device - 1.0).abs() < 1e-3, "the drive says {life}, the device {device}");
}

#[test]
fn summaries_agree_with_what_they_sum() {
    let near = |a: f64, b: f64| (a - b).abs() < 0.06;
    for (asked, report) in answers(&demo().with_hosts(40), a_day().step_by(5)) {
        match report {
            Report::Smart(report) => {
                let summary = &report.summary;
                let counted = [summary.healthy, summary.warning, summary.critical].map(|count| count.unwrap().get());
                assert_eq!(counted.iter().sum::<u64>(), report.drives.len() as u64, "{asked}");
                let total: f64 = report.drives.iter().map(|drive| drive.capacity_gb.unwrap().get()).sum();
                assert!(near(summary.capacity_total_gb.unwrap().get(), total), "{asked}");
                let used: f64 = report.drives.iter().filter_map(|drive| drive.used_gb).map(Gigabytes::get).sum();
                assert!(near(summary.capacity_used_gb.unwrap().get(), used), "{asked}");
                assert_eq!(report.status == Status::Ok, counted[1] + counted[2] == 0, "{asked}");
                assert_eq!(report.issues.is_empty(), report.status == Status::Ok, "{asked}");
            }
            Report::Service(report) => {
                let summary = &report.summary;
                let count = |which: &[ServiceStatus]| {
                    report.services.iter().filter(|service| which.contains(&service.status)).count() as u64
                };
                assert_eq!(summary.healthy.get(), count(&[ServiceStatus::Running]), "{asked}");
                let limping = [ServiceStatus::Degraded, ServiceStatus::Restarting];
                assert_eq!(summary.degraded.get(), count(&limping), "{asked}");
                assert_eq!(summary.failed.get(), count(&[ServiceStatus::Failed, ServiceStatus::Stopped]), "{asked}");
                let used: f64 = report.services.iter().filter_map(|one| one.memory_used_mb).map(Mebibytes::get).sum();
                assert!(near(summary.memory_used_mb.get(), used), "{asked}");
                assert!(used < summary.system_memory_used_mb.get(), "{asked}: services take more than there is in use");
                let memory = report.memory.as_ref().unwrap();
                let all = summary.system_memory_used_mb.get() + memory.available_mb.unwrap().get();
                assert!(near(all, summary.system_memory_total_mb.get()), "{asked}");
                let root = report.filesystems.iter().find(|one| one.mount.raw() == "/").unwrap();
                assert_eq!((Some(summary.disk_used_gb), Some(summary.disk_total_gb)), (root.used_gb, root.total_gb));
                for one in &report.filesystems {
                    assert!(one.used_gb < one.total_gb && one.used_gb.unwrap().get() > 0.0, "{asked}: {one:?}");
                }
                let cpu = report.cpu.as_ref().unwrap();
                let cores: f64 = cpu.core_use_percent.iter().map(|core| core.get()).sum();
                let mean = cores / cpu.cores.unwrap().get() as f64;
                assert!(near(cpu.use_percent.unwrap().get(), mean), "{asked}");
            }
            Report::Backup(report) => {
                let (backup, service) = (&report.backup, &report.service);
                assert_eq!(backup.history.len(), 10, "{asked}");
                assert!(backup.history.windows(2).all(|pair| pair[0].start > pair[1].start), "{asked}");
                assert!(backup.last_success.unwrap() <= report.timestamp, "{asked}");
                let overdue = backup.next_run.unwrap() < report.timestamp;
                assert_eq!(overdue, service.pending_jobs.unwrap().get() > 0, "{asked}");
                let newest = backup
                    .history
                    .iter()
                    .find(|run| matches!(run.result, RunResult::Success | RunResult::Warning))
                    .unwrap();
                let end = newest.start.unwrap().after(Duration::from_secs_f64(newest.duration_s.unwrap().get()));
                assert!(end.since(backup.last_success.unwrap()) <= Duration::from_secs(1), "{asked}");
            }
        }
    }
}

#[test]
fn neighbouring_moments_are_close() {
    let demo = demo();
    let figures = |host: &str, seconds: i64| {
        let report = service(&demo, host, seconds);
        let total = report.summary.system_memory_total_mb.get();
        [
            report.summary.cpu_load_1.get() / 4.0,
            100.0 * report.summary.system_memory_used_mb.get() / total / 10.0,
            report.summary.cpu_temp_c.unwrap().get() / 4.0,
        ]
    };
    for host in ["srv01", "cmbox", "steambox"] {
        for seconds in (0..86_400).step_by(613) {
            let (here, next) = (figures(host, seconds), figures(host, seconds + 2));
            for (here, next) in here.into_iter().zip(next) {
                assert!((here - next).abs() <= 0.5, "{host} jumps from {here} to {next} after {seconds} s");
            }
        }
    }
}

#[test]
fn the_first_look_shows_the_story() {
    let demo = demo();
    let share = |host| {
        let summary = service(&demo, host, 0).summary.clone();
        100.0 * summary.system_memory_used_mb.get() / summary.system_memory_total_mb.get()
    };
    for (host, memory) in [("srv01", 32.0), ("cmbox", 45.0), ("simonbox", 67.0), ("steambox", 78.0)] {
        assert!((share(host) - memory).abs() < 2.5, "{host} uses {} % of its memory", share(host));
    }
    for (host, running) in [("srv01", 16), ("cmbox", 3), ("simonbox", 4), ("steambox", 2)] {
        assert_eq!(service(&demo, host, 0).summary.healthy.get(), running, "{host}");
    }
    for (host, wear) in [("srv01", 4.0), ("cmbox", 12.0), ("simonbox", 15.0), ("steambox", 23.0)] {
        assert_eq!(smart(&demo, host, 0).drives[0].wear_level, Some(Percent::saturating(wear)), "{host}");
    }
    let game = &service(&demo, "steambox", 0).activities[0];
    assert_eq!((game.kind, game.since), (ActivityKind::Gaming, Some(at(-780))));
    let Ok(Report::Backup(late)) = demo.report(&id("simonbox"), Api::Backup, at(0)) else { panic!("it answers") };
    assert!(at(0).since(late.backup.last_success.unwrap()) > Duration::from_hours(26));
    assert!(late.backup.next_run.unwrap() < at(0));
    assert_eq!(late.overall_status, Status::Warning);
    let Ok(Report::Backup(done)) = demo.report(&id("srv01"), Api::Backup, at(0)) else { panic!("it answers") };
    assert_eq!(done.backup.duration_s, Some(Seconds::saturating(2_732.0)));
    assert_eq!(done.backup.history.iter().filter(|run| run.result == RunResult::Failed).count(), 1);
}

#[test]
fn a_silent_host_times_out_and_comes_back() {
    let demo = demo();
    for (seconds, answers) in [(-241, true), (-240, false), (0, false), (359, false), (360, true), (5_160, false)] {
        for api in Api::ALL {
            let outcome = demo.report(&id("labbox"), api, at(seconds));
            assert_eq!(outcome.is_ok(), answers, "after {seconds} s: {outcome:?}");
        }
    }
    assert_eq!(demo.report(&id("nobody"), Api::Smart, at(0)), Err(FailureKind::NoSuchName));
}

#[test]
fn what_fails_says_its_last_lines() {
    let demo = demo();
    let cases = [
        ("cmbox", "syncthing", 130, ServiceStatus::Restarting),
        ("labbox", "sensor-bridge", 1_300, ServiceStatus::Failed),
    ];
    for (host, name, seconds, status) in cases {
        let find = |seconds| service(&demo, host, seconds).services.iter().find(|one| one.name.raw() == name).cloned();
        let (ill, well) = (find(seconds).unwrap(), find(seconds + 2_000).unwrap());
        assert_eq!((ill.status, ill.log.is_empty()), (status, false));
        assert_eq!((well.status, well.log.is_empty()), (ServiceStatus::Running, true));
        assert_eq!(
            well.restarts.unwrap().get(),
            find(0.max(seconds - 300)).map_or(0, |one| one.restarts.unwrap().get()) + 1
        );
        assert!(well.started_at.unwrap() > at(seconds));
    }
}

#[test]
fn months_leave_their_marks() {
    let demo = demo();
    let wear = |days: i64| smart(&demo, "cmbox", days * 86_400).drives[0].wear_level.unwrap().get();
    assert!(wear(60) >= wear(0) + 4.0 && wear(60) <= wear(0) + 7.0, "from {} to {}", wear(0), wear(60));
    let quota = |days: i64| {
        let report = service(&demo, "srv01", days * 86_400);
        let vault = report.services.iter().find(|one| one.name.raw() == "vaultwarden").unwrap().clone();
        vault.disk_used_gb.unwrap().get() / vault.disk_quota_gb.unwrap().get()
    };
    assert!((quota(0) - 0.5).abs() < 1e-9);
    assert!(quota(13) > 0.85 && quota(13) < 0.95, "{}", quota(13));
}

#[test]
fn a_calm_fleet_answers_and_passes_no_limit() {
    let demo = demo().with_hosts(15).calm();
    let moments = (-3..40).map(|day| day * 86_400 + (day * 7_919) % 86_400).chain(a_day());
    for seconds in moments {
        for host in demo.hosts() {
            for api in Api::ALL {
                let report = demo.report(&host.id, api, at(seconds)).unwrap();
                assert_eq!(troubles(&report), Vec::<String>::new(), "{} after {seconds} s", host.id);
            }
        }
    }
}

/// What a report says against the default limits.
fn troubles(report: &Report) -> Vec<String> {
    crate::verdict::report(report, &crate::verdict::Policy::new())
        .reasons
        .iter()
        .map(|reason| reason.text.raw().to_owned())
        .collect()
}

#[test]
fn more_hosts_are_named_after_their_place_and_fewer_are_the_first() {
    let names = |n| demo().with_hosts(n).hosts().iter().map(|host| host.id.to_string()).collect::<Vec<_>>();
    assert_eq!(names(2), ["srv01", "cmbox"]);
    assert_eq!(names(7)[4..], ["labbox", "node06", "node07"]);
    assert_eq!(names(200)[199], "node200");
    let fleet = demo().with_hosts(11);
    let serial = |host: &str| smart(&fleet, host, 0).drives[0].serial.clone();
    assert_ne!(serial("srv01"), serial("node06"));
    assert_ne!(serial("node06"), serial("node11"));
    let silent = (0..200).map(|at| demo().with_hosts(200).hosts()[at].id.clone());
    let fleet = demo().with_hosts(200);
    let silent = silent.filter(|host| fleet.report(host, Api::Smart, at(0)).is_err()).count();
    assert!(silent < 8, "{silent} of 200 are silent at once");
}

#[test]
fn a_hosts_own_word_agrees_with_the_verdict() {
    use crate::health::Health;
    let demo = demo().with_hosts(30);
    for (asked, report) in answers(&demo, (-3..40).map(|day| day * 86_400 + (day * 7_919) % 86_400)) {
        let status = match &report {
            Report::Smart(report) => report.status,
            Report::Backup(report) => report.overall_status,
            Report::Service(_) => continue,
        };
        let expected = match crate::verdict::report(&report, &crate::verdict::Policy::new()).health {
            Health::Warning => Status::Warning,
            Health::Critical => Status::Critical,
            Health::Ok | Health::Note | Health::Unknown => Status::Ok,
        };
        assert_eq!(status, expected, "{asked}: {:?}", troubles(&report));
    }
}

/// A field that no host ever tells is a field that no screen of the demo shows.
#[test]
fn every_field_of_the_reports_is_told_by_somebody() {
    let demo = demo();
    let told: String =
        answers(&demo, (-10..10).map(|day| day * 86_400 + day * 3_011).chain([1_300, 5_157, 21 * 86_400 + 600]))
            .iter()
            .map(|(_, report)| String::from_utf8(report.write()).unwrap())
            .collect();
    let sources = [
        include_str!("../report/smart.rs"),
        include_str!("../report/service.rs"),
        include_str!("../report/service/machine.rs"),
        include_str!("../report/service/sensor.rs"),
        include_str!("../report/service/activity.rs"),
        include_str!("../report/backup.rs"),
    ];
    let fields = sources.iter().flat_map(|source| source.lines()).filter_map(|line| {
        let (name, _) = line.strip_prefix("    pub ")?.split_once(':')?;
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_').then_some(name)
    });
    let mut seen = 0;
    for field in fields {
        let (plain, kernels) = (format!("\"{field}\":"), format!("\"vm.{field}\":"));
        assert!(told.contains(&plain) || told.contains(&kernels), "nobody tells {field}");
        seen += 1;
    }
    assert!(seen > 120, "only {seen} fields were found in the sources");
}

#[test]
fn the_story_is_the_same_whenever_it_begins() {
    for hour in 0..24 {
        let start = WallTime::from_millis((START + hour * (HOUR + 61)) * 1_000 + 321);
        let demo = Demo::new(hour.unsigned_abs(), start);
        let told = |host: &str| -> Vec<String> {
            Api::ALL
                .iter()
                .filter_map(|&api| demo.report(&id(host), api, start).ok())
                .flat_map(|r| troubles(&r))
                .collect()
        };
        assert_eq!(told("srv01"), Vec::<String>::new(), "at {hour}");
        assert_eq!(told("cmbox"), Vec::<String>::new(), "at {hour}");
        assert_eq!(told("steambox"), ["an update waits for a restart"], "at {hour}");
        assert_eq!(told("simonbox").len(), 2, "at {hour}: {:?}", told("simonbox"));
        assert!(demo.report(&id("labbox"), Api::Smart, start).is_err(), "at {hour}");
    }
}

#[test]
fn the_ends_of_time_are_moments_like_others() {
    let ends = [WallTime::from_secs(0), at(0), WallTime::LATEST];
    for (start, moment) in ends.into_iter().flat_map(|start| ends.map(|moment| (start, moment))) {
        for host in Demo::new(1, start).calm().hosts() {
            for api in Api::ALL {
                let report = Demo::new(1, start).calm().report(&host.id, api, moment).unwrap();
                assert_eq!(Report::read(api, &report.write()), Ok(report), "{} {start:?} {moment:?}", host.id);
            }
        }
    }
}
