//! The hosts: whether each of their APIs answers, how fast, and whether its clock agrees with this one.

use std::time::Duration;

use cm_core::clock::Now;
use cm_core::fleet::{ApiState, Fleet, Good, HostState};
use cm_core::health::Health;
use cm_core::observation::{FailureKind, LinkState};
use cm_core::report::Api;
use cm_core::unit::human;

use super::Check;

/// An answer that takes longer makes a screen feel slow.
const SLOW: Duration = Duration::from_secs(1);
/// Clocks of a network whose time is kept differ by less.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(30);

/// Every API of every host, and what the machines could not read of themselves.
pub(super) fn checks(fleet: &Fleet, now: Now) -> Vec<Check> {
    let mut checks = Vec::new();
    for host in fleet.hosts() {
        let name = host.member.host.id.as_str();
        let link = fleet.host_link(host, now);
        if link == LinkState::Off {
            checks.push(Check::well("host", name, "off, which is expected of it"));
            continue;
        }
        for &api in &host.member.apis {
            checks.push(answer(host, api));
        }
        checks.extend(clock(host));
        checks.extend(missing(host));
    }
    checks
}

fn answer(host: &HostState, api: Api) -> Check {
    let name = host.member.host.id.as_str();
    let state = host.api(api);
    if let Some(failing) = state.and_then(ApiState::failing) {
        let code = failing.failure.code();
        let check = Check::well("host", name, format!("{api}: {}", failing.failure));
        let health = if failing.failure.kind == FailureKind::NotOffered { Health::Note } else { Health::Critical };
        return check.trouble(health, code.fault().next).code(code);
    }
    let Some(good) = state.and_then(ApiState::last_good) else {
        return Check::well("host", name, format!("{api}: nothing came")).trouble(Health::Unknown, "Run it again.");
    };
    let took = human::short(good.took.as_secs_f64() * 1000.0);
    let check = Check::well("host", name, format!("{api}: answers in {took} ms"));
    if good.took > SLOW {
        let next = "See what keeps the host busy, or the network between: ping, and top on the host.";
        return check.trouble(Health::Warning, next);
    }
    check
}

/// How far the host's clock is from this one, by the newest of its answers.
fn clock(host: &HostState) -> Option<Check> {
    let goods = Api::ALL.into_iter().filter_map(|api| host.api(api).and_then(ApiState::last_good));
    let newest: &Good = goods.max_by_key(|good| good.report.timestamp())?;
    let (theirs, ours) = (newest.report.timestamp(), newest.at.wall);
    let (apart, side) = if theirs > ours { (theirs.since(ours), "ahead of") } else { (ours.since(theirs), "behind") };
    if apart <= CLOCK_TOLERANCE {
        return None;
    }
    let code = cm_core::fault::Code::CLOCK_OFF;
    let text = format!("its newest data is {} {side} this machine's clock", human::span(apart.as_secs_f64()));
    let next = "Compare `date -u` on both machines; if they agree, its agent looks that seldom.";
    Some(Check::well("host", host.member.host.id.as_str(), text).trouble(Health::Warning, next).code(code))
}

/// What the host could not read of itself.
fn missing(host: &HostState) -> Vec<Check> {
    let Some(report) = host.service() else { return Vec::new() };
    let tell = |missing: &cm_core::report::service::Missing| {
        let text = format!("{} is not read: {}", missing.what.raw(), missing.why.raw());
        Check::well("machine", host.member.host.id.as_str(), text)
            .trouble(Health::Note, "`cm-agent collect --once --json` on that machine shows every part with its cause.")
    };
    report.missing.iter().map(tell).collect()
}
