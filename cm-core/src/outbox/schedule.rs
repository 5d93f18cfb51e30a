//! What is told by the clock and not for something that happened: the weekly sign of life, and the ping whose absence is
//! noticed elsewhere.

use std::time::Duration;

use super::channel::ChannelName;
use crate::incident::Moment;
use crate::incident::hours::Hours;

/// The weekly sign of life.
#[derive(Debug, Clone, PartialEq)]
pub struct Weekly {
    /// At the beginning of these hours.
    pub hours: Vec<Hours>,
    /// To these channels; to all where it is empty.
    pub channels: Vec<ChannelName>,
}

/// A dead man's switch: something elsewhere that raises an alarm when it is not pinged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadman {
    /// How often it is pinged.
    pub every: Duration,
}

/// For how long every channel may fail before the ping is withheld, so that the other end tells in their place.
pub const ALL_DOWN: Duration = Duration::from_hours(1);

/// Whether the dead man's switch is pinged now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ping {
    /// Now.
    Due,
    /// Later: so long from now.
    NotYet(Duration),
    /// Nothing was judged for so long: who pings says that somebody watches.
    NotWatching(Duration),
    /// No channel has taken a message for so long: who pings says that somebody would be told.
    AllDown(Duration),
}

impl Deadman {
    /// Whether it is pinged now. `judged` is when the last round ended, `down` since when no channel takes anything.
    pub fn ping(self, pinged: Option<Moment>, judged: Moment, down: Option<Moment>, at: Moment) -> Ping {
        let idle = at.since(judged);
        let down = down.map(|since| at.since(since)).filter(|span| *span >= ALL_DOWN);
        let since = pinged.map_or(Duration::MAX, |pinged| at.since(pinged));
        match down {
            _ if idle > self.every => Ping::NotWatching(idle),
            Some(span) => Ping::AllDown(span),
            None if since < self.every => Ping::NotYet(self.every.saturating_sub(since)),
            None => Ping::Due,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::Steady;

    #[test]
    fn a_ping_says_that_somebody_watches_and_would_be_heard() {
        let at = |s: u64| Moment { steady: Steady::from_millis(s * 1_000), ..Moment::default() };
        let deadman = Deadman { every: Duration::from_mins(1) };
        let secs = Duration::from_secs;
        for (pinged, judged, down, now, expected) in [
            (None, 100, None, 100, Ping::Due),
            (Some(100), 130, None, 130, Ping::NotYet(secs(30))),
            (Some(100), 160, None, 160, Ping::Due),
            (Some(100), 100, None, 161, Ping::NotWatching(secs(61))),
            (Some(100), 4_000, Some(1_000), 4_000, Ping::Due),
            (Some(100), 4_600, Some(1_000), 4_600, Ping::AllDown(secs(3_600))),
        ] {
            assert_eq!(deadman.ping(pinged.map(at), at(judged), down.map(at), at(now)), expected, "{now}");
        }
    }
}
