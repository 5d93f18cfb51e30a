//! Alerts as they were at a moment since the program started: which held, how bad they were, and what had been done about
//! them by then. It is read from the life of each alert; the picture of that moment gives the words.

use cm_core::clock::Now;
use cm_core::health::Verdict;
use cm_core::host::HostId;

use super::alert::{Acknowledgement, Alert, Phase, Turn};
use super::{Alerts, Silence};

impl Alerts {
    /// All of them as they were at a moment. What is forgotten by now is not among them. Costs one pass over every life.
    pub(crate) fn at(&self, moment: Now) -> Self {
        let mut then = Self { last: self.last, ..Self::default() };
        for (alert, silence) in self.past.iter().chain(self.active()).filter_map(|alert| alert.at(moment)) {
            then.silences.extend(silence);
            if alert.is_active() {
                then.active.entry(alert.host.clone()).or_default().push(alert);
            } else {
                then.past.push_back(alert);
            }
        }
        then.active.values_mut().for_each(|alerts| alerts.sort_by_key(|alert| alert.id));
        then
    }

    /// Takes the words for a host's alerts from how it was judged at the moment.
    pub(crate) fn reword(&mut self, host: &HostId, verdict: &Verdict) {
        for alert in self.active.get_mut(host).into_iter().flatten() {
            let told = verdict.reasons.iter().find(|reason| alert.is_about(reason));
            if let Some(reason) = told.filter(|reason| reason.health == alert.reason.health) {
                alert.reason = reason.clone();
            }
        }
    }
}

impl Alert {
    /// It as it was at a moment, with the silence over it; nothing where it had not begun.
    fn at(&self, moment: Now) -> Option<(Self, Option<Silence>)> {
        if self.since.boot > moment.boot {
            return None;
        }
        let mut then = self.clone();
        then.turns.retain(|(at, _)| *at <= moment.wall);
        let (mut acknowledged, mut hidden, mut silent) = (None, None, None);
        for (at, turn) in &then.turns {
            let now = self.since.after(at.since(self.since.wall));
            match turn {
                Turn::Began(health) => (then.reason.health, then.worst) = (*health, *health),
                Turn::Worsened(health) | Turn::Eased(health) => {
                    then.reason.health = *health;
                    then.worst = then.worst.fold(*health);
                }
                Turn::Hid => hidden = Some(now),
                Turn::Reappeared => hidden = None,
                Turn::Acknowledged => acknowledged = Some(*at),
                Turn::Reopened => acknowledged = None,
                Turn::Silenced(until) => silent = Some((*until, now)),
                Turn::Audible => silent = None,
                Turn::Ended => {}
            }
        }
        then.phase = match (self.phase, hidden) {
            (Phase::Ended { at }, _) if at.boot <= moment.boot => self.phase,
            (_, Some(since)) => Phase::Unseen { since },
            _ => Phase::Active,
        };
        // The comment of an acknowledgement that was taken back is not kept.
        then.acknowledged = acknowledged.map(|at| {
            let known = self.acknowledged.clone().filter(|known| known.at == at);
            known.unwrap_or(Acknowledgement { at, comment: String::new() })
        });
        let silence = silent.map(|(until, now)| Silence::of(&then, until, now)).filter(|silence| silence.holds(moment));
        Some((then, silence))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cm_core::clock::WallTime;
    use cm_core::health::{Health, Reason, Subject};

    use super::*;
    use crate::alerts::{Onset, Sight};

    fn second(second: u64) -> Now {
        Now { wall: WallTime::from_secs(1_766_000_000), ..Now::default() }.after(Duration::from_secs(second))
    }

    fn judge(alerts: &mut Alerts, at: u64, told: &[(Health, &str)], sight: Sight) {
        let reason = |&(health, text): &(Health, &str)| Reason {
            health,
            code: "memory.use",
            subject: Subject::host(),
            metric: None,
            text: text.into(),
            next: "",
        };
        let verdict = Verdict::from_reasons(told.iter().map(reason).collect());
        alerts.judge(&HostId::new("srv01").unwrap(), &verdict, (sight, Onset::Seen), second(at));
    }

    /// How the one alert was: health, worst, and a word for its phase and for what was done about it.
    fn told(alerts: &Alerts, at: u64) -> String {
        let now = second(at);
        let then = alerts.at(now);
        let Some(alert) = then.active().chain(then.past()).next() else { return String::new() };
        let phase = match alert.phase {
            Phase::Active => "holds",
            Phase::Unseen { .. } => "unseen",
            Phase::Ended { .. } => "over",
        };
        let known = alert.acknowledged.as_ref().map_or(String::new(), |known| format!(" known:{}", known.comment));
        let silent = then.silence_over(alert, now).map_or("", |_| " silent");
        format!("{} {} {phase}{known}{silent} {}", alert.reason.health, alert.worst, then.count(now).0)
    }

    #[test]
    fn an_alert_was_as_its_life_says() {
        let mut alerts = Alerts::default();
        judge(&mut alerts, 100, &[(Health::Warning, "91 %")], Sight::Clear);
        judge(&mut alerts, 200, &[(Health::Critical, "97 %")], Sight::Clear);
        judge(&mut alerts, 300, &[(Health::Warning, "92 %")], Sight::Clear);
        assert!(alerts.acknowledge(1, "first", second(400)));
        assert!(alerts.reopen(1, second(500)));
        assert!(alerts.silence(1, second(700).wall, second(600)));
        alerts.pass(second(700));
        assert!(alerts.acknowledge(1, "second", second(800)));
        judge(&mut alerts, 900, &[], Sight::Hidden);
        judge(&mut alerts, 1_000, &[(Health::Warning, "92 %")], Sight::Clear);
        judge(&mut alerts, 1_100, &[], Sight::Clear);
        for (at, expected) in [
            (99, ""),
            (100, "warning warning holds 1"),
            (250, "critical critical holds 1"),
            (300, "warning critical holds 1"),
            (450, "warning critical holds known: 0"),
            (550, "warning critical holds 1"),
            (650, "warning critical holds silent 0"),
            (750, "warning critical holds 1"),
            (850, "warning critical holds known:second 0"),
            (950, "warning critical unseen known:second 0"),
            (1_050, "warning critical holds known:second 0"),
            (1_100, "warning critical over known:second 0"),
        ] {
            assert_eq!(told(&alerts, at), expected, "{at}");
        }
    }

    #[test]
    fn the_words_are_those_of_the_moment() {
        let mut alerts = Alerts::default();
        judge(&mut alerts, 100, &[(Health::Warning, "95 %")], Sight::Clear);
        let mut then = alerts.at(second(100));
        let mut verdict = Verdict::from_reasons(then.active().map(|alert| alert.reason.clone()).collect());
        verdict.reasons[0].text = "91 %".into();
        then.reword(&HostId::new("srv01").unwrap(), &verdict);
        assert_eq!(then.active().next().unwrap().reason.text.raw(), "91 %");
    }
}
