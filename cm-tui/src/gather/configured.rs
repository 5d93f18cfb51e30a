//! The hosts of the configuration over HTTP; this machine where none is configured.

use std::io::Read;
use std::path::Path;

use cm_core::api::{Client, Endpoint, PlainToken};
use cm_core::config::{self, ApiAt, HostEntry};
use cm_core::fleet::Member;
use cm_core::report::Api;
use cm_core::source::{self, Rounds};

use super::{GatherError, Gathered, SourceKind, local};
use crate::surroundings::Surroundings;
use cm_core::clock::SystemClock;

/// The most bytes of a token that are read.
const MOST_TOKEN_BYTES: u64 = 8 * 1024;

/// The hosts that the configuration names, of which only `hosts` are asked where any are given.
pub(super) fn open(path: Option<&Path>, hosts: &[String], around: Surroundings<'_>) -> Result<Gathered, GatherError> {
    let surroundings = config::Surroundings::new(around.variables, around.user);
    let loaded = config::load(path, &[], &surroundings).map_err(GatherError::Configuration)?;
    let (config, settings) = (loaded.config, loaded.origins);
    if config.is_local() {
        return Ok(local::open(config, settings));
    }
    let members: Vec<Member> = config.hosts.iter().map(member).collect();
    let mut endpoints = Vec::new();
    for entry in &config.hosts {
        if !hosts.is_empty() && !hosts.iter().any(|name| name == entry.host.id.as_str()) {
            continue;
        }
        for api in Api::ALL {
            let Some(at) = entry.api(api) else { continue };
            endpoints.push(endpoint(entry, api, at)?);
        }
    }
    let client = Client::default();
    let seed = u64::from(std::process::id());
    let begin = Box::new(move |interval| {
        source::http(endpoints.clone(), client.clone(), Rounds::Every(interval), SystemClock, seed)
    });
    Ok(Gathered { members, config, settings, kind: SourceKind::Configured, stands: None, begin })
}

fn member(entry: &HostEntry) -> Member {
    Member {
        host: entry.host.clone(),
        apis: Api::ALL.into_iter().filter(|&api| entry.api(api).is_some()).collect(),
        policy: entry.dashboard.thresholds.iter().copied().collect(),
    }
}

/// Where an API of a host is asked, with its token.
fn endpoint(entry: &HostEntry, api: Api, at: &ApiAt) -> Result<Endpoint, GatherError> {
    let mut endpoint = Endpoint::new(entry.host.id.clone(), api, &at.url).map_err(GatherError::Endpoint)?;
    if let Some(link_local) = &at.link_local {
        endpoint = endpoint.at_link_local(link_local.address, &link_local.interface);
    }
    let Some(file) = &at.token_file else { return Ok(endpoint) };
    let plain = if at.allow_plain_token { PlainToken::Allowed } else { PlainToken::Refused };
    endpoint.with_token(token(file)?.into(), plain).map_err(GatherError::Endpoint)
}

fn token(path: &Path) -> Result<String, GatherError> {
    let fault = |why: String| GatherError::Token { path: path.display().to_string(), why };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|error| fault(error.to_string()))?;
    file.take(MOST_TOKEN_BYTES).read_to_string(&mut text).map_err(|error| fault(error.to_string()))?;
    match text.trim() {
        "" => Err(fault("it is empty".to_owned())),
        token => Ok(token.to_owned()),
    }
}
