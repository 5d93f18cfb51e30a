//! What the engines answer, read leniently.
//!
//! The form is that of Docker's Engine API: "List containers" and "Inspect a container". Podman gives the same with other
//! states, and both have changed the form of single fields over the years: a field that has another form than is
//! expected counts as not there, and only a list that is no list is refused. What is not told is not read either, least of
//! all a container's environment, in which its secrets lie.

use std::fmt;

use cm_model::clock::WallTime;

use super::pick::{self, Value};

/// A container's id: 64 hex digits, and so safe in a URL and a path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 64]);

impl Id {
    /// Reads an id; nothing if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let bytes: [u8; 64] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(is_hex).then_some(Self(bytes))
    }

    /// Its digits.
    #[expect(clippy::missing_panics_doc, reason = "it never does")]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("hex digits are ASCII")
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_str()[..12])
    }
}

/// What a container does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// It runs.
    Running,
    /// It is held still.
    Paused,
    /// It ended and is being started again.
    Restarting,
    /// It is being stopped or removed.
    Ending,
    /// It was never started.
    Created,
    /// It ended.
    Exited,
    /// It could not be removed.
    Dead,
    /// A word that this version does not know.
    #[default]
    Unknown,
}

impl State {
    /// Whether a container in this state has processes.
    pub const fn takes(self) -> bool {
        matches!(self, Self::Running | Self::Paused | Self::Ending)
    }

    fn from_word(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "running" | "up" => Self::Running,
            "paused" => Self::Paused,
            "restarting" => Self::Restarting,
            "stopping" | "removing" => Self::Ending,
            "created" | "configured" | "initialized" => Self::Created,
            "exited" | "stopped" => Self::Exited,
            "dead" => Self::Dead,
            _ => Self::Unknown,
        }
    }
}

/// What a container's own check says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It has not said anything yet.
    Starting,
    /// It is well.
    Healthy,
    /// It is not.
    Unhealthy,
}

impl Health {
    fn from_word(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "starting" => Self::Starting,
            "healthy" => Self::Healthy,
            "unhealthy" => Self::Unhealthy,
            _ => return None,
        })
    }

    /// The list says it within a text for people: `Up 5 minutes (healthy)`, `Up 2 seconds (health: starting)`.
    fn within(text: &str) -> Option<Self> {
        let (_, inner) = text.rsplit_once('(')?;
        let word = inner.strip_suffix(')')?;
        Self::from_word(word.strip_prefix("health: ").unwrap_or(word))
    }
}

/// A container in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: Id,
    /// Its name, without the slash before it.
    pub name: String,
    /// The image that it was made from.
    pub image: String,
    /// What it does.
    pub state: State,
    /// What its check says, if it has one.
    pub health: Option<Health>,
}

/// A container in detail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detail {
    /// Its first process, while it runs.
    pub pid: Option<u32>,
    /// With what it ended last.
    pub exit_code: Option<i64>,
    /// Whether it was killed for want of memory.
    pub out_of_memory: bool,
    /// How often its engine has started it again.
    pub restarts: Option<u64>,
    /// When it was last started.
    pub started_at: Option<WallTime>,
    /// Its limit of memory, in bytes.
    pub memory_limit: Option<u64>,
    /// Whether its engine starts it again whenever it ends by itself.
    pub is_kept_up: bool,
}

/// Reads the list of all containers. What has no id is left out.
pub fn list(body: &[u8]) -> Result<Vec<Listed>, serde_json::Error> {
    const WANTED: [&[&str]; 5] = [&["Id"], &["Names"], &["Image"], &["State"], &["Status"]];
    let entries = pick::from_list(body, &WANTED)?;
    Ok(entries.into_iter().filter_map(listed).collect())
}

fn listed([id, names, image_name, state, status]: [Value; 5]) -> Option<Listed> {
    let id = Id::parse(id.text()?)?;
    // Names that lead through another container (`/web/db`) are what that one calls it.
    let mut own = names.texts().map(|name| name.trim_start_matches('/'));
    let own = own.find(|name| !name.is_empty() && !name.contains('/'));
    Some(Listed {
        name: own.unwrap_or(&id.as_str()[..12]).to_owned(),
        image: image(image_name.text().unwrap_or_default()),
        state: State::from_word(state.text().unwrap_or_default()),
        health: Health::within(status.text().unwrap_or_default()),
        id,
    })
}

/// An image's name; one that has none by now goes by the first digits of its sum, as `docker ps` shows it.
fn image(name: &str) -> String {
    let digits = name.strip_prefix("sha256:").unwrap_or(name);
    match digits.get(..12) {
        Some(short) if Id::parse(digits).is_some() => short.to_owned(),
        _ => name.to_owned(),
    }
}

/// Reads one container's details.
pub fn detail(body: &[u8]) -> Result<Detail, serde_json::Error> {
    const WANTED: [&[&str]; 7] = [
        &["State", "Pid"],
        &["State", "ExitCode"],
        &["State", "OOMKilled"],
        &["State", "StartedAt"],
        &["RestartCount"],
        &["HostConfig", "Memory"],
        &["HostConfig", "RestartPolicy", "Name"],
    ];
    let [pid, exit_code, out_of_memory, started_at, restarts, memory, policy] = pick::from_object(body, &WANTED)?;
    let whole = |value: &Value| value.number().and_then(|number| u64::try_from(number).ok());
    Ok(Detail {
        pid: pid.number().and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0),
        exit_code: exit_code.number(),
        out_of_memory: out_of_memory == Value::Flag(true),
        restarts: whole(&restarts),
        started_at: started_at.text().and_then(moment),
        memory_limit: whole(&memory).filter(|bytes| *bytes > 0),
        is_kept_up: matches!(policy.text(), Some("always" | "unless-stopped")),
    })
}

/// A moment as RFC 3339 writes it, to the second; nothing before 1970, which is how both engines write "never".
fn moment(text: &str) -> Option<WallTime> {
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let is_laid_out = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let bytes = text.as_bytes();
    if is_laid_out.iter().any(|(at, byte)| bytes.get(*at) != Some(byte))
        || !(1970..=9999).contains(&year)
        || !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let zone = text.get(19..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let ahead = if zone == "Z" {
        0
    } else {
        let (sign, hours_and_minutes) = zone.split_at_checked(1)?;
        let (hours, minutes) = hours_and_minutes.split_once(':')?;
        let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
        match sign {
            "+" => minutes,
            "-" => -minutes,
            _ => return None,
        }
    };
    // Days since 1970-01-01 in the proleptic Gregorian calendar, years beginning in March.
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719_468;
    let seconds = days * 86_400 + hour * 3600 + (minute - ahead) * 60 + second;
    Some(WallTime::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "1036f30282449ce286e96dba43799a22fa6d9afc4e803357dd1b72b5bc23dc21";

    #[test]
    fn an_id_is_64_hex_digits_and_nothing_else() {
        for (text, expected) in [
            (ID.to_owned(), true),
            (ID[1..].to_owned(), false),
            (format!("{ID}0"), false),
            (ID.replace('1', "A"), false),
            (format!("../../../images/json?x={}", &ID[..41]), false),
            (String::new(), false),
        ] {
            assert_eq!(Id::parse(&text).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn fields_of_another_form_count_as_not_there() {
        let id = format!("\"Id\":\"{ID}\"");
        for (entry, expected) in [
            (
                format!(
                    "{{{id},\"Names\":[\"/proxy/db\",\"/db\"],\"State\":\"running\",\"Status\":\"Up 5 minutes (healthy)\"}}"
                ),
                Some(("db", State::Running, Some(Health::Healthy))),
            ),
            (
                format!(
                    "{{{id},\"Names\":\"web\",\"State\":{{\"Status\":\"running\"}},\"Status\":null,\"Command\":[1]}}"
                ),
                Some((&ID[..12], State::Unknown, None)),
            ),
            (format!("{{{id},\"State\":\"Stopped\",\"Names\":[]}}"), Some((&ID[..12], State::Exited, None))),
            (format!("{{{id},\"Names\":[\"a\"],\"State\":\"configured\"}}"), Some(("a", State::Created, None))),
            ("{\"Names\":[\"/web\"]}".to_owned(), None),
            ("\"text\"".to_owned(), None),
            ("{\"Id\":\"../../secrets\"}".to_owned(), None),
        ] {
            let read = list(format!("[{entry}]").as_bytes()).unwrap();
            let read = read.first().map(|one| (one.name.as_str(), one.state, one.health));
            assert_eq!(read, expected, "{entry}");
        }
        assert!(list(b"{\"message\":\"page not found\"}").is_err());
    }

    #[test]
    fn details_of_every_form() {
        let stopped = Detail { exit_code: Some(137), out_of_memory: true, ..Detail::default() };
        for (body, expected) in [
            ("{}", Detail::default()),
            (
                "{\"State\":{\"Pid\":0,\"ExitCode\":137,\"OOMKilled\":true,\"StartedAt\":\"0001-01-01T00:00:00Z\"}}",
                stopped.clone(),
            ),
            (
                "{\"State\":{\"ExitCode\":137,\"OOMKilled\":true,\"Health\":\"\"},\"HostConfig\":\"\",\"RestartCount\":\"2\"}",
                stopped,
            ),
            ("{\"State\":\"running\",\"RestartCount\":3}", Detail { restarts: Some(3), ..Detail::default() }),
            (
                "{\"HostConfig\":{\"Memory\":67108864,\"RestartPolicy\":{\"Name\":\"unless-stopped\",\"MaximumRetryCount\":0}}}",
                Detail { memory_limit: Some(64 << 20), is_kept_up: true, ..Detail::default() },
            ),
            ("{\"HostConfig\":{\"Memory\":-1,\"RestartPolicy\":\"always\"}}", Detail::default()),
        ] {
            assert_eq!(detail(body.as_bytes()).unwrap(), expected, "{body}");
        }
    }

    #[test]
    fn health_stands_in_brackets_at_the_end() {
        for (text, expected) in [
            ("Up 5 minutes (healthy)", Some(Health::Healthy)),
            ("Up About an hour (unhealthy)", Some(Health::Unhealthy)),
            ("Up 2 seconds (health: starting)", Some(Health::Starting)),
            ("Up 5 minutes (Paused)", None),
            ("Exited (1) 5 minutes ago", None),
            ("", None),
        ] {
            assert_eq!(Health::within(text), expected, "{text}");
        }
    }

    #[test]
    fn an_image_without_a_name_goes_by_its_first_digits() {
        for (name, expected) in [
            ("docker.io/library/nginx:1.27", "docker.io/library/nginx:1.27"),
            (&format!("sha256:{ID}"), &ID[..12]),
            (ID, &ID[..12]),
            ("", ""),
        ] {
            assert_eq!(image(name), expected);
        }
    }

    #[test]
    fn moments() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-25T02:12:02.154134664Z", Some(1_795_572_722)),
            ("2026-11-25T03:12:02.154134664+01:00", Some(1_795_572_722)),
            ("2026-11-24T22:42:02-03:30", Some(1_795_572_722)),
            ("2024-02-29T12:00:00Z", Some(1_709_208_000)),
            ("2000-03-01T00:00:00Z", Some(951_868_800)),
            ("0001-01-01T00:00:00Z", None),
            ("2026-13-25T02:12:02Z", None),
            ("2026-11-25 02:12:02Z", None),
            ("2026-11-25T02:12:02", None),
            ("2026-11-25T02:12:02+0100", None),
            ("+026-11-25T02:12:02Z", None),
            ("ä", None),
        ] {
            assert_eq!(moment(text).map(WallTime::secs), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[-0-9TZ:.+ä]{0,30}", body in "[\\[\\]{}\":,a-zA-Z0-9]{0,80}") {
            let _ = (moment(&text), list(body.as_bytes()), detail(body.as_bytes()));
        }
    }
}
