//! What two settings say together: one address for two hosts, a token in the open, no way left to ask.

use std::collections::HashMap;

use cm_model::fault::Code;
use cm_model::report::Api;

use super::Config;
use super::dashboard::{Dashboard, SourceKind};
use super::file::File;
use super::hosts::{self, ApiAt, Base};
use super::notify::kind::Kind;
use super::reader::{Said, SaidHost};
use super::value::{At, Values};
use cm_model::nearest::nearest;
use cm_model::problem::{Problem, Problems};

/// The checks, over what the files say.
pub(crate) struct Check<'c> {
    pub(crate) files: &'c [File],
    pub(crate) problems: &'c mut Problems,
}

/// What says from where readings come.
const SOURCE_SETTINGS: [&str; 3] =
    ["legacy_support.http_apis_enabled", "legacy_support.fallback_to_http", "data_source.type"];

impl Check<'_> {
    fn push(&mut self, at: Option<&At>, problem: Problem) {
        self.problems.push(match at {
            Some(at) => self.files[at.file].put(at.span.clone(), problem),
            None => problem,
        });
    }

    fn contradiction(&mut self, at: Option<&At>, message: &str, next: &str) {
        self.push(at, Problem::error(Code::CONFIG_CONTRADICTION, message, Some(next.to_owned())));
    }

    /// Whether some way is left to read hosts, by what holds for all of them or, with `host`, for one.
    pub(crate) fn sources(&mut self, host: Option<&str>, values: &Values, dashboard: &Dashboard) {
        let at = SOURCE_SETTINGS.iter().find_map(|name| values.get(name)?.at.clone());
        let whom = host.map_or_else(|| "any host".to_owned(), |host| format!("`{host}`"));
        let (kind, over_http) = (dashboard.data_source.kind, dashboard.legacy_support.http_apis_enabled);
        match kind {
            SourceKind::HttpPolling if !over_http => {
                let message =
                    format!("http_apis_enabled = false and type = \"http_polling\" leave no way to read {whom}");
                self.contradiction(at.as_ref(), &message, "Set one of them otherwise: http_apis_enabled = true.");
            }
            SourceKind::ZmqGossip if !(over_http && dashboard.legacy_support.fallback_to_http) => {
                let message = format!("this version has no mesh yet, and without HTTP no way is left to read {whom}");
                let next = "Set fallback_to_http = true and http_apis_enabled = true, or type = \"http_polling\".";
                self.contradiction(at.as_ref(), &message, next);
            }
            SourceKind::ZmqGossip => {
                let message = "this version has no mesh yet: hosts are asked over HTTP";
                self.push(at.as_ref(), Problem::note(message, "Nothing to do; fallback_to_http sees to it."));
            }
            SourceKind::HttpPolling => {}
        }
    }

    /// What `[alerts]` switches on, and no channel does.
    pub(crate) fn channels(&mut self, values: &Values, config: &Config) {
        let has_mail = config.notify.contacts.iter().any(|contact| matches!(contact.kind, Kind::Mail(_)));
        let at = values.get("alerts.email_enabled").and_then(|set| set.at.clone());
        if config.dashboard.alerts.email_enabled && !has_mail {
            let message = "email_enabled sends nothing: no channel says to whom";
            let next = "Write [[notify.channel]] with kind = \"mail\"; docs/CONFIGURATION.md shows one.";
            self.push(at.as_ref(), Problem::note(message, next));
        }
    }

    /// Whether a host overrides from where it is read.
    pub(crate) fn overrides_source(host: &SaidHost) -> bool {
        SOURCE_SETTINGS.iter().any(|name| host.dashboard.get(name).is_some())
    }

    /// Addresses and tokens of all hosts, and roles.
    pub(crate) fn hosts<'b>(&mut self, said: &Said, base: impl Fn(&At) -> Base<'b>) {
        let mut seen: HashMap<(String, Option<String>), (&SaidHost, Api)> = HashMap::new();
        for host in said.hosts.iter().filter(|host| host.sound) {
            let Some(address) = hosts::address(&host.id, &host.own) else {
                let message = format!("`{}` has no address, and its name cannot be one", host.id);
                let next = "Write address = \"...\" below it: a name or an IP address.".to_owned();
                self.push(Some(&host.at), Problem::error(Code::CONFIG_OUT_OF_RANGE, &message, Some(next)));
                continue;
            };
            let asked: Vec<(Api, ApiAt)> = Api::ALL
                .into_iter()
                .filter_map(|api| Some((api, hosts::api_at(&host.id, &address, &host.own, api, base(&host.at))?)))
                .collect();
            if asked.is_empty() {
                let message = format!("`{}` has none of the three APIs: there is nothing to ask", host.id);
                self.contradiction(Some(&host.at), &message, "Leave out one of the lines that say false, or the host.");
            }
            self.tokens(host, &asked);
            let mut clashed: Vec<&str> = Vec::new();
            for (api, at) in &asked {
                let zone = at.link_local.as_ref().map(|local| format!("{}%{}", local.address, local.interface));
                // The name in the URL of a link-local address is the host's own: the address is what counts.
                let url = if zone.is_some() { at.url.replacen(host.id.as_str(), "", 1) } else { at.url.clone() };
                match seen.get(&(url.clone(), zone.clone())) {
                    Some((other, other_api)) if other.id == host.id => self.same_api_twice(host, *api, *other_api, at),
                    Some((other, _)) if !clashed.contains(&other.id.as_str()) => {
                        clashed.push(other.id.as_str());
                        let message =
                            format!("`{}` is asked at the same address as `{}`: {}", host.id, other.id, at.url);
                        let place = host.own.get("hosts.NAME.address").and_then(|set| set.at.as_ref());
                        self.contradiction(
                            Some(place.unwrap_or(&host.at)),
                            &message,
                            "Correct the address or port of one of them.",
                        );
                    }
                    Some(_) => {}
                    None => {
                        seen.insert((url, zone), (host, *api));
                    }
                }
            }
        }
        self.roles(said);
    }

    fn same_api_twice(&mut self, host: &SaidHost, api: Api, other: Api, at: &ApiAt) {
        let place = [api, other].into_iter().find_map(|api| host.own.get(hosts::api_key(api))?.at.as_ref());
        let message = format!("{api}_api and {other}_api of `{}` are the same: {}", host.id, at.url);
        let usual: Vec<String> = Api::ALL.iter().map(|api| format!("{api} {}", api.default_port())).collect();
        let next = format!(
            "Give each its own port (usual: {}), or write false for what the host does not have.",
            usual.join(", ")
        );
        self.contradiction(Some(place.unwrap_or(&host.at)), &message, &next);
    }

    fn tokens(&mut self, host: &SaidHost, asked: &[(Api, ApiAt)]) {
        let place = |api: Api| host.own.get(hosts::token_key(api)).or_else(|| host.own.get(hosts::TOKEN))?.at.as_ref();
        if let Some((api, at)) = asked.iter().find(|(_, at)| hosts::exposes_its_token(at)) {
            let message =
                format!("the token of `{}` would go to {} in the open, where others can read it", host.id, at.url);
            let next = "Ask over https://; or write allow_plain_token = true if you trust all of that network.";
            self.contradiction(place(*api), &message, next);
        }
        for api in Api::ALL.into_iter().filter(|api| asked.iter().all(|(there, _)| there != api)) {
            if let Some(set) = host.own.get(hosts::token_key(api)) {
                let message = format!("`{}` does not have the {api} API, so this token is never used", host.id);
                self.push(set.at.as_ref(), Problem::note(&message, "Delete the line."));
            }
        }
    }

    fn roles(&mut self, said: &Said) {
        let used: Vec<String> = said
            .hosts
            .iter()
            .filter_map(|host| host.own.get("hosts.NAME.role"))
            .map(|set| set.value.to_string().trim_matches('"').to_owned())
            .collect();
        for role in said.roles.iter().filter(|role| !used.iter().any(|used| used == role.name.as_str())) {
            let next = match nearest(role.name.as_str(), used.iter().map(String::as_str)) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => "Write role = \"...\" at the hosts that are meant, or delete it.".to_owned(),
            };
            let message = format!("no host has the role `{}`", role.name);
            self.push(Some(&role.at), Problem::note(&message, &next));
        }
    }
}
