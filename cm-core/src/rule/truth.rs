//! True, false, or not known: what is absent is neither well nor ill.

/// How a condition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It does not hold.
    False,
    /// Nobody can tell: something in it is not known.
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    /// True or false.
    pub const fn of(truth: bool) -> Self {
        if truth { Self::True } else { Self::False }
    }

    /// Both: false where one of them is false, whatever the other is.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// One of them: true where one is true, whatever the other is.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// The opposite.
    #[must_use]
    pub const fn negated(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }

    /// Whether two conditions stand alike.
    #[must_use]
    pub fn same(self, other: Self) -> Self {
        if self == Self::Unknown || other == Self::Unknown { Self::Unknown } else { Self::of(self == other) }
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::False => "no",
            Self::Unknown => "not known",
            Self::True => "yes",
        }
    }
}
