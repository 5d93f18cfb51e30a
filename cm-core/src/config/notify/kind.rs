//! Every kind of channel: its word, what it is, its settings, and its typed form. One list, from which reading and
//! documentation derive.

use std::path::{Path, PathBuf};

use super::field::{Field, Form, Given};
use super::secret::Secret;
use super::table::Table;

/// A kind of channel, as the configuration knows it.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Its word.
    pub word: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// Its settings, beside those that every channel has.
    pub fields: &'static [Field],
    make: fn(&mut Table) -> Kind,
}

/// Where a channel leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A notification of the desktop.
    Desktop,
    /// E-mail.
    Mail(Mail),
    /// A topic of an ntfy server.
    Ntfy {
        /// The server.
        server: String,
        /// The topic. Whoever knows it can read and write it.
        topic: Secret,
        /// Its access token.
        token: Option<Secret>,
    },
    /// A channel of Slack, by its webhook.
    Slack {
        /// The webhook.
        url: Secret,
    },
    /// A channel of Discord, by its webhook.
    Discord {
        /// The webhook.
        url: Secret,
    },
    /// A chat of Telegram.
    Telegram {
        /// The bot's token.
        token: Secret,
        /// The chat.
        chat: String,
        /// The server of its interface.
        server: String,
    },
    /// An application of a Gotify server.
    Gotify {
        /// The server.
        server: String,
        /// The application's token.
        token: Secret,
    },
    /// A room of Matrix.
    Matrix {
        /// The home server.
        server: String,
        /// The room.
        room: String,
        /// The access token.
        token: Secret,
    },
    /// Any address that takes a POST.
    Webhook {
        /// The address.
        url: Link,
        /// A bearer token.
        token: Option<Secret>,
        /// A file with the body, in which places are filled; the message as JSON without.
        template: Option<PathBuf>,
    },
    /// The terminal's bell.
    Bell,
    /// A sound.
    Sound {
        /// The file.
        file: PathBuf,
    },
    /// A program that gets the message as JSON on its standard input.
    Command {
        /// The program and its arguments; no shell reads them.
        command: Vec<String>,
    },
}

/// A URL, or a secret that holds one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// As it stands in the configuration.
    Url(String),
    /// Where it is.
    Secret(Secret),
}

/// How mail is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The server.
    pub server: String,
    /// Its port; the usual one of `security` without.
    pub port: Option<u16>,
    /// How the line is secured.
    pub security: Security,
    /// Who logs in.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: Vec<String>,
}

/// How a line to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    /// It begins in the open and is secured before anything is said (port 587).
    #[default]
    StartTls,
    /// It is secured from the first byte (port 465).
    Tls,
    /// It is not: for a server on this machine (port 25).
    None,
}

const SECURITIES: &[&str] = &["starttls", "tls", "none"];
const SERVER: Form = Form::Url;

/// Every kind, in the order of the documentation.
pub static KINDS: &[About] = &[
    About {
        word: "desktop",
        about: "A notification of the desktop of this session.",
        fields: &[],
        make: |_| Kind::Desktop,
    },
    About {
        word: "mail",
        about: "E-mail, one thread an incident.",
        fields: &[
            Field::needed("server", Form::Text(253), "The server that takes mail: `smtp.example.org`."),
            Field::new("port", Form::Whole { low: 1, high: 65_535 }, "587, 465 or 25 by `security`", "Its port."),
            Field::new(
                "security",
                Form::Word(SECURITIES),
                "\"starttls\"",
                "How the line is secured; `none` for a server on this machine alone.",
            ),
            Field::new("user", Form::Text(320), "no login", "Who logs in."),
            Field::new("password", Form::Secret, "no login", "The password."),
            Field::needed("from", Form::Text(320), "From whom mails come: `monitor@example.org`."),
            Field::needed("to", Form::Texts, "To whom they go."),
        ],
        make: mail,
    },
    About {
        word: "ntfy",
        about: "A topic of an ntfy server: a phone.",
        fields: &[
            Field::needed("server", SERVER, "The server: `https://ntfy.example.org`."),
            Field::needed(
                "topic",
                Form::Secret,
                "The topic. Who knows it can read along, so it is kept like a password.",
            ),
            Field::new("token", Form::Secret, "none", "The server's access token."),
        ],
        make: |table| Kind::Ntfy {
            server: text(table, "server"),
            topic: secret(table, "topic"),
            token: maybe(table, "token"),
        },
    },
    About {
        word: "slack",
        about: "A channel of Slack.",
        fields: &[Field::needed("url", Form::Secret, "The incoming webhook's address.")],
        make: |table| Kind::Slack { url: secret(table, "url") },
    },
    About {
        word: "discord",
        about: "A channel of Discord.",
        fields: &[Field::needed("url", Form::Secret, "The webhook's address.")],
        make: |table| Kind::Discord { url: secret(table, "url") },
    },
    About {
        word: "telegram",
        about: "A chat of Telegram.",
        fields: &[
            Field::needed("token", Form::Secret, "The bot's token."),
            Field::needed("chat", Form::Text(64), "The chat's number or its @name."),
            Field::new("server", SERVER, "https://api.telegram.org", "The server of its interface."),
        ],
        make: |table| {
            let server = Some(text(table, "server")).filter(|server| !server.is_empty());
            let server = server.unwrap_or_else(|| "https://api.telegram.org".to_owned());
            Kind::Telegram { token: secret(table, "token"), chat: text(table, "chat"), server }
        },
    },
    About {
        word: "gotify",
        about: "An application of a Gotify server.",
        fields: &[
            Field::needed("server", SERVER, "The server."),
            Field::needed("token", Form::Secret, "The application's token."),
        ],
        make: |table| Kind::Gotify { server: text(table, "server"), token: secret(table, "token") },
    },
    About {
        word: "matrix",
        about: "A room of Matrix that is not encrypted.",
        fields: &[
            Field::needed("server", SERVER, "The home server."),
            Field::needed("room", Form::Text(255), "The room: `!abc:example.org`."),
            Field::needed("token", Form::Secret, "The access token."),
        ],
        make: |table| Kind::Matrix {
            server: text(table, "server"),
            room: text(table, "room"),
            token: secret(table, "token"),
        },
    },
    About {
        word: "webhook",
        about: "Any address that takes a POST.",
        fields: &[
            Field::needed("url", Form::Link, "The address."),
            Field::new("token", Form::Secret, "none", "A bearer token."),
            Field::new(
                "template",
                Form::Path,
                "the message as JSON",
                "A file with the body, in which places are filled.",
            ),
        ],
        make: |table| {
            let url = table.take("url").and_then(Given::link).unwrap_or(Link::Url(String::new()));
            Kind::Webhook { url, token: maybe(table, "token"), template: table.take("template").and_then(Given::path) }
        },
    },
    About {
        word: "bell",
        about: "The bell of the terminal in which cm-notify runs.",
        fields: &[],
        make: |_| Kind::Bell,
    },
    About {
        word: "sound",
        about: "A sound from a file, by the machine's own player.",
        fields: &[Field::needed("file", Form::Path, "The file.")],
        make: |table| Kind::Sound { file: table.take("file").and_then(Given::path).unwrap_or_default() },
    },
    About {
        word: "command",
        about: "A program that gets the message as JSON on its standard input.",
        fields: &[Field::needed("command", Form::Command, "The program and its arguments; no shell reads them.")],
        make: |table| Kind::Command { command: table.take("command").map(Given::command).unwrap_or_default() },
    },
];

impl About {
    /// The typed form of a table in which nothing is missing.
    pub(super) fn make(&self, table: &mut Table) -> Kind {
        (self.make)(table)
    }
}

impl Kind {
    /// Its word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Mail(_) => "mail",
            Self::Ntfy { .. } => "ntfy",
            Self::Slack { .. } => "slack",
            Self::Discord { .. } => "discord",
            Self::Telegram { .. } => "telegram",
            Self::Gotify { .. } => "gotify",
            Self::Matrix { .. } => "matrix",
            Self::Webhook { .. } => "webhook",
            Self::Bell => "bell",
            Self::Sound { .. } => "sound",
            Self::Command { .. } => "command",
        }
    }

    /// Makes the names of files whole.
    pub(super) fn resolve(&mut self, whole: &dyn Fn(&Path) -> PathBuf) {
        let some = |secret: &mut Option<Secret>| {
            if let Some(secret) = secret {
                secret.resolve(whole);
            }
        };
        match self {
            Self::Desktop | Self::Bell | Self::Command { .. } => {}
            Self::Mail(mail) => some(&mut mail.password),
            Self::Ntfy { topic, token, .. } => {
                topic.resolve(whole);
                some(token);
            }
            Self::Slack { url: secret }
            | Self::Discord { url: secret }
            | Self::Telegram { token: secret, .. }
            | Self::Gotify { token: secret, .. }
            | Self::Matrix { token: secret, .. } => secret.resolve(whole),
            Self::Webhook { url, token, template } => {
                if let Link::Secret(secret) = url {
                    secret.resolve(whole);
                }
                some(token);
                if let Some(file) = template {
                    *file = whole(file);
                }
            }
            Self::Sound { file } => *file = whole(file),
        }
    }
}

fn mail(table: &mut Table) -> Kind {
    let security = match table.take("security").and_then(Given::word) {
        Some("tls") => Security::Tls,
        Some("none") => Security::None,
        _ => Security::StartTls,
    };
    Kind::Mail(Mail {
        server: text(table, "server"),
        port: table.take("port").and_then(Given::whole).and_then(|port| u16::try_from(port).ok()),
        security,
        user: Some(text(table, "user")).filter(|user| !user.is_empty()),
        password: maybe(table, "password"),
        from: text(table, "from"),
        to: table.take("to").map(Given::texts).unwrap_or_default(),
    })
}

fn text(table: &mut Table, key: &str) -> String {
    table.take(key).map(Given::text).unwrap_or_default()
}

fn maybe(table: &mut Table, key: &str) -> Option<Secret> {
    table.take(key).and_then(Given::secret)
}

fn secret(table: &mut Table, key: &str) -> Secret {
    maybe(table, key).unwrap_or_else(|| Secret::Credential(String::new()))
}
