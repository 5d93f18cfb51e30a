//! Graphics cards: load, memory, temperature and power of each, and over all of them the busiest and the warmest.
//!
//! AMD's and Intel's tell of themselves in files, NVIDIA's through the library of their driver. A card that sleeps is not
//! woken, and one that could sleep is not kept awake (`gpu/rest.rs`).

mod clients;
mod name;
mod nvidia;
mod rest;
mod sysfs;

use std::path::PathBuf;
use std::time::Duration;

use cm_model::clock::MonoTime;
use cm_model::report::service::{Gpu, Summary};

use super::{Absent, CollectOptions, Collector, Draft, Look};
use crate::machine::Machine;
use clients::Clients;
use nvidia::Nvidia;
use sysfs::{Card, Driver};

/// What an owner may choose about graphics cards.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Whether the load of cards whose drivers do not tell it (Intel's) is put together from the processes that use them.
    pub ask_processes: bool,
    /// NVIDIA's library, instead of the one in the usual places.
    pub nvml: Option<PathBuf>,
}

/// The collector.
#[derive(Debug)]
pub struct Gpus {
    ask_processes: bool,
    cards: Vec<Card>,
    sought: Option<MonoTime>,
    nvidia: Nvidia,
    clients: Clients,
}

/// How often cards are looked for: one that is plugged in shows within a minute.
const AGAIN: Duration = Duration::from_mins(1);
/// The most cards that are told.
const MOST: usize = 64;

impl Gpus {
    /// With an owner's choice.
    pub fn new(options: &CollectOptions) -> Self {
        Self {
            ask_processes: options.gpu.ask_processes,
            cards: Vec::new(),
            sought: None,
            nvidia: Nvidia::new(options.gpu.nvml.clone()),
            clients: Clients::default(),
        }
    }

    fn seek(&mut self, machine: &Machine, now: MonoTime) {
        if self.sought.is_some_and(|at| now.since(at) < AGAIN) {
            return;
        }
        self.sought = Some(now);
        let names = machine.list("/sys/class/drm").unwrap_or_default();
        let is_card = |name: &&String| {
            name.strip_prefix("card")
                .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let found: Vec<_> = names.iter().filter(is_card).take(MOST).collect();
        let place = |card: &str| machine.link_name(&format!("/sys/class/drm/{card}/device"));
        // A name may go to another card.
        self.cards.retain(|card| {
            found.iter().any(|name| **name == card.node) && place(&card.node) == Some(card.place.clone())
        });
        for name in found {
            if !self.cards.iter().any(|card| card.node == *name) {
                self.cards.extend(Card::find(machine, name));
            }
        }
        self.cards.sort_by(|a, b| a.place.cmp(&b.place));
    }
}

impl Collector for Gpus {
    fn name(&self) -> &'static str {
        "gpu"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        let (machine, now) = (look.machine, look.now.mono);
        self.seek(machine, now);
        if look.container.is_some() {
            // Their files are seen in every container; the card itself only where it was handed in.
            self.cards.retain(|card| machine.exists(&format!("/dev/dri/{}", card.node)));
        }
        let mut gpus: Vec<(String, Gpu)> = Vec::new();
        for card in &mut self.cards {
            gpus.push((card.place.clone(), card.now(machine, now)));
            draft.service.sensors.extend(card.fan(machine));
        }
        self.fill_intel(machine, now, &mut gpus, draft);
        let (cards, why) = self.nvidia.now(machine, now);
        gpus.extend(cards);
        if let Some(why) = why {
            draft.missing("gpu", why);
        }
        if gpus.is_empty() {
            return Err(Absent::NothingHere);
        }
        gpus.sort_by(|a, b| a.0.cmp(&b.0));
        tell(&gpus, draft);
        Ok(())
    }
}

impl Gpus {
    /// The load of Intel's cards, if an owner wants it.
    fn fill_intel(&mut self, machine: &Machine, now: MonoTime, gpus: &mut [(String, Gpu)], draft: &mut Draft) {
        let is_intel = |place: &str| self.cards.iter().any(|card| card.place == place && card.driver == Driver::Intel);
        let mut lacking: Vec<_> =
            gpus.iter_mut().filter(|(place, gpu)| is_intel(place) && gpu.load_percent.is_none()).collect();
        let Some((_, first)) = lacking.first() else { return };
        if !self.ask_processes {
            let why = format!(
                "{}: its driver tells the load of each process alone; `processes = true` in [gpu] puts it together (it goes \
                 through the open files of every process, and sees those of its own user; with CAP_SYS_PTRACE those of all)",
                first.name.raw()
            );
            draft.missing("gpu load", why);
            return;
        }
        let loads = self.clients.loads(machine, now);
        for (place, gpu) in &mut lacking {
            gpu.load_percent = loads.get(place).copied();
        }
        if self.clients.hidden > 0 {
            let why = format!(
                "{} processes may not be looked at; what they do with a card is not counted (CAP_SYS_PTRACE would let it)",
                self.clients.hidden
            );
            draft.missing("gpu load", why);
        }
    }
}

/// Writes the cards into the draft; cards of one name are told apart by their address.
fn tell(gpus: &[(String, Gpu)], draft: &mut Draft) {
    let is_double = |name: &str| gpus.iter().filter(|(_, gpu)| gpu.name.raw() == name).count() > 1;
    let told = gpus.iter().map(|(place, gpu)| {
        let name = gpu.name.raw();
        if is_double(name) && !place.is_empty() {
            Gpu { name: format!("{name} ({place})").into(), ..gpu.clone() }
        } else {
            gpu.clone()
        }
    });
    let told: Vec<Gpu> = told.collect();
    let Summary { gpu_load_percent, gpu_temp_c, .. } = &mut draft.service.summary;
    *gpu_load_percent = told.iter().filter_map(|gpu| gpu.load_percent).max_by(|a, b| a.get().total_cmp(&b.get()));
    *gpu_temp_c = told.iter().filter_map(|gpu| gpu.temperature_c).max_by(|a, b| a.get().total_cmp(&b.get()));
    draft.service.gpus = told;
}
