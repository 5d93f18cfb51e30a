use std::fs;

use cm_model::report::smart::Pool;
use cm_model::unit::Percent;

use super::*;

/// A machine whose processes come and go.
struct Bench {
    made: tempfile::TempDir,
    activities: Activities,
    now: Now,
}

impl Bench {
    fn new() -> Self {
        let now = Now { wall: WallTime::from_secs(1_764_000_000), ..Now::default() };
        let bench = Self {
            made: tempfile::tempdir().unwrap(),
            activities: Activities::new(&CollectOptions::default()),
            now: now.after(Duration::from_secs(1_000)),
        };
        bench.process(1, "systemd", 0);
        bench
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.made.path().join("proc").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A process that started so many seconds after the machine.
    fn process(&self, pid: u32, name: &str, started: u64) {
        self.put(&format!("{pid}/comm"), name);
        let start = started * 100;
        self.put(
            &format!("{pid}/stat"),
            &format!("{pid} ({name}) S 1 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 {start} 9 9 9"),
        );
    }

    fn end(&self, pid: u32) {
        fs::remove_dir_all(self.made.path().join(format!("proc/{pid}"))).unwrap();
    }

    /// A look so many seconds after the one before: `kind name since`, missing ones as `!what`.
    fn look(&mut self, after: u64) -> Vec<String> {
        self.look_with(after, None)
    }

    fn look_with(&mut self, after: u64, pools: Option<&[Pool]>) -> Vec<String> {
        let mut draft = Draft::default();
        self.now = self.now.after(Duration::from_secs(after));
        self.put("uptime", &format!("{}.50 0.00", self.now.wall.secs() - 1_764_000_000));
        let machine = Machine::in_a_box(self.made.path()).unwrap();
        let look = Look::new(&machine, self.now, None).with_pools(pools);
        self.activities.collect(&look, &mut draft).unwrap();
        let told = draft.service.activities.iter().map(|activity| {
            let since = activity.since.map_or("?".to_owned(), |at| (at.secs() - 1_764_000_000).to_string());
            format!("{} {} {since}", activity.kind, activity.name.as_ref().unwrap().raw())
        });
        told.chain(draft.service.missing.iter().map(|missing| format!("!{}", missing.what.raw()))).collect()
    }
}

#[test]
fn a_program_is_told_from_the_first_look_on_and_no_longer_than_it_runs() {
    let mut bench = Bench::new();
    bench.process(42, "borgmatic", 900);
    assert_eq!(bench.look(0), ["backup borgmatic 900"]);
    bench.end(42);
    assert_eq!(bench.look(2), [""; 0]);
    bench.process(42, "borgmatic", 1001);
    bench.look(30);
    bench.process(42, "borgmatic", 1002);
    assert_eq!(bench.look(2), [""; 0], "the number is another process's by now");
}

#[test]
fn a_new_program_is_found_within_the_time_between_scans() {
    let mut bench = Bench::new();
    assert_eq!(bench.look(0), [""; 0]);
    bench.process(42, "rsnapshot", 1001);
    assert_eq!(bench.look(5), [""; 0]);
    assert_eq!(bench.look(25), ["backup rsnapshot 1001"]);
}

#[test]
fn a_shell_that_becomes_a_program_is_looked_at_once_more() {
    let mut bench = Bench::new();
    bench.look(0);
    bench.process(42, "sh", 1001);
    assert_eq!(bench.look(30), [""; 0]);
    bench.process(42, "btrbk", 1001);
    bench.put("42/cmdline", "/usr/bin/perl\0/usr/sbin/btrbk\0run\0");
    assert_eq!(bench.look(30).len(), 1);
}

#[test]
fn an_old_process_that_becomes_a_program_is_found_in_a_while() {
    let mut bench = Bench::new();
    bench.process(42, "sh", 900);
    bench.look(0);
    bench.process(42, "rsnapshot", 900);
    let found = (0..16).position(|_| !bench.look(30).is_empty());
    assert!(found.is_some());
}

#[test]
fn many_processes_of_one_program_are_one_activity_as_old_as_the_oldest() {
    let mut bench = Bench::new();
    for (pid, started) in [(40, 950), (41, 920), (42, 990)] {
        bench.process(pid, "rsnapshot", started);
    }
    assert_eq!(bench.look(0), ["backup rsnapshot 920"]);
}

#[test]
fn hidden_processes_of_others_are_missing_and_arrays_are_told_all_the_same() {
    let mut bench = Bench::new();
    bench.end(1);
    bench.process(4242, "cm-agent", 900);
    bench.put("mdstat", "md0 : active raid1 sdb1[1] sda1[0]\n      [=>]  check = 5.0% (1/20) finish=1min\n");
    assert_eq!(bench.look(0), ["scrub md0 check ?", "!activity"]);
    assert_eq!(bench.look(2), ["scrub md0 check ?", "!activity"]);
}

#[test]
fn an_array_is_checked_since_the_first_look_that_saw_it() {
    let mut bench = Bench::new();
    let busy = |word: &str| format!("md0 : active raid1 sda1[0]\n      [=>]  {word} = 5.0% (1/20) finish=1min\n");
    assert_eq!(bench.look(0), [""; 0]);
    bench.put("mdstat", &busy("check"));
    assert_eq!(bench.look(5), ["scrub md0 check 1005"]);
    assert_eq!(bench.look(5), ["scrub md0 check 1005"]);
    bench.put("mdstat", &busy("recovery"));
    assert_eq!(bench.look(5), ["rebuild md0 recovery 1015"]);
}

#[test]
fn a_pool_is_busy_since_the_first_look_that_saw_it() {
    let mut bench = Bench::new();
    let pools = |state: PoolState, progress: Option<f64>| {
        let progress = progress.and_then(|share| Percent::try_from(share).ok());
        let pool = |name: &str, kind| Pool { name: name.into(), kind, state, progress, ..Pool::default() };
        // Arrays of md tell it themselves.
        [pool("tank", PoolKind::Zfs), pool("md0", PoolKind::Md)]
    };
    assert_eq!(bench.look(0), [""; 0], "pools were not asked yet");
    let checked = pools(PoolState::Online, Some(3.0));
    assert_eq!(bench.look_with(5, Some(&checked)), ["scrub tank ?"], "it may have begun long before");
    assert_eq!(bench.look_with(5, Some(&checked)), ["scrub tank ?"]);
    assert_eq!(bench.look_with(50, Some(&pools(PoolState::Online, None))), [""; 0]);
    assert_eq!(bench.look_with(60, Some(&pools(PoolState::Rebuilding, Some(1.0)))), ["rebuild tank 1120"]);
}
