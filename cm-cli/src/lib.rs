//! The command line of CM Dashboard: what was asked for becomes a [`Request`](request::Request), a fleet is gathered, a
//! document made of it and printed. How hosts are asked and how they are judged is known below, in `cm-core`.
//!
//! | room | what it holds |
//! |---|---|
//! | [`args`] | the arguments, their help, completions and manual pages |
//! | [`request`] | what was asked for, in plain types |
//! | [`surroundings`] | environment, clock, terminal and outputs, passed in |
//! | [`run`] | from a request to an exit code |
//! | [`gather`] | sources, read into a fleet |
//! | [`document`] | what each command says: columns and rows, as data |
//! | [`format`](mod@format) | documents as tables, JSON, CSV, Prometheus text, one line |
//! | [`paint`] | colour by meaning, and text cut to the width |
//! | [`complaint`], [`exit`] | what went wrong, and the exit code for it |
//! | [`history`] | the commands that read what was recorded: how it went, trends, forecasts, export, care of the file |
//! | [`audit`] | who did what and why, and whether anybody rewrote it |
//! | [`rules`] | which rules are in force, what is wrong with files of them, whether a condition holds |
//! | [`config`], [`doctor`], [`explain`], [`export`], [`schema`] | the commands that are no table |

pub mod args;
pub mod audit;
pub mod complaint;
pub mod config;
pub mod doctor;
pub mod document;
pub mod exit;
pub mod explain;
pub mod export;
pub mod format;
pub mod gather;
pub mod history;
mod log;
pub mod paint;
pub mod request;
pub mod rules;
pub mod run;
pub mod schema;
pub mod surroundings;
