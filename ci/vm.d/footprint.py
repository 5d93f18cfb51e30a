"""What the agent takes beside 16 services and the machine's drives, polled as a dashboard polls it, within its unit.

The limit holds for a release build (`CM_AGENT`); a debug build's figures are only told. What the agent shares with its helper,
the same program, is not private while that runs; resident memory counts it, and the C library, whole."""

import os
import re
import time

from stage.guest import AGENT, SYSTEM, asked, configure, install, pid, restarted, said, until
from stage.tally import Tally, expect

tally = Tally("footprint")
SERVICES = 16
POLLS, INTERVAL_S = 24, 2.5
PRIVATE_MOST = 1_600_000


def memory(process):
    """Private and resident bytes."""
    lines = open(f"/proc/{process}/smaps_rollup").read().splitlines()
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    return (kib["Private_Clean"] + kib["Private_Dirty"]) * 1024, kib["Rss"] * 1024


def parts(process):
    """The largest mappings: resident KiB by file and rights."""
    sizes, name = {}, ""
    for line in open(f"/proc/{process}/smaps"):
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            words = line.split()
            name = f"{os.path.basename(words[5]) if len(words) > 5 else 'anonymous'} {words[1]}"
        elif line.startswith("Rss:"):
            sizes[name] = sizes.get(name, 0) + int(line.split()[1])
    return sorted(sizes.items(), key=lambda one: -one[1])[:8]


install()
IS_RELEASE = os.path.getsize(AGENT) < 12 << 20
for number in range(SERVICES):
    text = f"[Unit]\nDescription=Service {number}\n[Service]\nExecStart=/bin/sleep infinity\n"
    (SYSTEM / f"small{number}.service").write_text(text)
said("systemctl", "daemon-reload")
said("systemctl", "start", *(f"small{number}.service" for number in range(SERVICES)))
configure('[services]\nunits = ["small*"]\n')

with tally.case("its memory beside 16 services and every drive that there is"):
    restarted()
    told = until(lambda: len(asked("/service")["services"]) >= SERVICES and asked("/service")["services"], "16 services")
    expect(all(service["status"] == "running" for service in told), str(told))
    os.sync()
    for _ in range(POLLS):
        drives = [asked(path) for path in ("/smart", "/service", "/backup")][0]["drives"]
        time.sleep(INTERVAL_S)
    private, resident = memory(pid())
    names = ", ".join(drive["name"] for drive in drives)
    print(f"     private {private / 1e6:.2f} MB, resident {resident / 1e6:.2f} MB, {len(told)} services, drives {names}")
    print("     resident KiB: " + ", ".join(f"{name} {size}" for name, size in parts(pid())))
    if IS_RELEASE:
        expect(private < PRIVATE_MOST, f"more than {PRIVATE_MOST} bytes are private")

configure("")
tally.close()
