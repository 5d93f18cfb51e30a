//! Sorts a fleet by trouble and says why: `cargo run -p cm-core --example worst_first`.
//!
//! The fleet is made up; with `source::http` instead of `source::demo` the rest stays as it is.
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::time::Duration;

use cm_core::clock::{Clock, SystemClock};
use cm_core::demo::Demo;
use cm_core::fleet::{Fleet, Freshness, Member};
use cm_core::source::{self, Rounds};
use cm_core::text::terminal;
use cm_core::wording::{self, Glyphs};
use futures_util::StreamExt;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let made_up = Demo::new(1, SystemClock.now().wall);
    let members = made_up.hosts().iter().cloned().map(Member::new);
    let mut fleet = Fleet::new(members, Freshness::for_interval(Duration::from_secs(5)));

    let mut observations = source::demo(made_up, Rounds::Once, SystemClock);
    while let Some(observation) = observations.next().await {
        fleet.apply(observation);
    }

    let now = SystemClock.now();
    let mut judged: Vec<_> =
        fleet.hosts().iter().map(|host| (&host.member.host.id, fleet.verdict(host, now))).collect();
    judged.sort_by(|(a, left), (b, right)| {
        wording::by_trouble(left.health, a.as_str()).cmp(&wording::by_trouble(right.health, b.as_str()))
    });
    for (name, verdict) in judged {
        println!("{} {name:<12} {}", wording::mark(verdict.health, Glyphs::Unicode), verdict.health);
        for reason in &verdict.reasons {
            println!("    {} -> {}", terminal::line(&reason.text), reason.next);
        }
    }
}
