//! The units that packages bring: what they promise, so that no later line takes it back unseen. Whether systemd holds to it
//! is tried by `ci/vm`.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The settings of a unit, comments left out, in their order.
fn settings(name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/systemd").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = text.lines().map(str::trim).filter(|line| line.contains('=') && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

fn has(settings: &[String], line: &str) -> bool {
    settings.iter().any(|setting| setting == line)
}

#[test]
fn the_doctor_looks_out_of_the_agents_own_sandbox() {
    // What a unit is for and when it starts is its own; all else is the sandbox.
    let own = [
        "Description",
        "Documentation",
        "Wants",
        "After",
        "Type",
        "ExecStart",
        "Watchdog",
        "Restart",
        "Timeout",
        "WantedBy",
    ];
    let sandbox = |name| -> BTreeSet<String> {
        let lines = settings(name).into_iter();
        lines.filter(|line| !own.iter().any(|word| line.starts_with(word))).collect()
    };
    let (agent, doctor) = (sandbox("cm-agent.service"), sandbox("cm-agent-doctor.service"));
    assert_eq!(agent, doctor);
    assert!(agent.len() > 30, "{agent:?}");
}

#[test]
fn who_meets_the_network_holds_no_right_and_who_holds_one_meets_no_network() {
    let agent = settings("cm-agent.service");
    for line in [
        "User=cm-agent",
        "CapabilityBoundingSet=",
        "AmbientCapabilities=",
        "NoNewPrivileges=yes",
        "PrivateDevices=yes",
        "ProtectSystem=strict",
    ] {
        assert!(has(&agent, line), "{line}");
    }
    let drives = settings("cm-agent-drives.service");
    for line in [
        "User=cm-agent-drives",
        "CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_RAWIO",
        "AmbientCapabilities=CAP_SYS_ADMIN CAP_SYS_RAWIO",
        "NoNewPrivileges=yes",
        "PrivateNetwork=yes",
        "RestrictAddressFamilies=AF_UNIX",
        "DevicePolicy=closed",
        "ProtectSystem=strict",
    ] {
        assert!(has(&drives, line), "{line}");
    }
    // 10:249 is /dev/zfs, which is no drive.
    let devices = drives
        .iter()
        .filter_map(|line| line.strip_prefix("DeviceAllow="))
        .filter(|line| !line.starts_with("/dev/char/10:249 "));
    assert!({ devices }.all(|device| device.ends_with(" r")), "drives are opened for reading alone: {drives:?}");
    assert!(has(&settings("cm-agent-drives.socket"), "SocketMode=0660"), "not everybody may ask");
}

#[test]
fn each_unit_is_bounded_and_watched() {
    for name in ["cm-agent.service", "cm-agent-drives.service"] {
        let lines = settings(name);
        for word in ["Type=notify", "WatchdogSec=", "MemoryMax=", "TasksMax=", "TimeoutStopSec="] {
            assert!(lines.iter().any(|line| line.starts_with(word)), "{name}: {word}");
        }
        assert!(lines.iter().any(|line| line.starts_with("ExecStart=/usr/bin/cm-agent ")), "{name}: by its whole path");
    }
}
