//! Detail screens: one thing of one host, all that is told of it on a sheet that scrolls. What is written on the sheet is
//! each screen's own business; what they have in common as pages stands here.

mod figure;

use cm_core::health::{Health, Subject, SubjectKind, Verdict};
use cm_core::host::HostId;
use cm_core::metric::MetricId;
use cm_core::report::Api;
use cm_core::text::terminal;
use cm_core::wording;

use super::host::HostPage;
use super::sheet::{Scroll, Sheet};
use super::{Hit, Page, Screen, Step};
use crate::action::Way;
use crate::history::Ask;
use crate::paint::{Canvas, columns};
use crate::state::State;
use crate::theme::Role;
use crate::widget::{LIST, Scene};

pub(super) use figure::{courses, figures, named};

/// Which thing of which host a detail screen shows, and from which row on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct At {
    /// Which host.
    pub(crate) host: HostId,
    /// Which thing.
    pub(crate) subject: Subject,
    scroll: Scroll,
    /// Whether the section that was asked for is still to be scrolled to.
    arriving: bool,
}

impl At {
    /// A thing of a host, from its first row on.
    pub(crate) fn of(host: HostId, subject: Subject) -> Self {
        Self { host, subject, scroll: Scroll::default(), arriving: true }
    }

    fn scene<'s>(&self, state: &'s State) -> Option<Scene<'s>> {
        Scene::of(state, state.picture().place(&self.host)?)
    }
}

/// What a detail screen knows of its own.
pub(crate) trait Detail {
    /// What it shows.
    fn at(&self) -> &At;

    /// What it shows, to be changed.
    fn at_mut(&mut self) -> &mut At;

    /// Which API tells of it; several for the host itself.
    fn api(&self) -> Option<Api>;

    /// How the thing is; nothing where the host does not tell of it any more.
    fn verdict(&self, scene: &Scene<'_>) -> Option<Verdict>;

    /// What it wants to know of the stored history.
    fn wants(&self, _scene: &Scene<'_>) -> Vec<Ask> {
        Vec::new()
    }

    /// Writes all that is told of it.
    fn write(&self, scene: &Scene<'_>, sheet: &mut Sheet);
}

/// The screen for a thing of a host; what has none of its own stands among the host's facts.
pub(crate) fn screen(host: HostId, subject: Subject) -> Screen {
    let at = At::of(host, subject);
    match at.subject.kind {
        SubjectKind::Drive => Screen::Drive(super::drive::Drive { at }),
        SubjectKind::Service => Screen::Service(super::service::Service { at }),
        SubjectKind::Backup => Screen::Backup(super::backup::Backup { at }),
        _ => Screen::Facts(super::facts::Facts { at }),
    }
}

/// What opens for something that happened: a host's own screen where it is about the host, else the thing's.
pub(crate) fn opened(host: HostId, subject: Subject) -> Screen {
    match subject.kind {
        SubjectKind::Host | SubjectKind::Api => Screen::Host(HostPage::of(host)),
        _ => screen(host, subject),
    }
}

/// Whether two subjects are one thing: by what it is for good where both tell, else by name.
pub(super) fn is_same(one: &Subject, other: &Subject) -> bool {
    let known = match (&one.identity, &other.identity) {
        (Some(one), Some(other)) => one == other,
        _ => one.name == other.name,
    };
    one.kind == other.kind && known
}

/// What there is of a kind on a host, in the order of the panels; a host's facts are one thing, whichever comes first.
fn items(scene: &Scene<'_>, kind: SubjectKind) -> Vec<Subject> {
    if !matches!(kind, SubjectKind::Drive | SubjectKind::Service | SubjectKind::Backup) {
        return vec![Subject::host()];
    }
    let items = LIST.iter().flat_map(|widget| widget.items(scene)).filter(|subject| subject.kind == kind);
    let mut items: Vec<Subject> = items.collect();
    items.dedup_by(|one, other| is_same(one, other));
    items
}

/// Turns to the next thing of the same kind, or the one before: on this host, then on the next in the overview's order.
pub(crate) fn turn(detail: &mut dyn Detail, state: &State, way: Way) {
    let shown = state.overview().map(|page| page.order.clone()).unwrap_or_default();
    let order = if shown.is_empty() { (0..state.picture().fleet.hosts().len()).collect() } else { shown };
    let mut things = Vec::new();
    for place in order {
        let Some(scene) = Scene::of(state, place) else { continue };
        let host = &scene.host.member.host.id;
        things.extend(items(&scene, detail.at().subject.kind).into_iter().map(|subject| (host.clone(), subject)));
    }
    let at = detail.at();
    let is_here = |(host, subject): &(HostId, Subject)| *host == at.host && is_same(subject, &at.subject);
    let here = things.iter().position(is_here).or_else(|| things.iter().position(|(host, _)| *host == at.host));
    let next = way.from(here, things.len());
    if let Some((host, subject)) = things.into_iter().nth(next) {
        let at = detail.at_mut();
        at.host = host;
        at.subject = subject;
    }
}

impl<T: Detail> Page for T {
    fn crumbs(&self, _: &State) -> Vec<String> {
        let At { host, subject, .. } = self.at();
        let kind = match subject.kind {
            SubjectKind::Drive | SubjectKind::Service => terminal::line(&subject.name).into_owned(),
            SubjectKind::Backup => "backup".to_owned(),
            _ => "all facts".to_owned(),
        };
        vec![host.to_string(), kind]
    }

    fn draw_head(&self, state: &State, canvas: &mut Canvas<'_>, x: u16) -> u16 {
        let Some(scene) = self.at().scene(state) else { return x };
        let Some(verdict) = self.verdict(&scene) else { return x };
        let mark = wording::mark(verdict.health, state.look.glyphs);
        let word = if verdict.health == Health::Ok { "well" } else { verdict.health.word() };
        let x = canvas.put(x, 0, format!("{mark} {word}").as_str(), Role::of(verdict.health)) + 2;
        let Some((told, role)) = age(self.api(), &scene) else { return x };
        // An age that is cut says nothing; the first line has one too.
        let room = canvas.width().saturating_sub(x);
        if columns(state.look, &told) > room { x } else { canvas.put(x, 0, told.as_str(), role) }
    }

    fn draw(&self, state: &State, mut canvas: Canvas<'_>) {
        shown(self, state).draw(&mut canvas, self.at().scroll.first());
    }

    fn step(&mut self, state: &State, step: Step) {
        let window = shown(self, state).window(state.body().height);
        self.at_mut().scroll.step(step, window);
    }

    fn wheel(&mut self, state: &State, step: Step) {
        let window = shown(self, state).window(state.body().height);
        self.at_mut().scroll.wheel(step, window);
    }

    fn settle(&mut self, state: &State) {
        // Every answer of every host comes by here: what is not scrolled needs no laying out.
        if !self.at().arriving && self.at().scroll.first() == 0 {
            return;
        }
        let sheet = shown(self, state);
        let kind = self.at().subject.kind;
        let at = self.at_mut();
        if std::mem::take(&mut at.arriving)
            && kind != SubjectKind::Host
            && let Some(row) = sheet.section(kind)
        {
            at.scroll.to(row);
        }
        at.scroll.settle(sheet.window(state.body().height));
    }

    fn click(&mut self, state: &State, x: u16, y: u16) -> Hit {
        let window = shown(self, state).window(state.body().height);
        if self.at_mut().scroll.grab(x, y, window) { Hit::New } else { Hit::Nothing }
    }

    fn drag(&mut self, state: &State, x: u16, y: u16) {
        let window = shown(self, state).window(state.body().height);
        self.at_mut().scroll.grab(x, y, window);
    }

    fn host(&self, _: &State) -> Option<HostId> {
        Some(self.at().host.clone())
    }

    fn charted(&self, _: &State) -> Option<(Subject, Option<MetricId>)> {
        Some((self.at().subject.clone(), None))
    }

    fn asks(&self, state: &State) -> Vec<Ask> {
        self.at().scene(state).map(|scene| self.wants(&scene)).unwrap_or_default()
    }

    fn copied(&self, state: &State) -> Option<String> {
        let sheet = laid_out(self, state, Sheet::unwrapped());
        Some(format!("{}\n{}", self.crumbs(state).join(" "), sheet.plain()))
    }
}

/// It as it is laid out for the screen.
fn shown(detail: &impl Detail, state: &State) -> Sheet {
    laid_out(detail, state, Sheet::new(state.look, state.body().width))
}

/// Fills a sheet; where there is nothing to fill it with, says why.
fn laid_out(detail: &impl Detail, state: &State, mut sheet: Sheet) -> Sheet {
    let At { host, subject, .. } = detail.at();
    let Some(scene) = detail.at().scene(state) else {
        sheet.text(1, format!("{host} is not watched any more.").as_str(), Role::Plain);
        return sheet;
    };
    if detail.verdict(&scene).is_some() {
        detail.write(&scene, &mut sheet);
        return sheet;
    }
    let heard = detail.api().is_none_or(|api| scene.host.api(api).is_some_and(|api| api.last_good().is_some()));
    let told = match (heard, subject.kind) {
        (false, kind) => format!("{host} has told nothing of its {} yet.", plural(kind)),
        (true, SubjectKind::Backup) => format!("{host} tells nothing of its backup."),
        (true, kind) => format!("{host} tells of no {} {} any more.", kind.word(), terminal::line(&subject.name)),
    };
    sheet.text(1, told.as_str(), Role::Plain);
    sheet.reasons(&scene.standing.verdict.reasons);
    sheet
}

const fn plural(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Drive => "drives",
        SubjectKind::Service => "services",
        SubjectKind::Backup => "backup",
        _ => "state",
    }
}

/// How old is what is shown: nothing old looks new.
fn age(api: Option<Api>, scene: &Scene<'_>) -> Option<(String, Role)> {
    use cm_core::observation::LinkState::Answering;
    let now = scene.picture.now;
    let (age, fresh) = match api {
        None => (scene.host.age(now)?, scene.standing.link == Answering),
        Some(api) => {
            let good = scene.host.api(api)?.last_good()?;
            let link = scene.picture.fleet.link(scene.host, api, now);
            (now.boot.since(good.at.boot), link == Answering)
        }
    };
    let age = wording::age(age);
    Some(if fresh { (format!("told {age} ago"), Role::Dim) } else { (format!("told {age} ago ~"), Role::Warn) })
}

#[cfg(test)]
mod tests;
