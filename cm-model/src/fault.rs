//! Every fault has a short code that never changes, a title, what it means, and the next step.
//!
//! `cm-cli explain CM-0103` prints an entry; error messages carry the code. Codes are append-only: one that is no longer
//! raised keeps its entry.

use std::fmt;
use std::str::FromStr;

/// A fault's stable number, printed `CM-0103`.
///
/// 01xx a host's answer, 02xx configuration, 03xx this machine and the agent, 04xx files, 05xx usage and inner faults, 06xx telling people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u16);

/// What is known about a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Its code.
    pub code: Code,
    /// A few words.
    pub title: &'static str,
    /// What has happened, and what it usually comes from.
    pub meaning: &'static str,
    /// The next step, in one line.
    pub next: &'static str,
}

macro_rules! faults {
    ($($number:literal $name:ident $title:literal $meaning:literal $next:literal)+) => {
        impl Code {
            $(#[doc = $title] pub const $name: Self = Self($number);)+
        }

        /// Every fault, by code.
        pub const FAULTS: &[Fault] = &[
            $(Fault { code: Code::$name, title: $title, meaning: $meaning, next: $next }),+
        ];
    };
}

faults! {
    101 NAME_UNKNOWN "The host's name does not resolve"
        "The address of this host in hosts.toml is a name that neither DNS, mDNS nor /etc/hosts knows on this machine."
        "Try `getent hosts NAME`; correct `address` in hosts.toml or write an IP address there."
    102 REFUSED "Connection refused"
        "The host is up, but nothing listens on that port: the agent is stopped, listens on another port, or only on loopback."
        "On the host: `systemctl status cm-agent`, and `listen` in agent.toml; here: the port in hosts.toml."
    103 TIMED_OUT "No answer in time"
        "Nothing came back within the limit: the host is off or hangs, a firewall drops the packets, or the address is wrong."
        "Try `ping` and `ssh` to the host; if it is up, look for a firewall that drops ports 6127 to 6129."
    104 NO_ROUTE "No route to the host"
        "This machine knows no way to that address: its own network is down, or the address lies in a network it cannot reach."
        "Look at this machine's own link first: `ip route get ADDRESS`."
    105 BROKEN_OFF "The connection broke off"
        "The connection was closed or reset in the middle of the answer: the agent ended, the host restarted, or a device between cut it."
        "Run it again; if it stays, read the agent's journal on the host."
    106 TLS "No secure connection"
        "TLS could not be agreed on: the certificate is for another name, has expired, or is signed by an authority unknown here."
        "Check the certificate's names and dates; for a plain HTTP port write http:// in hosts.toml."
    107 UNAUTHORISED "The host refuses the token"
        "The host wants a bearer token, and none is configured here or another one."
        "Compare the token file named in hosts.toml with the one named in the host's agent.toml."
    108 REDIRECTED "The host redirects"
        "The host answered with a redirect, which is not followed: a token must go nowhere that was not configured."
        "Write the address it redirects to in hosts.toml, if you trust it."
    109 HTTP_STATUS "The host answers with an error"
        "Something answers on that port, but with an HTTP status other than 200: an older server at another path, or a fault of its own."
        "Open the address with curl; where an older server answers at another path, write the full URL in hosts.toml."
    110 MALFORMED "The answer cannot be read"
        "The host answered, but not with the JSON of this API: the message names the place and what was expected there."
        "Open the address with curl and compare with docs/API.md; mostly another program listens there, or the wrong port stands in hosts.toml."
    111 TOO_LARGE "The answer is too large"
        "The host sent more than 4 MiB, which no report needs: reading stopped there."
        "Open the address with curl; mostly another program listens there."
    112 WEB_PAGE "The answer is a web page"
        "A web page came instead of JSON: a login form, a captive portal, a proxy's error, or another program on that port."
        "Open the address in a browser to see whose page it is, then correct the port in hosts.toml."
    113 UNPACKABLE "The compressed answer does not unpack"
        "The host says that its answer is compressed, but it does not unpack, or to more than 4 MiB."
        "Open the address with `curl --compressed`; mostly a proxy between alters the answer."
    114 NOT_OFFERED "Not offered"
        "This API is switched off for this host, or its source does not carry it."
        "Switch it on in the host's agent.toml, or leave it out in hosts.toml."
    115 STALE "The data is old"
        "The host answers, but the moment of its report lies too far back: its agent stands still, or its clock is wrong."
        "On the host: `timedatectl` and `systemctl status cm-agent`."
    116 CLOCK_OFF "The host's clock is off"
        "The host's report is dated in the future: its clock or this machine's is wrong."
        "Compare `date -u` on both machines; switch on time synchronisation."
    201 CONFIG_NOT_TOML "The configuration is not TOML"
        "The file cannot be parsed: the message shows the line and the column."
        "Correct the place shown; `cm-cli config init --print` prints a commented example."
    202 CONFIG_UNKNOWN_KEY "Unknown setting"
        "The configuration holds a name that no setting has; the message shows the nearest one."
        "Correct the name, or delete the line; `cm-cli config show` lists every setting."
    203 CONFIG_WRONG_TYPE "A setting has the wrong type"
        "A setting holds a value of another type than it takes: text for a number, a number for a switch."
        "Write a value of the type shown."
    204 CONFIG_OUT_OF_RANGE "A setting is out of range"
        "A setting holds a value that it does not allow."
        "Write a value within the range shown."
    205 CONFIG_CONTRADICTION "Settings contradict each other"
        "Two settings cannot both hold: the message names both."
        "Change one of them."
    206 CONFIG_UNREADABLE "The configuration cannot be read"
        "The file is there but may not be read, or is no file."
        "Look at its rights: `ls -l FILE`."
    207 CONFIG_WRITABLE_BY_OTHERS "The configuration can be written by others"
        "Somebody other than its owner could have changed the file, a token or a program in it: it is not used."
        "Run the chmod that the message shows."
    208 CONFIG_EXISTS "The configuration is already there"
        "A new file would overwrite one that exists; nothing was written."
        "Choose another place, or move the old file away."
    209 NO_SUCH_HOST "No such host or group"
        "A host or group named on the command line stands in no configuration."
        "`cm-cli hosts` lists all hosts and their groups."
    210 CONFIG_MISSING "No such configuration file"
        "The file named on the command line is not there."
        "Check the path; `cm-cli config paths` prints where files are looked for."
    211 TOKEN_UNREADABLE "A token cannot be read"
        "The token file named in the configuration is missing, empty, or may not be read."
        "Write the token into that file, readable by its user alone: chmod 600 FILE."
    212 TOKEN_EXPOSED "A token can be read by others"
        "The token file may be read by everybody on this machine, who could then speak to the host in your name: it is not used."
        "Run: chmod 600 FILE; if others may have read it, make a new token on the host."
    221 RULE_UNREADABLE "A rule cannot be read"
        "A file of rules holds something that is not put together as rules are: the message shows the line and the column."
        "Correct the place shown; docs/RULES.md has the language on two pages."
    222 RULE_UNKNOWN_NAME "A rule names something unknown"
        "A rule names a metric, a function, a unit, a state or another rule that there is not; the message shows the nearest one."
        "Correct the name; docs/METRICS.md lists the metrics, `cm-cli rules list` the rules."
    223 RULE_MISMATCH "Parts of a rule do not go together"
        "A rule compares or adds what does not count in the same unit, or takes a text for a number."
        "Write the unit shown."
    224 RULE_CONTRADICTION "Rules contradict each other"
        "Two rules have one name, or one rule is changed in more ways than can be kept apart."
        "Give one of them another name, or use `change NAME`."
    301 MACHINE_UNREADABLE "This machine cannot be read"
        "A part of this machine's state could not be collected; the message says which, and why."
        "`cm-agent collect --once --json` shows every part that is missing, with its cause."
    302 PORT_IN_USE "The port is in use"
        "Another program listens on the port that the agent was to serve."
        "`ss -ltnp` shows which; stop it, or change the port in agent.toml."
    303 LISTEN_REFUSED "The agent may not listen there"
        "The address is not one of this machine, or the port needs rights that the agent does not have."
        "Check `listen` in agent.toml against `ip addr`."
    304 NOT_A_MACHINE "Not a machine"
        "The folder given with --root holds neither proc/ nor sys/."
        "Give a folder that holds a machine's proc/ and sys/, as docs/ARCHITECTURE.md describes."
    305 FOREIGN_NAME "Asked under a foreign name"
        "The request's Host is no name of that server: a name it was not told of, or a web page that points its own name at it."
        "Add the name to `host_names` in agent.toml, or ask by IP address."
    306 FOREIGN_PAGE "Asked by a web page from elsewhere"
        "A browser sent the request on behalf of a page that did not come from that server."
        "Open the address itself, or read it with curl; pages from elsewhere are never let in."
    307 REQUEST_REFUSED "Not a request that is answered"
        "Only GET and HEAD without a body, with one Host, on the paths that the index lists are answered."
        "Open `/` on the combined port (6126) for the paths that there are."
    308 NOT_COLLECTED_YET "Nothing has been collected yet"
        "The agent has just started, or its collectors have not come through yet."
        "Ask again in a few seconds; if it stays, read the agent's journal."
    401 FILE_UNREADABLE "A file cannot be read"
        "The file named in the message is missing or may not be read."
        "Check the path and its rights."
    402 FILE_UNWRITABLE "A file cannot be written"
        "The file could not be written in full; what was there before is untouched."
        "Check the folder's rights and the free space: `df -h`."
    403 NOT_A_SNAPSHOT "Not a snapshot"
        "The file is no snapshot of `cm-cli export --snapshot`, or of a newer version than this program reads."
        "Make it anew, or read it with the version that made it."
    404 HISTORY_ABSENT "There is no history yet"
        "Nothing has been recorded in this file: no program that records has run, or it records into another file."
        "Start `cm-cli history record` or cm-tui; `cm-cli config show` prints which file the history is."
    405 HISTORY_GROUND "The history cannot lie there"
        "The file lies on a network or FUSE filesystem, where the locks that keep a history whole are not to be trusted: it is not used."
        "Name a file on a local disk: `database` in [history] of dashboard.toml, or --database."
    406 HISTORY_FOREIGN "Not a history"
        "The file is a database of another program, or no database at all: it was not touched."
        "Name another file: `database` in [history] of dashboard.toml, or --database."
    407 HISTORY_NEWER "The history is from a newer version"
        "A newer version of this program has written the file, and this one does not know its layout: it was not touched."
        "Update this program, or name another file with --database."
    408 HISTORY_OLDER "The history is from an older version"
        "The file has an older layout, and only the program that records brings it up to date."
        "Start `cm-cli history record` or cm-tui once."
    409 HISTORY_UNWRITABLE "The history cannot be written"
        "This user may not write the file or its folder, or it lies on a read-only filesystem; nothing is recorded meanwhile."
        "Check the rights of the file and of its folder: `ls -ld`; recording goes on by itself within a minute."
    410 HISTORY_FULL "No room for the history"
        "The disk is full, or so nearly that what is left is kept for what matters more than samples. Nothing that was stored is lost; the newest samples wait in memory, and the oldest of these are dropped and counted."
        "Make room on the disk: `df -h`; recording goes on by itself."
    411 HISTORY_LOG_HELD "The history's log cannot be emptied"
        "A program has been reading the history for long, so that its write-ahead log grows; samples wait until that ends, and what has expired stays in the log."
        "End the program that reads: `fuser -v` with the file shows which."
    412 HISTORY_BUSY "The history is busy"
        "Another program has been writing to the file for longer than was waited."
        "It is tried again by itself; if it stays, `fuser -v` with the file shows which program has it open."
    413 HISTORY_FENCED "Another program records"
        "One program at a time records, and another holds the lease now; this one writes nothing and takes over when the other ends."
        "Nothing is to be done; `cm-cli history stats` names the program that records."
    414 HISTORY_REPLACED "The history was replaced"
        "The file that was open is no longer the one that has its name: somebody put another in its place, or took it away."
        "Nothing is to be done: the file that is there now is opened by itself."
    415 HISTORY_DAMAGED "The history is damaged"
        "What was read from the file is not what was written: the disk, its cable or a copy of the open file may be at fault."
        "`cm-cli history check` says how much, `cm-cli history salvage` saves the rest into a new file."
    416 HISTORY_REFUSED "The history cannot be used"
        "The file could not be opened, read or written for the reason that the message gives."
        "Act on the reason; recording is tried again every minute."
    417 HISTORY_CLOCK_SET "This machine's clock was set"
        "The clock leapt: samples lie before or after the gap that it left, and nothing expires by it until it has gone steadily for an hour."
        "If nobody set it: `timedatectl` shows whether the time is synchronised."
    418 AUDIT_CHANGED "The audit log was changed"
        "An act in the log is not what was sealed, is missing, or stands in another's place: somebody wrote to the file past this program, or the disk is at fault."
        "`cm-cli audit verify` names each; compare with a backup of the history, and with the heads in the last lines of mails."
    501 USAGE "The command was not understood"
        "An argument is unknown, missing, or contradicts another."
        "`cm-cli help COMMAND` shows what it takes."
    502 INNER_FAULT "A fault of this program"
        "Something happened that should not be possible. Nothing was changed on any host."
        "Report it with the message and `cm-cli export --snapshot`, which can rename your hosts."
    503 NO_SUCH_CODE "No such code"
        "No fault has this code."
        "`cm-cli explain` without a code lists them all."
    504 UNKNOWN_FIELD "No such field"
        "A name given with --fields is no column of this command."
        "The message lists the columns that there are."
    505 FORMAT_UNFIT "This format does not fit"
        "The command has nothing to say in the format asked for."
        "Choose one of the formats that the message lists."
    506 NO_SUCH_SERIES "Nothing of that name was recorded"
        "The history knows no such host, metric or subject."
        "`cm-cli history` lists the hosts, `cm-cli history HOST` its metrics and subjects."
    601 CHANNEL_UNREACHED "A channel cannot be reached"
        "Where the channel's messages go does not answer, or the connection broke off before a message was through. Nothing is lost: it is tried again."
        "Try the address with curl, or the mail server with `openssl s_client`; then `cm-notify test CHANNEL`."
    602 CHANNEL_INSECURE "No secure connection to a channel"
        "The other end offers no encryption, or a certificate that this machine does not trust; nothing is sent in the clear."
        "Check the name and the certificate, and `security` of the channel; add your own authority to this machine's certificates."
    603 CHANNEL_LOGIN "A channel refuses the login"
        "Name, password or token of the channel are not those that the other end knows."
        "Make a new token or password there, write it into the channel's secret file, then `cm-notify test CHANNEL`."
    604 CHANNEL_GONE "A channel knows no such recipient"
        "The other end answers, but knows no such mailbox, room, topic or webhook, or redirects elsewhere, which is not followed."
        "Compare the recipient or the address with what the other end shows, then `cm-notify test CHANNEL`."
    605 CHANNEL_BUSY "A channel takes nothing at the moment"
        "The other end is overloaded, out of order, or was sent too much. Nothing is lost: it is tried again."
        "Nothing is to be done unless it stays; then look at the other end, or give the channel a lower rate."
    606 CHANNEL_REFUSES "A channel refuses a message"
        "The other end answers that it will never take this one message: too large, taken for spam, or not what it understands."
        "Read what it said; for a webhook compare its template with what the other end takes."
    607 CHANNEL_ANSWER_LOST "A channel's answer was lost"
        "The message was handed over whole, but the connection broke before the answer: it may have arrived. It is sent again under the same id."
        "Nothing is to be done; where it came twice, both bear the same id."
    608 CHANNEL_PROGRAM "A channel's program failed"
        "The program of a channel could not be run, ended with an error, took too long, or said too much."
        "Run it by hand with the JSON that `cm-notify test CHANNEL --print` shows, as the user that cm-notify runs as."
    609 CHANNEL_ABSENT "A channel is not on this machine"
        "There is no desktop session, no terminal or no sound that a message could be shown on: nobody is logged in, or cm-notify runs outside of the session."
        "Run cm-notify as a service of the user (`systemctl --user`), or use another channel."
    610 NO_SUCH_CHANNEL "No such channel"
        "A channel named on the command line stands in no configuration."
        "`cm-notify test` without a name lists the channels."
}

impl Code {
    /// What is known about it.
    ///
    /// # Panics
    /// Never: a code can only be made from the list.
    pub fn fault(self) -> &'static Fault {
        FAULTS.iter().find(|fault| fault.code == self).expect("every code comes from the list")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CM-{:04}", self.0)
    }
}

/// Text that is no code of a known fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no fault has this code")]
pub struct NoSuchCode;

impl FromStr for Code {
    type Err = NoSuchCode;

    /// Takes `CM-0103`, `cm-103` or `103`.
    fn from_str(text: &str) -> Result<Self, NoSuchCode> {
        let digits = text.trim().trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
        let code = Self(digits.parse().map_err(|_| NoSuchCode)?);
        FAULTS.iter().any(|fault| fault.code == code).then_some(code).ok_or(NoSuchCode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_rise_and_every_entry_ends_in_a_step() {
        assert!(FAULTS.windows(2).all(|pair| pair[0].code < pair[1].code));
        for fault in FAULTS {
            assert!(fault.meaning.ends_with('.') && fault.next.ends_with('.'), "{}", fault.code);
            assert!(fault.title.len() <= 48, "{}", fault.title);
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for text in ["CM-0103", "cm-103", "103", " CM-103 "] {
            assert_eq!(text.parse(), Ok(Code::TIMED_OUT));
        }
        assert_eq!("CM-9999".parse::<Code>(), Err(NoSuchCode));
        assert_eq!(Code::TIMED_OUT.to_string(), "CM-0103");
    }
}
