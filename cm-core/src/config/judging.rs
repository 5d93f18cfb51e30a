//! What is judged by and who is told, as it is configured: the owner's rules over the built-in ones, routes and channels.

use super::Config;
use crate::engine::Judging;
use crate::host::HostId;
use crate::incident::{Surroundings, Zone};
use crate::problem::Problems;
use crate::registry::Registry;
use crate::rule::{RuleFile, RuleSet};
use crate::text::HostText;

/// What the program that judges knows of itself.
#[derive(Debug, Clone)]
pub struct Judge {
    /// The machine that it runs on.
    pub watcher: HostId,
    /// Which start of the machine this is (`/proc/sys/kernel/random/boot_id`).
    pub start: String,
    /// Whether it sends what there is to tell.
    pub tells: bool,
    /// Chance.
    pub seed: u64,
    /// The machine's own zone: hours that name none are of it.
    pub zone: Zone,
    /// How many seconds local time is ahead of UTC now.
    pub ahead_s: i32,
}

/// All that is judged by. What is wrong with rules comes beside it: such a rule is left out.
pub fn judging(config: &Config, files: &[RuleFile], judge: Judge) -> (Judging, Problems) {
    let registry = Registry::default();
    let (rules, problems) = RuleSet::read(files, &registry);
    let Judge { watcher, start, tells, seed, zone, ahead_s } = judge;
    let judging = Judging {
        rules,
        registry,
        plan: config.notify.clone().or_usual(&config.dashboard.alerts).plan(&zone),
        from: HostText::new(watcher.as_str().to_owned()),
        around: Surroundings { watcher: Some(watcher), ..Surroundings::default() },
        start,
        tells,
        seed,
        ahead_s,
    };
    (judging, problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owners_rules_stand_over_the_built_in_ones_and_one_that_is_wrong_keeps_no_other_from_holding() {
        let file = |text: &str| RuleFile { path: "own.rules".into(), text: text.to_owned() };
        let judge = || Judge {
            watcher: HostId::new("desk").unwrap(),
            start: "start-1".to_owned(),
            tells: true,
            seed: 1,
            zone: Zone::UTC,
            ahead_s: 0,
        };
        let config = Config::local_only();
        let (plain, problems) = judging(&config, &[], judge());
        assert!(problems.is_empty(), "{problems}");
        let own = file("off load-high\n\nrule worn\n  when drive.wear > 80 %\n  text \"{drive} is worn\"\n");
        let (with_own, problems) =
            judging(&config, &[own, file("rule odd\n  when drive.ware > 1\n  text \"\"\n")], judge());
        assert_eq!(problems.errors().count(), 1, "{problems}");
        assert!(plain.rules.rule("worn").is_none() && with_own.rules.rule("worn").is_some());
        assert!(with_own.rules.rule("drive-wear").is_some() && with_own.rules.rule("odd").is_none());
        assert_eq!(with_own.around.watcher, Some(judge().watcher));
    }
}
