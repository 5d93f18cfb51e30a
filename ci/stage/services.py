"""Services that run, for an agent to tell: transient units where systemd runs; elsewhere real control groups with a process
in each, told by a false systemd on a real dbus-daemon."""

import contextlib
import os
import subprocess
import tempfile
import time
from pathlib import Path


def groups_of(names, undo):
    """A control group a service with one process in it, by the service's name, as paths from the root of the tree. Without the
    right to make them there are none, and services are told without what they take."""
    v2 = os.path.exists("/sys/fs/cgroup/cgroup.controllers")
    trees = ["/sys/fs/cgroup"] if v2 else [f"/sys/fs/cgroup/{tree}" for tree in ("memory", "cpuacct")]
    paths = {}
    for name in names:
        folders = [f"{tree}/cm-stage-{name}" for tree in trees]
        try:
            for folder in folders:
                os.makedirs(folder, exist_ok=True)
                undo.callback(os.rmdir, folder)
            process = subprocess.Popen(["sleep", "3600"])
            undo.callback(process.wait)
            undo.callback(process.kill)
            for folder in folders:
                with open(f"{folder}/cgroup.procs", "w") as file:
                    file.write(str(process.pid))
        except OSError:
            break
        paths[name] = f"/cm-stage-{name}"
    return paths


@contextlib.contextmanager
def running(names):
    """How they came about, and the variables with which an agent finds them."""
    with contextlib.ExitStack() as undo:
        if os.path.isdir("/run/systemd/system"):
            undo.callback(subprocess.run, ["systemctl", "stop", *names], check=False)
            for name in names:
                subprocess.run(["systemd-run", "--quiet", f"--unit={name}", "sleep", "3600"], check=True)
            yield "transient units of this machine's systemd", {}
            return
        from stage import bus

        paths = groups_of(names, undo)
        socket, command = bus.daemon(Path(undo.enter_context(tempfile.TemporaryDirectory())))
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        undo.callback(process.wait)
        undo.callback(process.kill)
        while not socket.exists():
            time.sleep(0.05)
        systemd = bus.Stage(f"unix:path={socket}")
        group = lambda name: {"ControlGroup": bus.Variant("s", paths.get(name, ""))}
        systemd.units = {name: bus.service(name, "active", "running", **group(name)) for name in names}
        how = f"a false systemd on a real bus, {len(paths)} real control groups"
        yield how, {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={socket}"}
