//! Filesystems and how full they are; network interfaces and what goes through them.

use cm_core::catalogue::Measured;
use cm_core::config::dashboard::Widgets;
use cm_core::health::Subject;
use cm_core::report::service::{Filesystem, Interface};

use super::{Scene, Widget};
use crate::paint::Canvas;
use crate::theme::Role;

/// The panel.
#[derive(Debug)]
pub(crate) struct DisksNetwork;

/// Columns for the name of a filesystem or interface.
const NAMES: u16 = 14;

/// From this width on the course of what is received is drawn.
const WITH_COURSE: u16 = 58;

impl Widget for DisksNetwork {
    fn name(&self) -> &'static str {
        "disks_network"
    }

    fn title(&self, _: &Scene<'_>) -> String {
        "Disks and network".to_owned()
    }

    fn is_wanted(&self, widgets: &Widgets) -> bool {
        widgets.filesystems || widgets.network
    }

    fn height(&self, scene: &Scene<'_>, _: u16) -> u16 {
        let rows = filesystems(scene).len() + interfaces(scene).len();
        u16::try_from(rows).unwrap_or(u16::MAX)
    }

    fn draw(&self, scene: &Scene<'_>, mut canvas: Canvas<'_>) {
        let mut y: u16 = 0;
        for filesystem in filesystems(scene) {
            draw_filesystem(scene, filesystem, &mut canvas, y);
            y = y.saturating_add(1);
        }
        for interface in interfaces(scene) {
            draw_interface(scene, interface, &mut canvas, y);
            y = y.saturating_add(1);
        }
        if let Some(row) = scene.cursor.and_then(|item| u16::try_from(item).ok()) {
            canvas.tint(row, Role::Cursor);
        }
    }

    fn items(&self, scene: &Scene<'_>) -> Vec<Subject> {
        let filesystems = filesystems(scene).into_iter().map(Measured::subject);
        filesystems.chain(interfaces(scene).into_iter().map(Measured::subject)).collect()
    }
}

fn wants(scene: &Scene<'_>, switch: fn(&Widgets) -> bool) -> bool {
    scene.state.set.facts.get(scene.place).is_none_or(|facts| switch(&facts.widgets))
}

fn filesystems<'s>(scene: &Scene<'s>) -> Vec<&'s Filesystem> {
    let report = scene.host.service().filter(|_| wants(scene, |widgets| widgets.filesystems));
    report.map(|report| report.filesystems.iter().collect()).unwrap_or_default()
}

/// Interfaces with a link, or of which that is not told.
fn interfaces<'s>(scene: &Scene<'s>) -> Vec<&'s Interface> {
    let report = scene.host.service().filter(|_| wants(scene, |widgets| widgets.network));
    let all = report.into_iter().flat_map(|report| &report.network);
    all.filter(|interface| interface.up != Some(false)).collect()
}

fn draw_filesystem(scene: &Scene<'_>, filesystem: &Filesystem, canvas: &mut Canvas<'_>, y: u16) {
    let role = scene.role(scene.state.shown.filesystem_use, filesystem.mount.raw());
    canvas.put_within(1, y, NAMES - 2, &filesystem.mount, if role == Role::Plain { Role::Plain } else { role });
    let (Some(used), Some(total)) = (filesystem.used_gb, filesystem.total_gb) else {
        canvas.put(NAMES, y, "its size is not told", Role::Dim);
        return;
    };
    canvas.put_figure(NAMES + 17, y, 18, &super::memory::of(used.into(), total.into()), Role::Plain);
    let share = if total.get() > 0.0 { 100.0 * used.get() / total.get() } else { 0.0 };
    canvas.put_figure(NAMES + 23, y, 5, &format!("{share:.0}%"), role);
    canvas.bar(NAMES + 24, y, 8, share, if role == Role::Plain { Role::Dim } else { role });
    let mut x = NAMES + 33;
    if filesystem.read_only == Some(true) {
        x = canvas.put(x, y, "read-only ", Role::Note) + 1;
    }
    if let Some(kind) = &filesystem.kind {
        canvas.put_within(x, y, 8, kind, Role::Dim);
    }
}

fn draw_interface(scene: &Scene<'_>, interface: &Interface, canvas: &mut Canvas<'_>, y: u16) {
    canvas.put_within(1, y, NAMES - 2, &interface.name, Role::Plain);
    let rates = [("in", interface.rx_per_s), ("out", interface.tx_per_s)];
    let mut end = NAMES + 14;
    for (word, rate) in rates {
        if let Some(rate) = rate {
            canvas.put(end - 14, y, word, Role::Dim);
            canvas.put_figure(end, y, 10, &rate.to_string(), Role::Plain);
        }
        end += 17;
    }
    if canvas.width() >= WITH_COURSE {
        let x = NAMES + 33;
        let wide = canvas.width().saturating_sub(x + 1).min(20);
        let values = scene.recent(scene.state.shown.received, interface.name.raw());
        canvas.sparkline((x, y), wide, values, (0.0, 1_000.0), Role::Dim);
    }
}
