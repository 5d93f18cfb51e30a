//! One host in panels: side by side where there is room, else below one another with a scroll bar. A panel can be chosen,
//! and zoomed over the whole screen. What the panels show is the widgets' business.

mod reasons;

use cm_core::fleet::HostState;
use cm_core::health::{Subject, SubjectKind};
use cm_core::host::HostId;
use cm_core::metric::MetricId;
use cm_core::report::Api;
use cm_core::text::terminal;
use cm_core::unit::Milliseconds;
use cm_core::wording;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use self::reasons::{reasons, told};
use super::{Hit, Page, Screen, Step, scrolled};
use crate::action::Way;
use crate::layout::{self, Place};
use crate::paint::{Canvas, columns};
use crate::state::State;
use crate::theme::Role;
use crate::widget::{LIST, Scene, Widget};

/// The most rows of a sheet: what one host tells is bounded, and so is what is drawn of it.
const LONGEST_SHEET: u16 = 2_000;

/// Whether the chosen panel has the whole screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Zoom {
    /// All panels are seen.
    #[default]
    Out,
    /// The chosen one alone.
    In,
}

/// The state of a host's screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostPage {
    /// Which host.
    pub(crate) host: HostId,
    /// The chosen panel, by its widget's name.
    panel: Option<&'static str>,
    /// Which of its items has the cursor.
    item: usize,
    zoom: Zoom,
    /// The first row that is seen.
    first: u16,
}

/// The panels that are drawn, and where.
struct Sheet {
    places: Vec<(&'static dyn Widget, Place)>,
    height: u16,
}

impl HostPage {
    /// The screen of a host, as it opens.
    pub(crate) const fn of(host: HostId) -> Self {
        Self { host, panel: None, item: 0, zoom: Zoom::Out, first: 0 }
    }

    /// Turns to another host; panel and zoom stay.
    pub(crate) fn show(&mut self, host: HostId) {
        self.host = host;
        self.item = 0;
    }

    /// Chooses the next panel, or the one before.
    pub(crate) fn turn(&mut self, state: &State, way: Way) {
        let names = self.names(state);
        let at = names.iter().position(|name| Some(*name) == self.panel);
        self.choose(state, way.from(at, names.len()));
    }

    /// Chooses the panel at a place, from 0, if there are so many.
    pub(crate) fn choose(&mut self, state: &State, nth: usize) {
        if let Some(name) = self.names(state).get(nth) {
            self.panel = Some(name);
            self.item = 0;
        }
    }

    /// Zooms the chosen panel, or the first, and back.
    pub(crate) fn zoom(&mut self, state: &State) {
        if self.panel.is_none() {
            self.choose(state, 0);
        }
        self.zoom = if self.zoom == Zoom::Out { Zoom::In } else { Zoom::Out };
        self.first = 0;
    }

    /// The chosen panel, by its widget's name.
    #[cfg(test)]
    pub(crate) const fn panel(&self) -> Option<&'static str> {
        self.panel
    }

    /// What has the cursor within the chosen panel.
    pub(crate) fn subject(&self, state: &State) -> Option<Subject> {
        let scene = self.scene(state)?;
        self.widget()?.items(&scene).into_iter().nth(self.item)
    }

    fn widget(&self) -> Option<&'static dyn Widget> {
        LIST.iter().copied().find(|widget| Some(widget.name()) == self.panel)
    }

    fn scene<'s>(&self, state: &'s State) -> Option<Scene<'s>> {
        Scene::of(state, state.picture().place(&self.host)?)
    }

    /// The names of the panels that there are for this host, in their order.
    fn names(&self, state: &State) -> Vec<&'static str> {
        let Some(scene) = self.scene(state) else { return Vec::new() };
        let width = state.body().width;
        wanted(&scene).filter(|widget| widget.height(&scene, width) > 0).map(Widget::name).collect()
    }

    fn sheet(&self, scene: &Scene<'_>, width: u16, height: u16) -> Sheet {
        if self.zoom == Zoom::In
            && let Some(widget) = self.widget()
        {
            let wants = widget.height(scene, width).saturating_add(1).max(height).min(LONGEST_SHEET);
            let place = Place { panel: 0, x: 0, y: 0, width, height: wants };
            return Sheet { places: vec![(widget, place)], height: wants };
        }
        let widgets: Vec<&'static dyn Widget> = wanted(scene).collect();
        let spans: Vec<layout::Span> = widgets.iter().map(|widget| widget.span()).collect();
        let height_of = |at: usize, width: u16| match widgets[at].height(scene, width) {
            0 => 0,
            rows => rows.saturating_add(1),
        };
        let mut places = layout::panels(&spans, width, height_of);
        let wanted = places.iter().map(|place| place.y.saturating_add(place.height)).max().unwrap_or(0);
        layout::grow(&mut places, |at| widgets[at].grows(scene), height.saturating_sub(wanted));
        let places: Vec<_> = places
            .into_iter()
            .filter(|place| place.y.saturating_add(place.height) <= LONGEST_SHEET)
            .map(|place| (widgets[place.panel], place))
            .collect();
        let height = places.iter().map(|(_, place)| place.y + place.height).max().unwrap_or(0);
        Sheet { places, height }
    }

    /// The sheet as it fits the screen: where it is longer, a column is left to the scroll bar.
    fn fitted(&self, scene: &Scene<'_>, state: &State) -> Sheet {
        let width = state.body().width;
        let height = state.body().height.saturating_sub(told(scene));
        let sheet = self.sheet(scene, width, height);
        if sheet.height <= height { sheet } else { self.sheet(scene, width.saturating_sub(1), height) }
    }
}

/// The widgets that configuration and user want.
fn wanted<'s>(scene: &Scene<'s>) -> impl Iterator<Item = &'static dyn Widget> + use<'s> {
    let state = scene.state;
    let facts = state.set.facts.get(scene.place);
    LIST.iter().copied().filter(move |widget| {
        let configured = || facts.is_none_or(|facts| widget.is_wanted(&facts.widgets));
        state.preferences.panel(widget.name()).unwrap_or_else(configured)
    })
}

impl Page for HostPage {
    fn crumbs(&self, _: &State) -> Vec<String> {
        vec![self.host.to_string()]
    }

    fn draw_head(&self, state: &State, canvas: &mut Canvas<'_>, x: u16) -> u16 {
        let Some(scene) = self.scene(state) else { return x };
        let health = scene.standing.verdict.health;
        let mark = scene.standing.mark(state.look.glyphs);
        let word = match (wording::link_mark(scene.standing.link, state.look.glyphs), health) {
            (Some(_), cm_core::health::Health::Ok | cm_core::health::Health::Unknown) => scene.standing.link.word(),
            (_, cm_core::health::Health::Ok) => "well",
            (_, health) => health.word(),
        };
        let mut x = canvas.put(x, 0, format!("{mark} {word}").as_str(), Role::of(health)) + 2;
        let report = scene.host.service();
        let parts = [
            scene.host.member.host.role.as_ref().map(ToString::to_string),
            report.and_then(|report| report.os.as_ref()).map(|os| terminal::line(os).into_owned()),
            report.and_then(|report| report.uptime_s).map(|uptime| format!("up {uptime}")),
            state.set.verbose.then(|| answered(scene.host)).flatten(),
        ];
        for part in parts.into_iter().flatten() {
            if x + columns(state.look, &part) <= canvas.width() {
                x = canvas.put(x, 0, part.as_str(), Role::Dim) + 2;
            }
        }
        x
    }

    fn draw(&self, state: &State, mut canvas: Canvas<'_>) {
        let Some(mut scene) = self.scene(state) else {
            canvas.put(2, 1, format!("{} is not watched any more.", self.host).as_str(), Role::Plain);
            return;
        };
        let top = reasons(&scene, &mut canvas);
        let (width, height) = (canvas.width(), canvas.height().saturating_sub(top));
        let sheet = self.fitted(&scene, state);
        if sheet.places.is_empty() {
            canvas.put(2, top + 1, "Nothing is known of it yet.", Role::Dim);
            return;
        }
        let area = Rect { x: 0, y: 0, width, height: sheet.height };
        let mut cells = Buffer::empty(area);
        for (widget, place) in &sheet.places {
            let mut panel = Canvas::new(&mut cells, area, state.look);
            if place.x > 0 {
                panel.divide(place.x - 1, place.y, place.height);
            }
            let has_keys = self.panel == Some(widget.name());
            scene.cursor = has_keys.then_some(self.item);
            let mut panel = panel.part(place.x, place.y, place.width, place.height);
            panel.rule(0, &widget.title(&scene), if has_keys { Role::Accent } else { Role::Dim });
            let (wide, rows) = (panel.width(), panel.height());
            widget.draw(&scene, panel.part(0, 1, wide, rows.saturating_sub(1)));
        }
        let mut window = canvas.part(0, top, width, height);
        window.show(&cells, self.first);
        window.scroll_bar(usize::from(self.first), usize::from(sheet.height));
    }

    fn step(&mut self, state: &State, step: Step) {
        let Some(scene) = self.scene(state) else { return };
        let items = self.widget().map_or(0, |widget| widget.items(&scene).len());
        let page = (state.body().height / 2).max(1);
        if items > 0 {
            let last = items - 1;
            self.item = match step {
                Step::Up => self.item.saturating_sub(1),
                Step::Down => self.item + 1,
                Step::PageUp => self.item.saturating_sub(usize::from(page)),
                Step::PageDown => self.item + usize::from(page),
                Step::Top => 0,
                Step::Bottom => last,
            }
            .min(last);
            return;
        }
        self.first = match step {
            Step::Up => self.first.saturating_sub(1),
            Step::Down => self.first.saturating_add(1),
            Step::PageUp => self.first.saturating_sub(page),
            Step::PageDown => self.first.saturating_add(page),
            Step::Top => 0,
            Step::Bottom => u16::MAX,
        };
    }

    fn settle(&mut self, state: &State) {
        let Some(scene) = self.scene(state) else { return };
        let sheet = self.fitted(&scene, state);
        let height = state.body().height.saturating_sub(told(&scene));
        let chosen = sheet.places.iter().find(|(widget, _)| Some(widget.name()) == self.panel);
        if let Some((widget, place)) = chosen {
            let items = widget.items(&scene).len();
            self.item = self.item.min(items.saturating_sub(1));
            // The chosen panel is seen, and in it the row of the cursor.
            let row = if items > 0 { 1 + widget.row_of(&scene, place.width, self.item) } else { 0 };
            let from = usize::from(if items > 0 && row > 1 { place.y.saturating_add(row) } else { place.y });
            let wanted = if items > 0 { if row > 1 { 1 } else { 2 } } else { usize::from(place.height) };
            let first = scrolled(self.first.into(), height.into(), from, wanted, sheet.height.into());
            if items > 0 || !(place.y..place.y + place.height).contains(&self.first) {
                self.first = u16::try_from(first).unwrap_or(u16::MAX);
            }
        }
        self.first = self.first.min(sheet.height.saturating_sub(height));
    }

    fn inside(&self, state: &State) -> Option<Screen> {
        let scene = self.scene(state)?;
        if let Some(screen) = self.widget().and_then(|widget| widget.opens(&scene, self.item)) {
            return Some(screen);
        }
        let subject = self.subject(state).unwrap_or_else(Subject::host);
        Some(super::detail::screen(self.host.clone(), subject))
    }

    fn host(&self, _: &State) -> Option<HostId> {
        Some(self.host.clone())
    }

    fn charted(&self, state: &State) -> Option<(Subject, Option<MetricId>)> {
        let subject = self.subject(state).unwrap_or_else(Subject::host);
        let is_memory = subject.kind == SubjectKind::Host && self.panel == Some("memory");
        Some((subject, is_memory.then_some(state.shown.memory_use)))
    }

    fn copied(&self, state: &State) -> Option<String> {
        let scene = self.scene(state)?;
        if let Some(subject) = self.subject(state).filter(|subject| subject.kind != SubjectKind::Host) {
            return Some(format!("{} {}", self.host, terminal::line(&subject.name)));
        }
        let verdict = &scene.standing.verdict;
        let reasons = verdict.reasons.iter().map(|reason| format!("\n  {}", terminal::line(&reason.text)));
        Some(format!("{} {}{}", self.host, verdict.health, reasons.collect::<String>()))
    }

    fn click(&mut self, state: &State, x: u16, y: u16) -> Hit {
        let Some(scene) = self.scene(state) else { return Hit::Nothing };
        let Some(y) = y.checked_sub(told(&scene)).map(|y| y.saturating_add(self.first)) else { return Hit::Nothing };
        let sheet = self.fitted(&scene, state);
        let within = |place: &Place| {
            (place.x..place.x.saturating_add(place.width)).contains(&x)
                && (place.y..place.y.saturating_add(place.height)).contains(&y)
        };
        let Some((widget, place)) = sheet.places.iter().find(|(_, place)| within(place)) else { return Hit::Nothing };
        let before = (self.panel, self.item);
        self.panel = Some(widget.name());
        self.item = 0;
        let row = (y - place.y).saturating_sub(1);
        let items = widget.items(&scene).len();
        let hit = (0..items).rfind(|&item| widget.row_of(&scene, place.width, item) <= row);
        self.item = hit.unwrap_or(0);
        if before == (self.panel, self.item) { Hit::Same } else { Hit::New }
    }

    fn give_up(&mut self) -> bool {
        if self.zoom == Zoom::In {
            self.zoom = Zoom::Out;
            true
        } else {
            self.panel.take().is_some()
        }
    }
}

/// How long the slowest of its last good answers took.
fn answered(host: &HostState) -> Option<String> {
    let good = Api::ALL.into_iter().filter_map(|api| host.api(api)?.last_good());
    let took = good.map(|good| good.took).max()?;
    Some(format!("answered in {}", Milliseconds::saturating(took.as_secs_f64() * 1_000.0)))
}
