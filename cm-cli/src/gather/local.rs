//! This machine as a source: the agent's collectors inside this process, where nothing is configured.

use std::time::Duration;

use cm_agent::{Machine, WatchOptions};
use cm_core::config::Config;
use cm_core::fleet::Member;
use cm_core::host::{Host, HostId};

use super::{Sources, choose};
use crate::complaint::Complaint;
use crate::request::Watch;
use crate::surroundings::CLOCK;

/// Between two looks at CPU time, so that there are rates at all.
const GAP: Duration = WatchOptions::GAP;

/// This machine, judged by what the configuration says for all hosts.
pub(super) fn sources(config: &Config, watch: &Watch, every: Option<Duration>) -> Result<Sources, Complaint> {
    let host = name(&Machine::itself());
    let policy = config.dashboard.thresholds.iter().copied().collect();
    let member = Member { policy, ..Member::new(Host::new(host.clone())) };
    let members = choose::members(vec![member], watch)?;
    let rounds = every.map_or(cm_agent::Rounds::Once, cm_agent::Rounds::Every);
    let options = WatchOptions { rounds, gap: GAP, ..WatchOptions::this_machine(host) };
    let source = Box::pin(cm_agent::watch(options, CLOCK));
    let interval = config.dashboard.general.refresh_interval;
    Ok(Sources { members, source, interval, stands: None, is_this_machine: true })
}

/// The machine's own name; one that could not be printed anywhere is not used.
fn name(machine: &Machine) -> HostId {
    let told = machine.line("/proc/sys/kernel/hostname").and_then(|name| HostId::new(name.trim()).ok());
    told.unwrap_or_else(|| HostId::new("localhost").expect("letters"))
}
