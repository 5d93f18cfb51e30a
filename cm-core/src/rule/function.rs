//! The functions of the language, each once: what it takes, what it gives, what it is for.

/// One function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// One sentence.
    pub help: &'static str,
    pub(super) does: Does,
}

/// What a function does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Does {
    Window(Over),
    Absent,
    Gone,
    Forecast,
    Left,
    Usual,
    Beyond,
    Limit,
    CriticalLimit,
    Wanted,
    Bit,
    Known,
    Fallback,
}

/// What is asked of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Over {
    Avg,
    Min,
    Max,
    Rate,
    Delta,
    Count,
}

const fn function(name: &'static str, usage: &'static str, does: Does, help: &'static str) -> Function {
    Function { name, usage, help, does }
}

/// Every function.
pub const FUNCTIONS: &[Function] = &[
    function(
        "avg",
        "avg(METRIC, 10m)",
        Does::Window(Over::Avg),
        "The mean over a time; of a yes or no, the share of it.",
    ),
    function("min", "min(METRIC, 10m)", Does::Window(Over::Min), "The least value within a time."),
    function("max", "max(METRIC, 10m)", Does::Window(Over::Max), "The greatest value within a time."),
    function(
        "rate",
        "rate(METRIC, 10m)",
        Does::Window(Over::Rate),
        "How fast it rose over a time; a counter that was set back goes on.",
    ),
    function(
        "delta",
        "delta(METRIC, 1h)",
        Does::Window(Over::Delta),
        "By how much it changed; a counter only rises, however often it was set back.",
    ),
    function("count", "count(METRIC, 10m)", Does::Window(Over::Count), "How many readings there are within a time."),
    function("absent", "absent(METRIC, 10m)", Does::Absent, "Whether there was no reading for a time."),
    function(
        "gone",
        "gone(drive, 10m)",
        Does::Gone,
        "Whether its host has told nothing of it for a time while it told of others.",
    ),
    function(
        "forecast",
        "forecast(drive.wear, 90d)",
        Does::Forecast,
        "Whether it is likely to come to its end within a time.",
    ),
    function("left", "left(drive.wear)", Does::Left, "The time that is likely left until it comes to its end."),
    function("usual", "usual(METRIC)", Does::Usual, "What is usual at this hour, learnt from the last six weeks."),
    function(
        "beyond",
        "beyond(METRIC)",
        Does::Beyond,
        "Whether the mean of the last hour lies above what is usual, by more than the usual band is wide.",
    ),
    function(
        "limit",
        "limit(METRIC)",
        Does::Limit,
        "From where it is a warning: the owner's limit, its own, or the usual one.",
    ),
    function("critical_limit", "critical_limit(METRIC)", Does::CriticalLimit, "From where it is critical."),
    function(
        "wanted",
        "wanted(service)",
        Does::Wanted,
        "Whether the service is to run: a container that was stopped is not.",
    ),
    function(
        "known",
        "known(METRIC)",
        Does::Known,
        "Whether there is a value at all; what is not known is neither true nor false.",
    ),
    function("fallback", "fallback(METRIC, 0)", Does::Fallback, "The value, or another where it is not known."),
    function("bit", "bit(drive.critical_warning, 4)", Does::Bit, "Whether a bit of a number is set: 1, 2, 4, 8 ..."),
];

impl Function {
    /// The function of this name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }
}

/// The metrics whose end is foretold, each with what comes to its end.
pub const FORETOLD: [(&str, &str); 5] = [
    ("drive.wear", "the rated life"),
    ("filesystem.use", "the room of a filesystem"),
    ("filesystem.inode_use", "the number of its files"),
    ("pool.use", "the room of a pool"),
    ("service.disk_use", "the disk limit of a service"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn functions_are_named_once_and_what_is_foretold_are_metrics() {
        for function in FUNCTIONS {
            assert_eq!(Function::by_name(function.name), Some(function));
            assert!(function.usage.starts_with(function.name) && function.help.ends_with('.'));
        }
        for (name, _) in FORETOLD {
            assert_eq!(catalogue::by_name(name).map(|entry| entry.metric.name), Some(name));
        }
    }
}
