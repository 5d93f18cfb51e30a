//! The settings of `dashboard.toml`: each stands once, in the list below, from which the typed form, the reading, the
//! template and the documentation derive.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_model::metric::{Limits, MetricId};

use super::command::Command;
use super::setting::{Effect, Reach, Setting, Takes, Usual};
use super::value::{Value, Values};
use crate::series::retention::{Keep, Policy, Span};

/// A typed setting made from a value that has been checked against what the setting takes.
trait Typed {
    fn typed(value: &Value) -> Self;
}

const CHECKED: &str = "a value is stored only once it is what its setting takes";

impl Typed for bool {
    fn typed(value: &Value) -> Self {
        let Value::Switch(on) = value else { unreachable!("{CHECKED}") };
        *on
    }
}

fn whole<T: TryFrom<i64>>(value: &Value) -> T {
    let Value::Whole(number) = value else { unreachable!("{CHECKED}") };
    T::try_from(*number).ok().expect("the range of a setting fits its type")
}

impl Typed for u16 {
    fn typed(value: &Value) -> Self {
        whole(value)
    }
}

impl Typed for u32 {
    fn typed(value: &Value) -> Self {
        whole(value)
    }
}

/// Settings of time are in whole seconds.
impl Typed for Duration {
    fn typed(value: &Value) -> Self {
        Self::from_secs(whole(value))
    }
}

impl Typed for PathBuf {
    fn typed(value: &Value) -> Self {
        let Value::Path(path) = value else { unreachable!("{CHECKED}") };
        path.clone()
    }
}

impl Typed for Command {
    fn typed(value: &Value) -> Self {
        let Value::Command(command) = value else { unreachable!("{CHECKED}") };
        command.clone()
    }
}

macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident { $(#[doc = $help:literal] $word:literal $variant:ident),+ $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = $help] $variant),+
        }

        impl $name {
            /// Every word that the configuration takes for it.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// Its word in the configuration.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl Typed for $name {
            fn typed(value: &Value) -> Self {
                match value {
                    $(Value::Word($word) => Self::$variant,)+
                    _ => unreachable!("{CHECKED}"),
                }
            }
        }
    };
}

words! {
    /// The colours of the full-screen dashboard.
    Theme {
        /// Light or dark as the terminal says, and no colour where it takes none.
        "auto" Auto,
        /// For a dark background.
        "dark" Dark,
        /// For a light background.
        "light" Light,
        /// Stronger differences.
        "high_contrast" HighContrast,
        /// The terminal's own sixteen colours.
        "ansi16" Ansi16,
        /// No colour.
        "none" None,
    }
}

words! {
    /// By what way hosts are read.
    SourceKind {
        /// Each host is asked over HTTP.
        "http_polling" HttpPolling,
        /// Hosts tell each other over the mesh.
        "zmq_gossip" ZmqGossip,
    }
}

macro_rules! tables {
    ($($(#[doc = $doc:literal])+ $table:literal $field:ident: $name:ident {
        $(#[doc = $help:literal] $key:literal $setting:ident: $type:ty, $takes:expr, $usual:expr, $effect:expr, $reach:expr;)+
    })+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub struct $name {
                $(#[doc = $help] pub $setting: $type),+
            }
        )+

        /// How the dashboard behaves: everything that `dashboard.toml` sets, with the defaults where it does not.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Dashboard {
            $($(#[doc = $doc])+ pub $field: $name,)+
            /// The owner's own limits by metric, in order of their numbers; they go before those of the catalogue.
            pub thresholds: Vec<(MetricId, Limits)>,
        }

        /// Every setting of `dashboard.toml` but for the thresholds, in the order of the template.
        pub static SETTINGS: &[Setting] = &[$($(Setting {
            name: concat!($table, ".", $key),
            takes: $takes,
            usual: $usual,
            help: $help.trim_ascii(),
            effect: $effect,
            reach: $reach,
        }),+),+];

        /// Its tables, in the order of the template, each with what it is about.
        pub static TABLES: &[(&str, &str)] = &[$(($table, concat!($($doc),+).trim_ascii())),+];

        impl Dashboard {
            pub(crate) fn from_values(values: &Values, thresholds: Vec<(MetricId, Limits)>) -> Self {
                let mut settings = SETTINGS.iter();
                let mut next = || {
                    let setting = settings.next().expect("the list has an entry for each field");
                    values.in_force(setting).expect("every setting of a dashboard has a default").0
                };
                Self { $($field: $name { $($setting: Typed::typed(&next())),+ },)+ thresholds }
            }
        }
    };
}

const SECONDS: Takes = Takes::Whole { low: 1, high: 60, unit: "seconds" };
const DAYS: Takes = Takes::Whole { low: 1, high: 3650, unit: "days" };
/// What is measured must last until it is summed up into days.
const DAYS_OF_READINGS: Takes = Takes::Whole { low: 2, high: 3650, unit: "days" };
const PORT: Takes = Takes::Whole { low: 1, high: 65535, unit: "" };
const MESSAGES: Takes = Takes::Whole { low: 16, high: 1_000_000, unit: "messages" };
const HISTORY: Effect = Effect::Later("history");
const NOTIFIER: Effect = Effect::Later("the notifier");
const MESH: Effect = Effect::Later("the mesh");
const ON: Usual = Usual::Switch(true);
const OFF: Usual = Usual::Switch(false);

tables! {
    /// How often hosts are asked, how long readings are kept, and how it looks.
    "dashboard" general: General {
        /// Time from one round of asking to the next.
        "refresh_interval" refresh_interval: Duration, SECONDS, Usual::Whole(5), Effect::Now, Reach::EachHost;
        /// Days for which every single reading is kept; averages are kept longer.
        "history_retention" history_retention: u32, DAYS_OF_READINGS, Usual::Whole(7), Effect::Now, Reach::Whole;
        /// Colours: auto looks at the terminal.
        "theme" theme: Theme, Takes::Word(Theme::WORDS), Usual::Word("auto"), Effect::Now, Reach::Whole;
    }

    /// What is remembered, where, and for how long.
    "history" history: History {
        /// Whether the full-screen dashboard records while it runs; `cm-cli history record` does whatever this says.
        "record" record: bool, Takes::Switch, ON, Effect::Now, Reach::Whole;
        /// The file: a whole path, ~/ before one in your home, or a name in the folder of state. On a local disk.
        "database" database: PathBuf, Takes::Path, Usual::Path("history.db"), Effect::Now, Reach::Whole;
        /// Days for which averages of a minute are kept, and a whole report every ten minutes; never less than single readings.
        "minutes" minutes: u32, DAYS, Usual::Whole(30), Effect::Now, Reach::Whole;
        /// Days for which averages of an hour are kept, and a whole report every hour. Those of days, and of wear, stay for ever.
        "hours" hours: u32, DAYS, Usual::Whole(366), Effect::Now, Reach::Whole;
    }

    /// Rules of your own, over the built-in ones (docs/RULES.md).
    "rules" rules: Rules {
        /// The folder of files that end in .rules: a whole path, ~/ before one in your home, or a name beside this file.
        "folder" folder: PathBuf, Takes::Path, Usual::Path("rules.d"), Effect::Now, Reach::Whole;
    }

    /// What is shown, and from where a reading is bad.
    "widgets" widgets: Widgets {
        /// Drives: wear, temperature, hours, forecast.
        "drives" drives: bool, Takes::Switch, ON, Effect::Now, Reach::EachHost;
        /// Memory, zram, tmpfs and the kernel's settings for them.
        "memory" memory: bool, Takes::Switch, ON, Effect::Now, Reach::EachHost;
        /// Services with their memory, disk use and processor time.
        "services" services: bool, Takes::Switch, ON, Effect::Now, Reach::EachHost;
        /// Recent alerts.
        "alerts" alerts: bool, Takes::Switch, ON, Effect::Now, Reach::EachHost;
        /// Backups: the last, its size, the next.
        "backups" backups: bool, Takes::Switch, ON, Effect::Now, Reach::EachHost;
        /// Load, frequency and temperature of the processor.
        "cpu" cpu: bool, Takes::Switch, ON, Effect::Now, Reach::EachHost;
        /// Graphics processors.
        "gpu" gpu: bool, Takes::Switch, ON, Effect::Now, Reach::EachHost;
        /// Filesystems and what they hold.
        "filesystems" filesystems: bool, Takes::Switch, ON, Effect::Now, Reach::EachHost;
        /// Network interfaces.
        "network" network: bool, Takes::Switch, ON, Effect::Now, Reach::EachHost;
    }

    /// By what ways you are told that something is wrong.
    "alerts" alerts: Alerts {
        /// By e-mail.
        "email_enabled" email_enabled: bool, Takes::Switch, OFF, NOTIFIER, Reach::EachHost;
        /// By a sound.
        "sound_enabled" sound_enabled: bool, Takes::Switch, OFF, NOTIFIER, Reach::EachHost;
        /// By a notification of the desktop.
        "desktop_notifications" desktop_notifications: bool, Takes::Switch, ON, NOTIFIER, Reach::EachHost;
    }

    /// What `x` of the full-screen dashboard hands the terminal to for the host with the cursor, until it ends.
    "hand_over" hand_over: HandOver {
        /// The program and its arguments, as they are: no shell reads them. {address} and {host} stand for the host's.
        "command" command: Command, Takes::Command, Usual::Command(&["ssh", "--", "{address}"]), Effect::Now, Reach::EachHost;
    }

    /// Where readings come from.
    "data_source" data_source: DataSource {
        /// By asking each host over HTTP, or by listening to the mesh.
        "type" kind: SourceKind, Takes::Word(SourceKind::WORDS), Usual::Word("http_polling"), Effect::Now, Reach::EachHost;
        /// Port of the mesh.
        "listen_port" listen_port: u16, PORT, Usual::Whole(6130), MESH, Reach::Whole;
        /// Messages of the mesh that may wait to be taken in; what comes beyond drops the oldest.
        "buffer_size" buffer_size: u32, MESSAGES, Usual::Whole(1024), MESH, Reach::Whole;
        /// Whether a change is shown at once rather than at the next round.
        "real_time_updates" real_time_updates: bool, Takes::Switch, ON, MESH, Reach::Whole;
    }

    /// The HTTP APIs beside the mesh.
    "legacy_support" legacy_support: LegacySupport {
        /// Whether hosts are asked over HTTP at all.
        "http_apis_enabled" http_apis_enabled: bool, Takes::Switch, ON, Effect::Now, Reach::EachHost;
        /// Whether a host that the mesh does not reach is asked over HTTP.
        "fallback_to_http" fallback_to_http: bool, Takes::Switch, ON, Effect::Now, Reach::EachHost;
    }

    /// Parts that can be switched off or on as a whole.
    "features" features: Features {
        /// Forecasts of wear and of full filesystems.
        "forecasts" forecasts: bool, Takes::Switch, ON, HISTORY, Reach::EachHost;
        /// Looking for hosts on the local network; what is found is offered, never added.
        "discovery" discovery: bool, Takes::Switch, OFF, Effect::Later("discovery"), Reach::Whole;
        /// Widgets that are programs of your own.
        "external_widgets" external_widgets: bool, Takes::Switch, OFF, Effect::Now, Reach::Whole;
        /// Asking whether there is a newer version: the one thing that would leave your network.
        "update_check" update_check: bool, Takes::Switch, OFF, Effect::Later("the update check"), Reach::Whole;
    }
}

/// The table of the owner's limits, which has a key for each metric.
pub static THRESHOLDS: Setting = Setting {
    name: "widgets.thresholds",
    takes: Takes::Thresholds,
    usual: Usual::Words("the limits of docs/METRICS.md, and a drive's own", ""),
    help: "From where a reading is a warning or critical, by metric; false where none is. What is given replaces both.",
    effect: Effect::Now,
    reach: Reach::EachHost,
};

impl Dashboard {
    /// For how long everything is kept. What is summed up stays at least as long as what it is summed up from.
    ///
    /// # Panics
    /// Never: the spans are put in order first.
    pub fn retention(&self) -> Policy {
        let raw = self.general.history_retention.max(2);
        let minutes = self.history.minutes.max(raw);
        let hours = self.history.hours.max(minutes);
        let keep = |hours| Keep::new(Span::days(raw), Span::days(minutes), hours, Span::Always);
        let sensible = "each is kept no shorter than the finer one, and two days at least";
        Policy { standard: keep(Span::days(hours)).expect(sensible), lifelong: keep(Span::Always).expect(sensible) }
    }
}

impl History {
    /// The history's file, as it is configured; `None` where there is no folder for it.
    pub fn file(&self, state: Option<&Path>, home: Option<&Path>) -> Option<PathBuf> {
        let wanted = &self.database;
        match wanted.strip_prefix("~") {
            Ok(below_home) => Some(home?.join(below_home)),
            Err(_) if wanted.is_absolute() => Some(wanted.clone()),
            Err(_) => Some(state?.join(wanted)),
        }
    }
}

impl Default for Dashboard {
    fn default() -> Self {
        Self::from_values(&Values::default(), Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::retention::Resolution;
    use crate::store;

    #[test]
    fn the_typed_form_holds_the_defaults_of_the_list() {
        let dashboard = Dashboard::default();
        assert_eq!(dashboard.general.refresh_interval, Duration::from_secs(5));
        assert_eq!(dashboard.general.theme, Theme::Auto);
        assert_eq!(dashboard.data_source.listen_port, 6130);
        assert_eq!(dashboard.data_source.kind.word(), "http_polling");
        assert!(dashboard.legacy_support.fallback_to_http && !dashboard.features.update_check);
        assert_eq!(dashboard.retention(), Policy::default());
        assert!(dashboard.history.record);
    }

    #[test]
    fn what_is_summed_up_is_kept_no_shorter_than_what_it_is_summed_up_from() {
        let mut dashboard = Dashboard::default();
        dashboard.general.history_retention = 90;
        dashboard.history.hours = 10;
        let keep = dashboard.retention().standard;
        assert!(Resolution::ALL[..3].iter().all(|resolution| keep.span(*resolution) == Span::days(90)));
    }

    #[test]
    fn the_file_of_the_history_is_a_whole_path_or_lies_at_home_or_in_the_folder_of_state() {
        let (state, home) = (Path::new("/s"), Path::new("/home/u"));
        for (wanted, found) in [("other.db", "/s/other.db"), ("/var/h.db", "/var/h.db"), ("~/h/h.db", "/home/u/h/h.db")]
        {
            let history = History { database: wanted.into(), ..Dashboard::default().history };
            assert_eq!(history.file(Some(state), Some(home)), Some(found.into()), "{wanted}");
        }
        assert_eq!(Dashboard::default().history.file(Some(state), None), Some(store::usual_path(state)));
        assert_eq!(Dashboard::default().history.file(None, Some(home)), None);
    }
}
