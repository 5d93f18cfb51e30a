//! What an owner wants told, by name: two lists of patterns.

/// Include and exclude lists. A pattern is a name in which `*` stands for any number of characters, `/` among them, and
/// `?` for one.
///
/// With an include list exactly what it names is told, even what is hidden by default. What the exclude list names is
/// never told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    /// If there are any, only what one of these names.
    pub include: Vec<String>,
    /// Never what one of these names.
    pub exclude: Vec<String>,
}

impl Choice {
    /// Whether something of this name is told; `by_default` decides where the owner did not.
    pub fn admits(&self, name: &str, by_default: impl FnOnce() -> bool) -> bool {
        let named = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, name));
        if named(&self.exclude) {
            return false;
        }
        if self.include.is_empty() { by_default() } else { named(&self.include) }
    }
}

/// Whether a pattern fits a whole name. Time grows with the product of their lengths at most.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last star stood, and up to where of the name it reaches.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == '?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((at, reach)) = star else { return false };
                star = Some((at, reach + 1));
                p = at + 1;
                n = reach + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("/mnt/*", "/mnt/nas/a", true),
            ("/mnt/*", "/mnt", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("eth?", "eth0", true),
            ("eth?", "eth10", false),
            ("*a*b*c", "xxaxxbxxbc", true),
            ("*a*b*c", "xxaxxbxxbcx", false),
            ("ä?", "äö", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} against {name}");
        }
    }

    #[test]
    fn exclude_wins_and_include_overrides_the_default() {
        let choice = Choice { include: vec!["veth*".into(), "eth0".into()], exclude: vec!["veth9".into()] };
        for (name, expected) in [("veth1", true), ("veth9", false), ("eth0", true), ("eth1", false)] {
            assert_eq!(choice.admits(name, || name != "veth1"), expected, "{name}");
        }
        assert!(Choice::default().admits("x", || true) && !Choice::default().admits("x", || false));
    }

    proptest! {
        #[test]
        fn a_name_fits_itself_and_a_star(name in "[a-z/?]{0,30}") {
            let open = format!("{name}*");
            prop_assert!(matches(&name, &name) && matches("*", &name) && matches(&open, &name));
        }
    }
}
