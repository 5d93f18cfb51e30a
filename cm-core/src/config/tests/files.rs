//! Which files are read, whose they may be, and what is written of them.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use super::*;

/// A folder of the user's own to put files in, and who the user is.
fn folder() -> (tempfile::TempDir, u32) {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let user = fs::metadata(folder.path()).unwrap().uid();
    (folder, user)
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn load_at(wanted: Option<&Path>, home: &Path, system: &Path, user: u32) -> Result<Loaded, Problems> {
    let variable = |name: &str| (name == "HOME").then(|| home.as_os_str().to_owned());
    load(wanted, &[], &Surroundings { system, ..Surroundings::new(&variable, user) })
}

#[test]
fn the_users_own_file_goes_before_the_systems_each_kind_by_itself() {
    let (root, user) = folder();
    let (home, system) = (root.path().join("home"), root.path().join("etc"));
    let own = home.join(".config/cm-dashboard");
    fs::create_dir_all(&own).unwrap();
    fs::create_dir_all(&system).unwrap();
    for folder in [&home, &home.join(".config"), &own, &system] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let load = || load_at(None, &home, &system, user).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(load().config, Config::local_only());
    write(&system.join("hosts.toml"), "[hosts.a]\n", 0o644);
    write(&system.join("dashboard.toml"), "[dashboard]\nrefresh_interval = 8\n", 0o644);
    assert_eq!(load().config.hosts.len(), 1);
    write(&own.join("dashboard.toml"), "", 0o644);
    assert_eq!(load().files, [system.join("hosts.toml"), own.join("dashboard.toml")]);
    assert_eq!(load().config.dashboard, Dashboard::default());
}

#[test]
fn a_path_may_be_a_folder_or_a_file_of_either_kind() {
    let (root, user) = folder();
    let path = root.path().join("all.toml");
    let load = |wanted: &Path| load_at(Some(wanted), root.path(), Path::new("/nowhere"), user);
    assert_eq!(load(&path).unwrap_err().code(), Some(Code::CONFIG_MISSING));
    assert_eq!(load(root.path()).unwrap_err().code(), Some(Code::CONFIG_MISSING));
    write(&path, "[hosts.a]\n[dashboard]\nrefresh_interval = 8\n", 0o644);
    let both = load(&path).unwrap().config;
    assert_eq!((both.hosts.len(), both.dashboard.general.refresh_interval), (1, Duration::from_secs(8)));
    write(&root.path().join("hosts.toml"), "[hosts.a]\n[hosts.b]\n", 0o644);
    assert_eq!(load(root.path()).unwrap().config.hosts.len(), 2);
}

#[test]
fn files_that_cannot_be_used_are_told_and_the_others_still_checked() {
    let (root, user) = folder();
    let load = || load_at(Some(root.path()), root.path(), Path::new("/nowhere"), user).unwrap_err();
    write(&root.path().join("hosts.toml"), "[hosts.a]\nadress = 1\n", 0o644);
    write(&root.path().join("dashboard.toml"), "", 0o666);
    let codes: Vec<_> = load().iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [Some(Code::CONFIG_WRITABLE_BY_OTHERS), UNKNOWN]);
    write(&root.path().join("dashboard.toml"), "", 0o644);
    fs::write(root.path().join("dashboard.toml"), b"[dashboard]\ntheme = \"\xff\"\n").unwrap();
    let found = load();
    let problem = found.iter().next().unwrap();
    assert_eq!((problem.code, problem.place.as_ref().map(|place| (place.line, place.column))), (SYNTAX, Some((2, 10))));
    fs::remove_file(root.path().join("dashboard.toml")).unwrap();
    fs::create_dir(root.path().join("dashboard.toml")).unwrap();
    fs::set_permissions(root.path().join("dashboard.toml"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(load().code(), Some(Code::CONFIG_UNREADABLE));
}

#[tokio::test]
async fn a_token_that_cannot_be_used_is_told_at_the_line_that_names_it_and_stops_its_host_alone() {
    let (root, user) = folder();
    let hosts = root.path().join("hosts.toml");
    let text = "[hosts.a]\naddress = '[::1]'\ntoken_file = 'a.token'\n[hosts.b]\naddress = '127.0.0.1'\n";
    write(&hosts, text, 0o644);
    let load = || load_at(Some(&hosts), root.path(), Path::new("/nowhere"), user).unwrap();
    let file = root.path().join("a.token");
    for (content, mode, code) in [
        (None, 0, Code::TOKEN_UNREADABLE),
        (Some(""), 0o600, Code::TOKEN_UNREADABLE),
        (Some("secret"), 0o644, Code::TOKEN_EXPOSED),
        (Some("secret"), 0o622, Code::CONFIG_WRITABLE_BY_OTHERS),
    ] {
        if let Some(content) = content {
            write(&file, content, mode);
        }
        let loaded = load();
        let problem = loaded.problems.errors().next().unwrap();
        assert_eq!(problem.code, Some(code));
        assert_eq!(problem.location(), format!("{}:3:14", hosts.display()));
        let [a, b] = [0, 1].map(|host: usize| loaded.config.hosts[host].endpoints(user).unwrap());
        for endpoint in &a {
            let failure = crate::api::Client::default().ask(endpoint).await.unwrap_err();
            assert_eq!((failure.code(), failure.kind.state()), (code, LinkState::Unauthorised));
            assert!(failure.to_string().contains("a.token"), "{failure}");
            assert_eq!(failure.to_string().contains("; run: chmod "), code != Code::TOKEN_UNREADABLE, "{failure}");
        }
        assert_eq!((a.len(), b.len()), (3, 3), "the other host is asked");
    }
    write(&file, "secret", 0o600);
    let loaded = load();
    assert!(loaded.problems.is_empty());
    assert_eq!(loaded.config.hosts[0].api(Api::Smart).unwrap().token_file.as_deref(), Some(file.as_path()));
    assert!(format!("{:?}", loaded.config.hosts[0].endpoints(user)).contains("REDACTED"), "it bears a token");
}

#[test]
fn what_init_writes_loads_and_sets_nothing() {
    let (root, user) = folder();
    let folder = root.path().join("new/cm-dashboard");
    let written = write::init(&folder).unwrap();
    assert_eq!(written, [folder.join("hosts.toml"), folder.join("dashboard.toml")]);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing is left beside them");
    let loaded = load_at(Some(&folder), root.path(), Path::new("/nowhere"), user).unwrap();
    assert_eq!(loaded.config, Config::local_only());
    assert!(loaded.problems.is_empty());
    write(&folder.join("hosts.toml"), "# mine\n", 0o644);
    fs::remove_file(folder.join("dashboard.toml")).unwrap();
    let refused = write::init(&folder).unwrap_err();
    assert_eq!(refused.code(), Code::CONFIG_EXISTS);
    assert_eq!(fs::read_to_string(folder.join("hosts.toml")).unwrap(), "# mine\n");
    assert!(!folder.join("dashboard.toml").exists(), "neither or both");
}

/// The template with every line that sets something made live.
fn live(kind: Kind) -> String {
    let text = write::template(kind);
    let lines = text.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') => rest,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_line_of_the_template_is_a_setting_that_can_be_made_live() {
    let dashboard = interpret_texts(&[(Kind::Dashboard, &live(Kind::Dashboard))]).unwrap().config.dashboard;
    let limits = dashboard.thresholds.len();
    assert_eq!(Dashboard { thresholds: Vec::new(), ..dashboard }, Dashboard::default(), "it shows the defaults");
    assert_eq!(limits, 1);
    // An example may name a token and plain HTTP; beside that nothing is wrong with it.
    let hosts = interpret_texts(&[(Kind::Hosts, &live(Kind::Hosts))]).unwrap_err();
    let errors: Vec<&str> = hosts.errors().map(|problem| problem.message.as_str()).collect();
    assert!(matches!(errors[..], [one] if one.contains("in the open")), "{hosts}");
}

#[test]
fn the_examples_in_the_repository_are_what_init_writes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config");
    if !folder.is_dir() {
        eprintln!("passed over: config/ is not part of the packaged crate");
        return;
    }
    for kind in [Kind::Hosts, Kind::Dashboard] {
        let path = folder.join(kind.file_name());
        if std::env::var_os("CM_UPDATE").is_some() {
            fs::write(&path, write::template(kind)).unwrap();
        }
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, write::template(kind), "run this test with CM_UPDATE=1 to write them anew");
        assert!(interpret_texts(&[(kind, &text)]).unwrap().problems.is_empty());
    }
}
