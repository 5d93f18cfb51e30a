//! Pictures of every screen as text, kept in `tests/golden/` and compared. `CM_BLESS=1 cargo test -p cm-tui` writes them
//! anew; they are read as carefully as code.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_core::clock::{ManualClock, Now, WallTime};
use cm_core::config::dashboard::Theme as Choice;
use cm_core::demo::Demo;
use cm_core::fleet::{Fleet, Freshness, Member};
use cm_core::host::{Host, HostId, Role as HostRole};
use cm_core::observation::{Failure, FailureKind, Observation, Way};
use cm_core::report::{Api, Report};
use cm_core::series::retention::Policy;
use cm_core::text::HostText;
use cm_core::wording::Glyphs;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::history::look::Room;
use crate::history::{History, Source};
use crate::key::Chord;
use crate::keymap::KeyMap;
use crate::state::{Facts, Origin, Rights, Set, Size, State};
use crate::theme::{Look, Theme};
use crate::update::{Effect, Event, update};
use crate::view::view;

/// The sizes at which screens are kept.
pub(crate) const SIZES: [(u16, u16); 4] = [(60, 15), (80, 24), (120, 40), (200, 60)];

/// 2025-12-17 19:33:20 UTC.
const START_S: i64 = 1_766_000_000;

/// The moment of every picture.
pub(crate) fn start() -> WallTime {
    WallTime::from_secs(START_S)
}

/// A state and the clock that it lives by.
pub(crate) struct Stage {
    /// The state.
    pub(crate) state: State,
    clock: ManualClock,
    told: Vec<Effect>,
    /// Who answers from the history, at once.
    room: Option<Room>,
}

impl Stage {
    /// A fleet of these members, of which nothing is known yet.
    pub(crate) fn new(members: Vec<Member>, size: (u16, u16)) -> Self {
        let now = Now { wall: start(), ..Now::default() }.after(Duration::ZERO);
        let now =
            Now { boot: now.boot.after(Duration::from_hours(1)), mono: now.mono.after(Duration::from_hours(1)), ..now };
        let set = Set {
            origin: Origin::Demo,
            rights: Rights::Act,
            facts: vec![Facts::default(); members.len()],
            interval: Duration::from_secs(5),
            theme: Choice::Auto,
            ahead_s: |_| 3_600,
            in_force: crate::in_force::InForce::default(),
            verbose: false,
        };
        let fleet = Fleet::new(members, Freshness::for_interval(Duration::from_secs(5)));
        let look = Look { theme: Theme::Dark, glyphs: Glyphs::Unicode };
        let size = Size { width: size.0, height: size.1 };
        let keys = KeyMap::new(&[]).expect("the keys that come along do not clash");
        let state = State::new(set, fleet, keys, look, size, now);
        Self { state, clock: ManualClock::at(now), told: Vec::new(), room: None }
    }

    /// The made-up fleet after so many rounds.
    pub(crate) fn demo(demo: &Demo, rounds: u32, size: (u16, u16)) -> Self {
        let mut stage = Self::new(demo.hosts().iter().cloned().map(Member::new).collect(), size);
        for round in 0..rounds {
            if round > 0 {
                stage.wait(5);
            }
            for host in demo.hosts() {
                for api in Api::ALL {
                    let at = stage.now();
                    stage.observe(&host.id, api, demo.report(&host.id, api, at.wall));
                }
            }
        }
        stage
    }

    /// It with a history file, of which everything that is asked is answered at once.
    pub(crate) fn over(mut self, path: PathBuf) -> Self {
        self.state.history = History::new(Source::File);
        self.room = Some(Room::of(path, Policy::default(), self.state.set.ahead_s));
        self.tell(Event::Tick);
        self
    }

    /// Nobody answers from the history any more.
    pub(crate) fn close(&mut self) -> Option<Room> {
        self.room.take()
    }

    /// The moment.
    pub(crate) fn now(&self) -> Now {
        use cm_core::clock::Clock;
        self.clock.now()
    }

    /// What a source tells.
    pub(crate) fn observe(&mut self, host: &HostId, api: Api, outcome: Result<Report, FailureKind>) {
        let outcome = outcome.map_err(|kind| Failure { address: format!("http://{host}"), kind });
        let (host, at) = (host.clone(), self.now());
        self.tell(Event::Observed(Box::new(Observation {
            host,
            api,
            way: Way::Demo,
            at,
            took: Duration::ZERO,
            outcome,
        })));
    }

    /// Any event.
    pub(crate) fn tell(&mut self, event: Event) {
        let now = self.now();
        let mut effects = update(&mut self.state, event, now);
        while !effects.is_empty() {
            let mut next = Vec::new();
            for effect in effects {
                match (effect, &mut self.room) {
                    (Effect::Look(ask), Some(room)) => {
                        let told = room.answer(&ask, now.wall);
                        next.extend(update(&mut self.state, Event::Stored(Box::new((ask, told))), now));
                    }
                    (effect, _) => self.told.push(effect),
                }
            }
            effects = next;
        }
    }

    /// Lets seconds pass, with a tick for each.
    pub(crate) fn wait(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.clock.advance(Duration::from_secs(1));
            self.tell(Event::Tick);
        }
    }

    /// Presses keys, apart as in `j j enter`.
    pub(crate) fn press(&mut self, keys: &str) {
        for press in keys.split_whitespace().flat_map(|key| Chord::parse(key).expect("a key").presses().to_vec()) {
            self.tell(Event::Key(press));
        }
    }

    /// The effects since the last time.
    pub(crate) fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.told)
    }

    /// The picture as cells.
    pub(crate) fn cells(&self) -> Buffer {
        let Size { width, height } = self.state.size;
        let mut cells = Buffer::empty(Rect { x: 0, y: 0, width, height });
        view(&self.state, &mut cells);
        cells
    }

    /// The picture as text, without blanks at the ends of lines.
    pub(crate) fn text(&self) -> String {
        let cells = self.cells();
        let mut text = String::new();
        for y in 0..cells.area.height {
            let mut line = String::new();
            let mut skip = 0;
            for x in 0..cells.area.width {
                let symbol = cells[(x, y)].symbol();
                if skip == 0 {
                    line.push_str(symbol);
                    skip = cm_core::text::terminal::columns(symbol).saturating_sub(1);
                } else {
                    skip -= 1;
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// Compares a picture with the one that is kept under a name.
pub(crate) fn check(name: &str, text: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.txt"));
    if std::env::var_os("CM_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder of golden files");
        std::fs::write(&path, text).expect("a golden file");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{} is old (CM_BLESS=1 cargo test -p cm-tui writes it anew):\n{text}", path.display());
}

/// The five at the moment at which their story begins, after a minute of looking on.
pub(crate) fn sick() -> Demo {
    Demo::new(1, start())
}

#[test]
fn the_overview_at_every_size() {
    for size in SIZES {
        check(&format!("overview-sick-{}", size.0), &Stage::demo(&sick(), 12, size).text());
        check(&format!("overview-calm-{}", size.0), &Stage::demo(&sick().calm(), 12, size).text());
        check(&format!("overview-200-hosts-{}", size.0), &Stage::demo(&sick().with_hosts(200), 2, size).text());
    }
}

#[test]
fn one_host_at_every_size() {
    for size in SIZES {
        for (name, keys) in [("srv01", "enter"), ("steambox", "enter right right right"), ("labbox", "G enter")] {
            let mut stage = Stage::demo(&sick(), 12, size);
            stage.press(keys);
            check(&format!("host-{name}-{}", size.0), &stage.text());
        }
    }
}

#[test]
fn help_at_every_size() {
    for size in SIZES {
        let mut stage = Stage::demo(&sick(), 1, size);
        stage.press("?");
        check(&format!("help-{}", size.0), &stage.text());
    }
}

#[test]
fn a_panel_can_be_zoomed() {
    let mut stage = Stage::demo(&sick(), 12, (80, 24));
    stage.press("enter 5 j z");
    check("host-srv01-zoomed", &stage.text());
}

#[test]
fn what_is_not_there_is_said() {
    let size = (80, 24);
    check("no-hosts", &Stage::new(Vec::new(), size).text());
    check("waiting", &Stage::new(sick().hosts().iter().cloned().map(Member::new).collect(), size).text());
    let mut stage = Stage::demo(&sick(), 1, size);
    stage.press("/ x y z");
    check("filter-without-match", &stage.text());
    let mut stage = Stage::demo(&sick().calm(), 1, size);
    stage.press("!");
    check("nothing-in-trouble", &stage.text());
}

#[test]
fn what_grows_old_looks_old() {
    let mut stage = Stage::demo(&sick(), 3, (100, 24));
    stage.wait(40);
    check("overview-stale", &stage.text());
    let host = HostId::new("srv01").unwrap();
    for api in Api::ALL {
        stage.observe(&host, api, Err(FailureKind::Refused));
    }
    stage.wait(240);
    check("overview-unreachable", &stage.text());
    stage.press("p");
    stage.wait(3);
    check("overview-paused", &stage.text());
}

#[test]
fn in_ascii_a_screen_is_ascii() {
    for keys in ["", "enter", "?"] {
        let mut stage = Stage::demo(&sick(), 12, (120, 40));
        stage.state.look.glyphs = Glyphs::Ascii;
        stage.press(keys);
        let text = stage.text();
        assert!(text.is_ascii(), "{text}");
        if keys.is_empty() {
            check("overview-ascii", &text);
        }
    }
}

/// Every hostile text in every place of a report where a host may write one.
#[test]
fn hostile_texts_disturb_no_screen() {
    #[derive(serde::Deserialize)]
    struct Hostile {
        text: String,
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/hostile/texts.json");
    let texts: Vec<Hostile> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(texts.len() > 50);
    let host = Host { role: Some(HostRole::new("server").unwrap()), ..Host::new(HostId::new("srv01").unwrap()) };
    let demo = sick();
    for Hostile { text } in texts {
        let text = HostText::new(text);
        let mut stage = Stage::new(vec![Member::new(host.clone())], (120, 40));
        for api in Api::ALL {
            let mut report = demo.report(&host.id, api, start()).unwrap();
            match &mut report {
                Report::Smart(report) => {
                    let report = std::sync::Arc::make_mut(report);
                    report.drives.truncate(2);
                    for drive in &mut report.drives {
                        (drive.name, drive.model, drive.label) = (text.clone(), Some(text.clone()), None);
                        drive.smart_passed = Some(false);
                    }
                    report.pools.iter_mut().for_each(|pool| pool.name = text.clone());
                }
                Report::Service(report) => {
                    let report = std::sync::Arc::make_mut(report);
                    report.os = Some(text.clone());
                    report.services.iter_mut().for_each(|service| service.name = text.clone());
                    report.services[0].status = cm_core::report::service::ServiceStatus::Failed;
                    report
                        .filesystems
                        .iter_mut()
                        .for_each(|fs| (fs.mount, fs.kind) = (text.clone(), Some(text.clone())));
                    report.network.iter_mut().for_each(|interface| interface.name = text.clone());
                    report.gpus.push(cm_core::report::service::Gpu { name: text.clone(), ..Default::default() });
                    if let Some(memory) = &mut report.memory {
                        memory.tmpfs.iter_mut().for_each(|tmpfs| tmpfs.mount = text.clone());
                    }
                }
                Report::Backup(report) => {
                    let report = std::sync::Arc::make_mut(report);
                    report.service.last_message = Some(text.clone());
                    report.backup.last_failure = Some(start());
                }
            }
            stage.observe(&host.id, api, Ok(report));
        }
        for keys in ["", "enter", "3 z"] {
            stage.press(keys);
            let cells = stage.cells();
            for cell in cells.content() {
                let symbol = cell.symbol();
                assert!(!symbol.chars().any(char::is_control), "{text:?} {symbol:?}");
            }
            // The edges of the picture are where they belong.
            let shown = stage.text();
            assert_eq!(shown.lines().count(), 40);
            assert!(shown.lines().all(|line| cm_core::text::terminal::columns(line) <= 120), "{text:?}\n{shown}");
            assert!(shown.starts_with(" CM"), "{text:?}");
        }
    }
}
