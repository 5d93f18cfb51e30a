//! The snapshot's text: one JSON document, a line per host and per observation.
//!
//! A report stands in it exactly as a host would send it and is read by the same rules. A field or a word that a newer
//! version has added is passed over; an API that this version does not know is left out. Texts from the file are
//! cleaned here, since whoever sent it may not be a friend.

mod failure;

use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use cm_model::clock::{BootTime, MonoTime, Now, WallTime};
use cm_model::host::{Expected, Host, HostId, Role};
use cm_model::observation::{Observation, Way};
use cm_model::report::{Api, Report};

use self::failure::FailureLine;
use super::{NotASnapshot, SCHEMA, Snapshot};

/// The most hosts of one snapshot.
const MOST_HOSTS: usize = 10_000;
/// The most observations of one snapshot.
const MOST_OBSERVATIONS: usize = 100_000;

#[derive(Deserialize)]
struct Head {
    schema: String,
}

#[derive(Deserialize)]
struct Document {
    made_at: WallTime,
    #[serde(default)]
    program: String,
    hosts: Vec<HostLine>,
    observations: Vec<ObservationLine>,
}

#[derive(Serialize, Deserialize)]
struct HostLine {
    id: HostId,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(default)]
    expected: Expected,
}

#[derive(Serialize, Deserialize)]
struct ObservationLine {
    host: HostId,
    api: String,
    way: String,
    /// By the wall clock of the machine that made the snapshot.
    received_at: WallTime,
    /// By its boot clock, which does not jump: how old it was when the snapshot was made.
    age_ms: u64,
    took_us: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureLine>,
}

pub(super) fn write(snapshot: &Snapshot) -> String {
    let hosts = snapshot
        .hosts
        .iter()
        .map(|host| line(&HostLine { id: host.id.clone(), role: host.role.clone(), expected: host.expected }));
    let observations =
        snapshot.observations.iter().map(|observation| line(&ObservationLine::of(observation, snapshot.made_at)));
    let mut text = String::new();
    write!(
        text,
        "{{\n\"schema\": {},\n\"made_at\": {},\n\"program\": {},\n\"hosts\": [\n{}\n],\n\"observations\": [\n{}\n]\n}}\n",
        line(&SCHEMA),
        line(&snapshot.made_at.wall),
        line(&snapshot.program),
        hosts.collect::<Vec<_>>().join(",\n"),
        observations.collect::<Vec<_>>().join(",\n"),
    )
    .expect("a String takes everything");
    text
}

fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("string keys and finite numbers")
}

pub(super) fn read(text: &str) -> Result<Snapshot, NotASnapshot> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head: Head = serde_json::from_str(text).map_err(|fault| NotASnapshot { why: fault.to_string() })?;
    if head.schema != SCHEMA {
        let why = format!("its schema is {:?}, and this program reads {SCHEMA:?}", shown(&head.schema));
        return Err(NotASnapshot { why });
    }
    let document: Document = serde_json::from_str(text).map_err(|fault| NotASnapshot { why: fault.to_string() })?;
    if document.hosts.len() > MOST_HOSTS || document.observations.len() > MOST_OBSERVATIONS {
        let why = format!("more than {MOST_HOSTS} hosts or {MOST_OBSERVATIONS} observations");
        return Err(NotASnapshot { why });
    }
    let made_at = Snapshot::moment(document.made_at);
    let observations = document.observations.into_iter().filter_map(|line| line.into_observation(made_at).transpose());
    let observations = observations.collect::<Result<_, _>>()?;
    let hosts = document.hosts.into_iter().map(|host| Host { id: host.id, role: host.role, expected: host.expected });
    Ok(Snapshot { made_at, program: shown(&document.program), hosts: hosts.collect(), observations })
}

impl ObservationLine {
    fn of(observation: &Observation, made_at: Now) -> Self {
        let (report, failure) = match &observation.outcome {
            Ok(report) => (Some(raw(report)), None),
            Err(failure) => (None, Some(FailureLine::of(failure))),
        };
        Self {
            host: observation.host.clone(),
            api: observation.api.word().to_owned(),
            way: observation.way.word().to_owned(),
            received_at: observation.at.wall,
            age_ms: whole(made_at.boot.since(observation.at.boot).as_millis()),
            took_us: whole(observation.took.as_micros()),
            report,
            failure,
        }
    }

    /// `None` for an API that this version does not know.
    fn into_observation(self, made_at: Now) -> Result<Option<Observation>, NotASnapshot> {
        let Some(api) = Api::ALL.into_iter().find(|api| api.word() == self.api) else { return Ok(None) };
        let of_whom = format!("the {api} observation of {}", self.host);
        let outcome = match (self.report, self.failure) {
            (Some(report), None) => Ok(Report::read(api, report.get().as_bytes())
                .map_err(|fault| NotASnapshot { why: format!("{of_whom}: {fault}") })?),
            (None, Some(failure)) => Err(failure.into_failure()),
            _ => return Err(NotASnapshot { why: format!("{of_whom} holds neither one report nor one failure") }),
        };
        // The clocks of `Snapshot::moment`: counted from the epoch.
        let since_start = made_at.wall.since(WallTime::default()).saturating_sub(Duration::from_millis(self.age_ms));
        let at = Now {
            wall: self.received_at,
            boot: BootTime::from_start(since_start),
            mono: MonoTime::from_start(since_start),
        };
        let way = [Way::Http, Way::Local, Way::Demo].into_iter().find(|way| way.word() == self.way);
        let way = way.unwrap_or(Way::Replay);
        Ok(Some(Observation { host: self.host, api, way, at, took: Duration::from_micros(self.took_us), outcome }))
    }
}

fn raw(report: &Report) -> Box<RawValue> {
    let text = String::from_utf8(report.write()).expect("JSON is UTF-8");
    RawValue::from_string(text).expect("a report is written as JSON")
}

fn whole(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// Text from the file as it may be printed: what moves a cursor, turns the direction or hides is replaced.
fn shown(text: &str) -> String {
    let is_unfit = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{061c}')
    };
    text.chars().take(1000).map(|c| if is_unfit(c) { '\u{fffd}' } else { c }).collect()
}
