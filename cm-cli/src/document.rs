//! What a command says, as data: columns and rows, from which every format is written.
//!
//! Columns of readings come from the catalogue; this room adds only what identifies a row ([`fact`]) and which columns a
//! table shows unasked ([`table`]). It knows nothing of how anything is printed.

pub mod fact;
pub mod figure;
pub mod list;
pub mod past;
pub mod silent;
pub mod table;
pub mod value;

use std::collections::HashSet;

use cm_core::clock::{Now, WallTime};
use cm_core::fault::Code;
use cm_core::fleet::Fleet;
use cm_core::health::Health;
use cm_core::host::HostId;
use cm_core::metric::MetricId;
use cm_core::nearest::nearest;

pub use silent::Silent;
pub use value::{Kind, Value};

use crate::complaint::Complaint;
use crate::request::What;

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its permanent name: in JSON, CSV and `--fields`.
    pub name: String,
    /// What stands over it in a table.
    pub head: String,
    /// One sentence.
    pub help: String,
    /// What its values are.
    pub kind: Kind,
    /// The metric that it holds, or that its figure is made of.
    pub metric: Option<MetricId>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The host that it is about; none for a drive of which no host is known any more.
    pub host: Option<HostId>,
    /// How well what it is about is.
    pub health: Health,
    /// A value a column.
    pub cells: Vec<Value>,
}

/// Columns and rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sheet {
    /// What each cell is.
    pub columns: Vec<Column>,
    /// In the order of the fleet.
    pub rows: Vec<Row>,
}

/// What a command says.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Which command.
    pub what: What,
    /// The moment of which it speaks.
    pub made_at: WallTime,
    /// How well the fleet is.
    pub health: Health,
    /// How well each host is, in the order of the fleet.
    pub hosts: Vec<(HostId, Health)>,
    /// What should have been told and was not.
    pub silent: Vec<Silent>,
    /// What there is to say.
    pub sheet: Sheet,
}

impl Document {
    /// The document of a command over a fleet.
    pub fn new(what: What, fleet: &Fleet, now: Now) -> Self {
        let hosts: Vec<_> =
            fleet.hosts().iter().map(|host| (host.member.host.id.clone(), fleet.verdict(host, now).health)).collect();
        let health = hosts.iter().fold(Health::Ok, |worst, (_, health)| worst.fold(*health));
        let sheet = list::sheet(what, fleet, now);
        Self { what, made_at: now.wall, health, hosts, silent: silent::of(what, fleet, now), sheet }
    }

    /// Leaves out every row that is well.
    pub fn keep_problems(&mut self) {
        self.sheet.rows.retain(|row| row.health != Health::Ok);
    }

    /// The name under which its rows stand in JSON.
    pub const fn rows_name(what: What) -> &'static str {
        match what {
            What::Status => What::Hosts.word(),
            What::Metrics => "samples",
            what => what.word(),
        }
    }
}

impl Row {
    /// The host's name, empty where there is none.
    pub fn host_name(&self) -> &str {
        self.host.as_ref().map_or("", HostId::as_str)
    }
}

impl Sheet {
    /// Where the column of this name stands.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The same rows with these columns alone, in this order. One that is named twice stands once: no object and no
    /// spreadsheet has room for two of a name.
    ///
    /// # Errors
    /// A name that no column has: with the nearest one and all of them.
    pub fn choose(self, names: &[String]) -> Result<Self, Complaint> {
        let places = names.iter().map(|name| self.place(name).ok_or_else(|| self.no_such(name)));
        let mut places: Vec<usize> = places.collect::<Result<_, _>>()?;
        let mut seen = HashSet::new();
        places.retain(|&place| seen.insert(place));
        let rows = self
            .rows
            .iter()
            .map(|row| Row { cells: places.iter().map(|&place| row.cells[place].clone()).collect(), ..row.clone() });
        Ok(Self { columns: places.iter().map(|&place| self.columns[place].clone()).collect(), rows: rows.collect() })
    }

    fn no_such(&self, name: &str) -> Complaint {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let nearest =
            nearest(name, names.iter().copied()).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        Complaint::new(Code::UNKNOWN_FIELD, format!("there is no field {name:?} here{nearest}"))
            .next(format!("Choose from: {}.", names.join(", ")))
    }
}

#[cfg(test)]
mod tests;
