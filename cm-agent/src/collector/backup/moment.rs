//! Moments as backup tools write them: `2026-11-25T02:16:25.000000`, with or without a fraction and an offset.

use cm_model::clock::WallTime;
use serde::{Deserialize, Deserializer};

/// A moment. One without an offset is UTC: borg is started with `TZ=UTC`, and tells local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) WallTime);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        parse(&text).map(Self).ok_or_else(|| serde::de::Error::custom("not a moment"))
    }
}

/// Reads a moment; nothing if the text is none, or if it lies before 1970 or after 9999.
pub(super) fn parse(text: &str) -> Option<WallTime> {
    let (date, time) = text.split_once(['T', ' '])?;
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (time, offset) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => (&time[..at], offset(&time[at..])?),
        None => (time, 0),
    };
    let mut time = time.splitn(3, ':');
    let (hour, minute) = (number(time.next()?)?, number(time.next()?)?);
    let seconds = time.next()?;
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let second = number(second)?;
    let sound = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour <= 24
        && minute < 60
        && second <= 60;
    if !sound || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis = fraction.bytes().chain(*b"000").take(3).fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - offset;
    Some(WallTime::from_millis(seconds * 1000 + millis))
}

fn number(text: &str) -> Option<i64> {
    let sound = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    sound.then(|| text.parse().ok()).flatten()
}

/// Seconds east of Greenwich: `Z`, `+02:00`, `-0530`.
fn offset(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return (text.len() == 1).then_some(0),
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { number(minutes)? };
    Some(sign * (number(hours)? * 3600 + minutes * 60))
}

/// Days since 1970-01-01 in the Gregorian calendar, years counted from March so that the leap day comes last.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year / 400;
    let of_era = year % 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_every_tool() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-25T02:16:25.000000", Some(1_795_572_985_000)),
            ("2026-11-25T02:16:25", Some(1_795_572_985_000)),
            ("2026-11-25 02:16:25", Some(1_795_572_985_000)),
            ("2026-11-25T02:19:01.067149173Z", Some(1_795_573_141_067)),
            ("2026-11-25T03:19:01.06+01:00", Some(1_795_573_141_060)),
            ("2026-11-24T20:49:01-0530", Some(1_795_573_141_000)),
            ("2024-02-29T23:59:60Z", Some(1_709_251_200_000)),
            ("1969-12-31T23:59:59Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-11-25", None),
            ("2026-11-25T02:16", None),
            ("2026-11-25T02:16:25.1x", None),
            ("2026-11-25T-2:16:25", None),
            ("2026-11-25T02:16:25+aa", None),
            ("99999-11-25T02:16:25", None),
            ("", None),
        ] {
            assert_eq!(parse(text).map(WallTime::millis), millis, "{text}");
        }
    }
}
