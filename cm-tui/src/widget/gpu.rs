//! Graphics processors: load with its course, memory, temperature, power.

use cm_core::catalogue::Measured;
use cm_core::config::dashboard::Widgets;
use cm_core::health::Subject;
use cm_core::report::service::Gpu as Report;
use cm_core::unit::Bytes;

use super::{Scene, Widget};
use crate::paint::Canvas;
use crate::theme::Role;

/// The panel.
#[derive(Debug)]
pub(crate) struct Gpu;

impl Widget for Gpu {
    fn name(&self) -> &'static str {
        "gpu"
    }

    fn title(&self, _: &Scene<'_>) -> String {
        "GPU".to_owned()
    }

    fn is_wanted(&self, widgets: &Widgets) -> bool {
        widgets.gpu
    }

    fn height(&self, scene: &Scene<'_>, _: u16) -> u16 {
        u16::try_from(gpus(scene).len() * 2).unwrap_or(u16::MAX)
    }

    fn draw(&self, scene: &Scene<'_>, mut canvas: Canvas<'_>) {
        let width = canvas.width();
        for (item, gpu) in gpus(scene).iter().enumerate() {
            let y = self.row_of(scene, width, item);
            canvas.put_within(1, y, width.saturating_sub(2), &gpu.name, Role::Plain);
            let mut x = 1;
            if let Some(load) = gpu.load_percent {
                canvas.put_figure(x + 4, y + 1, 4, &format!("{:.0}%", load.get()), Role::Plain);
                let values = scene.recent(scene.state.shown.gpu_load, gpu.name.raw());
                canvas.sparkline((x + 5, y + 1), 14, values, (0.0, 100.0), Role::Dim);
                x += 21;
            }
            if let (Some(used), Some(total)) = (gpu.memory_used_mb, gpu.memory_total_mb) {
                let text = super::memory::of(Bytes::from(used), Bytes::from(total));
                x = canvas.put_figure_at(x, y + 1, &text, Role::Plain) + 2;
            }
            let parts = [gpu.temperature_c.map(|v| v.to_string()), gpu.power_w.map(|v| v.to_string())];
            for text in parts.into_iter().flatten() {
                x = canvas.put_figure_at(x, y + 1, &text, Role::Plain) + 2;
            }
            if scene.cursor == Some(item) {
                canvas.tint(y, Role::Cursor);
            }
        }
    }

    fn items(&self, scene: &Scene<'_>) -> Vec<Subject> {
        gpus(scene).iter().map(Measured::subject).collect()
    }

    fn row_of(&self, _: &Scene<'_>, _: u16, item: usize) -> u16 {
        u16::try_from(item * 2).unwrap_or(u16::MAX)
    }
}

fn gpus<'s>(scene: &Scene<'s>) -> &'s [Report] {
    scene.host.service().map_or(&[], |report| &report.gpus)
}
