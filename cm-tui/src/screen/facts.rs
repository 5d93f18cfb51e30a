//! A host with all its facts: what is wrong, how it answers, the system, and every reading that it tells of itself.

use std::time::Duration;

use cm_core::catalogue::CoreUse;
use cm_core::fleet::{ApiState, Failing, Good};
use cm_core::health::{SubjectKind, Verdict};
use cm_core::report::Api;
use cm_core::report::service::{Activity, BootReason, Filesystem, ServiceReport};
use cm_core::report::smart::SmartReport;
use cm_core::text::terminal;
use cm_core::unit::{Milliseconds, human};
use cm_core::verdict;
use cm_core::wording;

use super::detail::{At, Detail, figures, named};
use super::process;
use super::sheet::{Figure, Sheet};
use crate::local;
use crate::theme::Role;
use crate::widget::Scene;

/// The screen of a host's facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Whose, and which of them first.
    pub(super) at: At,
}

impl Detail for Facts {
    fn at(&self) -> &At {
        &self.at
    }

    fn at_mut(&mut self) -> &mut At {
        &mut self.at
    }

    fn api(&self) -> Option<Api> {
        None
    }

    fn verdict(&self, scene: &Scene<'_>) -> Option<Verdict> {
        Some(scene.standing.verdict.clone())
    }

    fn write(&self, scene: &Scene<'_>, sheet: &mut Sheet) {
        sheet.reasons(&scene.standing.verdict.reasons);
        links(scene, sheet);
        if let Some(report) = scene.host.service() {
            system(report, scene, sheet);
            processes(report, sheet);
            readings(report, scene, sheet);
            parts(report, scene, sheet);
        }
        if let Some(report) = scene.host.smart() {
            drives(report, scene, sheet);
        }
        if let Some(report) = scene.host.service().filter(|report| !report.missing.is_empty()) {
            sheet.heading("Not collected");
            for missing in &report.missing {
                let text = format!("{}: {}", terminal::line(&missing.what), terminal::line(&missing.why));
                sheet.text(1, text.as_str(), Role::Plain);
            }
        }
    }
}

/// How each of its APIs answers.
fn links(scene: &Scene<'_>, sheet: &mut Sheet) {
    let now = scene.picture.now;
    sheet.section_of(SubjectKind::Api, "How it answers");
    let mut said: Vec<&str> = scene.standing.verdict.reasons.iter().map(|reason| reason.next).collect();
    for &api in &scene.host.member.apis {
        let link = scene.picture.fleet.link(scene.host, api, now);
        let state = scene.host.api(api);
        let told = state.and_then(ApiState::last_good).map(|good| told(good, scene)).unwrap_or_default();
        let fails = state.and_then(ApiState::failing);
        let role = if fails.is_some() { Role::Warn } else { Role::Plain };
        sheet.fact(api.word(), format!("{}{told}", link.word()).as_str(), role);
        let Some(failing) = fails else { continue };
        sheet.fact("", failed(failing, scene).as_str(), role);
        let next = failing.failure.code().fault().next;
        // The same step once is enough.
        if !said.contains(&next) {
            sheet.fact("", next, Role::Dim);
            said.push(next);
        }
    }
}

fn told(good: &Good, scene: &Scene<'_>) -> String {
    let age = wording::age(scene.picture.now.boot.since(good.at.boot));
    let took = Milliseconds::saturating(good.took.as_secs_f64() * 1_000.0);
    let (at, looked) = (good.at.wall, good.report.timestamp());
    let differs = [(at.since(looked), "behind"), (looked.since(at), "ahead")];
    let differs = differs.into_iter().find(|(apart, _)| *apart >= APART).map(|(apart, word)| {
        let day = local::day(looked, at, scene.state.set.ahead_s);
        format!("; its own clock said {day}, {} {word}", human::span(apart.as_secs_f64()))
    });
    let at = local::format(at, scene.state.set.ahead_s, "%H:%M:%S");
    // Its own clock is worth a word where it goes differently, or where it looked long before it was asked.
    format!(", {age} old, told {at} within {took}{}", differs.unwrap_or_default())
}

/// From here on a host's clock is said to differ from this machine's.
const APART: Duration = Duration::from_secs(5);

fn failed(failing: &Failing, scene: &Scene<'_>) -> String {
    let since = local::day(failing.since.wall, scene.picture.now.wall, scene.state.set.ahead_s);
    let times = wording::plural(failing.times as usize, "time");
    let failure = &failing.failure;
    format!("{} ({}), {times} since {since}; asked {}", failure.kind, failure.code(), failure.address)
}

fn system(report: &ServiceReport, scene: &Scene<'_>, sheet: &mut Sheet) {
    sheet.section_of(SubjectKind::Host, "System");
    let role = scene.host.member.host.role.as_ref().map(ToString::to_string);
    sheet.maybe("role", role.as_ref());
    sheet.maybe("system", report.os.as_ref());
    sheet.maybe("kernel", report.kernel.as_ref());
    sheet.maybe("processor", report.cpu.as_ref().and_then(|cpu| cpu.model.as_ref()));
    sheet.maybe("agent", report.agent_version.as_ref());
    let boot = report.boot_reason.and_then(|reason| match reason {
        BootReason::Asked => Some("in good order: somebody asked for it".to_owned()),
        BootReason::Unasked => Some("unasked: power or kernel went away".to_owned()),
        BootReason::Unknown => None,
    });
    sheet.maybe("last start", boot.as_ref());
    for activity in &report.activities {
        sheet.fact("busy with", activity_words(activity, scene).as_str(), Role::Plain);
    }
}

/// Who strains it.
fn processes(report: &ServiceReport, sheet: &mut Sheet) {
    const MOST: usize = 20;
    if report.processes.is_empty() {
        return;
    }
    sheet.heading("Largest processes");
    for process in report.processes.iter().take(MOST) {
        sheet.text(1, process::words(process).as_str(), Role::Plain);
    }
}

fn activity_words(activity: &Activity, scene: &Scene<'_>) -> String {
    let name = activity.name.as_ref().map(|name| format!(": {}", terminal::line(name))).unwrap_or_default();
    let now = scene.picture.now.wall;
    let since = activity.since.map(|at| {
        let span = human::span(now.since(at).as_secs_f64());
        format!(", since {} ({span})", local::day(at, now, scene.state.set.ahead_s))
    });
    format!("{}{name}{}", activity.kind, since.unwrap_or_default())
}

/// Every reading of the host itself, those of one family together: the first word of their names.
fn readings(report: &ServiceReport, scene: &Scene<'_>, sheet: &mut Sheet) {
    let told = figures(report, report.timestamp, scene);
    let family = |name: &'static str| name.split_once('.').map_or(name, |(family, _)| family);
    let families = told.chunk_by(|(one, _), (other, _)| family(one.name) == family(other.name));
    for chunk in families {
        let Some((first, _)) = chunk.first() else { continue };
        sheet.heading(&title(family(first.name)));
        sheet.grid(1, &chunk.iter().map(|(_, figure)| figure.clone()).collect::<Vec<Figure>>());
    }
}

/// A family's name as a title: `cpu` and `gpu` are letters, `memory` is a word.
fn title(family: &str) -> String {
    if family.len() <= 3 {
        return family.to_uppercase();
    }
    let mut letters = family.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn parts(report: &ServiceReport, scene: &Scene<'_>, sheet: &mut Sheet) {
    let at = report.timestamp;
    let shares = report.cpu.iter().flat_map(|cpu| &cpu.core_use_percent);
    let cores: Vec<CoreUse> = shares.enumerate().map(|(index, share)| CoreUse { index, share: *share }).collect();
    if !cores.is_empty() {
        sheet.section_of(SubjectKind::Core, "Cores");
        let shares: Vec<String> = cores.iter().map(|core| format!("{:.0}", core.share.get())).collect();
        sheet.text(1, format!("{} % at work, core by core", shares.join("  ")).as_str(), Role::Plain);
    }
    let tmpfs = report.memory.as_ref().map_or(&[][..], |memory| &memory.tmpfs);
    named(sheet, "Filesystems in memory", tmpfs, at, scene, |_| String::new());
    named(sheet, "Filesystems", &report.filesystems, at, scene, filesystem_words);
    named(sheet, "Disks", &report.disks, at, scene, |_| String::new());
    named(sheet, "Network", &report.network, at, scene, |_| String::new());
    named(sheet, "Graphics", &report.gpus, at, scene, |_| String::new());
    named(sheet, "Sensors", &report.sensors, at, scene, |sensor| {
        sensor.state.map(|state| state.to_string()).unwrap_or_default()
    });
}

fn filesystem_words(filesystem: &Filesystem) -> String {
    let known = [&filesystem.kind, &filesystem.device];
    let mut words: Vec<String> = known.into_iter().flatten().map(|text| terminal::line(text).into_owned()).collect();
    if filesystem.remote == Some(true) {
        words.push("on another machine".to_owned());
    }
    words.join(", ")
}

fn drives(report: &SmartReport, scene: &Scene<'_>, sheet: &mut Sheet) {
    named(sheet, "Pools", &report.pools, report.timestamp, scene, |pool| format!("{}, {}", pool.kind, pool.state));
    sheet.heading("Drives");
    if report.drives.is_empty() {
        sheet.text(1, "It tells of no drives.", Role::Dim);
    }
    for drive in &report.drives {
        let health = scene.judged(|policy| verdict::drive(drive, report.timestamp, policy)).health;
        let mark = wording::mark(health, scene.state.look.glyphs);
        let model = drive.model.as_ref().map(|model| terminal::line(model).into_owned()).unwrap_or_default();
        sheet.fact(&terminal::fitted(&drive.name, 18), format!("{mark} {model}").trim_end(), Role::of(health));
    }
    for issue in &report.issues {
        sheet.fact("the host says", issue, Role::Note);
    }
}

#[cfg(test)]
mod tests;
