//! Only the hosts and groups that were asked for; a name that nobody knows is said, not passed over.

use cm_core::fault::Code;
use cm_core::fleet::Member;

use crate::complaint::Complaint;
use crate::request::Watch;
use cm_core::nearest::nearest;

/// The members that were asked for, in the order of the fleet.
pub(super) fn members(members: Vec<Member>, watch: &Watch) -> Result<Vec<Member>, Complaint> {
    let names: Vec<&str> = members.iter().map(|member| member.host.id.as_str()).collect();
    let mut roles: Vec<&str> = members.iter().filter_map(|member| Some(member.host.role.as_ref()?.as_str())).collect();
    roles.sort_unstable();
    roles.dedup();
    all_known("host", &watch.hosts, &names)?;
    all_known("group", &watch.groups, &roles)?;
    let in_hosts = |member: &Member| watch.hosts.iter().any(|name| name == member.host.id.as_str());
    let in_groups = |member: &Member| {
        member.host.role.as_ref().is_some_and(|role| watch.groups.iter().any(|name| name == role.as_str()))
    };
    let wanted = |member: &Member| {
        (watch.hosts.is_empty() || in_hosts(member)) && (watch.groups.is_empty() || in_groups(member))
    };
    Ok(members.into_iter().filter(wanted).collect())
}

fn all_known(what: &str, asked: &[String], known: &[&str]) -> Result<(), Complaint> {
    const MOST_LISTED: usize = 20;
    let Some(name) = asked.iter().find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
    let near = nearest(name, known.iter().copied()).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    let complaint = Complaint::new(Code::NO_SUCH_HOST, format!("there is no {what} {name:?}{near}"));
    Err(match known.len() {
        0 => complaint.next(format!("No {what} has a name here; leave --{what} out.")),
        1..=MOST_LISTED => complaint.next(format!("Choose from: {}.", known.join(", "))),
        _ => complaint,
    })
}
