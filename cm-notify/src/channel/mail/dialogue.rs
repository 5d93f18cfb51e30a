//! The dialogue with a mail server, step by step, so that of each failure it is known whether the mail may have arrived.
//!
//! A server takes a mail over with its answer to the dot that ends it, and not before. So whatever fails until the dot has
//! gone out has surely not been sent; what fails after it may have been. A password goes only over an encrypted line, or to
//! this machine.

use std::cell::Cell;
use std::time::Duration;

use cm_core::config::notify::kind::Security;
use lettre::Address;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use secrecy::{ExposeSecret as _, SecretString};

use super::{CONNECTION, Login};
use crate::carrier::{Delivered, Load, Trouble, innermost, is_of_tls, said};

/// A mail server and who we are there.
#[derive(Debug)]
pub struct Server {
    host: String,
    port: u16,
    security: Security,
    login: Option<Login>,
    place: String,
}

/// How far a dialogue has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Greeting,
    Login,
    Sender,
    Recipient,
    Mail,
}

impl Server {
    pub(super) fn new(name: &str, host: String, port: u16, security: Security, login: Option<Login>) -> Self {
        let place = format!("{name} ({}:{port})", said(&host, &[]));
        Self { host, port, security, login, place }
    }

    /// What it is called in errors.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Brings it a mail.
    pub(super) async fn take(
        &self,
        letter: &[u8],
        from: &Mailbox,
        to: &[Mailbox],
        load: Load<'_>,
    ) -> Result<Delivered, Trouble> {
        let mut line = self.connected().await?;
        let remark = self.addressed(&mut line, &from.email, to).await?;
        line.command(Data).await.map_err(|fault| self.trouble(Step::Mail, &fault))?;
        let whole = Cell::new(false);
        let pieces = Pieces { letter: Some(letter), is_out: &whole, load };
        match line.message_iter(pieces).await {
            Ok(_) => {
                // It has the mail; how it takes leave of us changes nothing.
                let _ = tokio::time::timeout(LEAVE, line.quit()).await;
                Ok(Delivered { remark })
            }
            // It answered, and the answer is no.
            Err(fault) if fault.status().is_some() => Err(self.trouble(Step::Mail, &fault)),
            Err(fault) if whole.get() => {
                Err(Trouble::Lost { place: self.place.clone(), why: innermost(&fault, &self.secrets()) })
            }
            Err(fault) => Err(self.trouble(Step::Mail, &fault)),
        }
    }

    async fn connected(&self) -> Result<AsyncSmtpConnection, Trouble> {
        let hello = ClientId::default();
        let tls = || {
            TlsParameters::new(self.host.clone())
                .map_err(|fault| Trouble::Insecure { place: self.place.clone(), why: innermost(&fault, &[]) })
        };
        let first = if self.security == Security::Tls { Some(tls()?) } else { None };
        let place = (self.host.as_str(), self.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(place, Some(CONNECTION), &hello, first, None);
        let mut line = connecting.await.map_err(|fault| self.trouble(Step::Greeting, &fault))?;
        if self.security == Security::StartTls {
            if !line.can_starttls() {
                let why = "it offers no STARTTLS, and without it nothing is sent".to_owned();
                return Err(Trouble::Insecure { place: self.place.clone(), why });
            }
            line.starttls(tls()?, &hello).await.map_err(|fault| self.trouble(Step::Greeting, &fault))?;
        }
        if let Some(login) = &self.login {
            let known = Credentials::new(login.user.clone(), login.password.expose_secret().to_owned());
            let asked = line.auth(&[Mechanism::Plain, Mechanism::Login], &known).await;
            asked.map_err(|fault| self.trouble(Step::Login, &fault))?;
        }
        Ok(line)
    }

    /// Names sender and recipients. Where some recipients are refused, the others are told all the same.
    async fn addressed(
        &self,
        line: &mut AsyncSmtpConnection,
        from: &Address,
        to: &[Mailbox],
    ) -> Result<Option<String>, Trouble> {
        let is_wide = !from.to_string().is_ascii() || to.iter().any(|mailbox| !mailbox.email.to_string().is_ascii());
        let with = if is_wide && line.server_info().supports_feature(Extension::SmtpUtfEight) {
            vec![MailParameter::SmtpUtfEight]
        } else {
            Vec::new()
        };
        let sender = line.command(Mail::new(Some(from.clone()), with)).await;
        sender.map_err(|fault| self.trouble(Step::Sender, &fault))?;
        let mut refused = Vec::new();
        for mailbox in to {
            match line.command(Rcpt::new(mailbox.email.clone(), Vec::new())).await {
                Ok(_) => {}
                Err(fault) if fault.status().is_some() => {
                    refused.push((mailbox.email.to_string(), self.trouble(Step::Recipient, &fault)));
                }
                Err(fault) => return Err(self.trouble(Step::Recipient, &fault)),
            }
        }
        if refused.len() < to.len() {
            let told = refused.iter().map(|(who, trouble)| format!("not told: {}: {trouble}", said(who, &[])));
            let told = told.collect::<Vec<_>>().join("; ");
            return Ok(Some(told).filter(|told| !told.is_empty()));
        }
        // As long as one of them may be taken later, it is tried again.
        let passing = refused.iter().position(|(_, trouble)| matches!(trouble, Trouble::Busy { .. }));
        Err(refused.swap_remove(passing.unwrap_or(0)).1)
    }

    fn secrets(&self) -> Vec<&SecretString> {
        self.login.iter().map(|login| &login.password).collect()
    }

    /// What a failure means that came before the mail was taken.
    fn trouble(&self, step: Step, fault: &Error) -> Trouble {
        let place = self.place.clone();
        let words = innermost(fault, &self.secrets());
        let Some(status) = fault.status() else {
            return match step {
                _ if fault.is_tls() || is_of_tls(fault) => Trouble::Insecure { place, why: words },
                Step::Login if fault.is_client() => {
                    Trouble::Login { place, said: "it offers no way to log in that is known here".to_owned() }
                }
                _ => Trouble::Unreached { place, why: words },
            };
        };
        let said = format!("{status}: {words}");
        match (step, u16::from(status)) {
            (_, 400..=499) => Trouble::Busy { place, said, wait: None },
            (_, 530 | 534 | 535 | 538) | (Step::Login, _) => Trouble::Login { place, said },
            (Step::Sender | Step::Recipient | Step::Greeting, _) => Trouble::Gone { place, said },
            (Step::Mail, _) => Trouble::Message { place, said },
        }
    }
}

/// How long a server may take over the leave-taking.
const LEAVE: Duration = Duration::from_secs(1);

/// The mail in one piece, which says when all of it has gone out: from then on only the dot is missing.
struct Pieces<'w> {
    letter: Option<&'w [u8]>,
    is_out: &'w Cell<bool>,
    load: Load<'w>,
}

impl<'w> Iterator for Pieces<'w> {
    type Item = &'w [u8];

    fn next(&mut self) -> Option<&'w [u8]> {
        let letter = self.letter.take();
        if letter.is_none() {
            self.is_out.set(true);
            self.load.handed_over();
        }
        letter
    }
}
