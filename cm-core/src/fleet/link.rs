//! How a host answers: the state of its links, and the reasons that come of it.

use std::time::Duration;

use cm_model::catalogue::Link;
use cm_model::clock::Now;
use cm_model::fault::Code;
use cm_model::health::{Health, Reason, Subject, SubjectKind};
use cm_model::host::Expected;
use cm_model::observation::{Failure, LinkState};
use cm_model::report::service::Going;
use cm_model::report::{Api, Report};
use cm_model::unit::human;

use super::{ApiState, Freshness, Good, HostState};

/// How long a host that said that it starts anew may be silent: servers test their memory for minutes first.
const LONGEST_START: Duration = Duration::from_mins(10);

impl HostState {
    pub(super) fn link(&self, api: Api, now: Now, freshness: Freshness) -> LinkState {
        let Some(state) = self.api(api) else { return LinkState::Waiting };
        let good = state.last_good();
        if let Some(failing) = state.failing() {
            let stands = good.is_some_and(|good| now.boot.since(good.at.boot) <= freshness.stands_for);
            if !stands {
                return failing.failure.kind.state();
            }
        }
        match good {
            Some(good) if is_behind(good, freshness) || now.boot.since(good.at.boot) > freshness.stands_for => {
                LinkState::Stale
            }
            Some(_) => LinkState::Answering,
            None => LinkState::Waiting,
        }
    }

    /// The worst that is true of all its APIs; where they differ, one that answers speaks for the host.
    pub(super) fn host_link(&self, now: Now, freshness: Freshness) -> LinkState {
        let states: Vec<_> = self.member.apis.iter().map(|&api| self.link(api, now, freshness)).collect();
        let any = |wanted| states.contains(&wanted);
        if any(LinkState::Answering) {
            return LinkState::Answering;
        }
        let order = [
            LinkState::Stale,
            LinkState::Waiting,
            LinkState::Unauthorised,
            LinkState::Malformed,
            LinkState::Faulty,
            LinkState::Unreachable,
        ];
        let state = order.into_iter().find(|&state| any(state)).unwrap_or(LinkState::Waiting);
        let is_off = self.member.host.expected == Expected::Sometimes || self.farewell(now).is_some();
        if state == LinkState::Unreachable && is_off { LinkState::Off } else { state }
    }

    /// What the host said that it was about to do, if it has answered nothing since. Of one that was to start anew it counts
    /// for as long as a start may take.
    pub(super) fn farewell(&self, now: Now) -> Option<Going> {
        let state = self.api(Api::Service)?;
        let good = state.last_good().filter(|_| state.failing().is_some())?;
        let Report::Service(report) = &good.report else { return None };
        let said = now.boot.since(good.at.boot);
        report.going.filter(|going| *going != Going::Reboot || said <= LONGEST_START)
    }

    pub(super) fn link_reading(&self, api: Api, now: Now, freshness: Freshness) -> Link {
        let good = self.api(api).and_then(ApiState::last_good);
        Link {
            api,
            up: self.link(api, now, freshness) == LinkState::Answering,
            age: good.map(|good| now.boot.since(good.at.boot)),
            took: good.map(|good| good.took),
        }
    }
}

/// Whether the host's own timestamp lies too far behind its arrival.
fn is_behind(good: &Good, freshness: Freshness) -> bool {
    good.at.wall.since(good.report.timestamp()) > freshness.behind
}

/// Why the links of a host are not well. What all APIs share is said once for the host.
pub(super) fn reasons(host: &HostState, now: Now, freshness: Freshness) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if host.host_link(now, freshness) == LinkState::Off {
        let why = match host.farewell(now) {
            Some(Going::Shutdown) => "off: it said that it shuts down",
            Some(Going::Reboot) => "off: it said that it starts anew",
            Some(Going::Sleep) => "off: it said that it goes to sleep",
            Some(Going::Unknown) => "off: it said that it would be",
            None => "off, which is expected of it",
        };
        reasons.push(reason(Health::Ok, "link.off", Subject::host(), why.into(), ""));
        return reasons;
    }
    if let Some(silent) = unreachable(host, now, freshness) {
        reasons.push(silent);
        return reasons;
    }
    if let Some(failing) = failing_alike(host, now, freshness) {
        reasons.push(failing);
        return reasons;
    }
    for &api in &host.member.apis {
        let Some(state) = host.api(api) else { continue };
        let subject = Subject::named(SubjectKind::Api, api.word().into());
        match (host.link(api, now, freshness), state.failing(), state.last_good()) {
            (LinkState::Waiting | LinkState::Answering | LinkState::Off, ..) => {}
            (LinkState::Stale, _, Some(good)) => {
                let (fault, behind) = (Code::STALE.fault(), good.at.wall.since(good.report.timestamp()));
                let old = if is_behind(good, freshness) { behind } else { now.boot.since(good.at.boot) };
                let text =
                    format!("{api} data is {} old, or the host's clock is behind", human::span(old.as_secs_f64()));
                reasons.push(reason(Health::Warning, "link.stale", subject, text, fault.next));
            }
            (_, Some(failing), _) => {
                reasons.push(failed(subject, &format!("{api}: "), &failing.failure));
            }
            (_, None, _) => {}
        }
    }
    reasons.extend(clock_ahead(host, freshness));
    reasons
}

/// One reason for the host where all of its several APIs fail in one way: its token is wrong, say.
fn failing_alike(host: &HostState, now: Now, freshness: Freshness) -> Option<Reason> {
    let apis = &host.member.apis;
    let failures = apis.iter().map(|&api| {
        let failing = host.api(api)?.failing()?;
        let stands = matches!(host.link(api, now, freshness), LinkState::Answering | LinkState::Stale);
        (!stands).then_some(&failing.failure)
    });
    let failures: Vec<&Failure> = failures.collect::<Option<_>>()?;
    let (first, others) = failures.split_first()?;
    let alike = !others.is_empty() && others.iter().all(|other| other.kind == first.kind);
    alike.then(|| failed(Subject::host(), "", first))
}

fn failed(subject: Subject, before: &str, failure: &Failure) -> Reason {
    let text = format!("{before}{} ({})", failure.kind, failure.code());
    reason(Health::Warning, "link.failing", subject, text, failure.code().fault().next)
}

/// One reason for the host where none of its APIs can be reached.
fn unreachable(host: &HostState, now: Now, freshness: Freshness) -> Option<Reason> {
    let apis = &host.member.apis;
    if apis.is_empty() || apis.iter().any(|&api| host.link(api, now, freshness) != LinkState::Unreachable) {
        return None;
    }
    let failing: Vec<_> = apis.iter().filter_map(|&api| host.api(api)?.failing()).collect();
    let first = failing.first()?;
    let code = first.failure.code();
    let why = if failing.iter().all(|other| other.failure.kind == first.failure.kind) {
        first.failure.kind.to_string()
    } else {
        let each = apis.iter().zip(&failing).map(|(api, failing)| format!("{api}: {}", failing.failure.kind));
        each.collect::<Vec<_>>().join("; ")
    };
    let silent = failing.iter().map(|failing| now.boot.since(failing.since.boot)).max().unwrap_or_default();
    let since =
        if silent.as_secs() == 0 { String::new() } else { format!(" for {}", human::span(silent.as_secs_f64())) };
    let health = if host.member.host.expected == Expected::Always { Health::Critical } else { Health::Note };
    Some(reason(
        health,
        "link.unreachable",
        Subject::host(),
        format!("no answer{since}: {why} ({code})"),
        code.fault().next,
    ))
}

/// How far a host's clock is ahead of this machine's; nothing before its first answer.
pub(super) fn ahead(host: &HostState) -> Option<Duration> {
    let goods = host.apis.iter().flatten().filter_map(ApiState::last_good);
    goods.map(|good| good.report.timestamp().since(good.at.wall)).max()
}

fn clock_ahead(host: &HostState, freshness: Freshness) -> Option<Reason> {
    let ahead = ahead(host)?;
    (ahead > freshness.ahead).then(|| {
        let text =
            format!("its clock is {} ahead of this machine's ({})", human::span(ahead.as_secs_f64()), Code::CLOCK_OFF);
        reason(Health::Warning, "link.clock_ahead", Subject::host(), text, Code::CLOCK_OFF.fault().next)
    })
}

fn reason(health: Health, code: &'static str, subject: Subject, text: String, next: &'static str) -> Reason {
    Reason { health, code, subject, metric: None, text: text.into(), next }
}
