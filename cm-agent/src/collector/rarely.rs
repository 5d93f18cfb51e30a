//! What changes so seldom that it is not worth reading at every look.

/// A value that is read again after so many looks.
#[derive(Debug)]
pub(super) struct Rarely<T> {
    kept: Option<T>,
    looks: u32,
}

impl<T> Default for Rarely<T> {
    fn default() -> Self {
        Self { kept: None, looks: 0 }
    }
}

impl<T> Rarely<T> {
    /// Looks for which a value stands: at one every few seconds, a change shows within minutes.
    const EVERY: u32 = 30;

    /// The value; read now if it was never read, or long ago.
    pub(super) fn get(&mut self, read: impl FnOnce() -> T) -> &T {
        if self.looks >= Self::EVERY {
            self.kept = None;
        }
        self.looks = if self.kept.is_some() { self.looks + 1 } else { 1 };
        self.kept.get_or_insert_with(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_for_thirty_looks() {
        let mut kept = Rarely::default();
        let mut reads = 0;
        for look in 0..61 {
            let value = *kept.get(|| {
                reads += 1;
                look
            });
            assert_eq!(value, look / 30 * 30);
        }
        assert_eq!(reads, 3);
    }
}
