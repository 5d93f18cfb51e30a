//! Which columns a table shows unasked, and in which order they give way when the terminal is narrow.
//!
//! Readings are named as the catalogue names them; a test holds every name against the columns that there are.

use cm_core::catalogue;

use crate::request::What;

/// How a cell is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// As it is.
    Plain,
    /// A number of percent with a bar beside it.
    Bar,
    /// `15/16`: the number of this other column, of this one.
    Of(&'static str),
    /// A word that means "done" as a tick, then the age in this other column.
    Since(&'static str),
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// A metric's name, or the name of a column that is no reading.
    pub name: &'static str,
    /// What stands over it, where the column's own head is too long for a table.
    pub head: Option<&'static str>,
    /// How its cells are drawn.
    pub drawn: Drawn,
    /// The higher, the earlier it gives way; 0 never does.
    pub gives_way: u8,
}

/// A column that is drawn as it is; the higher the number, the earlier it gives way, 0 never.
pub const fn shown(name: &'static str, gives_way: u8) -> Shown {
    Shown { name, head: None, drawn: Drawn::Plain, gives_way }
}

impl Shown {
    const fn head(mut self, head: &'static str) -> Self {
        self.head = Some(head);
        self
    }

    const fn bar(mut self) -> Self {
        self.drawn = Drawn::Bar;
        self
    }

    const fn drawn(mut self, drawn: Drawn) -> Self {
        self.drawn = drawn;
        self
    }

    /// The name of its column.
    pub fn column(&self) -> String {
        catalogue::by_name(self.name).map_or_else(|| self.name.to_owned(), |entry| entry.metric.column())
    }
}

/// The columns that a command's table shows unasked, from left to right.
pub const fn shown_by(what: What) -> &'static [Shown] {
    match what {
        What::Status => STATUS,
        What::Hosts => HOSTS,
        What::Drives => DRIVES,
        What::Services => SERVICES,
        What::Backups => BACKUPS,
        What::Metrics => METRICS,
    }
}

const STATUS: &[Shown] = &[
    shown("health", 0),
    shown("host", 0),
    shown("drive_wear_percent", 5).bar(),
    shown("memory_use_percent", 2).bar(),
    shown("cpu_load_1", 4),
    shown("filesystem_use_percent", 7).bar(),
    shown("services_count", 1).drawn(Drawn::Of("services_running_count")),
    shown("backup", 3).drawn(Drawn::Since("backup_age_seconds")),
    shown("age_s", 6),
];

const HOSTS: &[Shown] = &[
    shown("health", 0),
    shown("host", 0),
    shown("role", 3),
    shown("link", 2),
    shown("os", 8),
    shown("kernel", 10),
    shown("host.uptime", 5).head("up"),
    shown("cpu.use", 4).head("CPU"),
    shown("cpu.load_1", 6).head("load"),
    shown("memory.use", 1).head("memory").bar(),
    shown("memory.total", 9).head("of"),
    shown("cpu.temperature", 11).head("CPU temp"),
    shown("host.updates_pending", 12),
    shown("activities", 7),
    shown("age_s", 6),
];

const DRIVES: &[Shown] = &[
    shown("health", 0),
    shown("host", 0),
    shown("drive", 0),
    shown("model", 4),
    shown("label", 8),
    shown("drive.capacity", 5),
    shown("drive.wear", 1).bar(),
    shown("drive.spare", 6).head("spare"),
    shown("drive.temperature", 2).head("temp"),
    shown("drive.power_on", 7).head("hours"),
    shown("drive.written", 9),
    shown("drive.media_errors", 10).head("errors"),
    shown("age_s", 11),
    shown("reasons", 3),
];

const SERVICES: &[Shown] = &[
    shown("health", 0),
    shown("host", 0),
    shown("service", 0),
    shown("status", 1),
    shown("service.memory", 2),
    shown("service.memory_use", 5).head("of limit").bar(),
    shown("service.cpu", 4),
    shown("service.disk", 6),
    shown("service.disk_use", 8).head("of limit").bar(),
    shown("service.restarts", 7),
    shown("service.uptime", 9).head("up"),
    shown("age_s", 10),
    shown("reasons", 3),
];

const BACKUPS: &[Shown] = &[
    shown("health", 0),
    shown("host", 0),
    shown("status", 0),
    shown("last_success", 1),
    shown("backup.duration", 4).head("took"),
    shown("backup.size", 5).head("size"),
    shown("backup.stored", 6).head("stored"),
    shown("backup.archives", 8),
    shown("next_run", 3),
    shown("checked_at", 7),
    shown("repository", 9),
    shown("age_s", 10),
    shown("reasons", 2),
];

const METRICS: &[Shown] = &[shown("host", 0), shown("metric", 0), shown("subject", 1), shown("value", 0)];
