//! `[services]`: which systemd units are told, and what is told with them.

use std::path::PathBuf;

use cm_model::unit::{Gibibytes, Mebibytes};

use super::section::Section;
use crate::collector::service::{Options, Wanted};
use crate::collector::usage::Paths;
use crate::systemd::name;

const EXPECTED: &str =
    "names of units as systemd has them, in which `*` and `?` may stand for others: \"sshd\", \"postgresql@*\"";

pub(super) fn read(mut section: Section<'_, '_>) -> Options {
    let default = Options::default();
    let sound = |text: &str| name::is_sound(text).then(|| name::whole(text));
    let named = section.each("units", EXPECTED, sound).unwrap_or_default();
    let mut units: Vec<Wanted> = Vec::new();
    for name in named {
        if !units.iter().any(|known| known.name == name) {
            units.push(Wanted { name, ..Wanted::default() });
        }
    }
    for (name, table) in section.section("unit").tables() {
        if !name::is_sound(name) {
            table.contradiction(None, &format!("a table in [services.unit] bears one of the {EXPECTED}"));
        }
        let wanted = of_one(name::whole(name), table);
        match units.iter_mut().find(|known| known.name == wanted.name) {
            Some(known) => *known = wanted,
            None => units.push(wanted),
        }
    }
    let journal = section.flag("journal").unwrap_or(default.journal);
    let failed_units = section.flag("failed_units").unwrap_or(default.failed_units);
    section.finish();
    Options { units, journal, failed_units }
}

/// What is counted of the paths of those units. A pattern may stand for several services, whose paths these then all are.
pub(super) fn usage(options: &Options) -> Vec<Paths> {
    let of = |wanted: &Wanted| Paths {
        service: name::short(&wanted.name).to_owned(),
        paths: wanted.paths.clone(),
        quota: wanted.disk_quota_gb,
    };
    options.units.iter().filter(|wanted| !wanted.paths.is_empty()).map(of).collect()
}

fn of_one(name: String, mut table: Section<'_, '_>) -> Wanted {
    let memory = table.number("memory_quota_mb", 1..=1 << 30);
    let whole = |text: &str| Some(PathBuf::from(text)).filter(|path| path.is_absolute());
    let paths = table.each("paths", "whole paths, from / on", whole).unwrap_or_default();
    let disk = table.number("disk_quota_gb", 1..=1 << 30);
    if let Some((_, span)) = disk.as_ref().filter(|_| paths.is_empty()) {
        table.contradiction_at(span.clone(), "`disk_quota_gb` limits the size of `paths`, and none are given");
    }
    table.finish();
    Wanted {
        name,
        memory_quota_mb: memory.map(|(mib, _)| Mebibytes::saturating(mib as f64)),
        paths,
        disk_quota_gb: disk.map(|(gib, _)| Gibibytes::saturating(gib as f64)),
    }
}
