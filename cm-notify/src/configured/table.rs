//! The table of each kind of channel: which keys it has, and what they become.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_core::config::{Problem, secret};
use cm_core::fault::Code;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Table;

use super::wrong;
use crate::channel::bell;
use crate::channel::mail::{Login, MailSettings, Security};
use crate::channel::telegram;
use crate::channel::webhook::{Method, USUAL_FORM};
use crate::program::Allowance;
use crate::settings::{Place, Run, Settings};
use crate::template::Form;
use crate::wire::InTheClear;

type Read = Result<Settings, Box<Problem>>;

/// Every kind, by its word.
pub(super) const KINDS: [(&str, fn(Table, u32) -> Read); 12] = [
    ("mail", mail),
    ("ntfy", ntfy),
    ("slack", |table, user| hook(table, user).map(Settings::Slack)),
    ("discord", |table, user| hook(table, user).map(Settings::Discord)),
    ("telegram", telegram),
    ("gotify", gotify),
    ("matrix", matrix),
    ("webhook", webhook),
    ("desktop", desktop),
    ("bell", bell),
    ("sound", |table, _| run(table).map(Settings::Sound)),
    ("command", |table, _| run(table).map(Settings::Command)),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailTable {
    server: String,
    port: Option<u16>,
    security: Option<String>,
    #[serde(default)]
    plain: bool,
    user: Option<String>,
    password_file: Option<PathBuf>,
    from: String,
    to: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NtfyTable {
    #[serde(default = "ntfy_server")]
    server: String,
    topic: Option<String>,
    topic_file: Option<PathBuf>,
    token_file: Option<PathBuf>,
    #[serde(default)]
    plain: bool,
}

fn ntfy_server() -> String {
    "https://ntfy.sh/".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HookTable {
    url: Option<String>,
    url_file: Option<PathBuf>,
    #[serde(default)]
    plain: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TelegramTable {
    #[serde(default = "telegram_server")]
    server: String,
    token_file: PathBuf,
    chat: String,
    #[serde(default)]
    plain: bool,
}

fn telegram_server() -> String {
    telegram::SERVER.to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GotifyTable {
    server: String,
    token_file: PathBuf,
    #[serde(default)]
    plain: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MatrixTable {
    server: String,
    token_file: PathBuf,
    room: String,
    #[serde(default)]
    plain: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookTable {
    url: Option<String>,
    url_file: Option<PathBuf>,
    #[serde(default)]
    plain: bool,
    method: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    token_file: Option<PathBuf>,
    template: Option<String>,
    form: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DesktopTable {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BellTable {
    #[serde(default = "own_terminal")]
    terminal: PathBuf,
}

fn own_terminal() -> PathBuf {
    bell::OWN.into()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunTable {
    program: PathBuf,
    #[serde(default)]
    arguments: Vec<String>,
    time: Option<u64>,
    memory_mb: Option<u64>,
}

fn typed<T: DeserializeOwned>(table: Table) -> Result<T, Box<Problem>> {
    table.try_into().map_err(|fault: toml::de::Error| {
        let message = fault.message().replace('\n', " ");
        let code = if message.contains("unknown field") { Code::CONFIG_UNKNOWN_KEY } else { Code::CONFIG_WRONG_TYPE };
        wrong(code, &message)
    })
}

const fn clear(plain: bool) -> InTheClear {
    if plain { InTheClear::Allowed } else { InTheClear::Refused }
}

/// A secret that may stand in the configuration itself, which then has to be closed to others, or better in a file.
fn either(
    key: &str,
    text: Option<String>,
    file: Option<&Path>,
    user: u32,
) -> Result<SecretString, Box<Problem>> {
    match (text, file) {
        (Some(text), None) => Ok(text.into()),
        (None, Some(file)) => secret(file, user),
        (None, None) => Err(wrong(Code::CONFIG_OUT_OF_RANGE, &format!("`{key}` or `{key}_file` is missing"))),
        (Some(_), Some(_)) => Err(wrong(Code::CONFIG_CONTRADICTION, &format!("both `{key}` and `{key}_file` are given"))),
    }
}

/// One of some words.
fn one<T: Copy>(key: &str, word: Option<&str>, words: &[(&str, T)], usual: T) -> Result<T, Box<Problem>> {
    let Some(word) = word else { return Ok(usual) };
    let known = words.iter().find(|(known, _)| *known == word);
    known.map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<_> = words.iter().map(|(known, _)| *known).collect();
        wrong(Code::CONFIG_OUT_OF_RANGE, &format!("`{key}` takes {}", known.join(", ")))
    })
}

fn mail(table: Table, user: u32) -> Read {
    let table: MailTable = typed(table)?;
    let security = one("security", table.security.as_deref(), &Security::WORDS, Security::StartTls)?;
    let login = match (table.user, table.password_file) {
        (Some(user_name), Some(file)) => Some(Login { user: user_name, password: secret(&file, user)? }),
        (None, None) => None,
        _ => return Err(wrong(Code::CONFIG_CONTRADICTION, "`user` and `password_file` belong together")),
    };
    Ok(Settings::Mail(MailSettings {
        server: table.server,
        port: table.port.unwrap_or(security.port()),
        security,
        clear: clear(table.plain),
        login,
        from: table.from,
        to: table.to,
    }))
}

fn ntfy(table: Table, user: u32) -> Read {
    let table: NtfyTable = typed(table)?;
    Ok(Settings::Ntfy {
        server: Place { url: table.server.into(), clear: clear(table.plain) },
        topic: either("topic", table.topic, table.topic_file.as_deref(), user)?,
        token: table.token_file.map(|file| secret(&file, user)).transpose()?,
    })
}

fn hook(table: Table, user: u32) -> Result<Place, Box<Problem>> {
    let table: HookTable = typed(table)?;
    Ok(Place { url: either("url", table.url, table.url_file.as_deref(), user)?, clear: clear(table.plain) })
}

fn telegram(table: Table, user: u32) -> Read {
    let table: TelegramTable = typed(table)?;
    Ok(Settings::Telegram {
        server: Place { url: table.server.into(), clear: clear(table.plain) },
        token: secret(&table.token_file, user)?,
        chat: table.chat,
    })
}

fn gotify(table: Table, user: u32) -> Read {
    let table: GotifyTable = typed(table)?;
    Ok(Settings::Gotify {
        server: Place { url: table.server.into(), clear: clear(table.plain) },
        token: secret(&table.token_file, user)?,
    })
}

fn matrix(table: Table, user: u32) -> Read {
    let table: MatrixTable = typed(table)?;
    Ok(Settings::Matrix {
        server: Place { url: table.server.into(), clear: clear(table.plain) },
        token: secret(&table.token_file, user)?,
        room: table.room,
    })
}

fn webhook(table: Table, user: u32) -> Read {
    let table: WebhookTable = typed(table)?;
    let mut headers: Vec<(String, SecretString)> =
        table.headers.into_iter().map(|(name, value)| (name, value.into())).collect();
    if let Some(file) = table.token_file {
        headers.push(("Authorization".to_owned(), bearer(&secret(&file, user)?)));
    }
    let methods = [("post", Method::Post), ("put", Method::Put)];
    let form = one("form", table.form.as_deref(), &Form::WORDS, USUAL_FORM)?;
    Ok(Settings::Webhook {
        place: Place { url: either("url", table.url, table.url_file.as_deref(), user)?, clear: clear(table.plain) },
        method: one("method", table.method.as_deref(), &methods, Method::Post)?,
        headers,
        template: table.template.map(|text| (text, form)),
    })
}

fn bearer(token: &SecretString) -> SecretString {
    use secrecy::ExposeSecret as _;
    format!("Bearer {}", token.expose_secret()).into()
}

fn desktop(table: Table, _: u32) -> Read {
    typed::<DesktopTable>(table).map(|DesktopTable {}| Settings::Desktop)
}

fn bell(table: Table, _: u32) -> Read {
    typed::<BellTable>(table).map(|table| Settings::Bell { terminal: table.terminal })
}

fn run(table: Table) -> Result<Run, Box<Problem>> {
    let table: RunTable = typed(table)?;
    let usual = Allowance::default();
    let time = table.time.map_or(usual.time, Duration::from_secs);
    let memory = table.memory_mb.map_or(usual.memory, |mb| mb.saturating_mul(1 << 20));
    if !(1..=600).contains(&time.as_secs()) {
        return Err(wrong(Code::CONFIG_OUT_OF_RANGE, "`time` takes 1 to 600 seconds"));
    }
    if !((16 << 20)..=(64 << 30)).contains(&memory) {
        return Err(wrong(Code::CONFIG_OUT_OF_RANGE, "`memory_mb` takes 16 to 65536"));
    }
    Ok(Run { program: table.program, arguments: table.arguments, allowance: Allowance { time, memory } })
}
