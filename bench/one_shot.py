"""`cm-cli status --json` over five hosts on loopback, the whole process, beside a one-shot JSON answer of Glances.

Glances tells of one machine and waits for a second reading, which is how it is made; its CPU time is the fairer
comparison than its wall time."""

import shutil

from figures import Missing, Row, typical
from stage.programs import CLI, Fleet, Home


def rows():
    with Fleet(5) as fleet:
        command = [CLI, "status", "--json"]
        ran = fleet.home.run("status", "--json")
        if ran.code != 0 or len({one["host"] for one in ran.json()["silent"]}) > 1:
            raise Missing(f"the five hosts were not read: {ran}")
        ours = typical(command, fleet.home.environment(), 25)
    with Home() as home:
        alone = typical([CLI, "status", "--json"], home.environment(), 9)
        theirs = None
        if shutil.which("glances"):
            answer = ["glances", "--disable-check-update", "--stdout-json", "cpu,mem,load,fs,diskio,network", "--stop-after", "1"]
            theirs = typical(answer, home.environment(), 3)

    def row(what, field, unit, most):
        there = getattr(theirs, field) if theirs else None
        return Row(f"`cm-cli status --json`, five hosts: {what}", getattr(ours, field), unit, most, "Glances, one host", there)

    yield row("wall", "wall_ms", "ms", 25)
    yield row("CPU", "cpu_ms", "ms", None)
    yield row("peak of memory", "peak_mb", "MiB", 12)
    yield Row("`cm-cli status --json`, this machine alone: wall", alone.wall_ms, "ms")
    yield Row("`cm-cli status --json`, this machine alone: CPU", alone.cpu_ms, "ms")
