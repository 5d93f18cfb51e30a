//! Exit codes: 0 to 3 tell of the fleet when `--check` asks for it, 64 and up tell of this program (after `sysexits.h`).

use cm_core::clock::Now;
use cm_core::fault::Code;
use cm_core::fleet::Fleet;
use cm_core::health::{Health, Verdict};
use cm_core::observation::LinkState;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Done; with `--check`: all is well, notes included.
    Well = 0,
    /// With `--check`: something wants attention.
    Warning = 1,
    /// With `--check`: something that could be asked has failed or soon will.
    Critical = 2,
    /// With `--check`: a host could not be asked, or what it says is old.
    Unknown = 3,
    /// The command was not understood.
    Usage = 64,
    /// A file holds something else than it should.
    Data = 65,
    /// A file that was to be read is not there.
    NoInput = 66,
    /// A fault of this program.
    Inner = 70,
    /// A file cannot be made.
    CannotCreate = 73,
    /// Output could not be written.
    Io = 74,
    /// The configuration is wrong.
    Config = 78,
    /// Broken off by whoever started it.
    Interrupted = 130,
}

impl Exit {
    /// Every exit code with its meaning: what the help and the manual print.
    pub const LIST: [(Self, &'static str); 12] = [
        (Self::Well, "done; with --check: all is well"),
        (Self::Warning, "with --check: something wants attention"),
        (Self::Critical, "with --check: something has failed or soon will"),
        (Self::Unknown, "with --check: a host does not answer, or what it says is old"),
        (Self::Usage, "the command was not understood"),
        (Self::Data, "a file holds something else than it should"),
        (Self::NoInput, "a file to be read is not there"),
        (Self::Inner, "a fault of this program"),
        (Self::CannotCreate, "a file cannot be made"),
        (Self::Io, "output cannot be written"),
        (Self::Config, "the configuration is wrong"),
        (Self::Interrupted, "broken off by a signal"),
    ];

    /// The number that the caller sees.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The exit code of a fault.
    pub fn of(code: Code) -> Self {
        match code {
            Code::FILE_UNREADABLE | Code::HISTORY_ABSENT => Self::NoInput,
            Code::FILE_UNWRITABLE => Self::Io,
            Code::NOT_A_SNAPSHOT
            | Code::HISTORY_GROUND
            | Code::HISTORY_FOREIGN
            | Code::HISTORY_NEWER
            | Code::HISTORY_OLDER
            | Code::HISTORY_DAMAGED
            | Code::AUDIT_CHANGED => Self::Data,
            code if (Code::HISTORY_UNWRITABLE..=Code::HISTORY_CLOCK_SET).contains(&code) => Self::Io,
            Code::USAGE
            | Code::NO_SUCH_CODE
            | Code::UNKNOWN_FIELD
            | Code::FORMAT_UNFIT
            | Code::NO_SUCH_HOST
            | Code::NO_SUCH_SERIES => Self::Usage,
            Code::CONFIG_EXISTS => Self::CannotCreate,
            code if (Code::RULE_UNREADABLE..=Code::RULE_CONTRADICTION).contains(&code) => Self::Config,
            code if (Code::CONFIG_NOT_TOML..=Code::TOKEN_UNREADABLE).contains(&code) => Self::Config,
            _ => Self::Inner,
        }
    }

    /// How the fleet stands, as `--check` tells it.
    ///
    /// What a host that answers calls critical comes first: it is known. Then what is not known: hosts that do not
    /// answer, or whose answer is old or cannot be read. Then warnings. Notes are well.
    pub fn check(fleet: &Fleet, now: Now) -> Self {
        let mut worst = Self::Well;
        for host in fleet.hosts() {
            let exit = Self::of_host(&fleet.verdict(host, now), fleet.host_link(host, now));
            worst = if rank(exit) > rank(worst) { exit } else { worst };
        }
        worst
    }

    fn of_host(verdict: &Verdict, link: LinkState) -> Self {
        let any = |health: Health| {
            verdict.reasons.iter().any(|reason| reason.health == health && !reason.code.starts_with("link."))
        };
        let unheard = !matches!(link, LinkState::Answering | LinkState::Off)
            || verdict.reasons.iter().any(|reason| matches!(reason.code, "link.stale" | "link.failing"));
        if any(Health::Critical) {
            Self::Critical
        } else if unheard || verdict.health == Health::Unknown {
            Self::Unknown
        } else if matches!(verdict.health, Health::Critical | Health::Warning) {
            Self::Warning
        } else {
            Self::Well
        }
    }
}

const fn rank(exit: Exit) -> u8 {
    match exit {
        Exit::Well => 0,
        Exit::Warning => 1,
        Exit::Unknown => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use cm_core::health::{Reason, Subject};

    use super::*;

    #[test]
    fn the_list_holds_each_code_once_in_order() {
        assert!(Exit::LIST.windows(2).all(|pair| pair[0].0.number() < pair[1].0.number()));
    }

    /// How a host ends a check whose reasons are these, by code and health, and that answers so.
    fn of(reasons: &[(&'static str, Health)], link: LinkState) -> u8 {
        let reason = |&(code, health): &(&'static str, Health)| Reason {
            health,
            code,
            subject: Subject::host(),
            metric: None,
            text: "".into(),
            next: "",
        };
        Exit::of_host(&Verdict::from_reasons(reasons.iter().map(reason).collect()), link).number()
    }

    #[test]
    fn what_is_known_to_be_bad_comes_before_what_is_not_known() {
        use Health::{Critical, Note, Unknown, Warning};
        for (reasons, link, exit) in [
            (&[][..], LinkState::Answering, 0),
            (&[("drive.unreadable", Note)], LinkState::Answering, 0),
            (&[("memory.use", Warning)], LinkState::Answering, 1),
            (&[("link.clock_ahead", Warning)], LinkState::Answering, 1),
            (&[("drive.smart_failed", Critical)], LinkState::Answering, 2),
            (&[("link.unreachable", Critical)], LinkState::Unreachable, 3),
            (&[("link.unreachable", Note)], LinkState::Unreachable, 3),
            (&[("link.failing", Warning)], LinkState::Answering, 3),
            (&[("link.stale", Warning)], LinkState::Stale, 3),
            (&[("pool.unknown", Unknown)], LinkState::Answering, 3),
            (&[("drive.smart_failed", Critical), ("link.failing", Warning)], LinkState::Answering, 2),
            (&[("memory.use", Warning), ("link.failing", Warning)], LinkState::Answering, 3),
            (&[], LinkState::Unauthorised, 3),
            (&[], LinkState::Malformed, 3),
            (&[], LinkState::Waiting, 3),
            (&[("link.off", Health::Ok)], LinkState::Off, 0),
        ] {
            assert_eq!(of(reasons, link), exit, "{reasons:?} {link:?}");
        }
    }

    #[test]
    fn every_fault_that_this_program_raises_has_its_code() {
        for (code, exit) in [
            (Code::USAGE, 64),
            (Code::NO_SUCH_HOST, 64),
            (Code::UNKNOWN_FIELD, 64),
            (Code::NOT_A_SNAPSHOT, 65),
            (Code::FILE_UNREADABLE, 66),
            (Code::INNER_FAULT, 70),
            (Code::CONFIG_EXISTS, 73),
            (Code::FILE_UNWRITABLE, 74),
            (Code::CONFIG_NOT_TOML, 78),
            (Code::CONFIG_MISSING, 78),
            (Code::TOKEN_UNREADABLE, 78),
        ] {
            assert_eq!(Exit::of(code).number(), exit, "{code}");
        }
    }
}
