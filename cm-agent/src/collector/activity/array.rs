//! What is done to the arrays of md, by `/proc/mdstat` (md(4)): a line such as `[==>...]  check = 12.6% (...)` below an array.

use cm_model::report::service::ActivityKind;

/// The arrays that are being checked or made whole, each with the word for it: `md0 check`.
pub(super) fn busy(text: &str) -> Vec<(ActivityKind, String)> {
    let mut array = "";
    let mut busy = Vec::new();
    for line in text.lines() {
        if let Some((name, _)) = line.split_once(" : ").filter(|(name, _)| !name.starts_with(' ')) {
            array = name.trim();
            continue;
        }
        // `resync=DELAYED` waits for its turn, `resync=PENDING` for the first writing: neither takes anything.
        let words = [
            ("check", ActivityKind::Scrub),
            ("repair", ActivityKind::Scrub),
            ("resync", ActivityKind::Rebuild),
            ("recovery", ActivityKind::Rebuild),
            ("reshape", ActivityKind::Rebuild),
        ];
        let found = words.into_iter().find(|(word, _)| {
            let mut parts = line.split(word);
            parts.next().is_some_and(|before| before.trim_end().ends_with(']'))
                && parts
                    .next()
                    .is_some_and(|after| after.trim_start().strip_prefix('=').is_some_and(|rest| rest.contains('%')))
        });
        if let Some((word, kind)) = found.filter(|_| !array.is_empty()) {
            busy.push((kind, format!("{array} {word}")));
        }
    }
    busy
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn arrays_say_what_is_done_to_them() {
        let text = "Personalities : [raid1] [raid6]\n\
            md1 : active raid1 sdb1[1] sda1[0]\n      976630464 blocks super 1.2 [2/2] [UU]\n      [==>..................]  check = 12.6% (123/976630464) finish=66.1min speed=210000K/sec\n      bitmap: 0/8 pages\n\n\
            md2 : active raid6 sdc[0]\n      5860 blocks [3/2] [UU_]\n      [>....................]  recovery =  0.1% (1/2) finish=1min speed=1K/sec\n\n\
            md3 : active raid1 sdd[0]\n      \tresync=DELAYED\n\n\
            md4 : active raid5 sde[0]\n      [=>]  reshape =  8.1% (1/2) finish=1min\n\nunused devices: <none>\n";
        let expected = [
            (ActivityKind::Scrub, "md1 check".to_owned()),
            (ActivityKind::Rebuild, "md2 recovery".to_owned()),
            (ActivityKind::Rebuild, "md4 reshape".to_owned()),
        ];
        assert_eq!(busy(text), expected);
        assert_eq!(busy("      [=>]  check = 1% ()\n"), []);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "((md[0-9] : .{0,9}|  \\[=>\\]  (check|resync) ?= ?.{0,9})\n){0,5}.{0,20}") {
            busy(&text);
        }
    }
}
