//! What a graphics card is called: by itself, by the lists that the distribution brings along, or by its numbers.

use crate::machine::Machine;

/// The most bytes of a list: Debian's `pci.ids` is two thirds of it.
const MOST_BYTES: usize = 2 << 20;

/// Names of AMD's cards by device and revision, as their makers sell them.
const AMD: &str = "/usr/share/libdrm/amdgpu.ids";
/// Names of all PCI devices, and where distributions put them.
const ALL: [&str; 2] = ["/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"];

/// A device's numbers, in hex digits: `1002`, `73bf`, `c1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) vendor: String,
    pub(super) device: String,
    pub(super) revision: String,
}

impl Numbers {
    /// Those of a PCI device by its directory.
    pub(super) fn of(machine: &Machine, device: &str) -> Option<Self> {
        let number = |name: &str| {
            let line = machine.line(&format!("{device}/{name}"))?;
            let digits = line.strip_prefix("0x")?;
            (!digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
                .then(|| digits.to_ascii_lowercase())
        };
        let revision = number("revision").unwrap_or_default();
        Some(Self { vendor: number("vendor")?, device: number("device")?, revision })
    }

    fn maker(&self) -> &str {
        match self.vendor.as_str() {
            "1002" => "AMD",
            "8086" => "Intel",
            "10de" => "NVIDIA",
            other => other,
        }
    }
}

/// The name of the card whose device has this directory. Reads up to two lists: to be kept.
pub(super) fn find(machine: &Machine, device: &str) -> Option<String> {
    if let Some(name) = machine.line(&format!("{device}/product_name")).filter(|name| !name.is_empty()) {
        return Some(name);
    }
    let numbers = Numbers::of(machine, device)?;
    let text = |path: &str| Some(String::from_utf8_lossy(&machine.bytes(path, MOST_BYTES).ok()?).into_owned());
    let sold = || (numbers.vendor == "1002").then(|| sold_as(&text(AMD)?, &numbers)).flatten();
    let listed = || ALL.iter().find_map(|path| in_list(&text(path)?, &numbers));
    let by_numbers = || format!("{} {}:{}", numbers.maker(), numbers.vendor, numbers.device);
    Some(sold().or_else(listed).unwrap_or_else(by_numbers))
}

/// Looks a card up in libdrm's list: device, revision and name, with commas and tabs between.
fn sold_as(list: &str, numbers: &Numbers) -> Option<String> {
    list.lines().find_map(|line| {
        let mut fields = line.splitn(3, ',').map(str::trim);
        let is_it = fields.next()?.eq_ignore_ascii_case(&numbers.device)
            && fields.next()?.eq_ignore_ascii_case(&numbers.revision);
        fields.next().filter(|name| is_it && !name.is_empty()).map(str::to_owned)
    })
}

/// Looks a device up in the list of all: vendors at the margin, their devices behind a tab. What stands in brackets is
/// the name under which it is sold.
fn in_list(list: &str, numbers: &Numbers) -> Option<String> {
    let mut lines = list.lines();
    lines.find(|line| line.strip_prefix(numbers.vendor.as_str()).is_some_and(|rest| rest.starts_with("  ")))?;
    let own = lines.take_while(|line| line.starts_with('\t') || line.starts_with('#') || line.is_empty());
    let name =
        own.filter_map(|line| line.strip_prefix('\t')?.strip_prefix(numbers.device.as_str())).find_map(|rest| {
            let name = rest.strip_prefix("  ")?.trim();
            (!name.is_empty()).then_some(name)
        })?;
    let sold = name.rsplit_once('[').and_then(|(_, inner)| inner.strip_suffix(']')).unwrap_or(name);
    let maker = numbers.maker();
    Some(if sold.starts_with(maker) { sold.to_owned() } else { format!("{maker} {sold}") })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(vendor: &str, device: &str, revision: &str) -> Numbers {
        Numbers { vendor: vendor.into(), device: device.into(), revision: revision.into() }
    }

    #[test]
    fn lists() {
        let sold =
            "# List of AMDGPU IDs\n1.0.0\n73BF,\tC0,\tAMD Radeon RX 6900 XT\n73BF,\tC1,\tAMD Radeon RX 6800 XT\n";
        let all = "1002  Advanced Micro Devices, Inc. [AMD/ATI]\n\t1638  Cezanne [Radeon Vega Series]\n\t\t1043 0001  Board\n\
                   \t9999  Bare\n# a comment\n8086  Intel Corporation\n\t1638  Not this one\n\ta7a0  Raptor Lake-P [Iris Xe Graphics]\n\t7d55  Meteor Lake-P [Intel Arc Graphics]\n";
        for (device, expected_sold, expected_all) in [
            (numbers("1002", "73bf", "c1"), Some("AMD Radeon RX 6800 XT"), None),
            (numbers("1002", "73bf", "c9"), None, None),
            (numbers("1002", "1638", "00"), None, Some("AMD Radeon Vega Series")),
            (numbers("1002", "9999", "00"), None, Some("AMD Bare")),
            (numbers("8086", "a7a0", "04"), None, Some("Intel Iris Xe Graphics")),
            (numbers("8086", "7d55", "08"), None, Some("Intel Arc Graphics")),
            (numbers("8086", "9999", "04"), None, None),
            (numbers("10de", "1638", "a1"), None, None),
        ] {
            assert_eq!(sold_as(sold, &device).as_deref(), expected_sold, "{device:?}");
            assert_eq!(in_list(all, &device).as_deref(), expected_all, "{device:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[0-9a-f \t\n,\\[\\]#]{0,200}") {
            let device = numbers("8086", "a7a0", "04");
            let _ = (sold_as(&text, &device), in_list(&text, &device));
        }
    }
}
