//! What was and what will be, as far as rules ask for it: windows that are kept up as readings come, and what the history
//! has to say, asked for once and again when it is old.
//!
//! | room | what it holds |
//! |---|---|
//! | `span` | a series over a window |
//! | `asked` | what is asked of the history, and what it answers |
//!
//! It does not know how the history is read, nor what a rule makes of it.

pub mod asked;
pub(super) mod span;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use asked::{Answered, Asked, Left, What};
use span::Span;

use crate::clock::{BootTime, Now};
use crate::forecast::usual::Band;
use crate::health::Subject;
use crate::host::HostId;
use crate::metric::{Metric, MetricId, Sample};
use crate::registry::Registry;
use crate::rule::{Frame, Need, Place, Present};

/// How many questions are asked at once at most.
const AT_ONCE: usize = 64;

/// The most things of which anything is kept.
const MOST_THINGS: usize = 20_000;

/// For how long what the history said of tomorrow holds, and of what is usual.
const FORECAST_HOLDS: Duration = Duration::from_hours(2);
const USUAL_HOLDS: Duration = Duration::from_mins(30);

/// What rules need of a metric.
#[derive(Debug, Clone, Default)]
struct Wants {
    lengths: Vec<Duration>,
    is_usual: bool,
    is_foretold: bool,
}

/// Something that was answered, and until when that holds; nothing of it while it has not been.
#[derive(Debug, Clone)]
struct Kept<T> {
    value: Option<T>,
    until: BootTime,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { value: None, until: BootTime::default() }
    }
}

#[derive(Debug, Clone, Default)]
struct Series {
    spans: Vec<Span>,
    /// Those of the spans whose past was not answered yet.
    awaited: BTreeSet<Duration>,
    usual: Kept<Band>,
    /// When it comes to its end.
    left: Kept<Left>,
}

/// What is known of the past and of tomorrow.
#[derive(Debug, Default)]
pub(super) struct Past {
    wants: BTreeMap<MetricId, Wants>,
    things: BTreeMap<HostId, BTreeMap<Subject, BTreeMap<MetricId, Series>>>,
    count: usize,
    /// What is to be asked, the first first.
    open: std::collections::VecDeque<Asked>,
    /// When it was last looked for what is old.
    looked: BootTime,
}

impl Past {
    /// Nothing known yet of what these rules need.
    pub(super) fn new(needs: &[Need]) -> Self {
        let mut wants: BTreeMap<MetricId, Wants> = BTreeMap::new();
        for need in needs {
            match *need {
                Need::Window { metric, length } => wants.entry(metric).or_default().lengths.push(length),
                Need::Usual(metric) => wants.entry(metric).or_default().is_usual = true,
                Need::Forecast(metric) => wants.entry(metric).or_default().is_foretold = true,
                Need::Now(_) | Need::Limits(_) | Need::Label(_) | Need::Listing(_) => {}
            }
        }
        Self { wants, ..Self::default() }
    }

    /// Takes in what was measured.
    pub(super) fn push<'s>(&mut self, host: &HostId, samples: impl IntoIterator<Item = &'s Sample>) {
        for sample in samples {
            let Some(wants) = self.wants.get(&sample.metric) else { continue };
            let known = self.things.get_mut(host).and_then(|things| things.get_mut(&sample.subject));
            let series = match known {
                Some(series) => series,
                None if self.count >= MOST_THINGS => continue,
                None => {
                    self.count += 1;
                    let things = self.things.entry(host.clone()).or_default();
                    things.entry(sample.subject.clone()).or_default()
                }
            };
            let series = series.entry(sample.metric).or_insert_with(|| {
                let asked =
                    |what| Asked { host: host.clone(), subject: sample.subject.clone(), metric: sample.metric, what };
                let window = |&length: &Duration| {
                    let resolution = Need::Window { metric: sample.metric, length }.resolution();
                    asked(What::Window { length, resolution })
                };
                self.open.extend(wants.lengths.iter().map(window));
                self.open.extend(wants.is_usual.then(|| asked(What::Usual)));
                self.open.extend(wants.is_foretold.then(|| asked(What::Forecast)));
                Series {
                    spans: wants.lengths.iter().copied().map(Span::new).collect(),
                    awaited: wants.lengths.iter().copied().collect(),
                    ..Series::default()
                }
            });
            series.spans.iter_mut().for_each(|span| span.push(sample.at, sample.value));
        }
    }

    /// Forgets a thing.
    pub(super) fn forget(&mut self, host: &HostId, subject: &Subject) {
        if self.things.get_mut(host).is_some_and(|things| things.remove(subject).is_some()) {
            self.count -= 1;
        }
    }

    /// What is to be asked of the history next, some of it. What is answered is [told](Self::answered), what is not comes
    /// again.
    pub(super) fn ask(&mut self, now: BootTime) -> Vec<Asked> {
        if self.open.is_empty() && now.since(self.looked) >= Duration::from_mins(1) {
            self.looked = now;
            self.renew(now);
        }
        let some = self.open.len().min(AT_ONCE);
        self.open.drain(..some).collect()
    }

    /// Looks for what was answered too long ago.
    fn renew(&mut self, now: BootTime) {
        for (host, things) in &self.things {
            for (subject, series) in things {
                for (&metric, series) in series {
                    let Some(wants) = self.wants.get(&metric) else { continue };
                    let asked = |what| Asked { host: host.clone(), subject: subject.clone(), metric, what };
                    if wants.is_usual && now >= series.usual.until {
                        self.open.push_back(asked(What::Usual));
                    }
                    if wants.is_foretold && now >= series.left.until {
                        self.open.push_back(asked(What::Forecast));
                    }
                }
            }
        }
    }

    /// What was not answered is asked again, before all else.
    pub(super) fn unanswered(&mut self, asked: Vec<Asked>) {
        let own = asked.into_iter().rev().filter(|asked| asked.what != What::Samples);
        own.for_each(|asked| self.open.push_front(asked));
    }

    /// The history answered.
    pub(super) fn answered(&mut self, asked: &Asked, answered: Answered, now: Now) {
        let things = self.things.get_mut(&asked.host).and_then(|things| things.get_mut(&asked.subject));
        let Some(series) = things.and_then(|series| series.get_mut(&asked.metric)) else { return };
        match answered {
            Answered::Window(cells) => {
                if let What::Window { length, .. } = asked.what {
                    series.awaited.remove(&length);
                    let span = series.spans.iter_mut().find(|span| span.length() == length);
                    if let Some(span) = span {
                        span.put_before(cells);
                    }
                }
            }
            Answered::Usual(value) => series.usual = Kept { value, until: now.boot.after(USUAL_HOLDS) },
            Answered::Samples(_) => {}
            Answered::Forecast(left) => series.left = Kept { value: Some(left), until: now.boot.after(FORECAST_HOLDS) },
        }
    }

    /// Nothing is waited for any more: there is no history to ask.
    pub(super) fn give_up(&mut self) {
        self.open.clear();
        self.each_series(|series| series.awaited.clear());
    }

    fn each_series(&mut self, mut each: impl FnMut(&mut Series)) {
        self.things.values_mut().flat_map(BTreeMap::values_mut).flat_map(BTreeMap::values_mut).for_each(&mut each);
    }

    /// Whether a rule that needs this of a thing would be judged by half of what there is to know.
    pub(super) fn is_awaited(&self, host: &HostId, subject: &Subject, needs: &[Need]) -> bool {
        let Some(series) = self.things.get(host).and_then(|things| things.get(subject)) else { return false };
        needs.iter().any(|need| match need {
            Need::Window { metric, length } => series.get(metric).is_some_and(|series| series.awaited.contains(length)),
            _ => false,
        })
    }

    /// Puts all of it into a frame. `other` knows where things stand of which the fleet does not tell.
    pub(super) fn fill(
        &self,
        present: &mut Present,
        other: impl Fn(&HostId, &Subject) -> Option<Place>,
        registry: &Registry,
        now: Now,
    ) {
        for (host, things) in &self.things {
            for (subject, series) in things {
                let Some(place) = present.place(host, subject).or_else(|| other(host, subject)) else { continue };
                for (&metric, series) in series {
                    if let Some(metric) = registry.get(metric) {
                        series.fill(present.frame_mut(), metric, place, now);
                    }
                }
            }
        }
    }

    /// What is usual for a metric of a thing.
    pub(super) fn usual(&self, host: &HostId, subject: &Subject, metric: MetricId) -> Option<Band> {
        self.things.get(host)?.get(subject)?.get(&metric)?.usual.value
    }
}

impl Series {
    fn fill(&self, frame: &mut Frame, metric: Metric<'_>, place: Place, now: Now) {
        for span in &self.spans {
            frame.set_window(metric, span.length(), place, span.seen(now.wall));
        }
        if let Some(band) = self.usual.value {
            frame.set_usual(metric, place, band);
        }
        match self.left.value.unwrap_or_default() {
            Left::Unknown => {}
            Left::Never => frame.set_forecast(metric, place, None),
            Left::In(span) => frame.set_forecast(metric, place, Some(span)),
        }
    }
}
