//! Small real programs that do what a program must not do. Time is passed in; nothing sleeps but until something happens.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use tempfile::TempDir;

use cm_model::clock::{Clock, SystemClock};

use super::*;

const LIMITS: Limits = Limits { time: Duration::from_mins(1), output: 100_000 };

/// A shell script in a folder of its own, which goes when this is dropped.
struct Script(TempDir);

impl Script {
    fn new(text: &str) -> Self {
        let script = Self(tempfile::tempdir().unwrap());
        fs::write(script.path(), format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(script.path(), fs::Permissions::from_mode(0o755)).unwrap();
        script
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("script")
    }

    fn folder(&self) -> String {
        self.0.path().display().to_string()
    }

    fn settle(&self) -> Result<Program, Distrust> {
        Program::settle(self.path().to_str().unwrap())
    }

    fn start(&self, args: &[&str], env: &[(&str, &str)], limits: Limits) -> Running {
        self.start_at(args, env, limits, at(0))
    }

    fn start_at(&self, args: &[&str], env: &[(&str, &str)], limits: Limits, now: MonoTime) -> Running {
        loop {
            match self.settle().unwrap().start(args, env, limits, now) {
                // A child of another test, between its fork and its exec, still holds the file open that wrote this script.
                Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
                started => return started.unwrap(),
            }
        }
    }
}

/// Polls at this time until it has ended.
fn until_it_ends(running: &mut Running, seconds: u64) -> Ended {
    loop {
        if let Some(ended) = running.poll(at(seconds)) {
            return ended;
        }
        running.pause(Duration::from_secs(10));
    }
}

/// Polls at the time of its start until it has said this much.
fn until_it_says(running: &mut Running, bytes: usize) {
    loop {
        assert_eq!(running.poll(at(0)), None);
        if running.said.len() >= bytes {
            return;
        }
        running.pause(Duration::from_secs(10));
    }
}

fn at(seconds: u64) -> MonoTime {
    MonoTime::from_start(Duration::from_secs(seconds))
}

fn run(text: &str) -> Ended {
    until_it_ends(&mut Script::new(text).start(&[], &[], LIMITS), 1)
}

fn text(ended: &Ended) -> &str {
    std::str::from_utf8(&ended.stdout).unwrap()
}

/// Whether a process of this number is there and has not ended.
fn lives(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{}/stat", pid.trim()))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'))
}

#[test]
fn how_it_ended_and_what_it_said_are_told() {
    for (script, how, stdout, stderr) in [
        ("echo well", How::Exit(0), "well\n", ""),
        ("echo ill >&2; exit 3", How::Exit(3), "", "ill\n"),
        ("echo half; kill -9 $$", How::Signal(9), "half\n", ""),
    ] {
        let ended = run(script);
        assert_eq!((ended.how, text(&ended), &*ended.stderr), (how, stdout, stderr), "{script}");
    }
}

#[test]
fn it_gets_nothing_but_what_it_is_given() {
    let script =
        Script::new("echo \"$#|$1|$2|$(pwd)|$(cat)\"; env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= | sort");
    let mut running = script.start(&["-rf; $(id)", "*"], &[("ASKED", "for this")], LIMITS);
    let ended = until_it_ends(&mut running, 1);
    assert_eq!(text(&ended), "2|-rf; $(id)|*|/|\nASKED=for this\nLC_ALL=C\n");
    let open = run("for fd in /proc/self/fd/*; do [ -e \"$fd\" ] && echo \"${fd##*/} $(readlink $fd)\"; done");
    let pipes = text(&open).lines().filter(|line| line.contains("pipe:")).count();
    assert!(text(&open).starts_with("0 /dev/null\n"), "{open:?}");
    assert!(pipes <= 2 + 1, "its own two, and one of the shell's substitution: {open:?}");
}

#[test]
fn what_runs_too_long_is_asked_to_end_and_then_ended_with_its_children() {
    for (deaf, ends_at) in [("", 60), ("trap '' TERM;", 66)] {
        let script = Script::new(&format!("{deaf} sleep 1000 & echo $!; wait; sleep 1000"));
        let mut running = script.start(&[], &[], LIMITS);
        until_it_says(&mut running, 2);
        let child = String::from_utf8(running.said.clone()).unwrap();
        assert_eq!(running.poll(at(59)), None);
        assert!(running.ending.is_none() && lives(&child));
        assert_eq!(running.poll(at(60)).map(|ended| ended.how), None);
        assert!(running.ending.is_some() && !running.hangs());
        let ended = until_it_ends(&mut running, ends_at);
        assert_eq!(ended.how, How::TooLong, "{deaf}");
        while lives(&child) {
            std::thread::yield_now();
        }
    }
}

#[test]
fn what_says_too_much_is_ended_and_its_output_is_bounded() {
    let script = Script::new("yes abcdefg");
    let mut running = script.start(&[], &[], LIMITS);
    let ended = until_it_ends(&mut running, 1);
    assert_eq!((ended.how, ended.stdout.len()), (How::TooMuch, LIMITS.output));
    let all = run(&format!("head -c {} /dev/zero", LIMITS.output));
    assert_eq!((all.how, all.stdout.len()), (How::Exit(0), LIMITS.output));
    let more = run(&format!("head -c {} /dev/zero", LIMITS.output + 1));
    assert_eq!((more.how, more.stdout.len()), (How::TooMuch, LIMITS.output));
}

#[test]
fn complaints_are_kept_in_part_and_hold_nothing_up() {
    let ended = run("yes complaint | head -c 3000000 >&2; echo done");
    assert_eq!((ended.how, text(&ended), ended.stderr.len()), (How::Exit(0), "done\n", running::MOST_STDERR));
}

#[test]
fn what_it_leaves_behind_is_ended_and_not_waited_for() {
    let ended = run("sleep 1000 & echo $!");
    assert_eq!(ended.how, How::Exit(0));
    while lives(text(&ended)) {
        std::thread::yield_now();
    }
}

#[test]
fn dropping_it_ends_it_and_its_children() {
    let script = Script::new("trap '' TERM; sleep 1000 & echo $! $$; wait");
    let mut running = script.start(&[], &[], LIMITS);
    until_it_says(&mut running, 4);
    let pids = String::from_utf8(running.said.clone()).unwrap();
    drop(running);
    for pid in pids.split_whitespace() {
        while lives(pid) {
            std::thread::yield_now();
        }
    }
}

#[test]
fn waiting_ends_at_its_limit() {
    /// Goes on by a minute whenever it is asked.
    #[derive(Debug, Default)]
    struct Hasty(std::cell::Cell<u64>);
    impl Clock for Hasty {
        fn now(&self) -> cm_model::clock::Now {
            let minutes = self.0.replace(self.0.get() + 1);
            cm_model::clock::Now::default().after(Duration::from_mins(minutes))
        }
    }
    let deaf = Script::new("trap '' TERM; echo here; while :; do sleep 1000; done");
    let mut running = deaf.start(&[], &[], LIMITS);
    until_it_says(&mut running, 5);
    assert_eq!(running.wait(&Hasty::default()).how, How::TooLong);
    let quick = Script::new("echo here");
    let ended = quick.start_at(&[], &[], LIMITS, SystemClock.now().mono).wait(&SystemClock);
    assert_eq!((ended.how, text(&ended)), (How::Exit(0), "here\n"));
}

#[test]
fn a_program_that_others_could_have_written_is_not_run() {
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let script = Script::new("echo well");
    let settled = script.settle().unwrap();
    mode(&script.path(), 0o775);
    assert!(matches!(script.settle(), Err(Distrust::Writable { who: "its group", .. })));
    let error = settled.start(&[], &[], LIMITS, at(0)).unwrap_err();
    assert!(error.to_string().ends_with("can be written by its group"), "it is judged again at each start: {error}");
    mode(&script.path(), 0o755);
    mode(script.0.path(), 0o777);
    assert!(matches!(script.settle(), Err(Distrust::Writable { path, .. }) if path == script.0.path()));
    mode(script.0.path(), 0o700);
    assert!(script.settle().is_ok());
    let folder = script.folder();
    std::os::unix::fs::symlink(script.path(), script.0.path().join("link")).unwrap();
    assert!(Program::settle(&format!("{folder}/link")).is_ok());
    mode(&script.path(), 0o757);
    assert!(matches!(Program::settle(&format!("{folder}/link")), Err(Distrust::Writable { .. })));
    mode(&script.path(), 0o644);
    assert!(script.settle().unwrap_err().to_string().ends_with("it is no program"));
    assert!(Program::settle(&folder).unwrap_err().to_string().ends_with("it is no program"));
}

#[test]
fn what_reads_a_script_is_judged_like_the_script() {
    let interpreter = Script::new("exec /bin/sh \"$@\"");
    let script = Script::new("echo well");
    fs::write(script.path(), format!("#! {} -e\necho well\n", interpreter.path().display())).unwrap();
    assert!(script.settle().is_ok());
    fs::set_permissions(interpreter.path(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(matches!(script.settle(), Err(Distrust::Writable { path, .. }) if path == interpreter.path()));
    fs::write(script.path(), format!("#!{}\n", script.path().display())).unwrap();
    assert!(script.settle().unwrap_err().to_string().ends_with("lead on and on"));
    fs::write(script.path(), "#!sh\n").unwrap();
    assert!(script.settle().is_err(), "relative to wherever it is started");
}

#[test]
fn a_name_is_looked_for_in_a_fixed_list_of_places() {
    let shell = Program::settle("sh").unwrap();
    assert!(PLACES.iter().any(|place| shell.path() == Path::new(place).join("sh")), "{shell:?}");
    for name in ["no-such-program", "", ".", "..", "./sh", "bin/sh", "/no/such/program", "\0"] {
        assert!(Program::settle(name).is_err(), "{name:?}");
    }
    let none = Program::settle("no-such-program").unwrap_err();
    assert!(none.is_not_there() && none.to_string().contains("/usr/bin"), "{none}");
    assert!(search_path().split(':').any(|place| place == "/usr/bin"));
}
