//! Each configured backup: whether its program, its secret and its repository are in order, by the tool's own answer.
//!
//! What is wrong is said in the words of the verdict that every front end gives. How old a backup is does not matter here:
//! that is no fault of the set-up.

use cm_model::clock::WallTime;
use cm_model::health::Health;
use cm_model::report::BackupReport;
use cm_model::report::backup::{Job, Trouble};
use cm_model::text::terminal;
use cm_model::verdict::{self, Policy};
use cm_model::wording::plural;

use super::Check;

/// A line for each backup of a report.
pub(super) fn checks(report: &BackupReport) -> Vec<Check> {
    report.backups.iter().map(|job| check(job, report.timestamp)).collect()
}

fn check(job: &Job, at: WallTime) -> Check {
    let well = |text: String| Check::well("backup", job.name.raw(), text);
    if job.trouble == Some(Trouble::NotYet) {
        let next = "Run `cm-agent backups --once`, which gives each question two minutes; then the tool by hand.";
        return well("no answer yet".to_owned()).trouble(Health::Warning, next);
    }
    // Alone in a report of its own, so that the reasons are its own; without its name, which stands beside them.
    let nameless = Job { name: "".into(), ..job.clone() };
    let alone = BackupReport { backups: vec![nameless], timestamp: at, ..BackupReport::default() };
    let unreadable = verdict::backup(&alone, &Policy::new()).reasons.into_iter();
    if let Some(reason) = unreadable.into_iter().find(|reason| reason.code == "backup.unreadable") {
        return well(reason.text.raw().to_owned()).trouble(reason.health, reason.next);
    }
    let place = job.repository.as_ref().map(|place| format!(" in {}", terminal::line(place))).unwrap_or_default();
    let read = match (&job.tool, job.archive_count) {
        (Some(_), Some(count)) => {
            format!("it answers: {}{place}", plural(usize::try_from(count.0).unwrap_or(usize::MAX), "archive"))
        }
        _ => "it is told".to_owned(),
    };
    well(read)
}

#[cfg(test)]
mod tests {
    use cm_model::unit::Count;

    use super::*;

    #[test]
    fn a_backup_is_in_order_if_it_could_be_read_however_old_it_is() {
        let job = |trouble, count| Job {
            name: "home".into(),
            tool: Some("restic".into()),
            repository: Some("/srv/r".into()),
            archive_count: count,
            trouble,
            ..Job::default()
        };
        let some = Some(Count(3));
        for (job, health, text, next) in [
            (job(None, some), Health::Ok, "it answers: 3 archives in /srv/r", ""),
            (Job { tool: None, ..job(None, None) }, Health::Ok, "it is told", ""),
            (job(Some(Trouble::Passphrase), None), Health::Warning, "does not take the passphrase", "passphrase_file"),
            (job(Some(Trouble::Gone), some), Health::Critical, "not where it should be", "mounted"),
            (job(Some(Trouble::NotInstalled), None), Health::Warning, "not installed", "nstall"),
            (job(Some(Trouble::NotYet), None), Health::Warning, "no answer yet", "backups --once"),
        ] {
            let told = check(&job, WallTime::from_secs(1));
            assert_eq!((told.part, &*told.subject, told.health), ("backup", "home", health), "{told:?}");
            assert!(told.text.contains(text) && told.next.contains(next), "{told:?}");
        }
    }
}
