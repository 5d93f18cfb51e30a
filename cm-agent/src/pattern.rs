//! Names with stars in them, as owners write them where one word is to stand for several.

/// Whether a pattern fits a whole name: `*` stands for any number of characters, `?` for one. Time grows with the product of their lengths at most.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
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
            assert_eq!(fits(pattern, name), expected, "{pattern} against {name}");
        }
    }

    proptest! {
        #[test]
        fn a_name_fits_itself_and_a_star(name in "[a-z/?]{0,30}") {
            let open = format!("{name}*");
            prop_assert!(fits(&name, &name) && fits("*", &name) && fits(&open, &name));
        }
    }
}
