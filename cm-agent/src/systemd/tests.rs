use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::*;
use crate::dbus::peer::{Called, answer, refusal, serve, signal, text_answer};
use crate::dbus::{Signals, Writer};

/// Whoever owns systemd's name.
const OWNER: &str = ":1.5";

/// What a false systemd knows, and what it was asked.
#[derive(Default)]
struct World {
    /// Units that are loaded: name, `ActiveState`.
    units: BTreeMap<&'static str, &'static str>,
    asked: Vec<String>,
    is_old: bool,
    /// It leaves these methods without an answer.
    silent: Vec<&'static str>,
}

impl World {
    fn answer(&mut self, call: &Called) -> Vec<u8> {
        let told = [vec![call.method.clone()], call.texts.clone()].concat().join(" ");
        self.asked.push(told);
        if self.silent.contains(&&*call.method) {
            return Vec::new();
        }
        match &*call.method {
            "GetNameOwner" => text_answer(call.serial, OWNER),
            "ListUnitsByPatterns" if self.is_old => {
                refusal(call.serial, "org.freedesktop.DBus.Error.UnknownMethod", "no such method")
            }
            "ListUnits" | "ListUnitsByPatterns" => self.list(call, |_| true),
            "ListUnitsFiltered" => self.list(call, |active| active == "failed"),
            "GetAll" => {
                let (name, active) = self
                    .units
                    .iter()
                    .find(|(name, _)| name::object(name) == call.path)
                    .map_or(("nobody.service", "inactive"), |(name, active)| (*name, *active));
                let known = name != "nobody.service";
                let load = if known { "loaded" } else { "not-found" };
                let texts: &[(&str, &str)] = if call.texts[0].ends_with(".Unit") {
                    &[("Id", name), ("ActiveState", active), ("LoadState", load)]
                } else {
                    &[("Type", "simple")]
                };
                answer(call.serial, "a{sv}", &properties(texts))
            }
            _ => answer(call.serial, "", &Writer::default()),
        }
    }

    fn list(&self, call: &Called, of: impl Fn(&str) -> bool) -> Vec<u8> {
        let mut body = Writer::default();
        body.number(0);
        body.align(8);
        let from = body.bytes.len();
        for (name, active) in self.units.iter().filter(|(_, active)| of(active)) {
            body.align(8);
            for text in [name, "described", "loaded", active, "sub", "", "/object"] {
                body.text(text);
            }
            body.number(0);
            body.text("");
            body.text("/");
        }
        let length = u32::try_from(body.bytes.len() - from).unwrap();
        body.bytes[..4].copy_from_slice(&length.to_le_bytes());
        answer(call.serial, "a(ssssssouso)", &body)
    }
}

fn properties(texts: &[(&str, &str)]) -> Writer {
    let mut body = Writer::default();
    body.number(0);
    body.align(8);
    let from = body.bytes.len();
    for (name, text) in texts {
        body.align(8);
        body.text(name);
        body.bytes.extend_from_slice(b"\x01s\0");
        body.text(text);
    }
    let length = u32::try_from(body.bytes.len() - from).unwrap();
    body.bytes[..4].copy_from_slice(&length.to_le_bytes());
    body
}

/// systemd of a world that a test changes.
struct Stage {
    world: Arc<Mutex<World>>,
    systemd: Systemd,
    connections: Receiver<UnixStream>,
    now: Now,
    _folder: TempDir,
}

impl Stage {
    fn with(units: &[(&'static str, &'static str)], follow: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        let world = Arc::new(Mutex::new(World { units: units.iter().copied().collect(), ..World::default() }));
        let answering = Arc::clone(&world);
        let connections = serve(&path, move |call| answering.lock().unwrap().answer(call));
        let mut systemd = Systemd::new(Address::Path(path));
        for name in follow {
            systemd.follow(name);
        }
        Self { world, systemd, connections, now: Now::default(), _folder: folder }
    }

    /// Looks until all has come; gives what was asked meanwhile.
    fn look(&mut self) -> Vec<String> {
        self.world.lock().unwrap().asked.clear();
        self.now = self.now.after(Duration::from_secs(2));
        // What a slow machine does not answer within one look comes in the next.
        for _ in 0..100 {
            self.systemd.refresh(&Machine::itself(), self.now);
            match &self.systemd.link {
                Link::There(session) if !session.is_idle() => {}
                _ => break,
            }
        }
        self.world.lock().unwrap().asked.clone()
    }

    fn set(&self, name: &'static str, active: &'static str) {
        self.world.lock().unwrap().units.insert(name, active);
    }

    fn state(&self, name: &str) -> Option<(Load, Active)> {
        self.systemd.unit(name).map(|unit| (unit.load, unit.active))
    }

    fn matching(&self, pattern: &str) -> Vec<&str> {
        self.systemd.matching(pattern).map(|unit| &*unit.name).collect()
    }
}

/// Has a signal sent.
fn tell(mut stream: &UnixStream, sender: &str, path: &str, name: &str, texts: &[&str]) {
    let mut body = Writer::default();
    for text in texts {
        body.text(text);
    }
    let signature = match name {
        "UnitNew" | "UnitRemoved" => "so",
        "NameOwnerChanged" => "sss",
        _ => "s",
    };
    let interface = if sender == OWNER { "org.freedesktop.systemd1.Manager" } else { "org.freedesktop.DBus" };
    stream.write_all(&signal(sender, path, [interface, name], signature, &body)).unwrap();
}

const LOADED: &[(&str, &str)] =
    &[("ssh.service", "active"), ("db@1.service", "active"), ("db@2.service", "failed"), ("x.service", "failed")];

#[test]
fn units_are_found_by_name_and_by_pattern_and_then_nothing_is_asked_any_more() {
    let mut stage = Stage::with(LOADED, &["ssh.service", "gone.service", "db@*.service"]);
    stage.systemd.follow_failed();
    stage.look();
    assert_eq!(stage.systemd.trouble(), None);
    assert_eq!(stage.state("ssh.service"), Some((Load::Loaded, Active::Active)));
    assert_eq!(stage.state("gone.service"), Some((Load::NotFound, Active::Inactive)));
    assert_eq!(stage.matching("db@*.service"), ["db@1.service", "db@2.service"]);
    let failed: Vec<_> = stage.systemd.failed().iter().map(|failed| &*failed.name).collect();
    assert_eq!(failed, ["db@2.service", "x.service"]);
    assert_eq!(stage.look(), [""; 0]);
    stage.systemd.follow("ssh.service");
    stage.systemd.follow("db@*.service");
    assert_eq!(stage.look(), [""; 0], "what is followed already");
}

#[test]
fn only_what_changed_is_asked_again() {
    let mut stage = Stage::with(LOADED, &["ssh.service", "db@*.service"]);
    stage.look();
    let stream = stage.connections.recv().unwrap();
    stage.set("ssh.service", "failed");
    tell(&stream, OWNER, &name::object("ssh.service"), "PropertiesChanged", &["x"]);
    tell(&stream, OWNER, &name::object("other.service"), "PropertiesChanged", &["x"]);
    let asked = stage.look();
    assert_eq!(asked, ["GetAll org.freedesktop.systemd1.Unit", "GetAll org.freedesktop.systemd1.Service"]);
    assert_eq!(stage.state("ssh.service"), Some((Load::Loaded, Active::Failed)));
}

#[test]
fn what_another_process_says_in_systemds_name_is_not_believed() {
    let mut stage = Stage::with(LOADED, &["ssh.service"]);
    stage.look();
    let stream = stage.connections.recv().unwrap();
    tell(&stream, ":1.66", &name::object("ssh.service"), "PropertiesChanged", &["x"]);
    tell(&stream, ":1.66", "/", "UnitFilesChanged", &["x"]);
    assert_eq!(stage.look(), [""; 0]);
}

#[test]
fn units_that_fit_a_pattern_come_and_go() {
    let mut stage = Stage::with(LOADED, &["db@*.service", "ssh.service"]);
    stage.look();
    let stream = stage.connections.recv().unwrap();
    stage.set("db@3.service", "active");
    tell(&stream, OWNER, "/", "UnitNew", &["db@3.service", "/o"]);
    tell(&stream, OWNER, "/", "UnitRemoved", &["db@1.service", "/o"]);
    // A unit that is asked for by name is loaded for the answer and let go at once: to ask again would never end.
    tell(&stream, OWNER, "/", "UnitNew", &["ssh.service", "/o"]);
    tell(&stream, OWNER, "/", "UnitRemoved", &["ssh.service", "/o"]);
    assert_eq!(stage.look().len(), 2);
    assert_eq!(stage.matching("db@*.service"), ["db@2.service", "db@3.service"]);
    assert!(stage.state("ssh.service").is_some());
}

#[test]
fn everything_is_asked_anew_where_anything_may_have_changed() {
    let mut stage = Stage::with(LOADED, &["ssh.service"]);
    stage.look();
    let stream = stage.connections.recv().unwrap();
    tell(&stream, OWNER, "/", "Reloading", &["x"]);
    assert_eq!(stage.look().len(), 2, "its files were read anew");
    for at in 0..=Signals::MOST {
        tell(&stream, OWNER, &format!("/{at}"), "JobNew", &["x"]);
    }
    assert_eq!(stage.look().len(), 2, "signals were lost");
    tell(&stream, "org.freedesktop.DBus", "/", "NameOwnerChanged", &[NAME, OWNER, ""]);
    stage.look();
    assert_eq!(stage.state("ssh.service"), None, "systemd left the bus");
    tell(&stream, "org.freedesktop.DBus", "/", "NameOwnerChanged", &[NAME, "", ":1.8"]);
    assert_eq!(stage.look()[0], "Subscribe");
    assert_eq!(stage.state("ssh.service"), Some((Load::Loaded, Active::Active)));
    stage.now = stage.now.after(MOST_AGE);
    assert_eq!(stage.look().len(), 2, "an hour later");
}

const NAME: &str = "org.freedesktop.systemd1";

#[test]
fn an_old_systemd_lists_all_its_units() {
    let mut stage = Stage::with(LOADED, &["db@*.service"]);
    stage.world.lock().unwrap().is_old = true;
    stage.look();
    assert_eq!(stage.matching("db@*.service"), ["db@1.service", "db@2.service"]);
    assert_eq!(stage.systemd.trouble(), None);
}

#[test]
fn a_bus_that_goes_away_is_tried_again_and_forgotten_meanwhile() {
    let mut stage = Stage::with(LOADED, &["ssh.service"]);
    stage.look();
    stage.connections.recv().unwrap().shutdown(std::net::Shutdown::Both).unwrap();
    stage.systemd.refresh(&Machine::itself(), stage.now);
    assert!(stage.systemd.trouble().unwrap().contains("has ended the connection"));
    assert_eq!(stage.state("ssh.service"), None);
    stage.systemd.refresh(&Machine::itself(), stage.now);
    assert!(stage.systemd.trouble().is_some(), "not at once");
    stage.look();
    assert_eq!(stage.state("ssh.service"), Some((Load::Loaded, Active::Active)));
}

#[test]
fn a_machine_without_a_bus_is_tried_ever_more_rarely() {
    let folder = tempfile::tempdir().unwrap();
    let mut systemd = Systemd::new(Address::Path(folder.path().join("none")));
    systemd.follow("ssh.service");
    let mut tries = Vec::new();
    let mut last = None;
    for second in 0..700 {
        systemd.refresh(&Machine::itself(), Now::default().after(Duration::from_secs(second)));
        let Link::Away { again, .. } = &systemd.link else { panic!() };
        if *again != last {
            tries.push(second);
        }
        last = *again;
    }
    assert!(systemd.trouble().unwrap().contains("No such file"), "{:?}", systemd.trouble());
    assert_eq!(tries, [0, 2, 6, 14, 30, 62, 126, 254, 510]);
}

#[test]
fn a_systemd_that_hangs_holds_nobody_up() {
    let mut stage = Stage::with(LOADED, &["ssh.service"]);
    stage.world.lock().unwrap().silent = vec!["GetAll"];
    stage.systemd.refresh(&Machine::itself(), stage.now);
    assert_eq!((stage.state("ssh.service"), stage.systemd.trouble()), (None, None));
    stage.world.lock().unwrap().silent.clear();
    stage.systemd.refresh(&Machine::itself(), stage.now.after(Duration::from_mins(1)));
    assert!(stage.systemd.trouble().is_some(), "given up");
    stage.now = stage.now.after(Duration::from_mins(2));
    stage.look();
    assert_eq!(stage.state("ssh.service"), Some((Load::Loaded, Active::Active)));
}
