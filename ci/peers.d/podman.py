"""A real Podman: what the agent says of its containers, beside what Podman and the kernel say of them."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from stage.programs import AGENT, Home, Kept, agent_toml, free_ports
from stage.tally import Tally, expect

tally = Tally("podman")


class Podman:
    """A Podman with everything it keeps in one folder, and an image made of two programs of this machine."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="cm-podman-"))
        self.socket = self.folder / "podman.sock"
        runtime = next((path for path in map(shutil.which, ("runc", "crun")) if path), None)
        self.base = ["podman", "--root", self.folder / "root", "--runroot", self.folder / "run", "--storage-driver", "vfs"]
        self.base += ["--cgroup-manager", "cgroupfs", "--events-backend", "file"] + (["--runtime", runtime] if runtime else [])
        self.service = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.ask("rm", "--all", "--force", "--time", "0", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, *arguments, check=True):
        command = list(map(str, [*self.base, *arguments]))
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90)
        if check and done.returncode:
            raise RuntimeError(f"podman {arguments[0]}: {done.stderr.strip()[-600:]}")
        return done.stdout.strip()

    def inspect(self, name):
        return json.loads(self.ask("inspect", "--type", "container", name))[0]

    def make_image(self):
        tree = self.folder / "tree"
        for program in ("sleep", "dd"):
            path = shutil.which(program)
            linked = subprocess.run(["ldd", path], capture_output=True, text=True).stdout
            files = [path] + [word for word in linked.split() if word.startswith("/")]
            for file in files:
                target = tree / (Path(file).name if file == path else file.lstrip("/"))
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
        archive = shutil.make_archive(str(self.folder / "tree"), "tar", tree)
        self.ask("import", archive, "cm-peer:1")

    def run(self, name, *arguments, options=()):
        limits = ["--ulimit", "nofile=512:512", "--ulimit", "nproc=512:512", "--network", "host"]
        return self.ask("run", "--detach", "--name", name, *limits, *options, "cm-peer:1", *arguments)

    def serve(self):
        command = list(map(str, [*self.base, "system", "service", "--time", "0", f"unix://{self.socket}"]))
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        self.service = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while not self.socket.exists():
            expect(time.monotonic() < end and self.service.poll() is None, "podman system service did not start")
            time.sleep(0.05)

    def stop(self):
        if self.service:
            self.service.kill()
            self.service.wait()
            self.service = None


def report(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
        return json.load(answer)


def wait_for(port, what, held, within=30):
    """The first report of which `held` is true."""
    end = time.monotonic() + within
    while True:
        last = report(port)
        if held(last):
            return last
        shown = {key: last.get(key) for key in ("services", "missing")}
        expect(time.monotonic() < end, f"{what} within {within} s: {shown}")
        time.sleep(0.3)


def services(document):
    return {one["name"]: one for one in document["services"]}


@contextmanager
def agent(home, socket, *before):
    base = free_ports(4)
    settings = agent_toml(base, base + 3) + f'[containers]\nsockets = ["{socket}"]\n'
    path = home.write("agent.toml", settings + "[collectors]\nservice_metrics = { interval_ms = 500 }\n")
    program, *rest = [*before, AGENT, "run", "--config", path]
    with Kept(home, *rest, program=program) as kept:
        yield kept.serving(base + 1), base + 1


def try_all(podman, home, can_run):
    podman.ask("create", "--name", "made", "--memory", "64m", "cm-peer:1", "/sleep", "1")
    podman.serve()
    with agent(home, podman.socket) as (_, port):
        with tally.case("a container that was only made is told as stopped, with its limit and image"):
            made = services(wait_for(port, "made is told", lambda report: "made" in services(report)))["made"]
            expect(made["status"] == "stopped" and made["kind"] == "podman", str(made))
            expect(made["memory_quota_mb"] == 64 and made["description"] == "localhost/cm-peer:1", str(made))
            expect("started_at" not in made and "memory_used_mb" not in made, str(made))
        with tally.case("doctor waits for its answer and says what it sees"):
            checks = home.run("doctor", "--config", home.config / "agent.toml", "--json", program=AGENT).json()["checks"]
            seen = [one for one in checks if one["subject"] == "container"]
            expect(len(seen) == 1 and "made" in seen[0]["text"] and seen[0]["health"] == "ok", str(seen or checks))
        if can_run:
            try_running(podman, port)
        with tally.case("a Podman that stops answering is told, and its last answer stands for a while"):
            podman.stop()
            said = lambda report: any("start the engine" in one["why"] for one in report.get("missing", []))
            last = wait_for(port, "it is told", said, 90)
            expect("made" in services(last), str(last["services"]))
    podman.socket.unlink()
    podman.serve()
    if shutil.which("setpriv") and os.geteuid() == 0:
        with tally.case("without the right to its socket the agent names the group and what it means"):
            podman.socket.chmod(0o660)
            for folder in (home.folder, home.folder / ".config", home.config, podman.folder):
                folder.chmod(0o755)
            home.write("agent.toml", "")
            (home.config / "agent.toml").chmod(0o644)
            nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            base = free_ports(4)
            path = home.config / "agent.toml"
            path.write_text(agent_toml(base, base + 3) + f'[containers]\nsockets = ["{podman.socket}"]\n')
            program, *rest = [*nobody, AGENT, "run", "--config", path]
            with Kept(home, *rest, program=program) as kept:
                kept.serving(base + 1)
                said = lambda report: any("can become root" in one["why"] for one in report.get("missing", []))
                told = wait_for(base + 1, "it is told", said)
                why = next(one["why"] for one in told["missing"] if "can become root" in one["why"])
                expect("the group root" in why and str(podman.socket) in why, why)


def try_running(podman, port):
    podman.run("works", "/dd", "if=/dev/zero", "of=/dev/null", options=["--memory", "128m", "--restart", "always"])
    podman.run("rests", "/sleep", "3600")
    podman.run("breaks", "/sleep", "nonsense")
    podman.run("ends", "/sleep", "0")
    everything = {"works", "rests", "breaks", "ends", "made"}

    with tally.case("containers that are started show within seconds, with what Podman says of them"):
        wait_for(port, "those that run are told", lambda report: {"works", "rests"} <= set(services(report)), 15)
        # Those that ended at once leave no cgroup behind that changes, and are told at the next question, a minute later.
        settled = lambda report: (
            everything <= set(services(report))
            and services(report)["breaks"]["status"] == "failed"
            and services(report)["ends"]["status"] == "stopped"
        )
        told = wait_for(port, "those that end have ended", settled, 75)
        for name, one in services(told).items():
            theirs = podman.inspect(name)
            runs = theirs["State"]["Status"] == "running"
            expect((one["status"] == "running") == runs, f"{one}: Podman says {theirs['State']}")
            expect(one["restarts"] == theirs["RestartCount"], f"{one}: Podman says {theirs['RestartCount']}")
            expect(("started_at" in one) == runs, f"{one}")
            if runs:
                expect(abs(one["started_at"] - time.time()) < 180, f"{one}: started just now")
        expect(told["summary"]["healthy"] == 2 and told["summary"]["failed"] == 1, str(told["summary"]))

    with tally.case("memory and processor as the kernel counts them for the container"):
        used = lambda report: services(report)["works"].get("cpu_percent", 0) > 5
        one = services(wait_for(port, "it works", used))["works"]
        expect(5 < one["cpu_percent"] <= 110, f"one program at work: {one}")
        stats = json.loads(podman.ask("stats", "--no-stream", "--format", "json", "works"))
        group = f"/proc/{podman.inspect('works')['State']['Pid']}/cgroup"
        expect(0 < one["memory_used_mb"] < 128 and one["memory_quota_mb"] == 128, f"{one}, {stats}, {open(group).read()}")
        idle = services(report(port))["rests"]
        expect(idle["cpu_percent"] < 5 and idle["memory_used_mb"] < 64, str(idle))

    with tally.case("a container that is removed goes, and one that is killed is seen at once"):
        podman.ask("rm", "breaks")
        podman.ask("kill", "rests")
        told = wait_for(port, "rests has failed", lambda report: services(report)["rests"]["status"] == "failed", 15)
        expect("breaks" not in services(told), str(told["services"]))


if not shutil.which("podman"):
    tally.skip("a real Podman", "it is not installed and apt-get does not give it")
    with tally.case("without any engine nothing is missing"):
        with Home() as home:
            said = home.run("collect", "--once", "--json", program=AGENT).json()
            expect("container" not in json.dumps(said.get("service", {}).get("missing", [])), str(said))
    tally.close()

with Podman() as podman, Home() as home:
    podman.make_image()
    can_run = True
    try:
        podman.run("try", "/sleep", "0")
    except RuntimeError as error:
        tally.skip("containers that run", str(error))
        can_run = False
    podman.ask("rm", "--force", "try", check=False)
    try_all(podman, home, can_run)

tally.close()
