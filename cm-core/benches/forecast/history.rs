//! Real histories from a CSV file (gzip or plain): one row a reading, columns found by their names in the first row.
//!
//! Needed: `drive`, `fleet`, `poh` (hours), `used` (percent). Read where present: `host_bytes`, `spare`, `spare_thr`, `wsrc`, `kind`. No field
//! may hold a comma. It knows the columns, not what is asked of them.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use cm_core::clock::WallTime;
use cm_core::forecast::wear::{Reading, Scale};
use cm_core::unit::{Bytes, Hours, Percent};

/// One drive and its readings, by hours.
pub(crate) struct History {
    pub(crate) fleet: String,
    pub(crate) nvme: bool,
    pub(crate) readings: Vec<Reading>,
}

/// All histories of a file, in its order.
pub(crate) fn read(path: &Path) -> Result<Vec<History>, String> {
    let file = std::fs::File::open(path).map_err(|wrong| wrong.to_string())?;
    let mut file = BufReader::new(file);
    let squeezed = file.fill_buf().map_err(|wrong| wrong.to_string())?.starts_with(&[0x1f, 0x8b]);
    let reader: Box<dyn Read> = if squeezed { Box::new(flate2::read::GzDecoder::new(file)) } else { Box::new(file) };
    let mut lines = BufReader::new(reader).lines();
    let head = lines.next().ok_or("it is empty")?.map_err(|wrong| wrong.to_string())?;
    let columns: HashMap<&str, usize> = head.split(',').enumerate().map(|(at, name)| (name.trim(), at)).collect();
    for needed in ["drive", "fleet", "poh", "used"] {
        if !columns.contains_key(needed) {
            return Err(format!("it has no column `{needed}`"));
        }
    }
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut histories: Vec<History> = Vec::new();
    for line in lines {
        let line = line.map_err(|wrong| wrong.to_string())?;
        let fields: Vec<&str> = line.split(',').collect();
        let text = |name: &str| columns.get(name).and_then(|at| fields.get(*at)).map_or("", |field| field.trim());
        let number = |name: &str| text(name).parse::<f64>().ok();
        let (Some(hours), Some(used)) = (number("poh"), number("used")) else { continue };
        let nvme = text("kind") == "NVMe";
        let counts_on = matches!(text("wsrc"), "nvme" | "devstat" | "");
        let reading = Reading {
            // The drive's hours are the clock: most rows have no date.
            at: WallTime::from_millis((hours * 3_600_000.0) as i64),
            identity: None,
            power_on_hours: Some(Hours::saturating(hours)),
            percent_used: Some(Percent::saturating(used)),
            bytes_written: number("host_bytes").map(Bytes::new),
            spare: number("spare").map(Percent::saturating),
            spare_threshold: number("spare_thr").map(Percent::saturating),
            scale: if counts_on { Scale::To255 } else { Scale::To99 },
        };
        let at = *places.entry(text("drive").to_owned()).or_insert_with(|| {
            histories.push(History { fleet: text("fleet").to_owned(), nvme, readings: Vec::new() });
            histories.len() - 1
        });
        histories[at].readings.push(reading);
    }
    for history in &mut histories {
        history.readings.sort_by_key(|reading| reading.at);
    }
    Ok(histories)
}

/// Powered hours of a reading.
pub(crate) fn hours(reading: &Reading) -> f64 {
    reading.power_on_hours.map_or(0.0, Hours::get)
}

/// Percent used of a reading.
pub(crate) fn used(reading: &Reading) -> f64 {
    reading.percent_used.map_or(0.0, Percent::get)
}
