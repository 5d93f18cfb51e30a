//! E-mail: [`letter`] makes the mail, [`dialogue`] brings it to its server.

pub mod dialogue;
pub mod letter;

use std::time::Duration;

use cm_core::config::notify::kind::{Mail as Settings, Security};
use cm_core::fault::Code;
use futures_core::future::LocalBoxFuture;
use lettre::message::Mailbox;
use secrecy::SecretString;

use crate::carrier::{Carrier, Delivered, Load, Trouble};
use crate::wire::InTheClear;
use dialogue::Server;

/// How long a connection to a mail server may take.
pub(super) const CONNECTION: Duration = Duration::from_secs(15);

/// What stands before the sender's address, where nothing does.
const SENDER: &str = "CM Dashboard";

/// The port that servers listen on.
const fn usual_port(security: Security) -> u16 {
    match security {
        Security::Tls => 465,
        Security::StartTls => 587,
        Security::None => 25,
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
    #[error(
        "mails would travel readable over the network to {server}: use tls or starttls, or write plain = \"allowed\""
    )]
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
    /// A channel of mail called `name`. Many servers at home want no login.
    pub fn new(name: &str, settings: &Settings, login: Option<Login>, clear: InTheClear) -> Result<Self, BadMail> {
        let mailbox = |text: &String| {
            text.parse::<Mailbox>().map_err(|fault| BadMail::NotAMailbox { text: text.clone(), why: fault.to_string() })
        };
        let from = mailbox(&settings.from)?;
        let from = Mailbox { name: from.name.or(Some(SENDER.to_owned())), email: from.email };
        let to = settings.to.iter().map(mailbox).collect::<Result<Vec<_>, _>>()?;
        if to.is_empty() {
            return Err(BadMail::NoRecipient);
        }
        let is_here = settings.server.eq_ignore_ascii_case("localhost")
            || settings.server.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if settings.security == Security::None && !is_here && clear == InTheClear::Refused {
            return Err(BadMail::InTheClear { server: settings.server.clone() });
        }
        let port = settings.port.unwrap_or(usual_port(settings.security));
        let server = Server::new(name, settings.server.clone(), port, settings.security, login);
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
            let letter =
                letter.map_err(|fault| Trouble::Message { place: self.place().to_owned(), said: fault.to_string() })?;
            self.server.take(&letter, &self.from, &self.to, load).await
        })
    }
}
