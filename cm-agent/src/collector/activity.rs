//! What explains unusual load, by name: a game, a backup, a check or rebuild of an array, an upgrade of the system.
//!
//! Programs are known by their names, and where a name can mean anything (`restic mount`, `apt list`) by their arguments; of
//! those nothing is told but the word that decided. Arrays of md say themselves what is done to them, and pools what their own
//! collector found. `GameMode` is not asked: it answers on its user's own bus alone, where no service of the system may
//! speak. Steam and Lutris start each game under a program of their own, by which it is known here; other games an owner
//! names in `[activities]`.
//!
//! Looking at the name of every process is what costs. The first look does, later ones each `AGAIN` look at those that are
//! new, once more at those that were new the time before (a shell becomes the program that it starts), and at a sixteenth of
//! the rest. Of 430 processes the first look takes 4.4 ms of processor time, a later scan 0.5 ms, a look in between 10 µs.

mod array;
mod program;

use std::time::Duration;

use cm_model::clock::{BootTime, MonoTime, Now, WallTime};
use cm_model::report::service::{Activity, ActivityKind};
use cm_model::report::smart::{PoolKind, PoolState};
use cm_model::text::HostText;

use super::{Absent, CollectOptions, Collector, Draft, Look};
use crate::machine::process::{self, Pid, TICKS};
use crate::machine::{Machine, Unreadable};

/// Programs that an owner names, as patterns in which `*` stands for any characters and `?` for one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Programs that are games.
    pub games: Vec<String>,
    /// Programs that make backups, beside those that are known.
    pub backups: Vec<String>,
}

/// The collector.
#[derive(Debug)]
pub struct Activities {
    options: Options,
    scan: Scan,
    /// What arrays and pools were busy with at the look before.
    arrays: Vec<Ongoing>,
    pools: Option<Vec<Ongoing>>,
    has_looked: bool,
}

/// Something that is done to an array or a pool.
#[derive(Debug, Clone, PartialEq)]
struct Ongoing {
    kind: ActivityKind,
    name: String,
    /// When it was first seen, if a look before had not seen it.
    since: Option<WallTime>,
}

/// How often new processes are sought.
const AGAIN: Duration = Duration::from_secs(30);
/// The most activities that are told.
const MOST: usize = 16;
/// The most processes that are remembered as being such an activity.
const MOST_BUSY: usize = 64;

impl Activities {
    /// With the programs that an owner names.
    pub fn new(options: &CollectOptions) -> Self {
        Self {
            options: options.activities.clone(),
            scan: Scan::default(),
            arrays: Vec::new(),
            pools: None,
            has_looked: false,
        }
    }
}

impl Collector for Activities {
    fn name(&self) -> &'static str {
        "activity"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        let machine = look.machine;
        let container = look.container.is_some();
        if let Some(pools) = look.pools {
            let found = pools.iter().filter(|pool| pool.kind != PoolKind::Md && pool.progress.is_some());
            let found = found.map(|pool| {
                let whole = pool.state == PoolState::Online;
                (if whole { ActivityKind::Scrub } else { ActivityKind::Rebuild }, pool.name.raw().to_owned())
            });
            let known = self.pools.take();
            self.pools = Some(renewed(known.as_deref().unwrap_or_default(), found, known.is_some(), look.now.wall));
        }
        // In a container the arrays are those of the machine around it.
        let arrays = if container { String::new() } else { machine.read("/proc/mdstat").unwrap_or_default() };
        self.arrays = renewed(&self.arrays, array::busy(&arrays).into_iter(), self.has_looked, look.now.wall);
        self.has_looked = true;

        let scanned = self.scan.look(machine, look.now, &self.options);
        let mut told: Vec<Activity> = Vec::new();
        let programs = self.scan.busy.iter().map(|busy| (busy.kind, &*busy.name, busy.since));
        let ongoing = self.arrays.iter().chain(self.pools.iter().flatten());
        for (kind, name, since) in programs.chain(ongoing.map(|one| (one.kind, &*one.name, one.since))) {
            match told
                .iter_mut()
                .find(|other| other.kind == kind && other.name.as_ref().is_some_and(|n| n.raw() == name))
            {
                // Many processes of one program are one activity, as old as the oldest.
                Some(other) => other.since = [other.since, since].into_iter().flatten().min(),
                None => told.push(Activity { kind, name: Some(HostText::from(name)), since }),
            }
        }
        told.truncate(MOST);
        draft.service.activities = told;
        match scanned {
            Ok(()) => Ok(()),
            Err(Hidden::Unreadable(error)) => Err(Absent::unless_there(error)),
            Err(Hidden::Others) => {
                draft.missing("activity", OTHERS_HIDDEN);
                Ok(())
            }
        }
    }
}

/// Why not all processes are seen.
#[derive(Debug)]
enum Hidden {
    Others,
    Unreadable(Unreadable),
}

/// Why the processes of others are not seen.
pub(super) const OTHERS_HIDDEN: &str =
    "the processes of other users are hidden from this agent (`hidepid` of /proc, or `ProtectProc` of its unit)";

/// Whether these are all processes, and not those of one user alone: the first process of a system belongs to root. A box
/// may hold none.
pub(super) fn are_all(pids: &[Pid]) -> bool {
    pids.first().is_none_or(|first| *first == 1)
}

/// What is done now, with the moment of its beginning where an earlier look had not seen it.
fn renewed(
    before: &[Ongoing],
    now: impl Iterator<Item = (ActivityKind, String)>,
    has_looked: bool,
    at: WallTime,
) -> Vec<Ongoing> {
    let one = |(kind, name): (ActivityKind, String)| {
        let known = before.iter().find(|known| known.kind == kind && known.name == name);
        let since = known.map_or(has_looked.then_some(at), |known| known.since);
        Ongoing { kind, name, since }
    };
    now.take(MOST).map(one).collect()
}

/// Processes that were seen, and those among them that are an activity.
#[derive(Debug, Default)]
struct Scan {
    at: Option<MonoTime>,
    turn: u32,
    /// All that were there at the last scan, rising.
    seen: Vec<Pid>,
    /// Those of them that were not there at the scan before.
    young: Vec<Pid>,
    busy: Vec<Busy>,
}

/// A process that is an activity.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Busy {
    pid: Pid,
    /// When it started, in ticks since the machine did.
    start: u64,
    kind: ActivityKind,
    name: String,
    /// The same on the clock of the look that found it, in whole seconds.
    since: Option<WallTime>,
}

impl Scan {
    /// The share of old processes that a scan looks at again.
    const SHARE: u32 = 16;

    fn look(&mut self, machine: &Machine, now: Now, options: &Options) -> Result<(), Hidden> {
        // Few at any time: whether they are still there is asked at every look.
        self.busy.retain(|busy| process::stat(machine, busy.pid).is_some_and(|stat| stat.start == busy.start));
        if self.at.is_some_and(|at| now.mono.since(at) < AGAIN) {
            return if are_all(&self.seen) { Ok(()) } else { Err(Hidden::Others) };
        }
        let pids = process::all(machine).map_err(Hidden::Unreadable)?;
        let is_first = self.at.replace(now.mono).is_none();
        self.turn = (self.turn + 1) % Self::SHARE;
        let old = |pid: &Pid| self.seen.binary_search(pid).is_ok();
        let young: Vec<Pid> = pids.iter().filter(|pid| !old(pid)).copied().collect();
        for &pid in &pids {
            let again = pid % Self::SHARE == self.turn || self.young.binary_search(&pid).is_ok();
            let looked_at = is_first || again || young.binary_search(&pid).is_ok();
            if !looked_at || self.busy.len() >= MOST_BUSY || self.busy.iter().any(|busy| busy.pid == pid) {
                continue;
            }
            let Some(name) = process::name(machine, pid) else { continue };
            let Some((kind, name)) = program::recognise(&name, options, || process::arguments(machine, pid)) else {
                continue;
            };
            let Some(stat) = process::stat(machine, pid) else { continue };
            self.busy.push(Busy { pid, start: stat.start, kind, name, since: started(machine, stat.start, now) });
        }
        // What was there from the first is as old as any.
        self.young = if is_first { Vec::new() } else { young };
        self.seen = pids;
        if are_all(&self.seen) { Ok(()) } else { Err(Hidden::Others) }
    }
}

/// How the start of a process reads on the clock. Both ages are taken from one moment, that of the look. A box has only the age
/// that it recorded; of a machine itself the clock knows better, since in some containers `/proc/uptime` is the container's
/// and the starts of its processes are counted from that of the machine around it.
fn started(machine: &Machine, start: u64, now: Now) -> Option<WallTime> {
    let up = if machine.is_itself() {
        now.boot.since(BootTime::default())
    } else {
        Duration::try_from_secs_f64(super::facts::uptime(&machine.line("/proc/uptime")?)?.get()).ok()?
    };
    let start = Duration::try_from_secs_f64(start as f64 / TICKS).ok()?;
    Some(WallTime::from_secs(now.wall.before(up.saturating_sub(start)).secs()))
}

#[cfg(test)]
mod tests;
