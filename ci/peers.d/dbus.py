"""What the agent makes of the answers of a systemd and a logind, on a real bus."""

import json
import os
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from dbus_next import Variant
from stage.bus import LOGIND, SYSTEMD, Stage, daemon as bus_daemon, encoded, service
from stage.programs import AGENT, Home
from stage.tally import Tally, expect

tally = Tally("dbus")


def report(port):
    return json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/service", timeout=5))


def until(what, find, limit=20):
    """What `find` gives, once it gives anything."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        found = find()
        if found:
            return found
        time.sleep(0.1)
    expect(False, f"{what}: not within {limit} s")


def told(port):
    try:
        return {one["name"]: one for one in report(port)["services"]}
    except OSError:
        return {}


with Home() as home, tempfile.TemporaryDirectory() as folder:
    socket, command = bus_daemon(Path(folder))
    daemon = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    until("the bus", socket.exists)
    stage = Stage(f"unix:path={socket}")
    stage.units = {
        "web.service": service("web.service", "active", "running", NRestarts=Variant("u", 2)),
        "db@1.service": service("db@1.service", "active", "running"),
        "x.service": service("x.service", "failed", "failed"),
    }
    bus = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={socket}"}
    home.config.mkdir(parents=True, exist_ok=True)
    port = 26126
    (home.config / "agent.toml").write_text(
        f"""[services]
        units = ["web", "db@*", "absent"]
        journal = false
        [collectors]
        service_metrics = {{ enabled = true, interval_ms = 500 }}
        [serve]
        smart_port = 0
        service_port = 0
        backup_port = 0
        combined_port = {port}
        """
    )
    (home.config / "agent.toml").chmod(0o600)

    with tally.case("one look tells every unit that is named, and the failed one that is not"):
        ran = home.run("collect", "--once", "--json", program=AGENT, **bus)
        expect(ran.code == 0, str(ran))
        services = {one["name"]: one for one in ran.json()["service"]["services"]}
        states = {name: one["status"] for name, one in services.items()}
        expect(states == {"web": "running", "db@1": "running", "absent": "failed"}, f"{states}")
        expect(services["web"]["restarts"] == 2 and services["web"]["started_at"] == 1_764_000_000, f"{services['web']}")
        expect(services["web"]["description"] == "It is web.service", f"{services['web']}")
        failed = [one["name"] for one in ran.json()["service"]["failed_units"]]
        expect(failed == ["x"], f"{failed}")

    agent = subprocess.Popen([AGENT, "run"], env=home.environment(**bus))
    try:
        with tally.case("in steady state nothing is asked, and what changes is asked for alone"):
            until("three services", lambda: len(told(port)) == 3)
            time.sleep(2)
            stage.asked.clear()
            time.sleep(3)
            expect(stage.asked == [], f"asked without a reason: {stage.asked}")
            stage.units["web.service"] = service("web.service", "failed", "failed", Result=Variant("s", "oom-kill"))
            stage.changed("web.service")
            until("web has failed", lambda: told(port)["web"]["status"] == "failed")
            expect(told(port)["web"]["log"] == ["it ended with the result oom-kill"], f"{told(port)['web']}")
            asked = {(member, path) for member, path, _ in stage.asked}
            about = f"/org/freedesktop/systemd1/unit/{encoded('web.service')}"
            expect(asked == {("GetAll", about), ("ListUnitsFiltered", "/org/freedesktop/systemd1")}, f"{asked}")

        with tally.case("units under a pattern come and go"):
            stage.units["db@2.service"] = service("db@2.service", "active", "running")
            manager, path = SYSTEMD + ".Manager", "/org/freedesktop/systemd1"
            stage.signal(path, manager, "UnitNew", "so", ["db@2.service", "/o"])
            until("db@2", lambda: "db@2" in told(port))
            del stage.units["db@1.service"]
            stage.signal(path, manager, "UnitRemoved", "so", ["db@1.service", "/o"])
            until("db@1 is gone", lambda: "db@1" not in told(port))

        with tally.case("what logind announces is told before it is let go"):
            until("an inhibitor", lambda: stage.inhibitors)
            time.sleep(1.5)
            held = stage.inhibitors[-1]
            os.set_blocking(held, False)

            def let_go():
                try:
                    return os.read(held, 1) == b""
                except BlockingIOError:
                    return False

            expect(not let_go(), "the inhibitor is not held")
            stage.signal("/org/freedesktop/login1", LOGIND + ".Manager", "PrepareForShutdown", "b", [True])
            until("the announcement", lambda: report(port).get("going") == "shutdown", 3)
            until("logind is let go", let_go, 3)
            stage.signal("/org/freedesktop/login1", LOGIND + ".Manager", "PrepareForShutdown", "b", [False])
            until("it stays after all", lambda: "going" not in report(port), 10)
            until("a new inhibitor", lambda: len(stage.inhibitors) > 1, 5)

        with tally.case("a bus that goes is told as missing, and taken up again"):
            daemon.terminate()
            daemon.wait(10)
            until("it is missing", lambda: any(one["what"] == "service" for one in report(port).get("missing", [])))
            socket.unlink(missing_ok=True)
            daemon = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            until("the bus again", socket.exists)
            again = Stage(f"unix:path={socket}")
            again.units = {"web.service": service("web.service", "active", "running")}
            until("web again", lambda: told(port).get("web", {}).get("status") == "running", 40)
    finally:
        agent.terminate()
        agent.wait(10)
        daemon.terminate()

tally.close()
