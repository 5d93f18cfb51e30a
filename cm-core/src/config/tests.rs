//! What a configuration says and what is said of it, in the notation of the files.

use std::ffi::OsString;
use std::time::Duration;

use cm_model::host::Expected;
use cm_model::metric::Limits;
use cm_model::observation::LinkState;
use cm_model::text::terminal;

use super::dashboard::{SETTINGS, SourceKind, TABLES, THRESHOLDS};
use super::hosts::ROLE_SETTINGS;
use super::setting::{Effect, Setting, Takes};
use super::*;

mod files;

fn nothing(_: &str) -> Option<OsString> {
    None
}

fn interpret_texts(texts: &[(Kind, &str)]) -> Result<Loaded, Problems> {
    let files: Vec<File> =
        texts.iter().map(|(kind, text)| File::new(format!("/etc/cm/{}", kind.file_name()), *kind, *text)).collect();
    interpret(&files, &[], &Surroundings::new(&nothing, 0))
}

fn loaded(text: &str) -> Loaded {
    interpret_texts(&[(Kind::Either, text)]).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The problems of a text, errors and notes.
fn problems(text: &str) -> Problems {
    interpret_texts(&[(Kind::Either, text)]).map_or_else(|problems| problems, |loaded| loaded.problems)
}

/// Checks what is said of a text against `line:column | code or note | message | next step`, the last two in part.
fn check(text: &str, expected: &[(&str, Option<Code>, &str, &str)]) {
    let found = problems(text);
    let shown: Vec<_> = found.iter().collect();
    assert_eq!(shown.len(), expected.len(), "{text}\n{found}");
    for (problem, (place, code, message, next)) in shown.iter().zip(expected) {
        let at = problem.place.as_ref().map_or(String::new(), |place| format!("{}:{}", place.line, place.column));
        assert_eq!((at.as_str(), problem.code), (*place, *code), "{text}\n{problem}");
        assert!(problem.message.contains(message), "{text}\n{problem}");
        assert!(problem.next.contains(next), "{text}\n{problem}");
    }
}

const UNKNOWN: Option<Code> = Some(Code::CONFIG_UNKNOWN_KEY);
const TYPE: Option<Code> = Some(Code::CONFIG_WRONG_TYPE);
const RANGE: Option<Code> = Some(Code::CONFIG_OUT_OF_RANGE);
const CONTRADICTION: Option<Code> = Some(Code::CONFIG_CONTRADICTION);
const SYNTAX: Option<Code> = Some(Code::CONFIG_NOT_TOML);

#[test]
fn a_host_needs_nothing_but_its_name() {
    let loaded = loaded("[hosts.srv02]\n[hosts.srv01]\n");
    let names: Vec<&str> = loaded.config.hosts.iter().map(|entry| entry.host.id.as_str()).collect();
    assert_eq!(names, ["srv02", "srv01"], "in the order of the file");
    let entry = &loaded.config.hosts[0];
    let urls = Api::ALL.map(|api| entry.api(api).unwrap().url.as_str());
    assert_eq!(urls, ["http://srv02:6127/", "http://srv02:6128/", "http://srv02:6129/"]);
    assert_eq!(entry.host, cm_model::host::Host::new(HostId::new("srv02").unwrap()));
    assert!(loaded.problems.is_empty());
}

#[test]
fn a_host_of_a_program_is_the_host_of_a_file() {
    let entry = loaded("[hosts.srv01]\naddress = '::1'\nbackup_api = false\n").config.hosts.remove(0);
    let host = cm_model::host::Host::new(HostId::new("srv01").unwrap());
    assert_eq!(HostEntry::new(host, "::1".parse().unwrap()).with_api(Api::Backup, None), entry);
}

#[test]
fn a_host_says_where_and_what_it_is() {
    let loaded = loaded(
        r#"
        [roles.gaming]
        expected = "sometimes"
        [hosts.steambox]
        name = "The box below the television"
        address = "fe80::1%eth0"
        smart_api = 7000
        service_api = "https://proxy.lan/steambox/service"
        backup_api = false
        role = "gaming"
        service_token_file = "~/tokens/steambox"
        [hosts.simonbox]
        role = "gaming"
        expected = "often"
        "#,
    );
    let [steambox, simonbox] = &loaded.config.hosts[..] else { panic!() };
    assert_eq!(steambox.host.expected, Expected::Sometimes, "by its role");
    assert_eq!(simonbox.host.expected, Expected::Often, "its own word goes first");
    assert_eq!(steambox.display.as_ref().unwrap().raw(), "The box below the television");
    let smart = steambox.api(Api::Smart).unwrap();
    assert_eq!(smart.url, "http://steambox:7000/");
    assert_eq!(&*smart.link_local.as_ref().unwrap().interface, "eth0");
    let service = steambox.api(Api::Service).unwrap();
    assert_eq!((service.url.as_str(), &service.link_local), ("https://proxy.lan/steambox/service", &None));
    assert_eq!(service.token_file.as_deref(), Some(Path::new("/etc/cm/~/tokens/steambox")), "no home is known");
    assert_eq!(steambox.api(Api::Backup), None);
}

#[test]
fn a_host_goes_before_what_holds_for_all() {
    let loaded = loaded(
        r#"
        [dashboard]
        refresh_interval = 2
        [widgets.thresholds]
        drive.wear = { warning = 60, critical = 90 }
        "drive.temperature" = false
        [hosts.srv01]
        [hosts.cmbox.dashboard]
        refresh_interval = 30
        [hosts.cmbox.widgets.thresholds]
        drive.wear = { critical = 95.5 }
        "#,
    );
    let limits = |dashboard: &Dashboard| -> Vec<Limits> { dashboard.thresholds.iter().map(|(_, l)| *l).collect() };
    let [srv01, cmbox] = &loaded.config.hosts[..] else { panic!() };
    assert_eq!(srv01.dashboard, loaded.config.dashboard);
    assert_eq!(limits(&srv01.dashboard), [Limits::above(60.0, 90.0), Limits::None]);
    assert_eq!(cmbox.dashboard.general.refresh_interval, Duration::from_secs(30));
    assert_eq!(limits(&cmbox.dashboard), [Limits::Above { warning: None, critical: Some(95.5) }, Limits::None]);
}

#[test]
fn keys_are_read_as_they_stand_and_what_is_no_key_is_told() {
    let keys = loaded("[keys]\nsort = \"o\"\nquit = [\"q\", \"f10\"]\npause = []\n").config.keys;
    let read: Vec<_> = keys.iter().map(|binding| (binding.act.as_str(), binding.keys.join(" "))).collect();
    assert_eq!(read, [("sort", "o".to_owned()), ("quit", "q f10".to_owned()), ("pause", String::new())]);
    assert!(keys[1].origin.to_string().ends_with("3:1"), "{}", keys[1].origin);
    let message = "takes a key in quotes, or a list of them";
    check("[keys]\nsort = 3\n", &[("2:8", TYPE, message, "sort = [")]);
    check("[keys]\nsort = [\"o\", 3]\n", &[("2:8", TYPE, message, "sort = [")]);
    check("keys = 3\n", &[("1:8", TYPE, "is a table", "[keys]")]);
}

#[test]
fn low_limits_are_low() {
    let loaded = loaded("[widgets.thresholds]\ndrive.spare = { warning = 20, critical = 10 }\n");
    let below = Limits::Below { warning: Some(20.0), critical: Some(10.0) };
    assert_eq!(loaded.config.dashboard.thresholds[0].1, below);
}

#[test]
fn what_is_wrong_is_told_with_line_and_column_and_what_was_meant() {
    for (text, expected) in [
        // Names.
        (
            "[dashboard]\nrefresh_intervall = 5\n",
            ("2:1", UNKNOWN, "`refresh_intervall` is no setting", "Did you mean `refresh_interval`?"),
        ),
        ("[dashbord]\n", ("1:2", UNKNOWN, "`dashbord`", "`dashboard`")),
        (
            "[dashboard]\nqqqq = 5\n",
            ("2:1", UNKNOWN, "`qqqq`", "Known here: refresh_interval, history_retention, theme."),
        ),
        ("theme = 'dark'\n", ("1:1", UNKNOWN, "outside of a table", "below [dashboard]")),
        ("[alerts]\ntheme = 'dark'\n", ("2:1", UNKNOWN, "no setting of [alerts]", "below [dashboard]")),
        ("[hosts.a]\nadress = 'b'\n", ("2:1", UNKNOWN, "`adress`", "`address`")),
        ("[hosts.a]\ntheme = 'dark'\n", ("2:1", UNKNOWN, "of a host", "below [hosts.a.dashboard]")),
        ("[hosts.a.dashbord]\n", ("1:10", UNKNOWN, "`dashbord`", "`dashboard`")),
        ("[hosts.h]\nrole = 'a'\n[roles.a]\nexpect = 'often'\n", ("4:1", UNKNOWN, "`expect`", "`expected`")),
        ("[widgets.thresholds]\ndrive.waer = false\n", ("2:7", UNKNOWN, "`drive.waer` is no metric", "`drive.wear`")),
        ("[widgets.thresholds]\ndrive.wear = { warn = 1 }\n", ("2:16", UNKNOWN, "`warn`", "`warning`")),
        // Types.
        (
            "[dashboard]\nrefresh_interval = '5 s'\n",
            ("2:20", TYPE, "a whole number of seconds from 1 to 60, not text", "without quotes: 5"),
        ),
        ("[dashboard]\nrefresh_interval = 5.0\n", ("2:20", TYPE, "not a number with a fraction", "5")),
        ("[dashboard]\ntheme = 5\n", ("2:9", TYPE, "not the number 5", "\"5\"")),
        ("[alerts]\nsound_enabled = 'on'\n", ("2:17", TYPE, "true or false, not text", "true")),
        ("[alerts]\nsound_enabled = 0\n", ("2:17", TYPE, "not the number 0", "Write false")),
        ("dashboard = 5\n", ("1:13", TYPE, "`dashboard` is a table, not the number 5", "[dashboard]")),
        ("hosts = []\n", ("1:9", TYPE, "a table, not a list", "[hosts]")),
        ("[hosts]\nsrv01 = '10.0.0.1'\n", ("2:9", TYPE, "`srv01` is a table", "address = \"10.0.0.1\"")),
        ("[hosts.a]\nsmart_api = true\n", ("2:13", TYPE, "not true", "Delete the line")),
        ("[hosts.a]\nsmart_api = 1979-05-27\n", ("2:13", TYPE, "a date", "Write a value of the type shown")),
        ("[widgets.thresholds]\ndrive.wear = 60\n", ("2:14", TYPE, "not the number 60", "{ warning = 60 }")),
        (
            "[widgets.thresholds]\ndrive.wear = { warning = 'x' }\n",
            ("2:26", TYPE, "`warning` takes a number, not text", ""),
        ),
        ("[widgets.thresholds]\ndrive.wear = { warning = nan }\n", ("2:26", TYPE, "`warning` takes a number", "")),
        // Ranges.
        ("[dashboard]\nrefresh_interval = 61\n", ("2:20", RANGE, "from 1 to 60", "refresh_interval = 60")),
        ("[dashboard]\nrefresh_interval = 0\n", ("2:20", RANGE, "from 1 to 60", "refresh_interval = 1,")),
        ("[dashboard]\nrefresh_interval = 0x7fffffffffffffff\n", ("2:20", RANGE, "from 1 to 60", "= 60")),
        ("[dashboard]\ntheme = 'Dark'\n", ("2:9", RANGE, "one of \"auto\", \"dark\"", "Did you mean \"dark\"?")),
        (
            "[hosts.a]\nexpected = 'somtimes'\n",
            ("2:12", RANGE, "\"always\", \"often\", \"sometimes\"", "\"sometimes\""),
        ),
        ("[hosts.a]\nsmart_api = 70000\n", ("2:13", RANGE, "1 to 65535", "")),
        ("[hosts.a]\nsmart_api = '6127'\n", ("2:13", RANGE, "a port is a number", "without quotes: 6127")),
        ("[hosts.a]\naddress = 'srv01:6127'\n", ("2:11", RANGE, "has no port", "smart_api = 6127")),
        ("[hosts.a]\nrole = 'two words'\n", ("2:8", RANGE, "cannot be a role", "")),
        ("[hosts.'a b']\n", ("1:8", RANGE, "`a b` cannot be a name", "63 letters")),
        ("[hosts.1]\n", ("1:8", RANGE, "`1` has no address", "address =")),
        // Contradictions.
        (
            "[hosts.a]\nsmart_api = 6128\n",
            ("2:13", CONTRADICTION, "service_api and smart_api of `a` are the same", "smart 6127"),
        ),
        (
            "[hosts.a]\n[hosts.b]\naddress = 'A'\n",
            ("3:11", CONTRADICTION, "`b` is asked at the same address as `a`", "Correct"),
        ),
        (
            "[hosts.a]\nsmart_api = false\nservice_api = false\nbackup_api = false\n",
            ("1:8", CONTRADICTION, "nothing to ask", ""),
        ),
        ("[hosts.a]\ntoken_file = 't'\n", ("2:14", CONTRADICTION, "in the open", "allow_plain_token = true")),
        (
            "[widgets.thresholds]\ndrive.wear = { warning = 90, critical = 60 }\n",
            ("2:14", CONTRADICTION, "warning (90) lies above critical (60)", "{ warning = 60, critical = 90 }"),
        ),
        (
            "[widgets.thresholds]\ndrive.spare = { warning = 5, critical = 10 }\n",
            ("2:15", CONTRADICTION, "warning (5) lies below critical (10)", "{ warning = 10, critical = 5 }"),
        ),
        ("[widgets.thresholds]\ndrive.wear = {}\n", ("2:14", CONTRADICTION, "has no limit", "drive.wear = false")),
        ("[legacy_support]\nhttp_apis_enabled = false\n", ("2:21", CONTRADICTION, "no way to read any host", "")),
        ("[hosts.a.legacy_support]\nhttp_apis_enabled = false\n", ("2:21", CONTRADICTION, "no way to read `a`", "")),
        (
            "[data_source]\ntype = 'zmq_gossip'\n[legacy_support]\nfallback_to_http = false\n",
            ("4:20", CONTRADICTION, "no mesh yet", "fallback_to_http = true"),
        ),
        // Not TOML.
        ("[dashboard\n", ("1:11", SYNTAX, "not TOML", "")),
        ("[dashboard]\ntheme = \n", ("2:9", SYNTAX, "not TOML", "")),
        ("a = 1\na = 2\n", ("2:1", SYNTAX, "duplicate key", "")),
    ] {
        check(text, &[expected]);
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let files = [
        (Kind::Hosts, "[hosts.a]\nadress = 1\nsmart_api = 0\n[dashboard]\n"),
        (Kind::Dashboard, "[dashboard]\ntheme = 1\nrefresh_interval = 99\n[hosts.a]\n"),
    ];
    let found = interpret_texts(&files).unwrap_err();
    let places: Vec<String> = found.iter().map(Problem::location).collect();
    let (hosts, dashboard) = ("/etc/cm/hosts.toml", "/etc/cm/dashboard.toml");
    let expected =
        [(dashboard, "2:9"), (dashboard, "3:20"), (dashboard, "4:2"), (hosts, "2:1"), (hosts, "3:13"), (hosts, "4:2")];
    assert_eq!(places, expected.map(|(file, place)| format!("{file}:{place}")));
    assert_eq!(found.code(), TYPE);
}

#[test]
fn a_wrong_value_starts_no_second_complaint() {
    // With its address unread, `b` would seem to be `a`.
    check("[hosts.a]\n[hosts.b]\naddress = 'a:1'\n", &[("3:11", RANGE, "has no port", "")]);
}

#[test]
fn what_does_nothing_yet_is_one_note_for_each_part() {
    check(
        "[alerts]\nsound_enabled = true\nemail_enabled = true\n[features]\nforecasts = true\n",
        &[
            ("2:1", None, "does not have the notifier yet: alerts.sound_enabled, alerts.email_enabled", ""),
            ("5:1", None, "does not have history yet: features.forecasts", ""),
        ],
    );
    check("[data_source]\ntype = 'zmq_gossip'\n", &[("2:8", None, "asked over HTTP", "")]);
    check("[roles.server]\n[hosts.a]\nrole = 'serer'\n", &[("1:8", None, "no host has the role `server`", "`serer`")]);
    check(
        "[hosts.a]\nsmart_api = false\nsmart_token_file = 't'\n",
        &[("3:20", None, "does not have the smart API", "Delete")],
    );
}

#[test]
fn a_problem_is_drawn_as_a_compiler_draws_it() {
    let text = "[dashboard]\n\trefresh_intervall = 5 # \u{202e}\n";
    let expected = "\
error[CM-0202]: `refresh_intervall` is no setting
 --> /etc/cm/config.toml:2:2
  |
2 |     refresh_intervall = 5 # \\u{202e}
  |     ^^^^^^^^^^^^^^^^^
  = next: Did you mean `refresh_interval`?";
    assert_eq!(problems(text).to_string(), expected);
    let shown = problems("[dashboard] # \u{1b}[2J").to_string();
    assert!(shown.contains("\\x1b") && !shown.contains('\u{1b}'), "{shown}");
}

#[test]
fn columns_are_counted_in_characters_however_long_the_line() {
    let text = format!("[hosts.a]\nname = 'a'\n[hosts]\nb = {{ name = '{}', adress = 1 }}\n", "ä😀".repeat(4000));
    check(&text, &[("4:14", RANGE, "1 to 64 characters", ""), ("4:8018", UNKNOWN, "`adress`", "`address`")]);
}

#[test]
fn numbers_are_read_in_every_notation_of_toml() {
    let loaded = loaded(
        "[dashboard]\nrefresh_interval = 0b1_01\nhistory_retention = 1_0\n[hosts.a]\nsmart_api = 0x1BB\n\
         [widgets.thresholds]\nservice.memory = { warning = 1_000.5, critical = 2e3 }\n",
    );
    assert_eq!(loaded.config.dashboard.general.refresh_interval, Duration::from_secs(5));
    assert_eq!(loaded.config.dashboard.general.history_retention, 10);
    assert_eq!(loaded.config.hosts[0].api(Api::Smart).unwrap().url, "http://a:443/");
    assert_eq!(loaded.config.dashboard.thresholds[0].1, Limits::above(1000.5, 2000.0));
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let text = format!("[dashboard]\nx = '{}', theme = 1, y = '{}'\n", "ä".repeat(5000), "ö".repeat(5000));
    let text = text.replace("\nx", "\ntheme");
    for problem in &problems(&text) {
        let excerpt = problem.excerpt.as_ref().unwrap();
        assert!(excerpt.text.chars().count() <= 102 && excerpt.indent <= 52, "{problem}");
    }
}

#[test]
fn passwords_in_addresses_are_not_repeated() {
    for line in ["smart_api = 'http://me:hunter2@a/'", "address = 'http://me:hunter2@a'", "address = 'me:hunter2@a'"] {
        let found = problems(&format!("[hosts.a]\n{line}\n"));
        let problem = found.iter().next().unwrap();
        assert!(problem.message.contains("no user name") && problem.place.is_some(), "{problem}");
        assert!(!problem.to_string().contains("hunter2"), "{problem}");
    }
    let found = problems("[hosts]\na = { smart_api = 'http://me:hunter2@a/', adress = 1 }\n").to_string();
    assert!(found.contains("`adress`") && !found.contains("hunter2"), "{found}");
}

#[test]
fn the_environment_and_the_command_line_go_before_the_files() {
    let variable = |name: &str| match name {
        "CM_DASHBOARD_THEME" => Some(OsString::from("light")),
        "CM_DASHBOARD_REFRESH_INTERVAL" => Some(OsString::from("7")),
        "CM_ALERTS_SOUND_ENABLED" => Some(OsString::new()),
        _ => None,
    };
    let surroundings = Surroundings::new(&variable, 0);
    let text = "[dashboard]\nrefresh_interval = 5\ntheme = 'dark'\n[hosts.a.dashboard]\nrefresh_interval = 9\n";
    let files = [File::new("/c.toml", Kind::Either, text)];
    let refresh = Override { setting: "dashboard.refresh_interval", value: "3", option: "--refresh" };
    let loaded = interpret(&files, &[refresh], &surroundings).unwrap();
    assert_eq!(loaded.config.dashboard.general.refresh_interval, Duration::from_secs(3));
    assert_eq!(loaded.config.hosts[0].dashboard.general.refresh_interval, Duration::from_secs(3));
    let origin = |name: &str| loaded.origins.iter().find(|shown| shown.name == name).unwrap().origin.to_string();
    assert_eq!(origin("dashboard.refresh_interval"), "command line --refresh");
    assert_eq!(origin("dashboard.theme"), "environment CM_DASHBOARD_THEME");
    assert_eq!(origin("alerts.sound_enabled"), "default");

    let wrong = Override { value: "soon", ..refresh };
    let unknown = Override { setting: "dashboard.refresh", value: "3", option: "--set" };
    let found = interpret(&[], &[wrong, unknown], &surroundings).unwrap_err();
    assert_eq!(found.iter().map(|problem| problem.code).collect::<Vec<_>>(), [TYPE, Some(Code::USAGE)]);
    assert!(found.to_string().contains("--refresh: `refresh_interval` takes a whole number"), "{found}");
}

#[test]
fn every_value_in_force_is_shown_with_where_it_comes_from() {
    let loaded = loaded(
        "[roles.lab]\nexpected = 'often'\n[hosts.a]\nrole = 'lab'\naddress = '[::1]'\ntoken_file = 't'\n\
         [hosts.a.widgets.thresholds]\ndrive.wear = { warning = 50, tell = true }\n",
    );
    let shown: Vec<String> = loaded
        .origins
        .iter()
        .filter(|shown| shown.name.starts_with("hosts.") || shown.name == "dashboard.theme")
        .map(|shown| format!("{} = {} # {}", shown.name, shown.value, shown.origin))
        .collect();
    let file = "/etc/cm/config.toml";
    let expected = [
        "dashboard.theme = \"auto\" # default".to_owned(),
        "hosts.a.name = \"a\" # default".to_owned(),
        format!("hosts.a.address = \"::1\" # {file}:5:1"),
        "hosts.a.smart_api = 6127 # default".to_owned(),
        "hosts.a.service_api = 6128 # default".to_owned(),
        "hosts.a.backup_api = 6129 # default".to_owned(),
        format!("hosts.a.role = \"lab\" # {file}:4:1"),
        format!("hosts.a.expected = \"often\" # {file}:2:1 (its role)"),
        format!("hosts.a.token_file = \"t\" # {file}:6:1"),
        "hosts.a.allow_plain_token = false # default".to_owned(),
        format!(
            "hosts.a.widgets.thresholds.drive.wear = {{ warning = 50, tell = true }} # {file}:8:7 (this host alone)"
        ),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_no_matter() {
    check("\u{feff}[dashboard]\r\nthem = 1\r\n", &[("2:1", UNKNOWN, "`them`", "`theme`")]);
}

#[test]
fn no_file_means_this_machine() {
    let loaded = interpret_texts(&[]).unwrap();
    assert_eq!(loaded.config, Config::local_only());
    assert!(loaded.config.is_local());
}

#[test]
fn an_entry_is_a_member_of_the_fleet_with_the_apis_it_has() {
    let loaded = loaded("[hosts.a]\nsmart_api = false\n[hosts.a.widgets.thresholds]\ndrive.wear = { warning = 60 }\n");
    let member = &loaded.config.members()[0];
    assert_eq!(member.apis, [Api::Service, Api::Backup]);
    assert_ne!(member.policy, cm_model::verdict::Policy::new());
    let endpoints = loaded.config.hosts[0].endpoints(0).unwrap();
    let addresses: Vec<_> = endpoints.iter().map(crate::api::Endpoint::address).collect();
    assert_eq!(addresses, ["http://a:6128/", "http://a:6129/"]);
}

#[test]
fn each_setting_stands_once_with_help_a_range_and_a_default_that_it_takes() {
    let all: Vec<&Setting> = SETTINGS.iter().chain(HOST_SETTINGS).chain(ROLE_SETTINGS).chain([&THRESHOLDS]).collect();
    let names: BTreeSet<&str> = all.iter().map(|setting| setting.name).collect();
    assert_eq!(names.len(), all.len(), "no name twice");
    for setting in &all {
        let name = setting.name;
        assert!(setting.help.ends_with('.') && setting.help.len() > 8, "{name}");
        assert!(name.split('.').all(|part| !part.is_empty()) && name.contains('.'), "{name}");
        if let Takes::Whole { low, high, .. } = setting.takes {
            assert!(low < high && low >= 0, "{name}");
        }
        // Read back what is written of the default.
        if let Some(value) = setting.usual.value() {
            let text = value.to_string();
            let toml = toml::de::DeValue::parse(&text).unwrap();
            assert_eq!(setting::read(setting, toml.get_ref()), Ok(value), "{name}");
        }
    }
    for setting in SETTINGS {
        assert!(TABLES.iter().any(|(table, _)| *table == setting.table()), "{}", setting.name);
        let Some(variable) = setting.variable() else {
            assert_eq!(setting.takes, Takes::Command, "{}: only lists have no variable", setting.name);
            continue;
        };
        assert!(SETTINGS.iter().filter(|other| other.variable().as_deref() == Some(&variable)).count() == 1);
        if let Effect::Later(part) = setting.effect {
            assert!(!part.is_empty());
        }
    }
    assert!(TABLES.iter().all(|(_, about)| about.ends_with('.')));
    assert_eq!(SourceKind::WORDS, ["http_polling", "zmq_gossip"]);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn check_bounds(text: &str) {
        let file = File::new("/c.toml", Kind::Either, text);
        let length = file.text().len();
        for problem in &problems(text) {
            let place = problem.place.as_ref().expect("each problem of a file has a place");
            assert!(place.span.start <= place.span.end && place.span.end <= length, "{problem}");
            assert!(place.line <= file.text().matches('\n').count() + 1 && place.line > 0 && place.column > 0);
            let shown = problem.to_string();
            for line in shown.lines() {
                assert_eq!(terminal::line(line), line);
            }
        }
    }

    /// Text that is TOML often enough to get past the parser: known words, some of them where they don't belong.
    fn nearly_toml() -> impl Strategy<Value = String> {
        let names: Vec<String> = SETTINGS
            .iter()
            .chain(HOST_SETTINGS)
            .flat_map(|setting| [setting.name.to_owned(), setting.key().to_owned()])
            .chain(["hosts.a", "hosts.b", "roles.r", "widgets.thresholds", "drive.wear", "x"].map(str::to_owned))
            .collect();
        let name = prop::sample::select(names);
        let value = prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>().prop_map(|number| format!("{number:?}")),
            any::<bool>().prop_map(|on| on.to_string()),
            "[a-z0-9:/.%\\[\\]äé\u{202e}]{0,12}".prop_map(|text| format!("'{text}'")),
            Just("{ warning = 5, critical = 3 }".to_owned()),
            Just("[1, {}]".to_owned()),
        ];
        let line = prop_oneof![
            (name.clone(), value).prop_map(|(name, value)| format!("{name} = {value}")),
            name.prop_map(|name| format!("[{name}]")),
            ".{0,20}",
        ];
        prop::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        #[test]
        fn no_text_whatever_panics(text in "\\PC*|.*") {
            check_bounds(&text);
        }

        #[test]
        fn nothing_like_a_configuration_panics(text in nearly_toml()) {
            check_bounds(&text);
        }
    }

    #[test]
    fn hostile_sizes_end_soon() {
        let deep = "a = ".to_owned() + &"[".repeat(100_000);
        let dotted = vec!["a"; 100_000].join(".") + " = 1";
        let many = (0..40_000).map(|n| format!("x{n}=1")).collect::<Vec<_>>().join("\n");
        let in_a_line = (0..20_000).map(|n| format!("h{n}={{adress=1}}")).collect::<Vec<_>>().join(",");
        let in_a_line = format!("hosts={{{in_a_line}}}");
        for text in [deep, dotted, many, in_a_line] {
            check_bounds(&text);
        }
    }
}
