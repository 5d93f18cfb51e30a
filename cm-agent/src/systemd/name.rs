//! Names of units: their kinds, their objects on the bus, patterns that stand for several.

use super::unit::hexadecimal;

/// The kinds of unit that systemd has, with the interface of each on the bus.
const KINDS: [(&str, &str); 11] = [
    ("service", "org.freedesktop.systemd1.Service"),
    ("timer", "org.freedesktop.systemd1.Timer"),
    ("socket", "org.freedesktop.systemd1.Socket"),
    ("mount", "org.freedesktop.systemd1.Mount"),
    ("swap", "org.freedesktop.systemd1.Swap"),
    ("scope", "org.freedesktop.systemd1.Scope"),
    ("slice", "org.freedesktop.systemd1.Slice"),
    ("target", "org.freedesktop.systemd1.Target"),
    ("path", "org.freedesktop.systemd1.Path"),
    ("automount", "org.freedesktop.systemd1.Automount"),
    ("device", "org.freedesktop.systemd1.Device"),
];

/// A unit's name as systemd writes it: what bears no kind is a service, as for `systemctl`.
pub fn whole(name: &str) -> String {
    if kind(name).is_some() { name.to_owned() } else { format!("{name}.service") }
}

/// A name without `.service`, as people say it; another kind stays.
pub fn short(name: &str) -> &str {
    name.strip_suffix(".service").unwrap_or(name)
}

/// Whether it stands for several units.
pub fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?'])
}

/// Whether it can be a unit's name, or a pattern of them: the characters that systemd allows, at most 255 of them.
pub fn is_sound(name: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || ":-_.\\@*?".contains(c);
    (1..=255).contains(&name.len()) && name.chars().all(known) && !name.starts_with('.')
}

/// The interface that holds what only units of its kind have.
pub(super) fn interface(name: &str) -> Option<&'static str> {
    kind(name).map(|(_, interface)| interface)
}

fn kind(name: &str) -> Option<(&'static str, &'static str)> {
    let (_, end) = name.rsplit_once('.')?;
    KINDS.into_iter().find(|(kind, _)| *kind == end)
}

/// The object of a unit: everything but letters and digits is written as `_` and two hexadecimal digits, and so is a digit
/// that comes first (`sd_bus_path_encode(3)`).
pub(super) fn object(name: &str) -> String {
    let mut path = "/org/freedesktop/systemd1/unit/".to_owned();
    for (at, byte) in name.bytes().enumerate() {
        if byte.is_ascii_alphabetic() || (byte.is_ascii_digit() && at > 0) {
            path.push(char::from(byte));
        } else {
            path.push('_');
            path.push_str(&hexadecimal(&[byte]));
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_whole_and_short() {
        for (name, expected) in [
            ("sshd", "sshd.service"),
            ("sshd.service", "sshd.service"),
            ("borg.timer", "borg.timer"),
            ("postgresql@15-main", "postgresql@15-main.service"),
            ("foo.example", "foo.example.service"),
            ("postgresql*", "postgresql*.service"),
        ] {
            assert_eq!(whole(name), expected);
            assert_eq!(whole(short(expected)), expected);
        }
    }

    #[test]
    fn objects_are_named_as_systemd_names_them() {
        for (name, end) in [
            ("ssh.service", "ssh_2eservice"),
            ("postgresql@15-main.service", "postgresql_4015_2dmain_2eservice"),
            ("3proxy.service", "_33proxy_2eservice"),
            ("a_b.timer", "a_5fb_2etimer"),
        ] {
            assert_eq!(object(name), format!("/org/freedesktop/systemd1/unit/{end}"));
        }
    }

    #[test]
    fn only_what_can_be_a_name_is_sound() {
        for (name, expected) in [
            ("sshd", true),
            ("dev-disk\\x2dby.swap", true),
            ("postgresql@*", true),
            ("", false),
            ("a b", false),
            ("a/b", false),
            ("[ab]", false),
            ("--all", true),
            (".hidden", false),
            (&"a".repeat(256), false),
        ] {
            assert_eq!(is_sound(name), expected, "{name}");
        }
    }
}
