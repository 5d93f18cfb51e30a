//! How long the answers of a large host take to read: 100 services, 24 drives, 30 backup runs.
//!
//! The goal is under 200 µs for each.

use std::fmt::Write as _;
use std::hint::black_box;

use cm_core::report::{Api, Report};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const SERVICES: usize = 100;
const DRIVES: usize = 24;
const RUNS: usize = 30;

/// A list of `n` entries, each made from its number.
fn list(n: usize, entry: impl Fn(usize) -> String) -> String {
    (0..n).map(entry).collect::<Vec<_>>().join(",")
}

fn smart() -> String {
    let drives = list(DRIVES, |n| {
        format!(
            r#"{{"name":"sd{n}","temperature_c":{},"wear_level":{}.5,"power_on_hours":{},"available_spare":97,"available_spare_threshold":10,"model":"HGST HUH721008ALE604","serial":"2SG{n:05}","firmware":"LHGNT384","kind":"ssd","capacity_gb":8001.563222016,"used_gb":6120.4,"data_written_tb":612.25,"data_read_tb":801.5,"media_errors":0,"unsafe_shutdowns":37,"critical_warning":0,"smart_passed":true,"self_test":"passed","wwn":"0x5000cca0000{n:05}","label":"bay {n}","power_state":"active","temperature_warning_c":60,"temperature_critical_c":70,"reallocated_sectors":0,"pending_sectors":0,"uncorrectable_errors":0,"crc_errors":0,"self_test_hours":21800}}"#,
            30 + n,
            n,
            20_000 + n * 321,
        )
    });
    format!(
        r#"{{"status":"ok","drives":[{drives}],"summary":{{"healthy":{DRIVES},"warning":0,"critical":0,"capacity_total_gb":192037.5,"capacity_used_gb":146889.6}},"issues":[],"timestamp":1766000000,"pools":[{{"name":"tank","kind":"zfs","state":"online","capacity_gb":150000,"used_gb":120000,"errors":0,"last_scrub":1765000000,"scrub_errors":0}}]}}"#
    )
}

fn service() -> String {
    let services = list(SERVICES, |n| {
        format!(
            r#"{{"name":"service-{n:03}","status":"running","memory_used_mb":{}.25,"memory_quota_mb":1024,"cpu_percent":{}.5,"disk_used_gb":12.25,"disk_quota_gb":20,"restarts":0,"started_at":1765900000,"description":"The service number {n} of this host","kind":"systemd"}}"#,
            100 + n,
            n % 7,
        )
    });
    let filesystems = list(12, |n| {
        format!(
            r#"{{"mount":"/srv/data{n:02}","device":"/dev/sd{n}1","kind":"ext4","used_gb":6120.4,"total_gb":7450.6,"available_gb":1330.2,"inodes_used":401234,"inodes_total":15466496,"read_only":false,"remote":false}}"#
        )
    });
    let disks = list(DRIVES, |n| {
        format!(
            r#"{{"name":"sd{n}","read_bytes":801500000000,"written_bytes":612250000000,"read_per_s":1024,"written_per_s":204800,"busy_percent":1.5,"wait_ms":0.25,"queue_length":0.01}}"#
        )
    });
    let mut body = format!(
        r#"{{"summary":{{"healthy":{SERVICES},"degraded":0,"failed":0,"memory_used_mb":15000.5,"memory_quota_mb":102400,"system_memory_used_mb":73210.5,"system_memory_total_mb":128000.75,"disk_used_gb":101.25,"disk_total_gb":232.5,"cpu_load_1":1.04,"cpu_load_5":0.85,"cpu_load_15":0.5,"cpu_freq_mhz":3600,"cpu_temp_c":51}},"services":[{services}],"timestamp":1766000000,"filesystems":[{filesystems}],"disks":[{disks}]"#
    );
    write!(
        body,
        r#","cpu":{{"model":"AMD EPYC 7443P","cores":48,"use_percent":11.5,"core_use_percent":[{}]}},"memory":{{"available_mb":54790.25,"cached_mb":30001}},"network":[{}],"uptime_s":864000,"kernel":"6.12.1","os":"Debian GNU/Linux 13"}}"#,
        list(48, |n| format!("{}.5", n % 13)),
        list(4, |n| format!(
            r#"{{"name":"enp{n}s0","up":true,"speed_mbit":10000,"rx_bytes":9000000001,"tx_bytes":8000000002,"rx_per_s":12000,"tx_per_s":9000,"rx_errors":0,"tx_errors":0}}"#
        )),
    )
    .expect("a String takes everything");
    body
}

fn backup() -> String {
    let history = list(RUNS, |n| {
        format!(
            r#"{{"start":{},"duration_s":312.5,"result":"success","size_gb":210,"stored_gb":0.75,"message":"terminating with success status, rc 0"}}"#,
            1_765_949_687 - n * 86_400
        )
    });
    format!(
        r#"{{"overall_status":"ok","backup":{{"last_success":1765950000,"duration_s":312.5,"size_gb":210,"stored_gb":88.125,"archive_count":{RUNS},"next_run":1766036400,"repository":"ssh://borg@nas.lan/./srv01","history":[{history}]}},"service":{{"enabled":true,"pending_jobs":0}},"timestamp":1766000000}}"#
    )
}

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    for (api, body) in [(Api::Smart, smart()), (Api::Service, service()), (Api::Backup, backup())] {
        Report::read(api, body.as_bytes()).expect("the body that was made is a report");
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(api.word(), |bencher| {
            bencher.iter(|| Report::read(api, black_box(body.as_bytes())));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(50);
    targets = parse
}
criterion_main!(benches);
