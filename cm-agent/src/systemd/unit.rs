//! What systemd says of one unit, out of its properties on the bus or out of what `systemctl show --timestamp=unix` prints
//! of them. org.freedesktop.systemd1(5) names and explains every property.

use std::time::Duration;

use cm_model::clock::{MonoTime, Now, WallTime};
use cm_model::text::HostText;

use crate::dbus::Value;

/// Whether systemd has read the unit's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Load {
    /// It has.
    #[default]
    Loaded,
    /// There is none.
    NotFound,
    /// Its owner has made sure that it cannot start.
    Masked,
    /// There is one, and it does not read.
    Bad,
}

/// Whether the unit is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Active {
    /// It is.
    Active,
    /// It is, and reads its configuration anew.
    Reloading,
    /// It comes up.
    Activating,
    /// It goes down.
    Deactivating,
    /// It is not.
    #[default]
    Inactive,
    /// It is not, because it failed.
    Failed,
}

/// One unit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unit {
    /// Its own name, whatever alias it was asked under.
    pub name: String,
    /// What it is, in its file's words.
    pub description: HostText,
    /// Whether its file was read.
    pub load: Load,
    /// Whether it is up.
    pub active: Active,
    /// The finer state of its kind: `running`, `exited`, `auto-restart`, `waiting`.
    pub sub: String,
    /// How it ended: `success`, `exit-code`, `signal`, `oom-kill`, `timeout`, `start-limit-hit`.
    pub result: String,
    /// A service's type: `simple`, `notify`, `oneshot`.
    pub kind: String,
    /// Whether its file is enabled: `enabled`, `disabled`, `static`, `enabled-runtime`.
    pub file_state: String,
    /// Whether a timer, a socket or a path starts it when it is wanted.
    pub is_triggered: bool,
    /// Times it came back by itself.
    pub restarts: Option<u64>,
    /// Its processes' cgroup, from the root of the tree: `/system.slice/ssh.service`. Nothing where it has no process.
    pub cgroup: Option<String>,
    /// Its limit of memory, in bytes.
    pub memory_max: Option<u64>,
    /// Beyond this many bytes it is slowed down.
    pub memory_high: Option<u64>,
    /// When it last came up.
    pub up_since: Option<WallTime>,
    /// When it last began to start.
    pub began: Option<WallTime>,
    /// When its main process last ended.
    pub ended: Option<WallTime>,
    /// What its main process then returned.
    pub exit_status: Option<i64>,
    /// The run that is told of: 32 hexadecimal digits.
    pub invocation: String,
    /// What a timer adds.
    pub timer: Timer,
}

/// When a timer starts what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timer {
    /// The unit that it starts; empty for what is no timer.
    pub unit: String,
    /// When it last did.
    pub last: Option<WallTime>,
    next_wall: Option<WallTime>,
    next_mono: Option<MonoTime>,
}

impl Timer {
    /// When it starts it next: by the wall clock, by the time since the machine started, or whichever comes first.
    pub fn next(&self, now: Now) -> Option<WallTime> {
        let by_mono = self.next_mono.map(|at| now.wall.after(at.since(now.mono)));
        match (self.next_wall, by_mono) {
            (Some(wall), Some(mono)) => Some(wall.min(mono)),
            (wall, mono) => wall.or(mono),
        }
    }
}

impl Unit {
    /// A unit of which nothing else is known.
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Whether it has a kind of work that ends by itself, and did so in good order, or was never asked to begin.
    pub fn has_ended_well(&self) -> bool {
        self.active == Active::Inactive
            && self.load == Load::Loaded
            && matches!(&*self.result, "success" | "")
            && (self.kind == "oneshot" || self.is_triggered)
    }

    /// Takes one property. What nobody here minds is passed over, and so is what has an unexpected type.
    pub(crate) fn set(&mut self, property: &str, value: Value<'_>) {
        match property {
            "Id" => set_text(&mut self.name, value),
            "SubState" => set_text(&mut self.sub, value),
            "Result" => set_text(&mut self.result, value),
            "Type" => set_text(&mut self.kind, value),
            "UnitFileState" => set_text(&mut self.file_state, value),
            "Unit" => set_text(&mut self.timer.unit, value),
            "Description" => self.description = text(value).unwrap_or_default().into(),
            "LoadState" => {
                self.load = match text(value).unwrap_or_default() {
                    "loaded" | "merged" | "stub" => Load::Loaded,
                    "not-found" => Load::NotFound,
                    "masked" => Load::Masked,
                    _ => Load::Bad,
                }
            }
            "ActiveState" => {
                self.active = match text(value).unwrap_or_default() {
                    "active" | "maintenance" => Active::Active,
                    "reloading" | "refreshing" => Active::Reloading,
                    "activating" => Active::Activating,
                    "deactivating" => Active::Deactivating,
                    "failed" => Active::Failed,
                    _ => Active::Inactive,
                }
            }
            "TriggeredBy" => {
                self.is_triggered = match value {
                    Value::List { is_empty } => !is_empty,
                    Value::Text(text) => !text.is_empty(),
                    _ => false,
                }
            }
            "NRestarts" => self.restarts = number(value),
            "ControlGroup" => self.cgroup = text(value).filter(|path| path.len() > 1).map(str::to_owned),
            "MemoryMax" => self.memory_max = number(value),
            "MemoryHigh" => self.memory_high = number(value),
            "ActiveEnterTimestamp" => self.up_since = moment(value),
            "InactiveExitTimestamp" => self.began = moment(value),
            "ExecMainExitTimestamp" => self.ended = moment(value),
            "ExecMainStatus" => {
                self.exit_status = match value {
                    Value::Signed(status) => Some(status),
                    Value::Text(text) => text.parse().ok(),
                    _ => None,
                }
            }
            "InvocationID" => match value {
                Value::Bytes(id) => self.invocation = hexadecimal(id),
                value => set_text(&mut self.invocation, value),
            },
            "LastTriggerUSec" => self.timer.last = moment(value),
            "NextElapseUSecRealtime" => self.timer.next_wall = moment(value),
            "NextElapseUSecMonotonic" => {
                let span = number(value).filter(|micros| *micros > 0).map(Duration::from_micros);
                self.timer.next_mono = span.map(MonoTime::from_start);
            }
            _ => {}
        }
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.map(|half| char::from(DIGITS[usize::from(half)])).collect()
}

fn text(value: Value<'_>) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn set_text(place: &mut String, value: Value<'_>) {
    if let Some(text) = text(value) {
        text.clone_into(place);
    }
}

/// systemd writes "none" and "without end" as the largest number.
fn number(value: Value<'_>) -> Option<u64> {
    let number = match value {
        Value::Number(number) => number,
        Value::Text(text) => text.parse().ok()?,
        _ => return None,
    };
    (number != u64::MAX).then_some(number)
}

/// Microseconds since 1970, of which 0 is never; in text `@` and seconds.
fn moment(value: Value<'_>) -> Option<WallTime> {
    let millis = match value {
        Value::Text(text) => text.strip_prefix('@')?.parse::<u64>().ok()?.checked_mul(1000)?,
        value => number(value)? / 1000,
    };
    (millis > 0).then(|| WallTime::from_millis(i64::try_from(millis).unwrap_or(i64::MAX)))
}

/// Reads what `systemctl show --timestamp=unix UNIT …` prints: a block for each unit, an empty line between them. Gives each
/// unit with all the names that it has.
pub(super) fn parse(shown: &str) -> Vec<(Unit, Vec<&str>)> {
    let blocks = shown.split("\n\n").filter(|block| !block.trim().is_empty());
    let unit = |block| {
        let (mut unit, mut names) = (Unit::default(), Vec::new());
        for (property, value) in str::lines(block).filter_map(|line| line.split_once('=')) {
            unit.set(property, Value::Text(value));
            if property == "Names" {
                names.extend(value.split(' '));
            }
        }
        (unit, names)
    };
    blocks.map(unit).filter(|(unit, _)| !unit.name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHOWN: &str = "Type=notify\nNRestarts=3\nResult=success\nMemoryMax=536870912\nMemoryHigh=infinity\nId=ssh.service\n\
        Names=ssh.service sshd.service\nDescription=OpenBSD Secure Shell server = sshd\nLoadState=loaded\nActiveState=active\n\
        SubState=running\nControlGroup=/system.slice/ssh.service\nActiveEnterTimestamp=@1763990000\nUnitFileState=enabled\n\
        InvocationID=0123456789abcdef0123456789abcdef\nTriggeredBy=\nExecMainStatus=0\nExecMainExitTimestamp=\n\
        \n\
        Id=backup.timer\nLoadState=loaded\nActiveState=active\nUnit=backup.service\nLastTriggerUSec=@1763990000\n\
        NextElapseUSecRealtime=@1764010000\nNextElapseUSecMonotonic=infinity\n\
        \n\
        Id=gone.service\nLoadState=not-found\nActiveState=inactive\nControlGroup=\n";

    #[test]
    fn what_systemctl_shows_is_read() {
        let units = parse(SHOWN);
        let [(ssh, names), (timer, _), (gone, _)] = &units[..] else { panic!("{units:?}") };
        assert_eq!(names, &["ssh.service", "sshd.service"]);
        assert_eq!(
            (&*ssh.name, ssh.active, ssh.load, &*ssh.sub),
            ("ssh.service", Active::Active, Load::Loaded, "running")
        );
        assert_eq!(ssh.description.raw(), "OpenBSD Secure Shell server = sshd");
        assert_eq!((ssh.restarts, ssh.memory_max, ssh.memory_high), (Some(3), Some(536_870_912), None));
        assert_eq!(ssh.up_since, Some(WallTime::from_secs(1_763_990_000)));
        assert_eq!(
            (ssh.cgroup.as_deref(), ssh.is_triggered, ssh.ended),
            (Some("/system.slice/ssh.service"), false, None)
        );
        assert_eq!(timer.timer.unit, "backup.service");
        assert_eq!(timer.timer.last, Some(WallTime::from_secs(1_763_990_000)));
        assert_eq!(timer.timer.next(Now::default()), Some(WallTime::from_secs(1_764_010_000)));
        assert_eq!((gone.load, gone.cgroup.as_deref()), (Load::NotFound, None));
    }

    #[test]
    fn values_of_the_bus_are_read_as_those_in_words() {
        let mut unit = Unit::named("a.service");
        for (property, value) in [
            ("ActiveState", Value::Text("failed")),
            ("Result", Value::Text("oom-kill")),
            ("NRestarts", Value::Number(2)),
            ("MemoryMax", Value::Number(u64::MAX)),
            ("ActiveEnterTimestamp", Value::Number(1_763_990_000_500_000)),
            ("InactiveExitTimestamp", Value::Number(0)),
            ("InvocationID", Value::Bytes(&[1, 0xab])),
            ("TriggeredBy", Value::List { is_empty: false }),
            ("ExecMainStatus", Value::Signed(-1)),
            ("Description", Value::Flag(true)),
        ] {
            unit.set(property, value);
        }
        let expected = Unit {
            active: Active::Failed,
            result: "oom-kill".into(),
            restarts: Some(2),
            up_since: Some(WallTime::from_millis(1_763_990_000_500)),
            invocation: "01ab".into(),
            is_triggered: true,
            exit_status: Some(-1),
            ..Unit::named("a.service")
        };
        assert_eq!(unit, expected);
    }

    #[test]
    fn a_timer_next_runs_at_the_earlier_of_two_moments() {
        let now = Now { wall: WallTime::from_secs(1000), ..Now::default() }.after(Duration::from_secs(50));
        let with = |wall: u64, mono: u64| {
            let mut unit = Unit::default();
            unit.set("NextElapseUSecRealtime", Value::Number(wall));
            unit.set("NextElapseUSecMonotonic", Value::Number(mono));
            unit.timer.next(now).map(WallTime::secs)
        };
        for (wall, mono, expected) in [
            (2_000_000_000, u64::MAX, Some(2000)),
            (0, 60_000_000, Some(1060)),
            (1_055_000_000, 60_000_000, Some(1055)),
            (1_065_000_000, 60_000_000, Some(1060)),
            (0, 40_000_000, Some(1050)),
            (0, u64::MAX, None),
        ] {
            assert_eq!(with(wall, mono), expected, "{wall}, {mono}");
        }
    }

    #[test]
    fn only_work_that_ends_by_itself_ends_well() {
        for (kind, triggered, active, result, expected) in [
            ("oneshot", false, Active::Inactive, "success", true),
            ("oneshot", false, Active::Failed, "exit-code", false),
            ("simple", true, Active::Inactive, "success", true),
            ("simple", false, Active::Inactive, "success", false),
            ("notify", true, Active::Failed, "timeout", false),
        ] {
            let unit =
                Unit { kind: kind.into(), is_triggered: triggered, active, result: result.into(), ..Unit::default() };
            assert_eq!(unit.has_ended_well(), expected, "{unit:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_shown_panics(text in "((Id|MemoryMax|ActiveEnterTimestamp|LastTriggerUSec|NextElapseUSecMonotonic|x)=[-@a-z0-9]{0,20}\n{1,2}){0,8}") {
            for (unit, _) in parse(&text) {
                let _ = unit.timer.next(Now::default());
            }
        }
    }
}
