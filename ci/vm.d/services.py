"""Services beside systemctl, their cgroups, the journal and du: by name and by pattern, one that fails, one that goes."""

import json
import os
import time
from pathlib import Path

from stage.guest import SYSTEM, asked, collected, configure, drop_in, install, ran, restarted, said, shown, until
from stage.tally import Tally, expect

tally = Tally("services")
MIB = 2**20

CONFIG = """
[services]
units = ["alpha", "beta@*", "failing", "again", "leaving*"]
[services.unit.alpha]
paths = ["/srv/alpha", "/srv/shut"]
disk_quota_gb = 1
"""

PYTHON = "/usr/bin/python3 -c"
UNITS = {
    # Holds 40 MiB of its own.
    "alpha": f'ExecStart={PYTHON} "import time; kept = bytearray(b\'x\') * (40 << 20); time.sleep(9999)"\nMemoryMax=128M\n',
    # Works all the time, and may take a fifth of a processor.
    "beta@": f'ExecStart={PYTHON} "while True: pass"\nCPUQuota=20%\n',
    "failing": "ExecStart=/bin/sh -c 'echo the disk is on fire; echo password=hunter2hunter2; exit 3'\n",
    "again": "ExecStart=/bin/sh -c 'sleep 1; exit 1'\nRestart=always\nRestartSec=1\nStartLimitIntervalSec=0\n",
    "leaving-one": "ExecStart=/bin/false\n",
    "unnamed": "ExecStart=/bin/false\n",
}


def unit(name, text):
    start, service = ("StartLimitIntervalSec=0\n", text.replace("StartLimitIntervalSec=0\n", ""))
    (SYSTEM / f"{name}.service").write_text(f"[Unit]\nDescription=Unit {name} of the test\n{start}[Service]\n{service}")


def services(document=None):
    return {service["name"]: service for service in (document or asked("/service"))["services"]}


def failed_units():
    return {failed["name"] for failed in asked("/service").get("failed_units", [])}


def cgroup(name, file):
    return Path("/sys/fs/cgroup" + shown(f"{name}.service", "ControlGroup")["ControlGroup"], file).read_text()


def keyed(text, key):
    return int(next(line.split()[1] for line in text.splitlines() if line.split()[0] == key))


install()
for name, text in UNITS.items():
    unit(name, text)

# Many small files, a hole, a file with two names, one that is read by nobody.
alpha = Path("/srv/alpha")
(alpha / "deep/er").mkdir(parents=True)
for number in range(2000):
    (alpha / f"deep/er/{number}").write_bytes(b"x" * 700)
(alpha / "large").write_bytes(os.urandom(30 * MIB))
os.link(alpha / "large", alpha / "same")
os.truncate(os.open(alpha / "hole", os.O_CREAT | os.O_WRONLY, 0o644), 10 << 30)
(alpha / "round").symlink_to(alpha)
shut = Path("/srv/shut")
shut.mkdir(mode=0o700)
(shut / "data").write_bytes(b"x" * MIB)
os.sync()

said("systemctl", "daemon-reload")
for name in ("alpha", "beta@1", "beta@2", "again"):
    said("systemctl", "start", "--no-block", f"{name}.service")
for name in ("failing", "leaving-one", "unnamed"):
    ran("systemctl", "start", f"{name}.service")
configure(CONFIG)
restarted()

with tally.case("a unit by its name: state, description, since when and restarts as systemctl has them"):
    ours = until(lambda: services()["alpha"], "alpha is told")
    theirs = shown("alpha.service", "ActiveState", "Description", "ActiveEnterTimestamp", "NRestarts")
    since = int(said("date", "-d", theirs["ActiveEnterTimestamp"], "+%s"))
    expect((ours["status"], theirs["ActiveState"]) == ("running", "active"), f"{ours} {theirs}")
    expect(ours["description"] == theirs["Description"], f"{ours}")
    expect(abs(ours["started_at"] - since) <= 1, f"{ours} {since}")
    expect(ours["restarts"] == int(theirs["NRestarts"]), f"{ours} {theirs}")

with tally.case("what it takes as its cgroup and systemctl have it"):
    current, limit = (int(shown("alpha.service", name)[name]) for name in ("MemoryCurrent", "MemoryMax"))
    own = int(cgroup("alpha", "memory.current")) - keyed(cgroup("alpha", "memory.stat"), "inactive_file")
    ours = services()["alpha"]
    print(f"     ours {ours['memory_used_mb']} MiB; systemctl {current / MIB:.1f}, the cgroup without what it would give up {own / MIB:.1f}")
    expect(abs(ours["memory_used_mb"] - own / MIB) < 1, f"{ours} {own / MIB}")
    expect(40 < ours["memory_used_mb"] <= current / MIB + 0.1, f"{ours} {current / MIB}")
    expect(ours["memory_quota_mb"] == limit / MIB, f"{ours} {limit / MIB}")

with tally.case("units by a pattern, and their share of a processor as their cgroups have it"):
    expect({"beta@1", "beta@2"} <= set(services()), str(list(services())))
    before, start = keyed(cgroup("beta@1", "cpu.stat"), "usage_usec"), time.monotonic()
    theirs_before = int(shown("beta@1.service", "CPUUsageNSec")["CPUUsageNSec"])
    shares = []
    while time.monotonic() - start < 20:
        time.sleep(2)
        shares.append(services()["beta@1"]["cpu_percent"])
    took = time.monotonic() - start
    share = (keyed(cgroup("beta@1", "cpu.stat"), "usage_usec") - before) / took / 1e4
    theirs = (int(shown("beta@1.service", "CPUUsageNSec")["CPUUsageNSec"]) - theirs_before) / took / 1e7
    ours = sum(shares) / len(shares)
    print(f"     ours {ours:.1f} %, its cgroup {share:.1f} %, systemctl {theirs:.1f} %")
    expect(abs(ours - share) < 3 and abs(share - theirs) < 2, f"{shares} {share} {theirs}")

with tally.case("one that fails is told with the last lines of its journal, and without its secret"):
    ours = until(lambda: (found := services()["failing"]) and any("fire" in line for line in found.get("log", [])) and found, "its lines")
    theirs = said("journalctl", "-u", "failing.service", "-o", "cat", "--no-pager")
    expect(ours["status"] == "failed", f"{ours}")
    expect("hunter2hunter2" in theirs and "hunter2" not in json.dumps(asked("/service")), f"{ours['log']}")
    expect(all(line in theirs for line in ours["log"] if "password" not in line), f"{ours['log']}\n{theirs}")
    expect(len(ours["log"]) <= 10, str(ours["log"]))

with tally.case("one that comes back again and again is told with as many restarts as systemctl counts"):
    counted = lambda: int(shown("again.service", "NRestarts")["NRestarts"])
    before = counted()
    ours = until(lambda: (found := services()["again"]) and found["restarts"] >= before and found, "its restarts")
    expect(before <= ours["restarts"] <= counted(), f"{ours} {before}")

with tally.case("one that failed though nobody named it is told, and goes once it is forgotten"):
    until(lambda: "unnamed" in failed_units(), "unnamed is told")
    expect("leaving-one" not in failed_units() and "failing" not in failed_units(), str(failed_units()))
    said("systemctl", "reset-failed", "unnamed.service")
    until(lambda: "unnamed" not in failed_units(), "unnamed goes")

with tally.case("a unit under a pattern that is removed goes, and does not stay failed"):
    expect(services()["leaving-one"]["status"] == "failed", str(services()["leaving-one"]))
    (SYSTEM / "leaving-one.service").unlink()
    said("systemctl", "daemon-reload")
    said("systemctl", "reset-failed", "leaving-one.service")
    until(lambda: "leaving-one" not in services(), "it goes")

with tally.case("an instance that is stopped goes, and one that is started comes"):
    said("systemctl", "stop", "beta@2.service")
    until(lambda: "beta@2" not in services(), "it goes")
    said("systemctl", "start", "beta@3.service")
    until(lambda: services()["beta@3"]["status"] == "running", "it comes")

with tally.case("a unit by its name that is removed is missed"):
    (SYSTEM / "again.service").unlink()
    said("systemctl", "stop", "again.service")
    said("systemctl", "daemon-reload")
    ran("systemctl", "reset-failed", "again.service")
    ours = until(lambda: (found := services()["again"])["status"] == "failed" and found, "it is missed")
    expect("no unit of this name" in " ".join(ours["log"]), f"{ours}")

with tally.case("disk use of configured paths as du has it, and what may not be read is told with the right to give"):
    ours = until(lambda: (found := services()["alpha"]).get("disk_used_gb") and found, "it is counted", 300)
    theirs = int(said("du", "--summarize", "--block-size=1", "/srv/alpha").split()[0])
    print(f"     ours {ours['disk_used_gb'] * 1024:.1f} MiB, du {theirs / MIB:.1f} MiB")
    # Told to a thousandth of a GiB; the folder that may not be read counts as itself.
    expect(abs(ours["disk_used_gb"] * 2**30 - theirs) < 2 * MIB, f"{ours['disk_used_gb'] * 2**30} {theirs}")
    expect(ours["disk_quota_gb"] == 1, f"{ours}")
    why = [entry["why"] for entry in asked("/service")["missing"] if entry["what"] == "usage alpha"]
    expect(len(why) == 1 and "/srv/shut" in why[0] and "setfacl" in why[0], str(why))

with tally.case("asked once, as root, it waits for what it asked and tells the same services"):
    once = collected()
    # Their states may differ by a moment; who is told may not.
    found = services(once["service"])
    expect(set(found) == set(services()), f"{set(found)} {set(services())}")
    expect(any("fire" in line for line in found["failing"].get("log", [])), str(found["failing"]))
    unanswered = [entry for entry in once["service"].get("missing", []) if "answered" in entry["why"]]
    expect(not unanswered, str(unanswered))

with tally.case("asked once, it waits for the drive helper"):
    said("systemctl", "start", "cm-agent-drives.socket")
    said("systemctl", "stop", "cm-agent-drives.service")
    start = time.monotonic()
    drives = {drive["name"]: drive for drive in collected()["smart"]["drives"]}
    print(f"     {time.monotonic() - start:.1f} s")
    for name in ("nvme0n1", "sda"):
        expect(not drives[name].get("unreadable_reason") and drives[name].get("power_on_hours") is not None, str(drives[name]))

with tally.case("the doctor says whether logind waits for the agent, and which right lets it"):
    drop_in("cm-agent-doctor.service", "[Service]\nExecStart=\nExecStart=/usr/bin/cm-agent doctor --json\nStandardOutput=truncate:/run/doctor.json\n")
    ran("systemctl", "start", "cm-agent-doctor.service")
    of = lambda text: next(check for check in json.loads(text)["checks"] if check["subject"] == "logind")
    sandboxed, root = of(Path("/run/doctor.json").read_text()), of(said("cm-agent", "doctor", "--json"))
    held = any("cm-agent" in line for line in said("systemd-inhibit", "--list", "--no-pager").splitlines())
    print(f"     as the agent: {sandboxed['text']}; it holds one: {held}")
    expect(root["health"] == "ok", str(root))
    expect((sandboxed["health"] == "ok") == held, f"{sandboxed} {held}")
    expect(held or ("polkit" in sandboxed["next"] and "inhibit-delay-shutdown" in sandboxed["next"]), str(sandboxed))
    drop_in("cm-agent-doctor.service", "")

tally.close()
