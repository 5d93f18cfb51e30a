//! Rules in their one normal spelling, which reads back as the same.

use std::fmt;
use std::time::Duration;

use super::block::{Act, Block, Clear, Lines, Scope};
use super::expression::quote;

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let act = match self.does {
            Act::Rule => "rule",
            Act::Change => "change",
            Act::Off => "off",
            Act::On => "on",
        };
        write!(f, "{act} {}", self.name.what)?;
        match &self.scope {
            Scope::All => {}
            Scope::Role(role) => write!(f, " for role {}", quote(role))?,
            Scope::Host(host) => write!(f, " for host {}", quote(host))?,
        }
        writeln!(f)?;
        self.lines.fmt(f)
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { when, hold, clear, severity, critical, text, next, runbook, tell, group, about } = self;
        if let Some(when) = when {
            writeln!(f, "  when {when}")?;
        }
        if let Some(hold) = hold {
            writeln!(f, "  for {}", span(*hold))?;
        }
        if let Some(Clear { when, hold }) = clear {
            f.write_str("  clear")?;
            if let Some(when) = when {
                write!(f, " {when}")?;
            }
            if let Some(hold) = hold {
                write!(f, " for {}", span(*hold))?;
            }
            writeln!(f)?;
        }
        if let Some(severity) = severity {
            f.write_str("  severity")?;
            for (at, (severity, when)) in severity.what.iter().enumerate() {
                write!(f, "{} {severity}", if at > 0 { " else" } else { "" })?;
                if let Some(when) = when {
                    write!(f, " when {when}")?;
                }
            }
            writeln!(f)?;
        }
        if let Some(critical) = critical {
            writeln!(f, "  critical when {critical}")?;
        }
        if let Some(text) = text {
            writeln!(f, "  text {text}")?;
        }
        if let Some(next) = next {
            writeln!(f, "  next {next}")?;
        }
        if let Some(runbook) = runbook {
            writeln!(f, "  runbook {}", quote(runbook))?;
        }
        if let Some(tell) = tell {
            writeln!(f, "  tell {tell}")?;
        }
        if let Some(group) = group {
            writeln!(f, "  group {group}")?;
        }
        if let Some(about) = about {
            writeln!(f, "  about {about}")?;
        }
        Ok(())
    }
}

/// A span of time as rules write it, in the largest unit that tells it whole.
pub(super) fn span(span: Duration) -> String {
    let millis = span.as_millis();
    for (word, unit) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
        if millis.is_multiple_of(unit) && millis >= unit {
            return format!("{}{word}", millis / unit);
        }
    }
    if millis == 0 { "0s".to_owned() } else { format!("{millis}ms") }
}
