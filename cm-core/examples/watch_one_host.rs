//! Prints what one host says, as it says it: `cargo run -p cm-core --example watch_one_host -- http://srv01.lan`.
//!
//! Its three ports are asked every five seconds until Ctrl-C. Text from the host leaves through the terminal's exit.
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::time::Duration;

use cm_core::api::{Client, Endpoint};
use cm_core::clock::SystemClock;
use cm_core::host::HostId;
use cm_core::report::{Api, Report};
use cm_core::source::{self, Rounds};
use cm_core::text::terminal;
use futures_util::StreamExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "http://localhost".to_owned());
    let host = HostId::new("watched")?;
    let endpoint = |api: Api| Endpoint::new(host.clone(), api, &format!("{address}:{}/", api.default_port()));
    let endpoints = Api::ALL.into_iter().map(endpoint).collect::<Result<Vec<_>, _>>()?;

    let rounds = Rounds::Every(Duration::from_secs(5));
    let mut observations = source::http(endpoints, Client::default(), rounds, SystemClock, 1);
    while let Some(observation) = observations.next().await {
        match observation.outcome {
            Ok(Report::Smart(report)) => {
                for drive in &report.drives {
                    let warmth = drive.temperature_c.map_or("no temperature".to_owned(), |warmth| warmth.to_string());
                    println!("drive {}: {warmth}", terminal::line(&drive.name));
                }
            }
            Ok(Report::Service(report)) => {
                println!("load {}, {} services run", report.summary.cpu_load_1, report.summary.healthy);
            }
            Ok(Report::Backup(report)) => println!("backup: {}", report.overall_status),
            Err(failure) => println!("{}: {failure} ({})", observation.api, failure.code().fault().next),
        }
    }
    Ok(())
}
