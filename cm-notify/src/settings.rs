//! What each channel is made of, read and checked, and the channel made of it. Where it was written is not known here.

use std::path::PathBuf;
use std::rc::Rc;

use cm_core::clock::Clock;
use cm_core::fault::Code;
use secrecy::SecretString;
use tokio::sync::mpsc::Sender;

use crate::carrier::Carrier;
use crate::channel::bell::Bell;
use crate::channel::command::Command;
use crate::channel::desktop::{Desktop, Pressed};
use crate::channel::discord::Discord;
use crate::channel::gotify::Gotify;
use crate::channel::mail::{BadMail, Mail, MailSettings};
use crate::channel::matrix::Matrix;
use crate::channel::ntfy::Ntfy;
use crate::channel::slack::Slack;
use crate::channel::sound::Sound;
use crate::channel::telegram::Telegram;
use crate::channel::webhook::{Method, Webhook};
use crate::program::{Allowance, Job, Unusable};
use crate::template::{BadTemplate, Form, Template};
use crate::wire::{Address, AddressError, InTheClear, Wire};

/// An address and whether it may be plain HTTP to another machine.
#[derive(Debug, Clone)]
pub struct Place {
    /// The address; of a webhook it is as good as a password.
    pub url: SecretString,
    /// Whether messages may travel readable.
    pub clear: InTheClear,
}

/// A program and what it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// By its whole path.
    pub program: PathBuf,
    /// What it is given; no shell reads them.
    pub arguments: Vec<String>,
    /// Time and memory.
    pub allowance: Allowance,
}

/// What one channel is made of.
#[derive(Debug, Clone)]
pub enum Settings {
    /// E-mail.
    Mail(MailSettings),
    /// ntfy.
    Ntfy {
        /// The server's root.
        server: Place,
        /// The topic.
        topic: SecretString,
        /// The token, where the server wants one.
        token: Option<SecretString>,
    },
    /// Slack and its like.
    Slack(Place),
    /// Discord.
    Discord(Place),
    /// Telegram.
    Telegram {
        /// The server's root.
        server: Place,
        /// The bot's token.
        token: SecretString,
        /// The chat.
        chat: String,
    },
    /// Gotify.
    Gotify {
        /// The server's root.
        server: Place,
        /// The application's token.
        token: SecretString,
    },
    /// Matrix.
    Matrix {
        /// The home server's root.
        server: Place,
        /// The user's token.
        token: SecretString,
        /// The room.
        room: String,
    },
    /// Whatever takes HTTP.
    Webhook {
        /// The address.
        place: Place,
        /// How it is sent.
        method: Method,
        /// Headers besides.
        headers: Vec<(String, SecretString)>,
        /// The template, and what it is.
        template: Option<(String, Form)>,
    },
    /// A bubble.
    Desktop,
    /// A terminal's bell.
    Bell {
        /// Which terminal.
        terminal: PathBuf,
    },
    /// A sound.
    Sound(Run),
    /// A program that gets JSON.
    Command(Run),
}

impl Settings {
    /// Its word in the configuration.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Mail(_) => "mail",
            Self::Ntfy { .. } => "ntfy",
            Self::Slack(_) => "slack",
            Self::Discord(_) => "discord",
            Self::Telegram { .. } => "telegram",
            Self::Gotify { .. } => "gotify",
            Self::Matrix { .. } => "matrix",
            Self::Webhook { .. } => "webhook",
            Self::Desktop => "desktop",
            Self::Bell { .. } => "bell",
            Self::Sound(_) => "sound",
            Self::Command(_) => "command",
        }
    }
}

/// Why a channel cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum BadChannel {
    /// Its address.
    #[error("the channel {channel}: {cause}")]
    Address {
        /// Which channel.
        channel: String,
        /// Why.
        #[source]
        cause: AddressError,
    },
    /// Its mailboxes or server.
    #[error("the channel {channel}: {cause}")]
    Mail {
        /// Which channel.
        channel: String,
        /// Why.
        #[source]
        cause: BadMail,
    },
    /// Its template.
    #[error("the channel {channel}: {cause}")]
    Template {
        /// Which channel.
        channel: String,
        /// Why.
        #[source]
        cause: BadTemplate,
    },
    /// Its program.
    #[error("the channel {channel}: {cause}")]
    Program {
        /// Which channel.
        channel: String,
        /// Why.
        #[source]
        cause: Unusable,
    },
}

impl BadChannel {
    /// The code under which it is explained.
    pub const fn code(&self) -> Code {
        match self {
            Self::Address { cause, .. } => cause.code(),
            Self::Mail { cause, .. } => cause.code(),
            Self::Template { .. } => Code::CONFIG_OUT_OF_RANGE,
            Self::Program { cause: Unusable::NotAbsolute { .. }, .. } => Code::CONFIG_OUT_OF_RANGE,
            Self::Program { cause: Unusable::Distrusted(distrust), .. } => distrust.code(),
        }
    }

    /// The next step, where it is another than the code's.
    pub fn next(&self) -> Option<String> {
        match self {
            Self::Program { cause: Unusable::Distrusted(distrust), .. } => distrust.next(),
            _ => None,
        }
    }
}

/// What channels share.
#[derive(Debug, Clone)]
pub struct Means {
    /// HTTP.
    pub wire: Wire,
    /// The time.
    pub clock: Rc<dyn Clock>,
    /// Who takes what buttons of the desktop say.
    pub pressed: Option<Sender<Pressed>>,
}

/// Makes a channel. Nothing is opened and nobody is asked; a program is looked at.
pub fn open(name: &str, settings: Settings, means: &Means) -> Result<Box<dyn Carrier>, BadChannel> {
    let channel = || name.to_owned();
    let address = |cause| BadChannel::Address { channel: channel(), cause };
    let at = |place: &Place| Address::new(&means.wire, name, &place.url, place.clear).map_err(address);
    let job = |run: Run| {
        Job::new(name, &run.program, run.arguments, run.allowance)
            .map_err(|cause| BadChannel::Program { channel: channel(), cause })
    };
    Ok(match settings {
        Settings::Mail(mail) => {
            Box::new(Mail::new(name, mail).map_err(|cause| BadChannel::Mail { channel: channel(), cause })?)
        }
        Settings::Ntfy { server, topic, token } => {
            let server = at(&server)?;
            let server = match &token {
                Some(token) => server.bearer(token).map_err(address)?,
                None => server,
            };
            Box::new(Ntfy::new(server, topic))
        }
        Settings::Slack(place) => Box::new(Slack::new(at(&place)?)),
        Settings::Discord(place) => Box::new(Discord::new(at(&place)?)),
        Settings::Telegram { server, token, chat } => Box::new(Telegram::new(at(&server)?, &token, chat)),
        Settings::Gotify { server, token } => Box::new(Gotify::new(at(&server)?, &token).map_err(address)?),
        Settings::Matrix { server, token, room } => {
            Box::new(Matrix::new(at(&server)?, &token, &room).map_err(address)?)
        }
        Settings::Webhook { place, method, headers, template } => {
            let mut place = at(&place)?;
            for (header, value) in &headers {
                place = place.header(header, value).map_err(address)?;
            }
            let template = template
                .map(|(text, form)| Template::new(&text, form))
                .transpose()
                .map_err(|cause| BadChannel::Template { channel: channel(), cause })?;
            Box::new(Webhook::new(place, method, template))
        }
        Settings::Desktop => Box::new(Desktop::new(name, means.pressed.clone())),
        Settings::Bell { terminal } => Box::new(Bell::new(name, terminal)),
        Settings::Sound(run) => Box::new(Sound::new(job(run)?, Rc::clone(&means.clock))),
        Settings::Command(run) => Box::new(Command::new(job(run)?, Rc::clone(&means.clock))),
    })
}
