//! What stands in the pages of an NVMe drive (NVM Express base specification 2.0): bytes in, figures out.
//!
//! It knows where each figure is and how wide; not what is bad, nor where the bytes come from. All figures are little-endian.

use cm_model::unit::Celsius;

/// The log page 02h, SMART / health information (5.16.1.3).
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// Warning bits: 1 spare low, 2 temperature, 4 unreliable, 8 read-only, 16 backup failed, 32 memory region.
    pub critical_warning: u8,
    /// The composite temperature.
    pub temperature: Option<Celsius>,
    /// Spare left, in percent.
    pub spare: u8,
    /// The spare below which the maker calls the drive worn, in percent.
    pub spare_threshold: u8,
    /// Rated life used, in percent; 255 stands for that and more.
    pub used: u8,
    /// Read by the host, in units of 512,000 bytes.
    pub units_read: u128,
    /// Written by the host, in units of 512,000 bytes.
    pub units_written: u128,
    /// Hours under power.
    pub power_on_hours: u128,
    /// Times that power went away unannounced.
    pub unsafe_shutdowns: u128,
    /// Times that data could not be read back, or not trusted.
    pub media_errors: u128,
    /// The temperatures of up to eight sensors, in their order; those that the drive has.
    pub sensors: Vec<Celsius>,
}

impl Health {
    /// Reads the page. Nothing if not one byte of it is set: so answers what only pretends to keep it.
    pub fn read(page: &[u8; 512]) -> Option<Self> {
        if page.iter().all(|&byte| byte == 0) {
            return None;
        }
        Some(Self {
            critical_warning: page[0],
            temperature: kelvin(word(page, 1)),
            spare: page[3],
            spare_threshold: page[4],
            used: page[5],
            units_read: wide(page, 32),
            units_written: wide(page, 48),
            power_on_hours: wide(page, 128),
            unsafe_shutdowns: wide(page, 144),
            media_errors: wide(page, 160),
            sensors: (0..8).filter_map(|sensor| kelvin(word(page, 200 + 2 * sensor))).collect(),
        })
    }
}

/// Identify controller (CNS 01h, 5.17.2.1), as far as it is of use.
#[derive(Debug, Clone, PartialEq)]
pub struct Controller {
    /// Serial number.
    pub serial: String,
    /// Maker's model.
    pub model: String,
    /// Firmware revision.
    pub firmware: String,
    /// Capacity of the whole drive in bytes; 0 where it does not say.
    pub capacity: u128,
    /// Too warm from here (WCTEMP).
    pub warning: Option<Celsius>,
    /// Harm from here (CCTEMP).
    pub critical: Option<Celsius>,
    /// Whether it can test itself, and so keeps the log of it.
    pub tests_itself: bool,
}

impl Controller {
    /// Reads the page.
    pub fn read(page: &[u8; 4096]) -> Self {
        Self {
            serial: text(&page[4..24]),
            model: text(&page[24..64]),
            firmware: text(&page[64..72]),
            capacity: wide(page, 280),
            warning: kelvin(word(page, 266)),
            critical: kelvin(word(page, 268)),
            tests_itself: word(page, 256) & 1 << 4 != 0,
        }
    }
}

/// The device self-test log (page 06h, 5.16.1.7): what goes on, and the newest result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfTest {
    /// One is under way.
    Running,
    /// The newest ended without error, at so many power-on hours.
    Passed(u64),
    /// The newest found an error.
    Failed(u64),
    /// The newest was stopped before its end.
    Aborted(u64),
    /// None was ever run.
    Never,
}

impl SelfTest {
    /// Reads the beginning of the page: four bytes of head, then the newest result of 28 bytes.
    pub fn read(page: &[u8; 32]) -> Self {
        if page[0] & 0x0f != 0 {
            return Self::Running;
        }
        let hours = u64::from_le_bytes(std::array::from_fn(|at| page[8 + at]));
        match page[4] & 0x0f {
            0x0 if page[4] >> 4 == 0 => Self::Never,
            0x0 => Self::Passed(hours),
            0x5..=0x7 => Self::Failed(hours),
            0xf => Self::Never,
            _ => Self::Aborted(hours),
        }
    }
}

/// A temperature in Kelvin; 0 means that the drive has none to tell. Whole degrees, as every program tells them.
fn kelvin(kelvin: u16) -> Option<Celsius> {
    let celsius = f64::from(kelvin) - 273.0;
    (-40.0..=200.0).contains(&celsius).then(|| Celsius::saturating(celsius))
}

fn word(page: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([page[at], page[at + 1]])
}

fn wide(page: &[u8], at: usize) -> u128 {
    u128::from_le_bytes(std::array::from_fn(|byte| page[at + byte]))
}

/// Text padded with blanks, which should be ASCII and is not always.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A page in which some bytes are set.
    fn page<const N: usize>(set: &[(usize, &[u8])]) -> [u8; N] {
        let mut page = [0; N];
        for (at, bytes) in set {
            page[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        page
    }

    #[test]
    fn a_health_log_is_read_whole() {
        let log = page::<512>(&[
            (0, &[0x04, 0x43, 0x01, 97, 10, 132]),
            (32, &1000_u128.to_le_bytes()),
            (48, &u128::MAX.to_le_bytes()),
            (128, &(1_u128 << 70).to_le_bytes()),
            (144, &7_u128.to_le_bytes()),
            (160, &3_u128.to_le_bytes()),
            (200, &[0x2d, 0x01, 0, 0, 0x39, 0x01]),
        ]);
        let health = Health::read(&log).unwrap();
        assert_eq!((health.critical_warning, health.spare, health.spare_threshold, health.used), (4, 97, 10, 132));
        assert_eq!(health.temperature.map(Celsius::get), Some(50.0));
        assert_eq!((health.units_read, health.units_written), (1000, u128::MAX));
        assert_eq!((health.power_on_hours, health.unsafe_shutdowns, health.media_errors), (1 << 70, 7, 3));
        assert_eq!(health.sensors.iter().map(|sensor| sensor.get()).collect::<Vec<_>>(), [28.0, 40.0]);
    }

    #[test]
    fn an_empty_log_tells_nothing() {
        assert_eq!(Health::read(&[0; 512]), None);
    }

    #[test]
    fn a_temperature_that_cannot_be_is_none() {
        for (kelvin, expected) in [(0, None), (1, None), (323, Some(50.0)), (273, Some(0.0)), (u16::MAX, None)] {
            assert_eq!(super::kelvin(kelvin).map(Celsius::get), expected, "{kelvin} K");
        }
    }

    #[test]
    fn a_controller_says_who_it_is_and_its_limits() {
        let identify = page::<4096>(&[
            (4, b"S4EWNX0N123456      "),
            (24, b"Samsung SSD 970 EVO Plus 1TB            "),
            (64, b"2B2QEXM7"),
            (256, &[0x17, 0]),
            (266, &358_u16.to_le_bytes()),
            (268, &358_u16.to_le_bytes()),
            (280, &1_000_204_886_016_u128.to_le_bytes()),
        ]);
        let controller = Controller::read(&identify);
        assert_eq!((&*controller.serial, &*controller.firmware), ("S4EWNX0N123456", "2B2QEXM7"));
        assert_eq!(controller.model, "Samsung SSD 970 EVO Plus 1TB");
        assert_eq!(controller.warning.map(Celsius::get), Some(85.0));
        assert_eq!(controller.capacity, 1_000_204_886_016);
        assert!(controller.tests_itself);
        let bare = Controller::read(&[0; 4096]);
        assert_eq!((bare.warning, bare.critical, bare.tests_itself, bare.capacity), (None, None, false, 0));
    }

    #[test]
    fn a_self_test_is_told_by_its_newest_result() {
        let hours = 4321_u64.to_le_bytes();
        for (now, result, expected) in [
            (0x00, 0x10, SelfTest::Passed(4321)),
            (0x01, 0x10, SelfTest::Running),
            (0x02, 0xff, SelfTest::Running),
            (0x00, 0x27, SelfTest::Failed(4321)),
            (0x00, 0x25, SelfTest::Failed(4321)),
            (0x00, 0x11, SelfTest::Aborted(4321)),
            (0x00, 0x1f, SelfTest::Never),
            (0x00, 0x00, SelfTest::Never),
        ] {
            assert_eq!(
                SelfTest::read(&page(&[(0, &[now]), (4, &[result]), (8, &hours)])),
                expected,
                "{now} {result:x}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_page_panics(bytes in prop::collection::vec(any::<u8>(), 4096)) {
            Health::read(&std::array::from_fn(|at| bytes[at]));
            SelfTest::read(&std::array::from_fn(|at| bytes[at]));
            Controller::read(&std::array::from_fn(|at| bytes[at]));
        }
    }
}
