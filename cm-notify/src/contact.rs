//! From a channel of the configuration to what carries its messages: secrets are read here, programs judged, templates and
//! addresses checked. Nothing is opened, and nobody is asked.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use cm_core::clock::Clock;
use cm_core::config::Problem;
use cm_core::config::notify::Contact;
use cm_core::config::notify::kind::{Kind, Link, Mail as MailSettings};
use cm_core::config::notify::secret::Secret;
use cm_core::fault::Code;
use cm_core::problem::show_path;
use cm_core::trust::Distrust;
use secrecy::SecretString;
use tokio::sync::mpsc::Sender;

use crate::carrier::Carrier;
use crate::channel::bell::{self, Bell};
use crate::channel::command::Command;
use crate::channel::desktop::{Desktop, Pressed};
use crate::channel::discord::Discord;
use crate::channel::gotify::Gotify;
use crate::channel::mail::{BadMail, Login, Mail};
use crate::channel::matrix::Matrix;
use crate::channel::ntfy::Ntfy;
use crate::channel::slack::Slack;
use crate::channel::sound::{PLAYERS, Sound};
use crate::channel::telegram::Telegram;
use crate::channel::webhook::Webhook;
use crate::program::{Allowance, Job};
use crate::template::{self, BadTemplate, Form, Template};
use crate::wire::{Address, AddressError, InTheClear, Wire};

/// What channels share.
#[derive(Debug, Clone)]
pub struct Means {
    /// HTTP.
    pub wire: Wire,
    /// The time.
    pub clock: Rc<dyn Clock>,
    /// Who takes what buttons of the desktop say.
    pub pressed: Option<Sender<Pressed>>,
    /// The folder of `$CREDENTIALS_DIRECTORY`.
    pub credentials: Option<PathBuf>,
    /// The effective user id: whose files are trusted.
    pub user: u32,
}

/// Why a channel cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the channel {channel}: {cause}")]
pub struct Unusable {
    /// Which.
    pub channel: String,
    /// Why.
    #[source]
    pub cause: Cause,
}

/// What is wrong with a channel.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// A secret cannot be read.
    #[error("{}", .0.message)]
    Secret(Box<Problem>),
    /// Its address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Its mailboxes or server.
    #[error(transparent)]
    Mail(#[from] BadMail),
    /// Its template.
    #[error(transparent)]
    Template(#[from] BadTemplate),
    /// A file cannot be read.
    #[error("{} cannot be read: {cause}", show_path(path))]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// Its program.
    #[error(transparent)]
    Program(#[from] Distrust),
    /// No program that plays sounds.
    #[error("this machine has none of {}", PLAYERS.map(|(name, _)| name).join(", "))]
    NoPlayer,
}

impl Unusable {
    /// The code under which it is explained.
    pub fn code(&self) -> Code {
        match &self.cause {
            Cause::Secret(problem) => problem.code.unwrap_or(Code::TOKEN_UNREADABLE),
            Cause::Address(cause) => cause.code(),
            Cause::Mail(cause) => cause.code(),
            Cause::Template(_) => Code::CONFIG_OUT_OF_RANGE,
            Cause::File { .. } => Code::FILE_UNREADABLE,
            Cause::Program(distrust) => distrust.code(),
            Cause::NoPlayer => Code::CHANNEL_ABSENT,
        }
    }

    /// The next step, where it is another than the code's.
    pub fn next(&self) -> Option<String> {
        match &self.cause {
            Cause::Secret(problem) => Some(problem.next.clone()),
            Cause::Program(distrust) => distrust.next(),
            Cause::NoPlayer => Some("Install one of them, or use another channel.".to_owned()),
            _ => None,
        }
    }
}

/// Makes a channel. Costs one read of each secret and template, and some twenty looks at a program.
pub fn carrier(contact: &Contact, means: &Means) -> Result<Box<dyn Carrier>, Unusable> {
    let name = contact.name().as_str();
    make(name, &contact.kind, contact.plain, means).map_err(|cause| Unusable { channel: name.to_owned(), cause })
}

fn make(name: &str, kind: &Kind, plain: bool, means: &Means) -> Result<Box<dyn Carrier>, Cause> {
    let clear = if plain { InTheClear::Allowed } else { InTheClear::Refused };
    let read = |secret: &Secret| secret.read(means.credentials.as_deref(), means.user).map_err(Cause::Secret);
    let at = |url: &SecretString| Address::new(&means.wire, name, url, clear);
    let server = |url: &str| at(&url.into());
    Ok(match kind {
        Kind::Desktop => Box::new(Desktop::new(name, means.pressed.clone())),
        Kind::Mail(settings) => Box::new(Mail::new(name, settings, login(settings, read)?, clear)?),
        Kind::Ntfy { server: url, topic, token } => {
            let server = bearing(server(url)?, token.as_ref(), read)?;
            Box::new(Ntfy::new(server, read(topic)?))
        }
        Kind::Slack { url } => Box::new(Slack::new(at(&read(url)?)?)),
        Kind::Discord { url } => Box::new(Discord::new(at(&read(url)?)?)),
        Kind::Telegram { token, chat, server: url } => {
            Box::new(Telegram::new(server(url)?, &read(token)?, chat.clone()))
        }
        Kind::Gotify { server: url, token } => Box::new(Gotify::new(server(url)?, &read(token)?)?),
        Kind::Matrix { server: url, room, token } => Box::new(Matrix::new(server(url)?, &read(token)?, room)?),
        Kind::Webhook { url, token, template } => {
            let address = match url {
                Link::Url(url) => server(url)?,
                Link::Secret(secret) => at(&read(secret)?)?,
            };
            let template = template.as_deref().map(template_in).transpose()?;
            Box::new(Webhook::new(bearing(address, token.as_ref(), read)?, template))
        }
        Kind::Bell => Box::new(Bell::new(name, bell::OWN.into())),
        Kind::Sound { file } => Box::new(Sound::new(player(name, file)?, Rc::clone(&means.clock))),
        Kind::Command { command } => {
            let (program, arguments) =
                command.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
            let job = Job::new(name, program, arguments.to_vec(), Allowance::default())?;
            Box::new(Command::new(job, Rc::clone(&means.clock)))
        }
    })
}

fn bearing(
    address: Address,
    token: Option<&Secret>,
    read: impl Fn(&Secret) -> Result<SecretString, Cause>,
) -> Result<Address, Cause> {
    Ok(match token {
        Some(token) => address.bearer(&read(token)?)?,
        None => address,
    })
}

fn login(
    settings: &MailSettings,
    read: impl Fn(&Secret) -> Result<SecretString, Cause>,
) -> Result<Option<Login>, Cause> {
    let (Some(user), Some(password)) = (&settings.user, &settings.password) else { return Ok(None) };
    Ok(Some(Login { user: user.clone(), password: read(password)? }))
}

fn template_in(path: &Path) -> Result<Template, Cause> {
    let unread = |cause| Cause::File { path: path.to_owned(), cause };
    let mut text = String::new();
    let most = template::LONGEST as u64 + 1;
    File::open(path).and_then(|file| file.take(most).read_to_string(&mut text)).map_err(unread)?;
    Ok(Template::new(&text, Form::of(path))?)
}

/// The first player that this machine has.
fn player(name: &str, file: &Path) -> Result<Job, Cause> {
    for (program, before) in PLAYERS {
        let arguments = before.iter().map(|&word| word.to_owned()).chain([file.to_string_lossy().into_owned()]);
        match Job::new(name, program, arguments.collect(), Allowance::default()) {
            Ok(job) => return Ok(job),
            Err(distrust) if distrust.is_not_there() => {}
            Err(distrust) => return Err(distrust.into()),
        }
    }
    Err(Cause::NoPlayer)
}
