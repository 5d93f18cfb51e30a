//! Wear: when a drive comes to the end of its rated life. It knows readings of one drive, not where they came from.

use std::fmt;

/// Why older readings of a drive say nothing of its future.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cut {
    /// Percent used fell: a reset, or a firmware that counts otherwise.
    UsedFell,
    /// Powered hours fell: a reset counter or another drive.
    HoursFell,
    /// Bytes written fell, or grew faster than any bus.
    BytesJumped,
    /// Another serial number: another drive.
    Swapped,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::UsedFell => "percent used fell",
            Self::HoursFell => "powered hours fell",
            Self::BytesJumped => "bytes written jumped or fell",
            Self::Swapped => "another drive was in its place",
        })
    }
}
