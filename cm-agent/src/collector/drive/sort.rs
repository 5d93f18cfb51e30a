//! What a block device is, as it decides what can be known of it and who is to be asked.

use cm_model::report::smart::DriveKind;

use crate::machine::Machine;

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Flash behind NVMe.
    Nvme,
    /// Flash behind SATA, SAS or USB.
    Flash,
    /// A disk that turns, or is said to: many USB bridges say so of flash.
    Disk,
    /// Soldered flash.
    Emmc,
    /// A memory card.
    Card,
    /// Made up by a hypervisor, or by another machine.
    Virtual,
}

impl Sort {
    /// What the device of that name is.
    pub(crate) fn of(machine: &Machine, name: &str) -> Self {
        let path = format!("/sys/block/{name}");
        let maker = || machine.line(&format!("{path}/device/vendor")).unwrap_or_default();
        if name.starts_with("nvme") {
            return Self::Nvme;
        }
        if name.starts_with("mmcblk") {
            let card = machine.line(&format!("{path}/device/type")).is_some_and(|kind| kind.starts_with("SD"));
            return if card { Self::Card } else { Self::Emmc };
        }
        if ["vd", "xvd", "nbd", "rbd"].iter().any(|prefix| name.starts_with(prefix))
            || matches!(&*maker(), "QEMU" | "VMware" | "VMware," | "Msft" | "VBOX" | "LIO-ORG")
        {
            return Self::Virtual;
        }
        let spins = machine.number::<u8>(&format!("{path}/queue/rotational")) == Some(1);
        if spins { Self::Disk } else { Self::Flash }
    }

    /// The kind that it is told as.
    pub(crate) const fn kind(self) -> DriveKind {
        match self {
            Self::Nvme => DriveKind::Nvme,
            Self::Flash => DriveKind::Ssd,
            Self::Disk => DriveKind::Hdd,
            Self::Emmc => DriveKind::Emmc,
            Self::Card => DriveKind::Card,
            Self::Virtual => DriveKind::Virtual,
        }
    }

    /// Why nobody can read health counters of it; nothing if somebody with the right to can.
    pub(crate) const fn why_none(self) -> Option<&'static str> {
        match self {
            Self::Nvme | Self::Flash | Self::Disk => None,
            Self::Emmc => Some("of soldered flash only an estimate of its wear can be read"),
            Self::Card => Some("a memory card keeps no health counters"),
            Self::Virtual => {
                Some("a virtual disk keeps no health counters; the machine that holds it knows its drives")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sort_of_drive_can_be_asked_or_says_why_not() {
        for sort in [Sort::Nvme, Sort::Flash, Sort::Disk, Sort::Emmc, Sort::Card, Sort::Virtual] {
            let asked = matches!(sort, Sort::Nvme | Sort::Flash | Sort::Disk);
            assert_eq!(sort.why_none().is_none(), asked, "{sort:?}");
            assert!(sort.why_none().is_none_or(|why| !why.ends_with('.')), "{sort:?}");
        }
    }
}
