//! The settings of `hosts.toml`: each stands once, in the lists below; and the watched host made from what is said of it.

use std::path::{Path, PathBuf};

use cm_model::host::{Expected, Host, HostId, Role};
use cm_model::report::Api;
use cm_model::text::HostText;

use super::address::{Address, ApiSetting, LinkLocal, is_open_to_listeners};
use super::dashboard::Dashboard;
use super::setting::{Effect, Reach, Setting, Takes, Usual};
use super::value::{Value, Values};

const EXPECTED: Takes = Takes::Word(&["always", "often", "sometimes"]);

macro_rules! settings {
    ($before:literal $($key:literal $takes:expr, $usual:expr, $help:literal;)+) => {
        &[$(Setting {
            name: concat!($before, $key),
            takes: $takes,
            usual: $usual,
            help: $help,
            effect: Effect::Now,
            reach: Reach::EachHost,
        }),+]
    };
}

/// Every setting of `[hosts.NAME]`, in the order of the template. Each table of `dashboard.toml` may stand there too.
pub static HOST_SETTINGS: &[Setting] = settings! {
    "hosts.NAME."
    "name" Takes::Text(64), Usual::Words("NAME", "\"The server in the cellar\""), "Text to show beside NAME.";
    "address" Takes::Address, Usual::Words("NAME", "\"192.168.1.10\""),
        "A name or an IP address; https:// before it for TLS.";
    "smart_api" Takes::Api, Usual::Port(6127), "Where drives are told: a port, a whole URL, or false for a host that does not.";
    "service_api" Takes::Api, Usual::Port(6128), "Where services and the machine are told, likewise.";
    "backup_api" Takes::Api, Usual::Port(6129), "Where backups are told, likewise.";
    "role" Takes::Role, Usual::Words("none", "\"server\""), "What the host is for; hosts are grouped by it.";
    "expected" EXPECTED, Usual::Words("what its role says, else \"always\"", "\"sometimes\""),
        "Whether its absence is a fault (always), worth a note (often), or nothing (sometimes).";
    "token_file" Takes::Path, Usual::Words("no token", "\"srv01.token\""),
        "File with the bearer token for its APIs, readable by you alone; beside this file unless a whole path is given.";
    "smart_token_file" Takes::Path, Usual::Words("token_file", "\"srv01-smart.token\""), "The same for this API alone.";
    "service_token_file" Takes::Path, Usual::Words("token_file", "\"srv01-service.token\""), "The same for this API alone.";
    "backup_token_file" Takes::Path, Usual::Words("token_file", "\"srv01-backup.token\""), "The same for this API alone.";
    "allow_plain_token" Takes::Switch, Usual::Switch(false),
        "Whether the token may go over plain HTTP, where everybody on the way can read it.";
};

/// Every setting of `[roles.NAME]`: what holds for all hosts of a role.
pub static ROLE_SETTINGS: &[Setting] = settings! {
    "roles.NAME."
    "expected" EXPECTED, Usual::Word("always"), "Whether hosts of this role may be off, unless a host says otherwise.";
};

/// The setting that says where an API answers.
pub(crate) const fn api_key(api: Api) -> &'static str {
    match api {
        Api::Smart => "hosts.NAME.smart_api",
        Api::Service => "hosts.NAME.service_api",
        Api::Backup => "hosts.NAME.backup_api",
    }
}

pub(crate) const fn token_key(api: Api) -> &'static str {
    match api {
        Api::Smart => "hosts.NAME.smart_token_file",
        Api::Service => "hosts.NAME.service_token_file",
        Api::Backup => "hosts.NAME.backup_token_file",
    }
}

pub(crate) const TOKEN: &str = "hosts.NAME.token_file";

/// Where and how one API of a host is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiAt {
    /// An absolute http or https URL without user name, password or fragment.
    pub url: String,
    /// To what to connect instead of resolving the URL's host, which then is the host's name and resolves to nothing.
    pub link_local: Option<LinkLocal>,
    /// The file with the bearer token; absolute where the configuration's own path is.
    pub token_file: Option<PathBuf>,
    /// Whether the owner lets the token go over plain HTTP. It is checked that a token never would otherwise.
    pub allow_plain_token: bool,
}

/// One watched host and everything that is configured for it.
#[derive(Debug, Clone, PartialEq)]
pub struct HostEntry {
    /// Its name, role, and whether it may be off.
    pub host: Host,
    /// Text to show beside its name.
    pub display: Option<HostText>,
    /// Its address as it was understood.
    pub address: Address,
    /// The dashboard's settings for this host: the general ones with its own over them, thresholds included.
    pub dashboard: Dashboard,
    apis: [Option<ApiAt>; 3],
}

impl HostEntry {
    /// A host at an address, with the usual ports and every default: for programs that keep no file.
    pub fn new(host: Host, address: Address) -> Self {
        let base = Base { folder: Path::new(""), home: None };
        let apis = Api::ALL.map(|api| api_at(&host.id, &address, &Values::default(), api, base));
        Self { host, display: None, address, dashboard: Dashboard::default(), apis }
    }

    /// The same host with an API elsewhere, or without it.
    #[must_use]
    pub fn with_api(mut self, api: Api, at: Option<ApiAt>) -> Self {
        self.apis[api as usize] = at;
        self
    }

    /// Where an API is asked; `None` where the host does not have it.
    pub fn api(&self, api: Api) -> Option<&ApiAt> {
        self.apis[api as usize].as_ref()
    }
}

/// What relative names of files are relative to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Base<'p> {
    /// The folder of the file that names them.
    pub(crate) folder: &'p Path,
    /// What `~/` means.
    pub(crate) home: Option<&'p Path>,
}

impl Base<'_> {
    pub(crate) fn resolve(self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => self.folder.join(path),
        }
    }
}

/// The address: as it is set, or the host's name. `None` where the name is no address.
pub(crate) fn address(id: &HostId, own: &Values) -> Option<Address> {
    match own.get("hosts.NAME.address").map(|set| &set.value) {
        Some(Value::Address(address)) => Some(address.clone()),
        _ => id.as_str().parse().ok(),
    }
}

/// What is said of where an API answers.
pub(crate) fn api_setting(own: &Values, api: Api) -> ApiSetting {
    match own.get(api_key(api)).map(|set| &set.value) {
        Some(Value::Api(setting)) => setting.clone(),
        _ => ApiSetting::usual(api),
    }
}

/// Where an API is asked; `None` where the host does not have it.
pub(crate) fn api_at(id: &HostId, address: &Address, own: &Values, api: Api, base: Base<'_>) -> Option<ApiAt> {
    let (url, link_local) = address.at(id.as_str(), &api_setting(own, api))?;
    let token = own.get(token_key(api)).or_else(|| own.get(TOKEN));
    let token_file = token.and_then(|set| match &set.value {
        Value::Path(path) => Some(base.resolve(path)),
        _ => None,
    });
    let allow_plain_token = own.get("hosts.NAME.allow_plain_token").is_some_and(|set| set.value == Value::Switch(true));
    Some(ApiAt { url: url.into(), link_local, token_file, allow_plain_token })
}

/// Whether a token for this API could be read on the way although the owner has not allowed it.
pub(crate) fn exposes_its_token(at: &ApiAt) -> bool {
    let open = url::Url::parse(&at.url).is_ok_and(|url| is_open_to_listeners(&url, at.link_local.is_some()));
    at.token_file.is_some() && !at.allow_plain_token && open
}

/// How a word of `expected` reads.
pub(crate) fn expected(value: &Value) -> Expected {
    match value {
        Value::Word("often") => Expected::Often,
        Value::Word("sometimes") => Expected::Sometimes,
        _ => Expected::Always,
    }
}

/// The host made from its settings and what its role says.
pub(crate) fn entry(
    id: &HostId,
    own: &Values,
    by_role: Option<Expected>,
    dashboard: Dashboard,
    base: Base<'_>,
) -> Option<HostEntry> {
    let address = address(id, own)?;
    let apis = Api::ALL.map(|api| api_at(id, &address, own, api, base));
    let role: Option<Role> = own.get("hosts.NAME.role").and_then(|set| match &set.value {
        Value::Role(role) => Some(role.clone()),
        _ => None,
    });
    let display = own.get("hosts.NAME.name").and_then(|set| match &set.value {
        Value::Text(text) => Some(HostText::new(text.as_str())),
        _ => None,
    });
    let own_word = own.get("hosts.NAME.expected").map(|set| expected(&set.value));
    let host = Host { id: id.clone(), role, expected: own_word.or(by_role).unwrap_or_default() };
    Some(HostEntry { host, display, address, dashboard, apis })
}
