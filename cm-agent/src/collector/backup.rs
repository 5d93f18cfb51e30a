//! Backups: what their repositories hold, what runs them, and what status files tell.
//!
//! Each configured backup is asked at its own slow pace, one process at a time, past every lock; what it answered is told
//! with its age until the next answer. Each tool has a file that knows its arguments and words, and a pure reader of its
//! answers. What is bad is judged by `cm_model::verdict`, here as anywhere.

mod borg;
mod borgmatic;
mod fault;
mod fold;
mod keeper;
mod kopia;
mod lock;
mod moment;
mod options;
mod question;
mod restic;
mod state;
mod status_file;
mod unit;

use std::time::Duration;

use cm_model::clock::{Clock, Now};
use cm_model::report::Api;
use cm_model::report::backup::Job;

pub use options::{JobOptions, Options, Secret, Tool, Value};

use self::keeper::Keeper;
use self::question::Places;
use super::{Absent, Collector, Draft, Look};
use crate::machine::Machine;
use crate::systemd::name;

/// The collector.
#[derive(Debug)]
pub struct Backups {
    keepers: Vec<Keeper>,
    places: Places,
}

impl Backups {
    /// Over these backups. Their programs are looked for and judged.
    pub fn new(options: &Options) -> Self {
        let keepers = options.jobs.iter().cloned().map(Keeper::new).collect();
        Self { keepers, places: Places::of(options) }
    }

    /// Asks every backup once, on this thread, and gives what it found as a status file. Takes as long as the slowest of
    /// them, each within its limits.
    ///
    /// # Panics
    /// Never: what it writes has strings as keys and finite numbers.
    pub fn ask_all(&mut self, machine: &Machine, clock: &dyn Clock) -> String {
        const A_TURN: Duration = Duration::from_millis(200);
        loop {
            self.poll(machine, clock.now());
            if self.keepers.iter().all(Keeper::was_asked) {
                break;
            }
            if let Some(running) = self.keepers.iter().find_map(Keeper::asking) {
                running.pause(A_TURN);
            }
        }
        let now = clock.now();
        let jobs = self.told(&Look::new(machine, now, None));
        let document = status_file::Document { schema: status_file::SCHEMA, written_at: now.wall, backups: &jobs };
        let mut text = serde_json::to_string_pretty(&document).expect("its keys are strings and its numbers finite");
        text.push('\n');
        text
    }

    /// One process at a time: a machine whose backups are asked all at once would feel it.
    fn poll(&mut self, machine: &Machine, now: Now) {
        for at in 0..self.keepers.len() {
            let may_ask = self.keepers.iter().all(|keeper| keeper.asking().is_none());
            self.keepers[at].poll(machine, &self.places, now, may_ask);
        }
    }

    fn told(&self, look: &Look<'_>) -> Vec<Job> {
        let mut jobs = Vec::new();
        for keeper in &self.keepers {
            for mut job in keeper.told() {
                put_units(&keeper.options, look, &mut job);
                job.state = cm_model::verdict::job_state(&job, look.now.wall);
                jobs.push(job);
            }
        }
        jobs
    }
}

/// What systemd says of what runs a backup, where it can be asked.
fn put_units(options: &JobOptions, look: &Look<'_>, job: &mut Job) {
    let Some(systemd) = look.systemd else { return };
    let named = [&options.unit, &options.timer, &options.check_unit, &options.restore_unit];
    if named.iter().all(|name| name.is_none()) {
        return;
    }
    let [unit, timer, check, restore] = named.map(|named| named.as_deref().map(name::whole));
    let mut systemd = systemd.borrow_mut();
    for name in [&unit, &timer, &check, &restore].into_iter().flatten() {
        systemd.follow(name);
    }
    systemd.refresh(look.machine, look.now);
    let known = |name: &Option<String>| systemd.unit(name.as_deref()?);
    if let Some(timer) = known(&timer) {
        unit::put_timer(timer, look.now, job);
    }
    if let Some(unit) = known(&unit) {
        unit::put(unit, job);
    }
    if let Some(check) = known(&check) {
        unit::put_check(check, job);
    }
    if let Some(restore) = known(&restore) {
        unit::put_restore_test(restore, job);
    }
}

impl Collector for Backups {
    fn name(&self) -> &'static str {
        "backup"
    }

    fn feeds(&self, api: Api) -> bool {
        api == Api::Backup
    }

    fn awaits(&self) -> bool {
        !self.keepers.iter().all(Keeper::was_asked)
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        // A tool would tell of this machine, not of the one in the box.
        if self.keepers.is_empty() || !look.machine.is_itself() {
            return Err(Absent::NothingHere);
        }
        self.poll(look.machine, look.now);
        draft.backup = Some(fold::report(self.told(look), look.now));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
