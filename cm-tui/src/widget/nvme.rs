//! Drives: wear, spare, temperature, hours, the drive's own verdict; and pools over several drives. A few drives get three
//! rows each, many get one.

use cm_core::catalogue::Measured;
use cm_core::config::dashboard::Widgets;
use cm_core::health::{Health, Subject};
use cm_core::report::smart::{Drive, DriveKind, Pool, PowerState, SmartReport};
use cm_core::text::HostText;
use cm_core::unit::human;
use cm_core::verdict;
use cm_core::wording;

use super::{Scene, Widget};
use crate::paint::Canvas;
use crate::theme::Role;

/// The panel.
#[derive(Debug)]
pub(crate) struct Nvme;

/// Up to so many drives get three rows each.
const MOST_IN_FULL: usize = 2;

/// Where values stand, behind their labels.
const VALUES: u16 = 12;

impl Widget for Nvme {
    fn name(&self) -> &'static str {
        "nvme"
    }

    fn title(&self, scene: &Scene<'_>) -> String {
        let all_nvme = scene.host.smart().is_some_and(|report| report.drives.iter().all(|d| d.kind == DriveKind::Nvme));
        if all_nvme { "NVMe health" } else { "Drives" }.to_owned()
    }

    fn is_wanted(&self, widgets: &Widgets) -> bool {
        widgets.drives
    }

    fn height(&self, scene: &Scene<'_>, _: u16) -> u16 {
        let Some(report) = scene.host.smart() else { return 0 };
        let rows = report.drives.len() * usize::from(rows_of_a_drive(report)) + report.pools.len();
        u16::try_from(rows).unwrap_or(u16::MAX)
    }

    fn draw(&self, scene: &Scene<'_>, mut canvas: Canvas<'_>) {
        let Some(report) = scene.host.smart() else { return };
        let rows = rows_of_a_drive(report);
        let width = canvas.width();
        let mut y = 0;
        for (item, drive) in report.drives.iter().enumerate() {
            let role = Role::of(scene.judged(|policy| verdict::drive(drive, report.timestamp, policy)).health);
            let mut part = canvas.part(0, y, width, rows);
            if rows == 1 {
                one_row(scene, drive, role, &mut part);
            } else {
                in_full(scene, drive, role, &mut part);
            }
            if scene.cursor == Some(item) {
                canvas.tint(y, Role::Cursor);
            }
            y = y.saturating_add(rows);
        }
        for (item, one) in report.pools.iter().enumerate() {
            let health = scene.judged(|policy| verdict::pool(one, report.timestamp, policy)).health;
            pool(report, one, health, &mut canvas.part(0, y, width, 1));
            if scene.cursor == Some(report.drives.len() + item) {
                canvas.tint(y, Role::Cursor);
            }
            y = y.saturating_add(1);
        }
    }

    fn items(&self, scene: &Scene<'_>) -> Vec<Subject> {
        let Some(report) = scene.host.smart() else { return Vec::new() };
        report.drives.iter().map(Measured::subject).chain(report.pools.iter().map(Measured::subject)).collect()
    }

    fn row_of(&self, scene: &Scene<'_>, _: u16, item: usize) -> u16 {
        let Some(report) = scene.host.smart() else { return 0 };
        let drives = report.drives.len();
        let row = item.min(drives) * usize::from(rows_of_a_drive(report)) + item.saturating_sub(drives);
        u16::try_from(row).unwrap_or(u16::MAX)
    }
}

fn rows_of_a_drive(report: &SmartReport) -> u16 {
    if report.drives.len() <= MOST_IN_FULL { 3 } else { 1 }
}

/// What a drive says of itself, in a word.
fn own_word(drive: &Drive) -> (&'static str, Role) {
    match (drive.smart_passed, drive.power_state) {
        (_, Some(PowerState::Standby)) => ("asleep", Role::Dim),
        (Some(true), _) => ("passed", Role::Good),
        (Some(false), _) => ("FAILED", Role::Bad),
        (None, _) => ("", Role::Dim),
    }
}

fn in_full(scene: &Scene<'_>, drive: &Drive, role: Role, canvas: &mut Canvas<'_>) {
    let width = canvas.width();
    let shown = &scene.state.shown;
    let (word, word_role) = own_word(drive);
    canvas.put_right(width.saturating_sub(1), 0, 8, word, word_role);
    let end = canvas.put_within(1, 0, 10, &drive.name, if role == Role::Plain { Role::Strong } else { role });
    let x = (end + 1).max(VALUES);
    let room = width.saturating_sub(x + 10);
    let label = drive.label.as_ref().or(drive.model.as_ref());
    let end = label.map_or(x, |label| canvas.put_within(x, 0, room, label, Role::Plain));
    if let Some(size) = drive.capacity_gb {
        let text = size.to_string();
        canvas.put_within(end + 2, 0, (x + room).saturating_sub(end + 2), text.as_str(), Role::Dim);
    }
    if let Some(why) = &drive.unreadable_reason {
        canvas.put_within(1, 1, width.saturating_sub(2), why, Role::Warn);
        return;
    }
    canvas.put(1, 1, "wear", Role::Dim);
    gauge(canvas, 1, drive, scene.role(shown.wear, drive.name.raw()));
    let mut x = VALUES + 18;
    if let Some(spare) = drive.available_spare {
        x = canvas.put(x, 1, "spare ", Role::Dim);
        x = canvas.put_figure_at(x, 1, &human::percent(spare.get()), Role::Plain) + 3;
    }
    if let Some(written) = drive.data_written_tb {
        x = canvas.put(x, 1, "written ", Role::Dim);
        x = canvas.put_figure_at(x, 1, &written.to_string(), Role::Plain) + 3;
    }
    if let Some(errors) = drive.media_errors.filter(|errors| errors.get() > 0) {
        canvas.put(
            x,
            1,
            wording::plural(usize::try_from(errors.get()).unwrap_or(usize::MAX), "media error").as_str(),
            Role::Warn,
        );
    }
    canvas.put(1, 2, "temp", Role::Dim);
    if let Some(warmth) = drive.temperature_c {
        let role = scene.role(shown.drive_temperature, drive.name.raw());
        canvas.put_figure(VALUES + 5, 2, 6, &warmth.to_string(), role);
    }
    let course = scene.recent(shown.drive_temperature, drive.name.raw());
    canvas.sparkline((VALUES + 6, 2), 10, course, (20.0, 80.0), Role::Dim);
    if let Some(hours) = drive.power_on_hours {
        let x = canvas.put(VALUES + 18, 2, "hours ", Role::Dim);
        let x = canvas.put(x, 2, human::grouped(hours.get()).as_str(), Role::Plain);
        canvas.put(x + 1, 2, format!("({:.0} d)", hours.get() / 24.0).as_str(), Role::Dim);
    }
}

fn one_row(scene: &Scene<'_>, drive: &Drive, role: Role, canvas: &mut Canvas<'_>) {
    let width = canvas.width();
    let shown = &scene.state.shown;
    canvas.put_within(1, 0, 10, &drive.name, role);
    if let Some(why) = &drive.unreadable_reason {
        canvas.put_within(VALUES, 0, width.saturating_sub(VALUES + 1), why, Role::Warn);
        return;
    }
    gauge(canvas, 0, drive, scene.role(shown.wear, drive.name.raw()));
    if let Some(warmth) = drive.temperature_c {
        let role = scene.role(shown.drive_temperature, drive.name.raw());
        canvas.put_figure(VALUES + 22, 0, 6, &warmth.to_string(), role);
    }
    let (word, word_role) = own_word(drive);
    canvas.put(VALUES + 24, 0, word, word_role);
    let empty = HostText::default();
    let label = drive.label.as_ref().or(drive.model.as_ref()).unwrap_or(&empty);
    canvas.put_within(VALUES + 32, 0, width.saturating_sub(VALUES + 33), label, Role::Dim);
}

/// Wear in percent with its bar, at the place of values; in hard disks there is none.
fn gauge(canvas: &mut Canvas<'_>, y: u16, drive: &Drive, role: Role) {
    let Some(wear) = drive.wear_level else {
        canvas.put(VALUES, y, "—", Role::Dim);
        return;
    };
    canvas.put_figure(VALUES + 5, y, 5, &format!("{:.0}%", wear.get()), role);
    canvas.bar(VALUES + 6, y, 8, wear.get(), if role == Role::Plain { Role::Dim } else { role });
}

fn pool(report: &SmartReport, pool: &Pool, health: Health, canvas: &mut Canvas<'_>) {
    canvas.put_within(1, 0, 10, &pool.name, if health == Health::Ok { Role::Strong } else { Role::of(health) });
    let mut x = canvas.put(VALUES, 0, format!("{} {}", pool.kind, pool.state).as_str(), Role::of(health)) + 2;
    if let (Some(used), Some(size)) = (pool.used_gb, pool.capacity_gb) {
        let text = super::memory::of(used.into(), size.into());
        x = canvas.put_figure_at(x, 0, &text, Role::Plain) + 2;
    }
    if let Some(progress) = pool.progress {
        x = canvas.put(x, 0, format!("{progress} done").as_str(), Role::Note) + 2;
    }
    if let Some(at) = pool.last_scrub {
        let text = format!("checked {} ago", wording::age(report.timestamp.since(at)));
        canvas.put(x, 0, text.as_str(), Role::Dim);
    }
}
