//! One drive: all that it tells of itself, the limits in force, and the course of what wears and warms.

mod life;

use std::time::Duration;

use cm_core::catalogue::Measured;
use cm_core::clock::WallTime;
use cm_core::health::Verdict;
use cm_core::metric::Metric;
use cm_core::report::Api;
use cm_core::report::smart::{self, DriveKind, PowerState, SelfTest};
use cm_core::unit::Unit;
use cm_core::verdict;

use super::detail::{At, Detail, courses, figures, is_same};
use super::sheet::{Figure, Sheet};
use crate::history::{Ask, Of};
use crate::state::State;
use crate::theme::Role;
use crate::widget::Scene;

/// The screen of a drive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drive {
    /// Which.
    pub(super) at: At,
}

impl Drive {
    fn drive<'s>(&self, scene: &Scene<'s>) -> Option<&'s smart::Drive> {
        scene.host.smart()?.drives.iter().find(|drive| is_same(&drive.subject(), &self.at.subject))
    }

    /// Its wear, where it tells that it wears.
    fn wear(&self, scene: &Scene<'_>) -> Option<Of> {
        let drive = self.drive(scene)?;
        drive.wear_level?;
        let (host, metric) = (scene.host.member.host.id.clone(), scene.state.shown.wear);
        Some(Of { host, subject: drive.subject(), metric })
    }
}

impl Detail for Drive {
    fn at(&self) -> &At {
        &self.at
    }

    fn at_mut(&mut self) -> &mut At {
        &mut self.at
    }

    fn api(&self) -> Option<Api> {
        Some(Api::Smart)
    }

    fn verdict(&self, scene: &Scene<'_>) -> Option<Verdict> {
        let at = scene.host.smart()?.timestamp;
        let drive = self.drive(scene)?;
        Some(scene.judged(|policy| verdict::drive(drive, at, policy)))
    }

    fn wants(&self, scene: &Scene<'_>) -> Vec<Ask> {
        let ask = |of| Ask::Outlook { of, until: as_of(scene.state) };
        self.wear(scene).map(ask).into_iter().collect()
    }

    fn write(&self, scene: &Scene<'_>, sheet: &mut Sheet) {
        let (Some(report), Some(drive)) = (scene.host.smart(), self.drive(scene)) else { return };
        if let Some(verdict) = self.verdict(scene) {
            sheet.reasons(&verdict.reasons);
        }
        if let Some(wear) = self.wear(scene) {
            life::write(&scene.state.history.outlook(&wear), scene.state, sheet);
        }
        let told = figures(drive, report.timestamp, scene);
        if told.is_empty() {
            sheet.heading("Health");
            sheet.text(1, silence(drive), Role::Plain);
        }
        for (title, belongs) in GROUPS {
            let group: Vec<Figure> = of_group(&told, *belongs);
            if !group.is_empty() {
                sheet.heading(title);
                sheet.figures(&group);
            }
        }
        courses(sheet, &told);
        if let Some(service) = scene.host.service() {
            let disk = service.disks.iter().find(|disk| disk.name == drive.name);
            if let Some(disk) = disk {
                sheet.heading("What it does now");
                let told = figures(disk, service.timestamp, scene);
                sheet.figures(&told.into_iter().map(|(_, figure)| figure).collect::<Vec<_>>());
            }
        }
        identity(drive, sheet);
    }
}

/// As of when its future is told: the moment that is shown, of now every ten minutes anew.
fn as_of(state: &State) -> WallTime {
    const EVERY: i64 = 600_000;
    let now = state.picture().now.wall;
    if state.then.is_some() {
        return now;
    }
    WallTime::from_millis(now.millis().div_euclid(EVERY) * EVERY).after(Duration::from_mins(10))
}

/// Whether readings in a unit belong to a group.
type Belongs = fn(Unit) -> bool;

/// Which readings stand together, by what they count in.
const GROUPS: &[(&str, Belongs)] = &[
    ("Condition", |unit| matches!(unit, Unit::Percent | Unit::Celsius | Unit::Flag)),
    ("Errors and incidents", |unit| unit == Unit::Count),
    ("Size and life", |unit| !matches!(unit, Unit::Percent | Unit::Celsius | Unit::Flag | Unit::Count)),
];

fn of_group(told: &[(Metric<'static>, Figure)], belongs: Belongs) -> Vec<Figure> {
    told.iter().filter(|(metric, _)| belongs(metric.unit)).map(|(_, figure)| figure.clone()).collect()
}

fn identity(drive: &smart::Drive, sheet: &mut Sheet) {
    sheet.heading("Drive");
    sheet.maybe("label", drive.label.as_ref());
    sheet.maybe("model", drive.model.as_ref());
    sheet.maybe("serial", drive.serial.as_ref());
    sheet.maybe("wwn", drive.wwn.as_ref());
    sheet.maybe("firmware", drive.firmware.as_ref());
    sheet.fact("device", &drive.name, Role::Plain);
    if drive.kind != DriveKind::Unknown {
        sheet.fact("sort", drive.kind.word(), Role::Plain);
    }
    if let Some(power) = drive.power_state {
        sheet.fact("power", power_words(power), Role::Plain);
    }
    if let Some(test) = drive.self_test {
        let role = if test == SelfTest::Failed { Role::Bad } else { Role::Plain };
        let hours = drive.self_test_hours.map(|hours| format!(", at {hours} of power")).unwrap_or_default();
        sheet.fact("last self-test", format!("{test}{hours}").as_str(), role);
    }
    let limits = [
        drive.temperature_warning_c.map(|limit| format!("too warm from {limit}")),
        drive.temperature_critical_c.map(|limit| format!("harm from {limit}")),
        drive.available_spare_threshold.map(|limit| format!("worn below {limit} of spare blocks")),
    ];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    if !limits.is_empty() {
        sheet.fact("its own limits", limits.join(", ").as_str(), Role::Plain);
    }
    sheet.maybe("not readable", drive.unreadable_reason.as_ref());
}

const fn power_words(power: PowerState) -> &'static str {
    match power {
        PowerState::Active => "at work",
        PowerState::Idle => "ready",
        PowerState::Standby => "spun down; it is not woken to be asked",
        PowerState::Unknown => "not known",
    }
}

/// Why nothing is told, as far as its sort explains it.
const fn silence(drive: &smart::Drive) -> &'static str {
    match drive.kind {
        DriveKind::Virtual => "A hypervisor makes this disk up: it keeps no health counters of its own.",
        DriveKind::Card | DriveKind::Emmc => "Memory cards and soldered flash mostly keep no health counters.",
        _ if matches!(drive.power_state, Some(PowerState::Standby)) => "It sleeps, and is not woken to be asked.",
        _ => "It tells nothing of its health.",
    }
}

#[cfg(test)]
mod tests;
