//! The vocabulary of CM Dashboard: everything that its programs say to each other and to people, and nothing that does
//! anything. No I/O (but for the clock), no threads, no features.
//!
//! | room | what it holds |
//! |---|---|
//! | [`clock`] | the three clocks, and the only place that may ask for the time |
//! | [`mod@unit`] | quantities as types that print themselves |
//! | [`host`] | names, roles, and whether a host may be off |
//! | [`health`] | well, note, warning, critical, unknown; and the reasons |
//! | [`report`] | the bodies of the three host APIs, and how they are read |
//! | [`observation`] | what any source yields: a report, or a typed failure |
//! | [`metric`], [`catalogue`] | every metric once: name, unit, limits, how to read it from a report |
//! | [`registry`] | the catalogue and what is declared at run time |
//! | [`verdict`] | limits over a report: health with reasons in words |
//! | [`text`] | text from hosts, and its exits |
//! | [`wording`] | marks, ages, order by trouble: the same words on every screen |
//! | [`fault`] | stable codes, each with its next step |
//! | [`problem`], [`mod@nearest`] | what is wrong with a configuration, where, and which name was meant |
//! | [`trust`] | who could have written a file |
//! | [`guard`] | may this HTTP request come in |
//! | [`demo`] | a believable fleet of five, made from a seed |

pub mod catalogue;
pub mod clock;
pub mod demo;
pub mod fault;
pub mod guard;
pub mod health;
pub mod host;
pub mod metric;
pub mod nearest;
pub mod observation;
pub mod problem;
pub mod registry;
pub mod report;
pub mod text;
pub mod trust;
pub mod unit;
pub mod verdict;
pub mod wording;
