//! A sample as a line of CSV or as JSON, and what stands before and after all of them.

use std::io::{self, Write};

use cm_core::clock::WallTime;
use cm_core::host::HostId;
use cm_core::outlook::Thing;
use cm_core::series::retention::Resolution;
use cm_core::series::rollup::Bucket;
use cm_core::store::{Known, Span};
use cm_core::text::csv::cell;
use cm_core::text::json as exit;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::form_of;
use crate::format::json::{schema_name, write_number};
use crate::format::rfc3339;
use crate::request::Format;

/// What `export` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "export")]
pub struct ExportDocument<'a> {
    /// `cm-dashboard/export/1`.
    schema: String,
    /// From when on, UTC, included.
    #[schemars(extend("format" = "date-time"))]
    since: String,
    /// Until when, UTC, not included.
    #[schemars(extend("format" = "date-time"))]
    until: String,
    /// raw for samples as measured; minute, hour or day for roll-ups.
    step: &'static str,
    /// In slices of time, in each of them series after series.
    samples: Vec<SampleDocument<'a>>,
    /// Whether all of it is here; false where it was broken off.
    complete: bool,
    /// Everything before this moment is here, UTC; null where all is.
    #[schemars(extend("format" = "date-time"))]
    go_on_since: Option<String>,
}

/// One sample, or one roll-up.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "sample")]
struct SampleDocument<'a> {
    /// When it was measured by the host's clock, or when the roll-up begins, UTC.
    #[schemars(extend("format" = "date-time"))]
    at: String,
    /// The host's name; null for a drive of which no host is known any more.
    host: Option<&'a str>,
    /// What sort of thing it was measured on.
    subject_kind: &'static str,
    /// Which one; null for the host and its backup.
    subject: Option<&'a str>,
    /// Which one for good: a drive's serial number.
    identity: Option<&'a str>,
    /// The metric's permanent name.
    metric: &'a str,
    /// What it counts in.
    unit: &'a str,
    /// Of a sample: the value; null where it is no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Number>,
    /// Of a roll-up: the least value.
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<Number>,
    /// Of a roll-up: the mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    mean: Option<Number>,
    /// Of a roll-up: the greatest value.
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<Number>,
    /// Of a roll-up: the last value.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Number>,
    /// Of a roll-up: how many values.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

/// A number exactly as it was stored, whole ones as integers.
#[derive(Debug, Clone, Copy, JsonSchema)]
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_number(self.0, serializer)
    }
}

/// What was measured where.
#[derive(Debug)]
pub(super) struct Place<'p> {
    pub(super) thing: &'p Thing,
    pub(super) known: &'p Known,
}

/// How samples are written.
#[derive(Debug)]
pub(super) struct Form {
    format: Format,
    step: Resolution,
    span: Span,
    /// Whether what it is written behind has a head already.
    is_begun: bool,
    has_rows: bool,
}

/// The columns that every row has.
const PLACE: [&str; 7] = ["at", "host", "subject_kind", "subject", "identity", "metric", "unit"];
const ROLLED_UP: [&str; 5] = ["min", "mean", "max", "last", "count"];

impl Form {
    pub(super) fn new(format: Format, step: Resolution, span: Span, is_begun: bool) -> Self {
        Self { format: form_of(format), step, span, is_begun, has_rows: false }
    }

    /// What stands before all rows.
    pub(super) fn begin(&self, to: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Json => {
                let [schema, since, until, step] = [
                    exit::string(schema_name("export").as_str()),
                    exit::string(rfc3339(self.span.since).as_str()),
                    exit::string(rfc3339(self.span.until).as_str()),
                    exit::string(self.step.word()),
                ];
                write!(to, "{{\"schema\":{schema},\"since\":{since},\"until\":{until},\"step\":{step},\"samples\":[")
            }
            Format::Csv if !self.is_begun => {
                let values: &[&str] = if self.step == Resolution::Raw { &["value"] } else { &ROLLED_UP };
                let names: Vec<&str> = PLACE.iter().chain(values).copied().collect();
                writeln!(to, "{}", names.join(","))
            }
            _ => Ok(()),
        }
    }

    /// The rows of one series.
    pub(super) fn rows(&mut self, place: &Place<'_>, buckets: &[Bucket], to: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Csv => self.csv(place, buckets, to),
            _ => buckets.iter().try_for_each(|bucket| {
                if self.format == Format::Json {
                    to.write_all(if self.has_rows { b",\n" } else { b"\n" })?;
                }
                self.has_rows = true;
                exit::write_compact(&mut *to, &self.sample(place, bucket)).map_err(io::Error::from)?;
                if self.format == Format::Ndjson { to.write_all(b"\n") } else { Ok(()) }
            }),
        }
    }

    /// What stands after all rows; `broken_off` is from where to go on.
    pub(super) fn end(&self, to: &mut dyn Write, broken_off: Option<WallTime>) -> io::Result<()> {
        if self.format != Format::Json {
            return Ok(());
        }
        let go_on = broken_off.map_or_else(|| "null".to_owned(), |at| exit::string(rfc3339(at).as_str()));
        writeln!(to, "\n],\"complete\":{},\"go_on_since\":{go_on}}}", broken_off.is_none())
    }

    fn csv(&self, place: &Place<'_>, buckets: &[Bucket], to: &mut dyn Write) -> io::Result<()> {
        let Place { thing, known } = place;
        let identity = thing.identity.as_ref().map(|identity| cell(identity).into_owned()).unwrap_or_default();
        let name = cell(&thing.name).into_owned();
        let host = thing.host.as_ref().map_or("", HostId::as_str);
        let mut csv = csv::WriterBuilder::new().from_writer(to);
        let mut record = csv::StringRecord::new();
        for bucket in buckets {
            record.clear();
            record.push_field(&rfc3339(bucket.start));
            for field in [host, thing.kind.word(), &name, &identity, &known.metric, &known.unit] {
                record.push_field(field);
            }
            if self.step == Resolution::Raw {
                record.push_field(&number(bucket.last));
            } else {
                for value in [bucket.min, bucket.mean(), bucket.max, bucket.last] {
                    record.push_field(&number(value));
                }
                record.push_field(&bucket.count.to_string());
            }
            csv.write_record(&record).map_err(io::Error::from)?;
        }
        csv.flush()
    }

    fn sample<'p>(&self, place: &'p Place<'_>, bucket: &Bucket) -> SampleDocument<'p> {
        let Place { thing, known } = place;
        let is_raw = self.step == Resolution::Raw;
        let rolled_up = |value: f64| (!is_raw).then_some(Number(value));
        SampleDocument {
            at: rfc3339(bucket.start),
            host: thing.host.as_ref().map(HostId::as_str),
            subject_kind: thing.kind.word(),
            subject: Some(thing.name.raw()).filter(|name| !name.is_empty()),
            identity: thing.identity.as_ref().map(cm_core::text::HostText::raw),
            metric: &known.metric,
            unit: &known.unit,
            value: is_raw.then_some(Number(bucket.last)),
            min: rolled_up(bucket.min),
            mean: rolled_up(bucket.mean()),
            max: rolled_up(bucket.max),
            last: rolled_up(bucket.last),
            count: (!is_raw).then_some(bucket.count),
        }
    }
}

/// A number exactly; nothing where it is none.
fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}
