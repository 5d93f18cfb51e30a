//! NVIDIA's cards, through the library that their driver brings along (NVML).
//!
//! It is loaded only where the driver is, by its absolute path, and only if nobody but root or this user could have put
//! it there: what `LD_LIBRARY_PATH` says does not matter. While the library is in use it keeps every card awake, so it is
//! shut down again where all cards that it knows may sleep.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_model::clock::MonoTime;
use cm_model::report::service::Gpu;
use cm_model::unit::{Celsius, Mebibytes, Percent, Watts};
use nvml_wrapper::enum_wrappers::device::TemperatureSensor;
use nvml_wrapper::{Device, Nvml};

use super::rest::{self, Power};
use crate::machine::Machine;
use crate::trust;

/// Where distributions put the library, in the order of the chances.
const PLACES: [&str; 8] = [
    "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1",
    "/usr/lib/aarch64-linux-gnu/libnvidia-ml.so.1",
    "/usr/lib64/libnvidia-ml.so.1",
    "/usr/lib/libnvidia-ml.so.1",
    "/usr/lib/nvidia/current/libnvidia-ml.so.1",
    "/usr/lib/x86_64-linux-gnu/nvidia/current/libnvidia-ml.so.1",
    "/run/opengl-driver/lib/libnvidia-ml.so.1",
    "/usr/lib/wsl/lib/libnvidia-ml.so.1",
];
/// The most cards that are told.
const MOST: u32 = 64;
/// How long a library that could not be loaded is left alone.
const AGAIN: Duration = Duration::from_mins(1);

/// The cards, and the library through which they are asked.
#[derive(Debug, Default)]
pub(super) struct Nvidia {
    named: Option<PathBuf>,
    /// Its table of functions takes 20 KB, which only machines with such cards are to hold.
    library: Option<Box<Nvml>>,
    read: Vec<Card>,
    /// When that was, or when it failed and why.
    at: Option<(MonoTime, Result<(), String>)>,
}

/// A card: its address on the PCI bus as the kernel writes it, and its figures.
pub(super) type Card = (String, Gpu);

/// What is to be done at a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// All cards sleep, and are left asleep.
    Sleep,
    /// What was read last stands, so that they can fall asleep.
    Keep,
    /// They are read.
    Read,
}

impl Nvidia {
    /// With the library that an owner has named, or the one in the usual places.
    pub(super) fn new(named: Option<PathBuf>) -> Self {
        Self { named, ..Self::default() }
    }

    /// All cards now, and why some are missing.
    pub(super) fn now(&mut self, machine: &Machine, now: MonoTime) -> (Vec<Card>, Option<String>) {
        let places = machine.list(GPUS).unwrap_or_default();
        let is_driven = !places.is_empty() || DOORS.iter().any(|door| machine.exists(door));
        if !is_driven && self.named.is_none() {
            return (Vec::new(), None);
        }
        let powers: Vec<_> = places.iter().map(|place| power(machine, place)).collect();
        let act = self.act(&powers, now);
        if !machine.is_itself() && act != Act::Sleep {
            let why = "the recorded machine holds no answers of NVIDIA's library".to_owned();
            return (places.iter().map(|place| bare(machine, place)).collect(), Some(why));
        }
        match act {
            Act::Sleep => {
                self.library = None;
                let asleep = places.iter().map(|place| self.asleep(machine, place)).collect();
                return (asleep, None);
            }
            Act::Keep => {}
            Act::Read => {
                let read = self.read(machine);
                self.at = Some((now, read.as_ref().map(|_| ()).map_err(Clone::clone)));
                self.read = read.unwrap_or_default();
                if !powers.is_empty() && !powers.contains(&Power::Awake) {
                    self.library = None;
                }
            }
        }
        let why = self.at.as_ref().and_then(|(_, read)| read.as_ref().err().cloned());
        let mut cards = self.read.clone();
        if cards.is_empty() {
            cards = places.iter().map(|place| bare(machine, place)).collect();
        }
        (cards, why)
    }

    fn act(&self, powers: &[Power], now: MonoTime) -> Act {
        if !powers.is_empty() && powers.iter().all(|power| *power == Power::Asleep) {
            return Act::Sleep;
        }
        let Some((at, read)) = &self.at else { return Act::Read };
        let waits = match read {
            Err(_) => AGAIN,
            Ok(()) if powers.contains(&Power::Drowsy) && !powers.contains(&Power::Awake) => {
                if self.read.iter().all(|(_, gpu)| rest::is_idle(gpu)) { rest::BETWEEN } else { Duration::ZERO }
            }
            Ok(()) => Duration::ZERO,
        };
        if now.since(*at) >= waits { Act::Read } else { Act::Keep }
    }

    /// A card that sleeps: it has nothing to do.
    fn asleep(&self, machine: &Machine, place: &str) -> Card {
        let known = self.read.iter().find(|(other, _)| other == place).map(|(_, gpu)| gpu.name.clone());
        let name = known.unwrap_or_else(|| bare(machine, place).1.name);
        (place.to_owned(), Gpu { name, load_percent: Some(Percent::default()), ..Gpu::default() })
    }

    /// Asks the library, which is loaded first if it is not.
    fn read(&mut self, machine: &Machine) -> Result<Vec<Card>, String> {
        let library = match self.library.take() {
            Some(library) => library,
            None if self.named.is_none() && DOORS.iter().all(|door| !machine.exists(door)) => {
                return Err(HIDDEN.to_owned());
            }
            None => load(self.named.as_deref())?,
        };
        let count =
            library.device_count().map_err(|error| format!("NVIDIA's library does not count cards: {error}"))?;
        let devices = (0..count.min(MOST)).filter_map(|index| library.device_by_index(index).ok());
        let cards = devices.map(|device| card(&device)).collect();
        self.library = Some(library);
        Ok(cards)
    }
}

/// Through which of these the library reaches the driver: Linux's own, and that of Windows' subsystem for Linux.
const DOORS: [&str; 2] = ["/dev/nvidiactl", "/dev/dxg"];
/// What is said where the driver is there and no way to it.
const HIDDEN: &str = "NVIDIA's driver is there, and /dev/nvidiactl is out of sight: for cm-agent.service, set PrivateDevices=no, \
                      DevicePolicy=closed, DeviceAllow=/dev/nvidiactl rw and DeviceAllow=/dev/nvidia0 rw (one for each card) in a \
                      drop-in";

/// A folder for each card that the driver has.
const GPUS: &str = "/proc/driver/nvidia/gpus";

/// What the driver says of a card without its library: its model.
fn bare(machine: &Machine, place: &str) -> Card {
    let text = machine.head(&format!("{GPUS}/{place}/information"), 4096).unwrap_or_default();
    let model =
        text.lines().find_map(|line| line.strip_prefix("Model:")).map(str::trim).filter(|model| !model.is_empty());
    let name = model.map_or_else(|| format!("NVIDIA {place}"), str::to_owned);
    (place.to_owned(), Gpu { name: name.into(), ..Gpu::default() })
}

fn power(machine: &Machine, place: &str) -> Power {
    let device = format!("/sys/bus/pci/devices/{place}");
    let names = machine.list(&format!("{device}/drm")).unwrap_or_default();
    Power::of(machine, &device, names.iter().find(|name| name.starts_with("card")).map(String::as_str))
}

fn load(named: Option<&Path>) -> Result<Box<Nvml>, String> {
    let place = named.or_else(|| PLACES.iter().map(Path::new).find(|place| place.exists()));
    let Some(place) = place else {
        return Err("NVIDIA's driver is there and its library libnvidia-ml.so.1 is not: install it (Debian: \
                    libnvidia-ml1), or name it as `nvml` of [gpu]"
            .to_owned());
    };
    if !place.is_absolute() {
        return Err(format!("{}: the library is named by its whole path, from / on", place.display()));
    }
    trust::judge(place).map_err(|distrust| {
        let next = distrust.next().map(|next| format!("; {next}")).unwrap_or_default();
        format!("NVIDIA's library is not loaded: {distrust}{next}")
    })?;
    Nvml::builder().lib_path(place.as_os_str()).init().map(Box::new).map_err(|error| {
        format!(
            "{}: {error}; see what nvidia-smi says, and let this process open /dev/nvidiactl and /dev/nvidia*",
            place.display()
        )
    })
}

/// What a card tells; what it does not know it leaves out.
fn card(device: &Device<'_>) -> Card {
    let mebibytes = |bytes: u64| Mebibytes::saturating(bytes as f64 / f64::from(1 << 20)).rounded(1);
    let place = device.pci_info().map(|pci| place(&pci.bus_id)).unwrap_or_default();
    let memory = device.memory_info().ok();
    let temperature = device.temperature(TemperatureSensor::Gpu).ok();
    let name = device.name().ok().filter(|name| !name.is_empty()).unwrap_or_else(|| format!("NVIDIA {place}"));
    let gpu = Gpu {
        name: name.into(),
        load_percent: device.utilization_rates().ok().map(|rates| Percent::saturating(f64::from(rates.gpu))),
        memory_used_mb: memory.as_ref().map(|memory| mebibytes(memory.used)),
        memory_total_mb: memory.as_ref().map(|memory| mebibytes(memory.total)),
        temperature_c: temperature.and_then(|degrees| Celsius::try_from(f64::from(degrees)).ok()),
        power_w: device.power_usage().ok().and_then(|milliwatts| Watts::try_from(f64::from(milliwatts) / 1000.0).ok()),
    };
    (place, gpu)
}

/// The library writes a domain of eight digits and capitals (`00000000:01:00.0`), the kernel four and small ones.
fn place(bus_id: &str) -> String {
    let lower = bus_id.to_ascii_lowercase();
    match lower.strip_prefix("0000") {
        Some(rest) if rest.len() == 12 => rest.to_owned(),
        _ => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_the_kernel_writes_them() {
        for (bus_id, expected) in [("00000000:0A:00.0", "0000:0a:00.0"), ("0000:01:00.0", "0000:01:00.0"), ("", "")] {
            assert_eq!(place(bus_id), expected);
        }
    }

    #[test]
    fn cards_are_read_as_often_as_they_can_bear() {
        use Power::{Asleep, Awake, Drowsy};
        let second = |at| MonoTime::from_start(Duration::from_secs(at));
        let card = |load| (String::new(), Gpu { load_percent: Percent::try_from(load).ok(), ..Gpu::default() });
        let read = |load| Nvidia { at: Some((second(100), Ok(()))), read: vec![card(load)], ..Nvidia::default() };
        let failed = || Nvidia { at: Some((second(100), Err("no".to_owned()))), ..Nvidia::default() };
        for (nvidia, powers, at, expected) in [
            (Nvidia::default(), &[][..], 105, Act::Read),
            (Nvidia::default(), &[Asleep], 105, Act::Sleep),
            (Nvidia::default(), &[Drowsy], 105, Act::Read),
            (read(0.0), &[], 105, Act::Read),
            (read(0.0), &[Awake], 105, Act::Read),
            (read(0.0), &[Drowsy], 105, Act::Keep),
            (read(0.0), &[Drowsy, Asleep], 105, Act::Keep),
            (read(0.0), &[Drowsy], 130, Act::Read),
            (read(90.0), &[Drowsy], 105, Act::Read),
            (read(0.0), &[Drowsy, Awake], 105, Act::Read),
            (read(90.0), &[Asleep, Asleep], 105, Act::Sleep),
            (failed(), &[Awake], 105, Act::Keep),
            (failed(), &[Awake], 160, Act::Read),
        ] {
            assert_eq!(nvidia.act(powers, second(at)), expected, "{powers:?} at {at}");
        }
    }

    #[test]
    fn a_library_that_others_could_have_written_or_that_is_none_is_not_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("libnvidia-ml.so.1");
        std::fs::write(&library, "no library").unwrap();
        let why = load(Some(&library)).unwrap_err();
        assert!(why.contains("see what nvidia-smi says"), "{why}");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        std::fs::set_permissions(&library, mode).unwrap();
        let why = load(Some(&library)).unwrap_err();
        assert!(why.contains("is not loaded") && why.contains("chmod"), "{why}");
        let why = load(Some(Path::new("libnvidia-ml.so.1"))).unwrap_err();
        assert!(why.contains("whole path"), "{why}");
    }
}
