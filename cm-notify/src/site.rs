//! Where it is judged: the hosts that are watched, the history's file, the rules, as they are configured. Set up once for a
//! service and for a single round; nothing is asked or opened here.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_agent::{Machine, WatchOptions};
use cm_core::clock::SystemClock;
use cm_core::config::judging::{Judge, judging};
use cm_core::config::{self, Config, Loaded, Notify, Places, Problems, rule_files, rule_folder};
use cm_core::engine::Options;
use cm_core::fault::Code;
use cm_core::fleet::Freshness;
use cm_core::gather::{Choice, GatherError, Gathered};
use cm_core::incident::Zone;
use cm_core::source::{Observations, Rounds};
use cm_core::store::Holder;

use crate::exit::{Complaint, Exit};

/// How the holder of the lease is called that sends what there is to tell, a space and its process's number behind it.
pub const NAME: &str = "cm-notify";

/// What is known of the surroundings.
pub struct Around<'a> {
    /// The configuration, where it was named.
    pub config: Option<&'a Path>,
    /// The history's file, where it was named.
    pub database: Option<&'a Path>,
    /// The environment.
    pub environment: config::Surroundings<'a>,
    /// How many seconds local time is ahead of UTC.
    pub ahead_s: i32,
}

impl std::fmt::Debug for Around<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Around").field("config", &self.config).field("database", &self.database).finish_non_exhaustive()
    }
}

/// What is watched, by what it is judged, who is told.
#[derive(Debug)]
pub struct Site {
    /// Who is watched.
    pub gathered: Gathered,
    /// The time between two looks, as it is configured.
    pub interval: Duration,
    /// What the engine is given.
    pub options: Options,
    /// The channels.
    pub notify: Notify,
    /// What is wrong with rules; those hold not.
    pub problems: Problems,
}

/// The history's file: the one that was named, or the one that is configured.
pub fn file(config: &Config, around: &Around<'_>) -> Result<PathBuf, Complaint> {
    if let Some(path) = around.database {
        return Ok(path.to_owned());
    }
    let state = Places::of(&around.environment).state;
    config.dashboard.history.file(state.as_deref(), around.environment.home().as_deref()).ok_or_else(|| {
        Complaint::One {
            code: Code::USAGE,
            what: "neither XDG_STATE_HOME nor HOME says where the history is".to_owned(),
            next: Some("Name its file with --database.".to_owned()),
            exit: Exit::Usage,
        }
    })
}

/// The configuration.
pub fn load(around: &Around<'_>) -> Result<Loaded, Complaint> {
    config::load(around.config, &[], &around.environment).map_err(Complaint::Problems)
}

impl Site {
    /// Sets it up for looks so far apart; as far as is configured where nobody says.
    pub fn new(loaded: &Loaded, every: Option<Duration>, around: &Around<'_>) -> Result<Self, Complaint> {
        let config = &loaded.config;
        let interval = every.unwrap_or(config.dashboard.general.refresh_interval);
        let user = around.environment.user;
        let gathered = gathered(config, user)?;
        let watcher = WatchOptions::own_name(&Machine::itself());
        let holder = holder()?;
        let folder = rule_folder(loaded, &around.environment);
        let (files, mut problems) = folder.map(|folder| rule_files(&folder, user)).unwrap_or_default();
        let judge = Judge {
            watcher: watcher.clone(),
            start: holder.boot.clone(),
            tells: true,
            seed: u64::from(std::process::id()),
            zone: Zone::system(),
            ahead_s: around.ahead_s,
        };
        let (judging, more) = judging(config, &files, judge);
        more.iter().for_each(|problem| problems.push(problem.clone()));
        problems.sort();
        let options = Options {
            path: file(config, around)?,
            holder,
            watcher,
            members: gathered.members.clone(),
            freshness: Freshness::for_interval(interval),
            policy: config.dashboard.retention(),
            judging: Some(judging),
        };
        let notify = config.notify.clone().or_usual(&config.dashboard.alerts);
        Ok(Self { gathered, interval, options, notify, problems })
    }
}

/// The hosts of the configuration; this machine where there is none.
fn gathered(config: &Config, user: u32) -> Result<Gathered, Complaint> {
    let gathered = if config.is_local() {
        let name = WatchOptions::own_name(&Machine::itself());
        let member = config.this_machine(name.clone());
        Gathered::own([member], Choice::default(), move |rounds| {
            let rounds = match rounds {
                Rounds::Once => cm_agent::Rounds::Once,
                Rounds::Every(interval) => cm_agent::Rounds::Every(interval),
            };
            let options = WatchOptions { rounds, ..WatchOptions::this_machine(name.clone()) };
            Box::pin(cm_agent::watch(options, SystemClock)) as Observations
        })
        .map_err(GatherError::from)
    } else {
        Gathered::http(config, Choice::default(), user, u64::from(std::process::id()))
    };
    gathered.map_err(|error| Complaint::new(Code::CONFIG_OUT_OF_RANGE, error.to_string(), Exit::Config))
}

fn holder() -> Result<Holder, Complaint> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").map_err(|error| Complaint::One {
        code: Code::MACHINE_UNREADABLE,
        what: format!("the machine does not tell which start of it this is (/proc/sys/kernel/random/boot_id): {error}"),
        next: Some("Mount /proc; without it two programs could not agree on who tells.".to_owned()),
        exit: Exit::Inner,
    })?;
    Ok(Holder { name: format!("{NAME} (process {})", std::process::id()), boot: boot.trim().to_owned() })
}
