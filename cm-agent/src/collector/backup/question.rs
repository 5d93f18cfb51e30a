//! What a tool is asked, and with what: its program, arguments, environment and secrets.
//!
//! A secret is read from its file at each question and handed over in the tool's own environment, which only its user and
//! root can see, or as the path of the file where the tool takes one. It never stands among arguments, and neither does the
//! repository, whose address may hold a password.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_model::clock::MonoTime;
use cm_model::report::backup::Trouble;

use super::fault::{Fault, shown_repository};
use super::options::{JobOptions, Options, Secret, Tool, Value};
use super::{borg, borgmatic, kopia, restic};
use crate::program::{self, Limits, Program, Running};
use crate::trust;

/// What is asked of a tool, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    /// The archives.
    List,
    /// What they cover, and what the repository takes.
    Sizes,
    /// The locks.
    Locks,
    /// One lock, by its id.
    Lock(String),
}

/// What a tool may take for one answer.
const LIMITS: Limits = Limits { time: Duration::from_mins(2), output: 4 << 20 };
/// The largest file with a secret.
const MOST_SECRET: u64 = 4096;

/// Where what a tool needs is found.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    pub(super) credentials: Option<PathBuf>,
    pub(super) cache: Option<PathBuf>,
    pub(super) home: Option<PathBuf>,
}

impl Places {
    pub(super) fn of(options: &Options) -> Self {
        Self { credentials: options.credentials.clone(), cache: options.cache.clone(), home: options.home.clone() }
    }
}

/// Finds and judges a backup's program; none for a status file.
pub(super) fn settle(job: &JobOptions) -> Result<Option<Program>, Fault> {
    if job.tool == Tool::StatusFile {
        return Ok(None);
    }
    let name = job.program.as_deref().unwrap_or(job.tool.word());
    Program::settle(name).map(Some).map_err(|distrust| Fault::unsettled(&distrust))
}

/// Asks. Costs a process.
pub(super) fn ask(
    question: &Question,
    job: &JobOptions,
    program: &Program,
    places: &Places,
    now: MonoTime,
) -> Result<Running, Fault> {
    let environment = environment(job, places)?;
    let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (&**name, &**value)).collect();
    let args = arguments(question, job, places);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    program.check().map_err(|distrust| Fault::unsettled(&distrust))?;
    program.start(&args, &environment, LIMITS, now).map_err(|error| {
        let trouble = match error.kind() {
            std::io::ErrorKind::PermissionDenied => Trouble::Forbidden,
            // It is being written at this moment, or the machine has no room for a process more.
            _ => Trouble::NoAnswer,
        };
        Fault::new(trouble, format!("{}: {error}", program.path().display()))
    })
}

fn arguments(question: &Question, job: &JobOptions, places: &Places) -> Vec<String> {
    let mut args: Vec<String> = Vec::new();
    let own_file =
        |flag: &str| job.file.iter().flat_map(|file| [flag.to_owned(), file.display().to_string()]).collect::<Vec<_>>();
    if job.tool == Tool::Borgmatic {
        args.extend(own_file("--config"));
    }
    let fixed = match (job.tool, question) {
        (Tool::Borg, Question::Sizes) => borg::SIZES,
        (Tool::Borg | Tool::StatusFile, _) => borg::LIST,
        (Tool::Restic, Question::Locks) => restic::LOCKS,
        (Tool::Restic, Question::Lock(_)) => restic::LOCK,
        (Tool::Restic, _) => restic::LIST,
        (Tool::Borgmatic, _) => borgmatic::LIST,
        (Tool::Kopia, _) => kopia::LIST,
    };
    args.extend(fixed.iter().map(|&arg| arg.to_owned()));
    match job.tool {
        Tool::Restic => match job.cache.as_ref().or(places.cache.as_ref()) {
            Some(cache) => args.extend(["--cache-dir".to_owned(), cache.join("restic").display().to_string()]),
            None => args.push("--no-cache".to_owned()),
        },
        Tool::Kopia => args.extend(own_file("--config-file")),
        Tool::Borg | Tool::Borgmatic | Tool::StatusFile => {}
    }
    if let Question::Lock(id) = question {
        args.push(id.clone());
    }
    args
}

fn environment(job: &JobOptions, places: &Places) -> Result<Vec<(String, String)>, Fault> {
    let mut all: Vec<(String, String)> = vec![("PATH".to_owned(), program::search_path())];
    let mut set = |name: &str, value: String| all.push((name.to_owned(), value));
    if let Some(home) = &places.home {
        set("HOME", home.display().to_string());
    }
    let secret = job.secret.as_ref().map(|secret| secret_file(secret, places)).transpose()?;
    let repository = job.repository.clone().unwrap_or_default();
    match job.tool {
        Tool::Borg => {
            let cache = job.cache.as_ref().or(places.cache.as_ref()).ok_or_else(|| {
                let why = "borg needs a folder for its cache: give cache_folder, or run the agent with a home";
                Fault::new(Trouble::Forbidden, why)
            })?;
            // It tells local time without an offset.
            set("TZ", "UTC".to_owned());
            set("BORG_REPO", repository);
            set("BORG_CACHE_DIR", cache.join("borg").display().to_string());
            set("BORG_SECURITY_DIR", cache.join("borg-security").display().to_string());
            set("BORG_CONFIG_DIR", cache.join("borg-config").display().to_string());
            if let Some(home) = &places.home {
                set("BORG_KEYS_DIR", home.join(".config/borg/keys").display().to_string());
            }
            set("BORG_RSH", "ssh -oBatchMode=yes".to_owned());
            set("BORG_EXIT_CODES", "modern".to_owned());
            // It must not ask. A repository that was moved, or exchanged, is for a person to accept; one without encryption
            // is accepted where no passphrase is configured, and else not.
            set("BORG_RELOCATED_REPO_ACCESS_IS_OK", "no".to_owned());
            let open = if secret.is_none() { "yes" } else { "no" };
            set("BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", open.to_owned());
            set("BORG_PASSPHRASE", secret.as_deref().map(read_secret).transpose()?.unwrap_or_default());
        }
        Tool::Restic => {
            set("RESTIC_REPOSITORY", repository);
            if let Some(path) = &secret {
                read_secret(path)?;
            }
            set("RESTIC_PASSWORD_FILE", secret.unwrap_or_else(|| "/dev/null".into()).display().to_string());
        }
        Tool::Borgmatic => {
            set("TZ", "UTC".to_owned());
            set("BORG_RELOCATED_REPO_ACCESS_IS_OK", "no".to_owned());
            if let Some(path) = &secret {
                set("BORG_PASSPHRASE", read_secret(path)?);
            }
        }
        Tool::Kopia => {
            set("KOPIA_CHECK_FOR_UPDATES", "false".to_owned());
            if let Some(path) = &secret {
                set("KOPIA_PASSWORD", read_secret(path)?);
            }
        }
        Tool::StatusFile => {}
    }
    for (name, value) in &job.environment {
        let value = match value {
            Value::Plain(value) => value.clone(),
            Value::Secret(path) => read_secret(path)?,
        };
        all.retain(|(known, _)| known != name);
        all.push((name.clone(), value));
    }
    Ok(all)
}

fn secret_file(secret: &Secret, places: &Places) -> Result<PathBuf, Fault> {
    match (secret, &places.credentials) {
        (Secret::File(path), _) => Ok(path.clone()),
        (Secret::Credential(name), Some(folder)) => Ok(folder.join(name)),
        (Secret::Credential(name), None) => {
            let why = format!(
                "the credential {name} is not there: systemd gives it where the unit has LoadCredential={name}:FILE"
            );
            Err(Fault::new(Trouble::Passphrase, why))
        }
    }
}

/// The first line of a file that only its owner can read.
fn read_secret(path: &Path) -> Result<String, Fault> {
    let text = trust::read_secret(path, MOST_SECRET).map_err(|refused| match Fault::refused(path, refused) {
        // What is gone is the secret, not the repository.
        Fault { trouble: Trouble::Gone, said } => Fault::new(Trouble::Passphrase, said),
        fault => fault,
    })?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// What of a backup must not be told, and what is told instead.
pub(super) fn hidden(job: &JobOptions) -> Vec<(String, String)> {
    job.repository.iter().map(|repository| (repository.clone(), shown_repository(repository))).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn places(folder: &Path) -> Places {
        let credentials = Some(folder.to_owned());
        Places { credentials, cache: Some("/var/cache/cm".into()), home: Some("/root".into()) }
    }

    /// A folder with a secret in it that nobody else can read.
    fn secret(mode: u32) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "s3cret\nmore\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        folder
    }

    #[test]
    fn neither_secret_nor_repository_stands_among_arguments() {
        let folder = secret(0o600);
        let id = "ab".repeat(32);
        for tool in Tool::ALL {
            for question in [Question::List, Question::Sizes, Question::Locks, Question::Lock(id.clone())] {
                let mut job = JobOptions::new("home", tool);
                job.repository = Some("rest:https://ada:s3cret@nas/".to_owned());
                job.secret = Some(Secret::File(folder.path().join("key")));
                let args = arguments(&question, &job, &places(folder.path())).join(" ");
                assert!(!args.contains("s3cret"), "{tool:?} {args}");
            }
        }
    }

    #[test]
    fn what_a_tool_is_given_is_what_it_needs() {
        let folder = secret(0o600);
        let of = |tool, secret: Option<Secret>| {
            let mut job = JobOptions::new("home", tool);
            job.repository = Some("/srv/r".to_owned());
            job.secret = secret;
            job.environment = vec![
                ("BORG_RSH".to_owned(), Value::Plain("ssh -i /k".to_owned())),
                ("AWS".to_owned(), Value::Secret(folder.path().join("key"))),
            ];
            environment(&job, &places(folder.path())).unwrap()
        };
        let has = |all: &[(String, String)], name: &str, value: &str| {
            all.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect::<Vec<_>>() == [value]
        };
        let file = Some(Secret::File(folder.path().join("key")));
        let borg = of(Tool::Borg, file.clone());
        for (name, value) in [
            ("BORG_PASSPHRASE", "s3cret"),
            ("BORG_REPO", "/srv/r"),
            ("BORG_RSH", "ssh -i /k"),
            ("AWS", "s3cret"),
            ("TZ", "UTC"),
            ("BORG_RELOCATED_REPO_ACCESS_IS_OK", "no"),
            ("BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", "no"),
        ] {
            assert!(has(&borg, name, value), "{name}: {borg:?}");
        }
        let open = of(Tool::Borg, None);
        assert!(has(&open, "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", "yes") && has(&open, "BORG_PASSPHRASE", ""));
        let restic = of(Tool::Restic, Some(Secret::Credential("key".to_owned())));
        assert!(has(&restic, "RESTIC_PASSWORD_FILE", folder.path().join("key").to_str().unwrap()), "{restic:?}");
        assert!(restic.iter().all(|(name, value)| name == "AWS" || !value.contains("s3cret")), "{restic:?}");
        assert!(has(&of(Tool::Kopia, file), "KOPIA_PASSWORD", "s3cret"));
    }

    #[test]
    fn a_secret_that_others_can_read_is_not_used() {
        for (mode, expected) in [(0o644, Trouble::Untrusted), (0o620, Trouble::Untrusted)] {
            let folder = secret(mode);
            let mut job = JobOptions::new("home", Tool::Restic);
            job.secret = Some(Secret::File(folder.path().join("key")));
            let fault = environment(&job, &places(folder.path())).unwrap_err();
            assert_eq!(fault.trouble, expected);
            assert!(fault.said.contains("Run: chmod"), "{fault:?}");
        }
        let mut job = JobOptions::new("home", Tool::Restic);
        job.secret = Some(Secret::Credential("key".to_owned()));
        let nowhere = Places { credentials: None, ..Places::default() };
        assert_eq!(environment(&job, &nowhere).unwrap_err().trouble, Trouble::Passphrase);
        job.secret = Some(Secret::File("/no/such/file".into()));
        assert_eq!(environment(&job, &nowhere).unwrap_err().trouble, Trouble::Passphrase);
    }
}
