use std::cell::RefCell;
use std::fs;

use tempfile::TempDir;

use super::*;

/// A machine in a box whose systemd says what a test writes there.
struct Stage {
    folder: TempDir,
    systemd: RefCell<Systemd>,
    services: Services,
    now: Now,
}

impl Stage {
    fn with(units: &[&str]) -> Self {
        let wanted = |name: &&str| Wanted { name: name::whole(name), ..Wanted::default() };
        let services = Options { units: units.iter().map(wanted).collect(), ..Options::default() };
        Self {
            folder: tempfile::tempdir().unwrap(),
            systemd: RefCell::new(Systemd::recorded()),
            services: Services::new(&CollectOptions { services, ..CollectOptions::default() }),
            now: Now::default(),
        }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Looks two seconds later.
    fn look(&mut self) -> (Result<(), Absent>, Draft) {
        self.now = self.now.after(Duration::from_secs(2));
        let machine = Machine::in_a_box(self.folder.path()).unwrap();
        let look = Look::new(&machine, self.now, None).with_systemd(&self.systemd);
        let mut draft = Draft::default();
        let done = self.services.collect(&look, &mut draft);
        (done, draft)
    }

    /// Each service with its status, then the failed units that nobody named.
    fn told(&mut self) -> Vec<String> {
        let report = self.look().1.service;
        let services = report.services.iter().map(|service| format!("{} {:?}", service.name.raw(), service.status));
        let failed = report.failed_units.iter().map(|unit| format!("({})", unit.name.raw()));
        services.chain(failed).collect()
    }
}

fn shown(units: &[(&str, &str)]) -> String {
    let block = |(name, active): &(&str, &str)| {
        format!(
            "Id={name}\nNames={name} alias-{name}\nActiveState={active}\nResult=signal\nControlGroup=/system.slice/{name}\n"
        )
    };
    units.iter().map(block).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_unit_that_is_removed_goes_and_one_that_is_named_is_missed() {
    let mut stage = Stage::with(&["web", "db@*"]);
    stage.write(
        "systemctl.show",
        &shown(&[("web.service", "failed"), ("db@1.service", "failed"), ("x.timer", "failed")]),
    );
    assert_eq!(stage.told(), ["web Failed", "db@1 Failed", "(x.timer)"]);
    stage.write("systemctl.show", &shown(&[("db@2.service", "active")]));
    assert_eq!(stage.told(), ["web Failed", "db@2 Running"]);
    let log = &stage.look().1.service.services[0].log;
    assert_eq!(log[0].raw(), "systemd knows no unit of this name");
    assert_eq!(stage.services.seats.len(), 2);
}

#[test]
fn a_unit_of_several_names_is_told_once() {
    let mut stage = Stage::with(&["alias-db@1.service", "db@*", "*@1"]);
    stage.write("systemctl.show", &shown(&[("db@1.service", "failed"), ("db@2.service", "active")]));
    assert_eq!(stage.told(), ["alias-db@1 Failed", "db@2 Running"]);
}

#[test]
fn use_of_the_processor_is_counted_from_look_to_look() {
    let mut stage = Stage::with(&["web"]);
    stage.write("systemctl.show", &shown(&[("web.service", "active")]));
    stage.write("sys/fs/cgroup/cgroup.controllers", "");
    let mut percent = |micros: u64| {
        stage.write("sys/fs/cgroup/system.slice/web.service/cpu.stat", &format!("usage_usec {micros}\n"));
        stage.look().1.service.services[0].cpu_percent.map(Percent::get)
    };
    assert_eq!(percent(5_000_000), None, "the first look");
    assert_eq!(percent(6_000_000), Some(50.0));
    assert_eq!(percent(6_000_000), Some(0.0));
    assert_eq!(percent(10), None, "made anew");
    assert_eq!(percent(10 + 4_000_000), Some(200.0));
}

#[test]
fn how_a_unit_ended_is_told_where_the_journal_says_nothing() {
    let mut stage = Stage::with(&["web"]);
    stage.write("systemctl.show", &shown(&[("web.service", "failed")]));
    assert_eq!(stage.look().1.service.services[0].log[0].raw(), "it ended with the result signal");
}

#[test]
fn a_machine_without_systemd_has_nothing_to_tell_unless_units_are_named() {
    let (done, draft) = Stage::with(&[]).look();
    assert!(matches!(done, Err(Absent::NothingHere)));
    assert!(draft.service.missing.is_empty());
    let (done, draft) = Stage::with(&["web"]).look();
    assert!(done.is_ok() && draft.service.services.is_empty());
    assert_eq!(draft.service.missing[0].what.raw(), "service");
    assert!(draft.service.missing[0].why.raw().contains("systemctl.show"), "{:?}", draft.service.missing);
}
