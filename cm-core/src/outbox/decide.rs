//! Whether a channel is told of an incident now: a decision with its reason, from how the incident stands and what the
//! channel knows. It remembers nothing; asked twice it says the same.

use super::channel::Channel;
use super::ledger::{Entry, is_open};
use super::message::News;
use super::route::{Route, Unrouted, Wanted, wanted};
use crate::clock::WallTime;
use crate::incident::{Gist, Hush, Incident, Moment, Phase, Stage, Steady};
use crate::severity::Severity;

/// How long after a message of a group the next waits for others of it.
pub const GATHER: std::time::Duration = std::time::Duration::from_mins(1);

/// What is decided for one incident and one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is told.
    Tell(News),
    /// It is held back for a while.
    Hold(Hold),
    /// There is nothing to tell.
    Nothing(Reason),
}

/// Why something is held back. None of it is lost: what is over by then is told as over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Others of its group may come.
    Gathering {
        /// Until when.
        until: Steady,
    },
    /// The channel has quiet hours.
    Quiet {
        /// Until when.
        until: WallTime,
    },
    /// It is kept for the digest.
    Digest,
    /// The channel was told as much as it takes.
    RateLimited {
        /// Until when.
        until: Steady,
    },
    /// Too many messages wait for the channel.
    Full,
}

/// Why there is nothing to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It has not fired.
    Pending,
    /// The channel knows.
    Known,
    /// It does not go there.
    Unrouted(Unrouted),
    /// Nothing new of it is told at the moment.
    Hushed(Hush),
    /// Somebody looks after it.
    Acknowledged,
    /// It is over, and the channel never knew of it.
    EndNotOwed,
}

/// What is known besides the incident.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stand<'s> {
    /// What the channel knows, or will once what waits for it has gone out.
    pub(super) knows: Option<Gist>,
    /// What the ledger has of it.
    pub(super) entry: Option<&'s Entry>,
    /// When a message of its group was last made for the channel.
    pub(super) group_last: Option<Moment>,
    /// Whether the digest is being made now.
    pub(super) is_digest: bool,
}

/// Decides, but for what depends on other messages: rates and room.
pub(super) fn decide(
    incident: &Incident,
    channel: &Channel,
    routes: &[Route],
    stand: Stand<'_>,
    at: Moment,
) -> Decision {
    let wanted = wanted(routes, channel, incident, at);
    match news(incident, stand, wanted, at) {
        Err(reason) => Decision::Nothing(reason),
        Ok(news) => hold(incident, channel, news, stand, at).map_or(Decision::Tell(news), Decision::Hold),
    }
}

/// What is new of an incident.
fn news(incident: &Incident, stand: Stand<'_>, wanted: Result<Wanted, Unrouted>, at: Moment) -> Result<News, Reason> {
    let gist = incident.gist().ok_or(Reason::Pending)?;
    let owed = stand.entry.is_some_and(|entry| entry.owed.is_some());
    if let (Stage::Over, Phase::Resolved { how }) = (gist.stage, incident.phase) {
        return match stand.knows {
            known if is_open(known) => Ok(News::Over { how }),
            Some(_) => Err(Reason::Known),
            None if owed => Ok(News::Passed { how }),
            None => Err(Reason::EndNotOwed),
        };
    }
    // What was told is changed; of what is unknown there is the beginning to tell.
    let change = stand.knows.filter(|known| known.stage != Stage::Over).map(|known| changed(known, gist));
    if change == Some(None) {
        return reminder(incident, stand, wanted, at);
    }
    let eased = matches!(change, Some(Some(News::Eased { .. })));
    let wanted = match wanted {
        Ok(wanted) => wanted,
        // Who was told that it is bad is told that it is less so, even where that alone would not be told.
        Err(_) if eased => Wanted { is_escalated: false, remind: None },
        Err(unrouted) => return Err(Reason::Unrouted(unrouted)),
    };
    if let Some(hush) = incident.hush() {
        return Err(Reason::Hushed(hush.clone()));
    }
    let is_worse = matches!(change, Some(Some(News::Worse { .. })));
    if incident.overlays.acknowledged.is_some() && !is_worse {
        return Err(Reason::Acknowledged);
    }
    Ok(match change.flatten() {
        Some(news) => news,
        None if wanted.is_escalated => News::Unattended,
        None if gist.stage == Stage::Flapping => News::ComesAndGoes,
        None => News::Fires,
    })
}

/// What of a change is news to who knows how it was.
fn changed(known: Gist, now: Gist) -> Option<News> {
    if now.severity > known.severity {
        Some(News::Worse { from: known.severity })
    } else if now.holds > known.holds {
        Some(News::Holds)
    } else if now.stage == Stage::Flapping && known.stage != Stage::Flapping {
        Some(News::ComesAndGoes)
    } else if now.severity < known.severity {
        Some(News::Eased { from: known.severity })
    } else {
        None
    }
}

/// How many reminders of an incident are due to a channel by now, those that were told among them.
pub(super) fn reminders(incident: &Incident, channel: &Channel, routes: &[Route], entry: &Entry, at: Moment) -> u32 {
    let remind = wanted(routes, channel, incident, at).ok().and_then(|wanted| wanted.remind);
    remind.map_or(0, |first| entry.reminders_due(first, at)).max(entry.reminders)
}

fn reminder(
    incident: &Incident,
    stand: Stand<'_>,
    wanted: Result<Wanted, Unrouted>,
    at: Moment,
) -> Result<News, Reason> {
    let is_quiet = incident.hush().is_some() || incident.overlays.acknowledged.is_some();
    let Some(entry) = stand.entry.filter(|_| !is_quiet) else { return Err(Reason::Known) };
    let remind = wanted.ok().and_then(|wanted| wanted.remind);
    let is_due = remind.is_some_and(|first| entry.reminders_due(first, at) > entry.reminders);
    // What is critical stands in every digest until it is over.
    let in_digest = stand.is_digest && incident.severity == Severity::Critical;
    if is_due || in_digest { Ok(News::Still) } else { Err(Reason::Known) }
}

fn hold(incident: &Incident, channel: &Channel, news: News, stand: Stand<'_>, at: Moment) -> Option<Hold> {
    // What is over weighs as much as what was told of it: it is told when its beginning was.
    let weight =
        if news.is_over() { stand.knows.map_or(incident.worst, |known| known.severity) } else { incident.severity };
    if let Some(wall) = at.calendar() {
        if let Some(spell) = channel.quiet_at(wall).filter(|_| weight < channel.loud) {
            return Some(Hold::Quiet { until: spell.end });
        }
        if !channel.digest.is_empty() && !stand.is_digest && weight < channel.at_once {
            return Some(Hold::Digest);
        }
    }
    let last = stand.group_last.filter(|_| !matches!(news, News::Worse { .. } | News::Still | News::Unattended))?;
    let until = last.steady.after(GATHER);
    (at.steady < until).then_some(Hold::Gathering { until })
}
