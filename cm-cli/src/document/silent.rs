//! What should have been told and was not: an empty list of drives must not look like "no drives".

use cm_core::clock::Now;
use cm_core::fleet::{ApiState, Fleet};
use cm_core::host::HostId;
use cm_core::observation::{FailureKind, LinkState};
use cm_core::report::Api;
use cm_core::text::HostText;
use schemars::JsonSchema;
use serde::Serialize;

use crate::request::What;

/// One API of one host that did not tell what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Silent {
    /// Which host.
    #[schemars(with = "String")]
    pub host: HostId,
    /// Which of its APIs: `smart`, `service` or `backup`.
    pub api: &'static str,
    /// How it answers: `waiting`, `stale`, `unreachable`, `unauthorised`, `malformed`, `faulty` or `off`.
    pub link: &'static str,
    /// The code under which the cause is explained.
    pub code: Option<String>,
    /// What happened.
    #[schemars(with = "String")]
    pub text: HostText,
    /// The next step.
    pub next: &'static str,
}

/// The APIs that a command reads.
pub const fn apis(what: What) -> &'static [Api] {
    match what {
        What::Status | What::Metrics => &Api::ALL,
        What::Hosts | What::Services => &[Api::Service],
        What::Drives => &[Api::Smart],
        What::Backups => &[Api::Backup],
    }
}

/// What a command should have been told.
pub fn of(what: What, fleet: &Fleet, now: Now) -> Vec<Silent> {
    let mut silent = Vec::new();
    for host in fleet.hosts() {
        for &api in apis(what).iter().filter(|api| host.member.apis.contains(api)) {
            let link = fleet.link(host, api, now);
            let failing = host.api(api).and_then(ApiState::failing);
            let gone = failing.filter(|_| link != LinkState::Answering);
            if gone.is_none() && link == LinkState::Answering {
                continue;
            }
            if gone.is_some_and(|failing| failing.failure.kind == FailureKind::NotOffered) {
                continue;
            }
            let (code, text, next) = match gone {
                Some(failing) => {
                    let code = failing.failure.code();
                    (Some(code.to_string()), failing.failure.to_string(), code.fault().next)
                }
                None if link == LinkState::Stale => {
                    let code = cm_core::fault::Code::STALE;
                    (Some(code.to_string()), code.fault().title.to_lowercase(), code.fault().next)
                }
                None => (None, "nothing has come yet".to_owned(), "Ask again in a moment."),
            };
            silent.push(Silent {
                host: host.member.host.id.clone(),
                api: api.word(),
                link: link.word(),
                code,
                text: text.into(),
                next,
            });
        }
    }
    silent
}
