//! The hosts of the configuration over HTTP; this machine where none is configured.

use std::path::Path;

use cm_core::api::Client;
use cm_core::clock::SystemClock;
use cm_core::config;
use cm_core::source::{self, Rounds};

use super::{GatherError, Gathered, SourceKind, local};
use crate::surroundings::Surroundings;

/// The hosts that the configuration names, of which only `hosts` are asked where any are given.
pub(super) fn open(path: Option<&Path>, hosts: &[String], around: Surroundings<'_>) -> Result<Gathered, GatherError> {
    let surroundings = config::Surroundings::new(around.variables, around.user);
    let loaded = config::load(path, &[], &surroundings).map_err(GatherError::Configuration)?;
    let (config, settings) = (loaded.config, loaded.origins);
    if config.is_local() {
        return Ok(local::open(config, settings));
    }
    let is_wanted = |name: &str| hosts.is_empty() || hosts.iter().any(|wanted| wanted == name);
    let chosen = config.hosts.iter().filter(|entry| is_wanted(entry.host.id.as_str()));
    let endpoints: Result<Vec<_>, _> = chosen.map(|entry| entry.endpoints(around.user)).collect();
    let endpoints = endpoints.map_err(GatherError::Endpoint)?.concat();
    let members = config.members();
    let client = Client::default();
    let seed = u64::from(std::process::id());
    let begin = Box::new(move |interval| {
        source::http(endpoints.clone(), client.clone(), Rounds::Every(interval), SystemClock, seed)
    });
    Ok(Gathered { members, config, settings, kind: SourceKind::Configured, stands: None, begin })
}
