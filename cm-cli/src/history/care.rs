//! `history stats|check|compact|backup|salvage`: the care of the file. What each does is done by the store.

use std::path::Path;

use cm_core::fault::Code;
use cm_core::store::expire::Log;
use cm_core::store::salvage::salvage;
use cm_core::store::stats::Stats;
use cm_core::store::{Claim, Holder, Opening};
use cm_core::text::terminal;
use cm_core::unit::human;
use cm_core::wording::plural;
use schemars::JsonSchema;
use serde::Serialize;

use super::{note, open};
use crate::complaint::Complaint;
use crate::exit::Exit;
use crate::format::{json, rfc3339};
use crate::paint::{Meaning, pad};
use crate::request::{Care, Format, Output};
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// What `history stats` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "history_stats")]
pub struct StatsDocument {
    /// `cm-dashboard/history-stats/1`.
    schema: String,
    /// The file.
    file: String,
    /// Its size, in bytes.
    file_bytes: u64,
    /// Of these, what is free inside and will be used again.
    free_bytes: u64,
    /// The size of its write-ahead log, in bytes.
    log_bytes: u64,
    /// Its layout.
    layout: u64,
    /// How many series it has.
    series_count: u64,
    /// Commits whose samples are not sealed yet.
    recent_batches_count: u64,
    /// The size of these, in bytes.
    recent_bytes: u64,
    /// The newest sample that is not sealed yet, UTC.
    #[schemars(extend("format" = "date-time"))]
    newest: Option<String>,
    /// What is sealed and rolled up.
    kept: Vec<KeptDocument>,
    /// What was left out or lost since the file was made: `unset_clock`, `ahead`, `late`, `surplus`, `damaged`.
    left_out: std::collections::BTreeMap<String, u64>,
    /// Who records, or did last.
    recorder: String,
}

/// What is kept of one resolution.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "kept")]
pub struct KeptDocument {
    /// raw, minute, hour or day.
    step: &'static str,
    /// How many chunks.
    chunks_count: u64,
    /// How many rows these hold.
    rows_count: u64,
    /// Their size, in bytes.
    bytes: u64,
    /// When the oldest begins, UTC.
    #[schemars(extend("format" = "date-time"))]
    oldest: Option<String>,
}

/// What `history check` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "history_check")]
pub struct CheckedDocument {
    /// `cm-dashboard/history-check/1`.
    schema: String,
    /// The file.
    file: String,
    /// Whether nothing is wrong.
    whole: bool,
    /// How many chunks and commits were looked at.
    looked_at_count: u64,
    /// What SQLite finds wrong with its pages.
    pages: Vec<String>,
    /// What is not what was written.
    damaged: Vec<String>,
}

/// What `history compact` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "history_compact")]
pub struct CompactedDocument {
    /// `cm-dashboard/history-compact/1`.
    schema: String,
    /// The file.
    file: String,
    /// Its size before, in bytes.
    before_bytes: u64,
    /// Its size now, in bytes.
    after_bytes: u64,
    /// Whether the disk has the room back already; a program that reads holds that up until it ends.
    given_back: bool,
}

/// What `history salvage` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "history_salvage")]
pub struct SalvagedDocument {
    /// `cm-dashboard/history-salvage/1`.
    schema: String,
    /// The new file.
    file: String,
    /// Rows that were kept, by table.
    kept: std::collections::BTreeMap<String, u64>,
    /// What was cut, each in a sentence.
    cut: Vec<String>,
}

/// Does what was asked.
///
/// # Errors
/// A history that is not there, cannot be used, or is being recorded into where it must not; output that cannot be written.
pub fn run(
    care: &Care,
    database: Option<&Path>,
    output: Output,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Stop> {
    if let Care::Salvage { from, to } = care {
        return save(from, to, output, surroundings);
    }
    let path = open::path(database, surroundings)?;
    match care {
        Care::Stats => stats(&path, output, surroundings),
        Care::Check => check(&path, output, surroundings),
        Care::Compact => compact(&path, output, surroundings),
        Care::Backup(to) => {
            Opening::at(&path).read()?.backup(to)?;
            let size = std::fs::metadata(to).map_or(0, |file| file.len());
            note(&format!("copied {} to {}", human::binary(size as f64), to.display()), output, surroundings)?;
            Ok(Exit::Well)
        }
        Care::Salvage { .. } => Ok(Exit::Well),
    }
}

fn stats(path: &Path, output: Output, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let stats = Opening::at(path).read()?.stats()?;
    if output.format == Format::Json {
        json::document(surroundings.out, &stats_document(path, stats))?;
        return Ok(Exit::Well);
    }
    let bytes = |bytes: u64| human::binary(bytes as f64);
    let moment = |at| surroundings.local(at, "%Y-%m-%d %H:%M %:z");
    let mut lines = vec![
        ("file", path.display().to_string()),
        ("size", format!("{}, of that {} free inside", bytes(stats.file_bytes), bytes(stats.free_bytes))),
        ("log", bytes(stats.log_bytes)),
        ("layout", stats.layout.to_string()),
        ("series", human::grouped(stats.series as f64)),
        ("recent", format!("{} in {} commits", bytes(stats.recent_bytes), human::grouped(stats.recent_batches as f64))),
    ];
    lines.extend(stats.newest.map(|at| ("newest", moment(at))));
    for stored in &stats.sealed {
        let since = stored.oldest.map(|at| format!(", since {}", moment(at))).unwrap_or_default();
        let rows = human::grouped(stored.rows as f64);
        lines.push((stored.resolution.word(), format!("{rows} rows in {}{since}", bytes(stored.bytes))));
    }
    for (name, count) in &stats.counters {
        lines.push(("left out", format!("{} {}", human::grouped(*count as f64), name.replace('_', " "))));
    }
    let (recorder, epoch) = &stats.lease;
    if *epoch > 0 {
        lines.push(("recorder", recorder.clone()));
    }
    let paint = surroundings.paint(output);
    for (head, text) in lines {
        let head = paint.dress(&pad(head, 8, false), Meaning::Faint);
        writeln!(surroundings.out, "{head}  {}", paint.spell(&terminal::line(&text)))?;
    }
    Ok(Exit::Well)
}

fn stats_document(path: &Path, stats: Stats) -> StatsDocument {
    let kept = stats.sealed.iter().map(|stored| KeptDocument {
        step: stored.resolution.word(),
        chunks_count: stored.chunks,
        rows_count: stored.rows,
        bytes: stored.bytes,
        oldest: stored.oldest.map(rfc3339),
    });
    StatsDocument {
        schema: json::schema_name("history-stats"),
        file: path.display().to_string(),
        file_bytes: stats.file_bytes,
        free_bytes: stats.free_bytes,
        log_bytes: stats.log_bytes,
        layout: stats.layout,
        series_count: stats.series,
        recent_batches_count: stats.recent_batches,
        recent_bytes: stats.recent_bytes,
        newest: stats.newest.map(rfc3339),
        kept: kept.collect(),
        left_out: stats.counters,
        recorder: stats.lease.0,
    }
}

fn check(path: &Path, output: Output, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let checked = Opening::at(path).read()?.check()?;
    let exit = if checked.is_whole() { Exit::Well } else { Exit::of(Code::HISTORY_DAMAGED) };
    if output.format == Format::Json {
        let document = CheckedDocument {
            schema: json::schema_name("history-check"),
            file: path.display().to_string(),
            whole: checked.is_whole(),
            looked_at_count: checked.looked_at,
            pages: checked.pages,
            damaged: checked.damaged,
        };
        json::document(surroundings.out, &document)?;
        return Ok(exit);
    }
    let paint = surroundings.paint(output);
    let looked_at = human::grouped(checked.looked_at as f64);
    if checked.is_whole() {
        writeln!(surroundings.out, "whole: every page, and {looked_at} chunks and commits")?;
        return Ok(exit);
    }
    let found = checked.pages.len() + checked.damaged.len();
    let head =
        paint.dress(&format!("damaged: {} in {looked_at} chunks and commits", plural(found, "fault")), Meaning::Bad);
    writeln!(surroundings.out, "{head}")?;
    for line in checked.pages.iter().chain(&checked.damaged) {
        writeln!(surroundings.out, "  {}", paint.spell(&terminal::line(line)))?;
    }
    let name = terminal::line(&path.display().to_string()).into_owned();
    note(&format!("cm-cli history salvage {name} {name}.saved keeps what is whole"), output, surroundings)?;
    Ok(exit)
}

fn compact(path: &Path, output: Output, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    // Opening to write would make a file where there is none.
    drop(Opening::at(path).read()?);
    let mut writer = Opening::at(path).write()?;
    // Without it the lease of another start of the machine would seem to hold.
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let name = format!("cm-cli history compact, process {}", std::process::id());
    let holder = Holder { name, boot: boot.trim().to_owned() };
    if let Claim::Held { by, .. } = writer.claim(&holder, surroundings.clock.now())? {
        let what = format!("{by} records into {}, and one program at a time may write", path.display());
        return Err(Complaint::new(Code::HISTORY_FENCED, what)
            .next("End it for as long as this takes; without that the room inside is used again for what comes.")
            .into());
    }
    let compacted = writer.compact();
    writer.release()?;
    let compacted = compacted?;
    let given_back = compacted.log == Log::Emptied;
    if output.format == Format::Json {
        let document = CompactedDocument {
            schema: json::schema_name("history-compact"),
            file: path.display().to_string(),
            before_bytes: compacted.before_bytes,
            after_bytes: compacted.after_bytes,
            given_back,
        };
        json::document(surroundings.out, &document)?;
        return Ok(Exit::Well);
    }
    let [before, after] = [compacted.before_bytes, compacted.after_bytes].map(|bytes| human::binary(bytes as f64));
    writeln!(surroundings.out, "{before} before, {after} now")?;
    if !given_back {
        note("a program that reads holds up the last step: the disk has the room once it ends", output, surroundings)?;
    }
    Ok(Exit::Well)
}

fn save(from: &Path, to: &Path, output: Output, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let saved = salvage(from, to)?;
    if output.format == Format::Json {
        let document = SalvagedDocument {
            schema: json::schema_name("history-salvage"),
            file: to.display().to_string(),
            kept: saved.kept.iter().map(|(table, rows)| ((*table).to_owned(), *rows)).collect(),
            cut: saved.cut,
        };
        json::document(surroundings.out, &document)?;
        return Ok(Exit::Well);
    }
    let paint = surroundings.paint(output);
    for (table, rows) in &saved.kept {
        writeln!(surroundings.out, "kept  {:<10}  {} rows", table, human::grouped(*rows as f64))?;
    }
    for cut in &saved.cut {
        let line = paint.dress(&paint.spell(&terminal::line(cut)), Meaning::Doubtful);
        writeln!(surroundings.out, "cut   {line}")?;
    }
    if saved.cut.is_empty() {
        writeln!(surroundings.out, "nothing was cut")?;
    }
    let words = format!("end the programs that use {0}, then put {1} in its place", from.display(), to.display());
    note(&words, output, surroundings)?;
    Ok(Exit::Well)
}
