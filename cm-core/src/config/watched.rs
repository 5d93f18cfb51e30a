//! Whom a configuration watches: each host as a member of the fleet, and as the endpoints at which it is asked.
//!
//! A token that cannot be used keeps its own host from being asked and no other. It asks nobody and resolves no name.

use cm_model::fault::Code;
use cm_model::host::{Host, HostId};
use cm_model::report::Api;

use super::hosts::{ApiAt, HostEntry};
use super::{Config, token};
use crate::api::{Endpoint, EndpointError, PlainToken};
use crate::fleet::Member;

impl Config {
    /// Every configured host, in the order of the file.
    pub fn members(&self) -> Vec<Member> {
        self.hosts.iter().map(HostEntry::member).collect()
    }

    /// This machine, under a name: judged by what is said for all hosts.
    pub fn this_machine(&self, name: HostId) -> Member {
        let policy = self.dashboard.thresholds.iter().copied().collect();
        Member { policy, ..Member::new(Host::new(name)) }
    }
}

impl HostEntry {
    /// The host with the APIs that it has, judged by the limits that are set for it.
    pub fn member(&self) -> Member {
        Member {
            host: self.host.clone(),
            apis: Api::ALL.into_iter().filter(|&api| self.api(api).is_some()).collect(),
            policy: self.dashboard.thresholds.iter().copied().collect(),
        }
    }

    /// Where each of its APIs is asked, with its token read out of its file for `user`.
    ///
    /// A token that cannot be used is no error: that endpoint fails at each ask, and says why. Costs one read of each
    /// token's file.
    ///
    /// # Errors
    /// An address that is none, which no configuration that was loaded holds.
    pub fn endpoints(&self, user: u32) -> Result<Vec<Endpoint>, EndpointError> {
        let apis = Api::ALL.into_iter().filter_map(|api| Some((api, self.api(api)?)));
        apis.map(|(api, at)| self.endpoint(api, at, user)).collect()
    }

    fn endpoint(&self, api: Api, at: &ApiAt, user: u32) -> Result<Endpoint, EndpointError> {
        let mut endpoint = Endpoint::new(self.host.id.clone(), api, &at.url)?;
        if let Some(link_local) = &at.link_local {
            endpoint = endpoint.at_link_local(link_local.address, &link_local.interface);
        }
        let Some(file) = &at.token_file else { return Ok(endpoint) };
        match token::read(file, user, token::Holds::Token) {
            Ok(token) => {
                let plain = if at.allow_plain_token { PlainToken::Allowed } else { PlainToken::Refused };
                endpoint.with_token(token, plain)
            }
            Err(problem) => {
                let code = problem.code.unwrap_or(Code::TOKEN_UNREADABLE);
                // A chmod is for this file alone; what the code says for all is said with the code.
                let mend = problem.next.strip_prefix("Run: ").map(|run| format!("; run: {run}")).unwrap_or_default();
                Ok(endpoint.without_usable_token(code, problem.message + &mend))
            }
        }
    }
}
