//! Services: the systemd units that an owner named, and those that failed without being named.
//!
//! systemd says what state they are in ([`crate::systemd`]), their cgroups what they take ([`crate::machine::cgroup`]), the
//! journal what one that failed last said ([`crate::journal`]). A unit that is removed is no longer told, unless it is named
//! without a pattern: then it is missed. Disk use of a service's paths is counted elsewhere.

mod status;

use std::path::PathBuf;
use std::time::Duration;

use cm_model::clock::{MonoTime, Now};
use cm_model::report::service::{FailedUnit, Service, ServiceKind, ServiceStatus};
use cm_model::text::HostText;
use cm_model::unit::{Count, Gibibytes, Mebibytes, Percent};

use super::{Absent, CollectOptions, Collector, Draft, Look};
use crate::journal::Journal;
use crate::machine::Machine;
use crate::machine::cgroup::Cgroup;
use crate::systemd::{Active, Systemd, Unit, name};
use status::Found;

/// Which services are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The units, in the order in which they are told.
    pub units: Vec<Wanted>,
    /// Whether the last lines of the journal are told of a unit that failed or comes back again and again.
    pub journal: bool,
    /// Whether units that failed are told that nobody named.
    pub failed_units: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { units: Vec::new(), journal: true, failed_units: true }
    }
}

/// One unit, or a pattern of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wanted {
    /// Its whole name, with its kind: `ssh.service`, `postgresql@*.service`.
    pub name: String,
    /// Its limit of memory, in place of the cgroup's own.
    pub memory_quota_mb: Option<Mebibytes>,
    /// Paths whose size is told with it.
    pub paths: Vec<PathBuf>,
    /// Limit for their size.
    pub disk_quota_gb: Option<Gibibytes>,
}

/// The collector.
#[derive(Debug)]
pub struct Services {
    options: Options,
    seats: Vec<Seat>,
    journal: Journal,
    /// Whether systemd had not answered all when the last look ended.
    asked: bool,
}

/// One unit, from one look to the next.
#[derive(Debug)]
struct Seat {
    unit: String,
    cgroup: Option<Cgroup>,
    /// Processor time that it had taken when it was last looked at.
    cpu: Option<(Duration, MonoTime)>,
    seen: bool,
}

impl Services {
    /// With what an owner chose.
    pub fn new(options: &CollectOptions) -> Self {
        Self { options: options.services.clone(), seats: Vec::new(), journal: Journal::default(), asked: false }
    }

    /// Whether there is anything to ask systemd for: nobody named a unit on a machine without systemd.
    fn is_idle(&self, machine: &Machine) -> bool {
        let runs_systemd = || ["/run/systemd/system", "/systemctl.show"].iter().any(|path| machine.exists(path));
        self.options.units.is_empty() && !(self.options.failed_units && runs_systemd())
    }

    fn tell(&mut self, systemd: &Systemd, look: &Look<'_>, draft: &mut Draft) {
        for seat in &mut self.seats {
            seat.seen = false;
        }
        self.journal.poll(look.now.mono);
        // Out of `self`, so that the rest of it can be lent meanwhile.
        let options = std::mem::take(&mut self.options);
        let mut told: Vec<&str> = Vec::new();
        for wanted in &options.units {
            let is_pattern = name::is_pattern(&wanted.name);
            let named = systemd.unit(&wanted.name).filter(|_| !is_pattern);
            let matching = is_pattern.then(|| systemd.matching(&wanted.name)).into_iter().flatten();
            if !is_pattern && named.is_none() && systemd.trouble().is_none() {
                let what = format!("{} {}", self.name(), name::short(&wanted.name));
                draft.missing(what, "systemd has not answered yet");
            }
            for unit in named.into_iter().chain(matching) {
                // A unit may have several names, and fit several patterns.
                if told.contains(&&*unit.name) {
                    continue;
                }
                let found = if is_pattern { Found::ByPattern } else { Found::ByName };
                let Some((status, hint)) = status::of(unit, found) else { continue };
                told.push(&unit.name);
                let asked = if is_pattern { &unit.name } else { &wanted.name };
                let mut service = self.service(unit, wanted, look);
                service.name = name::short(asked).into();
                service.status = status;
                if let Some(hint) = hint {
                    service.log = vec![hint.into()];
                } else if options.journal && matches!(status, ServiceStatus::Failed | ServiceStatus::Restarting) {
                    service.log = self.journal.lines(unit, look.machine, look.now.mono).to_vec();
                }
                if status == ServiceStatus::Failed && service.log.is_empty() && !unit.result.is_empty() {
                    service.log = vec![format!("it ended with the result {}", unit.result).into()];
                }
                draft.service.services.push(service);
            }
        }
        if options.failed_units {
            let named =
                |failed: &str| options.units.iter().any(|wanted| wanted.name == failed) || told.contains(&failed);
            let others = systemd.failed().iter().filter(|failed| !named(&failed.name));
            draft.service.failed_units.extend(others.map(|failed| FailedUnit {
                name: name::short(&failed.name).into(),
                description: Some(failed.description.clone()).filter(|text| !text.is_empty()),
            }));
        }
        self.options = options;
        self.seats.retain(|seat| seat.seen);
        self.journal.keep(|unit| self.seats.iter().any(|seat| seat.unit == unit));
        self.journal.poll(look.now.mono);
        if let Some(why) = self.journal.trouble() {
            draft.missing("service journal", why);
        }
    }

    /// What a unit takes and since when.
    fn service(&mut self, unit: &Unit, wanted: &Wanted, look: &Look<'_>) -> Service {
        let seat = self.seat(&unit.name);
        seat.seen = true;
        if seat.cgroup.as_ref().map(Cgroup::path) != unit.cgroup.as_deref() {
            seat.cgroup = unit.cgroup.as_deref().and_then(|path| Cgroup::at(look.machine, path));
            seat.cpu = None;
        }
        let mib = |bytes: u64| Mebibytes::saturating(bytes as f64 / 1_048_576.0).rounded(1);
        let (mut used, mut limit, mut cpu_percent) = (None, None, None);
        if let Some(cgroup) = &mut seat.cgroup {
            used = cgroup.memory(look.machine).map(mib);
            limit = cgroup.limit(look.machine).map(mib);
            let taken = cgroup.cpu_time(look.machine);
            cpu_percent = seat.take_cpu(taken, look.now);
        }
        Service {
            memory_used_mb: used,
            memory_quota_mb: wanted.memory_quota_mb.or(limit),
            cpu_percent,
            disk_quota_gb: wanted.disk_quota_gb,
            restarts: unit.restarts.map(Count),
            started_at: match unit.active {
                Active::Active | Active::Reloading => unit.up_since,
                Active::Activating | Active::Deactivating => unit.began,
                Active::Inactive | Active::Failed => None,
            },
            // Of what has none, systemd gives the name.
            description: Some(unit.description.clone())
                .filter(|text: &HostText| !text.is_empty() && text.raw() != unit.name),
            kind: Some(ServiceKind::Systemd),
            ..Service::default()
        }
    }

    fn seat(&mut self, unit: &str) -> &mut Seat {
        let place = self.seats.iter().position(|seat| seat.unit == unit).unwrap_or_else(|| {
            self.seats.push(Seat { unit: unit.to_owned(), cgroup: None, cpu: None, seen: true });
            self.seats.len() - 1
        });
        &mut self.seats[place]
    }
}

impl Seat {
    /// Its share of a core since the last look; nothing at the first one, nor where its cgroup was made anew.
    fn take_cpu(&mut self, taken: Option<Duration>, now: Now) -> Option<Percent> {
        let before = std::mem::replace(&mut self.cpu, taken.map(|taken| (taken, now.mono)));
        let (before, at) = before?;
        let rise = taken?.checked_sub(before)?;
        let span = now.mono.since(at);
        (!span.is_zero()).then(|| Percent::saturating(100.0 * rise.as_secs_f64() / span.as_secs_f64()).rounded(2))
    }
}

impl Collector for Services {
    fn name(&self) -> &'static str {
        "service"
    }

    fn awaits(&self) -> bool {
        self.asked || self.journal.is_asked()
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        let Some(systemd) = look.systemd.filter(|_| !self.is_idle(look.machine)) else {
            return Err(Absent::NothingHere);
        };
        let mut systemd = systemd.borrow_mut();
        for wanted in &self.options.units {
            systemd.follow(&wanted.name);
        }
        if self.options.failed_units {
            systemd.follow_failed();
        }
        systemd.refresh(look.machine, look.now);
        self.asked = systemd.is_asked();
        if let Some(why) = systemd.trouble() {
            draft.missing(self.name(), why);
        }
        if systemd.has_too_many() {
            draft.missing(
                self.name(),
                format!("more than {} units are named; the others are left out", crate::systemd::MOST_UNITS),
            );
        }
        self.tell(&systemd, look, draft);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
