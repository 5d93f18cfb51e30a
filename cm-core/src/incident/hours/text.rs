//! Hours as they are written in a configuration: `mon-fri 22:00-06:00`, `sat,sun 02:00 for 4h Europe/Berlin`, `07:30`.

use std::time::Duration;

use super::{Hours, LONGEST, TimeOfDay, UnknownZone, Until, Weekdays, Zone};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Text that names no hours.
#[derive(Debug, thiserror::Error)]
pub enum BadHours {
    /// A part of it could not be read.
    #[error("{part:?}: {expected}, as in `mon-fri 22:00-06:00` or `sun 02:00 for 4h Europe/Berlin`")]
    Part {
        /// Which part.
        part: String,
        /// What was expected there.
        expected: &'static str,
    },
    /// The zone is not known.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
}

impl Hours {
    /// Reads hours: days (every day without), a beginning with an end or a length (a whole day without), a zone (`zone`
    /// without).
    pub fn read(text: &str, zone: &Zone) -> Result<Self, BadHours> {
        let mut words = text.split_whitespace().peekable();
        let days = match words.peek() {
            Some(word) if word.starts_with(|c: char| c.is_ascii_alphabetic()) => read_days(words.next().unwrap_or(""))?,
            _ => Weekdays::ALL,
        };
        let times = words.next().unwrap_or("");
        let (start, end) = match times.split_once('-') {
            Some((start, end)) => (read_time(start)?, Some(read_time(end)?)),
            None => (read_time(times)?, None),
        };
        let until = match (end, words.peek()) {
            (Some(end), _) => Until::At(end),
            (None, Some(&"for")) => {
                words.next();
                Until::Length(read_length(words.next().unwrap_or(""))?)
            }
            (None, _) => Until::At(start),
        };
        let zone = words.next().map_or_else(|| Ok(zone.clone()), Zone::named)?;
        match words.next() {
            Some(rest) => Err(bad(rest, "nothing was expected after the zone")),
            None => Ok(Self { days, start, until, zone }),
        }
    }
}

fn bad(part: &str, expected: &'static str) -> BadHours {
    BadHours::Part { part: part.chars().take(80).collect(), expected }
}

/// `mon`, `mon-fri`, `fri-mon`, `sat,sun`, `mon-wed,fri`.
fn read_days(text: &str) -> Result<Weekdays, BadHours> {
    let place = |word: &str| {
        let found = DAYS.into_iter().zip(0..).find(|(day, _)| *day == word);
        found
            .map(|(_, place)| place)
            .ok_or_else(|| bad(word, "a day was expected: mon, tue, wed, thu, fri, sat or sun"))
    };
    let mut days = Weekdays::NONE;
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut day, last): (u8, u8) = (place(first)?, place(last)?);
        days = days.with(day);
        while day != last {
            day = (day + 1) % 7;
            days = days.with(day);
        }
    }
    Ok(days)
}

fn read_time(text: &str) -> Result<TimeOfDay, BadHours> {
    let number = |text: &str| text.parse().ok().filter(|_| (1..=2).contains(&text.len()));
    let time = text.split_once(':').and_then(|(hour, minute)| TimeOfDay::new(number(hour)?, number(minute)?));
    time.ok_or_else(|| bad(text, "a time of day was expected, 00:00 to 23:59"))
}

fn read_length(text: &str) -> Result<Duration, BadHours> {
    let bad = || bad(text, "a length of at most seven days was expected: 30m, 4h, 2d");
    let (number, unit) = text.split_at(text.len() - text.chars().next_back().map_or(0, char::len_utf8));
    let minutes = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 1_440,
        _ => return Err(bad()),
    };
    let number: u64 = number.parse().map_err(|_| bad())?;
    let span = Duration::from_secs(number.saturating_mul(minutes * 60));
    if span.is_zero() || span > LONGEST { Err(bad()) } else { Ok(span) }
}
