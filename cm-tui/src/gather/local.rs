//! This machine as a source: the agent's collectors inside this process, where nothing is configured.

use cm_agent::{Machine, WatchOptions};
use cm_core::clock::SystemClock;
use cm_core::config::{Config, Shown};
use cm_core::fleet::Member;
use cm_core::host::{Host, HostId};

use super::{Gathered, SourceKind};

/// This machine, judged by what the configuration says for all hosts.
pub(super) fn open(config: Config, settings: Vec<Shown>) -> Gathered {
    let host = name(&Machine::itself());
    let policy = config.dashboard.thresholds.iter().copied().collect();
    let member = Member { policy, ..Member::new(Host::new(host.clone())) };
    let begin = Box::new(move |interval| {
        let rounds = cm_agent::Rounds::Every(interval);
        let options = WatchOptions { rounds, ..WatchOptions::this_machine(host.clone()) };
        Box::pin(cm_agent::watch(options, SystemClock)) as cm_core::source::Observations
    });
    Gathered { members: vec![member], config, settings, kind: SourceKind::ThisMachine, stands: None, begin }
}

/// The machine's own name; one that could not be printed anywhere is not used.
fn name(machine: &Machine) -> HostId {
    let told = machine.line("/proc/sys/kernel/hostname").and_then(|name| HostId::new(name.trim()).ok());
    told.unwrap_or_else(|| HostId::new("localhost").expect("letters"))
}
