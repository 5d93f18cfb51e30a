//! What an owner wants told, by name: two lists of patterns.

use crate::pattern::fits;

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
        let named = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, name));
        if named(&self.exclude) {
            return false;
        }
        if self.include.is_empty() { by_default() } else { named(&self.include) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclude_wins_and_include_overrides_the_default() {
        let choice = Choice { include: vec!["veth*".into(), "eth0".into()], exclude: vec!["veth9".into()] };
        for (name, expected) in [("veth1", true), ("veth9", false), ("eth0", true), ("eth1", false)] {
            assert_eq!(choice.admits(name, || name != "veth1"), expected, "{name}");
        }
        assert!(Choice::default().admits("x", || true) && !Choice::default().admits("x", || false));
    }
}
