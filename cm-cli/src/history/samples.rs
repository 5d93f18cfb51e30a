//! `export`: everything that was measured as a stream, in slices, so that its size does not matter. Broken off, it says
//! from where to go on.
//!
//! | room | what it holds |
//! |---|---|
//! | `form` | a sample as a line of CSV or JSON |
//! | `target` | stdout, or a file that is moved into its place whole |
//! | `progress` | how far it is, on a terminal |
//!
//! A slice is written for every series before the next one begins, so all before the end of a slice is there.

mod form;
mod progress;
mod target;

pub use form::ExportDocument;

use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::fault::Code;
use cm_core::outlook::Contents;
use cm_core::series::Point;
use cm_core::series::retention::Resolution;
use cm_core::series::rollup::{Bucket, Step};
use cm_core::store::{Known, Reader, Span};
use cm_core::unit::human;
use tokio::signal::unix::{Signal, SignalKind, signal};

use self::form::{Form, Place};
use self::progress::Progress;
use self::target::Target;
use super::{find, note, span};
use crate::complaint::Complaint;
use crate::exit::Exit;
use crate::format::{is_gone, rfc3339};
use crate::request::{Format, Output, Samples};
use crate::run::{Stop, runtime};
use crate::surroundings::Surroundings;

/// Writes what was asked for.
///
/// # Errors
/// A host or metric that nobody recorded; a history that cannot be read; output that cannot be written.
pub fn run(
    asked: &Samples,
    reader: &Reader,
    output: Output,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Stop> {
    let contents = Contents::read(reader)?;
    let series = chosen(&contents, asked)?;
    let span = extent(reader, &series, span(asked.between, Duration::MAX, surroundings)?)?;
    let mut signals = Signals::new();
    let ended = {
        let mut target = Target::open(asked, &mut *surroundings.out)?;
        let form = Form::new(output.format, asked.step, span, target.is_begun());
        let err_is = if output.quiet { crate::surroundings::Behind::File } else { surroundings.err_is };
        let shows = err_is != crate::surroundings::Behind::File
            && (asked.output.is_some() || surroundings.out_is == crate::surroundings::Behind::File);
        let clock = surroundings.clock;
        let mut progress = Progress::new(&mut *surroundings.err, shows, span);
        let mut stream =
            Stream { reader, contents: &contents, series: &series, step: asked.step, span, form, count: 0 };
        let ended = stream.write(&mut target, |at| {
            progress.show(at, clock.now().mono);
            signals.told()
        });
        progress.clear();
        ended
    };
    told(ended, asked, output, surroundings)
}

/// How it went.
struct Ended {
    /// All before this moment is written.
    until: WallTime,
    /// How many samples or roll-ups.
    count: u64,
    /// Where it is, if not on stdout.
    place: Option<std::path::PathBuf>,
    how: How,
}

enum How {
    Done,
    BrokenOff,
    Failed(Stop),
}

/// Says on stderr how it went, and from where to go on.
fn told(ended: Ended, asked: &Samples, output: Output, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let count = human::grouped(ended.count as f64);
    let go_on = || {
        let since = rfc3339(ended.until);
        match &ended.place {
            Some(place) => format!("go on with --since {since} --append --output {}", place.display()),
            None => format!("go on with --since {since}"),
        }
    };
    match ended.how {
        How::Done => {
            if let Some(file) = &asked.output {
                note(&format!("wrote {count} rows to {}", file.display()), output, surroundings)?;
            }
            Ok(Exit::Well)
        }
        How::BrokenOff => {
            note(&format!("broken off after {count} rows; {}", go_on()), output, surroundings)?;
            Ok(Exit::Interrupted)
        }
        How::Failed(Stop::Output(error)) if is_gone(&error) => Err(Stop::Output(error)),
        How::Failed(Stop::Output(error)) => {
            Err(Complaint::unwritten(&error).next(format!("Make room, then {}.", go_on())).into())
        }
        How::Failed(Stop::Complaint(complaint)) => Err(complaint.next(capital(&format!("{}.", go_on()))).into()),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The series that are wanted, in the order in which they lie in the file.
fn chosen<'c>(contents: &'c Contents, asked: &Samples) -> Result<Vec<&'c Known>, Complaint> {
    let hosts = asked.hosts.iter().map(|host| find::whose(contents, Some(host))).collect::<Result<Vec<_>, _>>()?;
    for metric in &asked.metrics {
        find::series(contents, &find::Whose::All, metric, None)?;
    }
    let theirs =
        contents.things().filter(|(thing, _)| hosts.is_empty() || hosts.iter().any(|whose| whose.holds(thing)));
    let wanted = |known: &&Known| asked.metrics.is_empty() || asked.metrics.contains(&known.metric);
    let mut series: Vec<&Known> = theirs.flat_map(|(_, series)| series).filter(wanted).collect();
    // Series that lie together are read together.
    series.sort_by_key(|known| (known.group(), known.id));
    Ok(series)
}

/// The part of a span in which there is anything.
fn extent(reader: &Reader, series: &[&Known], span: Span) -> Result<Span, Stop> {
    let extents = reader.extents()?;
    let ours = || series.iter().filter_map(|known| extents.get(&known.id));
    let first = ours().map(|extent| extent.since).min().unwrap_or(span.until);
    let last = ours().map(|extent| extent.until.after(Duration::from_millis(1))).max().unwrap_or(span.since);
    let until = span.until.min(last);
    Ok(Span::new(span.since.max(first).min(until), until))
}

/// What is written, and where it stands.
struct Stream<'s> {
    reader: &'s Reader,
    contents: &'s Contents,
    series: &'s [&'s Known],
    step: Resolution,
    span: Span,
    form: Form,
    count: u64,
}

impl Stream<'_> {
    /// Writes slice after slice, until all is written or `stops` says so, which is asked before each one.
    fn write(&mut self, target: &mut Target<'_>, mut stops: impl FnMut(WallTime) -> bool) -> Ended {
        let mut at = self.span.since;
        let written = self.slices(target, &mut at, &mut stops);
        let how = match written {
            Ok(true) => match target.close() {
                Ok(()) => How::Done,
                Err(error) => How::Failed(Stop::Complaint(error)),
            },
            Ok(false) => How::BrokenOff,
            Err(stop) => {
                target.cut_back();
                How::Failed(stop)
            }
        };
        Ended { until: at, count: self.count, place: target.place(), how }
    }

    fn slices(
        &mut self,
        target: &mut Target<'_>,
        at: &mut WallTime,
        stops: &mut impl FnMut(WallTime) -> bool,
    ) -> Result<bool, Stop> {
        self.form.begin(target)?;
        let mut whole = true;
        while *at < self.span.until {
            if stops(*at) {
                whole = false;
                break;
            }
            let to = slice_end(*at, self.step).min(self.span.until);
            self.slice(Span::new(*at, to), target)?;
            target.keep()?;
            *at = to;
        }
        self.form.end(target, (!whole).then_some(*at))?;
        target.keep()?;
        Ok(whole)
    }

    fn slice(&mut self, span: Span, target: &mut Target<'_>) -> Result<(), Stop> {
        let (reader, series) = (self.reader, self.series);
        let Resolution::Step(step) = self.step else {
            return reader.sweep(series, span, |known, points| {
                let buckets: Vec<Bucket> = points.iter().map(alone).collect();
                self.series_of(known, &buckets, target)
            });
        };
        series.iter().try_for_each(|known| self.series_of(known, &reader.buckets(known, step, span)?, target))
    }

    fn series_of(&mut self, known: &Known, buckets: &[Bucket], target: &mut Target<'_>) -> Result<(), Stop> {
        // A drive may have moved within the slice.
        let mut rest = buckets;
        while let Some(first) = rest.first() {
            let thing = self.contents.thing_at(known, first.start);
            let same = rest.iter().take_while(|bucket| self.contents.thing_at(known, bucket.start) == thing).count();
            let (these, others) = rest.split_at(same.max(1));
            self.form.rows(&Place { thing: &thing, known }, these, target)?;
            self.count += these.len() as u64;
            rest = others;
        }
        Ok(())
    }
}

/// One sample as a roll-up of its own. What is no number is told as such, so it counts all the same.
const fn alone(point: &Point) -> Bucket {
    let Point { at, value } = *point;
    Bucket { start: at, min: value, max: value, sum: value, count: 1, last: value, last_at: at }
}

/// Where the slice ends that a moment lies in: so long that chunks are opened once, so short that little is held at once.
fn slice_end(at: WallTime, step: Resolution) -> WallTime {
    let hours = match step {
        Resolution::Raw => 6,
        Resolution::Step(Step::Minute) => 24,
        Resolution::Step(Step::Hour) => 32 * 24,
        Resolution::Step(Step::Day) => 1_024 * 24,
    };
    let width: i64 = hours * 3_600_000;
    WallTime::from_millis(at.millis() - at.millis().rem_euclid(width) + width)
}

/// Whether somebody wants it to end.
struct Signals {
    heard: Option<(tokio::runtime::Runtime, [Signal; 2])>,
}

impl Signals {
    /// Where signals cannot be listened to they end the program as ever.
    fn new() -> Self {
        let listen = || -> Option<_> {
            let runtime = runtime().ok()?;
            let signals = runtime.block_on(async {
                Some([signal(SignalKind::interrupt()).ok()?, signal(SignalKind::terminate()).ok()?])
            })?;
            Some((runtime, signals))
        };
        Self { heard: listen() }
    }

    fn told(&mut self) -> bool {
        let Some((runtime, [interrupt, terminate])) = &mut self.heard else { return false };
        runtime.block_on(async {
            // The runtime looks at what has come when nothing else is to be done.
            tokio::task::yield_now().await;
            tokio::select! {
                biased;
                _ = interrupt.recv() => true,
                _ = terminate.recv() => true,
                () = std::future::ready(()) => false,
            }
        })
    }
}

/// The form of an export where nobody names one.
const fn form_of(format: Format) -> Format {
    match format {
        Format::Json | Format::Ndjson => format,
        _ => Format::Csv,
    }
}

/// A file that cannot be written.
fn unwritten(file: &std::path::Path, error: &std::io::Error) -> Complaint {
    Complaint::new(Code::FILE_UNWRITABLE, format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests;
