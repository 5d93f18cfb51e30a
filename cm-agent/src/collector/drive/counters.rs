//! A drive's counters put beside what the kernel tells of it to everybody.
//!
//! Temperature comes from the kernel at every look and is fresher than any counter; name and serial are the kernel's own. A
//! maker's tool knows the whole model, where the kernel cuts it to sixteen letters, and tells flash behind a bridge from a disk.

use cm_model::report::smart::{Drive, DriveKind, SelfTest};
use cm_model::text::HostText;
use cm_model::unit::{Celsius, Count, Gigabytes, Hours, Percent, Terabytes};

use crate::machine::nvme::{self, Health, Told};

/// Whether two descriptions are of the same drive: by serial, else by world-wide name, else by the device's name.
pub(crate) fn is_same(one: &Drive, other: &Drive) -> bool {
    fn known(text: Option<&HostText>) -> Option<&str> {
        text.map(HostText::raw).filter(|text| !text.is_empty())
    }
    if let (Some(one), Some(other)) = (known(one.serial.as_ref()), known(other.serial.as_ref())) {
        return one == other;
    }
    if let (Some(one), Some(other)) = (known(one.wwn.as_ref()), known(other.wwn.as_ref())) {
        return one == other;
    }
    one.name == other.name
}

/// Puts what was told of a drive beside what the kernel says.
pub(crate) fn join(seen: &Drive, told: &Drive) -> Drive {
    let told = told.clone();
    Drive {
        name: seen.name.clone(),
        kind: if told.kind == DriveKind::Unknown { seen.kind } else { told.kind },
        serial: seen.serial.clone().or(told.serial),
        wwn: seen.wwn.clone().or(told.wwn),
        label: seen.label.clone(),
        model: told.model.or_else(|| seen.model.clone()),
        firmware: told.firmware.or_else(|| seen.firmware.clone()),
        capacity_gb: seen.capacity_gb.or(told.capacity_gb),
        used_gb: seen.used_gb,
        temperature_c: seen.temperature_c.or(told.temperature_c),
        temperature_warning_c: seen.temperature_warning_c.or(told.temperature_warning_c),
        temperature_critical_c: seen.temperature_critical_c.or(told.temperature_critical_c),
        power_state: seen.power_state.or(told.power_state),
        ..told
    }
}

/// Fills in what an NVMe drive told of itself.
pub(crate) fn from_nvme(told: &Told, drive: &mut Drive) {
    if let Some(controller) = &told.controller {
        fill_identity(controller, drive);
    }
    match &told.health {
        Some(health) => fill_health(health, drive),
        None => drive.unreadable_reason = Some("its health log is empty".into()),
    }
    let hours = |hours: u64| Some(Hours::saturating(hours as f64));
    (drive.self_test, drive.self_test_hours) = match told.self_test {
        None => (None, None),
        Some(nvme::SelfTest::Never) => (Some(SelfTest::Never), None),
        Some(nvme::SelfTest::Running) => (Some(SelfTest::Running), None),
        Some(nvme::SelfTest::Passed(at)) => (Some(SelfTest::Passed), hours(at)),
        Some(nvme::SelfTest::Failed(at)) => (Some(SelfTest::Failed), hours(at)),
        Some(nvme::SelfTest::Aborted(at)) => (Some(SelfTest::Aborted), hours(at)),
    };
}

fn fill_identity(controller: &nvme::Controller, drive: &mut Drive) {
    let filled = |text: &str| (!text.is_empty()).then(|| HostText::from(text));
    let sound = |limit: Option<Celsius>| limit.filter(|limit| limit.get() > 30.0);
    drive.serial = filled(&controller.serial).or(drive.serial.take());
    drive.model = filled(&controller.model).or(drive.model.take());
    drive.firmware = filled(&controller.firmware).or(drive.firmware.take());
    drive.temperature_warning_c = sound(controller.warning);
    drive.temperature_critical_c = sound(controller.critical);
    if controller.capacity > 0 {
        drive.capacity_gb = Some(Gigabytes::saturating(controller.capacity as f64 / 1e9).rounded(3));
    }
}

fn fill_health(health: &Health, drive: &mut Drive) {
    let count = |wide: u128| Some(Count(u64::try_from(wide).unwrap_or(u64::MAX)));
    // In units of 1,000 times 512 bytes, rounded up by the drive (base specification 2.0, figure 207).
    let moved = |units: u128| Some(Terabytes::saturating(units as f64 * 512_000.0 / 1e12).rounded(6));
    let percent = |byte: u8| Some(Percent::saturating(f64::from(byte)));
    drive.temperature_c = health.temperature;
    drive.critical_warning = Some(Count(health.critical_warning.into()));
    drive.smart_passed = Some(health.critical_warning == 0);
    drive.wear_level = percent(health.used);
    drive.available_spare = percent(health.spare);
    drive.available_spare_threshold = percent(health.spare_threshold);
    drive.data_read_tb = moved(health.units_read);
    drive.data_written_tb = moved(health.units_written);
    drive.power_on_hours = Some(Hours::saturating(health.power_on_hours as f64));
    drive.unsafe_shutdowns = count(health.unsafe_shutdowns);
    drive.media_errors = count(health.media_errors);
    drive.unreadable_reason = None;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, serial: Option<&str>, wwn: Option<&str>) -> Drive {
        Drive {
            name: name.into(),
            serial: serial.map(HostText::from),
            wwn: wwn.map(HostText::from),
            ..Drive::default()
        }
    }

    #[test]
    fn a_drive_is_known_by_what_stays_with_it() {
        for (one, other, expected) in [
            (("sda", Some("S1"), None), ("sdb", Some("S1"), None), true),
            (("sda", Some("S1"), Some("naa.5")), ("sda", Some("S2"), Some("naa.5")), false),
            (("sda", None, Some("naa.5")), ("sdb", Some("S1"), Some("naa.5")), true),
            (("sda", None, None), ("sda", Some("S1"), None), true),
            (("sda", Some(""), None), ("sdb", Some(""), None), false),
        ] {
            let [one, other] = [one, other].map(|(name, serial, wwn)| named(name, serial, wwn));
            assert_eq!(is_same(&one, &other), expected, "{one:?} {other:?}");
        }
    }

    #[test]
    fn the_kernels_temperature_and_the_makers_model_are_told() {
        let seen = Drive {
            model: Some("Samsung SSD 860 ".into()),
            kind: DriveKind::Hdd,
            temperature_c: Some(Celsius::saturating(41.0)),
            ..named("sdb", Some("S1"), None)
        };
        let told = Drive {
            model: Some("Samsung SSD 860 EVO 500GB".into()),
            kind: DriveKind::Ssd,
            temperature_c: Some(Celsius::saturating(36.0)),
            wear_level: Some(Percent::saturating(19.0)),
            ..named("sda", Some("S1"), Some("naa.5"))
        };
        let joined = join(&seen, &told);
        assert_eq!((joined.name.raw(), joined.kind), ("sdb", DriveKind::Ssd));
        assert_eq!(joined.model, told.model);
        assert_eq!((joined.temperature_c, joined.wear_level), (seen.temperature_c, told.wear_level));
        assert_eq!(joined.wwn, told.wwn);
    }

    #[test]
    fn counters_wider_than_64_bits_stand_at_their_end() {
        let health = Health {
            critical_warning: 4,
            temperature: None,
            spare: 100,
            spare_threshold: 10,
            used: 255,
            units_read: 2,
            units_written: u128::MAX,
            power_on_hours: u128::MAX,
            unsafe_shutdowns: 1 << 64,
            media_errors: 3,
            sensors: Vec::new(),
        };
        let mut drive = named("nvme0n1", None, None);
        from_nvme(
            &Told { health: Some(health), controller: None, self_test: Some(nvme::SelfTest::Failed(9)) },
            &mut drive,
        );
        assert_eq!((drive.unsafe_shutdowns, drive.media_errors), (Some(Count(u64::MAX)), Some(Count(3))));
        assert_eq!(drive.data_written_tb.map(Terabytes::get), Some(Terabytes::HIGH));
        assert_eq!(drive.data_read_tb.map(Terabytes::get), Some(0.000_001));
        assert_eq!((drive.smart_passed, drive.wear_level.map(Percent::get)), (Some(false), Some(255.0)));
        assert_eq!((drive.self_test, drive.self_test_hours.map(Hours::get)), (Some(SelfTest::Failed), Some(9.0)));
    }
}
