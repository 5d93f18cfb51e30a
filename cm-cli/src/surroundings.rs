//! What surrounds the program: environment, clock, outputs and the terminal behind them. All of it is passed in, so that
//! tests run the whole program in a room of their own.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, IsTerminal, Write};

use chrono::{DateTime, FixedOffset, Local, Offset, TimeZone, Utc};
use cm_core::clock::{Clock, SystemClock, WallTime};
use cm_core::wording::Glyphs;

use crate::paint::Paint;
use crate::request::{Colour, Output};

/// The environment, the clock and the outputs of one run.
pub struct Surroundings<'a> {
    /// Variables of the environment.
    pub variables: &'a dyn Fn(&str) -> Option<OsString>,
    /// The time.
    pub clock: &'a (dyn Clock + 'a),
    /// How many seconds local time is ahead of UTC at a moment.
    pub ahead_s: &'a dyn Fn(WallTime) -> i32,
    /// The effective user id: whose files are trusted.
    pub user: u32,
    /// Where data goes.
    pub out: &'a mut dyn Write,
    /// Where messages go.
    pub err: &'a mut dyn Write,
    /// What stands behind `out`.
    pub out_is: Behind,
    /// Looks again at what stands behind `out`: a terminal may have another size by now.
    pub look_again: &'a dyn Fn() -> Behind,
    /// What stands behind `err`.
    pub err_is: Behind,
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").field("out_is", &self.out_is).finish_non_exhaustive()
    }
}

/// What stands behind an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// A pipe or a file.
    File,
    /// A terminal.
    Terminal {
        /// Its width, where it tells.
        columns: Option<u16>,
        /// Its height, where it tells.
        rows: Option<u16>,
    },
}

/// What stands behind this process's stdout and stderr.
pub fn behind() -> (Behind, Behind) {
    let size = || terminal_size::terminal_size_of(io::stdout());
    let (out, err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
    let terminal = || Behind::Terminal { columns: size().map(|size| size.0.0), rows: size().map(|size| size.1.0) };
    let of = |is_terminal| if is_terminal { terminal() } else { Behind::File };
    (of(out), of(err))
}

/// The machine's clock.
pub const CLOCK: SystemClock = SystemClock;

/// How many seconds this machine's local time is ahead of UTC at a moment.
pub fn ahead_s(at: WallTime) -> i32 {
    let utc = DateTime::from_timestamp_millis(at.millis()).unwrap_or_default();
    Local.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc()
}

impl Surroundings<'_> {
    /// A variable of the environment that is not empty.
    pub fn variable(&self, name: &str) -> Option<String> {
        (self.variables)(name)?.into_string().ok().filter(|value| !value.is_empty())
    }

    /// How stdout takes text.
    pub fn paint(&self, output: Output) -> Paint {
        Paint { colour: self.has_colour(output.colour, self.out_is), glyphs: self.glyphs(output), width: self.width() }
    }

    /// How stderr takes text: as stdout does, but it is never cut.
    pub fn err_paint(&self, output: Output) -> Paint {
        Paint { colour: self.has_colour(output.colour, self.err_is), glyphs: self.glyphs(output), width: None }
    }

    /// `--color` first, then `NO_COLOR`, then `CLICOLOR_FORCE`, then whether it is a terminal that takes colour.
    pub fn has_colour(&self, asked: Colour, behind: Behind) -> bool {
        let is_set = |name: &str, off: &str| self.variable(name).is_some_and(|value| value != off);
        match asked {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto if is_set("NO_COLOR", "") => false,
            Colour::Auto if is_set("CLICOLOR_FORCE", "0") => true,
            Colour::Auto => {
                behind != Behind::File
                    && self.variable("CLICOLOR").is_none_or(|value| value != "0")
                    && self.variable("TERM").is_none_or(|term| term != "dumb")
            }
        }
    }

    /// ASCII where it is asked for, where the locale is not UTF-8, and on the Linux console, whose font lacks the marks.
    pub fn glyphs(&self, output: Output) -> Glyphs {
        let on_console =
            matches!(self.out_is, Behind::Terminal { .. }) && self.variable("TERM").as_deref() == Some("linux");
        if output.ascii || on_console || !self.is_utf8() { Glyphs::Ascii } else { Glyphs::Unicode }
    }

    /// Whether the locale writes UTF-8. Where no variable says anything it is the C locale, which does not.
    pub fn is_utf8(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.variable(name)).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    }

    /// The width to fit into: none into a file, `COLUMNS` or the terminal's own otherwise.
    pub fn width(&self) -> Option<usize> {
        const LEAST: usize = 20;
        let Behind::Terminal { columns, .. } = self.out_is else { return None };
        let told =
            self.variable("COLUMNS").and_then(|value| value.parse::<usize>().ok()).filter(|&columns| columns > 0);
        Some(told.or(columns.map(usize::from)).filter(|&columns| columns > 0).unwrap_or(80).max(LEAST))
    }

    /// How many lines a screen has, on a terminal that tells it.
    pub fn rows(&self) -> Option<usize> {
        match self.out_is {
            Behind::Terminal { rows, .. } => rows.map(usize::from).filter(|&rows| rows > 0),
            Behind::File => None,
        }
    }

    /// A moment in local time, in a pattern of `chrono`.
    pub fn local(&self, at: WallTime, pattern: &str) -> String {
        let utc = DateTime::from_timestamp_millis(at.millis()).unwrap_or_default();
        let zone = FixedOffset::east_opt((self.ahead_s)(at)).unwrap_or_else(|| Utc.fix());
        utc.with_timezone(&zone).format(pattern).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_core::clock::ManualClock;

    fn with<T>(variables: &[(&str, &str)], out_is: Behind, look: impl FnOnce(&Surroundings<'_>) -> T) -> T {
        let clock = ManualClock::default();
        let find = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value));
        let (mut out, mut err) = (Vec::new(), Vec::new());
        look(&Surroundings {
            variables: &find,
            clock: &clock,
            ahead_s: &|_| 0,
            user: 0,
            out: &mut out,
            err: &mut err,
            out_is,
            look_again: &|| out_is,
            err_is: Behind::File,
        })
    }

    const TERMINAL: Behind = Behind::Terminal { columns: Some(100), rows: None };

    #[test]
    fn colour_follows_the_option_then_the_environment_then_the_terminal() {
        for (variables, out_is, asked, colour) in [
            (&[][..], TERMINAL, Colour::Auto, true),
            (&[], Behind::File, Colour::Auto, false),
            (&[], Behind::File, Colour::Always, true),
            (&[("NO_COLOR", "1")], TERMINAL, Colour::Auto, false),
            (&[("NO_COLOR", "1")], TERMINAL, Colour::Always, true),
            (&[("NO_COLOR", "")], TERMINAL, Colour::Auto, true),
            (&[("CLICOLOR_FORCE", "1")], Behind::File, Colour::Auto, true),
            (&[("CLICOLOR_FORCE", "0")], Behind::File, Colour::Auto, false),
            (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], TERMINAL, Colour::Auto, false),
            (&[("CLICOLOR", "0")], TERMINAL, Colour::Auto, false),
            (&[("TERM", "dumb")], TERMINAL, Colour::Auto, false),
            (&[], TERMINAL, Colour::Never, false),
        ] {
            assert_eq!(with(variables, out_is, |s| s.has_colour(asked, out_is)), colour, "{variables:?} {asked:?}");
        }
    }

    #[test]
    fn glyphs_follow_the_locale_and_the_console() {
        let ascii = Output { ascii: true, ..Output::default() };
        for (variables, output, glyphs) in [
            (&[("LANG", "de_DE.UTF-8")][..], Output::default(), Glyphs::Unicode),
            (&[("LANG", "C.utf8")], Output::default(), Glyphs::Unicode),
            (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")], Output::default(), Glyphs::Ascii),
            (&[("LANG", "de_DE.UTF-8"), ("TERM", "linux")], Output::default(), Glyphs::Ascii),
            (&[("LANG", "de_DE.UTF-8")], ascii, Glyphs::Ascii),
            (&[], Output::default(), Glyphs::Ascii),
        ] {
            assert_eq!(with(variables, TERMINAL, |s| s.glyphs(output)), glyphs, "{variables:?}");
        }
    }

    #[test]
    fn the_width_is_the_terminals_and_a_pipe_has_none() {
        for (variables, out_is, width) in [
            (&[][..], TERMINAL, Some(100)),
            (&[("COLUMNS", "60")], TERMINAL, Some(60)),
            (&[("COLUMNS", "0")], TERMINAL, Some(100)),
            (&[("COLUMNS", "wide")], TERMINAL, Some(100)),
            (&[("COLUMNS", "5")], TERMINAL, Some(20)),
            (&[], Behind::Terminal { columns: None, rows: None }, Some(80)),
            (&[("COLUMNS", "60")], Behind::File, None),
        ] {
            with(variables, out_is, |surroundings| assert_eq!(surroundings.width(), width, "{variables:?}"));
        }
    }
}
