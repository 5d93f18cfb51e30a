//! One service: its figures against its limits, how it stands, and the last lines of its journal.

use cm_core::catalogue::Measured;
use cm_core::health::Verdict;
use cm_core::report::Api;
use cm_core::report::service::{self, ServiceStatus};
use cm_core::unit::{Unit, human};
use cm_core::verdict;
use cm_core::wording;

use super::detail::{At, Detail, courses, figures, is_same};
use super::sheet::{Figure, Sheet};
use crate::local;
use crate::theme::Role;
use crate::widget::Scene;

/// The screen of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service {
    /// Which.
    pub(super) at: At,
}

impl Service {
    fn service<'s>(&self, scene: &Scene<'s>) -> Option<&'s service::Service> {
        scene.host.service()?.services.iter().find(|service| is_same(&service.subject(), &self.at.subject))
    }
}

impl Detail for Service {
    fn at(&self) -> &At {
        &self.at
    }

    fn at_mut(&mut self) -> &mut At {
        &mut self.at
    }

    fn api(&self) -> Option<Api> {
        Some(Api::Service)
    }

    fn verdict(&self, scene: &Scene<'_>) -> Option<Verdict> {
        let at = scene.host.service()?.timestamp;
        let service = self.service(scene)?;
        Some(scene.judged(|policy| verdict::service(service, at, policy)))
    }

    fn write(&self, scene: &Scene<'_>, sheet: &mut Sheet) {
        let (Some(report), Some(service)) = (scene.host.service(), self.service(scene)) else { return };
        let state = scene.state;
        if let Some(verdict) = self.verdict(scene) {
            sheet.reasons(&verdict.reasons);
        }
        sheet.heading("Service");
        sheet.fact("status", words(service.status), Role::Plain);
        sheet.maybe("what it is", service.description.as_ref());
        if let Some(kind) = service.kind {
            sheet.fact("run by", kind.word(), Role::Plain);
        }
        if let Some(started) = service.started_at {
            let ago = report.timestamp.since(started).as_secs_f64();
            let day = local::day(started, scene.picture.now.wall, state.set.ahead_s);
            sheet.fact("started", format!("{day}, {} ago", human::span(ago)).as_str(), Role::Plain);
        }
        // What it said before it failed is what one came for.
        if !service.log.is_empty() {
            journal(service, sheet);
        }
        let mut told = figures(service, report.timestamp, scene);
        // Whether it runs is said in words above.
        told.retain(|(metric, _)| metric.unit != Unit::Flag);
        if !told.is_empty() {
            sheet.heading("Figures");
            sheet.figures(&told.iter().map(|(_, figure)| figure.clone()).collect::<Vec<Figure>>());
        }
        if service.log.is_empty() {
            journal(service, sheet);
        }
        courses(sheet, &told);
    }
}

/// The last lines of its journal, as far as they are told.
fn journal(service: &service::Service, sheet: &mut Sheet) {
    if service.log.is_empty() {
        sheet.heading("Journal");
        sheet.text(1, "Its last lines are told when it fails or restarts.", Role::Dim);
        return;
    }
    sheet.heading(&format!("The last {} of its journal", wording::plural(service.log.len(), "line")));
    for line in &service.log {
        sheet.log(line);
    }
}

/// What a status means.
const fn words(status: ServiceStatus) -> &'static str {
    match status {
        ServiceStatus::Running => "running",
        ServiceStatus::Degraded => "degraded: it runs, but not well",
        ServiceStatus::Restarting => "restarting: it comes back, or goes round in a loop",
        ServiceStatus::Stopped => "stopped",
        ServiceStatus::Failed => "failed: it ended with an error",
        ServiceStatus::Unknown => "unknown: the host does not tell, or in a word that is not known here",
    }
}

#[cfg(test)]
mod tests;
