"""What a host pays to be watched: CPU of a poll of all three APIs beside one scrape of node_exporter, and bytes on the wire."""

import gzip
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from figures import Missing, Row
from stage.kernel import cpu_s, memory_kb
from stage.programs import REPOSITORY, Fleet, Home, Kept, agent_toml, answers, free_ports
from stage.services import running

POLLS = 200
SERIES = 5
INTERVAL_S = 5
WATCHED_S = 60
MANY_POLLS = 100_000
SERVICES = [f"cm-bench-{number}.service" for number in range(16)]
WATCHED = f"[services]\nunits = {json.dumps(SERVICES)}\n"
ROUNDS_S = 30


class Poller:
    """Asks over kept connections and takes gzip. `remembers`: sends the ETag that it saw last, as our client does."""

    def __init__(self, ports, path="/", remembers=False):
        self.remembers = remembers
        self.asked = [(http.client.HTTPConnection("127.0.0.1", port, timeout=10), path, {"Accept-Encoding": "gzip"}) for port in ports]

    def poll(self):
        for connection, path, headers in self.asked:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status not in (200, 304):
                raise Missing(f"HTTP {answer.status} on port {connection.port}")
            if self.remembers and (tag := answer.headers.get("ETag")):
                headers["If-None-Match"] = tag


def cpu_of_a_poll_ms(pid, poller, polls=POLLS):
    """Median of several series of polls, in ms of the program's CPU."""
    poller.poll()
    series = []
    for _ in range(SERIES):
        before = cpu_s(pid)
        for _ in range(polls):
            poller.poll()
        series.append((cpu_s(pid) - before) / polls * 1e3)
    return statistics.median(series)


def node_exporter(home):
    """CPU of one scrape in ms, and its size in bytes: plain, squeezed."""
    if not shutil.which("prometheus-node-exporter"):
        return None, None, None
    port = free_ports(1)
    command = [f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    with Kept(home, *command, program="prometheus-node-exporter") as exporter:
        exporter.serving(port)
        poller = Poller([port], "/metrics")
        cpu = cpu_of_a_poll_ms(exporter.pid, poller, 40)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/metrics")
        plain = connection.getresponse().read()
        return cpu, len(plain), len(gzip.compress(plain))


def footprint(pid, poller):
    """Share of a core in percent while it is polled at its interval, and then its private and resident memory in KiB."""
    poller.poll()
    before, start = cpu_s(pid), time.monotonic()
    while time.monotonic() - start < WATCHED_S:
        time.sleep(INTERVAL_S)
        poller.poll()
    share = (cpu_s(pid) - before) / (time.monotonic() - start) * 100
    resident, _, private = memory_kb(pid)
    return share, private, resident


def of_its_unit():
    """The environment that its systemd unit gives the agent."""
    unit = (REPOSITORY / "packaging/systemd/cm-agent.service").read_text()
    line = re.search(r"^Environment=(.*)$", unit, re.M)[1]
    return dict(word.split("=", 1) for word in line.split())


def beside(home):
    """The footprint of node_exporter with its collectors of units and sensors, if it is here."""
    if not shutil.which("prometheus-node-exporter"):
        return None, None, None
    port = free_ports(1)
    command = [f"--web.listen-address=127.0.0.1:{port}", "--log.level=error", "--collector.systemd", "--collector.hwmon"]
    with Kept(home, *command, program="prometheus-node-exporter") as exporter:
        exporter.serving(port)
        return footprint(exporter.pid, Poller([port], "/metrics"))


def round_ms(home, variables):
    """CPU of one round of all collectors in ms, with nobody who asks: all that the agent takes while it looks once a second, by
    its rounds, so with the making of its answers."""
    intervals = "".join(f"{api}_metrics = {{ interval_ms = 1000 }}\n" for api in ("smart", "service", "backup"))
    first = free_ports(4)
    config = home.write("rounds.toml", f"{WATCHED}[collectors]\n{intervals}{agent_toml(first, combined=first + 3)}")
    with Kept(home, "run", "--config", config, **variables) as agent:
        agent.serving(first + 3)
        time.sleep(5)
        all_run(first + 1)
        before, start = cpu_s(agent.pid), time.monotonic()
        time.sleep(ROUNDS_S)
        return (cpu_s(agent.pid) - before) / (time.monotonic() - start) * 1e3


def all_run(port):
    told = json.loads(answers(port))["services"]
    if [service["status"] for service in told] != ["running"] * len(SERVICES):
        raise Missing(f"{len(told)} services are told, and not all of them run")


def on_the_wire(hosts, seconds):
    """Bytes a second and host that cross the loopback of a network namespace of its own while cm-cli watches, headers and
    acknowledgements included. Runs itself again inside that namespace."""
    done = subprocess.run(
        ["unshare", "--map-root-user", "--net", sys.executable, __file__, str(hosts), str(seconds)],
        capture_output=True, text=True, timeout=seconds + 60,
    )
    found = re.search(r"^bytes (\d+) seconds ([\d.]+)$", done.stdout, re.M)
    if not found:
        raise Missing(f"no network namespace or no watching in it: {done.stderr.strip()[-300:]}")
    return int(found[1]) / float(found[2]) / hosts


def inside_the_namespace(hosts, seconds):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

    def crossed():
        line = next(line for line in open("/proc/net/dev") if line.strip().startswith("lo:"))
        return int(line.split(":")[1].split()[0])

    with Fleet(hosts) as fleet, fleet.watching(INTERVAL_S) as client:
        time.sleep(2 * INTERVAL_S + 1)  # the first round brings every body whole, the second settles
        before, start = crossed(), time.monotonic()
        time.sleep(seconds)
        client.still_there()
        print(f"bytes {crossed() - before} seconds {time.monotonic() - start:.3f}")


def rows():
    with Home() as home:
        scrape_ms, scrape_plain, scrape_squeezed = node_exporter(home)

        with Fleet(1) as fleet:
            ports = next(iter(fleet.hosts.values()))
            drives, services = (len(json.loads(answers(port))[what]) for port, what in zip(ports, ("drives", "services")))
            poll_ms = cpu_of_a_poll_ms(fleet.agent.pid, Poller(ports))
            same_ms = cpu_of_a_poll_ms(fleet.agent.pid, Poller(ports, remembers=True))

        first = free_ports(4)
        config = home.write("agent.toml", WATCHED + agent_toml(first, combined=first + 3))
        with running(SERVICES) as (how, variables):
            with Kept(home, "run", "--config", config, **variables, **of_its_unit()) as agent:
                ports = range(first, first + 3)
                agent.serving(*ports)
                time.sleep(5)
                all_run(first + 1)
                before, start = cpu_s(agent.pid), time.monotonic()
                time.sleep(20)
                alone_ms = (cpu_s(agent.pid) - before) / (time.monotonic() - start) * 1e3
                served_ms = cpu_of_a_poll_ms(agent.pid, Poller(ports))
                # Pages of a program that was just built count as its own until they are on the disk.
                os.sync()
                share, private, resident = footprint(agent.pid, Poller(ports))
                poller = Poller(ports)
                for _ in range(MANY_POLLS // len(ports)):
                    poller.poll()
                _, _, later = memory_kb(agent.pid)
            looked_ms = round_ms(home, variables)
        their_share, their_private, their_resident = beside(home)

    here = f"agent, this machine, {len(SERVICES)} services"
    simulated = f"agent, simulated host ({services} services, {drives} drives)"
    yield Row(f"{simulated}: CPU of a poll of all three, whole bodies", poll_ms, "ms", 1, "node_exporter, one scrape", scrape_ms)
    yield Row(f"{simulated}: the same when nothing has changed", same_ms, "ms", 1, "node_exporter, one scrape", scrape_ms)
    yield Row(f"{here}: CPU of a poll of all three", served_ms, "ms", 1, "node_exporter, one scrape", scrape_ms)
    yield Row(
        f"{here}: CPU of collecting for {INTERVAL_S} s and one poll", alone_ms * INTERVAL_S + served_ms, "ms",
        None, "node_exporter, one scrape", scrape_ms,
    )
    yield Row(f"{here}: CPU of one round of all collectors ({how})", looked_ms, "ms", 1)
    mib = lambda kib: kib and kib / 1024
    units = "node_exporter with systemd and hwmon"
    yield Row(f"{here}: share of a core, polled every {INTERVAL_S} s", share, "%", 0.3, units, their_share)
    # 1.6 and 3.6 million bytes.
    yield Row(f"{here}: private memory", mib(private), "MiB", 1.526, units, mib(their_private))
    yield Row(f"{here}: resident memory", mib(resident), "MiB", 3.433, units, mib(their_resident))
    yield Row(f"{here}: private memory after {MANY_POLLS} polls, in parts of that before", later / private, "", 1.1)
    wire = on_the_wire(hosts=5, seconds=60)
    per_s = scrape_squeezed / INTERVAL_S if scrape_squeezed else None
    yield Row(f"on the wire a host, polled every {INTERVAL_S} s", wire, "B/s", 1000, "node_exporter, body alone, gzip", per_s)
    if scrape_plain:
        yield Row("node_exporter's body, plain", scrape_plain, "B")


if __name__ == "__main__":
    inside_the_namespace(int(sys.argv[1]), int(sys.argv[2]))
