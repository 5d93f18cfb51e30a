//! `[notify]`: the channels by which people are told, the routes to them, and what is told by the clock.
//!
//! | room | what it holds |
//! |---|---|
//! | [`kind`] | every kind of channel with its settings, once: the typed form, the reading and the documentation derive from it |
//! | [`field`] | what a setting of a table takes, and how it is read |
//! | [`channel`], [`route`] | what each of the two has |
//! | `table` | a table held against its settings |
//! | [`secret`] | where a secret is; never the secret |
//!
//! What a channel does with a message is not known here.

pub mod channel;
pub mod field;
pub mod kind;
pub mod route;
pub mod secret;
mod table;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_model::fault::Code;
use toml::de::DeTable;

use self::field::{Field, Form, Given};
use self::kind::{Kind, Link};
use self::table::Table;
use super::dashboard::Alerts;
use super::origin::Shown;
use super::reader::Reader;
use super::value::At;
use crate::incident::hours::{Hours, Zone};
use crate::outbox::{Channel, ChannelName, Deadman, Plan, Route, Weekly};

/// The table in dashboard.toml.
pub const TABLE: &str = "notify";

/// What it is for, in two sentences.
pub const ABOUT: &str = "Who is told that something is wrong, by which channel, and when. Without a channel the desktop is told where [alerts] says so; without a route every channel is told of every warning.";

/// An example in TOML.
pub const EXAMPLE: &str = "\
all_well = \"mon 09:00\"

[[notify.channel]]
name = \"phone\"
kind = \"ntfy\"
server = \"https://ntfy.example.org\"
topic_file = \"ntfy.topic\"
quiet = \"22:00-07:00\"
rate = \"6/1h\"

[[notify.channel]]
name = \"mail\"
kind = \"mail\"
server = \"smtp.example.org\"
user = \"monitor\"
password_file = \"smtp.password\"
from = \"monitor@example.org\"
to = [\"anna@example.org\"]
digest = \"18:00\"

[[notify.route]]
channels = [\"phone\"]
least = \"critical\"
remind = \"3h\"

[[notify.route]]
channels = [\"mail\"]";

/// The settings of the table itself.
pub static FIELDS: &[Field] = &[
    Field::new(
        "all_well",
        Form::Hours,
        "never",
        "When a weekly sign of life goes to every channel that takes one: `mon 09:00`.",
    ),
    Field::new("all_well_to", Form::Channels, "every channel", "To which channels it goes."),
    Field::new(
        "zone",
        Form::Text(64),
        "the machine's own",
        "By which clock hours are meant that name none: `Europe/Berlin`.",
    ),
    Field::new(
        "ping",
        Form::Link,
        "none",
        "An address that is asked for while all goes well; whoever listens there raises an alarm when it is not.",
    ),
    Field::new("ping_every", Form::Span { low: 30, high: 86_400 }, "5m", "How often it is asked for."),
];

/// The most channels and routes.
pub const MOST: usize = 32;

/// A channel and where it leads.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// How it is told. Its hours count by universal time here: see [`Notify::plan`].
    channel: Channel,
    hours: ChannelHours,
    /// Whether messages and secrets may go to another machine over a line that everybody on the way can read.
    pub plain: bool,
    /// Where it leads.
    pub kind: Kind,
}

impl Contact {
    /// Its name.
    pub const fn name(&self) -> &ChannelName {
        &self.channel.name
    }
}

/// Hours as they are written, checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct ChannelHours {
    quiet: Vec<String>,
    digest: Vec<String>,
}

/// Who is told, and how.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Notify {
    /// The channels in the order of the file.
    pub contacts: Vec<Contact>,
    routes: Vec<(Route, Vec<String>)>,
    all_well: Vec<String>,
    all_well_to: Vec<ChannelName>,
    zone: Option<String>,
    /// The address whose silence raises an alarm elsewhere.
    pub ping: Option<Link>,
    ping_every: Option<Duration>,
}

/// What the file says, with places.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) notify: Notify,
    /// Where the table stands.
    pub(crate) at: Option<At>,
    pub(crate) shown: Vec<Shown>,
    /// The files of secrets, as they are written, each where it is named.
    pub(crate) secrets: Vec<(PathBuf, At)>,
    /// Every name of a channel that somebody gave, also of one that could not be read.
    named: Vec<ChannelName>,
    /// The channels to which something leads, each where it is named.
    led: Vec<(ChannelName, Range<usize>)>,
}

impl Notify {
    /// The plan by which the outbox tells. Hours that name no zone are of the configured one, or of `machine`.
    pub fn plan(&self, machine: &Zone) -> Plan {
        let own = self.zone.as_deref().and_then(|name| Zone::named(name).ok());
        let zone = own.as_ref().unwrap_or(machine);
        // They were read once, when the configuration was: a zone that went since leaves its hours out.
        let hours = |texts: &[String]| texts.iter().filter_map(|text| Hours::read(text, zone).ok()).collect::<Vec<_>>();
        let channel = |contact: &Contact| Channel {
            quiet: hours(&contact.hours.quiet),
            digest: hours(&contact.hours.digest),
            ..contact.channel.clone()
        };
        let route = |(route, texts): &(Route, Vec<String>)| Route { hours: hours(texts), ..route.clone() };
        let all_well = hours(&self.all_well);
        Plan {
            channels: self.contacts.iter().map(channel).collect(),
            routes: self.routes.iter().map(route).collect(),
            weekly: (!all_well.is_empty()).then(|| Weekly { hours: all_well, channels: self.all_well_to.clone() }),
            deadman: self.ping.as_ref().map(|_| Deadman { every: self.ping_every.unwrap_or(Duration::from_mins(5)) }),
        }
    }

    /// The channels that hold where none is configured: what `[alerts]` switches on.
    #[must_use]
    pub fn or_usual(mut self, alerts: &Alerts) -> Self {
        if self.contacts.is_empty() {
            let usual =
                [("desktop", alerts.desktop_notifications, Kind::Desktop), ("bell", alerts.sound_enabled, Kind::Bell)];
            for (name, is_on, kind) in usual {
                if let (true, Ok(name)) = (is_on, ChannelName::new(name)) {
                    self.contacts.push(Contact {
                        channel: Channel::new(name),
                        hours: ChannelHours::default(),
                        plain: false,
                        kind,
                    });
                }
            }
        }
        self
    }

    /// A channel by its name.
    pub fn contact(&self, name: &ChannelName) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.name() == name)
    }

    /// Makes the names of files whole.
    pub(crate) fn resolve(&mut self, whole: &dyn Fn(&Path) -> PathBuf) {
        self.contacts.iter_mut().for_each(|contact| contact.kind.resolve(whole));
        if let Some(Link::Secret(secret)) = &mut self.ping {
            secret.resolve(whole);
        }
    }
}

/// Reads the table with all that is below it.
pub(crate) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>, at: At, said: &mut Said) {
    said.at = Some(at);
    let tables = [channel::TABLE, route::TABLE];
    let mut own = Table::read(reader, TABLE, table, FIELDS, &tables);
    for (key, value) in table.iter().filter(|(key, _)| tables.contains(&key.get_ref().as_ref())) {
        let name = key.get_ref().as_ref();
        let Some(list) = value.get_ref().as_array() else {
            let message = format!("`{name}` is a list of tables");
            reader.error(
                Code::CONFIG_WRONG_TYPE,
                key.span(),
                message,
                Some(format!("Write [[{TABLE}.{name}]] above each.")),
            );
            continue;
        };
        for (place, entry) in list.iter().enumerate() {
            let Some(table) = entry.get_ref().as_table() else {
                let next = format!("Write [[{TABLE}.{name}]] above each.");
                reader.error(
                    Code::CONFIG_WRONG_TYPE,
                    entry.span(),
                    format!("`{name}` is a list of tables"),
                    Some(next),
                );
                continue;
            };
            if place >= MOST {
                let message = format!("more than {MOST} tables of `{name}`");
                reader.error(Code::CONFIG_OUT_OF_RANGE, entry.span(), message, Some(format!("Keep {MOST} of them.")));
                break;
            }
            if name == channel::TABLE {
                channel::read(reader, table, entry.span(), said);
            } else {
                route::read(reader, table, entry.span(), said);
            }
        }
    }
    own.note(TABLE, said);
    let notify = &mut said.notify;
    notify.all_well = own.take("all_well").map(Given::hours).unwrap_or_default();
    if let Some((Given::Channels(channels), span)) = own.take_with_place("all_well_to") {
        said.led.extend(channels.iter().map(|channel| (channel.clone(), span.clone())));
        notify.all_well_to = channels;
    }
    notify.ping = own.take("ping").and_then(Given::link);
    notify.ping_every = own.take("ping_every").and_then(Given::span);
    if let Some((Given::Text(zone), span)) = own.take_with_place("zone") {
        if let Err(unknown) = Zone::named(&zone) {
            reader.error(
                Code::CONFIG_OUT_OF_RANGE,
                span,
                unknown.to_string(),
                Some("Write it as in \"Europe/Berlin\".".to_owned()),
            );
        }
        notify.zone = Some(zone);
    }
    route::check_names(reader, said);
}

#[cfg(test)]
mod tests;
