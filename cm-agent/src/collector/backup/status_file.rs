//! The status file: how any other tool tells of its backups (docs/BACKUPS.md).
//!
//! It is one JSON object, or one with a list of them under `backups`. What an entry may say is what a [`Job`] of the report
//! says, and beside that a few words that a shell script can write. Nothing of its text is quoted when it cannot be read:
//! the path may lead anywhere.

use std::path::Path;

use cm_model::clock::WallTime;
use cm_model::report::backup::{Job, Trouble};
use cm_model::unit::Seconds;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::state::gibibytes;
use crate::trust;

/// The largest status file that is read.
const MOST_BYTES: u64 = 256 * 1024;
/// The most backups that one file may tell of.
const MOST_ENTRIES: usize = 64;

/// The words that a script writes.
#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Plain {
    started_at: Option<WallTime>,
    finished_at: Option<WallTime>,
    /// `success`, `warning`, `failed` or `running`.
    result: Option<String>,
    size_bytes: Option<u64>,
    stored_bytes: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Several<T> {
    backups: Vec<T>,
}

/// What is written, for an agent that may not ask itself.
#[derive(Debug, Serialize)]
pub(super) struct Document<'j> {
    /// What this is.
    pub(super) schema: &'static str,
    /// When it was found out.
    pub(super) written_at: WallTime,
    /// Each backup.
    pub(super) backups: &'j [Job],
}

/// The schema of what is written.
pub(super) const SCHEMA: &str = "cm-agent/backups/1";

/// Reads the file, if nobody but root or this user could have written it.
pub(super) fn load(path: &Path) -> Result<Vec<Job>, Fault> {
    let text = trust::read(path, MOST_BYTES).map_err(|refused| Fault::refused(path, refused))?;
    read(&text).map_err(|why| Fault::new(Trouble::Unreadable, format!("{}: {why}", path.display())))
}

/// Reads the text of a status file.
pub(super) fn read(text: &str) -> Result<Vec<Job>, String> {
    // Of serde's own words only the place is told: they quote.
    let place =
        |error: &serde_json::Error| format!("line {}, column {}: it is no status file", error.line(), error.column());
    let several = (serde_json::from_str::<Several<Job>>(text), serde_json::from_str::<Several<Plain>>(text));
    let (jobs, plain) = if let (Ok(jobs), Ok(plain)) = several {
        (jobs.backups, plain.backups)
    } else {
        let job = serde_json::from_str::<Job>(text).map_err(|error| place(&error))?;
        (vec![job], vec![serde_json::from_str::<Plain>(text).map_err(|error| place(&error))?])
    };
    if jobs.len() > MOST_ENTRIES {
        return Err(format!("it tells of more than {MOST_ENTRIES} backups"));
    }
    jobs.into_iter().zip(plain).map(|(job, plain)| plain.put_into(job)).collect()
}

impl Plain {
    fn put_into(self, mut job: Job) -> Result<Job, String> {
        job.size_gb = job.size_gb.or_else(|| self.size_bytes.map(gibibytes));
        job.stored_gb = job.stored_gb.or_else(|| self.stored_bytes.map(gibibytes));
        let begun = self.started_at.filter(|started| self.finished_at.is_none_or(|finished| finished < *started));
        match self.result.as_deref() {
            Some("running") => job.running_since = begun.or(self.started_at),
            Some("success" | "warning" | "failed") | None => {
                job.running_since = job.running_since.or(begun);
            }
            Some(_) => return Err("`result` is success, warning, failed or running".to_owned()),
        }
        let Some(finished) = self.finished_at else { return Ok(job) };
        match self.result.as_deref() {
            Some("failed") => job.last_failure = job.last_failure.max(Some(finished)),
            // While the next one runs, the last one's end says that it went well unless `last_failure` says otherwise.
            Some("running") if job.last_failure >= Some(finished) => {}
            _ => job.last_success = job.last_success.max(Some(finished)),
        }
        let took = self.started_at.filter(|started| *started <= finished).map(|started| finished.since(started));
        job.duration_s = job.duration_s.or_else(|| took.map(|took| Seconds::saturating(took.as_secs_f64())));
        Ok(job)
    }
}

#[cfg(test)]
mod tests {
    use cm_model::unit::Gibibytes;

    use super::*;

    /// What a file says of its first backup, in short.
    fn said(text: &str) -> String {
        match read(text) {
            Err(why) => why,
            Ok(jobs) => {
                let job = &jobs[0];
                let at = |at: Option<WallTime>| at.map_or_else(|| "-".to_owned(), |at| at.secs().to_string());
                let size = job.size_gb.map(Gibibytes::get);
                format!(
                    "{} good {} bad {} since {} took {:?} size {size:?}",
                    jobs.len(),
                    at(job.last_success),
                    at(job.last_failure),
                    at(job.running_since),
                    job.duration_s.map(Seconds::get),
                )
            }
        }
    }

    #[test]
    fn what_a_script_can_write_is_understood() {
        for (text, expected) in [
            (
                r#"{"started_at":100,"finished_at":160,"result":"success","size_bytes":1073741824}"#,
                "1 good 160 bad - since - took Some(60.0) size Some(1.0)",
            ),
            (r#"{"finished_at":160,"result":"failed"}"#, "1 good - bad 160 since - took None size None"),
            (
                r#"{"finished_at":160,"result":"failed","last_success":90}"#,
                "1 good 90 bad 160 since - took None size None",
            ),
            (r#"{"finished_at":160}"#, "1 good 160 bad - since - took None size None"),
            (r#"{"started_at":200,"finished_at":160}"#, "1 good 160 bad - since 200 took None size None"),
            (r#"{"started_at":200,"result":"running"}"#, "1 good - bad - since 200 took None size None"),
            ("{}", "1 good - bad - since - took None size None"),
            (
                r#"{"backups":[{"name":"a","last_success":7,"size_gb":2},{"finished_at":9}]}"#,
                "2 good 7 bad - since - took None size Some(2.0)",
            ),
            (r#"{"finished_at":160,"result":"fine"}"#, "`result` is success, warning, failed or running"),
            ("root:x:0:0:secret\n", "line 1, column 1: it is no status file"),
            (r#"{"finished_at":"secret"}"#, "line 1, column 23: it is no status file"),
            ("", "line 1, column 0: it is no status file"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
        let many = format!(r#"{{"backups":[{}]}}"#, vec!["{}"; MOST_ENTRIES + 1].join(","));
        assert!(said(&many).contains("more than 64"));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let job = Job { name: "home".into(), last_success: Some(WallTime::from_secs(7)), ..Job::default() };
        let document =
            Document { schema: SCHEMA, written_at: WallTime::from_secs(9), backups: std::slice::from_ref(&job) };
        assert_eq!(read(&serde_json::to_string(&document).unwrap()), Ok(vec![job]));
    }

    #[test]
    fn nothing_of_what_others_could_have_written_is_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("status.json");
        assert_eq!(load(&path).unwrap_err().trouble, Trouble::Gone);
        std::fs::write(&path, r#"{"finished_at":7}"#).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(load(&path).unwrap()[0].last_success, Some(WallTime::from_secs(7)));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(load(&path).unwrap_err().trouble, Trouble::Untrusted);
        assert_eq!(load(folder.path()).unwrap_err().trouble, Trouble::Unreadable);
    }
}
