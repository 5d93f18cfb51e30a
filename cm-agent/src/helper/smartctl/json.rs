//! Taking figures out of a document that may lack any of them, hold them as text, or hold them wider than 64 bits.

use cm_model::text::HostText;
use cm_model::unit::{Celsius, Count, Hours, Percent};
use serde_json::Value;

/// The value at a path of names and positions: `device/type`, `table/0/status`.
pub(super) fn at<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('/').try_fold(document, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        value => value.get(step),
    })
}

/// A number there. Decimals after a comma, as some locales write them in texts, count as well.
pub(super) fn number(document: &Value, path: &str) -> Option<f64> {
    match at(document, path)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.replace(',', ".").parse().ok(),
        _ => None,
    }
}

/// A count there; what is wider than 64 bits stands at their end.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is below 0 is no count, and saturating is what wide counters want"
)]
pub(super) fn count(document: &Value, path: &str) -> Option<Count> {
    if let Some(whole) = at(document, path).and_then(Value::as_u64) {
        return Some(Count(whole));
    }
    number(document, path).filter(|number| *number >= 0.0).map(|number| Count(number as u64))
}

/// A text there that is not empty, without blanks around it.
pub(super) fn text<'a>(document: &'a Value, path: &str) -> Option<&'a str> {
    at(document, path)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The first of these texts that is there.
pub(super) fn first(document: &Value, paths: &[&str]) -> Option<HostText> {
    paths.iter().find_map(|path| text(document, path)).map(HostText::from)
}

/// A yes or no there.
pub(super) fn flag(document: &Value, path: &str) -> Option<bool> {
    at(document, path)?.as_bool()
}

/// The entries of a list there; none if there is no list.
pub(super) fn list<'a>(document: &'a Value, path: &str) -> &'a [Value] {
    at(document, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A percentage there.
pub(super) fn percent(document: &Value, path: &str) -> Option<Percent> {
    number(document, path).and_then(|value| Percent::try_from(value).ok())
}

/// Hours there.
pub(super) fn hours(document: &Value, path: &str) -> Option<Hours> {
    number(document, path).and_then(|value| Hours::try_from(value).ok())
}

/// A temperature there, if a drive can have it.
pub(super) fn celsius(document: &Value, path: &str) -> Option<Celsius> {
    number(document, path).filter(|value| (-40.0..=200.0).contains(value)).map(Celsius::saturating)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_in_every_form_that_they_take() {
        let document: Value = serde_json::from_str(
            r#"{"a":[{"b":7}],"comma":"2124,590","point":"162438.759","wide":340282366920938463463374607431768211455,
                "big":18446744073709551615,"negative":-1,"blank":"  ","text":" x "}"#,
        )
        .unwrap();
        assert_eq!(number(&document, "a/0/b"), Some(7.0));
        assert_eq!((number(&document, "a/1/b"), number(&document, "a/b"), number(&document, "x")), (None, None, None));
        assert_eq!(number(&document, "comma"), Some(2124.59));
        assert_eq!(number(&document, "point"), Some(162_438.759));
        assert_eq!(count(&document, "wide"), Some(Count(u64::MAX)));
        assert_eq!(count(&document, "big"), Some(Count(u64::MAX)));
        assert_eq!(count(&document, "negative"), None);
        assert_eq!((text(&document, "blank"), text(&document, "text")), (None, Some("x")));
    }
}
