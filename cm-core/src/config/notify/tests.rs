//! `[notify]` as people write it, rightly and wrongly.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use super::channel::FIELDS as CHANNEL;
use super::kind::{KINDS, Mail, Security};
use super::route::FIELDS as ROUTE;
use super::*;
use crate::clock::WallTime;
use crate::config::{File, Kind as FileKind, Loaded, Problems, Surroundings, interpret, load};
use crate::severity::Severity;

fn read(text: &str) -> Result<Loaded, Problems> {
    let file = File::new("/etc/cm/dashboard.toml", FileKind::Dashboard, text);
    interpret(&[file], &[], &Surroundings::new(&|_| None, 1000))
}

fn name(name: &str) -> ChannelName {
    ChannelName::new(name).unwrap()
}

#[test]
fn the_example_says_what_it_seems_to() {
    let loaded = read(&format!("[notify]\n{EXAMPLE}\n")).unwrap();
    let notify = &loaded.config.notify;
    let Kind::Ntfy { server, topic, token } = &notify.contact(&name("phone")).unwrap().kind else { panic!("ntfy") };
    assert_eq!((server.as_str(), token), ("https://ntfy.example.org/", &None));
    assert_eq!(*topic, secret::Secret::File("/etc/cm/ntfy.topic".into()));
    let Kind::Mail(mail) = &notify.contact(&name("mail")).unwrap().kind else { panic!("mail") };
    let expected = Mail {
        server: "smtp.example.org".to_owned(),
        port: None,
        security: Security::StartTls,
        user: Some("monitor".to_owned()),
        password: Some(secret::Secret::File("/etc/cm/smtp.password".into())),
        from: "monitor@example.org".to_owned(),
        to: vec!["anna@example.org".to_owned()],
    };
    assert_eq!(*mail, expected);
    let plan = notify.plan(&Zone::UTC);
    let phone = plan.channel(&name("phone")).unwrap();
    assert_eq!(phone.rate.map(|rate| (rate.most, rate.span.as_secs())), Some((6, 3_600)));
    let night = WallTime::from_secs(1_772_438_400 + 15 * 3_600);
    assert!(phone.quiet[0].spell(night).is_some() && plan.channel(&name("mail")).unwrap().digest.len() == 1);
    assert_eq!(plan.routes.len(), 2);
    assert_eq!(
        (plan.routes[0].least, plan.routes[0].remind.map(|span| span.as_secs())),
        (Severity::Critical, Some(10_800))
    );
    assert!(plan.weekly.is_some() && plan.deadman.is_none());
    let shown: Vec<String> = loaded
        .origins
        .iter()
        .filter(|shown| shown.name.starts_with("notify."))
        .map(|shown| format!("{} = {} ({})", shown.name, shown.value, shown.origin))
        .collect();
    assert!(
        shown.contains(&"notify.channel.phone.topic_file = \"ntfy.topic\" (/etc/cm/dashboard.toml:8:1)".to_owned()),
        "{shown:#?}"
    );
    assert!(
        shown.contains(&"notify.route.1.channels = [\"phone\"] (/etc/cm/dashboard.toml:23:1)".to_owned()),
        "{shown:#?}"
    );
}

#[test]
fn hours_without_a_zone_are_of_the_configured_one_or_of_the_machine() {
    let hours = |zone: &str| {
        let text = format!(
            "[notify]\n{zone}\n[[notify.channel]]\nname = 'a'\nkind = 'bell'\nquiet = ['08:00-09:00', 'sun 10:00 for 1h America/New_York']\n"
        );
        let plan = read(&text).unwrap().config.notify.plan(&Zone::named("Asia/Tokyo").unwrap());
        // 2026-03-02, a Monday.
        let of = |hour: i64| {
            plan.channels[0]
                .quiet
                .iter()
                .any(|hours| hours.spell(WallTime::from_secs(1_772_409_600 + hour * 3_600 + 60)).is_some())
        };
        (0..24).filter(|hour| of(*hour)).collect::<Vec<_>>()
    };
    assert_eq!(hours("zone = 'Europe/Berlin'"), [7]);
    assert_eq!(hours(""), [23]);
}

#[test]
fn without_a_channel_alerts_says_who_is_told() {
    for (text, expected) in [
        ("", &["desktop"][..]),
        ("[alerts]\nsound_enabled = true\n", &["desktop", "bell"]),
        ("[alerts]\ndesktop_notifications = false\n", &[]),
        ("[[notify.channel]]\nname = 'a'\nkind = 'bell'\n", &["a"]),
    ] {
        let config = read(text).unwrap().config;
        let notify = config.notify.or_usual(&config.dashboard.alerts);
        assert_eq!(
            notify.contacts.iter().map(|contact| contact.name().as_str()).collect::<Vec<_>>(),
            expected,
            "{text}"
        );
    }
    let loaded = read("[alerts]\nemail_enabled = true\n").unwrap();
    assert!(loaded.problems.to_string().contains("no channel says to whom"), "{}", loaded.problems);
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_the_next_step() {
    let bell = "[[notify.channel]]\nname = 'a'\nkind = 'bell'\n";
    let mail = "[[notify.channel]]\nname = 'm'\nkind = 'mail'\nserver = 's'\nfrom = 'a@b'\nto = 'c@d'\n";
    for (text, told) in [
        ("notify = 3".to_owned(), "`notify` is a table"),
        ("[notify]\nchannel = 3".to_owned(), "Write [[notify.channel]] above each"),
        ("[notify]\nall_wel = 'mon 09:00'".to_owned(), "Did you mean `all_well`?"),
        ("[notify]\nall_well = 'someday'".to_owned(), "a day was expected"),
        ("[notify]\nzone = 'Europe/Atlantis'".to_owned(), "is not known here"),
        ("[notify]\nping = 'ftp://x'".to_owned(), "`ping` takes a URL"),
        ("[notify]\nping = 'https://u:p@x/'".to_owned(), "no user and password in it"),
        ("[[notify.channel]]\nkind = 'bell'".to_owned(), "has no `name`"),
        ("[[notify.channel]]\nname = 'a'".to_owned(), "has no `kind`"),
        ("[[notify.channel]]\nname = 'a'\nkind = 'emial'".to_owned(), "Did you mean \"mail\"?"),
        ("[[notify.channel]]\nname = 'a b'\nkind = 'bell'".to_owned(), "cannot be a channel's name"),
        (format!("{bell}{bell}"), "two channels are called `a`"),
        (format!("{bell}qiet = '22:00-07:00'"), "Did you mean `quiet`?"),
        (format!("{bell}quiet = '22:00'\nleast = 'severe'"), "`least` takes \"warning\" or"),
        (format!("{bell}rate = 'many'"), "`rate` takes a number of messages"),
        (format!("{bell}rate = '0/1h'"), "`rate` takes a number of messages"),
        (format!("{bell}give_up = '1s'"), "from 1m to 30d"),
        (format!("{bell}give_up = '7'"), "`give_up` takes a span of time"),
        (format!("{bell}give_up = '99999999999999999999d'"), "`give_up` takes a span of time"),
        (format!("{mail}password = 'hunter2'"), "password_file = \"that file\""),
        (format!("{mail}user = 'u'"), "a login takes both"),
        (format!("{mail}user = 'u'\npassword_file = 'p'\npassword_credential = 'q'"), "said twice"),
        (format!("{mail}user = 'u'\npassword_file = 'p'\nsecurity = 'none'"), "a line that anybody can read"),
        (format!("{mail}user = 'u'\npassword_credential = '/p'"), "which is no path"),
        (
            mail.replace("c@d", "c@d\\r\\nBcc: e").replace("'c@d\\r\\nBcc: e'", "\"c@d\\r\\nBcc: e\""),
            "has a character that is none",
        ),
        (mail.replace("c@d", "c,e@d"), "is no address of a mail"),
        (
            "[[notify.channel]]\nname = 'c'\nkind = 'command'\ncommand = ['apprise']".to_owned(),
            "no folders are searched",
        ),
        (
            "[[notify.channel]]\nname = 'c'\nkind = 'slack'\nurl = 'https://hooks'".to_owned(),
            "url_file = \"that file\"",
        ),
        (format!("{bell}[[notify.route]]\nleast = 'critical'"), "a route has no `channels`"),
        (format!("{bell}[[notify.route]]\nchannels = []"), "leads to no channel"),
        (format!("{bell}[[notify.route]]\nchannels = ['b']"), "there is no channel `b`"),
        (format!("{bell}[notify]\nall_well_to = 'b'"), "there is no channel `b`"),
        (format!("{bell}[[notify.route]]\nchannels = 'a'\nremind = '1m'"), "from 10m to 30d"),
        (format!("{bell}[[notify.route]]\nchannels = 'a'\nhosts = ['a b']"), "`a b` is none"),
        ((0..40).map(|n| bell.replace("'a'", &format!("'a{n}'"))).collect(), "more than 32 tables"),
    ] {
        let problems = read(&text).unwrap_err().to_string();
        assert!(problems.contains(told), "{text}\n{told}\n{problems}");
        assert!(!problems.contains("hunter2"), "{problems}");
        assert!(problems.contains("dashboard.toml:"), "{problems}");
    }
}

#[test]
fn a_secret_stands_in_a_file_of_its_own_or_in_a_credential_and_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let user = fs::metadata(folder.path()).unwrap().uid();
    let around = |_: &str| None;
    let path = folder.path().join("topic");
    let text = "[[notify.channel]]\nname = 'p'\nkind = 'ntfy'\nserver = 'https://n'\ntopic_file = 'topic'\ntoken_credential = 'tok'\n";
    fs::write(folder.path().join("dashboard.toml"), text).unwrap();
    for (mode, told) in [(None, "cannot be read"), (Some(0o644), "Run: chmod 600"), (Some(0o600), "")] {
        if let Some(mode) = mode {
            fs::write(&path, "marker one\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let loaded = load(Some(folder.path()), &[], &Surroundings::new(&around, user));
        let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
        assert!(loaded.problems.to_string().contains(told), "{}", loaded.problems);
        assert_eq!(told.is_empty(), !loaded.problems.has_errors());
        assert!(!format!("{loaded:?}").contains("marker"));
        let Kind::Ntfy { topic, token: Some(token), .. } = &loaded.config.notify.contacts[0].kind else {
            panic!("ntfy")
        };
        assert_eq!(topic.read(None, user).is_ok(), told.is_empty());
        assert!(token.read(None, user).unwrap_err().to_string().contains("LoadCredentialEncrypted=tok"));
        fs::write(folder.path().join("tok"), "marker two").unwrap();
        assert!(token.read(Some(folder.path()), user).is_ok());
    }
}

#[test]
fn every_setting_is_listed_once_and_says_what_it_is() {
    let mut words = BTreeSet::new();
    for about in KINDS {
        assert!(words.insert(about.word) && about.about.ends_with('.'), "{}", about.word);
        let all: Vec<String> = CHANNEL.iter().chain(about.fields).flat_map(Field::keys).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{}: {all:?}", about.word);
    }
    for field in FIELDS.iter().chain(CHANNEL).chain(ROUTE).chain(KINDS.iter().flat_map(|about| about.fields)) {
        assert!(field.help.ends_with(['.', '`']) && !field.form.words().is_empty(), "{}", field.key);
    }
}

#[test]
fn every_kind_is_made_of_what_it_needs_and_bears_its_word() {
    let value = |field: &Field| match field.form {
        Form::Secret => format!("{}_file = 'f'", field.key),
        Form::Url | Form::Link => format!("{} = 'https://x'", field.key),
        Form::Command => format!("{} = ['/bin/true']", field.key),
        Form::Texts => format!("{} = 'a@b'", field.key),
        _ if field.key == "from" => "from = 'a@b'".to_owned(),
        _ => format!("{} = 'x'", field.key),
    };
    for about in KINDS {
        let needed: Vec<String> = about.fields.iter().filter(|field| field.usual.is_none()).map(value).collect();
        let text = format!("[[notify.channel]]\nname = 'n'\nkind = '{}'\n{}\n", about.word, needed.join("\n"));
        let loaded = read(&text).unwrap_or_else(|problems| panic!("{text}{problems}"));
        assert_eq!(loaded.config.notify.contacts[0].kind.word(), about.word);
        for (at, line) in needed.iter().enumerate() {
            let rest: Vec<&String> =
                needed.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, line)| line).collect();
            let rest: Vec<&str> = rest.into_iter().map(String::as_str).collect();
            let text = format!("[[notify.channel]]\nname = 'n'\nkind = '{}'\n{}\n", about.word, rest.join("\n"));
            let problems = read(&text).unwrap_err().to_string();
            assert!(problems.contains("has no `"), "{line}: {problems}");
        }
    }
}
