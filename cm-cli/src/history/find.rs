//! Hosts, drives, metrics and subjects by the names that people write; for a wrong one, which was probably meant.

use std::collections::BTreeSet;

use cm_core::fault::Code;
use cm_core::host::HostId;
use cm_core::nearest::nearest;
use cm_core::outlook::{Contents, Thing};
use cm_core::store::Known;
use cm_core::text::HostText;

use crate::complaint::Complaint;

/// The most names that a complaint lists.
const MOST_LISTED: usize = 30;

/// Whose series are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    /// Everybody's.
    All,
    /// A host's, and those of the drives that are in it.
    Host(HostId),
    /// A drive's, wherever it is.
    Drive(HostText),
}

impl Whose {
    /// Whether a thing is meant.
    pub(super) fn holds(&self, thing: &Thing) -> bool {
        match self {
            Self::All => true,
            Self::Host(host) => thing.host.as_ref() == Some(host),
            Self::Drive(identity) => thing.identity.as_ref() == Some(identity),
        }
    }
}

/// A host by its name, or a drive by its serial number; everybody where no name is given.
pub(super) fn whose(contents: &Contents, name: Option<&str>) -> Result<Whose, Complaint> {
    let Some(name) = name else { return Ok(Whose::All) };
    let hosts = contents.hosts();
    if let Some(host) = hosts.iter().find(|host| host.as_str() == name) {
        return Ok(Whose::Host(host.clone()));
    }
    let drives: BTreeSet<HostText> = contents.things().filter_map(|(thing, _)| thing.identity).collect();
    if let Some(drive) = drives.iter().find(|drive| drive.raw() == name) {
        return Ok(Whose::Drive(drive.clone()));
    }
    let names: Vec<&str> = hosts.iter().map(HostId::as_str).collect();
    let known = names.iter().copied().chain(drives.iter().map(HostText::raw));
    Err(no_such("host", name, nearest(name, known), &names, "the history"))
}

/// The series of a metric, on one subject or on all that have it.
pub(super) fn series<'c>(
    contents: &'c Contents,
    whose: &Whose,
    metric: &str,
    subject: Option<&str>,
) -> Result<Vec<(Thing, &'c Known)>, Complaint> {
    let ours = || contents.things().filter(|(thing, _)| whose.holds(thing));
    let all: Vec<(Thing, &Known)> = ours()
        .filter_map(|(thing, series)| Some((thing, series.iter().find(|known| known.metric == metric)?)))
        .collect();
    if all.is_empty() {
        let names: BTreeSet<&str> = ours().flat_map(|(_, series)| series).map(|known| known.metric.as_str()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        return Err(no_such(
            "metric",
            metric,
            nearest(metric, names.iter().copied()),
            &names,
            "what was recorded of it",
        ));
    }
    let Some(subject) = subject else { return Ok(all) };
    let is_meant = |thing: &Thing| {
        thing.name.raw() == subject || thing.identity.as_ref().is_some_and(|identity| identity.raw() == subject)
    };
    let meant: Vec<_> = all.iter().filter(|(thing, _)| is_meant(thing)).cloned().collect();
    if meant.is_empty() {
        let names: Vec<&str> = all.iter().map(|(thing, _)| thing.name.raw()).filter(|name| !name.is_empty()).collect();
        return Err(no_such("subject", subject, nearest(subject, names.iter().copied()), &names, metric));
    }
    Ok(meant)
}

fn no_such(what: &str, name: &str, near: Option<&str>, known: &[&str], among: &str) -> Complaint {
    let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    let name: String = name.chars().take(80).collect();
    let complaint = Complaint::new(Code::NO_SUCH_SERIES, format!("there is no {what} {name:?} in {among}{near}"));
    match known.len() {
        0 => complaint.next(format!("Leave the {what} out: there is only one.")),
        1..=MOST_LISTED => complaint.next(format!("Choose from: {}.", known.join(", "))),
        _ => complaint,
    }
}
