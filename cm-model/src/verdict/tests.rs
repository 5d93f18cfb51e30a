use super::*;
use crate::catalogue;
use crate::report::Api;

/// Judges a body under the default policy: `health: code, code ...`.
fn judged(api: Api, body: &str) -> String {
    judged_under(&Policy::new(), api, body)
}

fn judged_under(policy: &Policy, api: Api, body: &str) -> String {
    let verdict = report(&Report::read(api, body.as_bytes()).unwrap(), policy);
    let codes: Vec<_> = verdict.reasons.iter().map(|reason| reason.code).collect();
    format!("{}: {}", verdict.health, codes.join(" "))
}

fn drive(fields: &str) -> String {
    format!(r#"{{"status":"ok","drives":[{{"name":"d",{fields}}}],"summary":{{}},"issues":[],"timestamp":1766000000}}"#)
}

fn service(fields: &str) -> String {
    let summary = r#""healthy":1,"degraded":0,"failed":0,"memory_used_mb":1,"memory_quota_mb":0,"system_memory_used_mb":100,"system_memory_total_mb":1000,"disk_used_gb":1,"disk_total_gb":10,"cpu_load_1":0.1,"cpu_load_5":0.1,"cpu_load_15":0.1"#;
    format!(r#"{{"summary":{{{summary}}},"timestamp":1766000000,{fields}}}"#)
}

fn backup(fields: &str, enabled: &str) -> String {
    format!(
        r#"{{"overall_status":"ok","backup":{{{fields}}},"service":{{"enabled":{enabled}}},"timestamp":1766000000}}"#
    )
}

#[test]
fn a_drive_is_judged_by_what_it_tells() {
    for (fields, expected) in [
        (r#""wear_level":4,"temperature_c":56,"smart_passed":true"#, "ok: "),
        (r#""wear_level":70"#, "warning: drive.wear"),
        (r#""wear_level":132"#, "warning: drive.wear"),
        (
            r#""wear_level":132,"critical_warning":4,"smart_passed":false,"media_errors":0"#,
            "warning: drive.wear drive.past_rated_life",
        ),
        (
            r#""wear_level":132,"critical_warning":4,"media_errors":9"#,
            "critical: drive.unreliable drive.wear drive.media_errors",
        ),
        (r#""temperature_c":74"#, "warning: drive.temperature"),
        (r#""temperature_c":74,"temperature_warning_c":80,"temperature_critical_c":85"#, "ok: "),
        (r#""temperature_c":86,"temperature_warning_c":80,"temperature_critical_c":85"#, "critical: drive.temperature"),
        (r#""temperature_c":40,"temperature_warning_c":0,"temperature_critical_c":0"#, "ok: "),
        (r#""available_spare":10,"available_spare_threshold":10"#, "critical: drive.spare"),
        (r#""available_spare":100,"available_spare_threshold":100"#, "ok: "),
        (r#""available_spare":0,"available_spare_threshold":0"#, "ok: "),
        (r#""available_spare":8"#, "warning: drive.spare"),
        (r#""smart_passed":false"#, "critical: drive.smart_failed"),
        (r#""smart_passed":false,"critical_warning":8"#, "critical: drive.read_only"),
        (r#""self_test":"failed""#, "critical: drive.self_test_failed"),
        (r#""pending_sectors":3"#, "warning: drive.pending_sectors"),
        (r#""unreadable_reason":"needs rights""#, "note: drive.unreadable"),
        (r#""unreadable_reason":"asleep","power_state":"standby""#, "ok: "),
        (r#""kind":"virtual","unreadable_reason":"a virtual disk keeps none""#, "ok: "),
    ] {
        assert_eq!(judged(Api::Smart, &drive(fields)), expected, "{fields}");
    }
}

#[test]
fn a_service_and_its_machine_are_judged() {
    for (fields, expected) in [
        (r#""services":[{"name":"gitea","status":"running"}]"#, "ok: "),
        (r#""services":[{"name":"gitea","status":"failed"}]"#, "critical: service.failed"),
        (r#""services":[{"name":"gitea","status":"stopped"}]"#, "warning: service.stopped"),
        (r#""services":[{"name":"gitea","status":"stopped","kind":"docker"}]"#, "note: service.stopped"),
        (r#""services":[{"name":"gitea","status":"failed","kind":"podman"}]"#, "critical: service.failed"),
        (r#""services":[{"name":"gitea","status":"moonwalking"}]"#, "unknown: service.unknown"),
        (
            r#""services":[{"name":"v","status":"running","disk_used_gb":0.92,"disk_quota_gb":1}]"#,
            "warning: service.disk_use",
        ),
        (
            r#""services":[{"name":"v","status":"running","memory_used_mb":960,"memory_quota_mb":1000}]"#,
            "critical: service.memory_use",
        ),
        (
            r#""services":[],"filesystems":[{"mount":"/","used_gb":96,"total_gb":100,"kind":"ext4"}]"#,
            "critical: filesystem.use",
        ),
        (
            r#""services":[],"filesystems":[{"mount":"/snap","used_gb":1,"total_gb":1,"kind":"squashfs","read_only":true}]"#,
            "ok: ",
        ),
        (
            r#""services":[],"filesystems":[{"mount":"/","used_gb":1,"total_gb":9,"kind":"ext4","read_only":true}]"#,
            "warning: filesystem.read_only",
        ),
        (r#""services":[],"reboot_needed":true"#, "note: host.reboot_needed"),
        (r#""services":[],"going":"sleep""#, "note: host.going"),
        (r#""services":[],"failed_units":[{"name":"run-x.mount"}]"#, "note: service.failed_unit"),
        (r#""services":[],"sensors":[{"name":"rpi_volt in0","alarm":true}]"#, "warning: sensor.alarm"),
        (r#""services":[],"sensors":[{"name":"rpi_volt in0","alarm":false}]"#, "ok: "),
        (
            r#""services":[],"sensors":[{"name":"BAT0","charge_percent":4,"state":"discharging"}]"#,
            "warning: sensor.charge",
        ),
    ] {
        assert_eq!(judged(Api::Service, &service(fields)), expected, "{fields}");
    }
    let counted = service(r#""services":[]"#).replace("\"failed\":0", "\"failed\":2");
    assert_eq!(judged(Api::Service, &counted), "critical: service.failed_count");
    let full = service(r#""services":[]"#).replace("\"system_memory_used_mb\":100", "\"system_memory_used_mb\":905");
    assert_eq!(judged(Api::Service, &full), "critical: memory.use");
}

#[test]
fn a_backup_is_judged_by_its_last_run_and_its_schedule() {
    for (fields, enabled, expected) in [
        (r#""last_success":1765990000,"next_run":1766076400"#, "true", "ok: "),
        (r#""last_success":1765990000,"last_failure":1765999000"#, "true", "critical: backup.failed"),
        (r#""last_success":1765800000,"next_run":1765980000"#, "true", "warning: backup.late"),
        (r#""last_success":1765800000"#, "true", "warning: backup.age"),
        (r#""last_success":1765000000"#, "true", "critical: backup.age"),
        ("", "true", "warning: backup.never"),
        ("", "false", "ok: "),
        (r#""last_success":1765990000"#, "false", "warning: backup.disabled"),
    ] {
        assert_eq!(judged(Api::Backup, &backup(fields, enabled)), expected, "{fields}");
    }
}

#[test]
fn a_host_that_knows_more_is_believed() {
    let worried = drive(r#""wear_level":4"#).replace("\"status\":\"ok\"", "\"status\":\"critical\"");
    assert_eq!(judged(Api::Smart, &worried), "critical: smart.host_says");
    let worn = drive(r#""wear_level":75"#).replace("\"status\":\"ok\"", "\"status\":\"warning\"");
    assert_eq!(judged(Api::Smart, &worn), "warning: drive.wear", "what we say ourselves is not said twice");
}

#[test]
fn the_owners_limits_go_first() {
    let id = |name| catalogue::by_name(name).unwrap().metric.id;
    let policy =
        Policy::new().with(id("drive.wear"), Limits::above(50.0, 60.0)).with(id("drive.temperature"), Limits::None);
    assert_eq!(
        judged_under(&policy, Api::Smart, &drive(r#""wear_level":65,"temperature_c":99"#)),
        "critical: drive.wear"
    );
}

#[test]
fn reasons_read_as_sentences() {
    let said = |api, body: &str| {
        let verdict = report(&Report::read(api, body.as_bytes()).unwrap(), &Policy::new());
        verdict.reasons[0].text.raw().to_owned()
    };
    assert_eq!(said(Api::Smart, &drive(r#""wear_level":82"#)), "d wear 82 % (limit 70 %)");
    assert_eq!(said(Api::Smart, &drive(r#""media_errors":1"#)), "d 1 media error");
    assert_eq!(said(Api::Smart, &drive(r#""temperature_c":70"#)), "d temperature 70 °C, its limit");
    assert_eq!(
        said(Api::Backup, &backup(r#""last_success":1765800000,"next_run":1765980000"#, "true")),
        "the backup was due 5h 33m ago; the last good one is 2d 7h old"
    );
}
