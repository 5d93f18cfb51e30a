//! The kernel's pressure stall information: how long tasks stood still for want of a processor, memory or a disk.

use std::io::ErrorKind;

use cm_model::report::service::{Pressure as Block, Stall};
use cm_model::unit::Percent;

use super::{Absent, Collector, Draft, Look};
use crate::machine::container::Container;
use crate::machine::{Cause, Unreadable};

/// The collector.
#[derive(Debug)]
pub struct Pressure;

impl Collector for Pressure {
    fn name(&self) -> &'static str {
        "pressure"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        let read = |what: &str| -> Result<Stall, Unreadable> {
            let path = match look.container {
                Some(Container::V2) => format!("/sys/fs/cgroup/{what}.pressure"),
                _ => format!("/proc/pressure/{what}"),
            };
            let text = look.machine.read(&path)?;
            parse(&text).ok_or_else(|| Unreadable::garbled(&path, "stall times"))
        };
        let mut block = Block::default();
        for (what, stall) in [("cpu", &mut block.cpu), ("memory", &mut block.memory), ("io", &mut block.io)] {
            match read(what) {
                Ok(found) => *stall = Some(found),
                // The kernel does not count it, or was told at its start not to (psi=0): then the files refuse to be read.
                Err(Unreadable { cause: Cause::NotThere(_), .. }) => {}
                Err(Unreadable { cause: Cause::Failed(error), .. }) if error.kind() == ErrorKind::Unsupported => {}
                Err(error) => draft.missing(format!("pressure {what}"), error),
            }
        }
        if block == Block::default() {
            return Err(Absent::NothingHere);
        }
        draft.service.pressure = Some(block);
        Ok(())
    }
}

/// Reads a file of Documentation/accounting/psi.rst; nothing if it says nothing of tasks that stood still.
pub fn parse(text: &str) -> Option<Stall> {
    let mut stall = Stall::default();
    for line in text.lines() {
        let mut fields = line.split_whitespace();
        let (ten, sixty, three_hundred) = match fields.next() {
            Some("some") => (&mut stall.some_10, &mut stall.some_60, &mut stall.some_300),
            Some("full") => (&mut stall.full_10, &mut stall.full_60, &mut stall.full_300),
            _ => continue,
        };
        for field in fields {
            let Some((name, value)) = field.split_once('=') else { continue };
            let value = value.parse().ok().and_then(|value: f64| Percent::try_from(value).ok());
            match name {
                "avg10" => *ten = value,
                "avg60" => *sixty = value,
                "avg300" => *three_hundred = value,
                _ => {}
            }
        }
    }
    (stall != Stall::default()).then_some(stall)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_are_read_where_they_are_stated() {
        let stall =
            parse("some avg10=0.82 avg60=1.50 avg300=0.00 total=14049400\nfull avg10=0.30 avg60=x avg300=-1 total=0\n");
        let percent = |value| Percent::try_from(value).ok();
        let expected = Stall {
            some_10: percent(0.82),
            some_60: percent(1.5),
            some_300: percent(0.0),
            full_10: percent(0.3),
            ..Stall::default()
        };
        assert_eq!(stall, Some(expected));
        assert_eq!((parse(""), parse("some total=1\n"), parse("none avg10=1\n")), (None, None, None));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "((some|full|x) (avg10|avg60|total)=?[-0-9.eNa]{0,9}\n?){0,6}") {
            parse(&text);
        }
    }
}
