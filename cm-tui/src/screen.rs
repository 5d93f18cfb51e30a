//! The screens: each is a page with a state of its own, and they lie on a stack. A new one is one file, one line in the
//! list below, and an act that opens it.

pub(crate) mod alert;
pub(crate) mod alerts;
pub(crate) mod backup;
pub(crate) mod chart;
pub(crate) mod detail;
pub(crate) mod drive;
pub(crate) mod events;
pub(crate) mod facts;
pub(crate) mod help;
pub(crate) mod host;
pub(crate) mod overview;
mod process;
pub(crate) mod service;
pub(crate) mod settings;
pub(crate) mod sheet;

use cm_core::health::Subject;
use cm_core::host::HostId;
use cm_core::metric::MetricId;

use crate::history::Ask;
use crate::paint::Canvas;
use crate::state::State;

/// A step of the cursor, or of what is scrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// One up.
    Up,
    /// One down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the top.
    Top,
    /// To the bottom.
    Bottom,
}

/// What a click hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hit {
    /// Nothing.
    Nothing,
    /// Something that got the cursor by it.
    New,
    /// What had the cursor already.
    Same,
}

/// How rows are filtered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filtered {
    /// By which words.
    pub(crate) words: String,
    /// How many rows are shown.
    pub(crate) shown: usize,
    /// Of how many.
    pub(crate) all: usize,
}

/// What every screen can do. While a method runs, the page is off the stack: `state` is all the rest.
pub(crate) trait Page {
    /// Where one is, after `CM`: a host, a drive. Text from hosts may stand in it.
    fn crumbs(&self, state: &State) -> Vec<String>;

    /// Draws, behind the crumbs in the first line, how it stands; nothing by default. Answers where that ends.
    fn draw_head(&self, _state: &State, _canvas: &mut Canvas<'_>, x: u16) -> u16 {
        x
    }

    /// Draws what is between first and last line.
    fn draw(&self, state: &State, canvas: Canvas<'_>);

    /// Takes a step.
    fn step(&mut self, state: &State, step: Step);

    /// The wheel turned a notch.
    fn wheel(&mut self, state: &State, step: Step) {
        self.step(state, step);
    }

    /// Makes sense of what has changed around it: a cursor on a host that is gone, rows that no longer fit. It is called
    /// after every event.
    fn settle(&mut self, _state: &State) {}

    /// What `Enter` opens.
    fn inside(&self, _state: &State) -> Option<Screen> {
        None
    }

    /// The host that acts are about.
    fn host(&self, _state: &State) -> Option<HostId> {
        None
    }

    /// The thing that `c` charts, and of which metric, where that is settled.
    fn charted(&self, _state: &State) -> Option<(Subject, Option<MetricId>)> {
        Some((Subject::host(), None))
    }

    /// What it wants to know of the stored history.
    fn asks(&self, _state: &State) -> Vec<Ask> {
        Vec::new()
    }

    /// What `y` copies.
    fn copied(&self, _state: &State) -> Option<String> {
        None
    }

    /// A click on a place of the body.
    fn click(&mut self, _state: &State, _x: u16, _y: u16) -> Hit {
        Hit::Nothing
    }

    /// The button is held and has moved to a place of the body.
    fn drag(&mut self, _state: &State, _x: u16, _y: u16) {}

    /// How its rows are filtered; nothing where they can't be.
    fn filtered(&self, _state: &State) -> Option<Filtered> {
        None
    }

    /// Filters its rows by words.
    fn filter(&mut self, _words: String) {}

    /// Gives up one thing that was set within the page (a filter, a zoom) instead of closing it; answers whether there
    /// was one.
    fn give_up(&mut self) -> bool {
        false
    }
}

macro_rules! screens {
    ($($(#[$doc:meta])* $name:ident($page:ty)),+ $(,)?) => {
        /// A screen with its state.
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) enum Screen {
            $($(#[$doc])* $name($page)),+
        }

        /// Which sort of screen: acts say on which of them they work.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Kind {
            $($(#[$doc])* $name),+
        }

        impl Kind {
            /// All of them.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),+];
        }

        impl Screen {
            /// Which sort of screen it is.
            pub(crate) const fn kind(&self) -> Kind {
                match self { $(Self::$name(_) => Kind::$name),+ }
            }

            /// What it can do.
            pub(crate) fn page(&self) -> &dyn Page {
                match self { $(Self::$name(page) => page),+ }
            }

            /// What it can do, changing itself.
            pub(crate) fn page_mut(&mut self) -> &mut dyn Page {
                match self { $(Self::$name(page) => page),+ }
            }
        }
    };
}

screens! {
    /// All hosts, a row each.
    Overview(overview::Overview),
    /// One host, in panels.
    Host(host::HostPage),
    /// All alerts.
    Alerts(alerts::AlertsPage),
    /// One alert with its evidence.
    Alert(alert::AlertPage),
    /// Every setting in force.
    Settings(settings::SettingsPage),
    /// Which keys do what.
    Help(help::Help),
    /// One drive.
    Drive(drive::Drive),
    /// One service.
    Service(service::Service),
    /// The backup of a host.
    Backup(backup::Backup),
    /// A host with all its facts.
    Facts(facts::Facts),
    /// What has happened.
    Events(events::Events),
    /// The course of a metric.
    Chart(chart::ChartPage),
}

impl Screen {
    /// The screen that the program opens with.
    pub(crate) fn first() -> Self {
        Self::Overview(overview::Overview::default())
    }

    /// What a detail screen knows of its own; nothing where it is no detail screen.
    pub(crate) fn detail_mut(&mut self) -> Option<&mut dyn detail::Detail> {
        match self {
            Self::Drive(page) => Some(page),
            Self::Service(page) => Some(page),
            Self::Backup(page) => Some(page),
            Self::Facts(page) => Some(page),
            _ => None,
        }
    }
}

/// The first row to show so that `wanted` rows from `from` on are seen in a window of `height`, moving as little as can be.
pub(crate) fn scrolled(first: usize, height: usize, from: usize, wanted: usize, all: usize) -> usize {
    let wanted = wanted.min(height);
    let first = if from + wanted > first + height { from + wanted - height } else { first };
    first.min(from).min(all.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::scrolled;

    #[test]
    fn the_window_follows_the_cursor_and_moves_as_little_as_can_be() {
        for (first, height, from, wanted, all, expected) in [
            (0, 10, 3, 2, 50, 0),
            (0, 10, 9, 2, 50, 1),
            (20, 10, 5, 1, 50, 5),
            (45, 10, 47, 1, 50, 40),
            (0, 3, 5, 9, 50, 5),
            (0, 0, 5, 1, 50, 5),
            (7, 10, 0, 0, 0, 0),
        ] {
            assert_eq!(scrolled(first, height, from, wanted, all), expected, "{first} {height} {from} {wanted} {all}");
        }
    }
}
