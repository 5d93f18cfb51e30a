//! "Did you mean": the known name that a wrong one is nearest to, in files and on command lines alike.

/// The nearest of `known`, if it is near enough to be meant: a slip of the finger, another case, `-` for `_`.
pub fn nearest<'k>(wrong: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // A longer text is no slip, and comparing takes the square of its length.
    const LONGEST: usize = 80;
    if wrong.len() > LONGEST {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let wrong = plain(wrong);
    known
        .into_iter()
        .filter_map(|name| {
            let distance = strsim::damerau_levenshtein(&wrong, &plain(name));
            let allowed = name.chars().count().min(wrong.chars().count()).div_ceil(3);
            let begins = wrong.chars().count() >= 3 && plain(name).starts_with(&wrong);
            (distance <= allowed || begins).then_some((distance, name))
        })
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_understood_and_strangers_are_not() {
        let known = ["refresh_interval", "history_retention", "theme", "type"];
        for (wrong, meant) in [
            ("refresh_intervall", Some("refresh_interval")),
            ("refreshInterval", Some("refresh_interval")),
            ("refresh-interval", Some("refresh_interval")),
            ("Theme", Some("theme")),
            ("tehme", Some("theme")),
            ("refresh", Some("refresh_interval")),
            ("colour", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(wrong, known), meant, "{wrong}");
        }
        assert_eq!(nearest(&"theme".repeat(1000), known), None);
    }
}
