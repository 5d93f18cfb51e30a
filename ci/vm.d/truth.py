"""Every figure of the machine beside what its own programs say: of the agent as root, in its sandbox, and as nobody."""

import json
import os
import time

from stage.guest import asked, collected, install, restarted, said
from stage.tally import Tally, expect

tally = Tally("truth")
GIB = 2**30


def near(ours, theirs, share, floor, what):
    expect(ours is not None, f"{what} is missing; the machine says {theirs}")
    expect(abs(ours - theirs) <= max(abs(theirs) * share, floor), f"{what}: we say {ours}, the machine {theirs}")


def by(rows, key):
    return {row[key]: row for row in rows}


def table(*command):
    """Rows of a program that prints words under headings, as lists of words."""
    return [line.split() for line in said(*command).splitlines()[1:]]


# A home of its own, swap in use, a drive that is mounted read-only: what a sandbox could hide or twist.
install()
said("mkfs.ext4", "-qF", "/dev/sda")
said("mount", "/dev/sda", "/home")
os.makedirs("/home/someone", exist_ok=True)
with open("/home/someone/data", "wb") as file:
    file.write(os.urandom(20 << 20))
os.sync()
restarted()
# Mounted while the agent runs already.
said("mkfs.ext4", "-qF", "/dev/nvme0n1")
os.makedirs("/mnt/old", exist_ok=True)
said("mount", "-o", "ro", "/dev/nvme0n1", "/mnt/old")
time.sleep(7)


def sandboxed():
    return {api: asked(f"/{api}") for api in ("smart", "service", "backup")}


for who, look in (("root", collected), ("its sandbox", sandboxed), ("nobody", lambda: collected("nobody"))):
    document = {}
    with tally.case(f"as {who}: it looks"):
        document = look()
    if not document:
        continue
    service, smart = document["service"], document["smart"]

    with tally.case(f"as {who}: memory and swap as free and zramctl have them"):
        total, used, *_, available = map(int, said("free", "--bytes").splitlines()[1].split()[1:])
        swap = list(map(int, said("free", "--bytes").splitlines()[2].split()[1:]))
        near(service["summary"]["system_memory_total_mb"], total / 2**20, 0, 0.1, "memory, MiB")
        near(service["memory"]["available_mb"], available / 2**20, 0.1, 40, "available, MiB")
        near(service["memory"]["swap_total_mb"], swap[0] / 2**20, 0, 0.1, "swap, MiB")
        near(service["memory"]["swap_used_mb"], swap[1] / 2**20, 0.1, 10, "swap in use, MiB")
        size, data = map(int, said("zramctl", "--bytes", "--raw", "--noheadings", "--output=DISKSIZE,DATA").split()[:2])
        near(service["memory"]["zram"]["capacity_mb"], size / 2**20, 0, 0.1, "zram, MiB")
        near(service["memory"]["zram"]["size_mb"], data / 2**20, 0.2, 4, "in zram, MiB")

    with tally.case(f"as {who}: filesystems as df and findmnt have them, read-only or not"):
        ours = by(service["filesystems"], "mount")
        theirs = {mount: list(map(int, figures)) for mount, *figures in table("df", "--block-size=1", "--output=target,size,used,avail")}
        mounted = by(json.loads(said("findmnt", "--json", "--list", "--output=TARGET,OPTIONS,FSTYPE"))["filesystems"], "target")
        for mount in ("/", "/home", "/mnt/old"):
            expect(mount in ours, f"{mount} is missing in {list(ours)}")
            size, used, available = theirs[mount]
            near(ours[mount]["total_gb"], (used + available) / GIB, 0.01, 0.01, f"{mount} GiB")
            near(ours[mount]["used_gb"], used / GIB, 0.02, 0.01, f"{mount} GiB used")
            read_only = "ro" in mounted[mount]["options"].split(",")
            expect(ours[mount]["read_only"] == read_only, f"{mount}: read_only {ours[mount]['read_only']}, findmnt {mounted[mount]['options']}")
        extra = set(ours) - set(theirs)
        expect(not extra, f"df knows nothing of {extra}")

    with tally.case(f"as {who}: tmpfs as df has them"):
        ours = by(service["memory"]["tmpfs"], "mount")
        theirs = {mount: int(size) for mount, size in table("df", "--block-size=1", "--output=target,size", "--type=tmpfs")}
        expect({"/run", "/dev/shm"} <= set(ours) <= set(theirs), f"{set(ours)} and {set(theirs)}")
        for mount, row in ours.items():
            near(row["size_mb"], theirs[mount] / 2**20, 0, 0.1, f"{mount} MiB")

    with tally.case(f"as {who}: processors, load, uptime, kernel"):
        near(service["cpu"]["cores"], int(said("nproc")), 0, 0, "cores")
        near(service["summary"]["cpu_load_1"], os.getloadavg()[0], 0.4, 0.8, "load of a minute")
        near(service["uptime_s"], float(open("/proc/uptime").read().split()[0]), 0, 15, "uptime, s")
        expect(service["kernel"] == said("uname", "-r").strip(), service["kernel"])
        expect("Debian" in service["os"], service["os"])

    with tally.case(f"as {who}: the kernel's settings as sysctl has them"):
        for name, value in service["memory"]["sysctls"].items():
            expect(value == int(said("sysctl", "-n", name)), f"{name}: {value}")
        expect(len(service["memory"]["sysctls"]) == 4, str(service["memory"]["sysctls"]))

    with tally.case(f"as {who}: the network as ip has it"):
        theirs = by(json.loads(said("ip", "-json", "-stats", "link")), "ifname")
        for row in service["network"]:
            link = theirs[row["name"]]
            expect(row["up"] == (link["operstate"] == "UP"), f"{row} {link['operstate']}")
            near(row["rx_bytes"], link["stats64"]["rx"]["bytes"], 0.2, 4000, f"{row['name']} received")
        expect(service["network"], "no network at all")

    with tally.case(f"as {who}: drives by name, model, serial and size as lsblk has them"):
        theirs = by(json.loads(said("lsblk", "--bytes", "--nodeps", "--json", "--output=NAME,MODEL,SERIAL,SIZE,TYPE"))["blockdevices"], "name")
        ours = by(smart["drives"], "name")
        for name in ("nvme0n1", "sda"):
            expect(name in ours, f"{name} is missing in {list(ours)}")
            near(ours[name]["capacity_gb"], int(theirs[name]["size"]) / 1e9, 0.001, 0.001, f"{name} GB")
        expect(ours["nvme0n1"]["serial"] == theirs["nvme0n1"]["serial"] == "CMNVME001", str(ours["nvme0n1"]))
        unheard = set(ours) - set(theirs)
        expect(not unheard, f"lsblk knows nothing of {unheard}")

    with tally.case(f"as {who}: disks as the kernel counts them"):
        theirs = {words[2]: int(words[5]) * 512 for words in map(str.split, open("/proc/diskstats"))}
        for row in service["disks"]:
            near(row["read_bytes"], theirs[row["name"]], 0.1, 1 << 22, f"{row['name']} bytes read")

    with tally.case(f"as {who}: the largest processes as ps knows them"):
        # The kernel's workers change their names with what they are at.
        told = [row for row in service.get("processes", []) if row.get("pid") and not row["name"].startswith("kworker")]
        expect(told or who == "its sandbox", "none is told, and whoever asks once is told of them")
        for row in told:
            theirs = said("ps", "-o", "rss=,comm=", "-p", row["pid"]).split(None, 1) if os.path.exists(f"/proc/{row['pid']}") else None
            if theirs:
                expect(row["name"] == theirs[1].strip()[:15] or theirs[1].strip().startswith(row["name"]), f"{row} {theirs}")
                if row.get("memory_mb") is not None:
                    near(row["memory_mb"], int(theirs[0]) / 1024, 0.3, 4, f"{row['name']} MiB")

    with tally.case(f"as {who}: what is missing says why"):
        for entry in service.get("missing", []):
            expect(entry.get("what") and len(entry.get("why", "")) >= 8, str(entry))
            print(f"     missing: {entry['what']}: {entry['why']}")

tally.close()
