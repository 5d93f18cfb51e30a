"""The units as systemd sees them: ready, without rights, held by their sandbox, started again when they hang."""

import json
import re
import signal
import os
import time

from stage.guest import SYSTEM, asked, drop_in, install, pid, ran, restarted, said, shown, until
from stage.tally import Tally, expect

tally = Tally("units")
UNITS = ["cm-agent.service", "cm-agent-drives.service", "cm-agent-drives.socket", "cm-agent-doctor.service"]
# What `systemd-analyze security` of systemd 252 says.
EXPOSURE = {"cm-agent.service": 1.7, "cm-agent-drives.service": 1.2, "cm-agent-doctor.service": 1.7}


def status(process):
    return dict(line.split(":\t", 1) for line in open(f"/proc/{process}/status").read().splitlines() if ":\t" in line)


def doctor():
    """What the doctor says from within the agent's sandbox: checks by part."""
    drop_in("cm-agent-doctor.service", EXTRA + WRITES)
    ran("systemctl", "start", "cm-agent-doctor.service")
    document = json.loads(open("/run/doctor.json").read())
    expect(document["schema"] == "cm-agent/doctor/1", document["schema"])
    return document


EXTRA = ""
WRITES = "[Service]\nExecStart=\nExecStart=/usr/bin/cm-agent doctor --json\nStandardOutput=truncate:/run/doctor.json\n"
install()

with tally.case("systemd finds nothing wrong with the units"):
    done = ran("systemd-analyze", "verify", *(SYSTEM / unit for unit in UNITS))
    wrong = [line for line in done.stderr.splitlines() if "Command 'man" not in line]
    expect(not wrong, "\n".join(wrong))

with tally.case("the agent is ready once it serves"):
    said("systemctl", "start", "cm-agent.service")
    for api in ("smart", "service", "backup"):
        asked(f"/{api}")
    state = shown("cm-agent.service", "ActiveState", "SubState", "StatusText", "Type", "WatchdogUSec")
    expect((state["ActiveState"], state["SubState"]) == ("active", "running"), str(state))
    expect(state["StatusText"].startswith("collecting"), str(state))

with tally.case("the networked process holds no right and no way to one"):
    told = status(pid())
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        expect(int(told[name], 16) == 0, f"{name} {told[name]}")
    expect((told["NoNewPrivs"], told["Seccomp"]) == ("1", "2"), f"{told['NoNewPrivs']} {told['Seccomp']}")
    expect(told["Uid"].split()[0] != "0", "it runs as root")

with tally.case("within the sandbox all that is forbidden is refused"):
    checks = [check for check in doctor()["checks"] if check["part"] == "sandbox"]
    bad = [check for check in checks if check["health"] != "ok"]
    expect(checks and not bad, json.dumps(bad, indent=1))
    print("     " + "; ".join(check["text"] for check in checks))

with tally.case("the kernels' modules are in sight, by which a waiting restart is known"):
    seen = set(os.listdir(f"/proc/{pid()}/root/usr/lib/modules"))
    expect(seen and seen == set(os.listdir("/usr/lib/modules")), str(seen))

with tally.case("a sandbox with holes is told, each hole with its setting"):
    EXTRA = "[Service]\nUser=root\nProtectSystem=no\nPrivateDevices=no\nCapabilityBoundingSet=CAP_NET_RAW\nRestrictAddressFamilies=\n"
    said_of = {check["subject"]: check for check in doctor()["checks"] if check["part"] == "sandbox"}
    for what in ("write in /etc", "open a drive", "make packets of its own"):
        expect(said_of.get(what, {}).get("health") == "critical", f"{what}: {said_of}")
    expect("ProtectSystem=strict" in said_of["write in /etc"]["next"], said_of["write in /etc"]["next"])
    expect("capabilities" in said_of[""]["text"] and "root" in said_of[""]["text"], str(said_of[""]))

EXTRA = ""
drop_in("cm-agent-doctor.service", "")

with tally.case("run by hand it says that no sandbox holds"):
    text = said("cm-agent", "doctor")
    expect("none: this process was started by hand" in text, text[-600:])

for unit, most in EXPOSURE.items():
    with tally.case(f"systemd-analyze security: {unit} at most {most}"):
        text = said("systemd-analyze", "security", "--no-pager", unit)
        exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", text)[1])
        print(f"     {unit}: {exposure}")
        expect(exposure <= most, text)

with tally.case("an agent that hangs is started again by the watchdog"):
    drop_in("cm-agent.service", "[Service]\nWatchdogSec=8s\nTimeoutStopSec=2s\nRestartSec=100ms\n")
    restarted()
    first = pid()
    os.kill(first, signal.SIGSTOP)
    until(lambda: pid() not in (0, first), "another process")
    until(lambda: asked("/service"), "it answers")
    expect("watchdog" in said("journalctl", "-u", "cm-agent.service", "-o", "cat").lower(), "by something else than the watchdog")

with tally.case("an agent that works is left alone by the watchdog"):
    since, start = pid(), time.monotonic()
    time.sleep(16)
    expect(pid() == since, f"started again after {time.monotonic() - start:.0f} s")
    drop_in("cm-agent.service", "")

with tally.case("told to stop it ends at once and well"):
    restarted()
    start = time.monotonic()
    said("systemctl", "stop", "cm-agent.service")
    expect(time.monotonic() - start < 5, f"{time.monotonic() - start:.1f} s")
    state = shown("cm-agent.service", "Result", "ExecMainStatus")
    expect(state == {"Result": "success", "ExecMainStatus": "0"}, str(state))

tally.close()
