"""One client over 200 simulated hosts: how long until all have answered, and what watching them every 5 s takes."""

import statistics
import time

from figures import Missing, Row, typical
from stage.kernel import cpu_s, memory_kb
from stage.programs import CLI, Fleet

HOSTS = 200
INTERVAL_S = 5
WATCHED_S = 30


def rows():
    with Fleet(HOSTS) as fleet:
        document = fleet.home.run("hosts", "--json").json()
        silent = {one["host"] for one in document["silent"]}
        # The demo fleet has hosts that are down now and then; most must be there for the figure to mean anything.
        if len(document["hosts"]) != HOSTS or len(silent) > HOSTS / 5:
            raise Missing(f"{len(document['hosts'])} hosts listed, {len(silent)} of them silent")
        once = typical([CLI, "hosts", "--json"], fleet.home.environment(), 9)

        with fleet.watching(INTERVAL_S) as client:
            time.sleep(INTERVAL_S + 1)
            shares = []
            for _ in range(3):
                before, start = cpu_s(client.pid), time.monotonic()
                time.sleep(WATCHED_S / 3)
                shares.append((cpu_s(client.pid) - before) / (time.monotonic() - start) * 100)
            client.still_there()
            _, peak_kb, private_kb = memory_kb(client.pid)

    yield Row(f"{HOSTS} hosts asked once, whole process until all have answered", once.wall_ms, "ms", 1000)
    yield Row(f"{HOSTS} hosts asked once: peak of memory", once.peak_mb, "MiB", 50)
    yield Row(f"{HOSTS} hosts watched every {INTERVAL_S} s: share of a core", statistics.median(shares), "%", 10)
    yield Row(f"{HOSTS} hosts watched every {INTERVAL_S} s: peak of memory", peak_kb / 1024, "MiB", 50)
    yield Row(f"{HOSTS} hosts watched every {INTERVAL_S} s: private memory", private_kb / 1024, "MiB")
