//! Widgets: the panels of a host, one file each behind one small trait, and the list of them. docs/WIDGETS.md shows how to
//! write one. They draw what a host told; they know no keys and no other widget.

mod backup;
mod cpu;
mod disks_network;
mod external;
mod gpu;
mod memory;
mod nvme;
mod recent;
mod services;

pub(crate) use backup::sign as backup_sign;

use std::fmt;

use cm_core::config::dashboard::Widgets;
use cm_core::fleet::HostState;
use cm_core::health::{Subject, Verdict};
use cm_core::metric::MetricId;

use crate::layout::Span;
use crate::paint::Canvas;
use crate::picture::{Picture, Standing};
use crate::screen::Screen;
use crate::state::State;
use crate::theme::Role;

/// What a widget sees: one host at the moment that the screen shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'s> {
    /// Everything else.
    pub(crate) state: &'s State,
    /// The fleet at that moment.
    pub(crate) picture: &'s Picture,
    /// The host's place in the fleet.
    pub(crate) place: usize,
    /// The host.
    pub(crate) host: &'s HostState,
    /// How it stands.
    pub(crate) standing: &'s Standing,
    /// Which of the widget's items has the cursor.
    pub(crate) cursor: Option<usize>,
}

impl<'s> Scene<'s> {
    /// The scene of a host.
    pub(crate) fn of(state: &'s State, place: usize) -> Option<Self> {
        let picture = state.picture();
        let (host, standing) = picture.host(place)?;
        Some(Self { state, picture, place, host, standing, cursor: None })
    }

    /// The last readings of a metric, the oldest first; the host itself has no subject's name.
    pub(crate) fn recent(&self, metric: MetricId, subject: &str) -> impl DoubleEndedIterator<Item = f32> {
        self.state.readings().of(self.place, metric, subject)
    }

    /// The role of the worst that is wrong with a metric on something; plain where nothing is.
    pub(crate) fn role(&self, metric: MetricId, subject: &str) -> Role {
        let about =
            |reason: &&cm_core::health::Reason| reason.metric == Some(metric) && reason.subject.name.raw() == subject;
        let reasons = self.standing.verdict.reasons.iter().filter(about);
        reasons.map(|reason| reason.health).max_by_key(|health| health.trouble()).map_or(Role::Plain, Role::of)
    }

    /// The owner's limits and the catalogue's over one thing, by a function of `cm_core::verdict`.
    pub(crate) fn judged(&self, judge: impl FnOnce(&cm_core::verdict::Policy) -> Verdict) -> Verdict {
        judge(&self.host.member.policy)
    }
}

/// A panel of a host.
pub(crate) trait Widget: Sync + fmt::Debug {
    /// Its permanent name, in preferences and configuration: a word.
    fn name(&self) -> &'static str;

    /// What its title rule says.
    fn title(&self, scene: &Scene<'_>) -> String;

    /// Whether there is anything that could fill it, on whatever host.
    fn is_there(&self, _state: &State) -> bool {
        true
    }

    /// What it is called where it can be switched: its name.
    fn label(&self, _state: &State) -> String {
        self.name().to_owned()
    }

    /// How much of a row it wants where two panels fit side by side.
    fn span(&self) -> Span {
        Span::Half
    }

    /// Whether the configuration wants it.
    fn is_wanted(&self, _widgets: &Widgets) -> bool {
        true
    }

    /// How many rows it wants at a width, its title rule left out; 0 where there is nothing to show, and then the panel
    /// is left out.
    fn height(&self, scene: &Scene<'_>, width: u16) -> u16;

    /// How many rows more it makes use of where the screen has room to spare.
    fn grows(&self, _scene: &Scene<'_>) -> u16 {
        0
    }

    /// Draws itself, below its title rule. There may be fewer rows than it wants, and more.
    fn draw(&self, scene: &Scene<'_>, canvas: Canvas<'_>);

    /// What in it can have the cursor and be opened, in the order in which it is drawn.
    fn items(&self, _scene: &Scene<'_>) -> Vec<Subject> {
        Vec::new()
    }

    /// What `Enter` opens on an item; nothing where that is the detail of the subject.
    fn opens(&self, _scene: &Scene<'_>, _item: usize) -> Option<Screen> {
        None
    }

    /// In which row below the title rule an item is drawn at a width.
    fn row_of(&self, _scene: &Scene<'_>, _width: u16, item: usize) -> u16 {
        u16::try_from(item).unwrap_or(u16::MAX)
    }
}

/// All widgets, in the order in which they are drawn. A new one is a file and a line here.
pub(crate) static LIST: &[&dyn Widget] = &[
    &nvme::Nvme,
    &memory::Memory,
    &cpu::Cpu,
    &disks_network::DisksNetwork,
    &gpu::Gpu,
    &services::Services,
    &backup::Backup,
    &recent::Recent,
    &external::External { name: "external_a", place: 0 },
    &external::External { name: "external_b", place: 1 },
    &external::External { name: "external_c", place: 2 },
    &external::External { name: "external_d", place: 3 },
    &external::External { name: "external_e", place: 4 },
    &external::External { name: "external_f", place: 5 },
    &external::External { name: "external_g", place: 6 },
    &external::External { name: "external_h", place: 7 },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_widget_has_a_name_of_its_own() {
        let mut names: Vec<_> = LIST.iter().map(|widget| widget.name()).collect();
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), LIST.len());
    }
}
