use serde_json::json;

use super::*;

/// Serial numbers and figures here are made up; the shape is smartctl's.
fn sata() -> Value {
    let attribute = |id: u64, name: &str, value: u64, raw: u64| json!({ "id": id, "name": name, "value": value, "thresh": 10, "raw": { "value": raw, "string": raw.to_string() } });
    json!({
        "device": { "name": "/dev/sda", "type": "sat", "protocol": "ATA" },
        "model_family": "Samsung based SSDs", "model_name": "Samsung SSD 860 EVO 500GB", "serial_number": "S1",
        "firmware_version": "RVT", "wwn": { "naa": 5, "oui": 9528, "id": 55_834_574_848_u64 },
        "user_capacity": { "bytes": 500_107_862_016_u64 }, "logical_block_size": 512, "rotation_rate": 0,
        "smart_status": { "passed": true }, "power_on_time": { "hours": 14551 },
        "temperature": { "current": 36, "op_limit_max": 70, "limit_max": 75 },
        "ata_smart_attributes": { "table": [
            attribute(5, "Reallocated_Sector_Ct", 100, 2), attribute(177, "Wear_Leveling_Count", 81, 278),
            attribute(179, "Used_Rsvd_Blk_Cnt_Tot", 98, 4), attribute(187, "Uncorrectable_Error_Cnt", 100, 1),
            attribute(198, "Offline_Uncorrectable", 100, 3), attribute(199, "CRC_Error_Count", 99, 108),
            attribute(235, "POR_Recovery_Count", 99, 7), attribute(241, "Total_LBAs_Written", 99, 2_000_000_000),
        ] },
        "smartctl": { "exit_status": 64 },
    })
}

#[test]
fn a_sata_drive_is_read_whole() {
    let drive = read(&sata());
    assert_eq!((drive.name.raw(), drive.kind), ("sda", DriveKind::Ssd));
    assert_eq!(drive.model.as_ref().map(HostText::raw), Some("Samsung SSD 860 EVO 500GB"));
    assert_eq!(drive.wwn.as_ref().map(HostText::raw), Some("naa.5002538d00000000"));
    assert_eq!(drive.capacity_gb.map(Gigabytes::get), Some(500.108));
    assert_eq!(drive.power_on_hours.map(Hours::get), Some(14551.0));
    assert_eq!((drive.wear_level.map(Percent::get), drive.available_spare.map(Percent::get)), (Some(19.0), Some(98.0)));
    assert_eq!((drive.reallocated_sectors, drive.uncorrectable_errors), (Some(Count(2)), Some(Count(3))));
    assert_eq!((drive.crc_errors, drive.unsafe_shutdowns), (Some(Count(108)), Some(Count(7))));
    assert_eq!(drive.data_written_tb.map(Terabytes::get), Some(1.024));
    let degrees = [drive.temperature_c, drive.temperature_warning_c, drive.temperature_critical_c];
    assert_eq!(degrees.map(|limit| limit.map(Celsius::get)), [Some(36.0), Some(70.0), Some(75.0)]);
    assert_eq!(drive.unreadable_reason, None);
}

#[test]
fn the_drives_own_statistics_go_before_its_makers_attributes() {
    let row =
        |name: &str, value: u64, valid: bool| json!({ "name": name, "value": value, "flags": { "valid": valid } });
    let mut document = sata();
    document["ata_device_statistics"] = json!({ "pages": [
        { "number": 1, "table": [row("Logical Sectors Written", 4_000_000_000, true)] },
        { "number": 7, "table": [row("Percentage Used Endurance Indicator", 120, true)] },
    ] });
    let drive = read(&document);
    assert_eq!(drive.wear_level.map(Percent::get), Some(120.0));
    assert_eq!(drive.data_written_tb.map(Terabytes::get), Some(2.048));
    document["ata_device_statistics"]["pages"][1]["table"][0]["flags"]["valid"] = json!(false);
    assert_eq!(read(&document).wear_level.map(Percent::get), Some(19.0));
}

#[test]
fn an_nvme_drive_behind_a_bridge_is_one() {
    let document = json!({
        "device": { "name": "/dev/sdb", "type": "sntjmicron", "protocol": "NVMe" },
        "model_name": "X", "nvme_namespaces": [{ "eui64": { "oui": 57420, "ext_id": 112_094_110_470_u64 } }],
        "smart_status": { "passed": false },
        "nvme_composite_temperature_threshold": { "warning": 85, "critical": 0 },
        "nvme_smart_health_information_log": {
            "critical_warning": 4, "available_spare": 100, "available_spare_threshold": 10, "percentage_used": 255,
            "data_units_written": 340_282_366_920_938_463_463_374_607_431_768_211_455_f64, "media_errors": 0,
            "power_on_hours": 4399, "unsafe_shutdowns": 44,
        },
    });
    let drive = read(&document);
    assert_eq!((drive.kind, drive.wear_level.map(Percent::get)), (DriveKind::Nvme, Some(255.0)));
    assert_eq!(drive.wwn.as_ref().map(HostText::raw), Some("eui.00e04c1a19546306"));
    assert_eq!((drive.critical_warning, drive.media_errors), (Some(Count(4)), Some(Count(0))));
    assert_eq!(drive.data_written_tb.map(Terabytes::get), Some(Terabytes::HIGH));
    assert_eq!((drive.temperature_warning_c.map(Celsius::get), drive.temperature_critical_c), (Some(85.0), None));
}

#[test]
fn a_sas_drive_counts_its_errors_and_its_endurance() {
    let direction =
        |errors: u64, gigabytes: &str| json!({ "total_uncorrected_errors": errors, "gigabytes_processed": gigabytes });
    let document = json!({
        "device": { "name": "/dev/sdc", "type": "scsi", "protocol": "SCSI" }, "scsi_vendor": "HITACHI",
        "scsi_product": "H109060SESUN600G", "scsi_revision": "A31A", "logical_unit_id": "0x5000cca29063dc00",
        "rotation_rate": 0, "smart_status": { "passed": true }, "scsi_grown_defect_list": 260,
        "scsi_percentage_used_endurance_indicator": 11, "temperature": { "current": 0, "drive_trip": 68 },
        "scsi_error_counter_log": { "read": direction(1, "386.568"), "write": direction(535, "2124,590") },
    });
    let drive = read(&document);
    assert_eq!(drive.model.as_ref().map(HostText::raw), Some("HITACHI H109060SESUN600G"));
    assert_eq!(drive.wwn.as_ref().map(HostText::raw), Some("naa.5000cca29063dc00"));
    assert_eq!((drive.uncorrectable_errors, drive.reallocated_sectors), (Some(Count(536)), Some(Count(260))));
    assert_eq!((drive.wear_level.map(Percent::get), drive.kind), (Some(11.0), DriveKind::Ssd));
    assert_eq!((drive.temperature_c, drive.temperature_critical_c.map(Celsius::get)), (None, Some(68.0)));
    assert_eq!(drive.data_written_tb.map(Terabytes::get), Some(2.12459));
}

#[test]
fn a_drive_that_tells_nothing_says_why() {
    let device = json!({ "name": "/dev/sda", "type": "sat", "protocol": "ATA" });
    let message = |text: &str, severity: &str| json!([{ "string": text, "severity": severity }]);
    let said = |status: u64, messages: Value| json!({ "device": device, "smartctl": { "exit_status": status, "messages": messages } });
    for (document, state, expected) in [
        (
            said(2, message("Device is in STANDBY mode, exit(2)", "information")),
            Some(PowerState::Standby),
            "it sleeps, and was not woken to be asked",
        ),
        (
            said(2, message("Smartctl open device: /dev/sda failed: Permission denied", "error")),
            None,
            "smartctl says: Smartctl open device: /dev/sda failed: Permission denied",
        ),
        (said(2, json!([])), None, "smartctl could not open it"),
        (
            json!({ "device": device, "smart_support": { "available": false }, "smartctl": { "exit_status": 4 } }),
            None,
            "it keeps no SMART counters, or something between (a USB bridge, a RAID controller) does not pass them on",
        ),
        (
            json!({ "device": device, "smart_support": { "available": true, "enabled": false } }),
            None,
            "SMART is switched off in the drive; `smartctl --smart=on` switches it on",
        ),
        (json!({ "device": device }), None, "it tells nothing of its health"),
        (json!([]), None, "it tells nothing of its health"),
    ] {
        let drive = read(&document);
        assert_eq!(drive.unreadable_reason.as_ref().map(HostText::raw), Some(expected), "{document}");
        assert_eq!(drive.power_state, state, "{document}");
    }
}
