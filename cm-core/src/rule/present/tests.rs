use cm_model::demo::Demo;

use super::*;
use crate::clock::MonoTime;
use crate::fleet::{Freshness, Member};
use crate::observation::{Failure, Observation, Way};
use crate::registry::Registry;
use crate::rule::{RuleSet, Standing};
use crate::severity::Severity;

const START: i64 = 1_764_000_000;

fn at(hours: u64) -> Now {
    let since = Duration::from_hours(hours + 1000);
    Now {
        wall: WallTime::from_secs(START).after(Duration::from_hours(hours)),
        boot: BootTime::from_start(since),
        mono: MonoTime::from_start(since),
    }
}

fn fleet_of(demo: &Demo) -> Fleet {
    let members = demo.hosts().iter().cloned().map(Member::new);
    Fleet::new(members, Freshness::for_interval(Duration::from_secs(5)))
}

fn ask(demo: &Demo, fleet: &mut Fleet, now: Now) {
    for host in demo.hosts() {
        for api in Api::ALL {
            let outcome = demo.report(&host.id, api, now.wall);
            let outcome = outcome.map_err(|kind| Failure { address: "made up".into(), kind });
            let took = Duration::from_millis(3);
            fleet.apply(Observation { host: host.id.clone(), api, way: Way::Demo, at: now, took, outcome });
        }
    }
}

/// What holds: `rule host thing severity`.
fn holding(set: &RuleSet, frame: &Frame) -> Vec<(String, Severity)> {
    let mut holding = Vec::new();
    for judged in set.judge(frame) {
        for (place, severity) in judged.holding() {
            let (host, subject) = frame.whose(place).unwrap();
            let text = judged.body.finding(frame, place).unwrap().text;
            holding
                .push((format!("{} {} {}: {}", judged.rule.name(), host.id, subject.name.raw(), text.raw()), severity));
        }
    }
    holding
}

#[test]
fn over_a_calm_fleet_nothing_is_told_at_any_hour_of_a_week() {
    let demo = Demo::new(7, WallTime::from_secs(START)).calm();
    let set = RuleSet::built_in(&Registry::default());
    let mut fleet = fleet_of(&demo);
    let mut present = Present::new();
    for hour in 0..7 * 24 {
        ask(&demo, &mut fleet, at(hour));
        present.update(&fleet, at(hour), Duration::from_hours(hour));
        let told: Vec<_> = holding(&set, present.frame()).into_iter().filter(|(_, s)| *s > Severity::Note).collect();
        assert_eq!(told, [], "hour {hour}");
    }
}

#[test]
fn the_troubles_of_the_made_up_fleet_are_found() {
    let demo = Demo::new(7, WallTime::from_secs(START));
    let set = RuleSet::built_in(&Registry::default());
    let mut fleet = fleet_of(&demo);
    ask(&demo, &mut fleet, at(0));
    let mut present = Present::new();
    present.update(&fleet, at(0), Duration::ZERO);
    let told: Vec<String> =
        holding(&set, present.frame()).into_iter().map(|(text, severity)| format!("{severity} {text}")).collect();
    assert_eq!(
        told,
        [
            "critical host-unreachable labbox : labbox does not answer",
            "note restart-needed steambox : an update waits for a restart",
            "warning service-disk simonbox jellyfin: jellyfin uses 92 % of its disk limit",
            "warning backup-late simonbox : the backup is late or never ended well (late)",
        ]
    );
}

#[test]
fn what_a_host_no_longer_tells_of_is_missed_and_what_is_silent_is_not_known() {
    let demo = Demo::new(7, WallTime::from_secs(START)).calm();
    let set = RuleSet::built_in(&Registry::default());
    let mut fleet = fleet_of(&demo);
    ask(&demo, &mut fleet, at(0));
    let mut present = Present::new();
    present.update(&fleet, at(0), Duration::ZERO);
    let host = demo.hosts()[0].id.clone();
    let Some(smart) = fleet.host(&host).unwrap().smart() else { panic!("it tells of drives") };
    let (mut fewer, gone) = (smart.clone(), smart.drives[0].subject());
    fewer.drives.remove(0);
    fewer.timestamp = at(1).wall;
    let place = present.place(&host, &gone).unwrap();
    let standing = |present: &Present, rule: &str| {
        let judged = set.judge(present.frame());
        judged.iter().find(|judged| judged.rule.name() == rule).unwrap().standing(place)
    };
    assert_eq!(standing(&present, "drive-gone"), Standing::Clear);

    let now = at(1);
    ask(&demo, &mut fleet, now);
    let outcome = Ok(Report::Smart(fewer.into()));
    let took = Duration::ZERO;
    fleet.apply(Observation { host: host.clone(), api: Api::Smart, way: Way::Demo, at: now, took, outcome });
    present.update(&fleet, now, Duration::from_hours(1));
    assert_eq!(standing(&present, "drive-gone"), Standing::Holds(Severity::Critical));
    assert_eq!(standing(&present, "drive-wear"), Standing::Absent);

    // An hour later nothing has answered: it is not more gone than before, and nothing of it is known.
    present.update(&fleet, at(2), Duration::from_hours(2));
    assert_eq!(standing(&present, "drive-gone"), Standing::Clear, "the host does not answer");
    assert_eq!(standing(&present, "drive-temperature"), Standing::Absent);
    present.forget(&host, &gone);
    present.update(&fleet, at(3), Duration::from_hours(3));
    assert_eq!(standing(&present, "drive-gone"), Standing::Clear);
}
