//! Services, the worst first, in as many columns as fit: mark, memory and disk against their limits, processor time.

use std::cmp::Reverse;

use cm_core::catalogue::Measured;
use cm_core::config::dashboard::Widgets;
use cm_core::health::{Health, Subject};
use cm_core::report::service::{Service, ServiceStatus};
use cm_core::unit::Bytes;
use cm_core::verdict;
use cm_core::wording;

use super::{Scene, Widget};
use crate::layout::Span;
use crate::paint::Canvas;
use crate::theme::Role;

/// The panel.
#[derive(Debug)]
pub(crate) struct Services;

/// A column has at least this width.
const LEAST: u16 = 60;

/// Columns for the name.
const NAMES: u16 = 19;

impl Widget for Services {
    fn name(&self) -> &'static str {
        "services"
    }

    fn title(&self, scene: &Scene<'_>) -> String {
        let report = scene.host.service();
        let quota = report.map_or(0.0, |report| report.summary.memory_quota_mb.get());
        match report {
            Some(report) if quota > 0.0 => {
                let used = Bytes::from(report.summary.memory_used_mb);
                format!("Services   {} of memory", super::memory::of(used, Bytes::from(report.summary.memory_quota_mb)))
            }
            _ => "Services".to_owned(),
        }
    }

    fn span(&self) -> Span {
        Span::Whole
    }

    fn is_wanted(&self, widgets: &Widgets) -> bool {
        widgets.services
    }

    fn height(&self, scene: &Scene<'_>, width: u16) -> u16 {
        let number = scene.host.service().map_or(0, |report| report.services.len());
        u16::try_from(number.div_ceil(columns(width))).unwrap_or(u16::MAX)
    }

    fn draw(&self, scene: &Scene<'_>, mut canvas: Canvas<'_>) {
        let width = canvas.width();
        let columns = columns(width);
        let wide = width / u16::try_from(columns).unwrap_or(1);
        for (item, (service, health)) in ordered(scene).into_iter().enumerate() {
            let y = self.row_of(scene, width, item);
            if y >= canvas.height() {
                break;
            }
            let x = wide * u16::try_from(item % columns).unwrap_or(0);
            let mut cell = canvas.part(x, y, wide, 1);
            draw(scene, service, health, &mut cell);
            if scene.cursor == Some(item) {
                cell.tint(0, Role::Cursor);
            }
        }
    }

    fn items(&self, scene: &Scene<'_>) -> Vec<Subject> {
        ordered(scene).into_iter().map(|(service, _)| service.subject()).collect()
    }

    fn row_of(&self, _: &Scene<'_>, width: u16, item: usize) -> u16 {
        u16::try_from(item / columns(width)).unwrap_or(u16::MAX)
    }
}

fn columns(width: u16) -> usize {
    usize::from(width / LEAST).max(1)
}

/// The services with how well they are, the worst first, then by name.
fn ordered<'s>(scene: &Scene<'s>) -> Vec<(&'s Service, Health)> {
    let Some(report) = scene.host.service() else { return Vec::new() };
    let judged = |service: &'s Service| {
        let verdict = scene.judged(|policy| verdict::service(service, report.timestamp, policy));
        (service, verdict.health)
    };
    let mut services: Vec<(&Service, Health)> = report.services.iter().map(judged).collect();
    services.sort_by_key(|(service, health)| (Reverse(health.trouble()), service.name.raw()));
    services
}

fn draw(scene: &Scene<'_>, service: &Service, health: Health, canvas: &mut Canvas<'_>) {
    let role = Role::of(health);
    let is_stopped = health == Health::Ok && service.status == ServiceStatus::Stopped;
    let mark = if is_stopped { Health::Unknown } else { health };
    canvas.put(1, 0, wording::mark(mark, scene.state.look.glyphs), if is_stopped { Role::Dim } else { role });
    canvas.put_within(3, 0, NAMES - 1, &service.name, if is_stopped { Role::Dim } else { role });
    if service.status != ServiceStatus::Running {
        canvas.put(NAMES + 3, 0, service.status.word(), if is_stopped { Role::Dim } else { role });
        return;
    }
    let memory = quota(service.memory_used_mb.map(Bytes::from), service.memory_quota_mb.map(Bytes::from));
    let disk = quota(service.disk_used_gb.map(Bytes::from), service.disk_quota_gb.map(Bytes::from));
    let width = canvas.width();
    // Processor time, then bars, then the disk give way where there is little room.
    let mut x = NAMES + 3;
    let with_bars = width >= 72;
    for (text, share) in [memory, disk] {
        let wide = 16 + if with_bars { 6 } else { 0 };
        if x + wide > width {
            break;
        }
        if let Some(text) = text {
            // Two units beside each other leave no room for blanks.
            let text = if text.chars().count() > 15 { text.replace(" / ", "/") } else { text };
            canvas.put_figure(x + 15, 0, 15, &text, Role::Plain);
        }
        if let Some(share) = share.filter(|_| with_bars) {
            canvas.bar(x + 16, 0, 5, share, Role::Dim);
        }
        x += wide;
    }
    if let Some(share) = service.cpu_percent.filter(|_| x + 6 <= width) {
        canvas.put_figure(x + 6, 0, 6, &format!("{:.1}%", share.get()), Role::Plain);
    }
}

/// What is used of a limit, and which share of it that is.
fn quota(used: Option<Bytes>, limit: Option<Bytes>) -> (Option<String>, Option<f64>) {
    let limit = limit.filter(|limit| limit.get() > 0.0);
    match (used, limit) {
        (Some(used), Some(limit)) => (Some(super::memory::of(used, limit)), Some(100.0 * used.get() / limit.get())),
        (Some(used), None) => (Some(used.to_string()), None),
        (None, _) => (None, None),
    }
}
