//! Exit codes, and what stands on stderr beside them.

use crate::room::Room;

#[test]
fn every_mistake_has_its_exit_code_and_says_what_next() {
    let replay = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for (arguments, exit, code) in [
        (&["--nonsense"][..], 64, "CM-0501"),
        (&["stattus"], 64, "CM-0501"),
        (&["status", "--watch=0"], 64, "CM-0501"),
        (&["status", "--watch=61"], 64, "CM-0501"),
        (&["status", "--demo", "--replay", "x"], 64, "CM-0501"),
        (&["status", "--check", "--watch"], 64, "CM-0501"),
        (&["drives", "--demo", "--fields", "host,,drive"], 64, "CM-0501"),
        (&["explain", "--watch"], 64, "CM-0501"),
        (&["man", "stattus"], 64, "CM-0501"),
        (&["schema", "nothing"], 64, "CM-0501"),
        (&["explain", "CM-9999"], 64, "CM-0503"),
        (&["drives", "--demo", "--fields", "nothing"], 64, "CM-0504"),
        (&["drives", "--demo", "--format", "oneline"], 64, "CM-0505"),
        (&["export", "--demo", "--snapshot", "x", "--format", "csv"], 64, "CM-0501"),
        (&["status", "--demo", "--host", "srv02"], 64, "CM-0209"),
        (&["status", "--demo", "--group", "servers"], 64, "CM-0209"),
        (&["status", "--replay", "/nonexistent"], 66, "CM-0401"),
        (&["status", "--replay", replay], 65, "CM-0403"),
        (&["status", "--config", "/nonexistent"], 78, "CM-0210"),
        (&["export", "--demo", "--snapshot", "/nonexistent/x"], 74, "CM-0402"),
    ] {
        let told = Room::piped().run(arguments);
        assert_eq!(told.exit.number(), exit, "{arguments:?}: {}", told.err);
        assert!(told.err.contains(code) && told.err.contains("next: "), "{arguments:?}: {}", told.err);
        assert_eq!(told.out, "", "{arguments:?}");
    }
}

#[test]
fn what_was_probably_meant_is_said() {
    for (arguments, meant) in [
        (&["stattus"][..], "status"),
        (&["status", "--demmo"], "--demo"),
        (&["status", "--demo", "--host", "srv1"], "srv01"),
        (&["drives", "--demo", "--fields", "ware_percent"], "wear_percent"),
        (&["status", "--demo", "--watch", "5"], "--watch=5"),
        (&["status", "--demo", "--watch=often"], "from 1 to 60"),
    ] {
        let told = Room::piped().run(arguments);
        assert!(told.err.contains(meant), "{arguments:?}: {}", told.err);
    }
}

#[test]
fn with_json_errors_are_json_on_stderr() {
    for arguments in [
        &["--json", "stattus"][..],
        &["status", "--demo", "--host", "x", "--format", "json"],
        &["--json", "status", "--demo", "--format", "csv"],
    ] {
        let told = Room::piped().run(arguments);
        let error: serde_json::Value = serde_json::from_str(&told.err).unwrap();
        assert_eq!(error["schema"], "cm-dashboard/error/1");
        assert_eq!(error["exit_code"], 64);
        assert!(error["next"].as_str().is_some_and(|next| !next.is_empty()));
    }
}

#[test]
fn a_check_tells_by_its_exit_code_and_nothing_else_does() {
    for (arguments, exit) in [
        (&["status", "--demo"][..], 0),
        (&["status", "--demo", "--check", "--host", "srv01"], 0),
        (&["status", "--demo", "--check", "--host", "steambox"], 0),
        (&["status", "--demo", "--check", "--host", "simonbox"], 1),
        (&["status", "--demo", "--check", "--host", "labbox"], 3),
        (&["status", "--demo", "--check", "--host", "labbox,simonbox"], 3),
        (&["drives", "--demo", "--check"], 3),
    ] {
        assert_eq!(Room::piped().run(arguments).exit.number(), exit, "{arguments:?}");
    }
}

#[test]
fn without_a_configuration_this_machine_is_watched() {
    let told = Room::live().run(&["status", "--json"]);
    assert_eq!(told.exit.number(), 0, "{}", told.err);
    let document: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(document["hosts"].as_array().unwrap().len(), 1);
    assert_eq!(document["hosts"][0]["link"], "answering");
    assert!(document["hosts"][0]["memory_use_percent"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_wrong_configuration_is_shown_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hosts.toml");
    std::fs::write(&path, "[hosts.srv01]\naddress = \"127.0.0.1\"\nsmart_aip = 6127\n").unwrap();
    let config = folder.path().to_str().unwrap();
    let told = Room::piped().run(&["status", "--config", config]);
    assert_eq!(told.exit.number(), 78);
    for part in ["error[CM-0202]", "hosts.toml:3:1", "^^^", "smart_api"] {
        assert!(told.err.contains(part), "{part}: {}", told.err);
    }
    let told = Room::piped().run(&["config", "check", "--config", config, "--json"]);
    let document: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!((told.exit.number(), &document["sound"]), (78, &serde_json::json!(false)));
    assert_eq!(document["problems"][0]["line"], 3);
    let told = Room::piped().run(&["doctor", "--config", config]);
    assert!(told.out.contains("CM-0202") && told.exit.number() == 0, "{}", told.out);
}

#[test]
fn a_configured_host_that_refuses_is_told_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let listeners = [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let [smart, service] = listeners.map(|listener| listener.local_addr().unwrap().port());
    let text = format!(
        "[hosts.srv01]\naddress = \"127.0.0.1\"\nsmart_api = {smart}\nservice_api = {service}\nbackup_api = false\n"
    );
    std::fs::write(folder.path().join("hosts.toml"), text).unwrap();
    let config = folder.path().to_str().unwrap();
    let told = Room::live().run(&["status", "--config", config, "--json", "--check"]);
    assert_eq!(told.err, "");
    let document: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(told.exit.number(), 3);
    assert_eq!(document["hosts"][0]["link"], "unreachable");
    assert_eq!(document["silent"][0]["code"], "CM-0102");
    assert_eq!(document["silent"].as_array().unwrap().len(), 2, "what is not configured is not missed");
}

#[test]
fn a_token_that_cannot_be_used_keeps_its_own_host_from_being_asked_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = format!(
        "[hosts.srv01]\naddress = \"127.0.0.1\"\ntoken_file = \"srv01.token\"\n\
         [hosts.cmbox]\naddress = \"127.0.0.1\"\nsmart_api = {port}\nservice_api = false\nbackup_api = false\n"
    );
    std::fs::write(folder.path().join("hosts.toml"), text).unwrap();
    let config = folder.path().to_str().unwrap();
    let told = Room::live().run(&["status", "--config", config, "--json", "--check"]);
    let document: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!((told.exit.number(), told.err.as_str()), (3, ""));
    assert_eq!(document["hosts"][0]["link"], "unauthorised");
    assert_eq!(document["silent"][0]["code"], "CM-0211");
    assert_eq!(document["hosts"][1]["link"], "unreachable", "it was asked");
    let told = Room::live().run(&["metrics", "--config", config]);
    assert!(told.err.starts_with("note: srv01: smart, service, backup: http"), "{}", told.err);
    let told = Room::live().run(&["config", "check", "--config", config]);
    assert_eq!(told.exit.number(), 78);
    for part in ["error[CM-0211]", "hosts.toml:3:14", "all others are"] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    let told = Room::live().run(&["doctor", "--config", config]);
    assert!(told.out.contains("CM-0211") && told.out.contains("CM-0102"), "{}", told.out);
}

#[test]
fn who_is_silent_is_noted_once_and_only_where_the_rows_do_not_show_it() {
    for (arguments, notes) in [
        (&["status", "--demo"][..], &[][..]),
        (&["status", "--demo", "--fields", "host,link"], &[]),
        (
            &["status", "--demo", "--fields", "host,cpu_load_1"],
            &["note: labbox: smart, service, backup do not answer: "],
        ),
        (&["hosts", "--demo"], &[]),
        (&["hosts", "--demo", "--fields", "host,os"], &["note: labbox: service does not answer: "]),
        (&["drives", "--demo"], &["note: labbox: smart does not answer: "]),
        (&["drives", "--demo", "--format", "csv"], &["note: labbox: smart does not answer: "]),
        (&["drives", "--demo", "--format", "csv", "--quiet"], &[]),
        (&["metrics", "--demo"], &["note: labbox: smart, service, backup do not answer: "]),
    ] {
        let told = Room::piped().run(arguments);
        let lines: Vec<_> = told.err.lines().collect();
        assert_eq!(lines.len(), notes.len(), "{arguments:?}: {}", told.err);
        assert!(lines.iter().zip(notes).all(|(line, note)| line.starts_with(note)), "{arguments:?}: {}", told.err);
    }
}

#[test]
fn names_in_a_list_may_stand_apart_and_twice() {
    let told =
        Room::piped().run(&["drives", "--demo", "--fields", "host, drive,host", "--host", "srv01, cmbox", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(document["drives"].as_array().unwrap().len(), 4, "{}", told.err);
    assert_eq!(told.out.matches("\"host\":").count(), 4);
}

#[test]
fn a_new_configuration_is_written_once_and_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    let room = Room::piped().with("XDG_CONFIG_HOME", folder.path().to_str().unwrap());
    let told = room.run(&["config", "init"]);
    assert_eq!(told.exit.number(), 0, "{}", told.err);
    assert_eq!(told.out.lines().count(), 2);
    assert_eq!(room.run(&["config", "check"]).exit.number(), 0, "{}", room.run(&["config", "check"]).out);
    assert!(room.run(&["config", "paths"]).out.contains("used"));
    assert_eq!(room.run(&["config", "init"]).exit.number(), 73);
    assert!(room.run(&["config", "init", "--print"]).out.contains("[hosts."));
    assert!(room.run(&["config", "show"]).out.contains("dashboard.refresh_interval = 5"));
}
