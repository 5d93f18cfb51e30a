//! Walks every metric of a made-up fleet: `cargo run -p cm-core --example demo_metrics`.
//!
//! Names, units and help come from the catalogue: nothing here lists a metric by hand.

use std::io::Write;

use cm_core::catalogue;
use cm_core::clock::{Clock, SystemClock};
use cm_core::demo::Demo;
use cm_core::source::{self, Rounds};
use cm_core::text::terminal;
use futures_util::StreamExt;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let made_up = Demo::new(1, SystemClock.now().wall);
    let mut observations = source::demo(made_up, Rounds::Once, SystemClock);
    let mut out = std::io::stdout();
    while let Some(observation) = observations.next().await {
        let Ok(report) = observation.outcome else { continue };
        for sample in catalogue::samples(&report) {
            let Some(entry) = catalogue::by_id(sample.metric) else { continue };
            let subject = terminal::line(&sample.subject.name);
            let (host, name) = (&observation.host, entry.metric.name);
            if writeln!(out, "{host:<10} {name:<28} {subject:<20} {}", sample.value).is_err() {
                return; // a reader that has seen enough, like `head`
            }
        }
    }
}
