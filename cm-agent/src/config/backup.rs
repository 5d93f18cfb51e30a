//! `[backups.NAME]`: which backups there are, and how each is asked.
//!
//! No program is looked for and no secret is read here: what is missing on this machine is told with the backup, and keeps
//! nothing else from running.

use std::path::PathBuf;
use std::time::Duration;

use crate::collector::backup::{JobOptions, Options, Secret, Tool, Value};
use crate::systemd::name;

use super::section::Section;

/// The most backups of one host.
const MOST: usize = 16;
/// The most further variables of one backup's environment.
const MOST_VARIABLES: usize = 16;

/// Reads all of them.
pub(super) fn read(section: &Section<'_, '_>) -> Options {
    let mut jobs = Vec::new();
    for (name, one) in section.tables() {
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !(1..=63).contains(&name.len()) || !name.chars().all(letters) {
            one.contradiction(None, "a backup's name is 1 to 63 letters, digits, `-`, `_` or `.`");
        }
        if jobs.len() == MOST {
            one.contradiction(None, &format!("there are more than {MOST} backups"));
            break;
        }
        if let Some(job) = read_one(name, one) {
            jobs.push(job);
        }
    }
    Options { jobs, ..Options::default() }
}

fn read_one(name: &str, mut section: Section<'_, '_>) -> Option<JobOptions> {
    let expected = "borg, restic, borgmatic, kopia or status_file";
    let tool = section.parsed("tool", expected, |text| Tool::ALL.into_iter().find(|tool| tool.word() == text));
    let mut job = JobOptions::new(name, tool.unwrap_or(Tool::StatusFile));
    let filled = |text: &str| (!text.is_empty() && !text.contains('\0')).then(|| text.to_owned());
    job.repository = section.parsed("repository", "a repository as the tool takes it", filled);
    job.file = section.parsed("file", WHOLE_PATH, whole_path);
    job.program = section.parsed("program", WHOLE_PATH, |text| text.starts_with('/').then(|| text.to_owned()));
    let file = section.parsed("passphrase_file", WHOLE_PATH, whole_path);
    let credential = section.parsed("credential", "the name of a credential of systemd's", |text| {
        let sound = !text.is_empty() && !text.starts_with('.') && !text.contains(['/', '\0']);
        sound.then(|| text.to_owned())
    });
    if file.is_some() && credential.is_some() {
        section.contradiction(
            Some("credential"),
            "the passphrase is in `passphrase_file` or in `credential`, not in both",
        );
    }
    job.secret = file.map(Secret::File).or(credential.map(Secret::Credential));
    job.environment = read_environment(&mut section);
    let mut unit = |key| {
        section.parsed(key, "the name of a systemd unit", |text| {
            (name::is_sound(text) && !name::is_pattern(text)).then(|| text.to_owned())
        })
    };
    (job.unit, job.timer) = (unit("unit"), unit("timer"));
    (job.check_unit, job.restore_unit) = (unit("check_unit"), unit("restore_unit"));
    if let Some(timer) = &mut job.timer
        && name::whole(timer) != *timer
    {
        timer.push_str(".timer");
    }
    let hours = |(hours, _)| Duration::from_hours(hours);
    job.every = section.number("every_h", 1..=8760).map(hours);
    job.check_every = section.number("check_every_d", 1..=3650).map(|(days, _)| Duration::from_hours(24 * days));
    if let Some((minutes, _)) = section.number("interval_min", 1..=1440) {
        job.interval = Duration::from_mins(minutes);
    }
    job.ignore_sources = section.texts("ignore_sources");
    job.sizes = section.flag("sizes").unwrap_or(true);
    job.cache = section.parsed("cache_folder", WHOLE_PATH, whole_path);
    let lacks = match tool {
        Some(Tool::Borg | Tool::Restic) if job.repository.is_none() => Some("a `repository`"),
        Some(Tool::StatusFile) if job.file.is_none() => Some("a `file`"),
        None if !section.has("tool") => Some("a `tool`"),
        _ => None,
    };
    if let Some(what) = lacks {
        section.contradiction(None, &format!("this backup needs {what}"));
    }
    section.finish();
    tool.map(|_| job)
}

const WHOLE_PATH: &str = "a whole path, from / on";

fn whole_path(text: &str) -> Option<PathBuf> {
    Some(PathBuf::from(text)).filter(|path| path.is_absolute() && !text.contains('\0'))
}

/// Further variables: their values, and files that hold the values of secret ones.
fn read_environment(section: &mut Section<'_, '_>) -> Vec<(String, Value)> {
    let variable = |text: &str| {
        let (name, value) = text.split_once('=')?;
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let sound = !name.is_empty() && name.chars().all(letters) && !name.starts_with(|c: char| c.is_ascii_digit());
        (sound && !value.contains('\0')).then(|| (name.to_owned(), value.to_owned()))
    };
    let plain = section.each("environment", "variables as in \"NAME=value\"", variable).unwrap_or_default();
    if let Some((name, _)) = plain.iter().find(|(name, _)| is_secret(name)) {
        let message =
            format!("`{name}` is a secret: put it into a file, and the file's path into `secret_environment`");
        section.contradiction(Some("environment"), &message);
    }
    let in_file = |text: &str| variable(text).filter(|(_, path)| path.starts_with('/'));
    let expected = "variables and the files of their values, as in \"NAME=/path\"";
    let secret = section.each("secret_environment", expected, in_file).unwrap_or_default();
    if plain.len() + secret.len() > MOST_VARIABLES {
        section.contradiction(Some("environment"), &format!("there are more than {MOST_VARIABLES} variables"));
    }
    let plain = plain.into_iter().map(|(name, value)| (name, Value::Plain(value)));
    plain.chain(secret.into_iter().map(|(name, path)| (name, Value::Secret(path.into())))).collect()
}

/// Whether a variable is known to hold a secret.
fn is_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let ends = ["PASSPHRASE", "PASSWORD", "TOKEN", "ACCOUNT_KEY", "PASSCOMMAND", "PASSWORD_COMMAND"];
    upper.contains("SECRET") || ends.iter().any(|end| upper.ends_with(end))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::collector::backup::Tool;
    use crate::config::{Config, ConfigError};

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(Path::new("/etc/cm-dashboard/agent.toml"), text)
    }

    #[test]
    fn every_setting_of_a_backup_is_taken() {
        let config = parse(
            r#"
            [backups.home]
            tool = "borg"
            repository = "ssh://borg@nas.lan/./home"
            passphrase_file = "/etc/cm-dashboard/borg.key"
            program = "/opt/borg/borg"
            unit = "borg-home"
            timer = "borg-home"
            check_unit = "borg-check.service"
            restore_unit = "borg-restore-test"
            every_h = 24
            check_every_d = 30
            interval_min = 60
            environment = ["BORG_RSH=ssh -i /etc/key"]
            secret_environment = ["AWS_SECRET_ACCESS_KEY=/etc/aws"]
            ignore_sources = ["old-*"]
            sizes = false
            cache_folder = "/var/cache/cm"
            [backups.other]
            tool = "status_file"
            file = "/run/backup.json"
            "#,
        )
        .unwrap();
        let jobs = &config.collect.backup.jobs;
        assert_eq!(
            jobs.iter().map(|job| (&*job.name, job.tool)).collect::<Vec<_>>(),
            [("home", Tool::Borg), ("other", Tool::StatusFile)]
        );
        let job = &jobs[0];
        assert_eq!(
            (job.timer.as_deref(), job.unit.as_deref(), job.sizes),
            (Some("borg-home.timer"), Some("borg-home"), false)
        );
        assert_eq!(
            (job.every.map(|every| every.as_secs()), job.interval.as_secs(), job.environment.len()),
            (Some(86_400), 3_600, 2)
        );
    }

    #[test]
    fn what_is_wrong_with_a_backup_is_told_in_its_place() {
        for (text, expected) in [
            ("[backups.a]", "this backup needs a `tool`"),
            ("[backups.a]\ntool = \"tar\"", "`tool` takes borg, restic"),
            ("[backups.a]\ntool = \"borg\"", "this backup needs a `repository`"),
            ("[backups.a]\ntool = \"status_file\"", "this backup needs a `file`"),
            ("[backups.a]\ntool = \"kopia\"\nfile = \"kopia.config\"", "`file` takes a whole path"),
            ("[backups.\"a b\"]\ntool = \"kopia\"", "a backup's name is"),
            ("[backups]\na = 5", "`a` takes a table"),
            ("[backups.a]\ntool = \"kopia\"\nunit = \"borg*\"", "`unit` takes the name of a systemd unit"),
            ("[backups.a]\ntool = \"kopia\"\nevery_h = 0", "`every_h` takes 1 to 8760"),
            ("[backups.a]\ntool = \"kopia\"\nevery = 1", "Did you mean `every_h`?"),
            ("[backups.a]\ntool = \"kopia\"\nenvironment = [\"1A=b\"]", "`environment` takes variables"),
            ("[backups.a]\ntool = \"kopia\"\nenvironment = [\"AWS_SECRET_ACCESS_KEY=b\"]", "is a secret"),
            ("[backups.a]\ntool = \"kopia\"\nenvironment = [\"BORG_PASSPHRASE=b\"]", "is a secret"),
            ("[backups.a]\ntool = \"kopia\"\nsecret_environment = [\"A=b\"]", "`secret_environment` takes variables"),
            (
                "[backups.a]\ntool = \"kopia\"\npassphrase_file = \"/a\"\ncredential = \"b\"",
                "in `passphrase_file` or in `credential`, not in both",
            ),
            ("[backups.a]\ntool = \"kopia\"\ncredential = \"../b\"", "`credential` takes the name of a credential"),
        ] {
            let told = parse(text).expect_err(text).to_string();
            assert!(told.contains(expected), "{text}\n{told}");
        }
        let many: Vec<_> = (0..=super::MOST).map(|at| format!("[backups.b{at}]\ntool = \"kopia\"\n")).collect();
        let many = many.concat();
        assert!(parse(&many).expect_err("too many").to_string().contains("more than 16 backups"));
    }
}
