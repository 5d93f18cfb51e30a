//! `audit show|verify|key`: who did what and why, whether anybody rewrote it, and the key by which that can be told. The
//! chain and its proofs are known below, in `cm-core`.

use std::io::Read as _;
use std::path::Path;

use cm_core::audit::{Evidence, Fault, Foothold, Head, Sealed, Verified, verify};
use cm_core::fault::Code;
use cm_core::store::Opening;
use cm_core::store::audit::{Standing, standing, usual_key};
use cm_core::text::{HostText, terminal};
use cm_core::wording::plural;
use schemars::JsonSchema;
use serde::Serialize;

use crate::complaint::Complaint;
use crate::exit::Exit;
use crate::format::{json, rfc3339};
use crate::history::{note, open, span};
use crate::paint::{Meaning, pad};
use crate::request::{Audit, Format, Output};
use crate::run::Stop;
use crate::surroundings::Surroundings;

/// What `audit show` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "audit_show")]
pub struct ActsDocument<'a> {
    /// `cm-dashboard/audit-show/1`.
    schema: String,
    /// The acts, the oldest first.
    acts: Vec<ActDocument<'a>>,
}

/// One act.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "act")]
pub struct ActDocument<'a> {
    /// Its number, from 1.
    number: u64,
    /// When, UTC.
    #[schemars(extend("format" = "date-time"))]
    at: String,
    /// Who.
    who: &'a str,
    /// From which program.
    program: &'a str,
    /// What was done.
    what: String,
    /// Why; empty where nothing was said.
    why: &'a str,
}

/// What `audit verify` says as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "audit_verify")]
pub struct VerifiedDocument {
    /// `cm-dashboard/audit-verify/1`.
    schema: String,
    /// Whether nothing is wrong.
    whole: bool,
    /// How many acts were looked at.
    acts_count: u64,
    /// Of these, how many a key or a head from elsewhere judges; the others are judged by the links alone.
    covered_count: u64,
    /// Where the chain ends: keep it elsewhere. Nothing where there is no act.
    head: Option<String>,
    /// What is wrong, by number.
    faults: Vec<FaultDocument>,
}

/// Something that is not as it was.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "fault")]
pub struct FaultDocument {
    /// What: `edited`, `moved`, `out_of_order`, `twice`, `missing`, `unlinked`, `cut_tail`, `other_past`, `old_key` or `returned`.
    kind: &'static str,
    /// At which act it begins.
    from: u64,
    /// With which act it ends.
    through: u64,
    /// In a sentence.
    text: String,
}

/// Does what was asked.
///
/// # Errors
/// A history that is not there or cannot be read; a key or head that is none; a log that was changed is no error, but an
/// exit code of its own.
pub fn run(
    audit: &Audit,
    database: Option<&Path>,
    output: Output,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Stop> {
    let path = open::path(database, surroundings)?;
    match audit {
        Audit::Show(between) => {
            let span = match between.since.or(between.until) {
                Some(_) => Some(span(*between, std::time::Duration::MAX, surroundings)?),
                None => None,
            };
            let mut acts = Opening::at(&path).read()?.audit()?;
            acts.retain(|act| span.is_none_or(|span| (span.since..span.until).contains(&act.act.when)));
            show(&acts, output, surroundings)
        }
        Audit::Verify { key_file, heads } => {
            let acts = Opening::at(&path).read()?.audit()?;
            let foothold = key_file.as_deref().map(read_key).transpose()?;
            let next = key(&path)?.map(|standing| standing.next);
            let verified = verify(&acts, Evidence { foothold: foothold.as_ref(), next, heads });
            tell(&verified, output, surroundings)
        }
        Audit::Key => {
            let Some(standing) = key(&path)? else {
                let what = "there is no key yet: it is made with the first act, as `cm-cli audit show` lists them";
                return Err(Complaint::new(Code::FILE_UNREADABLE, what)
                    .next("Ask again once something was acknowledged, silenced or accepted.")
                    .into());
            };
            writeln!(surroundings.out, "{}", standing.foothold.expose())?;
            let words = format!(
                "keep it away from this machine; it proves act {} and all after it, and who has it can forge them",
                standing.next
            );
            note(&words, output, surroundings)?;
            Ok(Exit::Well)
        }
    }
}

/// The key lies beside the history.
fn key(history: &Path) -> Result<Option<Standing>, Stop> {
    Ok(standing(&usual_key(history.parent().unwrap_or(Path::new(""))))?)
}

/// A key that was written down: from a file, or from stdin for `-`. As an argument everybody on the machine could read it.
fn read_key(path: &Path) -> Result<Foothold, Complaint> {
    const MOST: u64 = 4_096;
    let read = || -> std::io::Result<String> {
        let mut text = String::new();
        if path.as_os_str() == "-" {
            std::io::stdin().lock().take(MOST).read_to_string(&mut text)?;
        } else {
            std::fs::File::open(path)?.take(MOST).read_to_string(&mut text)?;
        }
        Ok(text)
    };
    let text = read().map_err(|error| {
        Complaint::new(Code::FILE_UNREADABLE, format!("{}: the key cannot be read: {error}", path.display()))
    })?;
    text.parse().map_err(|error| Complaint::new(Code::USAGE, format!("{}: {error}", path.display())))
}

fn show(acts: &[Sealed], output: Output, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    if output.format == Format::Json {
        let acts = acts.iter().map(|Sealed { seq, act, .. }| ActDocument {
            number: *seq,
            at: rfc3339(act.when),
            who: act.who.raw(),
            program: act.program.raw(),
            what: act.deed.words().raw().to_owned(),
            why: act.why.raw(),
        });
        let document = ActsDocument { schema: json::schema_name("audit-show"), acts: acts.collect() };
        json::document(surroundings.out, &document)?;
        return Ok(Exit::Well);
    }
    let paint = surroundings.paint(output);
    let say = |text: &HostText| paint.spell(&terminal::line(text.raw()));
    for Sealed { seq, act, .. } in acts {
        let moment = surroundings.local(act.when, "%Y-%m-%d %H:%M");
        let head = paint.dress(&pad(&seq.to_string(), 5, true), Meaning::Faint);
        let by = paint.dress(&format!("{} with {}", say(&act.who), say(&act.program)), Meaning::Faint);
        writeln!(surroundings.out, "{head}  {moment}  {}  {by}", say(&act.deed.words()))?;
        if !act.why.is_empty() {
            writeln!(surroundings.out, "{:25}{}", "", say(&act.why))?;
        }
    }
    if acts.is_empty() {
        note("no acts", output, surroundings)?;
    }
    Ok(Exit::Well)
}

fn tell(verified: &Verified, output: Output, surroundings: &mut Surroundings<'_>) -> Result<Exit, Stop> {
    let exit = if verified.is_whole() { Exit::Well } else { Exit::of(Code::AUDIT_CHANGED) };
    if output.format == Format::Json {
        let document = VerifiedDocument {
            schema: json::schema_name("audit-verify"),
            whole: verified.is_whole(),
            acts_count: verified.looked_at,
            covered_count: verified.covered,
            head: verified.head.as_ref().map(Head::to_string),
            faults: verified.faults.iter().map(fault).collect(),
        };
        json::document(surroundings.out, &document)?;
        return Ok(exit);
    }
    let paint = surroundings.paint(output);
    let acts = plural(usize::try_from(verified.looked_at).unwrap_or(usize::MAX), "act");
    if verified.is_whole() {
        writeln!(surroundings.out, "whole: {acts}")?;
    } else {
        let head = format!("changed: {} in {acts}", plural(verified.faults.len(), "fault"));
        writeln!(surroundings.out, "{}", paint.dress(&head, Meaning::Bad))?;
    }
    for fault in &verified.faults {
        writeln!(surroundings.out, "  {}", paint.spell(&fault.to_string()))?;
    }
    if let Some(head) = &verified.head {
        writeln!(surroundings.out, "{}  {head}", paint.dress("head", Meaning::Faint))?;
    }
    let by_links = verified.looked_at - verified.covered.min(verified.looked_at);
    if by_links > 0 {
        let words = format!(
            "{} judged by the links alone, which whoever holds the file could make anew; --key-file or a --head from a mail tells more",
            plural(usize::try_from(by_links).unwrap_or(usize::MAX), "act")
        );
        note(&words, output, surroundings)?;
    }
    Ok(exit)
}

fn fault(fault: &Fault) -> FaultDocument {
    let (kind, from, through) = match *fault {
        Fault::Edited { seq } => ("edited", seq, seq),
        Fault::Moved { seq, .. } => ("moved", seq, seq),
        Fault::OutOfOrder { seq } => ("out_of_order", seq, seq),
        Fault::Twice { seq } => ("twice", seq, seq),
        Fault::Missing { from, through } => ("missing", from, through),
        Fault::Unlinked { seq } => ("unlinked", seq, seq),
        Fault::CutTail { last, through } => ("cut_tail", last + 1, through),
        Fault::OtherPast { seq } => ("other_past", seq, seq),
        Fault::OldKey { next, last } => ("old_key", next, last),
        Fault::Returned { seq } => ("returned", seq, seq),
    };
    FaultDocument { kind, from, through, text: fault.to_string() }
}
