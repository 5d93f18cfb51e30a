//! Who a drive is: model, serial, firmware, world-wide name, capacity, from where each driver keeps them in sysfs.

use cm_model::report::smart::Drive;
use cm_model::text::HostText;
use cm_model::unit::Gigabytes;

use crate::machine::Machine;

/// Fills in what the directory of a block device says.
pub(super) fn read(machine: &Machine, path: &str, drive: &mut Drive) {
    // The first of several files that has something to say.
    let first = |files: &[&str]| {
        let line = files.iter().find_map(|file| machine.line(&format!("{path}/{file}")))?;
        Some(HostText::from(line))
    };
    drive.model = first(&["device/model", "device/name"]);
    drive.serial = first(&["device/serial", "serial"])
        .or_else(|| machine.bytes(&format!("{path}/device/vpd_pg80"), 256).ok().and_then(|page| unit_serial(&page)));
    drive.firmware = first(&["device/firmware_rev", "device/fwrev", "device/rev"]);
    drive.wwn = first(&["wwid", "device/wwid"]).filter(|wwn| is_worldwide(wwn.raw()));
}

/// Capacity from a number of 512-byte sectors.
pub(super) fn capacity(sectors: u64) -> Option<Gigabytes> {
    Gigabytes::try_from(sectors as f64 * 512.0 / 1e9).ok().map(|capacity| capacity.rounded(3))
}

/// Whether a name is one that no other drive has. The kernel also makes names up from model and serial, and for lack of
/// anything better from nothing.
fn is_worldwide(name: &str) -> bool {
    ["naa.", "eui.", "uuid."].iter().any(|prefix| {
        name.strip_prefix(prefix).is_some_and(|rest| rest.bytes().any(|b| b != b'0' && b != b'.' && b != b'-'))
    })
}

/// The serial of a SCSI or SATA drive: its vital product data page 80h (SPC-4, 7.8.11), a header of four bytes that ends in
/// the length, then text.
fn unit_serial(page: &[u8]) -> Option<HostText> {
    let [_, 0x80, high, low, rest @ ..] = page else { return None };
    let length = usize::from(*high) << 8 | usize::from(*low);
    let text = String::from_utf8_lossy(rest.get(..length.min(rest.len()))?);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    (!text.is_empty()).then(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn serials_of_the_product_data_page() {
        for (page, expected) in [
            (&b"\x00\x80\x00\x08  WD-12X "[..], Some("WD-12X")),
            (b"\x00\x80\x00\x20short", Some("short")),
            (b"\x00\x80\x00\x00", None),
            (b"\x00\x83\x00\x04abcd", None),
            (b"", None),
        ] {
            assert_eq!(unit_serial(page).as_ref().map(HostText::raw), expected, "{page:?}");
        }
    }

    #[test]
    fn names_that_no_other_drive_has() {
        for (name, expected) in [
            ("naa.5000c500a1b2c3d4", true),
            ("eui.0025385b11111111", true),
            ("eui.0000000000000000", false),
            ("t10.ATA     Samsung SSD 860", false),
            ("nvme.144d-53344", false),
        ] {
            assert_eq!(is_worldwide(name), expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_page_panics(page: Vec<u8>) {
            unit_serial(&page);
        }
    }
}
