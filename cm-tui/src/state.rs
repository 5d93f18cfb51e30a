//! Everything that the screen shows, as data. It changes in [`update`](crate::update) alone, and is drawn by
//! [`view`](crate::view), which changes nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use cm_core::clock::{MonoTime, Now, WallTime};
use cm_core::config::dashboard::{HandOver, Theme as ThemeChoice, Widgets};
use cm_core::fleet::Fleet;
use cm_core::host::HostId;
use cm_core::text::HostText;

use crate::alerts::{AlertId, Alerts};
use crate::command::Command;
use crate::external::External;
use crate::history::{History, Source};
use crate::in_force::InForce;
use crate::journal::Journal;
use crate::key::Press;
use crate::keymap::KeyMap;
use crate::local::AheadS;
use crate::past::Past;
use crate::picture::Picture;
use crate::preferences::Preferences;
use crate::prompt::Prompt;
use crate::recent::{Recent, Shown};
use crate::screen::{Kind, Screen};
use crate::theme::Look;
use crate::travel::{Seek, Travel};

/// For so long after a key the order of rows holds still.
pub(crate) const HOLD: Duration = Duration::from_secs(2);

/// For so long a notice stays.
pub(crate) const NOTICE: Duration = Duration::from_secs(4);

/// Where the readings come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Hosts of the configuration.
    Configured,
    /// This machine, because none is configured.
    ThisMachine,
    /// The made-up fleet.
    Demo,
    /// A snapshot, in which time stands still.
    Replay,
}

/// Whether acts that change something outside of this program are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Rights {
    /// They are.
    #[default]
    Act,
    /// They are not even shown.
    Read,
}

/// What the configuration says of one host, beyond what the fleet knows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    /// Where `ssh` finds it.
    pub(crate) address: Option<String>,
    /// Text to show beside its name.
    pub(crate) display: Option<HostText>,
    /// Which panels are wanted.
    pub(crate) widgets: Widgets,
    /// What `x` hands the terminal to.
    pub(crate) hand_over: HandOver,
}

impl Default for Facts {
    fn default() -> Self {
        let cm_core::config::Dashboard { widgets, hand_over, .. } = cm_core::config::Dashboard::default();
        Self { address: None, display: None, widgets, hand_over }
    }
}

/// What is set once, at start.
#[derive(Debug, Clone)]
pub(crate) struct Set {
    /// Where the readings come from.
    pub(crate) origin: Origin,
    /// What may be done.
    pub(crate) rights: Rights,
    /// What the configuration says of each host, in the order of the fleet.
    pub(crate) facts: Vec<Facts>,
    /// Time from one round to the next, as configured.
    pub(crate) interval: Duration,
    /// The colours, as configured.
    pub(crate) theme: ThemeChoice,
    /// Local time.
    pub(crate) ahead_s: AheadS,
    /// What is in force before anybody chooses, and where it comes from.
    pub(crate) in_force: InForce,
    /// Whether details are told that only matter when looking for a fault.
    pub(crate) verbose: bool,
}

/// What is typed into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Overlay {
    /// The filter of the rows on the screen.
    Filter(Prompt),
    /// The command line.
    Command(Command),
    /// The comment of an acknowledgement.
    Comment {
        /// Of which alert.
        alert: AlertId,
        /// The comment.
        line: Prompt,
    },
    /// A time for a silence.
    Silence {
        /// Over which alert.
        alert: AlertId,
    },
}

/// A sentence that stays for a moment on the last line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The sentence.
    pub(crate) text: String,
    /// Since when.
    pub(crate) since: MonoTime,
}

/// Columns and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Columns.
    pub(crate) width: u16,
    /// Rows.
    pub(crate) height: u16,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct State {
    /// What was set at start.
    pub(crate) set: Set,
    /// The fleet now.
    pub(crate) live: Picture,
    /// The fleet at the moment at which the screen was paused.
    pub(crate) paused: Option<Picture>,
    /// Programs of the owner, and what they said last.
    pub(crate) externals: Vec<External>,
    /// What has been gathered since the start.
    pub(crate) past: Past,
    /// The moment of the past that is shown instead of now.
    pub(crate) then: Option<Box<Travel>>,
    /// The moment of the stored history that is being looked up.
    pub(crate) seeking: Option<Seek>,
    /// The stored history, as far as it was asked for.
    pub(crate) history: History,
    /// The last readings.
    pub(crate) recent: Recent,
    /// Since when the program looks on.
    pub(crate) started: WallTime,
    /// Which metrics have a place of their own.
    pub(crate) shown: Shown,
    /// What has happened.
    pub(crate) journal: Journal,
    /// Troubles that somebody should know of.
    pub(crate) alerts: Alerts,
    /// Those at the moment at which the screen was paused.
    pub(crate) held_alerts: Option<Alerts>,
    /// Where one is; the first is the overview, the last has the keys.
    pub(crate) screens: Vec<Screen>,
    /// What is typed into, over the last line.
    pub(crate) overlay: Option<Overlay>,
    /// What the user chose.
    pub(crate) preferences: Preferences,
    /// Whether hosts are to be asked at another interval, once no key is pressed any more.
    pub(crate) is_to_ask: bool,
    /// Hosts that are marked.
    pub(crate) marks: BTreeSet<HostId>,
    /// The screen.
    pub(crate) size: Size,
    /// How things look.
    pub(crate) look: Look,
    /// Which keys do what.
    pub(crate) keys: KeyMap,
    /// The beginning of a sequence of keys.
    pub(crate) typed: Vec<Press>,
    /// The last notice.
    pub(crate) notice: Option<Notice>,
    /// What keeps the history from being recorded.
    pub(crate) trouble_recording: Option<String>,
    /// When a key was pressed last.
    pub(crate) last_key: Option<MonoTime>,
}

impl State {
    /// What there is before anything has come: the overview of a fleet of which nothing is known.
    pub(crate) fn new(set: Set, fleet: Fleet, keys: KeyMap, look: Look, size: Size, now: Now) -> Self {
        let hosts = fleet.hosts().len();
        let mut state = Self {
            set,
            externals: Vec::new(),
            past: Past::new(fleet.clone()),
            then: None,
            seeking: None,
            history: History::new(Source::None("No history is stored here.")),
            live: Picture::new(fleet, now),
            paused: None,
            recent: Recent::new(hosts),
            started: now.wall,
            shown: Shown::new(),
            journal: Journal::default(),
            alerts: Alerts::default(),
            held_alerts: None,
            screens: vec![Screen::first()],
            overlay: None,
            preferences: Preferences::default(),
            is_to_ask: false,
            marks: BTreeSet::new(),
            size,
            look,
            keys,
            typed: Vec::new(),
            notice: None,
            trouble_recording: None,
            last_key: None,
        };
        state.with_top(|screen, rest| screen.page_mut().settle(rest));
        state
    }

    /// The fleet at the moment that the screen shows.
    pub(crate) fn picture(&self) -> &Picture {
        self.then.as_ref().map(|then| &then.picture).or(self.paused.as_ref()).unwrap_or(&self.live)
    }

    /// The alerts at the moment that the screen shows.
    pub(crate) fn alerts(&self) -> &Alerts {
        self.held_alerts.as_ref().unwrap_or(&self.alerts)
    }

    /// The screen that has the keys.
    ///
    /// # Panics
    /// Never: the overview is not closed.
    pub(crate) fn top(&self) -> &Screen {
        self.screens.last().expect("the overview is never closed")
    }

    /// Which sort of screen has the keys.
    pub(crate) fn kind(&self) -> Kind {
        self.top().kind()
    }

    /// Lets the uppermost screen change itself while it looks at everything else.
    pub(crate) fn with_top<T>(&mut self, change: impl FnOnce(&mut Screen, &Self) -> T) -> T {
        let mut top = self.screens.pop().expect("the overview is never closed");
        let answer = change(&mut top, self);
        self.screens.push(top);
        answer
    }

    /// The overview, which is always there.
    pub(crate) fn overview(&self) -> Option<&crate::screen::overview::Overview> {
        match self.screens.first() {
            Some(Screen::Overview(page)) => Some(page),
            _ => None,
        }
    }

    /// Opens a screen over the present one. The stack is bounded: beyond that the second one is forgotten.
    pub(crate) fn open(&mut self, screen: Screen) {
        const DEEPEST: usize = 16;
        if self.screens.len() == DEEPEST {
            self.screens.remove(1);
        }
        self.screens.push(screen);
    }

    /// Whether the moment that the screen shows lies before this program's start: what happened by then it has not seen.
    pub(crate) fn is_before_start(&self) -> bool {
        self.picture().now.wall < self.started
    }

    /// The last readings at the moment that the screen shows.
    pub(crate) fn readings(&self) -> &Recent {
        self.then.as_ref().map_or(&self.recent, |then| &then.recent)
    }

    /// How many rows stand above a screen: the first line, and in the past the time bar where there is room.
    pub(crate) const fn above(&self) -> u16 {
        if self.then.is_some() && self.size.height >= 10 { 3 } else { 1 }
    }

    /// How many columns and rows a screen has between what is above it and the last line.
    pub(crate) const fn body(&self) -> Size {
        Size { width: self.size.width, height: self.size.height.saturating_sub(self.above() + 1) }
    }

    /// Whether the order of rows holds still, because keys are being pressed.
    pub(crate) fn holds_still(&self) -> bool {
        self.last_key.is_some_and(|pressed| self.live.now.mono.since(pressed) < HOLD)
    }

    /// Says something on the last line for a moment.
    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), since: self.live.now.mono });
    }

    /// The interval in force.
    pub(crate) fn interval(&self) -> Duration {
        self.preferences.refresh().unwrap_or(self.set.interval)
    }

    /// The colours in force, before the terminal has its say.
    pub(crate) fn theme(&self) -> ThemeChoice {
        self.preferences.theme().unwrap_or(self.set.theme)
    }
}
