"""Our programs under observation: run once, or kept running and ended, each in a home of its own.

Knows how they are called and configured, not what they print."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import tomllib
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from stage.tally import Wrong

REPOSITORY = Path(__file__).resolve().parent.parent.parent
CLI = os.environ.get("CM_CLI", str(REPOSITORY / "target/debug/cm-cli"))
AGENT = os.environ.get("CM_AGENT", str(REPOSITORY / "target/debug/cm-agent"))
NOTIFY = os.environ.get("CM_NOTIFY", str(REPOSITORY / "target/debug/cm-notify"))
TUI = os.environ.get("CM_TUI", str(REPOSITORY / "target/debug/cm-tui"))

# The three APIs of a host, in the order of their ports.
APIS = ("smart", "service", "backup")


@dataclass
class Ran:
    """What a program left behind."""

    command: list
    code: int
    out: bytes
    err: bytes

    def text(self):
        return self.out.decode("utf-8")

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise Wrong(f"standard output is no JSON ({error}): {self.out[:300]!r}; {self}") from None

    def __str__(self):
        tail = self.err.decode("utf-8", "replace")[-1500:]
        return f"{' '.join(map(str, self.command))} ended with {self.code}; it said on standard error:\n{tail or '(nothing)'}"


class Home:
    """An empty home folder: nothing of the real user's settings is seen.

    In the system's temporary folder and not in the checkout, whose folders a group may be able to write: our programs
    refuse settings that others could have written."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="cm-home-"))
        self.config = self.folder / ".config/cm-dashboard"
        self.config.mkdir(parents=True, mode=0o700)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, **more):
        keep = {name: os.environ[name] for name in ("PATH", "USER", "LOGNAME") if name in os.environ}
        return {
            **keep,
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / ".config"),
            "XDG_STATE_HOME": str(self.folder / ".state"),
            "XDG_CACHE_HOME": str(self.folder / ".cache"),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "TZ": "UTC",
            **more,
        }

    def write(self, name, text):
        """A file in the configuration folder, readable by its owner alone."""
        path = self.config / name
        path.write_text(text)
        path.chmod(0o600)
        return path

    def write_hosts(self, hosts):
        """hosts.toml from {name: the ports of the three APIs}."""
        lines = []
        for name, ports in hosts.items():
            lines += [f"[hosts.{name}]", 'address = "127.0.0.1"']
            lines += [f"{api}_api = {port}" for api, port in zip(APIS, ports)]
            lines.append("")
        return self.write("hosts.toml", "\n".join(lines))

    def run(self, *arguments, program=None, limit=30, **environment):
        """Runs cm-cli (or `program`) to its end."""
        command = [program or CLI, *map(str, arguments)]
        done = subprocess.run(
            command, env=self.environment(**environment), stdin=subprocess.DEVNULL, capture_output=True, timeout=limit
        )
        return Ran(command, done.returncode, done.stdout, done.stderr)


def free_ports(count):
    """The first of `count` ports in a row that nobody listens on now."""
    for base in range(21000 + os.getpid() % 7000, 60000, count + 3):
        held = []
        try:
            for port in range(base, base + count):
                held.append(socket.socket())
                held[-1].bind(("127.0.0.1", port))
            return base
        except OSError:
            continue
        finally:
            for one in held:
                one.close()
    raise RuntimeError("no free ports in a row")


def agent_toml(first, combined):
    """An agent.toml that serves the three APIs from port `first` on, and all of them on `combined`."""
    return f"""
[serve]
smart_port = {first}
service_port = {first + 1}
backup_port = {first + 2}
combined_port = {combined}
"""


def answers(port, within=15):
    """Waits until something answers HTTP on the port."""
    end = time.monotonic() + within
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
                return answer.read()
        except OSError:
            if time.monotonic() > end:
                raise RuntimeError(f"nothing answers on port {port} after {within} s") from None
            time.sleep(0.02)


class Kept:
    """A program that keeps running until the `with` ends; what it says on standard error goes to a file."""

    def __init__(self, home, *arguments, program=None, keep_output=False, **variables):
        self.command = [program or AGENT, *map(str, arguments)]
        name = os.path.basename(self.command[0])
        self.said = home.folder / f"{name}.err"
        self.printed = home.folder / f"{name}.out" if keep_output else Path(os.devnull)
        with open(self.said, "ab") as said, open(self.printed, "ab") as printed:
            self.process = subprocess.Popen(
                self.command, env=home.environment(**variables), stdin=subprocess.DEVNULL, stdout=printed, stderr=said
            )

    @property
    def pid(self):
        return self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def still_there(self):
        """Raises unless it runs: what was measured of a program that has ended is nothing."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{' '.join(self.command)} ended with {self.process.returncode}:\n{self.said.read_text()[-1500:]}")

    def serving(self, *ports):
        """Waits until every port answers; what the program said is in the error otherwise."""
        for port in ports:
            try:
                answers(port)
            except RuntimeError as error:
                raise RuntimeError(f"{error}; {' '.join(self.command)} said:\n{self.said.read_text()[-1500:]}") from None
        return self


class Fleet:
    """`cm-agent simulate`: the demo fleet behind real HTTP, and a home with the hosts.toml that it prints."""

    def __init__(self, hosts=5):
        self.count = hosts
        self.home = Home()

    def __enter__(self):
        base = free_ports(4 * self.count)  # three APIs and the combined port each
        self.agent = Kept(self.home, "simulate", "--hosts", self.count, "--base-port", base, keep_output=True)
        try:
            self.agent.serving(base)
            printed = self.agent.printed.read_text()
            self.home.write("hosts.toml", printed)
            hosts = tomllib.loads(printed)["hosts"]
            self.hosts = {name: tuple(host[f"{api}_api"] for api in APIS) for name, host in hosts.items()}
            if len(self.hosts) != self.count:
                raise RuntimeError(f"{self.count} hosts were asked for, hosts.toml names {len(self.hosts)}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.agent.__exit__()
        self.home.__exit__()

    def watching(self, interval_s):
        """cm-cli, asking all of them every so many seconds until the `with` ends."""
        return Kept(self.home, "hosts", "--json", f"--watch={interval_s}", program=CLI)
