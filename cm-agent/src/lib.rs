//! A small agent for one Linux machine.
//!
//! | room | what it holds |
//! |---|---|
//! | [`serve`] | the three APIs over HTTP, on a port each and on one together |
//! | [`config`] | `agent.toml` |
//! | [`simulate`] | the demo fleet behind real HTTP |

pub mod config;
pub mod serve;
pub mod simulate;
