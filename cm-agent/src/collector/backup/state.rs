//! What a repository holds: archives, folded into what is told of them.
//!
//! Every tool's reader ends here. However many archives a repository holds, what is kept is bounded: the newest of each
//! source and the last few of all.

use std::collections::BTreeMap;

use cm_model::clock::WallTime;
use cm_model::report::backup::{Run, RunResult, Source};
use cm_model::unit::{Count, Gibibytes, Seconds};

/// One archive (snapshot) as a tool lists it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Archive {
    /// What it belongs to.
    pub(super) source: String,
    /// When its making began.
    pub(super) start: WallTime,
    /// When that ended, where the tool tells.
    pub(super) end: Option<WallTime>,
    /// What it covers, in bytes.
    pub(super) size: Option<u64>,
    /// What it added to the repository, in bytes.
    pub(super) added: Option<u64>,
}

/// What a repository holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct State {
    /// All archives.
    pub(super) count: u64,
    /// The newest of each source, in the order of their names.
    pub(super) newest: Vec<(Archive, u64)>,
    /// The last ones of all, newest first.
    pub(super) recent: Vec<Archive>,
    /// What the repository takes, in bytes.
    pub(super) stored: Option<u64>,
}

/// The most sources that are told apart; of more, those with the newest archives.
const MOST_SOURCES: usize = 64;
/// Archives that are kept as history.
const HISTORY: usize = 20;
/// Fewer than this many before the newest do not say what is usual.
const USUAL: usize = 3;

impl State {
    /// Folds archives, in any order.
    pub(super) fn of(archives: impl IntoIterator<Item = Archive>) -> Self {
        let mut state = Self::default();
        let mut sources: BTreeMap<String, (Archive, u64)> = BTreeMap::new();
        for archive in archives {
            state.count += 1;
            let at = state.recent.partition_point(|other| other.start >= archive.start);
            if at < HISTORY {
                state.recent.insert(at, archive.clone());
                state.recent.truncate(HISTORY);
            }
            match sources.get_mut(&archive.source) {
                Some((newest, count)) => {
                    *count += 1;
                    if archive.start > newest.start {
                        *newest = archive;
                    }
                }
                None => {
                    sources.insert(archive.source.clone(), (archive, 1));
                }
            }
        }
        state.newest = sources.into_values().collect();
        if state.newest.len() > MOST_SOURCES {
            state.newest.sort_by_key(|(archive, _)| std::cmp::Reverse(archive.start));
            state.newest.truncate(MOST_SOURCES);
            state.newest.sort_by(|(a, _), (b, _)| a.source.cmp(&b.source));
        }
        state
    }

    /// Takes sizes and ends of archives from a second answer, by when they began and what they belong to.
    pub(super) fn complete(&mut self, known: &[Archive]) {
        let all = self.recent.iter_mut().chain(self.newest.iter_mut().map(|(archive, _)| archive));
        for archive in all {
            let same = |other: &&Archive| other.start == archive.start && other.source == archive.source;
            if let Some(other) = known.iter().find(same) {
                (archive.end, archive.size, archive.added) = (other.end, other.size, other.added);
            }
        }
    }

    /// The newest archive of all.
    pub(super) fn last(&self) -> Option<&Archive> {
        self.recent.first()
    }

    /// The median of what the archives before the newest cover, as far as they are of the same source; nothing of too few.
    pub(super) fn usual_size(&self) -> Option<u64> {
        let last = self.last()?;
        let before = self.recent.iter().skip(1).filter(|archive| archive.source == last.source);
        let mut sizes: Vec<u64> = before.filter_map(|archive| archive.size).collect();
        sizes.sort_unstable();
        (sizes.len() >= USUAL).then(|| sizes[sizes.len() / 2])
    }

    /// The sources as they are told.
    pub(super) fn sources(&self) -> Vec<Source> {
        let told = |(archive, count): &(Archive, u64)| Source {
            name: archive.source.as_str().into(),
            last_success: Some(archive.ended()),
            archive_count: Some(Count(*count)),
            size_gb: archive.size.map(gibibytes),
        };
        self.newest.iter().map(told).collect()
    }

    /// The last archives as runs, which all ended well: of one that did not there is no archive.
    pub(super) fn history(&self) -> Vec<Run> {
        let run = |archive: &Archive| Run {
            start: Some(archive.start),
            duration_s: archive.duration(),
            result: RunResult::Success,
            size_gb: archive.size.map(gibibytes),
            stored_gb: archive.added.map(gibibytes),
            message: None,
        };
        self.recent.iter().map(run).collect()
    }
}

impl Archive {
    /// When it was there: its end, or its beginning where no tool tells the end.
    pub(super) fn ended(&self) -> WallTime {
        self.end.unwrap_or(self.start)
    }

    /// How long it took.
    pub(super) fn duration(&self) -> Option<Seconds> {
        self.end.map(|end| Seconds::saturating(end.since(self.start).as_secs_f64()))
    }
}

/// Bytes as reports tell them, to the KiB: a small backup has a size as well.
pub(super) fn gibibytes(bytes: u64) -> Gibibytes {
    Gibibytes::saturating(bytes as f64 / 1_073_741_824.0).rounded(6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(source: &str, start: i64, size: u64) -> Archive {
        Archive { source: source.to_owned(), start: WallTime::from_secs(start), size: Some(size), ..Archive::default() }
    }

    #[test]
    fn the_newest_of_each_source_and_the_last_of_all_are_kept() {
        let state = State::of([archive("b", 5, 1), archive("a", 9, 1), archive("a", 3, 1), archive("b", 7, 1)]);
        let newest: Vec<_> = state.newest.iter().map(|(a, count)| (&*a.source, a.start.secs(), *count)).collect();
        assert_eq!((state.count, newest), (4, vec![("a", 9, 2), ("b", 7, 2)]));
        let recent: Vec<_> = state.recent.iter().map(|a| a.start.secs()).collect();
        assert_eq!(recent, [9, 7, 5, 3]);
    }

    #[test]
    fn what_is_usual_is_the_median_of_the_same_source() {
        for (sizes, expected) in [
            (&[1_u64, 10, 30, 20][..], Some(20)),
            (&[1, 10, 20], None),
            (&[1], None),
            (&[], None),
            (&[50, 40, 40, 40, 1_000], Some(40)),
        ] {
            let count = i64::try_from(sizes.len()).unwrap();
            let archives = sizes.iter().zip(0..).map(|(size, at)| archive("a", count - at, *size));
            let others = (0..3).map(|at| archive("other", -at, 7));
            assert_eq!(State::of(archives.chain(others)).usual_size(), expected, "{sizes:?}");
        }
    }

    #[test]
    fn however_many_there_are_what_is_kept_is_bounded() {
        let state = State::of((0..5_000).map(|at| archive(&format!("source-{at:04}"), at, 1)));
        assert_eq!((state.count, state.newest.len(), state.recent.len()), (5_000, MOST_SOURCES, HISTORY));
        assert_eq!(state.newest.first().map(|(archive, _)| archive.start.secs()), Some(4_936), "the newest are kept");
    }
}
