//! `[serve]`: where the agent listens, what each port answers, and which tokens it asks for.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use cm_model::report::Api;

use super::Collectors;
use super::section::Section;
use crate::serve::Door;

/// Where and how to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serve {
    /// The addresses to listen on.
    pub listen: Vec<IpAddr>,
    /// Each port that is opened, with what it answers.
    pub doors: Vec<(u16, Door)>,
    /// Names under which the agent may be asked, beside `localhost`, its addresses and the machine's own name.
    pub host_names: Vec<String>,
    /// The file that holds the token of an API.
    pub token_files: Vec<(Api, PathBuf)>,
}

impl Default for Serve {
    fn default() -> Self {
        let single = Api::ALL.map(|api| (api.default_port(), Door::Single(api)));
        Self {
            listen: vec![Ipv4Addr::LOCALHOST.into()],
            doors: single.into_iter().chain([(Door::COMBINED_PORT, Door::Combined)]).collect(),
            host_names: Vec::new(),
            token_files: Vec::new(),
        }
    }
}

impl Serve {
    /// Whether anybody but this machine can ask.
    pub(super) fn listens_beyond_loopback(&self) -> bool {
        self.listen.iter().any(|address| !address.is_loopback())
    }

    /// Reads the section; `agent_port` is the port that `metrics_agent` names, and its place.
    pub(super) fn read(
        mut section: Section<'_, '_>,
        agent_port: Option<&(u64, std::ops::Range<usize>)>,
        collectors: &Collectors,
        path: &Path,
    ) -> Self {
        let default = Self::default();
        let listen = Self::read_listen(&mut section).unwrap_or(default.listen);
        let combined = section.number("combined_port", 0..=65535);
        if let (Some((agent, _)), Some((combined, span))) = (agent_port, &combined)
            && agent != combined
        {
            let message = format!("`combined_port` is {combined} here and `port` of [metrics_agent] is {agent}");
            section.contradiction_at(span.clone(), &message);
        }
        let mut doors = Vec::new();
        let mut taken: HashMap<u64, &str> = HashMap::new();
        for (name, door, default_port) in [
            ("smart_port", Door::Single(Api::Smart), Api::Smart.default_port()),
            ("service_port", Door::Single(Api::Service), Api::Service.default_port()),
            ("backup_port", Door::Single(Api::Backup), Api::Backup.default_port()),
            ("combined_port", Door::Combined, Door::COMBINED_PORT),
        ] {
            let given = match door {
                Door::Single(_) => section.number(name, 0..=65535),
                Door::Combined => combined.clone().or_else(|| agent_port.cloned()),
            };
            let (port, span) = given.map_or((u64::from(default_port), None), |(port, span)| (port, Some(span)));
            if port == 0 {
                continue;
            }
            if let Some(other) = taken.insert(port, name) {
                let message = format!("`{other}` and `{name}` are both {port}");
                section.contradiction_at(span.unwrap_or_else(|| section.span(other)), &message);
            }
            doors.push((u16::try_from(port).expect("the range was checked"), door));
        }
        if let Some(api) =
            collectors.apis().into_iter().find(|api| !doors.iter().any(|(_, door)| door.apis().contains(api)))
        {
            section.contradiction(None, &format!("{api}_metrics is collected, and no port serves it"));
        }
        let host_names = section.texts("host_names");
        let token_files = Self::read_token_files(section.section("tokens"), path);
        section.finish();
        Self { listen, doors, host_names, token_files }
    }

    fn read_listen(section: &mut Section<'_, '_>) -> Option<Vec<IpAddr>> {
        let listen =
            section.each("listen", "an IP address, such as \"192.168.1.7\"", |text| text.parse::<IpAddr>().ok())?;
        if listen.is_empty() {
            section.contradiction(Some("listen"), "no address is left to listen on");
        }
        let any = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
        if listen.len() > 1 && listen.iter().any(|address| any.contains(address)) {
            let message = "`0.0.0.0` and `::` stand for every address and so stand alone (`::` takes IPv4 as well)";
            section.contradiction(Some("listen"), message);
        }
        Some(listen)
    }

    fn read_token_files(mut section: Section<'_, '_>, path: &Path) -> Vec<(Api, PathBuf)> {
        let beside = path.parent().unwrap_or(Path::new(""));
        let file = |api: Api| {
            let file =
                section.parsed(api.word(), "the path of a file", |text| (!text.is_empty()).then(|| beside.join(text)));
            file.map(|file| (api, file))
        };
        let files = Api::ALL.into_iter().filter_map(file).collect();
        section.finish();
        files
    }
}
