//! The program itself: what it prints, how it ends, and that no secret is in either.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The program in a folder of its own, without any of this machine's settings.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cm-agent"));
    command.env_clear().env("HOME", folder).current_dir(folder).stdin(Stdio::null());
    command
}

fn ask(folder: &Path, line: &str) -> Output {
    program(folder).args(line.split_whitespace()).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

#[test]
fn what_goes_wrong_is_told_with_its_code_and_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "typo.toml", "[serve]\nsmart_prot = 1\n");
    file(folder.path(), "token.toml", "[serve.tokens]\nsmart = \"missing.token\"\n");
    file(folder.path(), "nowhere.toml", "[serve]\nlisten = [\"192.0.2.1\"]\n");
    let open = file(folder.path(), "open.toml", "");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o666)).unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    for (line, status, parts) in [
        ("", 64, &["error[CM-0501]: a command is missing\nnext: `cm-agent --help`"][..]),
        ("rn", 64, &["there is no command `rn`", "did you mean `cm-agent run`?"]),
        ("run --config missing.toml", 78, &["error[CM-0210]: missing.toml: there is no such file\nnext: "]),
        (
            "run --config typo.toml",
            78,
            &["error[CM-0202]: unknown setting `smart_prot`", "typo.toml:2:1", "Did you mean `smart_port`?"],
        ),
        (
            "run --config open.toml",
            78,
            &["error[CM-0207]: ", "open.toml can be written by everybody", "next: Run: chmod go-w /", "/open.toml"],
        ),
        ("run --config token.toml", 78, &["error[CM-0211]: ", "missing.token: the token cannot be read: No such file"]),
        ("run --config nowhere.toml", 69, &["error[CM-0303]: cannot listen on 192.0.2.1:6127: Cannot assign"]),
        ("collect --root empty", 66, &["error[CM-0304]: empty holds neither proc/ nor sys/\nnext: "]),
        (
            "collect --root missing",
            66,
            &["error[CM-0304]: the folder of --root cannot be read: ", "missing: it is not there: No such file"],
        ),
    ] {
        let output = ask(folder.path(), line);
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(status), "{line}: {told}");
        assert!(output.stdout.is_empty(), "{line}: only data goes to stdout");
        for part in parts {
            assert!(told.contains(part), "{line}: {part:?} is missing in\n{told}");
        }
    }
}

#[test]
fn help_and_version_go_to_stdout() {
    let folder = tempfile::tempdir().unwrap();
    for (line, part) in [("--help", "Usage: cm-agent COMMAND"), ("run -h", "--config FILE"), ("-V", "cm-agent 0.")] {
        let output = ask(folder.path(), line);
        assert!(output.status.success() && output.stderr.is_empty(), "{line}");
        assert!(String::from_utf8(output.stdout).unwrap().contains(part), "{line}");
    }
}

#[test]
fn one_look_is_json_or_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let json = ask(folder.path(), "collect --once --json");
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(value["schema"], "cm-agent/collect/1");
    for api in cm_model::report::Api::ALL {
        let body = serde_json::to_vec(&value[api.word()]).unwrap();
        cm_model::report::Report::read(api, &body).unwrap_or_else(|error| panic!("{api}: {error}"));
    }
    let table = String::from_utf8(ask(folder.path(), "collect").stdout).unwrap();
    assert!(table.lines().any(|line| line.starts_with("host ") && line.contains("memory.total")), "{table}");
}

#[test]
fn who_asks_once_is_told_what_a_slow_tool_says_and_why_another_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // It takes longer than the two looks that rates need.
    let tool = file(folder.path(), "tool", "#!/bin/sh\nsleep 0.6\necho '[]'\n");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let job = |name: &str, program: &Path| {
        format!("[backups.{name}]\ntool = \"restic\"\nrepository = \"r\"\nprogram = \"{}\"\n", program.display())
    };
    let text = job("slow", &tool) + &job("none", &folder.path().join("nothing"));
    file(folder.path(), "agent.toml", &text);
    let output = ask(folder.path(), "collect --once --json --config agent.toml");
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let told: Vec<_> = value["backup"]["backups"].as_array().unwrap().iter().collect();
    let stands = told.iter().map(|job| (job["name"].as_str(), job["state"].as_str(), job["trouble"].as_str()));
    let expected = [(Some("none"), Some("unknown"), Some("not_installed")), (Some("slow"), Some("never"), None)];
    assert_eq!(stands.collect::<std::collections::BTreeSet<_>>(), expected.into(), "{told:?}");
    let table = String::from_utf8(ask(folder.path(), "collect --config agent.toml").stdout).unwrap();
    assert!(table.contains("\nmissing: backup none: not_installed: "), "{table}");
    assert!(!table.contains("backup slow:"), "{table}");
}

/// A running program that is ended when the test is.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Sends SIGTERM, waits, and gives what the program said at last.
    fn end(mut self) -> (Option<i32>, String) {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = self.0.wait().unwrap();
        let mut told = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        (status.code(), told)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Ports that are free just now.
fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

/// One whole answer; none while nobody listens.
fn get(port: u16, path: &str, headers: &str) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// Asks until there is an answer with this status.
fn get_until(port: u16, path: &str, headers: &str, status: &str) -> String {
    for _ in 0..500 {
        let answer = get(port, path, headers);
        if let Some(answer) = answer.filter(|answer| answer.starts_with(&format!("HTTP/1.1 {status}"))) {
            return answer;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{path} on {port} never answers {status}");
}

#[test]
fn an_agent_serves_this_machine_until_it_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let [smart, service, backup, combined] = free_ports();
    file(folder.path(), "service.token", "marker-secret\n");
    let config = format!(
        "[metrics_agent]\nneighbors = [\"cmbox:6130\"]\n[serve]\nsmart_port = {smart}\nservice_port = {service}\n\
         backup_port = {backup}\ncombined_port = {combined}\n[serve.tokens]\nservice = \"service.token\"\n"
    );
    let config_home = folder.path().join(".config/cm-dashboard");
    fs::create_dir_all(&config_home).unwrap();
    file(&config_home, "agent.toml", &config);
    file(&config_home, "service.token", "marker-secret\n");

    let agent = Running::start(program(folder.path()).args(["run", "--log-level", "debug"]));
    let right = "Authorization: Bearer marker-secret\r\n";
    let told = get_until(service, "/", right, "200");
    let body = told.split_once("\r\n\r\n").unwrap().1;
    let report: cm_model::report::ServiceReport = serde_json::from_str(body).unwrap();
    assert!(report.summary.system_memory_total_mb.get() > 0.0);
    for (port, path) in
        [(smart, "/"), (backup, "/"), (combined, "/smart"), (combined, "/backup"), (combined, "/health")]
    {
        get_until(port, path, "", "200");
    }
    for (port, path) in [(service, "/"), (combined, "/service")] {
        for wrong in ["", "Authorization: Bearer marker-secre\r\n"] {
            let refused = get_until(port, path, wrong, "401");
            assert!(refused.contains("CM-0107") && !refused.contains("memory"), "{refused}");
        }
    }

    let second = ask(folder.path(), "run");
    assert_eq!(second.status.code(), Some(69));
    let told = stderr(&second);
    assert!(told.contains(&format!("127.0.0.1:{smart}: cm-agent (process {})", agent.0.id())), "{told}");
    assert!(told.contains("error[CM-0302]: "), "{told}");

    let (status, told) = agent.end();
    assert_eq!(status, Some(0), "{told}");
    assert!(told.contains("the mesh is no part of this version") && told.contains("stopping"), "{told}");
    assert!(!told.contains("marker"), "no secret is logged, not even at debug: {told}");
    assert!(get(service, "/", right).is_none());
}

#[test]
fn an_agent_that_is_switched_off_says_so_and_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "agent.toml", "metrics_agent.enabled = false\n");
    let output = ask(folder.path(), "run --config agent.toml");
    assert!(output.status.success() && stderr(&output).contains("nothing to do"), "{}", stderr(&output));
}

#[test]
fn a_simulated_fleet_prints_where_it_is_and_answers_there() {
    let folder = tempfile::tempdir().unwrap();
    for base_port in (20_011..60_000).step_by(101) {
        let mut command = program(folder.path());
        command.args(["simulate", "--hosts", "2", "--base-port", &base_port.to_string()]);
        let mut fleet = Running::start(&mut command);
        let stdout = BufReader::new(fleet.0.stdout.take().unwrap());
        let found = stdout.lines().map_while(Result::ok).any(|line| line == format!("service_api = {}", base_port + 5));
        if !found {
            // Somebody has one of these ports.
            continue;
        }
        get_until(base_port + 5, "/", "", "200");
        let (status, told) = fleet.end();
        assert_eq!(status, Some(0), "{told}");
        return;
    }
    panic!("there are not eight free ports in a row");
}

#[test]
fn backups_are_asked_once_and_put_into_a_file_for_the_agent() {
    let folder = tempfile::tempdir().unwrap();
    let whole = |name: &str| folder.path().join(name).display().to_string();
    let borg = file(folder.path(), "borg", "#!/bin/sh\necho '{\"archives\":[]}'\n");
    fs::set_permissions(&borg, fs::Permissions::from_mode(0o700)).unwrap();
    file(folder.path(), "status.json", r#"{"started_at":1700000000,"finished_at":1700000060}"#);
    let config = format!(
        "[backups.a]\ntool = \"status_file\"\nfile = \"{}\"\n[backups.b]\ntool = \"borg\"\nrepository = \"/srv/b\"\nprogram = \"{}\"\n",
        whole("status.json"),
        whole("borg"),
    );
    file(folder.path(), "backups.toml", &config);
    let printed = ask(folder.path(), "backups --once --config backups.toml");
    assert!(printed.status.success(), "{}", stderr(&printed));
    let put = ask(folder.path(), "backups --config backups.toml --output found.json");
    assert!(put.status.success() && put.stdout.is_empty(), "{}", stderr(&put));
    for text in [String::from_utf8(printed.stdout).unwrap(), fs::read_to_string(whole("found.json")).unwrap()] {
        let found: serde_json::Value = serde_json::from_str(&text).unwrap();
        let states: Vec<_> =
            found["backups"].as_array().unwrap().iter().map(|job| (&job["name"], &job["state"])).collect();
        assert_eq!(states, [(&"a".into(), &"late".into()), (&"b".into(), &"never".into())], "{text}");
        assert_eq!((&found["schema"], &found["backups"][0]["duration_s"]), (&"cm-agent/backups/1".into(), &60.into()));
    }
    let nowhere = ask(folder.path(), "backups --config backups.toml --output missing/found.json");
    assert_eq!(nowhere.status.code(), Some(73));
    assert!(stderr(&nowhere).contains("missing/found.json cannot be written"), "{}", stderr(&nowhere));
}
