"""The criterion bench of the parsers: each of the three bodies of a large host (100 services, 24 drives)."""

import re
import subprocess

from figures import Missing, Row
from stage.programs import REPOSITORY

IN_US = {"ns": 1e-3, "µs": 1, "us": 1, "ms": 1e3, "s": 1e6}


def rows():
    done = subprocess.run(
        ["cargo", "bench", "--locked", "-p", "cm-core", "--bench", "parse"],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=1800,
    )
    found = re.findall(r"^(\S.*?)?\s+time:\s+\[\S+ \S+ ([\d.]+) (\S+) \S+ \S+\]", done.stdout, re.M)
    if done.returncode != 0 or not found:
        raise Missing(f"cargo bench -p cm-core --bench parse: {done.stderr.strip()[-300:]}")
    for name, value, unit in found:
        yield Row(f"parse: {name}", float(value) * IN_US[unit], "µs", 200)
