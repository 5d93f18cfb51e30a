//! Watch Linux machines from a program of your own.
//!
//! A **source** yields **observations**: what one API of one host said, or why it said nothing, and when. Reports are
//! typed, quantities know their units, and every failure names host, API and cause. This crate re-exports the whole
//! vocabulary of [`cm_model`], so that it is all you need to add.
//!
//! ```
//! use cm_core::api::Endpoint;
//! use cm_core::host::HostId;
//! use cm_core::report::{Api, Report};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Where a host is asked. `Client::default().ask(&endpoint).await` asks it; here its answer is at hand already.
//! let endpoint = Endpoint::new(HostId::new("srv01")?, Api::Smart, "http://srv01.lan:6127/")?;
//! let body = br#"{"status": "ok", "summary": {}, "issues": [], "timestamp": 1766000000,
//!                 "drives": [{"name": "nvme0n1", "temperature_c": 56, "wear_level": 4.0}]}"#;
//! if let Report::Smart(report) = Report::read(endpoint.api(), body)? {
//!     let drive = &report.drives[0];
//!     assert_eq!(drive.temperature_c.map(|warmth| warmth.to_string()).as_deref(), Some("56 °C"));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! `examples/` holds three short programs: `watch_one_host` prints what a host says as it says it, `worst_first` sorts
//! a fleet by trouble, `demo_metrics` walks every metric of an invented fleet.
//!
//! | room | what it holds |
//! |---|---|
//! | [`api`] | one request, one report or one typed failure: limits, tokens, compression, what has not changed |
//! | [`source`] | streams of observations: over HTTP, from two sources of which one stands in, invented, or replayed |
//! | [`fleet`] | all hosts as they are now: what a source yields goes in, health and its reasons come out |
//! | [`forecast`] | what will be: wear of drives and fill-up with a 90 % interval and reasons, and which values are usual |
//! | [`severity`] | how much an alert matters |
//! | [`incident`] | what a rule found, from the first suspicion to the end, and what was decided over it |
//! | [`config`] | hosts.toml and dashboard.toml: checked, with the place of every problem and the origin of every value |
//! | [`gather`] | who is watched, chosen by name or role, and the source that tells of them |
//! | [`engine`] | recording: what sources tell goes into the history, by one program at a time |
//! | [`outbox`] | who is told what, and when: messages, channels, and what each channel knows |
//! | [`outlook`] | what the history says of tomorrow and of what is usual: the store and the forecasts joined |
//! | [`audit`] | who did what and why, in a chain that nobody can rewrite unnoticed |
//! | [`rule`] | what is worth an incident: a small typed language over the metrics, and the built-in rules in it |
//! | [`series`] | what was measured over time: sealed in chunks, rolled up, kept for so long, looked at |
//! | [`snapshot`] | a fleet at one moment as a file, under other names if asked |
//! | [`store`] | the history on disk: one SQLite file, one writer, many readers; all SQL is there |
//!
//! Time and chance are arguments everywhere. Nothing here reads a terminal, parses arguments or looks into `/proc`.

pub use cm_model::{
    catalogue, clock, demo, fault, guard, health, host, metric, nearest, observation, problem, registry, report, text,
    trust, unit, verdict, wording,
};

pub mod api;
pub mod audit;
pub mod config;
pub mod engine;
pub mod fleet;
pub mod forecast;
pub mod gather;
pub mod incident;
pub mod outbox;
pub mod outlook;
pub mod rule;
pub mod series;
pub mod severity;
pub mod snapshot;
pub mod source;
pub mod store;
