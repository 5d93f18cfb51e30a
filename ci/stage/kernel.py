"""What the kernel knows of a running program: where it listens, what it has used."""

import ipaddress
import os
import re
import struct

TICK = os.sysconf("SC_CLK_TCK")


def cpu_s(pid):
    """CPU seconds of all its threads, from the scheduler's nanoseconds where they are kept, else from ticks."""
    total = 0
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                total += int(file.read().split()[0])
        return total / 1e9
    except (OSError, IndexError):
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK


def memory_kb(pid):
    """Resident now, resident at most, and private, in KiB."""
    with open(f"/proc/{pid}/status") as file:
        status = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", file.read(), re.M))
    with open(f"/proc/{pid}/smaps_rollup") as file:
        private = sum(int(kb) for kb in re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+) kB", file.read(), re.M))
    return int(status["VmRSS"]), int(status["VmHWM"]), private


def listening(pid):
    """The addresses on which it accepts TCP."""
    sockets = set()
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        try:
            sockets.add(os.readlink(f"/proc/{pid}/fd/{descriptor}"))
        except OSError:
            continue
    found = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = open(f"/proc/{pid}/net/{table}").read().splitlines()[1:]
        except OSError:
            continue
        for words in map(str.split, lines):
            if words[3] == "0A" and f"socket:[{words[9]}]" in sockets:
                address = words[1].split(":")[0]
                raw = b"".join(struct.pack("<I", int(address[i : i + 8], 16)) for i in range(0, len(address), 8))
                found.add(ipaddress.ip_address(raw))
    return found
