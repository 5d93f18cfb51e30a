//! `watch` and `check` as they run: this machine, a real history, a rule of the owner's, and a webhook on loopback.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::ffi::OsString;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::mpsc;
use std::time::Duration;

use cm_agent::notify::Notify as Manager;
use cm_core::clock::{Clock as _, SystemClock};
use cm_core::config;
use cm_core::incident::Standing;
use cm_core::store::{Opening, Span};
use cm_core::text::HostText;
use cm_notify::carrier::Act;
use cm_notify::channel::desktop::Pressed;
use cm_notify::contact::Means;
use cm_notify::exit::Exit;
use cm_notify::post::Post;
use cm_notify::press;
use cm_notify::run::{Surroundings, run};
use cm_notify::site::{self, Around, Site};
use cm_notify::watch::Service;
use cm_notify::wire::Wire;

/// What anything here may take.
const LIMIT: Duration = Duration::from_secs(30);

/// A configuration, a history, and what is told.
struct Stage {
    folder: tempfile::TempDir,
    told: mpsc::Receiver<String>,
}

impl Stage {
    /// With a webhook that takes everything, or one that nobody listens at.
    fn new(takes: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, told) = mpsc::channel();
        if takes {
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    let mut stream = stream.unwrap();
                    let (mut read, mut piece) = (String::new(), [0; 8_192]);
                    while !read.ends_with('}') {
                        let count = stream.read(&mut piece).unwrap();
                        read.push_str(&String::from_utf8_lossy(&piece[..count]));
                    }
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
                    if tell.send(read).is_err() {
                        return;
                    }
                }
            });
        }
        let channel =
            format!("[[notify.channel]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/\"\n");
        fs::write(folder.path().join("dashboard.toml"), channel).unwrap();
        fs::create_dir(folder.path().join("rules.d")).unwrap();
        let stage = Self { folder, told };
        stage.rule("memory.total > 0");
        stage
    }

    /// The owner's one rule holds by this condition.
    fn rule(&self, when: &str) {
        let text = format!("rule has-memory\n  when {when}\n  text \"there is memory\"\n");
        fs::write(self.folder.path().join("rules.d/own.rules"), text).unwrap();
    }

    fn history(&self) -> PathBuf {
        self.folder.path().join("history.db")
    }

    /// The program with these arguments: how it ended, and what it wrote.
    fn call(&self, words: &[&str]) -> (Exit, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut arguments: Vec<OsString> = vec!["cm-notify".into()];
        arguments.extend(words.iter().map(OsString::from));
        arguments.extend(["--config".into(), self.folder.path().into()]);
        arguments.extend(["--database".into(), self.history().into()]);
        let mut surroundings = Surroundings {
            variables: &|_| None,
            clock: Rc::new(SystemClock),
            local: &|_| "then".to_owned(),
            ahead_s: &|_| 0,
            machine: HostText::new("desk"),
            user: rustix::process::geteuid().as_raw(),
            out: &mut out,
            err: &mut err,
        };
        let exit = run(arguments, &mut surroundings);
        (exit, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }
}

#[test]
fn a_check_tells_once_what_is_new_and_says_so_by_its_exit_code_alone() {
    let stage = Stage::new(true);
    assert_eq!(stage.call(&["check"]), (Exit::Told, String::new(), String::new()));
    let request = stage.told.recv_timeout(LIMIT).unwrap();
    assert!(request.to_lowercase().contains("idempotency-key: ") && request.contains("there is memory"), "{request}");
    assert_eq!(stage.call(&["check"]), (Exit::Well, String::new(), String::new()));
    assert!(stage.told.try_recv().is_err());
    assert_eq!(stage.call(&["outbox"]).1, "nothing waits\n");
    let (_, all, _) = stage.call(&["outbox", "--all"]);
    assert!(all.starts_with("then  hook  ") && all.ends_with("  delivered\n"), "{all}");
}

#[test]
fn a_check_whose_channel_is_down_says_why_and_the_message_waits() {
    let stage = Stage::new(false);
    let (exit, out, err) = stage.call(&["check"]);
    assert_eq!((exit, out.as_str()), (Exit::Later, ""), "{err}");
    assert!(err.contains("CM-0601"), "{err}");
    let (_, waits, _) = stage.call(&["outbox"]);
    assert!(waits.contains("there is memory") && waits.contains("  tried once: "), "{waits}");
}

#[test]
fn a_check_goes_by_the_other_rules_where_one_is_wrong_and_ends_as_a_wrong_configuration() {
    let stage = Stage::new(true);
    stage.rule("memory.totel > 0");
    let (exit, _, err) = stage.call(&["check"]);
    assert_eq!(exit, Exit::Config);
    assert!(err.contains("memory.total"), "{err}");
}

#[test]
fn a_check_without_a_history_tells_from_memory_and_says_what_is_wrong_with_it() {
    let stage = Stage::new(true);
    fs::create_dir(stage.history()).unwrap();
    let (exit, _, err) = stage.call(&["check"]);
    assert_eq!(exit, Exit::Later, "{err}");
    assert!(err.contains("error[CM-04"), "{err}");
    let request = stage.told.recv_timeout(LIMIT).unwrap();
    assert!(request.contains("there is memory") && request.contains("\"may_repeat\":true"), "{request}");
}

#[tokio::test]
async fn watching_tells_feeds_the_manager_does_what_a_button_says_and_ends_well() {
    let stage = Stage::new(true);
    let manager = UnixDatagram::bind(stage.folder.path().join("manager")).unwrap();
    manager.set_nonblocking(true).unwrap();
    let address = stage.folder.path().join("manager").into_os_string();
    let variables = |name: &str| match name {
        "NOTIFY_SOCKET" => Some(address.clone()),
        "WATCHDOG_USEC" => Some("4000000".into()),
        _ => None,
    };
    let (user, history) = (rustix::process::geteuid().as_raw(), stage.history());
    let around = Around {
        config: Some(stage.folder.path()),
        database: Some(&history),
        environment: config::Surroundings::new(&variables, user),
        ahead_s: 0,
    };
    let site = Site::new(&site::load(&around).unwrap(), None, &around).unwrap();
    let start = site.options.holder.boot.clone();
    let (press, pressed) = tokio::sync::mpsc::channel(4);
    let clock: Rc<SystemClock> = Rc::new(SystemClock);
    let make = || {
        let wire = Wire::new(None).unwrap();
        Ok(Means { wire, clock: Rc::new(SystemClock), pressed: Some(press.clone()), credentials: None, user })
    };
    let local = |_| "then".to_owned();
    let post = Post::new(site.notify.contacts.clone(), clock, &make, &local, "cm-cli");
    let mut err = Vec::new();
    let manager_side = Manager::of(variables, std::process::id()).unwrap();
    let service = Service { site, post: &post, pressed, manager: manager_side, local: &local, err: &mut err };
    let open = || Opening::at(history.clone()).read().unwrap().incidents_in(Span::all(), 9).unwrap();
    let end = async {
        until(|| stage.told.try_recv().is_ok()).await;
        // Beside it there is nothing to do for one that would tell as well.
        assert!(open().iter().all(|incident| incident.standing() == Standing::Firing));
        let incident = open()[0].id;
        press.send(Pressed { act: Act::Acknowledge, incident }).await.unwrap();
        until(|| open()[0].standing() == Standing::Acknowledged).await;
        let number = press::ask(Pressed { act: Act::Silence, incident }, &history, &start, SystemClock.now()).unwrap();
        until(|| Opening::at(history.clone()).read().unwrap().outcome(number).unwrap().is_some()).await;
    };
    let exit = tokio::time::timeout(LIMIT, service.run(end)).await.unwrap().unwrap();
    let err = String::from_utf8(err).unwrap();
    assert_eq!(exit, Exit::Well, "{err}");
    assert!(err.contains("then hook was told\n") && err.ends_with("then ended\n"), "{err}");
    let (mut news, mut piece) = (String::new(), [0; 4096]);
    while let Ok(count) = manager.recv(&mut piece) {
        news.push_str(&String::from_utf8_lossy(&piece[..count]));
    }
    assert!(news.starts_with("READY=1\nWATCHDOG=1\n") && news.ends_with("STOPPING=1\n"), "{news}");
    // It gave the lease back: who comes next does not wait for it, and does not tell it again.
    assert_eq!(tokio::task::spawn_blocking(move || (stage.call(&["check"]).0, stage)).await.unwrap().0, Exit::Well);
}

/// Waits for it, as long as anything here may take.
async fn until(mut holds: impl FnMut() -> bool) {
    while !holds() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
