//! Windows through a year with both changes of the clock.

use super::*;

fn hours(text: &str) -> Hours {
    Hours::read(text, &Zone::named("Europe/Berlin").unwrap()).unwrap()
}

fn at(text: &str) -> WallTime {
    let stamp: jiff::Timestamp = text.parse().unwrap();
    WallTime::from_millis(stamp.as_millisecond())
}

#[test]
fn a_window_is_an_instant_of_each_day_whatever_the_clock_does() {
    // In 2026 Berlin's clock skips 02:00 to 03:00 on 29 March, and shows 02:00 to 03:00 twice on 25 October.
    for (text, moment, spell) in [
        ("22:00-06:00", "2026-01-05T21:30:00Z", Some(("2026-01-05T21:00:00Z", "2026-01-06T05:00:00Z"))),
        ("22:00-06:00", "2026-01-06T05:00:00Z", None),
        ("22:00-06:00", "2026-01-05T20:59:59Z", None),
        ("22:00-06:00", "2026-03-29T02:00:00Z", Some(("2026-03-28T21:00:00Z", "2026-03-29T04:00:00Z"))),
        ("22:00-06:00", "2026-10-25T00:30:00Z", Some(("2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z"))),
        ("sun 02:30 for 1h", "2026-03-29T01:30:00Z", Some(("2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z"))),
        ("sun 02:30 for 1h", "2026-03-29T01:29:59Z", None),
        ("sun 02:30-02:45", "2026-03-29T01:35:00Z", Some(("2026-03-29T01:30:00Z", "2026-03-29T01:45:00Z"))),
        ("sun 02:30-03:15", "2026-03-29T01:35:00Z", Some(("2026-03-29T01:30:00Z", "2026-03-29T02:15:00Z"))),
        ("sun 02:30 for 30m", "2026-10-25T00:40:00Z", Some(("2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"))),
        ("sun 02:30 for 30m", "2026-10-25T01:40:00Z", None),
        ("mon-fri 09:00-17:00", "2026-01-03T10:00:00Z", None),
        ("fri 20:00 for 2d", "2026-01-04T18:59:00Z", Some(("2026-01-02T19:00:00Z", "2026-01-04T19:00:00Z"))),
        ("sat,mon-tue 00:00", "2026-01-05T22:59:59Z", Some(("2026-01-04T23:00:00Z", "2026-01-05T23:00:00Z"))),
        // A length is time that passes: where the clock goes back, seven days end an hour early.
        ("mon 00:00 for 7d", "2026-10-25T21:59:59Z", Some(("2026-10-18T22:00:00Z", "2026-10-25T22:00:00Z"))),
        ("mon 00:00 for 7d", "2026-10-25T22:00:00Z", None),
        (
            "sun 12:00 for 2h America/New_York",
            "2026-01-04T18:00:00Z",
            Some(("2026-01-04T17:00:00Z", "2026-01-04T19:00:00Z")),
        ),
    ] {
        let spell = spell.map(|(start, end)| Spell { start: at(start), end: at(end) });
        assert_eq!(hours(text).spell(at(moment)), spell, "{text} {moment}");
    }
}

#[test]
fn in_a_year_each_day_has_its_quiet_hours_once_and_each_digest_is_due_once() {
    for (text, starts, hours_of_quiet) in [
        ("22:00-06:00", 365, 365 * 8),
        ("02:30-06:00", 365, 365 * 7 / 2),
        ("02:15 for 1h", 365, 365),
        ("mon 07:30 for 15m", 52, 13),
    ] {
        let window = hours(text);
        let (mut last, mut due, mut quiet) = (at("2026-01-01T12:00:00Z"), 0, 0_i64);
        let mut inside = None;
        let mut spells = 0;
        for minute in (0..365 * 24 * 60).step_by(15) {
            let now = at("2026-01-01T12:00:00Z").after(Duration::from_mins(minute));
            let spell = window.spell(now);
            quiet += 15 * i64::from(spell.is_some());
            if spell.is_some() && spell != inside {
                spells += 1;
            }
            inside = spell;
            if window.due(last, now).is_some() {
                due += 1;
                last = now;
            }
        }
        assert_eq!((spells, due), (starts, starts), "{text}");
        assert!((quiet - hours_of_quiet * 60).abs() <= 60, "{text}: {quiet} minutes");
    }
}

#[test]
fn what_was_missed_is_due_once_and_a_clock_set_back_makes_nothing_due_twice() {
    let window = hours("07:30");
    let morning = at("2026-05-05T05:30:00Z");
    assert_eq!(window.due(at("2026-05-01T00:00:00Z"), morning), Some(morning));
    assert_eq!(window.due(at("2025-05-01T00:00:00Z"), morning), Some(morning));
    assert_eq!(window.due(morning, morning.after(Duration::from_hours(12))), None);
    assert_eq!(window.due(morning, morning.before(Duration::from_hours(1))), None);
}

#[test]
fn text_that_names_no_hours_is_refused_at_the_part_that_is_wrong() {
    for (text, part) in [
        ("", "\"\""),
        ("mo 10:00", "\"mo\""),
        ("mon-fry 10:00", "\"fry\""),
        ("24:00", "\"24:00\""),
        ("10:60", "\"10:60\""),
        ("10:000", "\"10:000\""),
        ("10-12", "\"10\""),
        ("10:00-12:00 for 1h", "\"for\""),
        ("10:00 for 8d", "\"8d\""),
        ("10:00 for 0m", "\"0m\""),
        ("10:00 for ä", "\"ä\""),
        ("10:00 for", "\"\""),
        ("10:00 Europe/Nowhere", "\"Europe/Nowhere\""),
        ("10:00 UTC UTC", "\"UTC\""),
    ] {
        let error = Hours::read(text, &Zone::UTC).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}
