//! One temperature on its way from a file below `/sys` to a cell of a table: every room that it passes, and none twice.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cm_agent::serve::{Door, Limits, Options, Server, Snapshots, Tokens};
use cm_agent::{Agent, CollectOptions, Machine};
use cm_cli::document::{Document, Value};
use cm_cli::request::What;
use cm_core::api::{Client, Endpoint};
use cm_core::catalogue;
use cm_core::clock::{Clock as _, SystemClock};
use cm_core::engine::{self as recorder, Heard, Judging, Recorder};
use cm_core::fleet::{Fleet, Freshness, Member};
use cm_core::health::Health;
use cm_core::host::{Host, HostId};
use cm_core::incident::Surroundings;
use cm_core::observation::LinkState;
use cm_core::outbox::{Answer, Channel, ChannelName, Outcome, Plan};
use cm_core::registry::Registry;
use cm_core::report::{Api, Report};
use cm_core::rule::{RuleFile, RuleSet};
use cm_core::series::retention::Policy;
use cm_core::source::{self, Rounds};
use cm_core::store::{Holder, Opening};
use futures_util::StreamExt as _;
use tokio::sync::watch;

const DRIVE: &str = "sdd";

#[tokio::test(flavor = "current_thread")]
async fn a_temperature_goes_from_its_file_to_a_cell_without_turning_back() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/machines/server");
    let file = root.join("sys/block").join(DRIVE).join("device/hwmon/hwmon5/temp1_input");
    let thousandths: f64 = std::fs::read_to_string(file).unwrap().trim().parse().unwrap();
    let celsius = thousandths / 1000.0;
    let clock = SystemClock;

    // Collect: a file becomes a quantity in a report.
    let mut agent = Agent::new(Machine::in_a_box(&root).unwrap(), &CollectOptions::default());
    let smart = agent.look(clock.now()).smart.unwrap();
    let drive = smart.drives.iter().find(|drive| drive.name.raw() == DRIVE).unwrap();
    assert_eq!(drive.temperature_c.unwrap().get().to_bits(), celsius.to_bits());

    // Carry: the report becomes JSON behind a socket, and an observation of it.
    let snapshots = Arc::new(Snapshots::offering(&[Api::Smart]));
    snapshots.set(Api::Smart, Report::Smart(smart).write());
    let options = Options {
        listen: vec![Ipv4Addr::LOCALHOST.into()],
        doors: vec![(0, Door::Single(Api::Smart))],
        names: Vec::new(),
        tokens: Tokens::default(),
        limits: Limits::default(),
    };
    let server = Server::bind(options, snapshots).await.unwrap();
    let (address, _) = server.addresses()[0];
    let (_stop, stopped) = watch::channel(false);
    tokio::spawn(server.run(stopped));
    let id = HostId::new("server").unwrap();
    let endpoint = Endpoint::new(id.clone(), Api::Smart, &format!("http://{address}/")).unwrap();
    let mut observations = source::http(vec![endpoint], Client::default(), Rounds::Once, clock, 1);
    let observation = observations.next().await.unwrap();
    assert!(observations.next().await.is_none(), "asked once, answered once");

    // Know: the observation is folded into the fleet.
    let member = Member { apis: vec![Api::Smart], ..Member::new(Host::new(id)) };
    let mut fleet = Fleet::new([member.clone()], Freshness::for_interval(Duration::from_secs(5)));
    assert!(fleet.apply(observation.clone()));
    let now = clock.now();
    let host = &fleet.hosts()[0];
    assert_eq!(fleet.host_link(host, now), LinkState::Answering);

    // The catalogue yields the sample, in the metric's unit.
    let metric = catalogue::by_name("drive.temperature").unwrap().metric;
    let samples = fleet.samples(host, now);
    let sample =
        samples.iter().find(|sample| sample.metric == metric.id && sample.subject.name.raw() == DRIVE).unwrap();
    assert_eq!(sample.value.to_bits(), celsius.to_bits());

    // Judge: it has passed the limit that the drive itself tells.
    let verdict = fleet.verdict(host, now);
    let reason = verdict.reasons.iter().find(|reason| reason.code == metric.name).unwrap();
    assert_eq!(reason.health, Health::Warning);
    assert_eq!(reason.text.raw(), format!("{DRIVE} temperature {} (limit 60 °C)", metric.unit.print(celsius)));

    // Show: a cell in the column that the catalogue names, printed as a person reads it.
    let sheet = Document::new(What::Drives, &fleet, now).sheet;
    let (name, temperature) = (sheet.place("drive").unwrap(), sheet.place(&metric.column()).unwrap());
    let rows: Vec<_> = sheet.rows.iter().filter(|row| row.cells[name] == Value::Text(DRIVE.into())).collect();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].cells[temperature], Value::reading(Some(celsius), metric.unit));

    // Remember, judge by a rule, tell: it goes into the history, becomes an incident, and a message that is handed out.
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::start(recording(&folder.path().join("history.db"), member), clock).unwrap();
    recorder.observe(observation);
    let message = async {
        loop {
            if let Heard::Message(sending) = recorder.heard().await.unwrap() {
                return sending;
            }
        }
    };
    let sending = tokio::time::timeout(Duration::from_secs(30), message).await.unwrap();
    assert!(sending.permit.is_some() && sending.may_go(clock.now()), "it is stored, and may be sent");
    let part = sending.delivery.message.parts.iter().find(|part| part.name.raw() == DRIVE).unwrap();
    assert_eq!((part.rule.as_str(), part.measure.unwrap().value.to_bits()), ("warm", celsius.to_bits()));
    assert_eq!(part.text.raw(), format!("{DRIVE} is at {}", metric.unit.print(celsius)));
    recorder.answered(sending.delivery.number, Answer::Delivered);
    recorder.stop();
    let reader = Opening::at(folder.path().join("history.db")).read().unwrap();
    let told = reader.outbox().unwrap().saved.messages;
    assert_eq!(told[0].ended.map(|(outcome, _)| outcome), Some(Outcome::Delivered));
    assert!(reader.incident(part.incident).unwrap().is_some());
}

/// One rule, one channel.
fn recording(path: &Path, member: Member) -> recorder::Options {
    let registry = Registry::default();
    let text = "rule warm\n  when drive.temperature > 60 C\n  text \"{drive} is at {drive.temperature}\"\n";
    let own = RuleFile { path: "own.rules".into(), text: text.to_owned() };
    let (rules, problems) = RuleSet::of(&[own], &registry);
    assert!(problems.is_empty(), "{problems}");
    let channels = vec![Channel::new(ChannelName::new("phone").expect("a name"))];
    let judging = Judging {
        rules,
        registry,
        around: Surroundings::default(),
        plan: Plan { channels, ..Plan::default() },
        from: "desk".into(),
        start: "this start".to_owned(),
        tells: true,
        seed: 1,
        ahead_s: 0,
    };
    recorder::Options {
        path: path.to_owned(),
        holder: Holder { name: "test".to_owned(), boot: "this start".to_owned() },
        watcher: HostId::new("desk").expect("a name"),
        members: vec![member],
        freshness: Freshness::for_interval(Duration::from_secs(5)),
        policy: Policy::default(),
        judging: Some(judging),
    }
}
