//! E-mail: [`letter`] makes the mail, [`dialogue`] brings it to its server.

pub mod dialogue;
pub mod letter;

use std::time::Duration;

use cm_core::fault::Code;
use futures_core::future::LocalBoxFuture;
use lettre::message::Mailbox;
use secrecy::SecretString;

use crate::carrier::{Carrier, Delivered, Load, Trouble};
use crate::wire::InTheClear;
use dialogue::Server;

/// How long a connection to a mail server may take.
pub(super) const CONNECTION: Duration = Duration::from_secs(15);

/// How the way to the server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Security {
    /// From the first byte: port 465 as a rule.
    Tls,
    /// After a word in the clear, and never without: port 587 as a rule.
    StartTls,
    /// Not at all: a mail server on this machine.
    None,
}

impl Security {
    /// Each, by the word for it in the configuration.
    pub const WORDS: [(&'static str, Self); 3] = [("tls", Self::Tls), ("starttls", Self::StartTls), ("none", Self::None)];

    /// The port that servers listen on for it.
    pub const fn port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::None => 25,
        }
    }
}

/// Who says who they are to a server.
#[derive(Debug, Clone)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

/// What a channel of mail is made of.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The server's name or address; its certificate must be for it.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the way there is encrypted.
    pub security: Security,
    /// Whether mails may travel readable to another machine.
    pub clear: InTheClear,
    /// Who we are there; many servers at home ask nobody.
    pub login: Option<Login>,
    /// The sender.
    pub from: String,
    /// The recipients, at least one.
    pub to: Vec<String>,
}

/// Why a channel of mail cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMail {
    /// Not a mailbox.
    #[error("{text:?} is no mailbox: `name@example.org` or `Name <name@example.org>` was expected ({why})")]
    NotAMailbox {
        /// What was given.
        text: String,
        /// The parser's own words.
        why: String,
    },
    /// Nobody to send to.
    #[error("there is nobody to send mail to")]
    NoRecipient,
    /// Without encryption to another machine.
    #[error("mails would travel readable over the network to {server}: use tls or starttls, or set plain = true")]
    InTheClear {
        /// Which machine.
        server: String,
    },
}

impl BadMail {
    /// The code under which it is explained.
    pub const fn code(&self) -> Code {
        match self {
            Self::NotAMailbox { .. } | Self::NoRecipient => Code::CONFIG_OUT_OF_RANGE,
            Self::InTheClear { .. } => Code::CHANNEL_INSECURE,
        }
    }
}

/// A server, a sender and recipients.
#[derive(Debug)]
pub struct Mail {
    server: Server,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Mail {
    /// A channel of mail called `name`.
    pub fn new(name: &str, settings: MailSettings) -> Result<Self, BadMail> {
        let mailbox = |text: &String| {
            text.parse::<Mailbox>().map_err(|fault| BadMail::NotAMailbox { text: text.clone(), why: fault.to_string() })
        };
        let from = mailbox(&settings.from)?;
        let to = settings.to.iter().map(mailbox).collect::<Result<Vec<_>, _>>()?;
        if to.is_empty() {
            return Err(BadMail::NoRecipient);
        }
        let is_here = settings.server.eq_ignore_ascii_case("localhost")
            || settings.server.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if settings.security == Security::None && !is_here && settings.clear == InTheClear::Refused {
            return Err(BadMail::InTheClear { server: settings.server });
        }
        let server =
            Server::new(name, settings.server, settings.port, settings.security, settings.login);
        Ok(Self { server, from, to })
    }
}

impl Carrier for Mail {
    fn place(&self) -> &str {
        self.server.place()
    }

    fn carry<'a>(&'a self, load: Load<'a>) -> LocalBoxFuture<'a, Result<Delivered, Trouble>> {
        let letter = letter::write(load.message, &load.sheet(), load.context.voice.program, &self.from, &self.to);
        Box::pin(async move {
            let letter = letter
                .map_err(|fault| Trouble::Message { place: self.place().to_owned(), said: fault.to_string() })?;
            self.server.take(&letter, &self.from, &self.to, load).await
        })
    }
}
