//! This machine as a source: the agent's collectors inside this process, where nothing is configured.

use cm_agent::{Machine, WatchOptions};
use cm_core::config::Config;
use cm_core::gather::{Choice, Gathered, NoSuch};
use cm_core::source::{Observations, Rounds};

use crate::surroundings::CLOCK;

/// This machine, judged by what the configuration says for all hosts.
pub(super) fn open(config: &Config, choice: Choice<'_>) -> Result<Gathered, NoSuch> {
    let name = WatchOptions::own_name(&Machine::itself());
    let member = config.this_machine(name.clone());
    Gathered::own([member], choice, move |rounds| {
        let rounds = match rounds {
            Rounds::Once => cm_agent::Rounds::Once,
            Rounds::Every(interval) => cm_agent::Rounds::Every(interval),
        };
        let options = WatchOptions { rounds, ..WatchOptions::this_machine(name.clone()) };
        Box::pin(cm_agent::watch(options, CLOCK)) as Observations
    })
}
