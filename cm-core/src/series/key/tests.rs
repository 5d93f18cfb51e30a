use proptest::prelude::*;

use super::*;
use crate::clock::WallTime;

fn key(host: &str, subject: Subject) -> SeriesKey {
    let sample = Sample { metric: MetricId(101), subject, at: WallTime::default(), value: 0.0 };
    SeriesKey::of(&HostId::new(host).unwrap(), &sample)
}

fn drive(name: &str, identity: Option<&str>) -> Subject {
    Subject { kind: SubjectKind::Drive, name: name.into(), identity: identity.map(HostText::new) }
}

#[test]
fn a_series_has_one_text_for_good() {
    for (host, subject, text) in [
        ("srv01", Subject::host(), "host:srv01 host 101"),
        (
            "srv01",
            Subject::named(SubjectKind::Filesystem, "/srv/my data".into()),
            "host:srv01 filesystem:/srv/my%20data 101",
        ),
        (
            "srv01",
            Subject::named(SubjectKind::Sensor, "k10temp: Tctl %".into()),
            "host:srv01 sensor:k10temp%3A%20Tctl%20%25 101",
        ),
        ("srv01", Subject::named(SubjectKind::Service, "\u{1b}[2Jé".into()), "host:srv01 service:%1B%5B2J%C3%A9 101"),
        ("srv01", drive("nvme0n1", Some("S5GXNX0R 12")), "drive:S5GXNX0R%2012 drive 101"),
        ("srv01", drive("sda", None), "host:srv01 drive:sda 101"),
    ] {
        let key = key(host, subject);
        assert_eq!(key.to_string(), text);
        assert_eq!(text.parse(), Ok(key));
    }
}

#[test]
fn a_drive_keeps_its_series_in_another_host_and_under_another_name() {
    let before = key("srv01", drive("sda", Some("2SG00017")));
    assert_eq!(before, key("labbox", drive("sdc", Some(" 2SG00017 "))));
    assert_ne!(before, key("srv01", drive("sda", Some("2SG00018"))));
}

#[test]
fn an_identity_that_many_drives_share_is_none() {
    for shared in ["", " ", "0", "0000000000000000", "FFFF-FFFF", "---"] {
        let own = key("srv01", drive("sda", Some(shared)));
        assert_eq!(own.entity, Entity::Host(HostId::new("srv01").unwrap()), "{shared:?}");
        assert_ne!(own, key("srv01", drive("sdb", Some(shared))));
        assert_ne!(own, key("labbox", drive("sda", Some(shared))));
    }
}

#[test]
fn what_is_no_key_is_refused() {
    for text in [
        "",
        "host:srv01",
        "host:srv01 host",
        "host:srv01 host x",
        "host:srv01 host 1 2",
        "host: host 101",
        "host:-x host 101",
        "drive: drive 101",
        "disk:x drive 101",
        "srv01 host 101",
        "host:srv01 planet 101",
        "host:srv01 sensor:%zz 101",
        "host:srv01 sensor:%2 101",
        "host:srv01 sensor:%ff 101",
        "host:srv01 sensor:%3a 101",
        "host:srv01 sensor:%41 101",
    ] {
        assert!(text.parse::<SeriesKey>().is_err(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_name_comes_back_and_its_text_is_plain(name: String, serial: String) {
        for subject in [Subject::named(SubjectKind::Service, HostText::new(name.as_str())), drive(&name, Some(&serial))] {
            let key = key("srv01", subject);
            let text = key.to_string();
            prop_assert!(text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
            prop_assert_eq!(SeriesKey::from_parts(&key.entity.to_string(), &key.subject_text(), 101), Ok(key.clone()));
            prop_assert_eq!(text.parse(), Ok(key));
        }
    }
}
