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
use cm_core::fleet::{Fleet, Freshness, Member};
use cm_core::health::Health;
use cm_core::host::{Host, HostId};
use cm_core::observation::LinkState;
use cm_core::report::{Api, Report};
use cm_core::source::{self, Rounds};
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
    let mut fleet = Fleet::new([member], Freshness::for_interval(Duration::from_secs(5)));
    assert!(fleet.apply(observation));
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
}
