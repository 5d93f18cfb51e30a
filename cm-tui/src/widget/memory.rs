//! Memory: physical, compressed swap with its ratio, filesystems in memory, the kernel's settings, pressure.

use cm_core::config::dashboard::Widgets;
use cm_core::report::service::ServiceReport;
use cm_core::text::terminal;
use cm_core::unit::Bytes;

use super::{Scene, Widget};
use crate::paint::{Canvas, columns};
use crate::theme::Role;

/// The panel.
#[derive(Debug)]
pub(crate) struct Memory;

/// Where the values stand, behind their labels.
const VALUES: u16 = 12;

/// So many rows more its course can have.
const MORE: u16 = 8;

/// From this width on the course of memory use is drawn.
const WITH_COURSE: u16 = 56;

impl Widget for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn title(&self, _: &Scene<'_>) -> String {
        "Memory".to_owned()
    }

    fn is_wanted(&self, widgets: &Widgets) -> bool {
        widgets.memory
    }

    fn height(&self, scene: &Scene<'_>, _: u16) -> u16 {
        scene.host.service().map_or(0, |report| 1 + u16::try_from(lines(report).len()).unwrap_or(0))
    }

    fn draw(&self, scene: &Scene<'_>, mut canvas: Canvas<'_>) {
        let Some(report) = scene.host.service() else { return };
        let summary = &report.summary;
        let (used, total) = (summary.system_memory_used_mb.get(), summary.system_memory_total_mb.get());
        let share = if total > 0.0 { 100.0 * used / total } else { 0.0 };
        let role = scene.role(scene.state.shown.memory_use, "");
        canvas.put(1, 0, "physical", Role::Dim);
        let text = of(Bytes::from(summary.system_memory_used_mb), Bytes::from(summary.system_memory_total_mb));
        let end = canvas.put_figure_at(VALUES, 0, &text, role).max(VALUES + 17);
        canvas.put_figure(end + 5, 0, 4, &format!("{share:.0}%"), role);
        canvas.bar(end + 6, 0, 8, share, if role == Role::Plain { Role::Dim } else { role });
        let lines = lines(report);
        let rows = usize::from(canvas.height()).saturating_sub(lines.len() + 2);
        // Where it has rows of its own, below, it does not stand here as well.
        if canvas.width() >= WITH_COURSE && rows < 2 {
            let x = end + 16;
            let wide = canvas.width().saturating_sub(x + 1);
            canvas.sparkline((x, 0), wide, scene.recent(scene.state.shown.memory_use, ""), (0.0, 100.0), Role::Dim);
        }
        let room = canvas.width().saturating_sub(VALUES + 1);
        let mut below = 1;
        for (label, parts) in lines {
            canvas.put(1, below, label, Role::Dim);
            canvas.put_within(VALUES, below, room, fitting(scene, &parts, room).as_str(), Role::Plain);
            below += 1;
        }
        let rows = canvas.height().saturating_sub(below + 1);
        if rows > 1 {
            canvas.put_right(6, below + 1, 5, "100 %", Role::Dim);
            canvas.put_right(6, below + rows, 5, "0 %", Role::Dim);
            let (wide, course) = (canvas.width().saturating_sub(8), scene.recent(scene.state.shown.memory_use, ""));
            canvas.area((7, below + 1), (wide, rows), course, 100.0, Role::Dim);
        }
    }

    /// Its course gets rows of its own, below a blank one.
    fn grows(&self, scene: &Scene<'_>) -> u16 {
        if scene.recent(scene.state.shown.memory_use, "").next().is_some() { MORE } else { 0 }
    }
}

/// So many of the parts as have room: one that is cut tells nothing.
fn fitting(scene: &Scene<'_>, parts: &[String], room: u16) -> String {
    const GAP: &str = "   ";
    let mut line = String::new();
    for part in parts {
        let longer = if line.is_empty() { part.clone() } else { format!("{line}{GAP}{part}") };
        if !line.is_empty() && columns(scene.state.look, &longer) > room {
            break;
        }
        line = longer;
    }
    line
}

/// `2.4 / 7.6 GiB`, with one unit where both have the same.
pub(super) fn of(used: Bytes, total: Bytes) -> String {
    let (used, total) = (used.to_string(), total.to_string());
    match (used.rsplit_once(' '), total.rsplit_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number} / {total}"),
        _ => format!("{used} / {total}"),
    }
}

/// The rows below physical memory: those of which something is told.
fn lines(report: &ServiceReport) -> Vec<(&'static str, Vec<String>)> {
    let mut lines = Vec::new();
    let Some(memory) = &report.memory else { return lines };
    if let Some(swap) = memory.swap_total_mb.filter(|total| total.get() > 0.0) {
        let used = memory.swap_used_mb.map_or(Bytes::default(), Bytes::from);
        lines.push(("swap", vec![of(used, Bytes::from(swap))]));
    }
    if let Some(zram) = &memory.zram {
        let held = zram.used_mb.map(|used| Bytes::from(used).to_string());
        let stored = zram.size_mb.map(|stored| format!("holds {}", Bytes::from(stored)));
        let ratio = zram.compression_ratio.map(|ratio| ratio.to_string());
        lines.push(("zram", [held, stored, ratio].into_iter().flatten().collect()));
    }
    if !memory.tmpfs.is_empty() {
        const MOST: usize = 3;
        let one = |tmpfs: &cm_core::report::service::Tmpfs| {
            let used = tmpfs.used_mb.map_or(Bytes::default(), Bytes::from);
            let size = tmpfs.size_mb.map_or_else(|| used.to_string(), |size| of(used, Bytes::from(size)));
            format!("{} {size}", terminal::fitted(&tmpfs.mount, 20))
        };
        lines.push(("tmpfs", memory.tmpfs.iter().take(MOST).map(one).collect()));
    }
    if let Some(sysctls) = &memory.sysctls {
        let parts = [
            sysctls.swappiness.map(|value| format!("swappiness {value}")),
            sysctls.dirty_ratio.map(|value| format!("dirty_ratio {}", value.get())),
            sysctls.dirty_background_ratio.map(|value| format!("background {}", value.get())),
            sysctls.vfs_cache_pressure.map(|value| format!("vfs_cache_pressure {value}")),
        ];
        lines.push(("kernel", parts.into_iter().flatten().collect()));
    }
    let stall = report.pressure.as_ref().and_then(|pressure| pressure.memory.as_ref());
    if let Some(some) = stall.and_then(|stall| stall.some_60) {
        lines.push(("pressure", vec![format!("{some} of the last minute")]));
    }
    lines
}
