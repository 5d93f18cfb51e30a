use std::fs;

use cm_model::clock::Now;
use cm_model::report::service::{Pressure, Stall};
use cm_model::unit::{BytesPerSecond, Mebibytes};

use super::*;

/// A machine of processes, by number: ticks, pages, bytes read.
struct Bench {
    made: tempfile::TempDir,
    evidence: Evidence,
    now: Now,
}

impl Bench {
    fn new(when: When) -> Self {
        let options = CollectOptions { evidence: when, ..CollectOptions::default() };
        Self { made: tempfile::tempdir().unwrap(), evidence: Evidence::new(&options), now: Now::default() }
    }

    fn process(&self, pid: u32, start: u64, ticks: u64, pages: u64, read: u64) {
        let folder = self.made.path().join(format!("proc/{pid}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("comm"), format!("p{pid}")).unwrap();
        let stat = format!("{pid} (p{pid}) S 1 1 1 0 -1 0 0 0 0 0 {ticks} 0 0 0 20 0 1 0 {start} 9 {pages} 9");
        fs::write(folder.join("stat"), stat).unwrap();
        fs::write(folder.join("io"), format!("read_bytes: {read}\nwrite_bytes: 10\ncancelled_write_bytes: 90\n"))
            .unwrap();
    }

    /// A look so many seconds after the one before, with this pressure: `number processor memory read`.
    fn look(&mut self, after: u64, pressure: f64) -> Vec<String> {
        self.now = self.now.after(Duration::from_secs(after));
        let machine = Machine::in_a_box(self.made.path()).unwrap();
        let mut draft = Draft::default();
        let stall = Stall { some_10: Percent::try_from(pressure).ok(), ..Stall::default() };
        draft.service.pressure = Some(Pressure { memory: Some(stall), ..Pressure::default() });
        let _ = self.evidence.collect(&Look::new(&machine, self.now, None), &mut draft);
        let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| value.to_string());
        let told = draft.service.processes.iter().map(|process| {
            let cpu = number(process.cpu_percent.map(Percent::get));
            let memory = number(process.memory_mb.map(Mebibytes::get));
            let read = number(process.read_per_s.map(BytesPerSecond::get));
            format!("{} {cpu} {memory} {read}", process.name.raw())
        });
        told.collect()
    }
}

#[test]
fn processes_are_told_under_strain_alone_with_rates_from_the_second_look_on() {
    let mut bench = Bench::new(When::Strained);
    bench.process(1, 0, 100, 256, 0);
    assert_eq!(bench.look(0, 0.0), [""; 0]);
    assert_eq!(bench.look(5, 20.0), ["p1 - 1 -"]);
    bench.process(1, 0, 350, 512, 4_096_000);
    assert_eq!(bench.look(5, 20.0), ["p1 50 2 819200"]);
    assert_eq!(bench.look(5, 0.0), [""; 0]);
    assert!(bench.evidence.before.is_none(), "nothing is kept without need");
}

#[test]
fn whoever_asks_once_gets_them_without_strain() {
    let mut bench = Bench::new(When::Always);
    bench.process(1, 0, 100, 256, 0);
    bench.look(0, 0.0);
    bench.process(1, 0, 110, 256, 0);
    assert_eq!(bench.look(1, 0.0), ["p1 10 1 0"]);
}

#[test]
fn looks_in_quick_succession_read_once() {
    let mut bench = Bench::new(When::Strained);
    bench.process(1, 0, 100, 256, 0);
    bench.look(0, 20.0);
    bench.process(1, 0, 100, 1024, 0);
    assert_eq!(bench.look(1, 20.0), ["p1 - 1 -"]);
    assert_eq!(bench.look(3, 20.0), ["p1 0 4 0"]);
}

#[test]
fn the_five_largest_by_each_measure_are_told_each_once() {
    let mut bench = Bench::new(When::Strained);
    for pid in 1..=40 {
        bench.process(pid, 0, 0, u64::from(pid), 0);
    }
    bench.look(0, 20.0);
    for pid in 1..=40 {
        let busy = if pid <= 9 { 100 - u64::from(pid) } else { 0 };
        bench.process(pid, 0, busy, u64::from(pid), if pid == 20 || pid == 1 { 4096 } else { 0 });
    }
    let told = bench.look(5, 20.0);
    let names: Vec<_> = told.iter().filter_map(|one| one.split(' ').next()).collect();
    assert_eq!(names, ["p1", "p2", "p3", "p4", "p5", "p40", "p39", "p38", "p37", "p36", "p20"]);
}

#[test]
fn a_number_that_is_another_process_by_now_has_no_rate() {
    let mut bench = Bench::new(When::Strained);
    bench.process(1, 0, 100, 256, 0);
    bench.process(9, 10, 100, 256, 0);
    bench.look(0, 20.0);
    bench.process(9, 4_000, 900, 256, 0);
    assert_eq!(bench.look(5, 20.0), ["p1 0 1 0", "p9 - 1 -"]);
}

#[test]
fn units_that_moved_the_most_stand_for_processes_that_may_not_be_asked() {
    let unit = |unit: &str, read: u64, written: u64| unit::Traffic { unit: unit.to_owned(), read, written };
    let before =
        [unit("a.service", 0, 0), unit("b.service", 500, 500), unit("c.service", 9, 9), unit("d.service", 9, 9)];
    let now = [
        unit("a.service", 1_000, 0),
        unit("b.service", 500, 20_500),
        unit("c.service", 9, 9),
        unit("d.service", 0, 0),
        unit("e.service", 7, 7),
    ];
    let told = busiest(&now, &before, Duration::from_secs(10));
    let told: Vec<_> = told
        .iter()
        .map(|one| {
            (
                one.name.raw(),
                one.pid,
                one.read_per_s.map(BytesPerSecond::get),
                one.written_per_s.map(BytesPerSecond::get),
            )
        })
        .collect();
    assert_eq!(told, [("b.service", None, Some(0.0), Some(2_000.0)), ("a.service", None, Some(100.0), Some(0.0))]);
}
