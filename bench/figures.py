"""A figure, what it is held against, and how a program's use of time and memory is taken.

Knows no subject."""

import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass


class Missing(Exception):
    """Something that a figure needs is not to be had here."""


@dataclass
class Row:
    """One line of the table. `most` is the goal in the same unit; what lies over it is missed."""

    what: str
    here: float
    unit: str
    most: float | None = None
    peer: str = ""
    there: float | None = None

    @property
    def missed(self):
        return self.most is not None and self.here > self.most

    def __str__(self):
        beside = f"{self.peer}: {self.there:.4g} {self.unit}" if self.there is not None else ""
        ratio = f"1 : {self.there / self.here:.3g}" if self.there is not None and self.here else ""
        wanted = f"under {self.most:.4g} {self.unit}" if self.most else "none"
        goal = "" if self.most is None else f"{'MISSED: ' if self.missed else ''}{wanted}"
        return f"| {self.what} | {self.here:.4g} {self.unit} | {beside} | {ratio} | {goal} |"


@dataclass
class Use:
    """What one run of a program took."""

    wall_ms: float
    cpu_ms: float
    peak_mb: float


def once(command, environment):
    """Runs it to its end, and once more for the peak of memory."""
    null = os.open(os.devnull, os.O_RDWR)
    files = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)]
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, environment, file_actions=files)
    _, _, used = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    os.close(null)
    # The kernel counts the parent's memory at the moment of the start into a child's peak; `time` is small, Python is not.
    with tempfile.NamedTemporaryFile() as said:
        subprocess.run(
            ["time", "--format=%M", f"--output={said.name}", *command],
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        peak_kb = int(said.read().split()[-1])
    return Use(wall * 1e3, (used.ru_utime + used.ru_stime) * 1e3, peak_kb / 1024)


def typical(command, environment, runs):
    """The medians of several runs, after one that warms the caches."""
    once(command, environment)
    uses = [once(command, environment) for _ in range(runs)]
    return Use(*(statistics.median(getattr(use, field) for use in uses) for field in ("wall_ms", "cpu_ms", "peak_mb")))
