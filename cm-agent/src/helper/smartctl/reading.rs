//! What `smartctl --json` says of a drive: a document in, a [`Drive`] out.
//!
//! Three protocols and five versions of the program tell the same things in different places; each figure is taken from the
//! first place that has it. A drive that tells nothing is said to tell nothing, with the reason. It runs nothing.

use cm_model::report::smart::{Drive, DriveKind, PowerState};
use cm_model::text::HostText;
use cm_model::unit::{Celsius, Count, Gigabytes, Hours, Percent, Terabytes};
use serde_json::Value;

use super::attribute::Attributes;
use super::json::{at, celsius, count, first, flag, hours, list, number, percent, text};
use super::self_test;

/// A bit of smartctl's exit status, of those that say that there is no reading. The others (0x04 a command failed, 0x08 and up
/// what the drive is like) come with figures that are as good as they get.
const NOT_OPENED: u64 = 0x02;

/// Reads what smartctl printed about one drive.
pub fn read(document: &Value) -> Drive {
    let attributes = Attributes::of(document);
    let nvme = "nvme_smart_health_information_log";
    let mut drive = Drive {
        name: text(document, "device/name").map_or("", |name| name.strip_prefix("/dev/").unwrap_or(name)).into(),
        kind: kind(document, &attributes),
        model: model(document),
        serial: first(document, &["serial_number"]),
        firmware: first(document, &["firmware_version", "scsi_revision", "revision"]),
        wwn: wwn(document),
        capacity_gb: capacity(document),
        temperature_c: temperature(document),
        smart_passed: flag(document, "smart_status/passed"),
        critical_warning: count(document, &format!("{nvme}/critical_warning")),
        unsafe_shutdowns: count(document, &format!("{nvme}/unsafe_shutdowns"))
            .or_else(|| attributes.unsafe_shutdowns()),
        media_errors: count(document, &format!("{nvme}/media_errors"))
            .or_else(|| attributes.count(&[(184, "End-to-End_Error")])),
        ..Drive::default()
    };
    limits(document, &mut drive);
    lifetime(document, &attributes, &mut drive);
    errors(document, &attributes, &mut drive);
    (drive.self_test, drive.self_test_hours) = self_test::read(document, drive.power_on_hours);
    if let Some(asleep) = asleep(document) {
        drive.power_state = Some(PowerState::Standby);
        drive.unreadable_reason = Some(asleep.into());
    } else if !tells_health(&drive, &attributes) {
        drive.unreadable_reason = Some(why_silent(document));
    }
    drive
}

fn kind(document: &Value, attributes: &Attributes<'_>) -> DriveKind {
    if text(document, "device/protocol") == Some("NVMe") {
        return DriveKind::Nvme;
    }
    match number(document, "rotation_rate") {
        Some(0.0) => DriveKind::Ssd,
        Some(_) => DriveKind::Hdd,
        None if flag(document, "trim/supported") == Some(true) => DriveKind::Ssd,
        None if attributes.turns() => DriveKind::Hdd,
        None => DriveKind::Unknown,
    }
}

fn model(document: &Value) -> Option<HostText> {
    first(document, &["model_name", "scsi_model_name"]).or_else(|| {
        let maker = text(document, "scsi_vendor").or_else(|| text(document, "vendor"));
        let product = text(document, "scsi_product").or_else(|| text(document, "product"))?;
        Some(maker.map_or_else(|| product.into(), |maker| format!("{maker} {product}").into()))
    })
}

/// The world-wide name as the kernel writes it in sysfs, so that both name the same drive.
fn wwn(document: &Value) -> Option<HostText> {
    let part = |name: &str| at(document, name)?.as_u64();
    if let (Some(naa), Some(oui), Some(id)) = (part("wwn/naa"), part("wwn/oui"), part("wwn/id")) {
        return Some(format!("naa.{naa:x}{oui:06x}{id:09x}").into());
    }
    if let (Some(oui), Some(id)) = (part("nvme_namespaces/0/eui64/oui"), part("nvme_namespaces/0/eui64/ext_id")) {
        return Some(format!("eui.{oui:06x}{id:010x}").into());
    }
    let unit = text(document, "logical_unit_id")?.strip_prefix("0x")?;
    Some(format!("naa.{unit}").into())
}

fn capacity(document: &Value) -> Option<Gigabytes> {
    let paths = ["user_capacity/bytes", "nvme_total_capacity", "nvme_namespaces/0/capacity/bytes"];
    let bytes = paths.iter().find_map(|path| number(document, path)).filter(|bytes| *bytes > 0.0)?;
    Gigabytes::try_from(bytes / 1e9).ok().map(|capacity| capacity.rounded(3))
}

/// A SCSI device without a sensor says 0.
fn temperature(document: &Value) -> Option<Celsius> {
    let scsi = text(document, "device/protocol") == Some("SCSI");
    celsius(document, "temperature/current").filter(|celsius| !scsi || celsius.get() > 0.0)
}

fn limits(document: &Value, drive: &mut Drive) {
    let limit = |paths: &[&str]| {
        let mut told = paths.iter().filter_map(|path| celsius(document, path));
        told.find(|limit| limit.get() > 30.0)
    };
    drive.temperature_warning_c = limit(&["temperature/op_limit_max", "nvme_composite_temperature_threshold/warning"]);
    drive.temperature_critical_c = limit(&[
        "temperature/critical_limit_max",
        "nvme_composite_temperature_threshold/critical",
        "temperature/limit_max",
        "temperature/drive_trip",
    ]);
}

fn lifetime(document: &Value, attributes: &Attributes<'_>, drive: &mut Drive) {
    let nvme = |field: &str| format!("nvme_smart_health_information_log/{field}");
    let spins = drive.kind == DriveKind::Hdd;
    drive.power_on_hours = hours(document, "power_on_time/hours")
        .or_else(|| hours(document, &nvme("power_on_hours")))
        .or_else(|| Hours::try_from(attributes.hours()? as f64).ok());
    let ata = text(document, "device/protocol") == Some("ATA");
    // Of an ATA drive that it does not know, smartctl takes the normalised values of others for wear and spare.
    let guessed = ata && !attributes.known();
    drive.wear_level = percent(document, &nvme("percentage_used"))
        .or_else(|| {
            statistic(document, 7, "Percentage Used Endurance Indicator").and_then(|used| Percent::try_from(used).ok())
        })
        .or_else(|| percent(document, "scsi_percentage_used_endurance_indicator"))
        .or_else(|| attributes.wear().filter(|_| !spins))
        .or_else(|| percent(document, "endurance_used/current_percent").filter(|_| !guessed));
    let spare = percent(document, &nvme("available_spare"))
        .map(|spare| (spare, percent(document, &nvme("available_spare_threshold"))))
        .or_else(|| {
            let spare = percent(document, "spare_available/current_percent").filter(|_| !guessed)?;
            Some((spare, percent(document, "spare_available/threshold_percent")))
        })
        .or_else(|| attributes.spare().filter(|_| !spins));
    (drive.available_spare, drive.available_spare_threshold) =
        spare.map_or((None, None), |(spare, t)| (Some(spare), t));
    let sector = number(document, "logical_block_size").unwrap_or(512.0);
    let moved = |units: &str, sectors: &str, log: &str, verb: &str| {
        number(document, &nvme(units))
            .map(|units| units * 512_000.0 / 1e12)
            .or_else(|| statistic(document, 1, sectors).map(|sectors| sectors * sector / 1e12))
            .or_else(|| number(document, log).map(|gigabytes| gigabytes / 1e3))
            .or_else(|| attributes.moved_tb(verb))
            .map(|tb| Terabytes::saturating(tb).rounded(6))
    };
    let log = |direction: &str| format!("scsi_error_counter_log/{direction}/gigabytes_processed");
    drive.data_written_tb = moved("data_units_written", "Logical Sectors Written", &log("write"), "Writ");
    drive.data_read_tb = moved("data_units_read", "Logical Sectors Read", &log("read"), "Read");
}

fn errors(document: &Value, attributes: &Attributes<'_>, drive: &mut Drive) {
    let counted = |page: u64, name: &str| statistic(document, page, name).and_then(whole);
    drive.reallocated_sectors = attributes
        .count(&[(5, "")])
        .or_else(|| counted(3, "Number of Reallocated Logical Sectors"))
        .or_else(|| count(document, "scsi_grown_defect_list"));
    drive.pending_sectors = attributes
        .count(&[(197, "Current_Pending"), (197, "Pending_Sector")])
        .or_else(|| count(document, "scsi_pending_defects/count"));
    let told = [
        attributes.count(&[(187, "Reported_Uncorrect"), (187, "Uncorrectable_Error")]),
        attributes.count(&[(198, "Offline_Uncorrectable")]),
        counted(4, "Number of Reported Uncorrectable Errors"),
        scsi_uncorrected(document),
    ];
    // A lifetime's count beside what is uncorrectable now: whichever has seen more.
    drive.uncorrectable_errors = told.into_iter().flatten().max();
    drive.crc_errors = attributes
        .count(&[(199, "UDMA_CRC_Error"), (199, "CRC_Error"), (199, "SATA_CRC_Error")])
        .or_else(|| counted(6, "Number of Interface CRC Errors"));
}

/// Errors that correction could not mend, over what was read, written and verified.
fn scsi_uncorrected(document: &Value) -> Option<Count> {
    let told = ["read", "write", "verify"]
        .map(|direction| count(document, &format!("scsi_error_counter_log/{direction}/total_uncorrected_errors")));
    let mut told = told.into_iter().flatten().peekable();
    told.peek()?;
    Some(Count(told.fold(0, |sum, Count(errors)| sum.saturating_add(errors))))
}

/// A figure of the drive's own statistics (ACS-4, 9.5), if the drive calls it valid.
fn statistic(document: &Value, page: u64, name: &str) -> Option<f64> {
    let mut pages = list(document, "ata_device_statistics/pages").iter();
    let page = pages.find(|one| number(one, "number") == Some(page as f64))?;
    let mut rows = list(page, "table").iter();
    let row = rows.find(|row| text(row, "name") == Some(name) && flag(row, "flags/valid") == Some(true))?;
    number(row, "value")
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and saturating is wanted")]
fn whole(number: f64) -> Option<Count> {
    (number >= 0.0).then_some(Count(number as u64))
}

/// Whether anything was told by which a drive's health could be judged.
fn tells_health(drive: &Drive, attributes: &Attributes<'_>) -> bool {
    !attributes.is_empty()
        || drive.smart_passed.is_some()
        || drive.critical_warning.is_some()
        || drive.uncorrectable_errors.is_some()
        || drive.reallocated_sectors.is_some()
}

/// That the drive sleeps and was left asleep, in smartctl's words, of which only some versions print more.
fn asleep(document: &Value) -> Option<&'static str> {
    let mut messages = list(document, "smartctl/messages").iter().filter_map(|message| text(message, "string"));
    let sleeps = messages.any(|message| {
        let message = message.to_ascii_uppercase();
        message.contains("DEVICE IS IN") && (message.contains("STANDBY") || message.contains("SLEEP"))
    });
    sleeps.then_some("it sleeps, and was not woken to be asked")
}

fn why_silent(document: &Value) -> HostText {
    let messages = list(document, "smartctl/messages");
    let error = messages.iter().find(|message| text(message, "severity") == Some("error"));
    let exit = number(document, "smartctl/exit_status").map_or(0, |status| whole(status).map_or(0, Count::get));
    if let Some(said) = error.and_then(|message| text(message, "string")) {
        return format!("smartctl says: {said}").into();
    }
    if exit & NOT_OPENED != 0 {
        return "smartctl could not open it".into();
    }
    match (flag(document, "smart_support/available"), flag(document, "smart_support/enabled")) {
        (Some(false), _) => {
            "it keeps no SMART counters, or something between (a USB bridge, a RAID controller) does not pass them on"
        }
        (_, Some(false)) => "SMART is switched off in the drive; `smartctl --smart=on` switches it on",
        _ => "it tells nothing of its health",
    }
    .into()
}

#[cfg(test)]
mod tests;
