//! A moment or a span of time as it is written on a command line: `7d`, `2h30m`, `2026-11-20`, `2026-11-20 03:14`, `now`.

use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::request::Moment;

const FORMS: &str =
    "a span as 7d or 2h30m, a day as 2026-11-20, a moment as \"2026-11-20 03:14\" or `now` was expected";

/// A moment: so long ago, or by the clock on the wall.
pub(super) fn moment(text: &str) -> Result<Moment, &'static str> {
    let text = text.trim();
    if text == "now" {
        return Ok(Moment::Ago(Duration::ZERO));
    }
    if let Some(span) = parse_span(text) {
        return Ok(Moment::Ago(span));
    }
    let (text, is_utc) = text.strip_suffix('Z').map_or((text, false), |text| (text, true));
    let day = || Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN));
    let forms = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    let at = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).or_else(day).ok_or(FORMS)?;
    let secs = at.and_utc().timestamp();
    Ok(if is_utc { Moment::Utc { secs } } else { Moment::Local { secs } })
}

/// At most 100 years.
fn parse_span(text: &str) -> Option<Duration> {
    const LONGEST_S: u64 = 100 * 31_557_600;
    let mut rest = text;
    let mut sum = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.chars().next()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 7 * 86_400,
            'y' => 31_557_600,
            _ => return None,
        };
        rest = &rest[unit.len_utf8()..];
        sum = sum.checked_add(number.checked_mul(seconds)?)?;
    }
    (!text.is_empty() && sum <= LONGEST_S).then_some(Duration::from_secs(sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_moments_are_read_as_people_write_them() {
        let ago = |secs| Ok(Moment::Ago(Duration::from_secs(secs)));
        for (text, expected) in [
            ("now", ago(0)),
            ("7d", ago(604_800)),
            ("2h30m", ago(9_000)),
            ("1y", ago(31_557_600)),
            ("2026-11-20", Ok(Moment::Local { secs: 1_795_132_800 })),
            (" 2026-11-20 03:14 ", Ok(Moment::Local { secs: 1_795_144_440 })),
            ("2026-11-20T03:14:05Z", Ok(Moment::Utc { secs: 1_795_144_445 })),
            ("", Err(FORMS)),
            ("7", Err(FORMS)),
            ("d", Err(FORMS)),
            ("7 days", Err(FORMS)),
            ("2026-13-01", Err(FORMS)),
            ("999999999999999999y", Err(FORMS)),
            ("7é", Err(FORMS)),
        ] {
            assert_eq!(moment(text), expected, "{text}");
        }
    }
}
