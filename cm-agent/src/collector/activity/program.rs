//! Which programs are an activity, by name and arguments. Adding one is one row of [`PROGRAMS`].

use cm_model::report::service::ActivityKind::{self, Backup, Gaming, Rebuild, Scrub, Upgrade};

use super::Options;
use crate::pattern::fits;

/// A program whose running explains load: its name as `ps -o comm` prints it (15 bytes), what it is called here, and the
/// arguments one of which must be there. With none any running counts.
#[derive(Debug)]
struct Program {
    comm: &'static str,
    kind: ActivityKind,
    shown: &'static str,
    words: &'static [&'static str],
}

const fn program(comm: &'static str, kind: ActivityKind, words: &'static [&'static str]) -> Program {
    Program { comm, kind, shown: comm, words }
}

const fn cut(comm: &'static str, shown: &'static str, kind: ActivityKind, words: &'static [&'static str]) -> Program {
    Program { comm, kind, shown, words }
}

const BORG: &[&str] = &["create", "prune", "compact", "check", "extract", "delete", "recreate", "serve"];
const RESTIC: &[&str] = &["backup", "prune", "check", "forget", "restore", "copy"];
const APT: &[&str] = &[
    "upgrade",
    "dist-upgrade",
    "full-upgrade",
    "safe-upgrade",
    "install",
    "reinstall",
    "remove",
    "purge",
    "autoremove",
];
const DPKG: &[&str] =
    &["--unpack", "--configure", "--install", "--remove", "--purge", "--triggers-only", "-i", "-r", "-P"];
const DNF: &[&str] = &[
    "upgrade",
    "update",
    "dist-upgrade",
    "distro-sync",
    "dup",
    "up",
    "patch",
    "install",
    "reinstall",
    "remove",
    "system-upgrade",
];

const PROGRAMS: &[Program] = &[
    program("borg", Backup, BORG),
    program("borgmatic", Backup, &[]),
    program("restic", Backup, RESTIC),
    program("rustic", Backup, RESTIC),
    program("kopia", Backup, &["snapshot", "maintenance"]),
    program("rsnapshot", Backup, &[]),
    program("rdiff-backup", Backup, &[]),
    program("duplicity", Backup, &[]),
    program("btrbk", Backup, &["run", "resume"]),
    program("syncoid", Backup, &[]),
    program("bup", Backup, &["save", "index"]),
    program("timeshift", Backup, &["--create"]),
    program("vzdump", Backup, &[]),
    cut("proxmox-backup-", "proxmox-backup-client", Backup, &["backup", "restore"]),
    program("pgbackrest", Backup, &["backup"]),
    program("pg_dump", Backup, &[]),
    program("pg_dumpall", Backup, &[]),
    program("pg_basebackup", Backup, &[]),
    program("mysqldump", Backup, &[]),
    program("mariadb-dump", Backup, &[]),
    program("mongodump", Backup, &[]),
    program("apt", Upgrade, APT),
    program("apt-get", Upgrade, APT),
    program("aptitude", Upgrade, APT),
    program("nala", Upgrade, APT),
    program("dpkg", Upgrade, DPKG),
    // Its companion that waits for a shutdown has the same name and always runs.
    cut("unattended-upgr", "unattended-upgrade", Upgrade, &["unattended-upgrade", "unattended-upgrades"]),
    cut("do-release-upgr", "do-release-upgrade", Upgrade, &[]),
    program("dnf", Upgrade, DNF),
    program("dnf5", Upgrade, DNF),
    program("microdnf", Upgrade, DNF),
    program("yum", Upgrade, DNF),
    program("zypper", Upgrade, DNF),
    program("rpm-ostree", Upgrade, &["upgrade", "update", "rebase", "install", "deploy"]),
    program("pacman", Upgrade, &["-S", "-Su", "-Syu", "-Syyu", "-U"]),
    program("apk", Upgrade, &["upgrade", "add", "fix", "del"]),
    program("emerge", Upgrade, &[]),
    program("xbps-install", Upgrade, &[]),
    program("flatpak", Upgrade, &["update", "install"]),
    program("fwupdmgr", Upgrade, &["update", "upgrade", "install"]),
    program("nixos-rebuild", Upgrade, &["switch", "boot", "test", "build", "dry-activate"]),
    cut("switch-to-confi", "switch-to-configuration", Upgrade, &[]),
    program("nix-build", Upgrade, &[]),
    program("nix-env", Upgrade, &["-i", "-iA", "-u", "--install", "--upgrade"]),
    program("nix", Upgrade, &["build", "upgrade"]),
    program("guix", Upgrade, &["system", "package", "build", "pull"]),
    program("btrfs", Scrub, &["scrub"]),
    program("btrfs", Rebuild, &["balance", "replace"]),
    program("zpool", Scrub, &["scrub"]),
    program("zpool", Rebuild, &["resilver"]),
    program("snapraid", Scrub, &["scrub", "check"]),
    program("snapraid", Backup, &["sync"]),
    program("xfs_scrub", Scrub, &[]),
    program("lutris-wrapper", Gaming, &[]),
];

/// What a process is, if it is an activity: the sort, and a name made of words that stand here. Its arguments are asked for only
/// where they decide.
pub(super) fn recognise(
    comm: &str,
    options: &Options,
    arguments: impl FnOnce() -> Vec<String>,
) -> Option<(ActivityKind, String)> {
    let comm = unwrapped(comm);
    let named = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, comm) || is_longer(pattern, comm));
    if named(&options.games) {
        return Some((Gaming, comm.to_owned()));
    }
    if named(&options.backups) {
        return Some((Backup, comm.to_owned()));
    }
    if comm == "reaper" {
        return steam(&arguments()).map(|game| (Gaming, game));
    }
    let mut programs = PROGRAMS.iter().filter(|program| program.comm == comm).peekable();
    if programs.peek()?.words.is_empty() {
        return programs.next().map(|program| (program.kind, program.shown.to_owned()));
    }
    let arguments = arguments();
    // Only of a name that was cut is the whole one sought among the paths: `restic -r /srv/backup forget` makes no backup.
    let is_cut = comm.len() == 15;
    let word = |argument: &'_ String| {
        if is_cut { argument.rsplit('/').next().unwrap_or("").to_owned() } else { argument.clone() }
    };
    let words: Vec<String> = arguments.iter().map(word).collect();
    programs.find_map(|program| {
        let word = words.iter().find(|word| program.words.contains(&&***word))?;
        let shown = if *word == program.shown { program.shown.to_owned() } else { format!("{} {word}", program.shown) };
        Some((program.kind, shown))
    })
}

/// The game that Steam has started: `reaper SteamLaunch AppId=1091500 -- ...`. What stands between the number and the dashes
/// says that it is only being installed.
fn steam(arguments: &[String]) -> Option<String> {
    let rest = arguments.get(1..)?;
    let [launch, id, dashes, ..] = rest else { return None };
    let id = id.strip_prefix("AppId=")?;
    let is_game = launch == "SteamLaunch" && dashes == "--" && id.parse::<u64>().is_ok();
    is_game.then(|| format!("steam_app_{id}"))
}

/// The name of a program that NixOS wraps: `.borg-wrapped`, cut to 15 bytes.
fn unwrapped(comm: &str) -> &str {
    let Some(name) = comm.strip_prefix('.') else { return comm };
    let cut = (1..="-wrapped".len()).rev().find_map(|length| name.strip_suffix(&"-wrapped"[..length]));
    cut.filter(|name| !name.is_empty()).unwrap_or(comm)
}

/// Whether the kernel has cut this name, which an owner wrote whole.
fn is_longer(pattern: &str, comm: &str) -> bool {
    comm.len() == 15 && !pattern.contains(['*', '?']) && pattern.starts_with(comm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(line: &str) -> Option<String> {
        let mut words = line.split(' ').map(str::to_owned);
        let comm = words.next()?;
        let options =
            Options { games: vec!["minecraft*".into(), "Cyberpunk2077.exe".into()], backups: vec!["my-backup".into()] };
        recognise(&comm, &options, || words.collect()).map(|(kind, name)| format!("{kind}: {name}"))
    }

    #[test]
    fn programs_are_known_by_name_and_argument() {
        for (line, expected) in [
            (
                "borg /usr/bin/python3 /usr/bin/borg --lock-wait 5 create ssh://secret@host/r::a /home",
                Some("backup: borg create"),
            ),
            ("borg /usr/bin/borg serve --restrict-to-path /x", Some("backup: borg serve")),
            ("borg /usr/bin/borg mount /r /mnt", None),
            (".borg-wrapped python3 /nix/store/x/bin/.borg-wrapped prune", Some("backup: borg prune")),
            (".borgmatic-wrap python3 borgmatic", Some("backup: borgmatic")),
            (".nixos-rebuild- python3 /x/.nixos-rebuild-wrapped switch", Some("upgrade: nixos-rebuild switch")),
            ("restic restic -r /r --password-file /p backup /home", Some("backup: restic backup")),
            ("restic restic -r /srv/backup forget", Some("backup: restic forget")),
            ("restic restic mount /mnt", None),
            ("kopia kopia server start", None),
            ("proxmox-backup- /usr/lib/x86_64-linux-gnu/proxmox-backup/proxmox-backup-proxy", None),
            ("proxmox-backup- proxmox-backup-client backup root.pxar:/", Some("backup: proxmox-backup-client backup")),
            ("apt apt list --upgradable", None),
            ("apt-get apt-get -y dist-upgrade", Some("upgrade: apt-get dist-upgrade")),
            (
                "dpkg /usr/bin/dpkg --status-fd 12 --no-triggers --unpack --auto-deconfigure x.deb",
                Some("upgrade: dpkg --unpack"),
            ),
            ("dpkg dpkg -l", None),
            (
                "unattended-upgr /usr/bin/python3 /usr/share/unattended-upgrades/unattended-upgrade-shutdown --wait-for-signal",
                None,
            ),
            ("unattended-upgr /usr/bin/python3 /usr/bin/unattended-upgrade", Some("upgrade: unattended-upgrade")),
            ("pacman pacman -Ss x", None),
            ("pacman pacman -Syu", Some("upgrade: pacman -Syu")),
            ("btrfs btrfs scrub start -B /", Some("scrub: btrfs scrub")),
            ("btrfs btrfs balance start /", Some("rebuild: btrfs balance")),
            ("btrfs btrfs subvolume list /", None),
            (
                "reaper /x/reaper SteamLaunch AppId=1091500 -- /x/steam-launch-wrapper",
                Some("gaming: steam_app_1091500"),
            ),
            ("reaper /x/reaper SteamLaunch AppId=1091500 Install=1 -- /x", None),
            ("reaper reaper", None),
            ("minecraft-laun x", Some("gaming: minecraft-laun")),
            ("Cyberpunk2077.e x", Some("gaming: Cyberpunk2077.e")),
            ("Cyberpunk2077. x", None),
            ("my-backup x", Some("backup: my-backup")),
            ("bash bash borg create", None),
            (". x", None),
            (".-wrapped x", None),
        ] {
            assert_eq!(told(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn every_program_has_a_name_that_the_kernel_can_keep() {
        for program in PROGRAMS {
            let Program { comm, shown, .. } = program;
            assert!((1..=15).contains(&comm.len()) && shown.starts_with(comm), "{program:?}");
            assert!(shown.len() == comm.len() || comm.len() == 15, "{program:?} is cut too early");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_told_of_arguments_but_words_that_stand_here(secret in "[a-z0-9]{12,20}", program in 0..PROGRAMS.len()) {
            let words = PROGRAMS[program].words.iter().copied().chain([&*secret]);
            let arguments: Vec<String> = words.map(str::to_owned).collect();
            if let Some((_, name)) = recognise(PROGRAMS[program].comm, &Options::default(), || arguments) {
                prop_assert!(!name.contains(&*secret), "{name}");
            }
        }
    }
}
