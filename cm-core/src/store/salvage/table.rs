//! The tables that are saved: what tells a row of one from a row of another, and what of a row is whole.

use rusqlite::types::Value;

use super::super::checked;
use super::super::chunk::{Rows, Timed, resolution, sound};
use super::super::frame::pack::unpack;
use super::batch;
use crate::series::Point;
use crate::series::retention::Resolution;
use crate::series::rollup::Bucket;

/// A table whose rows have numbers.
pub(in super::super) struct Table {
    pub name: &'static str,
    /// Its columns, the number first.
    pub columns: &'static str,
    /// What each holds: `n` the row's number, which no record repeats, `i` whole numbers, `j` those or nothing, `t` text, `b` bytes, `r` numbers or
    /// nothing, `o` text or nothing.
    pub kinds: &'static str,
}

/// All of them. No two have the same kinds.
pub(in super::super) const TABLES: &[Table] = &[
    Table { name: "series", columns: "id, grp, entity, subject, metric, number, unit, lifelong", kinds: "nitttiti" },
    Table { name: "seat", columns: "id, entity, host, name, since", kinds: "nttti" },
    Table { name: "said", columns: "id, entity, subject, what, at, text", kinds: "ntttit" },
    Table { name: "link", columns: "id, host, at, state", kinds: "ntit" },
    Table {
        name: "backup_run",
        columns: "id, host, job, start, duration_s, result, size_gb, stored_gb, message",
        kinds: "nttirtrro",
    },
    Table { name: "batch", columns: "id, first, last, body", kinds: "niib" },
    Table { name: "stream", columns: "id, host, api", kinds: "ntt" },
    Table { name: "frame", columns: "id, stream, at, whole, body", kinds: "niijb" },
    Table { name: "followed", columns: "id, at, key, body", kinds: "nitb" },
    Table {
        name: "incident",
        columns: "id, name, rule, host, subject, severity, since, fired, ended, body, evidence",
        kinds: "nttottijjbb",
    },
    Table { name: "transition", columns: "id, incident, at, change, body", kinds: "ntitb" },
    Table { name: "act", columns: "id, deed, at, ended, body", kinds: "ntijb" },
    Table { name: "request", columns: "id, at, body, answer", kinds: "nibb" },
    Table { name: "chunk", columns: "id, step, grp, start, first, settled, body", kinds: "niiiiib" },
    Table { name: "outbox", columns: "id, message, channel, queued, outcome, body", kinds: "nttiob" },
    Table { name: "ledger", columns: "id, channel, incident, body", kinds: "nttb" },
    Table { name: "audit", columns: "id, at, who, program, what, why, through, base, tag, link", kinds: "nittttjobb" },
];

/// What is left of a row once damage is taken out.
pub(super) enum Mended {
    Whole,
    /// This of it had to go.
    Part {
        what: String,
    },
    Nothing,
}

impl Table {
    /// The table of which a record may be.
    pub(super) fn of(values: &[Value]) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.fits(values))
    }

    fn fits(&self, values: &[Value]) -> bool {
        let fits = |(kind, value): (u8, &Value)| {
            matches!(
                (kind, value),
                (b'n' | b'j' | b'r' | b'o', Value::Null)
                    | (b'i' | b'j' | b'r', Value::Integer(_))
                    | (b'r', Value::Real(_))
                    | (b't' | b'o', Value::Text(_))
                    | (b'b', Value::Blob(_))
            )
        };
        self.kinds.len() == values.len() && self.kinds.bytes().zip(values).all(fits)
    }

    /// Takes out of a row what is not as it was written, as far as that can be told.
    pub(super) fn mend(&self, values: &mut [Value]) -> Mended {
        match (self.name, values) {
            ("batch", [.., Value::Blob(body)]) if batch::each(body, |_| ()).is_some() => Mended::Whole,
            ("chunk", [_, Value::Integer(step), .., Value::Blob(body)]) => match resolution(*step) {
                Some(Resolution::Raw) => mended::<Point>(body),
                Some(Resolution::Step(_)) => mended::<Bucket>(body),
                None => Mended::Nothing,
            },
            ("incident", [.., Value::Blob(body), Value::Blob(evidence)]) if checked::take(body).is_some() => {
                if evidence.is_empty() || unpack(evidence, &[]).is_some() {
                    return Mended::Whole;
                }
                evidence.clear();
                Mended::Part { what: "its evidence".to_owned() }
            }
            ("request", [.., Value::Blob(body), Value::Blob(answer)])
                if checked::take(body).is_some() && (answer.is_empty() || checked::take(answer).is_some()) =>
            {
                Mended::Whole
            }
            ("followed" | "transition" | "act" | "outbox" | "ledger", [.., Value::Blob(body)])
                if checked::take(body).is_some() =>
            {
                Mended::Whole
            }
            (
                "batch" | "chunk" | "incident" | "followed" | "transition" | "act" | "request" | "outbox" | "ledger",
                _,
            ) => Mended::Nothing,
            _ => Mended::Whole,
        }
    }
}

fn mended<R: Timed>(body: &mut Vec<u8>) -> Mended {
    let (rows, damaged): (Rows<R>, u64) = sound(body);
    if damaged == 0 {
        return Mended::Whole;
    }
    let filled: Vec<(u64, &[R])> =
        rows.iter().map(|(series, rows)| (series.cast_unsigned(), rows.as_slice())).collect();
    match crate::series::chunk::seal(&filled) {
        Ok(bytes) if !filled.is_empty() => {
            *body = bytes;
            Mended::Part { what: format!("{damaged} series") }
        }
        _ => Mended::Nothing,
    }
}
