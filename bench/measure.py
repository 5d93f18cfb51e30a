"""Runs the subjects and prints their figures as one table, with the facts of the machine that they were taken on."""

import importlib
import os
import platform
import resource
import subprocess
import sys
import time

from figures import Missing
from stage.programs import AGENT, CLI, REPOSITORY

SUBJECTS = ["one_shot", "one_agent", "many_hosts", "dashboard", "parse", "history"]


def told_by(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=REPOSITORY).stdout.strip()
    except OSError:
        return ""


def machine():
    processor = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    memory = int(open("/proc/meminfo").readline().split()[1]) / 2**20
    load = os.getloadavg()[0]
    return [
        f"{time.strftime('%Y-%m-%d', time.gmtime())}, {processor}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}",
        f"{told_by('rustc', '--version')}, revision {told_by('git', 'rev-parse', '--short', 'HEAD')}, load before the run {load:.2f}"
        + (" (busy: trust the ratios, not the figures)" if load > 0.5 else ""),
        *(f"`{os.path.basename(program)}` {os.path.getsize(program) / 2**20:.2f} MiB" for program in (CLI, AGENT)),
    ]


def main():
    # 200 hosts are 600 listeners and as many connections.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    for fact in machine():
        print(f"- {fact}")
    print("\n| figure | here | beside | ratio | goal |\n|---|---|---|---|---|", flush=True)
    missed = 0
    for name in sys.argv[1:] or SUBJECTS:
        try:
            for row in importlib.import_module(name).rows():
                missed += row.missed
                print(row, flush=True)
        except (Missing, RuntimeError) as missing:
            print(f"| {name} | not measured: {' '.join(str(missing).split())} | | | |", flush=True)
            missed += 1
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
