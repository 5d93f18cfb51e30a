"""The machine that ci/vm boots, from within: the agent put there as a package would, asked, and run as others.

Knows how it is started and asked, not what it ought to say."""

import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

from stage.tally import Wrong

SHARE = Path("/share")
AGENT = "/usr/bin/cm-agent"
SYSTEM = Path("/etc/systemd/system")
CONFIG = Path("/etc/cm-dashboard/agent.toml")


def ran(*command, limit=120, **more):
    """Runs a program to its end, whatever comes of it."""
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=limit, **more)


def said(*command, **more):
    """What a program printed; it must end well."""
    done = ran(*command, **more)
    if done.returncode:
        raise Wrong(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-800:]}")
    return done.stdout


def install():
    """The program, its units and its user; the same again where that was done already."""
    shutil.copyfile(SHARE / "cm-agent", "/usr/bin/cm-agent.new")
    Path("/usr/bin/cm-agent.new").chmod(0o755)
    Path("/usr/bin/cm-agent.new").rename(AGENT)
    units = SHARE / "packaging/systemd"
    for unit in [*units.glob("*.service"), *units.glob("*.socket"), *units.glob("*.timer")]:
        shutil.copyfile(unit, SYSTEM / unit.name)
        (SYSTEM / unit.name).chmod(0o644)
    Path("/usr/lib/sysusers.d").mkdir(exist_ok=True)
    shutil.copyfile(units / "cm-agent.sysusers", "/usr/lib/sysusers.d/cm-agent.conf")
    said("systemd-sysusers")
    said("systemctl", "daemon-reload")


def configure(text):
    """An agent.toml that only root could have written."""
    CONFIG.parent.mkdir(exist_ok=True, mode=0o755)
    CONFIG.write_text(text)
    CONFIG.chmod(0o644)


def drop_in(unit, text):
    """Lines laid over a unit; none takes them away again."""
    folder = SYSTEM / f"{unit}.d"
    shutil.rmtree(folder, ignore_errors=True)
    if text:
        folder.mkdir()
        (folder / "test.conf").write_text(text)
    said("systemctl", "daemon-reload")


def shown(unit, *names):
    """Properties of a unit, by name."""
    lines = said("systemctl", "show", unit, *(f"--property={name}" for name in names)).splitlines()
    return dict(line.split("=", 1) for line in lines)


def pid(unit="cm-agent.service"):
    """The unit's process; 0 where none runs."""
    return int(shown(unit, "MainPID")["MainPID"])


def asked(path, port=6126):
    """What the running agent answers."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return json.loads(answer.read())


def restarted():
    """The agent's unit started anew; it has looked twice when this returns."""
    said("systemctl", "restart", "cm-agent.service")
    until(lambda: asked("/service")["cpu"].get("use_percent") is not None, "the agent tells of processors in use")


def collected(user="root"):
    """What `collect --once --json` says as a user."""
    command = [AGENT, "collect", "--once", "--json"]
    if user != "root":
        command = ["setpriv", f"--reuid={user}", "--regid=nogroup", "--clear-groups", *command]
    return json.loads(said(*command))


def until(holds, what, within=90):
    """Waits for it to hold; an error on the way counts as not yet."""
    end, last = time.monotonic() + within, None
    while time.monotonic() < end:
        try:
            if found := holds():
                return found
            last = None
        except (Wrong, OSError, KeyError, ValueError) as error:
            last = error
        time.sleep(0.2)
    raise Wrong(f"after {within} s still not: {what}{f' ({last})' if last else ''}")
