//! Processors: load, frequency, temperature, and the course of their use.

use cm_core::config::dashboard::Widgets;
use cm_core::unit::human;

use super::{Scene, Widget};
use crate::paint::Canvas;
use crate::theme::Role;

/// The panel.
#[derive(Debug)]
pub(crate) struct Cpu;

impl Widget for Cpu {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn title(&self, _: &Scene<'_>) -> String {
        "CPU".to_owned()
    }

    fn is_wanted(&self, widgets: &Widgets) -> bool {
        widgets.cpu
    }

    fn height(&self, scene: &Scene<'_>, _: u16) -> u16 {
        scene.host.service().map_or(0, |report| 2 + u16::from(report.cpu.is_some()))
    }

    fn draw(&self, scene: &Scene<'_>, mut canvas: Canvas<'_>) {
        let Some(report) = scene.host.service() else { return };
        let summary = &report.summary;
        let role = scene.role(scene.state.shown.load_per_core, "");
        let x = canvas.put(1, 0, "load ", Role::Dim);
        let loads = format!("{} {} {}", summary.cpu_load_1, summary.cpu_load_5, summary.cpu_load_15);
        let mut x = canvas.put(x, 0, loads.as_str(), role);
        if let Some(cores) = report.cpu.as_ref().and_then(|cpu| cpu.cores) {
            x = canvas.put(x + 1, 0, format!("of {cores}").as_str(), Role::Dim);
        }
        x = x.max(28);
        if let Some(rate) = summary.cpu_freq_mhz {
            x = canvas.put_figure_at(x + 2, 0, &rate.to_string(), Role::Plain);
        }
        if let Some(warmth) = summary.cpu_temp_c {
            canvas.put_figure_at(x + 3, 0, &warmth.to_string(), Role::Plain);
        }
        let mut y = 1;
        if let Some(cpu) = &report.cpu {
            let parts = [
                cpu.use_percent.map(|share| ("use", share)),
                cpu.iowait_percent.map(|share| ("waiting for disks", share)),
                cpu.steal_percent.filter(|share| share.get() >= 0.05).map(|share| ("stolen", share)),
            ];
            let mut x = 1;
            for (label, share) in parts.into_iter().flatten() {
                x = canvas.put(x, y, label, Role::Dim) + 1;
                canvas.put_figure(x + 5, y, 5, &human::percent(share.get()), Role::Plain);
                x += 8;
            }
            y += 1;
        }
        let wide = canvas.width().saturating_sub(2);
        let shown = &scene.state.shown;
        if report.cpu.as_ref().is_some_and(|cpu| cpu.use_percent.is_some()) {
            canvas.sparkline((1, y), wide, scene.recent(shown.cpu_use, ""), (0.0, 100.0), Role::Dim);
        } else {
            canvas.sparkline((1, y), wide, scene.recent(shown.load, ""), (0.0, 1.0), Role::Dim);
        }
    }
}
