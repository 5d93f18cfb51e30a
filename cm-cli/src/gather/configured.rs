//! The hosts of the configuration as a source over HTTP; this machine where none is configured.

use std::io::Read;
use std::path::Path;

use cm_core::api::{Client, Endpoint, EndpointError, PlainToken};
use cm_core::config::{self, ApiAt, Config, HostEntry, Loaded, Problems};
use cm_core::fault::Code;
use cm_core::fleet::Member;
use cm_core::report::Api;
use cm_core::source::{self, Rounds};

use super::{Sources, choose, local};
use crate::complaint::Complaint;
use crate::request::{From, Watch};
use crate::surroundings::{CLOCK, Surroundings};

/// The most bytes of a token that are read.
const MOST_TOKEN_BYTES: u64 = 8 * 1024;

/// The configuration that the request means.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub(crate) fn load(watch: &Watch, surroundings: &Surroundings<'_>) -> Result<Loaded, Problems> {
    let wanted = match &watch.from {
        From::Path(path) => Some(path.as_path()),
        _ => None,
    };
    let around = config::Surroundings::new(surroundings.variables, surroundings.user);
    config::load(wanted, &[], &around)
}

/// Whom the configuration watches, in its order.
pub(crate) fn members(config: &Config) -> Vec<Member> {
    config.hosts.iter().map(member).collect()
}

fn member(entry: &HostEntry) -> Member {
    Member {
        host: entry.host.clone(),
        apis: Api::ALL.into_iter().filter(|&api| entry.api(api).is_some()).collect(),
        policy: entry.dashboard.thresholds.iter().copied().collect(),
    }
}

/// The hosts that were asked for, or this machine.
pub(super) fn sources(
    watch: &Watch,
    every: Option<std::time::Duration>,
    surroundings: &Surroundings<'_>,
) -> Result<Sources, Complaint> {
    let loaded = load(watch, surroundings).map_err(Complaint::of_problems)?;
    let config = loaded.config;
    let interval = config.dashboard.general.refresh_interval;
    if config.is_local() {
        return local::sources(&config, watch, every);
    }
    let members = choose::members(members(&config), watch)?;
    let mut endpoints = Vec::new();
    for member in &members {
        let Some(entry) = config.host(&member.host.id) else { continue };
        for &api in &member.apis {
            let Some(at) = entry.api(api) else { continue };
            endpoints.push(endpoint(entry, api, at)?);
        }
    }
    let rounds = every.map_or(Rounds::Once, Rounds::Every);
    let seed = u64::from(std::process::id());
    let source = source::http(endpoints, Client::default(), rounds, CLOCK, seed);
    Ok(Sources { members, source, interval, stands: None, is_this_machine: false })
}

/// Where an API of a host is asked, with its token.
pub(crate) fn endpoint(entry: &HostEntry, api: Api, at: &ApiAt) -> Result<Endpoint, Complaint> {
    let fault = |error: EndpointError| Complaint::new(Code::CONFIG_OUT_OF_RANGE, error.to_string());
    let mut endpoint = Endpoint::new(entry.host.id.clone(), api, &at.url).map_err(fault)?;
    if let Some(link_local) = &at.link_local {
        endpoint = endpoint.at_link_local(link_local.address, &link_local.interface);
    }
    let Some(file) = &at.token_file else { return Ok(endpoint) };
    let plain = if at.allow_plain_token { PlainToken::Allowed } else { PlainToken::Refused };
    endpoint.with_token(token(file)?.into(), plain).map_err(fault)
}

fn token(path: &Path) -> Result<String, Complaint> {
    let fault = |why: &dyn std::fmt::Display| {
        Complaint::new(Code::TOKEN_UNREADABLE, format!("the token file {} cannot be read: {why}", path.display()))
    };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|error| fault(&error))?;
    file.take(MOST_TOKEN_BYTES).read_to_string(&mut text).map_err(|error| fault(&error))?;
    match text.trim() {
        "" => Err(fault(&"it is empty")),
        token => Ok(token.to_owned()),
    }
}
