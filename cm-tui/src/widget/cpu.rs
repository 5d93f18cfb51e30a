//! Processors: load, frequency, temperature, and the course of their use.

use cm_core::config::dashboard::Widgets;
use cm_core::unit::human;

use super::{Scene, Widget};
use crate::paint::Canvas;
use crate::theme::Role;

/// The panel.
#[derive(Debug)]
pub(crate) struct Cpu;

/// So many rows more its course can have.
const MORE: u16 = 7;

/// The last readings of its use, in percent.
fn uses<'s>(scene: &Scene<'s>) -> impl DoubleEndedIterator<Item = f32> + use<'s> {
    let metric = scene.state.shown.cpu_use;
    scene.state.readings().of(scene.place, metric, "")
}

/// The end of the scale: the first of a few that holds all, so that it seldom moves.
fn scale(values: impl Iterator<Item = f32>) -> f32 {
    let most = values.fold(0.0, f32::max);
    [10.0, 25.0, 50.0].into_iter().find(|high| most <= *high).unwrap_or(100.0)
}

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

    /// Its course gets more rows, and a scale.
    fn grows(&self, scene: &Scene<'_>) -> u16 {
        if uses(scene).next().is_some() { MORE } else { 0 }
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
        let rows = canvas.height().saturating_sub(y);
        if rows > 1 && uses(scene).next().is_some() {
            let high = scale(uses(scene));
            canvas.put_right(6, y, 5, &format!("{high:.0} %"), Role::Dim);
            canvas.put_right(6, y + rows - 1, 5, "0 %", Role::Dim);
            canvas.area((7, y), (wide.saturating_sub(6), rows), uses(scene), high, Role::Dim);
        } else if report.cpu.as_ref().is_some_and(|cpu| cpu.use_percent.is_some()) {
            canvas.sparkline((1, y), wide, scene.recent(shown.cpu_use, ""), (0.0, 100.0), Role::Dim);
        } else {
            canvas.sparkline((1, y), wide, scene.recent(shown.load, ""), (0.0, 1.0), Role::Dim);
        }
    }
}
