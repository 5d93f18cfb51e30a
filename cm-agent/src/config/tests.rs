//! Files as people write them, and what is said about them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use cm_model::fault::Code;

use super::*;
use crate::serve::Door;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(Path::new("/etc/cm-dashboard/agent.toml"), text)
}

/// The problems that a file has, as they are printed.
fn told(text: &str) -> String {
    parse(text).expect_err("the file is wrong").to_string()
}

#[test]
fn an_empty_file_is_the_default_and_so_is_the_commented_example() {
    assert_eq!(parse("").unwrap(), Config::default());
    let example = include_str!("../../../config/agent.toml");
    assert_eq!(parse(example).unwrap(), Config::default());
    let setting = |line: &'static str| line.strip_prefix('#').filter(|rest| !rest.starts_with([' ', '#']));
    let lines: Vec<_> = example.lines().map(|line| setting(line).unwrap_or(line)).collect();
    let uncommented = lines.join("\n");
    assert_ne!(uncommented, example);
    parse(&uncommented).unwrap_or_else(|error| panic!("every commented setting is one:\n{error}"));
}

#[test]
fn every_setting_is_taken() {
    let config = parse(
        r#"
        collectors.smart_metrics = { enabled = false }
        collectors.service_metrics.interval_ms = 1_000
        [metrics_agent]
        enabled = true
        port = 7000
        role = "server"
        neighbors = ["cmbox:6130"]
        [mounts]
        exclude = ["/mnt/*"]
        [interfaces]
        include = ["eth0"]
        [sensors]
        exclude = ["nct6775 AUXTIN*"]
        [activities]
        games = ["minecraft*"]
        backups = ["my-backup"]
        [serve]
        listen = ["192.168.1.7", "::1"]
        smart_port = 0
        service_port = 7002
        host_names = ["srv01.home.example"]
        [serve.tokens]
        service = "service.token"
        backup = "/run/credentials/backup"
        "#,
    )
    .unwrap();
    assert_eq!(config.collectors.apis(), [Api::Service, Api::Backup]);
    assert_eq!(config.collectors.service.interval, Duration::from_secs(1));
    assert_eq!(config.role.as_ref().map(Role::as_str), Some("server"));
    assert_eq!(config.neighbors, ["cmbox:6130"]);
    assert_eq!(
        (&config.collect.mounts.exclude[..], &config.collect.interfaces.include[..]),
        (&["/mnt/*".into()][..], &["eth0".into()][..])
    );
    let collect = &config.collect;
    assert_eq!(collect.sensors.exclude, ["nct6775 AUXTIN*"]);
    assert_eq!((&*collect.activities.games[0], &*collect.activities.backups[0]), ("minecraft*", "my-backup"));
    assert_eq!(
        config.serve.doors,
        [(7002, Door::Single(Api::Service)), (6129, Door::Single(Api::Backup)), (7000, Door::Combined)]
    );
    assert_eq!(
        config.serve.token_files,
        [(Api::Service, "/etc/cm-dashboard/service.token".into()), (Api::Backup, "/run/credentials/backup".into())]
    );
    assert!(config.sends_tokens_in_the_clear());
}

#[test]
fn a_mistake_is_shown_in_its_place_with_the_nearest_name() {
    let text = "[collectors]\nservice_metrics = { enabled = true, intervall_ms = 5000 }\n";
    assert_eq!(
        told(text),
        "error[CM-0202]: unknown setting `intervall_ms`\n \
         --> /etc/cm-dashboard/agent.toml:2:37\n  \
         |\n\
         2 | service_metrics = { enabled = true, intervall_ms = 5000 }\n  \
         |                                     ^^^^^^^^^^^^\n  \
         = next: Did you mean `interval_ms`?"
    );
}

#[test]
fn a_byte_order_mark_moves_no_place() {
    let Err(ConfigError::Wrong { problems }) = parse("\u{feff}wrong = 1\n") else { panic!("it is taken") };
    let first = problems.iter().next().unwrap();
    assert_eq!(first.place.as_ref().map(|place| place.column), Some(1));
    assert_eq!(parse("\u{feff}[serve]\n").unwrap(), Config::default());
}

#[test]
fn each_kind_of_mistake_has_its_code_and_its_place() {
    for (text, expected) in [
        ("[metrics_agent", "CM-0201 1:15"),
        ("[metrics_agent]\nenabled = \"yes\"", "CM-0203 2:11"),
        ("[metrics_agent]\nport = 70000", "CM-0204 2:8"),
        ("[metrics_agent]\nport = -1", "CM-0204 2:8"),
        ("[metrics_agent]\nport = 99999999999999999999", "CM-0204 2:8"),
        ("[metrics_agent]\nport = 80.5", "CM-0203 2:8"),
        ("[metrics_agent]\nrole = \"two words\"", "CM-0204 2:8"),
        ("metrics_agent = 5", "CM-0203 1:17"),
        ("[collectors.service_metrics]\ninterval_ms = 1", "CM-0204 2:15"),
        ("[serve]\nlisten = \"127.0.0.1\"", "CM-0203 2:10"),
        ("[serve]\nlisten = [\"127.0.0.1\", \"localhost\"]", "CM-0204 2:24"),
        ("[serve]\nlisten = [\"127.0.0.1\", 7]", "CM-0203 2:24"),
        ("[serve]\nlisten = []", "CM-0205 2:1"),
        ("[serve]\nlisten = [\"::\", \"0.0.0.0\"]", "CM-0205 2:1"),
        ("[serve]\nsmart_port = 6128", "CM-0205 2:1"),
        ("[serve]\ncombined_port = 6129", "CM-0205 2:17"),
        ("[metrics_agent]\nport = 1000\n[serve]\ncombined_port = 1001", "CM-0205 4:17"),
        ("[serve]\nbackup_port = 0\ncombined_port = 0", "CM-0205 1:2"),
        ("[mounts]\ninclude = [\"/\"]\nexclude = [\"/\"]", "CM-0205 3:1"),
        ("[mounts]\ninclude = [\"\"]", "CM-0204 2:12"),
        ("[serv]", "CM-0202 1:2"),
        ("[serve.tokens]\nsmrt = \"a\"", "CM-0202 2:1"),
    ] {
        let Err(ConfigError::Wrong { problems }) = parse(text) else { panic!("{text} is taken") };
        let found: Vec<_> = problems.iter().map(|p| format!("{} {}", p.code.unwrap(), p.location())).collect();
        let expected = expected.replacen(' ', " /etc/cm-dashboard/agent.toml:", 1);
        assert_eq!(found, [expected], "{text}\n{problems:#?}");
    }
}

#[test]
fn a_program_cannot_be_a_game_and_a_backup() {
    let told = told("[activities]\ngames = [\"x\"]\nbackups = [\"x\"]\n");
    assert!(told.contains(&Code::CONFIG_CONTRADICTION.to_string()) && told.contains(":3:"), "{told}");
}

#[test]
fn switching_everything_off_leaves_nothing_to_serve() {
    let off = "smart_metrics.enabled = false\nservice_metrics.enabled = false\nbackup_metrics.enabled = false";
    assert!(told(&format!("[collectors]\n{off}")).contains("every collector is switched off"));
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_file() {
    let told = told("[serve]\nsmart_prot = 1\n[metrics_agent]\nenabled = 1\nwhatever = 1\n");
    let heads: Vec<_> = told.lines().filter(|line| line.starts_with("error")).collect();
    assert_eq!(
        heads,
        [
            "error[CM-0202]: unknown setting `smart_prot`",
            "error[CM-0203]: `enabled` takes true or false, not a whole number",
            "error[CM-0202]: unknown setting `whatever`"
        ]
    );
    assert!(told.contains("Known here: enabled, role, neighbors, port"), "{told}");
}

#[test]
fn a_message_holds_no_control_character_out_of_the_file() {
    let told = told("\"\\u001b[2J\\u202e\" = 1 # \u{202e}\t\u{9b}31m\n");
    assert!(told.chars().all(|c| c == '\n' || !c.is_control() && !('\u{202a}'..='\u{202e}').contains(&c)), "{told:?}");
}

#[test]
fn a_message_stays_readable_whatever_the_file_holds() {
    let long = format!("{}x = 1", "\"\".".repeat(20_000));
    let told = self::told(&long);
    assert!(told.lines().all(|line| line.chars().count() < 250), "{told}");
    let pad = " ".repeat(5000);
    let told = self::told(&format!("[serve]\nlisten = [{pad}7, {pad}]"));
    let lines: Vec<_> = told.lines().collect();
    assert!(lines[1].ends_with(":2:5011"), "{told}");
    let column = |line: &str, sought: char| line.chars().position(|c| c == sought);
    assert_eq!(column(lines[3], '7'), column(lines[4], '^'), "the caret points at the value: {told}");
    let many: Vec<_> = (0..500).map(|n| format!("k{n} = 1")).collect();
    assert!(self::told(&many.join("\n")).ends_with("\n\nand 300 more"));
}

#[test]
fn the_machines_own_name_counts_only_beyond_loopback() {
    let names = |text: &str| parse(text).unwrap().serve(Tokens::default(), "srv01.home.example").names;
    assert_eq!(names("serve.host_names = [\"alias\"]"), ["alias"]);
    let beyond = names("serve.listen = [\"192.168.1.7\"]\nserve.host_names = [\"alias\"]");
    assert_eq!(beyond, ["alias", "srv01.home.example", "srv01", "srv01.local"]);
}

/// A folder of this user's with one file in it.
fn folder(name: &str, text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    (folder, path)
}

#[test]
fn a_file_that_others_could_have_written_is_refused_with_the_chmod_to_run() {
    for (mode, expected) in [(0o600, None), (0o644, None), (0o664, Some("chmod g-w")), (0o666, Some("chmod go-w"))] {
        let (_folder, path) = folder("agent.toml", "", mode);
        match (Config::load(&path), expected) {
            (Ok(config), None) => assert_eq!(config, Config::default()),
            (Err(error), Some(chmod)) => {
                assert_eq!(error.code(), Code::CONFIG_WRITABLE_BY_OTHERS);
                assert_eq!(error.next(), Some(format!("Run: {chmod} {}", path.display())), "{error}");
            }
            (found, _) => panic!("{mode:o}: {found:?}"),
        }
    }
}

#[test]
fn so_is_one_in_a_folder_where_others_can_exchange_it() {
    for (mode, good) in [(0o755, true), (0o775, false), (0o757, false), (0o1777, true)] {
        let (folder, path) = folder("agent.toml", "", 0o600);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        let loaded = Config::load(&path);
        assert_eq!(loaded.is_ok(), good, "{mode:o} {loaded:?}");
        // By a link from a sound place it is no better.
        let (elsewhere, link) = {
            let dir = tempfile::tempdir().unwrap();
            let link = dir.path().join("link.toml");
            (dir, link)
        };
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(Config::load(&link).is_ok(), good, "{mode:o} through a link in {}", elsewhere.path().display());
        // Nor is a sound file behind a link that others can exchange.
        let (_sound, file) = self::folder("agent.toml", "", 0o600);
        let (middle, outer) = (folder.path().join("middle.toml"), elsewhere.path().join("outer.toml"));
        std::os::unix::fs::symlink(&file, &middle).unwrap();
        std::os::unix::fs::symlink(&middle, &outer).unwrap();
        assert_eq!(Config::load(&outer).is_ok(), good, "{mode:o} through a link in between");
    }
}

#[test]
fn a_missing_file_a_folder_and_an_endless_one_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Config::load(&folder.path().join("agent.toml")).unwrap_err();
    assert_eq!(missing.code(), Code::CONFIG_MISSING);
    let pipe = folder.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    for path in [folder.path(), Path::new("/dev/zero"), &pipe] {
        assert_eq!(Config::load(path).unwrap_err().code(), Code::CONFIG_UNREADABLE, "{}", path.display());
    }
    let (_folder, huge) = self::folder("agent.toml", &"#\n".repeat(600_000), 0o600);
    assert_eq!(Config::load(&huge).unwrap_err().code(), Code::CONFIG_UNREADABLE);
}

#[test]
fn a_token_is_read_unless_others_can_read_it_and_never_shown() {
    for (text, mode, expected) in [
        ("marker-secret\n", 0o600, None),
        ("marker-secret", 0o640, None),
        ("marker-secret", 0o644, Some(Code::TOKEN_EXPOSED)),
        ("marker-secret", 0o620, Some(Code::CONFIG_WRITABLE_BY_OTHERS)),
        ("", 0o600, Some(Code::TOKEN_UNREADABLE)),
        ("marker-secret two\n", 0o600, Some(Code::TOKEN_UNREADABLE)),
    ] {
        let (_folder, path) = folder("service.token", text, mode);
        let config = parse(&format!("[serve.tokens]\nservice = {:?}", path.display().to_string())).unwrap();
        let tokens = config.tokens();
        assert_eq!(tokens.as_ref().err().map(ConfigError::code), expected, "{text:?} {mode:o}");
        assert!(!format!("{config:?} {tokens:?}").contains("marker-secret"));
        if let Ok(tokens) = tokens {
            assert!(tokens.service.unwrap().matches(b"marker-secret"));
        }
    }
}

#[test]
fn services_are_named_once_each_with_what_is_told_of_them() {
    let config = parse(
        r#"
        [services]
        units = ["sshd", "sshd.service", "db@*", "borg.timer"]
        journal = false
        [services.unit.gitea]
        memory_quota_mb = 1024
        paths = ["/var/lib/gitea"]
        disk_quota_gb = 100
        [services.unit."db@*"]
        memory_quota_mb = 10
        "#,
    )
    .unwrap();
    let services = config.collect.services;
    let names: Vec<_> = services.units.iter().map(|wanted| &*wanted.name).collect();
    assert_eq!(names, ["sshd.service", "db@*.service", "borg.timer", "gitea.service"]);
    assert_eq!((services.journal, services.failed_units), (false, true));
    let of = |at: usize| services.units[at].memory_quota_mb.map(cm_model::unit::Mebibytes::get);
    assert_eq!((of(0), of(1), of(3)), (None, Some(10.0), Some(1024.0)));
    assert_eq!(services.units[3].paths, [PathBuf::from("/var/lib/gitea")]);
    assert_eq!(services.units[3].disk_quota_gb.map(cm_model::unit::Gibibytes::get), Some(100.0));
}

#[test]
fn what_is_wrong_with_services_is_told() {
    for (text, expected) in [
        ("services.units = [\"a b\"]", "`units` takes names of units"),
        ("[services.unit.gitea]\npaths = [\"relative\"]", "`paths` takes whole paths"),
        ("[services.unit.gitea]\ndisk_quota_gb = 5", "limits the size of `paths`"),
        ("[services.unit.gitea]\nmemory_qouta_mb = 5", "Did you mean `memory_quota_mb`?"),
        ("[services.unit.\"a b\"]", "bears one of the names of units"),
        ("services.unit.gitea = 1", "takes a table"),
        ("[services]\njurnal = true", "Did you mean `journal`?"),
    ] {
        let told = told(text);
        assert!(told.contains(expected), "{text}: {told}");
    }
}

#[test]
fn drives_have_a_helper_and_labels() {
    let drives = parse("[drives]\nhelper = \"\"\nlabels = [\"S1 = bay 3\", \"naa.5 =shelf\"]").unwrap().collect.drives;
    assert_eq!(drives.helper, None);
    let labels: Vec<_> = drives.labels.iter().map(|(drive, label)| (&**drive, &**label)).collect();
    assert_eq!(labels, [("S1", "bay 3"), ("naa.5", "shelf")]);
    for (text, expected) in [
        ("helper = \"drives.sock\"", "whole path of a socket"),
        ("labels = [\"bay 3\"]", "serial or world-wide name"),
        ("labels = [\"S1 = a\", \"S1 = b\"]", "`S1` is named twice"),
    ] {
        let told = told(&format!("[drives]\n{text}"));
        assert!(told.contains(expected), "{text}: {told}");
    }
}
