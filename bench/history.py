"""The history beside VictoriaMetrics and beside plain rows in SQLite, all on the very same samples.

The samples are those of the made-up fleet of five, and of ten hosts that never rest; a Rust bench makes and stores them
(cm-core/benches/history) and prints figures by name. VictoriaMetrics is given them over its import on loopback, merged as far
as it merges, ended, and its files are added up."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time

from figures import Missing, Row
from stage.programs import REPOSITORY

# Days of telemetry that are stored; days at the default retention, more than 30 of them, or 0 to leave that out.
DAYS = int(os.environ.get("CM_BENCH_HISTORY_DAYS", "7"))
MONTH = int(os.environ.get("CM_BENCH_MONTH_DAYS", "31"))


def built():
    """The bench as a program, for it is started many times."""
    command = ["cargo", "bench", "--locked", "-p", "cm-core", "--bench", "history", "--no-run", "--message-format=json"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=3600)
    for line in done.stdout.splitlines():
        told = json.loads(line)
        if told.get("executable") and told["target"]["name"] == "history":
            return told["executable"]
    raise Missing(f"cargo bench -p cm-core --bench history: {done.stderr.strip()[-300:]}")


def figures(bench, *words):
    done = subprocess.run([bench, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Missing(f"{' '.join(map(str, words))}: {done.stderr.strip()[-300:]}")
    return {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}


class Victoria:
    """VictoriaMetrics with a folder of its own on loopback."""

    def __init__(self, folder):
        program = shutil.which("victoria-metrics")
        if not program:
            raise Missing("victoria-metrics is not to be had")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.process = subprocess.Popen(
            [program, f"-httpListenAddr=127.0.0.1:{self.port}", f"-storageDataPath={folder}", "-retentionPeriod=100y", "-loggerLevel=ERROR"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for _ in range(100):
            try:
                self.ask("GET", "/health")
                return
            except OSError:
                time.sleep(0.1)
        self.end()
        raise Missing("victoria-metrics does not answer")

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3600)
        connection.request(method, path, body=body, encode_chunked=body is not None, headers={"Transfer-Encoding": "chunked"} if body else {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status >= 300:
            raise Missing(f"victoria-metrics: {path}: {answer.status} {text[:200]}")
        return text

    def settle(self):
        """Everything on the disk, and merged until nothing goes on being merged."""
        self.ask("GET", "/internal/force_flush")
        self.ask("GET", "/internal/force_merge")
        quiet = 0
        while quiet < 4:
            time.sleep(0.5)
            merging = [line for line in self.ask("GET", "/metrics").splitlines() if line.startswith("vm_active_merges")]
            quiet = quiet + 1 if all(float(line.split()[-1]) == 0 for line in merging) else 0

    def rows(self):
        return sum(
            float(line.split()[-1])
            for line in self.ask("GET", "/metrics").splitlines()
            if line.startswith("vm_rows{") and 'type="indexdb"' not in line
        )

    def end(self):
        self.process.terminate()
        self.process.wait()

    def bytes(self):
        """Samples and indexes; no caches, no locks."""
        return sum(
            os.path.getsize(os.path.join(place, name))
            for part in ("data", "indexdb")
            for place, _, names in os.walk(os.path.join(self.folder, part))
            for name in names
        )


def victoria(bench, feed, days, samples):
    """The size that VictoriaMetrics makes of the same samples."""
    with tempfile.TemporaryDirectory() as folder:
        server = Victoria(folder)
        try:
            export = subprocess.Popen([bench, "export", feed, str(days)], stdout=subprocess.PIPE)
            server.ask("POST", "/api/v1/import", iter(lambda: export.stdout.read(1 << 16), b""))
            if export.wait() != 0:
                raise Missing("the samples could not be told")
            server.settle()
            rows = server.rows()
        finally:
            server.end()
        if rows != samples:
            raise Missing(f"victoria-metrics took {rows:.0f} of {samples:.0f} samples")
        return server.bytes()


def size(bench, folder, feed, words):
    path = os.path.join(folder, "history.db")
    ours = figures(bench, "size", feed, DAYS, path)
    os.unlink(path)
    samples = ours["samples"]
    theirs = victoria(bench, feed, DAYS, samples) / samples
    # Rows sorted by series cost so much disk that a few hours of them have to do; reading is the same however many others there are.
    plain = figures(bench, "plain", feed, 3, 0, path)
    os.unlink(path)
    name = f"history, {words}, {DAYS} days"
    yield Row(f"{name} ({samples / 1e6:.1f} million samples of {ours['series']:.0f} series): the file, a sample", ours["file_bytes"] / samples, "B", min(0.6, theirs), "VictoriaMetrics", theirs)
    yield Row(f"{name}: the file after `compact`, a sample", ours["compact_bytes"] / samples, "B", min(0.6, theirs), "VictoriaMetrics", theirs)
    yield Row(f"{name}: the file, a sample", ours["file_bytes"] / samples, "B", None, "plain rows of 3 hours", plain["plain_bytes"] / plain["plain_samples"])
    yield Row(f"{name}: a million samples stored, sealed and rolled up", 1e9 / ours["ingest_per_s"], "ms", 5000, "plain rows of 3 hours, 500 a transaction", 1e9 / plain["plain_ingest_per_s"])
    plain = figures(bench, "plain", feed, DAYS * 24, 20, path) if feed == "restless" else None
    if plain:
        os.unlink(path)
    peer = ("plain rows of 20 series", plain["plain_read_ms"]) if plain else ()
    for which, figure in (("the median series", "read_ms"), ("the slowest but for 5 %", "read_p95_ms")):
        yield Row(f"{name}: {ours['read_points']:.0f} samples of one series read back, {which}", ours[figure], "ms", 5, *peer)


def cuts():
    """The ordeal of the store, in thousands of power cuts. Each cut is compared with what was acknowledged; one row lost and it fails."""
    thousands = os.environ.get("CM_BENCH_CUTS", "1")
    command = ["cargo", "test", "--locked", "-p", "cm-core", "--lib", "store::tests::ordeal::cut", "--", "--nocapture", "--include-ignored"]
    done = subprocess.run(command, cwd=REPOSITORY, env={**os.environ, "CM_ORDEAL": thousands}, capture_output=True, text=True)
    found = re.search(r"power cuts: (\d+) states after \d+ calls, (\d+) rows acknowledged, (\d+) lost", done.stdout)
    if done.returncode != 0 or not found:
        raise Missing(f"the ordeal of power cuts: {(done.stdout + done.stderr).strip()[-300:]}")
    return Row(f"history, acknowledged rows ({found[2]}) lost in {found[1]} simulated power cuts", float(found[3]), "rows", 0)


def rows():
    bench = built()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "history.db")
        yield from size(bench, folder, "fleet", "the made-up fleet of five")
        yield from size(bench, folder, "restless", "ten hosts that never rest")

        # Made in memory where there is room, for it is only read; the disk would take its time over so many days.
        quick = tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else folder)
        beside = os.path.join(quick.name, "history.db")
        chart = figures(bench, "chart", beside)
        name = f"history, a year of hours of {chart['chart_series']:.0f} series"
        yield Row(f"{name}: a chart of one, from hours to {chart['chart_points']:.0f} points", chart["chart_hours_ms"], "ms", 10)
        yield Row(f"{name}: ten such charts, one a host", chart["chart_hosts_ms"], "ms")
        yield Row(f"{name}: a chart of one, from what suits 200 points", chart["chart_ms"], "ms", 10)
        quick.cleanup()

        large = figures(bench, "large", path)
        opened = [figures(bench, "open", path) for _ in range(9)]
        middle = {name: sorted(one[name] for one in opened)[4] for name in opened[0]}
        name = f"history, opening a file of {large['large_bytes'] / 1e9:.2f} GB"
        yield Row(f"{name} to read, and listing its series", middle["open_and_list_ms"], "ms", 50)
        yield Row(f"{name} to write", middle["open_to_write_ms"], "ms", 50)
        yield Row(f"{name}: memory of the whole process", middle["open_peak_mb"], "MB", 15)
        os.unlink(path)

        stuck = figures(bench, "stuck", path)
        commits = f"{stuck['stuck_commits']:.0f} commits of 500 samples"
        yield Row(f"history, the log after {commits} beside a reader that stands still", stuck["stuck_log_bytes"] / 1e6, "MB", 16, "plain rows as they come", stuck["plain_stuck_log_bytes"] / 1e6)
        for end in ("", "-wal", "-shm", ".plain", ".plain-wal", ".plain-shm"):
            if os.path.exists(path + end):
                os.unlink(path + end)

        yield cuts()
        if MONTH:
            month = figures(bench, "month", MONTH, path)
            yield Row(f"history, 5 hosts at the default retention: the file after {MONTH} days", month["month_bytes"] / 1e6, "MB")
            yield Row("history, 5 hosts at the default retention: the file after a year, extrapolated", month["year_bytes"] / 1e6, "MB", 300)
