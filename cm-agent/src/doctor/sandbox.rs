//! Whether the sandbox around this process truly holds: it tries what it may not do, and expects to be refused.
//!
//! Each try is of a kind that does nothing even where it succeeds: a file is opened and not written, a socket made and
//! not used, a module loaded that is none. Outside a unit nothing is tried, for there nothing is promised.

use std::fs::OpenOptions;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::unix::fs::OpenOptionsExt;

use cm_model::health::Health;
use cm_model::wording::plural;
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::mount::FsOpenFlags;
use rustix::net::{AddressFamily, Protocol, SocketType};

use super::Check;
use super::surroundings::Surroundings;

/// One thing that may not be done.
struct Try {
    /// What it is, as the end of "may not …".
    what: &'static str,
    /// Its setting in the unit, which ought to refuse it.
    setting: &'static str,
    make: fn() -> io::Result<()>,
}

const TRIES: &[Try] = &[
    Try { what: "write in /etc", setting: "ProtectSystem=strict", make: || write_in("/etc") },
    Try { what: "write in /usr", setting: "ProtectSystem=strict", make: || write_in("/usr") },
    Try { what: "write in /var", setting: "ProtectSystem=strict", make: || write_in("/var") },
    Try { what: "write in /home", setting: "ProtectHome=read-only", make: || write_in("/home") },
    Try { what: "look into /root", setting: "User=cm-agent", make: || open("/root", OFlags::DIRECTORY) },
    Try { what: "read the passwords", setting: "User=cm-agent", make: || open("/etc/shadow", OFlags::empty()) },
    Try {
        what: "change a setting of the kernel",
        setting: "ProtectKernelTunables=yes",
        make: || open("/proc/sys/vm/swappiness", OFlags::WRONLY),
    },
    Try {
        what: "change a control group",
        setting: "ProtectControlGroups=yes",
        make: || open("/sys/fs/cgroup/cgroup.procs", OFlags::WRONLY),
    },
    Try {
        what: "read another's memory",
        setting: "CapabilityBoundingSet=",
        make: || open("/proc/1/mem", OFlags::empty()),
    },
    Try {
        what: "end another process",
        setting: "CapabilityBoundingSet=",
        make: || Ok(rustix::process::test_kill_process(rustix::process::Pid::INIT)?),
    },
    Try {
        what: "read the machine's memory",
        setting: "PrivateDevices=yes",
        make: || open("/dev/mem", OFlags::empty()),
    },
    Try { what: "open a drive", setting: "PrivateDevices=yes", make: any_drive },
    Try { what: "load a module", setting: "SystemCallFilter=@system-service", make: load_nothing },
    Try { what: "mount", setting: "CapabilityBoundingSet=", make: mount_nothing },
    Try {
        what: "listen in on the network",
        setting: "RestrictAddressFamilies=",
        make: || socket(AddressFamily::PACKET, None),
    },
    Try {
        what: "make packets of its own",
        setting: "CapabilityBoundingSet=",
        make: || socket(AddressFamily::INET, Some(rustix::net::ipproto::ICMP)),
    },
    Try {
        what: "change the network",
        setting: "RestrictAddressFamilies=",
        make: || socket(AddressFamily::NETLINK, None),
    },
    Try { what: "listen on a privileged port", setting: "CapabilityBoundingSet=", make: privileged_port },
];

/// What holds this process, and each try that was not refused.
pub(super) fn checks(around: &Surroundings) -> Vec<Check> {
    let Some(unit) = &around.unit else {
        let text = "none: this process was started by hand, not as a unit";
        let next = "To see whether the agent's own holds: sudo systemctl start cm-agent-doctor; journalctl -eu cm-agent-doctor";
        return vec![Check::well("sandbox", "", text).trouble(Health::Note, next)];
    };
    let mut checks = vec![bounds(around)];
    let mut refused = 0;
    for Try { what, setting, make } in TRIES {
        match make() {
            Err(error) if is_refusal(&error) => refused += 1,
            outcome => checks.push(
                Check::well("sandbox", *what, told(&outcome))
                    .trouble(Health::Critical, format!("Give {unit} the line {setting} (systemctl edit {unit}).")),
            ),
        }
    }
    let text = format!("{} of {} that it may not do were refused", refused, plural(TRIES.len(), "thing"));
    checks.push(Check::well("sandbox", unit, text));
    checks
}

fn told(outcome: &io::Result<()>) -> String {
    match outcome {
        Ok(()) => "it could be done, and ought to be refused".to_owned(),
        Err(error) => format!("it was not refused, it merely failed: {error}"),
    }
}

/// What no try can show: that no right is left, nor any way to one.
fn bounds(around: &Surroundings) -> Check {
    let missing: Vec<&str> = [
        (around.capabilities != Some(0), "it holds capabilities (CapabilityBoundingSet=)"),
        (around.reachable_capabilities != Some(0), "it can win capabilities (CapabilityBoundingSet=)"),
        (!around.no_new_privileges, "it can win rights from programs (NoNewPrivileges=yes)"),
        (!around.filters_calls, "no filter of system calls (SystemCallFilter=)"),
        (around.user == 0, "it runs as root (User=cm-agent)"),
    ]
    .into_iter()
    .filter_map(|(wrong, what)| wrong.then_some(what))
    .collect();
    if missing.is_empty() {
        return Check::well("sandbox", "", "no right, no way to one, system calls filtered");
    }
    let next = "Take over what packaging/systemd/cm-agent.service has of it.";
    Check::well("sandbox", "", missing.join("; ")).trouble(Health::Critical, next)
}

/// What counts as refused: no right, read-only, a call or family that the filter leaves out, or nothing there to do it to.
/// Any other error would have been a success with other words.
fn is_refusal(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let refusals = [
        Errno::PERM,
        Errno::ACCESS,
        Errno::ROFS,
        Errno::NOSYS,
        Errno::AFNOSUPPORT,
        Errno::NOENT,
        Errno::NXIO,
        Errno::NODEV,
    ];
    Errno::from_io_error(error).is_some_and(|error| refusals.contains(&error))
}

/// A file without a name, which is gone once it is closed.
fn write_in(folder: &str) -> io::Result<()> {
    let nameless = rustix::fs::open(folder, OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC, Mode::RUSR);
    match nameless {
        // A filesystem without nameless files: then by what the kernel says of the right to.
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::ISDIR) => {
            Ok(rustix::fs::accessat(rustix::fs::CWD, folder, rustix::fs::Access::WRITE_OK, AtFlags::EACCESS)?)
        }
        other => Ok(other.map(drop)?),
    }
}

fn open(path: &str, how: OFlags) -> io::Result<()> {
    let flags = how | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(rustix::fs::open(path, flags, Mode::empty()).map(drop)?)
}

/// The first of the machine's drives, as the kernel lists them, by its name in /dev.
fn any_drive() -> io::Result<()> {
    let hidden = || io::Error::from_raw_os_error(rustix::io::Errno::NOENT.raw_os_error());
    let mut outcome = Err(hidden());
    for entry in std::fs::read_dir("/sys/block")?.take(64) {
        let device = std::path::Path::new("/dev").join(entry?.file_name());
        let opened = OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(device);
        match opened {
            Ok(_) => return Ok(()),
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}

/// The null device is no module.
fn load_nothing() -> io::Result<()> {
    let null = rustix::fs::open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    Ok(rustix::system::finit_module(null, c"", 0)?)
}

/// A filesystem in the making that is put nowhere.
fn mount_nothing() -> io::Result<()> {
    Ok(rustix::mount::fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC).map(drop)?)
}

fn socket(family: AddressFamily, protocol: Option<Protocol>) -> io::Result<()> {
    Ok(rustix::net::socket(family, SocketType::RAW, protocol).map(drop)?)
}

/// Port 1, on loopback, without listening there.
fn privileged_port() -> io::Result<()> {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None)?;
    Ok(rustix::net::bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 1))?)
}
