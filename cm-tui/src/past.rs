//! What this program has gathered since it started: enough to show any moment of it again. Bounded in bytes; the oldest
//! is forgotten first. It keeps answers as they came and draws nothing.
//!
//! Of each API of each host one answer in ten seconds is kept, and every change between answering and failing. An answer
//! is kept as its JSON: whole now and then, in between as the fields that are different from the last whole one, about a
//! sixth of it. All together that is at most 2 MiB and 10 KiB for each host, never more than 4 MiB: most of an hour of
//! five hosts, and a few minutes of 200.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use cm_core::clock::{BootTime, Now};
use cm_core::fleet::Fleet;
use cm_core::host::HostId;
use cm_core::observation::{Failure, Observation, Way};
use cm_core::report::{Api, Report};

use crate::picture::Picture;
use crate::recent::{LONGEST, Recent};

/// Answers of one API that lie closer together are not both kept.
pub(crate) const APART: Duration = Duration::from_secs(10);

/// So many answers are told by their differences from one whole answer.
const LIKE_ONE: u32 = 15;

/// What an entry takes beside its text, about, with its place in the order and the room that queues keep ahead.
const ENTRY_BYTES: usize = 240;

/// The most answers that are read again for the sparklines of one moment.
const MOST_READ: usize = 1_200;

/// What may be kept for so many hosts, in bytes.
fn bound(hosts: usize) -> usize {
    ((2 << 20) + (10 << 10) * hosts).min(4 << 20)
}

/// What came.
#[derive(Debug, Clone)]
enum Kept {
    Whole(Arc<[u8]>),
    Like(Arc<[u8]>, Box<[u8]>),
    Failed(Box<Failure>),
}

#[derive(Debug, Clone)]
struct Entry {
    at: Now,
    took: Duration,
    way: Way,
    kept: Kept,
}

impl Entry {
    fn weight(&self) -> usize {
        ENTRY_BYTES
            + match &self.kept {
                Kept::Whole(body) => body.len(),
                Kept::Like(_, difference) => difference.len(),
                Kept::Failed(failure) => size_of::<Failure>() + failure.address.len(),
            }
    }

    const fn failed(&self) -> Option<&Failure> {
        match &self.kept {
            Kept::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// The report; none where it failed, or where what was written cannot be read again.
    fn report(&self, api: Api) -> Option<Report> {
        match &self.kept {
            Kept::Whole(body) => Report::read(api, body).ok(),
            Kept::Like(whole, difference) => Report::read(api, &restored(whole, difference)?).ok(),
            Kept::Failed(_) => None,
        }
    }
}

/// What one API of one host said.
#[derive(Debug, Clone, Default)]
struct Series {
    /// The last good answer that was forgotten: it stood when what is kept begins.
    stood: Option<Entry>,
    /// The first failure after it that was forgotten.
    failed: Option<Entry>,
    entries: VecDeque<Entry>,
    /// The last whole answer, and how many are told by it.
    whole: Option<(Arc<[u8]>, u32)>,
}

/// What has been gathered.
#[derive(Debug, Clone)]
pub(crate) struct Past {
    blank: Fleet,
    series: Vec<[Series; 3]>,
    /// Whose turn it was to be kept, the oldest first.
    order: VecDeque<(Now, usize, Api)>,
    bytes: usize,
    most_bytes: usize,
}

impl Past {
    /// Nothing is gathered yet of this fleet, of which nothing is known.
    pub(crate) fn new(blank: Fleet) -> Self {
        let hosts = blank.hosts().len();
        let series = (0..hosts).map(|_| Default::default()).collect();
        Self { blank, series, order: VecDeque::new(), bytes: 0, most_bytes: bound(hosts) }
    }

    /// Takes in what a host told, by its place in the fleet. Costs one writing of the answer where it is kept.
    pub(crate) fn keep(&mut self, place: usize, observation: &Observation) {
        let Some(series) = self.series.get_mut(place).map(|apis| &mut apis[observation.api as usize]) else { return };
        let Observation { at, took, way, ref outcome, api, .. } = *observation;
        if let Some(last) = series.entries.back() {
            let alike = match outcome {
                Ok(_) => last.failed().is_none(),
                Err(failure) => last.failed().is_some_and(|known| known.code() == failure.code()),
            };
            if alike && at.boot.since(last.at.boot) < APART {
                return;
            }
        }
        let kept = match outcome {
            Ok(report) => series.kept(report.write()),
            Err(failure) => Kept::Failed(Box::new(failure.clone())),
        };
        let entry = Entry { at, took, way, kept };
        self.bytes += entry.weight();
        series.entries.push_back(entry);
        self.order.push_back((at, place, api));
        while self.bytes > self.most_bytes && self.order.len() > 1 {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some((_, place, api)) = self.order.pop_front() else { return };
        let series = &mut self.series[place][api as usize];
        let Some(entry) = series.entries.pop_front() else { return };
        self.bytes = self.bytes.saturating_sub(entry.weight());
        if entry.failed().is_none() {
            (series.stood, series.failed) = (Some(entry), None);
        } else if series.failed.is_none() {
            series.failed = Some(entry);
        }
    }

    /// The fleet of which nothing is known.
    pub(crate) const fn blank(&self) -> &Fleet {
        &self.blank
    }

    /// The place of a host in the fleet.
    pub(crate) fn place(&self, host: &HostId) -> Option<usize> {
        self.blank.place(host)
    }

    /// The oldest moment that can be shown.
    pub(crate) fn start(&self) -> Option<Now> {
        self.order.front().map(|(at, ..)| *at)
    }

    /// All three clocks at a moment, from those of the last answer before it.
    pub(crate) fn moment(&self, boot: BootTime) -> Option<Now> {
        let after = self.order.partition_point(|(at, ..)| at.boot <= boot);
        let (at, ..) = self.order.get(after.saturating_sub(1))?;
        Some(at.after(boot.since(at.boot)))
    }

    /// Whether the readings of every host are known as far back as they are drawn; of many hosts they are not.
    pub(crate) fn reads_all(&self) -> bool {
        self.readings() == LONGEST
    }

    /// How many answers of each API are read again.
    fn readings(&self) -> usize {
        (MOST_READ / (3 * self.series.len()).max(1)).clamp(1, LONGEST)
    }

    /// The fleet and the last readings as they were at a moment, of the host at `whole` as many as are ever drawn. Costs the
    /// reading of one answer of each API and of up to 1,200 more.
    pub(crate) fn at(&self, moment: Now, whole: Option<usize>) -> (Picture, Recent) {
        let mut fleet = self.blank.clone();
        let mut recent = Recent::new(self.series.len());
        for (place, apis) in self.series.iter().enumerate() {
            let host = &self.blank.hosts()[place].member.host.id;
            let readings = if whole == Some(place) { LONGEST } else { self.readings() };
            for (api, series) in Api::ALL.into_iter().zip(apis) {
                let until = series.entries.partition_point(|entry| entry.at.boot <= moment.boot);
                let known = || series.stood.iter().chain(&series.failed).chain(series.entries.range(..until));
                let mut reports: Vec<(&Entry, Report)> =
                    known().rev().filter_map(|entry| Some((entry, entry.report(api)?))).take(readings).collect();
                let newest = reports.first().cloned();
                let failures = known().rev().take_while(|entry| entry.failed().is_some()).count();
                reports.reverse();
                for (_, report) in &reports {
                    recent.feed(place, report);
                }
                let observation = |entry: &Entry, outcome| Observation {
                    host: host.clone(),
                    api,
                    way: entry.way,
                    at: entry.at,
                    took: entry.took,
                    outcome,
                };
                if let Some((entry, report)) = newest {
                    fleet.apply(observation(entry, Ok(report)));
                }
                for entry in known().skip(known().count() - failures) {
                    if let Some(failure) = entry.failed() {
                        fleet.apply(observation(entry, Err(failure.clone())));
                    }
                }
            }
        }
        (Picture::new(fleet, moment), recent)
    }
}

impl Series {
    fn kept(&mut self, body: Vec<u8>) -> Kept {
        if let Some((whole, likes)) = &mut self.whole
            && *likes < LIKE_ONE
            && let Some(difference) = difference(whole, &body)
            && difference.len() < body.len() / 2
        {
            *likes += 1;
            return Kept::Like(Arc::clone(whole), difference.into());
        }
        let whole: Arc<[u8]> = body.into();
        self.whole = Some((Arc::clone(&whole), 0));
        Kept::Whole(whole)
    }
}

/// What ends a field: JSON's own commas and colons, wherever they stand.
const fn ends_field(byte: u8) -> bool {
    matches!(byte, b',' | b':')
}

/// The fields of `body` that are not in `whole`, each after the number of those before it that are. None where they have
/// not equally many.
fn difference(whole: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    let fields = |text: &[u8]| text.iter().filter(|&&byte| ends_field(byte)).count();
    let is_whole = |text: &[u8]| text.last().is_some_and(|last| !ends_field(*last));
    if fields(whole) != fields(body) || !is_whole(whole) || !is_whole(body) {
        return None;
    }
    let mut told = Vec::new();
    let mut same: u32 = 0;
    for (old, new) in
        whole.split_inclusive(|&byte| ends_field(byte)).zip(body.split_inclusive(|&byte| ends_field(byte)))
    {
        if old == new {
            same += 1;
        } else {
            told.extend_from_slice(&same.to_le_bytes()[..3]);
            told.extend_from_slice(new);
            same = 0;
        }
    }
    Some(told)
}

fn restored(whole: &[u8], difference: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::with_capacity(whole.len());
    let mut fields = whole.split_inclusive(|&byte| ends_field(byte));
    let mut ahead = difference;
    while let Some((number, rest)) = ahead.split_first_chunk::<3>() {
        for _ in 0..u32::from_le_bytes([number[0], number[1], number[2], 0]) {
            body.extend_from_slice(fields.next()?);
        }
        fields.next()?;
        // The last field of a text has no end of its own.
        let end = rest.iter().position(|&byte| ends_field(byte)).map_or(rest.len(), |end| end + 1);
        body.extend_from_slice(&rest[..end]);
        ahead = &rest[end..];
    }
    fields.for_each(|field| body.extend_from_slice(field));
    Some(body)
}

#[cfg(test)]
mod tests;
