"""What the agent says of the machine that runs this, beside what the kernel and `df` say of it."""

import os
import re
import subprocess
import time

from stage.programs import AGENT, REPOSITORY, Home
from stage.tally import Tally, expect

tally = Tally("machine")


def find(document, name):
    """Every value of that name, however deep: where a report stands in the whole is not this peer's business."""
    if isinstance(document, dict):
        if name in document:
            yield document[name]
        for value in document.values():
            yield from find(value, name)
    elif isinstance(document, list):
        for value in document:
            yield from find(value, name)


def first(document, name):
    value = next(find(document, name), None)
    expect(value is not None, f"`{name}` is nowhere")
    return value


def near(ours, theirs, share, floor, what):
    expect(abs(ours - theirs) <= max(abs(theirs) * share, floor), f"{what}: we say {ours}, the machine {theirs}")


def meminfo():
    lines = (line.split() for line in open("/proc/meminfo"))
    return {words[0].rstrip(":"): int(words[1]) / 1024 for words in lines}


with Home() as home:
    document = {}
    with tally.case("collect --once --json prints one JSON document"):
        ran = home.run("collect", "--once", "--json", program=AGENT)
        expect(ran.code == 0, str(ran))
        document = ran.json()

    with tally.case("memory as /proc/meminfo has it"):
        memory = meminfo()
        near(first(document, "system_memory_total_mb"), memory["MemTotal"], 0.001, 1, "total MiB")
        near(first(document, "system_memory_used_mb"), memory["MemTotal"] - memory["MemAvailable"], 0.15, 300, "used MiB")
        near(first(document, "available_mb"), memory["MemAvailable"], 0.15, 300, "available MiB")

    with tally.case("load as /proc/loadavg has it"):
        near(first(document, "cpu_load_1"), os.getloadavg()[0], 0.3, 1.0, "load of a minute")
        near(first(document, "cpu_load_15"), os.getloadavg()[2], 0.3, 0.5, "load of fifteen")

    with tally.case("filesystems as df has them"):
        table = subprocess.run(
            ["df", "--block-size=1", "--local", "--output=target,size,used,avail"], capture_output=True, text=True
        ).stdout.splitlines()[1:]
        theirs = {target: (int(size), int(used), int(avail)) for target, size, used, avail in (line.rsplit(maxsplit=3) for line in table)}
        ours = next(find(document, "filesystems"), [])
        expect(ours, "no filesystem at all")
        compared = 0
        for one in ours:
            if one["mount"] not in theirs or one.get("total_gb") is None:
                continue
            size, used, avail = theirs[one["mount"]]
            # In all: without the blocks that only root can write, as df reckons its percentage.
            near(one["total_gb"], (used + avail) / 2**30, 0.01, 0.01, f"{one['mount']} GiB in all")
            expect(one["total_gb"] <= size / 2**30 + 0.01, f"{one['mount']} is larger than df says")
            near(one["used_gb"], used / 2**30, 0.05, 0.5, f"{one['mount']} GiB used")
            if one.get("available_gb") is not None:
                near(one["available_gb"], avail / 2**30, 0.05, 0.5, f"{one['mount']} GiB available")
            compared += 1
        expect(compared, f"none of {[one['mount'] for one in ours]} is known to df")
        expect("/" in {one["mount"] for one in ours}, "the root filesystem is missing")

    with tally.case("uptime, kernel and cores"):
        near(first(document, "uptime_s"), float(open("/proc/uptime").read().split()[0]), 0, 15, "seconds since boot")
        expect(os.uname().release in str(first(document, "kernel")), f"kernel: {first(document, 'kernel')}")
        near(first(document, "cores"), os.cpu_count(), 0, 0, "cores")

    with tally.case("the reports are of now"):
        for stamp in find(document, "timestamp"):
            near(stamp, time.time(), 0, 30, "seconds since 1970")
        expect(len(list(find(document, "timestamp"))) >= 3, "fewer than three reports")

    with tally.case("what is missing says why"):
        for entry in next(find(document, "missing"), []):
            expect(entry.get("what") and len(entry.get("why", "")) >= 8, f"{entry}")

    box = REPOSITORY / "fixtures/machines"
    boxes = sorted(path for path in box.glob("*") if (path / "proc").is_dir()) if box.is_dir() else []
    if not boxes:
        tally.skip("machines in a box", "fixtures/machines is not here")
    for path in boxes:
        with tally.case(f"a machine in a box is not this one: {path.name}"):
            ran = home.run("collect", "--once", "--json", "--root", path, program=AGENT)
            expect(ran.code == 0, str(ran))
            said = ran.json()
            told = re.search(r"^MemTotal:\s+(\d+) kB", (path / "proc/meminfo").read_text(errors="replace"), re.M)
            # In a container the cgroup's own limit stands instead: at most what the machine has.
            most = int(told[1]) / 1024 + 1 if told else 0
            expect(first(said, "system_memory_total_mb") <= most, "memory is not the box's")

tally.close()
