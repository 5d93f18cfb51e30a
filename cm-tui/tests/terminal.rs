//! The real program in a real pseudo-terminal: pictures, keys, sizes, signals, and the terminal given back whole.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// A wait ends after so long, whatever happens: then the program hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many, which is never none.
fn rows(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

struct Session {
    pty: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    seen: Arc<Mutex<Seen>>,
}

/// What a terminal would show, and every byte that it got.
struct Seen {
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

impl Session {
    fn start(arguments: &[&str]) -> Self {
        Self::of(|command| command.args(arguments))
    }

    fn of(with: impl FnOnce(&mut CommandBuilder)) -> Self {
        Self::of_program(Path::new(env!("CARGO_BIN_EXE_cm-tui")), with)
    }

    fn of_program(program: &Path, with: impl FnOnce(&mut CommandBuilder)) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let home = std::env::temp_dir().join("cm-tui-has-no-home");
        let mut command = CommandBuilder::new(program);
        command.cwd("/");
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("PATH", "/usr/bin:/bin");
        command.env("HOME", home);
        with(&mut command);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let seen = Arc::new(Mutex::new(Seen { screen: vt100::Parser::new(rows(24), rows(80), 0), bytes: Vec::new() }));
        let (mut reader, keys) = (pair.master.try_clone_reader().unwrap(), pair.master.take_writer().unwrap());
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                let mut seen = shared.lock().unwrap();
                seen.screen.process(&bytes[..read]);
                seen.bytes.extend_from_slice(&bytes[..read]);
            }
        });
        Self { pty: pair.master, child, keys, seen }
    }

    fn screen(&self) -> String {
        self.seen.lock().unwrap().screen.screen().contents()
    }

    /// Waits until something is so; fails with the picture when it does not become so.
    fn wait(&mut self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        let pause = Duration::from_millis(5);
        for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
            if is_so(self.seen.lock().unwrap().screen.screen()) {
                return;
            }
            std::thread::sleep(pause);
        }
        panic!("{what} did not come; the screen shows\n{}", self.screen());
    }

    fn wait_for(&mut self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.process_id().unwrap()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits until the process is stopped, as the shell does before it tells it to go on.
    fn is_stopped(&self) {
        let stat = format!("/proc/{}/stat", self.child.process_id().unwrap());
        let pause = Duration::from_millis(5);
        for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
            if std::fs::read_to_string(&stat).unwrap().contains(") T ") {
                return;
            }
            std::thread::sleep(pause);
        }
        panic!("it did not stop; the screen shows\n{}", self.screen());
    }

    fn end(&mut self) -> u32 {
        let pause = Duration::from_millis(5);
        for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            std::thread::sleep(pause);
        }
        panic!("it did not end; the screen shows\n{}", self.screen());
    }

    /// The terminal is as it was before: no other screen, a cursor, no mouse, no brackets around what is pasted.
    fn is_given_back(&mut self) {
        self.modes_are_given_back();
        assert_eq!(self.screen().trim(), "");
    }

    fn modes_are_given_back(&mut self) {
        self.wait("the terminal as it was", |screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        });
        let last = String::from_utf8_lossy(&self.seen.lock().unwrap().bytes).into_owned();
        for mode in ["\x1b[?7h", "\x1b[?2026l", "\x1b[?1049l"] {
            assert!(last.contains(mode), "{mode:?} was not sent");
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A test that failed leaves no program behind; one that went well has none.
        let _ = self.child.kill();
    }
}

#[test]
fn the_made_up_fleet_is_shown_and_keys_are_answered() {
    let mut session = Session::start(&["--demo"]);
    session.wait_for("5 hosts");
    session.wait_for("no answer");
    session.press("\r");
    session.wait_for("Drives");
    session.press("\x1b");
    session.wait_for("── server");
    session.press("q");
    assert_eq!(session.end(), 0);
    session.is_given_back();
}

#[test]
fn another_size_is_another_picture() {
    let mut session = Session::start(&["--demo"]);
    session.wait_for("5 hosts");
    session.seen.lock().unwrap().screen.screen_mut().set_size(rows(40), rows(120));
    session.pty.resize(PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 }).unwrap();
    session.wait("heads of a wide screen", |screen| {
        screen.contents().contains("last   age")
            && screen.contents().lines().last().is_some_and(|line| line.contains("q quit"))
    });
    session.press("q");
    session.end();
}

#[test]
fn a_signal_gives_the_terminal_back() {
    for (signal, exit) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130), (Signal::QUIT, 131)] {
        let mut session = Session::start(&["--demo"]);
        session.wait_for("5 hosts");
        session.signal(signal);
        assert_eq!(session.end(), exit, "{signal:?}");
        session.is_given_back();
    }
}

/// The program with a fault in it, which is built beside it.
fn with_a_fault() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_cm-tui")).with_file_name("examples").join("fault");
    assert!(
        program.exists(),
        "`cargo test -p cm-tui` builds it; `--test terminal` alone does not: build --examples first"
    );
    program
}

#[test]
fn a_panic_gives_the_terminal_back_and_then_says_what_it_was() {
    for (place, thread, told) in
        [("loop", "thread 'main'", "a fault in the loop"), ("beside", "thread '<unnamed>'", "a fault beside the loop")]
    {
        let mut session = Session::of_program(&with_a_fault(), |command| {
            command.args(["--demo", "--refresh", "1"]);
            command.env("FAULT", place);
        });
        assert_eq!(session.end(), 70, "{place}");
        session.wait_for("next: Report it");
        session.modes_are_given_back();
        let screen = session.screen();
        let lines: Vec<&str> = screen.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        // Each line from its first column on: the terminal begins lines anew by itself again.
        assert!(lines[0].starts_with(thread) && lines[0].contains("panicked at"), "{screen}");
        assert_eq!(lines[1], told, "{screen}");
        assert!(lines.iter().any(|line| line.starts_with("error[CM-")), "{screen}");
        let seen = session.seen.lock().unwrap();
        let bytes = String::from_utf8_lossy(&seen.bytes);
        let (shown, after) = bytes.split_once("\x1b[?1049l").expect("the other screen is left");
        assert!(shown.contains("srv01") && !after.contains('\x1b'), "nothing is drawn after that: {after:?}");
    }
}

#[test]
fn it_stops_as_a_job_does_and_comes_back_whole() {
    let mut session = Session::start(&["--demo"]);
    session.wait_for("5 hosts");
    session.press("\x1a");
    session.is_stopped();
    session.is_given_back();
    session.signal(Signal::CONT);
    session.wait_for("5 hosts");
    session.signal(Signal::TSTP);
    session.is_stopped();
    session.is_given_back();
    session.signal(Signal::CONT);
    session.wait_for("5 hosts");
    session.press("q");
    assert_eq!(session.end(), 0);
    session.is_given_back();
}

#[test]
fn a_terminal_that_is_gone_ends_it() {
    let mut session = Session::start(&["--demo"]);
    session.wait_for("5 hosts");
    let pid = session.child.process_id().unwrap();
    let Session { pty, keys, .. } = &mut session;
    // Both ends of ours are closed; the thread that reads sees the end of it.
    drop(std::mem::replace(keys, Box::new(std::io::sink())));
    let other = native_pty_system().openpty(PtySize::default()).unwrap();
    drop(std::mem::replace(pty, other.master));
    session.signal(Signal::HUP);
    session.end();
    assert!(!std::path::Path::new(&format!("/proc/{pid}/fd")).exists());
}

#[test]
fn another_program_gets_the_terminal_and_gives_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, mode: u32| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    file("hosts.toml", "[hosts.box]\naddress = \"127.0.0.1\"\nsmart_api = 1\nservice_api = 2\nbackup_api = 3\n", 0o600);
    file("ssh", "#!/bin/sh\necho \"shell for $1 $2\"\nread line\necho \"typed $line\"\nexit 3\n", 0o700);
    let mut session = Session::of(|command| {
        command.args(["--config".as_ref(), folder.path().as_os_str()]);
        command.env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()));
    });
    session.wait_for("1 host");
    session.press("x");
    session.wait_for("shell for -- 127.0.0.1");
    session.press("hello\n");
    session.wait_for("it ended with exit status: 3");
    session.wait_for("box");
    session.press("q");
    assert_eq!(session.end(), 0);
    let bytes = String::from_utf8_lossy(&session.seen.lock().unwrap().bytes).into_owned();
    assert!(bytes.contains("typed hello"), "{bytes}");
}

#[test]
fn the_program_that_gets_the_terminal_is_the_owners_choice() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, mode: u32| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    let program = file("door", "#!/bin/sh\necho \"$# words: <$1> <$2>\"\nread line\n", 0o700);
    let apis = "smart_api = 1\nservice_api = 2\nbackup_api = 3\n";
    file(
        "hosts.toml",
        &format!(
            "[hosts.box]\naddress = \"127.0.0.1\"\n{apis}[hosts.lost]\naddress = \"127.0.0.2\"\n{apis}\
             [hosts.lost.hand_over]\ncommand = [\"/nonexistent/door\"]\n"
        ),
        0o600,
    );
    let dashboard = format!("[hand_over]\ncommand = [{program:?}, \"to {{host}}\", \"at $({{address}})\"]\n");
    file("dashboard.toml", &dashboard, 0o600);
    let start = || Session::of(|command| command.args(["--config".as_ref(), folder.path().as_os_str()]));
    let mut session = start();
    session.wait_for("2 hosts");
    session.press("x");
    session.wait_for("2 words: <to box> <at $(127.0.0.1)>");
    session.press("\n");
    session.wait_for("2 hosts");
    session.press("jx");
    session.wait_for("/nonexistent/door did not start");
    session.wait_for("2 hosts");
    session.press("q");
    assert_eq!(session.end(), 0);
    session.modes_are_given_back();
    file("dashboard.toml", "[hand_over]\ncommand = \"ssh {address}\"\n", 0o600);
    let mut session = start();
    session.wait_for("dashboard.toml:2:11");
    session.wait_for("next: No shell reads it");
    assert_eq!(session.end(), 78);
}

#[test]
fn the_terminal_is_asked_for_its_background_and_no_key_is_lost() {
    let mut session = Session::start(&["--demo"]);
    session.press("j");
    session.press("\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    session.press("\r");
    session.wait_for("CM ▸");
    assert!(String::from_utf8_lossy(&session.seen.lock().unwrap().bytes).contains("\x1b]11;?"));
    session.press("q");
    session.end();
    let mut session = Session::of(|command| {
        command.args(["--demo"]);
        command.env("NO_COLOR", "1");
    });
    session.wait_for("no answer");
    session.press("q");
    session.end();
    let bytes = String::from_utf8_lossy(&session.seen.lock().unwrap().bytes).into_owned();
    assert!(!bytes.contains("\x1b]11;?"), "nobody needs to know");
    assert!(!bytes.contains("38;5;") && !bytes.contains("48;5;"), "NO_COLOR was not heeded");
}

#[test]
fn without_utf8_everything_is_ascii() {
    let mut session = Session::of(|command| {
        command.args(["--demo"]);
        command.env("LANG", "C");
    });
    session.wait_for("no answer");
    assert!(session.seen.lock().unwrap().bytes.is_ascii());
    session.press("q");
    session.end();
}

#[test]
fn lines_are_told_where_lines_are_asked_for() {
    let mut session = Session::start(&["--demo", "--linear"]);
    session.wait_for("labbox: critical, ");
    assert!(!session.seen.lock().unwrap().bytes.contains(&0x1b));
    session.signal(Signal::TERM);
    session.end();
}

#[test]
fn what_cannot_be_opened_is_said_with_its_next_step() {
    let mut session = Session::start(&["--replay", "/nonexistent/snapshot"]);
    session.wait_for("error[CM-");
    session.wait_for("next:");
    assert_eq!(session.end(), 78);
}

#[test]
fn the_past_is_entered_and_left() {
    let mut session = Session::start(&["--demo"]);
    session.wait_for("no answer");
    session.press("[");
    session.wait_for("THEN ");
    session.press("n");
    session.wait_for("LIVE");
    session.press(":qui\t\r");
    assert_eq!(session.end(), 0);
    session.is_given_back();
}

#[test]
fn a_program_of_the_owner_has_a_panel() {
    let folder = tempfile::tempdir().unwrap();
    let (program, config) = (folder.path().join("panel"), folder.path().join("dashboard.toml"));
    std::fs::write(&program, "#!/bin/sh\nprintf '{\"title\": \"UPS\", \"lines\": [{\"text\": \"told %s\"}]}' \"$1\"\n")
        .unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let table = format!(
        "[features]\nexternal_widgets = true\n[widgets.external.ups]\nprogram = {program:?}\narguments = [\"by the owner\"]\n"
    );
    std::fs::write(&config, table).unwrap();
    std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut session = Session::of(|command| {
        command.arg("--config");
        command.arg(&config);
    });
    session.wait_for("Memory");
    session.press("G");
    session.wait_for("UPS");
    session.wait_for("told by the owner");
    session.press("q");
    assert_eq!(session.end(), 0);
}

#[test]
fn what_is_chosen_is_kept_and_configuration_files_stay_as_they_are() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("dashboard.toml");
    let configured = "[dashboard]\nrefresh_interval = 9 # as it was\n";
    std::fs::write(&file, configured).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let start = || {
        let mut session = Session::of(|command| {
            command.env("HOME", home.path());
            command.args(["--config".as_ref(), file.as_os_str()]);
        });
        session.wait_for("LIVE");
        session.press(",");
        session.wait_for("refresh interval");
        session
    };
    let mut first = start();
    first.wait_for("9 s ");
    first.press("j\x1b[C");
    first.wait_for("10 s ");
    first.press("q");
    assert_eq!(first.end(), 0);
    let mut second = start();
    second.wait_for("10 s ");
    second.wait_for("chosen here, over 9 s");
    second.press("jd");
    second.wait("the choice taken back", |screen| !screen.contents().contains("chosen here"));
    second.press("q");
    assert_eq!(second.end(), 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), configured);
    let mut third = start();
    third.wait_for("9 s ");
    third.press("q");
    assert_eq!(third.end(), 0);
}
