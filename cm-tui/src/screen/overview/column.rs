//! The columns of the overview, each with its width, and with the rank by which it gives way where there is little room:
//! first sparklines, then the last event, disks, temperature, load, backup, services. Name, wear, memory and age stay.

use cm_core::fleet::HostState;
use cm_core::health::Health;
use cm_core::metric::MetricId;
use cm_core::observation::LinkState;
use cm_core::unit::Count;
use cm_core::verdict;
use cm_core::wording;

use crate::layout::{self, GAP, Slot};
use crate::paint::{Canvas, columns};
use crate::picture::Standing;
use crate::state::State;
use crate::theme::Role;
use crate::widget::backup_sign as sign;

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    Name,
    Wear,
    Temperature,
    Memory,
    MemoryCourse,
    Load,
    LoadCourse,
    Disk,
    Services,
    Backup,
    Last,
    Age,
}

/// All columns, from left to right.
const ALL: [Cell; 12] = [
    Cell::Name,
    Cell::Wear,
    Cell::Temperature,
    Cell::Memory,
    Cell::MemoryCourse,
    Cell::Load,
    Cell::LoadCourse,
    Cell::Disk,
    Cell::Services,
    Cell::Backup,
    Cell::Last,
    Cell::Age,
];

/// Columns for the two signs before a name: the mark of the owner, and the mark of the state.
const MARKS: u16 = 3;

/// How wide the names are.
pub(super) fn names(state: &State) -> u16 {
    let hosts = state.picture().fleet.hosts().iter();
    let longest = hosts.map(|host| columns(state.look, host.member.host.id.as_str())).max().unwrap_or(0);
    longest.clamp(8, 24)
}

/// The columns that have room, each with its left edge and its width.
pub(super) fn chosen(state: &State, names: u16, width: u16) -> Vec<(Cell, u16, u16)> {
    let wanted: Vec<Cell> =
        ALL.into_iter().filter(|cell| !state.preferences.hidden_columns.contains(cell.word())).collect();
    let slots: Vec<Slot> = wanted.iter().map(|cell| cell.slot(names)).collect();
    // One column stays blank at the right.
    let widths = layout::columns(&slots, width.saturating_sub(1));
    let mut x = 0;
    let mut placed = Vec::new();
    for (cell, wide) in wanted.into_iter().zip(widths) {
        let Some(wide) = wide else { continue };
        placed.push((cell, x, wide));
        x += wide + GAP;
    }
    placed
}

/// Rated life used of the most worn drive, in percent.
pub(super) fn wear(host: &HostState) -> Option<f64> {
    let drives = host.smart()?.drives.iter();
    drives.filter_map(|drive| Some(drive.wear_level?.get())).max_by(f64::total_cmp)
}

/// Share of memory in use, in percent.
pub(super) fn memory(host: &HostState) -> Option<f64> {
    let summary = &host.service()?.summary;
    let total = summary.system_memory_total_mb.get();
    (total > 0.0).then(|| 100.0 * summary.system_memory_used_mb.get() / total)
}

/// The load average over 1 minute for each core.
pub(super) fn load_per_core(host: &HostState) -> Option<f64> {
    let report = host.service()?;
    let cores = report.cpu.as_ref().and_then(|cpu| cpu.cores).map_or(1.0, |cores| cores.get() as f64);
    Some(report.summary.cpu_load_1.get() / cores.max(1.0))
}

/// The fullest filesystem, in percent.
fn disk(host: &HostState) -> Option<f64> {
    let report = host.service()?;
    let share = |used: f64, total: f64| (total > 0.0).then(|| 100.0 * used / total);
    let each = report.filesystems.iter().filter_map(|fs| share(fs.used_gb?.get(), fs.total_gb?.get()));
    let whole = share(report.summary.disk_used_gb.get(), report.summary.disk_total_gb.get());
    each.max_by(f64::total_cmp).or(whole)
}

/// The warmest drive, in °C.
fn temperature(host: &HostState) -> Option<f64> {
    let drives = host.smart()?.drives.iter();
    drives.filter_map(|drive| Some(drive.temperature_c?.get())).max_by(f64::total_cmp)
}

impl Cell {
    /// Its name, as preferences keep it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Name => "host",
            Self::Wear => "wear",
            Self::Temperature => "temperature",
            Self::Memory => "memory",
            Self::MemoryCourse => "memory-course",
            Self::Load => "load",
            Self::LoadCourse => "load-course",
            Self::Disk => "disk",
            Self::Services => "services",
            Self::Backup => "backup",
            Self::Last => "last",
            Self::Age => "age",
        }
    }

    const fn head(self) -> &'static str {
        match self {
            Self::Temperature => "temp",
            Self::MemoryCourse | Self::LoadCourse => "",
            cell => cell.word(),
        }
    }

    const fn slot(self, names: u16) -> Slot {
        let (least, most, rank) = match self {
            Self::Name => (MARKS + names, MARKS + names, 0),
            Self::Wear => (8, 14, 1),
            Self::Memory => (8, 16, 1),
            Self::Age => (5, 14, 0),
            Self::Services => (8, 8, 3),
            Self::Backup => (6, 6, 4),
            Self::Load => (6, 6, 5),
            Self::Temperature => (5, 5, 6),
            Self::Disk => (8, 14, 7),
            Self::Last => (6, 6, 8),
            Self::MemoryCourse => (8, 24, 9),
            Self::LoadCourse => (8, 24, 10),
        };
        Slot { least, most, rank }
    }

    const fn is_at_the_right(self) -> bool {
        matches!(self, Self::Temperature | Self::Load | Self::Services)
    }

    pub(super) fn draw_head(self, canvas: &mut Canvas<'_>, x: u16, wide: u16) {
        if self.is_at_the_right() {
            canvas.put_right(x + wide, 0, wide, self.head(), Role::Dim);
        } else {
            let indent = match self {
                Self::Name => MARKS,
                // Over what stands at the right below it.
                Self::Last => 2,
                Self::Age => 1,
                _ => 0,
            };
            canvas.put_within(x + indent, 0, wide - indent, self.head(), Role::Dim);
        }
    }

    pub(super) fn draw(
        self,
        state: &State,
        (place, host, standing): (usize, &HostState, &Standing),
        canvas: &mut Canvas<'_>,
        (x, y, wide): (u16, u16, u16),
    ) {
        // What a host said before it fell silent does not look like now.
        let old = !matches!(standing.link, LinkState::Answering);
        let plain = if old { Role::Dim } else { Role::Plain };
        let judged = |role: Role| if old { Role::Dim } else { role };
        match self {
            Self::Name => name(state, host, standing, canvas, (x, y, wide)),
            Self::Wear => gauge(canvas, (x, y, wide), wear(host), judged(worst(standing, state.shown.wear))),
            Self::Memory => gauge(canvas, (x, y, wide), memory(host), judged(worst(standing, state.shown.memory_use))),
            Self::Disk => gauge(canvas, (x, y, wide), disk(host), judged(worst(standing, state.shown.filesystem_use))),
            Self::Temperature => {
                if let Some(warmth) = temperature(host) {
                    let role = judged(worst(standing, state.shown.drive_temperature));
                    canvas.put_figure(x + wide, y, wide, &format!("{warmth:.0} °C"), role);
                }
            }
            Self::Load => {
                if let Some(report) = host.service() {
                    let role = judged(worst(standing, state.shown.load_per_core));
                    canvas.put_right(x + wide, y, wide, &report.summary.cpu_load_1.to_string(), role);
                }
            }
            Self::MemoryCourse => {
                let values = state.readings().of_host(place, state.shown.memory_use);
                canvas.sparkline((x, y), wide, values, (0.0, 100.0), Role::Dim);
            }
            Self::LoadCourse => {
                let values = state.readings().of_host(place, state.shown.load);
                let cores = host.service().and_then(|report| report.cpu.as_ref()?.cores).map_or(1, Count::get);
                canvas.sparkline((x, y), wide, values, (0.0, cores as f32), Role::Dim);
            }
            Self::Services => services(host, canvas, (x, y, wide), plain),
            Self::Backup => backup(state, host, canvas, (x, y), old),
            Self::Last => last(state, host, canvas, (x, y)),
            Self::Age => age(state, host, standing, canvas, (x, y, wide)),
        }
    }
}

/// The role of the worst reason that comes of a metric's limits; plain where there is none.
fn worst(standing: &Standing, metric: MetricId) -> Role {
    let reasons = standing.verdict.reasons.iter().filter(|reason| reason.metric == Some(metric));
    reasons.map(|reason| reason.health).max_by_key(|health| health.trouble()).map_or(Role::Plain, Role::of)
}

fn name(state: &State, host: &HostState, standing: &Standing, canvas: &mut Canvas<'_>, (x, y, wide): (u16, u16, u16)) {
    let id = &host.member.host.id;
    if state.marks.contains(id) {
        canvas.put(x, y, state.look.sign("»", ">"), Role::Accent);
    }
    canvas.put(x + 1, y, standing.mark(state.look.glyphs), Role::of(standing.verdict.health));
    let role = if standing.verdict.health == Health::Ok { Role::Plain } else { Role::of(standing.verdict.health) };
    canvas.put_within(x + MARKS, y, wide - MARKS, id.as_str(), role);
}

/// A share in percent, and a bar where there is room.
fn gauge(canvas: &mut Canvas<'_>, (x, y, wide): (u16, u16, u16), share: Option<f64>, role: Role) {
    let Some(share) = share else {
        canvas.put_right(x + 4, y, 4, "—", Role::Dim);
        return;
    };
    let text = if share >= 999.5 { ">999".to_owned() } else { format!("{share:.0}%") };
    canvas.put_figure(x + 4, y, 4, &text, role);
    canvas.bar(x + 5, y, wide.saturating_sub(5), share, if role == Role::Plain { Role::Dim } else { role });
}

fn services(host: &HostState, canvas: &mut Canvas<'_>, (x, y, wide): (u16, u16, u16), plain: Role) {
    let Some(report) = host.service() else { return };
    let summary = &report.summary;
    let well = summary.healthy.get();
    let all = well.saturating_add(summary.degraded.get()).saturating_add(summary.failed.get());
    if all == 0 {
        canvas.put_right(x + wide, y, wide, "—", Role::Dim);
        return;
    }
    let role = match (summary.failed.get(), summary.degraded.get()) {
        _ if plain == Role::Dim => plain,
        (0, 0) => plain,
        (0, _) => Role::Warn,
        _ => Role::Bad,
    };
    canvas.put_right(x + wide, y, wide, &format!("{well}/{all}"), role);
}

fn backup(state: &State, host: &HostState, canvas: &mut Canvas<'_>, (x, y): (u16, u16), old: bool) {
    let Some(report) = host.backup() else { return };
    let ago = report.backup.last_success.map(|at| wording::age(report.timestamp.since(at)));
    let (sign, role) = sign(verdict::backup_state(report), state.look);
    let role = if old { Role::Dim } else { role };
    let end = canvas.put(x, y, sign, role);
    if let Some(ago) = ago {
        canvas.put_right(x + 6, y, 6 - (end - x), &ago, role);
    }
}

fn last(state: &State, host: &HostState, canvas: &mut Canvas<'_>, (x, y): (u16, u16)) {
    let Some(entry) = state.journal.of(&host.member.host.id).find(|entry| entry.is_news()) else { return };
    let mark = wording::mark(entry.health(), state.look.glyphs);
    canvas.put(x, y, mark, Role::of(entry.health()));
    let ago = wording::age(state.picture().now.wall.since(entry.at));
    canvas.put_right(x + 6, y, 4, &ago, Role::Dim);
}

/// How old the data is: `2s`, `45s ~`, `4m no answer`.
fn age(state: &State, host: &HostState, standing: &Standing, canvas: &mut Canvas<'_>, (x, y, wide): (u16, u16, u16)) {
    let (word, short, role) = match standing.link {
        LinkState::Answering => ("", "", Role::Dim),
        LinkState::Waiting => ("waiting", "…", Role::Note),
        LinkState::Stale => ("stale", "~", Role::Warn),
        LinkState::Off => ("off", "off", Role::Dim),
        LinkState::Unreachable => ("no answer", "", Role::of(standing.verdict.health)),
        LinkState::Unauthorised | LinkState::Malformed | LinkState::Faulty => {
            ("not readable", "", Role::of(standing.verdict.health))
        }
    };
    let age = host.age(state.picture().now).map(wording::age);
    if age.is_none() && standing.link == LinkState::Unreachable {
        canvas.put_within(x, y, wide, if wide >= 14 { "never heard" } else { "never" }, role);
        return;
    }
    let age = age.unwrap_or_default();
    let end = x + 4;
    canvas.put_right(end, y, 4, &age, role);
    let word = if wide >= 14 { word } else { short };
    let at = if age.is_empty() { x } else { end + 1 };
    canvas.put_within(at, y, (x + wide).saturating_sub(at), word, role);
}
