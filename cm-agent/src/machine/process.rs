//! Processes: what `/proc` tells of each (proc(5)).
//!
//! It knows the files' form, not which processes matter. Any of them may be gone by the time it is read, or be somebody
//! else's business: then there is nothing, and that is no fault.

use super::{Machine, Unreadable};

/// Parts of a second in which processor time and moments of start are counted: 100 on every system that Linux offers to
/// programs today (`sysconf(_SC_CLK_TCK)`).
pub const TICKS: f64 = 100.0;

/// A process's number.
pub type Pid = u32;

/// A line of `/proc/PID/stat`, as far as it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// Its name, as `ps -o comm` prints it: 15 bytes at most.
    pub name: String,
    /// Processor time that it has taken, in ticks.
    pub ticks: u64,
    /// When it started, in ticks since the machine did.
    pub start: u64,
    /// Its resident memory, in pages.
    pub pages: u64,
}

/// The numbers of all processes that can be seen, rising. One reading of a directory.
pub fn all(machine: &Machine) -> Result<Vec<Pid>, Unreadable> {
    let mut pids: Vec<Pid> = machine.list("/proc")?.iter().filter_map(|name| name.parse().ok()).collect();
    pids.sort_unstable();
    Ok(pids)
}

/// A process's name: the first 15 bytes of its program's, or what it calls itself.
pub fn name(machine: &Machine, pid: Pid) -> Option<String> {
    machine.line(&format!("/proc/{pid}/comm"))
}

/// Its figures.
pub fn stat(machine: &Machine, pid: Pid) -> Option<Stat> {
    parse(&machine.line(&format!("/proc/{pid}/stat"))?)
}

/// Its arguments, the program's name first, as far as they fit into 4 KiB. They may hold secrets: they are for judging what a
/// process does, never for telling.
pub fn arguments(machine: &Machine, pid: Pid) -> Vec<String> {
    let text = machine.head(&format!("/proc/{pid}/cmdline"), 4096).unwrap_or_default();
    text.split('\0').filter(|argument| !argument.is_empty()).map(str::to_owned).collect()
}

/// Bytes that it has read from disks and written to them. Of other users' processes only root may know.
pub fn bytes(machine: &Machine, pid: Pid) -> Result<(u64, u64), Unreadable> {
    let path = format!("/proc/{pid}/io");
    let text = machine.read(&path)?;
    let value =
        |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": ")?.trim().parse().ok());
    let both: Option<(u64, u64)> = value("read_bytes").zip(value("write_bytes"));
    // What was written and thrown away again before it reached a disk was never written.
    let cancelled = value("cancelled_write_bytes").unwrap_or(0);
    let garbled = || Unreadable::garbled(&path, "counts of bytes");
    both.map(|(read, written)| (read, written.saturating_sub(cancelled))).ok_or_else(garbled)
}

/// The unit, container or session that it belongs to, by its cgroup.
pub fn unit(machine: &Machine, pid: Pid) -> Option<String> {
    unit_of(&machine.read(&format!("/proc/{pid}/cgroup")).ok()?)
}

/// Reads a line of `stat`. The name stands in brackets and may itself hold any of `( )` and blanks.
pub fn parse(line: &str) -> Option<Stat> {
    let (front, rest) = line.rsplit_once(')')?;
    let (_, name) = front.split_once('(')?;
    // The state, field 3 of proc(5), is the first here.
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    // Pages are signed in the kernel, and below nought for a moment while a process ends.
    let pages = fields.get(24 - 3)?.parse::<i64>().ok()?;
    Some(Stat {
        name: name.to_owned(),
        ticks: field(14)?.saturating_add(field(15)?),
        start: field(22)?,
        pages: u64::try_from(pages).unwrap_or(0),
    })
}

/// The unit that a cgroup file names: the innermost service or scope; where there is none, the innermost group, unless that is
/// the root. Ids of containers are cut to twelve letters, as their engines print them.
pub fn unit_of(text: &str) -> Option<String> {
    let path = |line: &'_ str| -> Option<String> {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        (controllers.is_empty() || controllers == "name=systemd").then(|| path.to_owned())
    };
    let path = text.lines().filter_map(path).find(|path| path.len() > 1)?;
    let mut parts = path.split('/').filter(|part| !part.is_empty()).rev();
    let is_unit = |part: &&str| matches!(part.rsplit_once('.'), Some((_, "service" | "scope")));
    let innermost = parts.clone().next()?;
    Some(shortened(parts.find(is_unit).unwrap_or(innermost)))
}

/// With a run of 64 hexadecimal digits cut to twelve.
fn shortened(name: &str) -> String {
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let bytes = name.as_bytes();
    let Some(start) = bytes.windows(64).position(|window| window.iter().all(|b| hex(*b))) else {
        return name.to_owned();
    };
    format!("{}{}", &name[..start + 12], &name[start + 64..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_read_whatever_the_process_calls_itself() {
        let rest = "S 1 1 1 0 -1 4194560 100 0 3 0 250 50 0 0 20 0 1 0 12345 1000000 512 18446744073709551615 1 1";
        for name in ["borg", "a) R (b", "((x", "x y", ""] {
            let stat = parse(&format!("42 ({name}) {rest}")).unwrap();
            assert_eq!(stat, Stat { name: name.to_owned(), ticks: 300, start: 12_345, pages: 512 }, "{name}");
        }
        let negative = rest.replace(" 512 ", " -3 ");
        assert_eq!(parse(&format!("42 (x) {negative}")).unwrap().pages, 0);
        for text in ["", "42", "42 (x", "42 (x) S 1 1", ")("] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_innermost_unit_is_named() {
        let id = "0123456789abcdef".repeat(4);
        for (text, expected) in [
            ("0::/system.slice/nginx.service\n", Some("nginx.service")),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox.scope\n",
                Some("app-firefox.scope"),
            ),
            ("0::/user.slice/user-1000.slice/user@1000.service/init.scope/x\n", Some("init.scope")),
            ("12:memory:/x\n1:name=systemd:/system.slice/cron.service\n", Some("cron.service")),
            ("1:name=systemd:/\n0::/\n", None),
            ("0::/lxc/web/ns\n", Some("ns")),
            ("", None),
            ("garbage", None),
        ] {
            assert_eq!(unit_of(text).as_deref(), expected, "{text}");
        }
        assert_eq!(
            unit_of(&format!("0::/system.slice/docker-{id}.scope")).as_deref(),
            Some("docker-0123456789ab.scope")
        );
        assert_eq!(unit_of(&format!("0::/docker/{id}")).as_deref(), Some("0123456789ab"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[0-9]{0,3} ?\\(?.{0,20}\\)?( -?[0-9S]{1,21}){0,26}", group in "[0-9]{0,2}:?.{0,5}:?/?.{0,90}") {
            let _ = (parse(&text), unit_of(&group));
        }
    }
}
