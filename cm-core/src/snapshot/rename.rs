//! The same fleet under other names, so that it can be shown to strangers.
//!
//! | renamed or taken out | kept, because without it nothing could be diagnosed |
//! |---|---|
//! | host names, also inside other texts; addresses of every kind | roles, and whether a host may be off |
//! | serial numbers and world-wide names | models, firmware, device names, labels |
//! | repositories; devices of remote filesystems | mount points, but for the user's name in `/home/NAME` |
//! | hardware addresses, also in interface names (`enx...`) | names and descriptions of services |
//! | journal lines of failed services (taken out) | what tools said last, with the names in it replaced |
//!
//! It goes by what the texts are called and not by the types, so that a field added later is not forgotten: every text
//! that is not a status word is looked through. What a tool says may still hold what nobody foresaw: read it before you
//! publish it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use reqwest::Url;
use serde_json::Value;

use cm_model::host::{Host, HostId};
use cm_model::observation::{Failure, FailureKind, Observation};
use cm_model::report::Report;
use cm_model::text::HostText;

use super::Snapshot;

/// Fields whose words come from a list of ours.
const STATUS_WORDS: &[&str] =
    &["status", "overall_status", "state", "result", "power_state", "self_test", "boot_reason", "kind"];

impl Snapshot {
    /// The same snapshot with hosts called `host01`, `host02` ... in the order in which they are shown.
    ///
    /// What is replaced stands at the head of this file's documentation: names, addresses, serial numbers; models,
    /// mount points and services stay.
    #[must_use]
    pub fn renamed(&self) -> Self {
        let mut names = Names::default();
        for host in &self.hosts {
            names.host(&host.id);
        }
        for observation in &self.observations {
            names.learn(observation);
        }
        let hosts = self.hosts.iter().map(|host| Host { id: names.host(&host.id), ..host.clone() }).collect();
        let observations = self.observations.iter().map(|observation| names.renamed(observation)).collect();
        Self { made_at: self.made_at, program: self.program.clone(), hosts, observations }
    }
}

/// What is known under another name from now on, lower-case.
#[derive(Debug, Default)]
struct Names {
    given: BTreeMap<String, String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Names {
    /// The other name of a word, made when it is first met.
    fn of(&mut self, what: &'static str, word: &str) -> String {
        let word = word.to_lowercase();
        if let Some(given) = self.given.get(&word) {
            return given.clone();
        }
        let count = self.counts.entry(what).or_insert(0);
        *count += 1;
        let name = format!("{what}{count:02}");
        self.given.insert(word, name.clone());
        name
    }

    fn host(&mut self, id: &HostId) -> HostId {
        HostId::new(&self.of("host", id.as_str())).expect("letters and digits")
    }

    /// Names first: a serial number in the message of one host may belong to a drive of the next.
    fn learn(&mut self, observation: &Observation) {
        let host = self.host(&observation.host);
        match &observation.outcome {
            Ok(report) => self.learn_fields(&json(report)),
            Err(failure) => {
                let asked = Url::parse(&failure.address).ok();
                if let Some(address) = asked.as_ref().and_then(Url::host_str) {
                    let address = address.trim_matches(['[', ']']).to_lowercase();
                    self.given.entry(address).or_insert_with(|| host.to_string());
                }
            }
        }
    }

    fn learn_fields(&mut self, value: &Value) {
        match value {
            Value::Array(list) => list.iter().for_each(|entry| self.learn_fields(entry)),
            Value::Object(fields) => {
                let is_remote = fields.get("remote") == Some(&Value::Bool(true));
                for (key, field) in fields {
                    match (key.as_str(), field) {
                        (_, Value::String(text)) if text.is_empty() => {}
                        ("serial", Value::String(text)) => _ = self.of("serial", text),
                        ("wwn", Value::String(text)) => _ = self.of("wwn", text),
                        ("repository", Value::String(text)) => self.learn_place("repository", text),
                        ("device", Value::String(text)) if is_remote => self.learn_place("remote", text),
                        _ => self.learn_fields(field),
                    }
                }
            }
            _ => {}
        }
    }

    /// A place on another machine, and that machine: `ssh://user@nas.lan/./path`, `user@nas.lan:path`, `nas.lan:/export`.
    fn learn_place(&mut self, what: &'static str, place: &str) {
        self.of(what, place);
        let machine = match Url::parse(place).ok().and_then(|url| url.host_str().map(str::to_owned)) {
            Some(machine) => machine,
            None => match place.split_once(':') {
                Some((machine, _)) => machine.rsplit('@').next().unwrap_or_default().to_owned(),
                None => return,
            },
        };
        let is_name = machine.len() > 2 && machine.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        if is_name {
            self.of("address", &machine);
        }
    }

    fn renamed(&mut self, observation: &Observation) -> Observation {
        let host = self.host(&observation.host);
        let outcome = match &observation.outcome {
            Ok(report) => {
                let mut fields = json(report);
                self.rename_fields(&mut fields);
                let text = serde_json::to_vec(&fields).expect("string keys and finite numbers");
                Ok(Report::read(report.api(), &text).expect("only texts were replaced"))
            }
            Err(failure) => Err(self.renamed_failure(failure, &host)),
        };
        Observation { host, outcome, ..observation.clone() }
    }

    fn rename_fields(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.clean(text),
            Value::Array(list) => list.iter_mut().for_each(|entry| self.rename_fields(entry)),
            Value::Object(fields) => {
                fields.remove("log");
                for (key, field) in fields {
                    if !STATUS_WORDS.contains(&key.as_str()) || field.is_object() || field.is_array() {
                        self.rename_fields(field);
                    }
                }
            }
            _ => {}
        }
    }

    fn renamed_failure(&mut self, failure: &Failure, host: &HostId) -> Failure {
        use cm_model::report::read::Malformed;
        let address = match Url::parse(&failure.address) {
            Ok(url) => match url.port() {
                Some(port) => format!("{}://{host}:{port}/", url.scheme()),
                None => format!("{}://{host}/", url.scheme()),
            },
            Err(_) => self.clean(&failure.address),
        };
        let mut kind = failure.kind.clone();
        match &mut kind {
            // Where the file lies names the user, and it may lie anywhere.
            FailureKind::TokenUnusable { why, .. } => "the token cannot be used".clone_into(why),
            FailureKind::BrokenOff { why }
            | FailureKind::Tls { why }
            | FailureKind::Unpackable { why }
            | FailureKind::Malformed(Malformed::NotJson { why, .. } | Malformed::WrongShape { why, .. }) => {
                *why = self.clean(why);
            }
            FailureKind::Unreadable { why } => *why = HostText::new(self.clean(why.raw())),
            _ => {}
        }
        Failure { address, kind }
    }

    /// A text with every known name and every address in it replaced.
    fn clean(&mut self, text: &str) -> String {
        if let Some(name) = self.given.get(&text.to_lowercase()) {
            return name.clone();
        }
        let mut clean = text.to_owned();
        // The longest first, since a name may hold another one. Words of one or two letters stand in every sentence and
        // are replaced only where they are the whole text.
        let mut known: Vec<_> = self.given.iter().filter(|(word, _)| word.chars().count() > 2).collect();
        known.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        for (word, name) in known {
            clean = replace_word(&clean, word, name);
        }
        let clean = self.without_addresses(&clean);
        without_users(&clean)
    }

    fn without_addresses(&mut self, text: &str) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':');
        let mut clean = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(length);
            clean.push_str(&self.other_address(word).unwrap_or_else(|| word.to_owned()));
            let gap = after.find(is_part).unwrap_or(after.len());
            clean.push_str(&after[..gap]);
            rest = &after[gap..];
        }
        clean
    }

    /// The other name of a network or hardware address, if the word is one.
    fn other_address(&mut self, word: &str) -> Option<String> {
        let bare = word.trim_end_matches(['.', ':']);
        let tail = &word[bare.len()..];
        let hex = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if let Some(digits) = bare.strip_prefix("enx").filter(|digits| hex(digits)) {
            return Some(format!("{}{tail}", self.of("enx", digits)));
        }
        if bare.matches(':').count() == 5 && hex(&bare.replace(':', "")) {
            return Some(format!("{}{tail}", self.of("mac", bare)));
        }
        let (address, port) = match bare.rsplit_once(':') {
            Some((address, port)) if !address.contains(':') => (address, Some(port)),
            _ => (bare, None),
        };
        let ip: IpAddr = address.parse().ok()?;
        if ip.is_loopback() || ip.is_unspecified() {
            return None;
        }
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}{port}{tail}", self.of("address", &ip.to_string())))
    }
}

fn json(report: &Report) -> Value {
    serde_json::from_slice(&report.write()).expect("a report is written as JSON")
}

/// Replaces a word where it stands alone: no letter or digit touches it. Letter case does not matter.
fn replace_word(text: &str, word: &str, name: &str) -> String {
    let lower = text.to_lowercase();
    // Lower case may be longer or shorter than the text; then places don't match, and the text is searched as it is.
    let haystack = if lower.len() == text.len() { lower.as_str() } else { text };
    let mut clean = String::with_capacity(text.len());
    let mut done = 0;
    for (start, found) in haystack.match_indices(word) {
        let end = start + found.len();
        if start < done || !text.is_char_boundary(start) || !text.is_char_boundary(end) {
            continue;
        }
        let touches = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if touches(text[..start].chars().next_back()) || touches(text[end..].chars().next()) {
            continue;
        }
        clean.push_str(&text[done..start]);
        clean.push_str(name);
        done = end;
    }
    clean.push_str(&text[done..]);
    clean
}

/// Home folders bear people's names.
fn without_users(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("/home/") {
        let name = start + "/home/".len();
        clean.push_str(&rest[..name]);
        let end = rest[name..].find(|c: char| c == '/' || c.is_whitespace()).map_or(rest.len(), |at| name + at);
        if end > name {
            clean.push_str("user");
        }
        rest = &rest[end..];
    }
    clean.push_str(rest);
    clean
}
