"""A real dbus-daemon, with a systemd and a logind on it that are not real: what the agent makes of their answers.

The daemon checks every byte that the agent sends; dbus-next writes every byte that it reads."""

import asyncio
import json
import os
import subprocess
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from dbus_next import Message, MessageType, Variant
from dbus_next.aio import MessageBus
from stage.programs import AGENT, Home
from stage.tally import Tally, expect

tally = Tally("dbus")
SYSTEMD, LOGIND = "org.freedesktop.systemd1", "org.freedesktop.login1"


def encoded(name):
    plain = lambda at, c: c.isascii() and (c.isalpha() or (c.isdigit() and at > 0))
    return "".join(c if plain(at, c) else f"_{ord(c):02x}" for at, c in enumerate(name))


def service(name, active, sub, **more):
    """What systemd says of one service, as far as it matters, among much that does not."""
    unit = {
        "Id": Variant("s", name),
        "Names": Variant("as", [name, "alias.service"]),
        "Description": Variant("s", f"It is {name}"),
        "LoadState": Variant("s", "loaded"),
        "ActiveState": Variant("s", active),
        "SubState": Variant("s", sub),
        "UnitFileState": Variant("s", "enabled"),
        "ActiveEnterTimestamp": Variant("t", 1_764_000_000_000_000),
        "InvocationID": Variant("ay", bytes(range(16))),
        "TriggeredBy": Variant("as", []),
        "Conditions": Variant("a(sbbsi)", [["ConditionPathExists", False, False, "/x", 1]]),
        "Job": Variant("(uo)", [0, "/"]),
    }
    own = {
        "Type": Variant("s", "simple"),
        "Result": Variant("s", "success"),
        "NRestarts": Variant("u", 4),
        "ControlGroup": Variant("s", ""),
        "MemoryMax": Variant("t", 2**64 - 1),
        "ExecStart": Variant("a(sasbttttuii)", [["/bin/x", ["/bin/x", "y"], False, 1, 2, 3, 4, 5, 6, 7]]),
        "ExecMainStatus": Variant("i", 0),
        "CPUQuotaPerSecUSec": Variant("t", 2**64 - 1),
        "Environment": Variant("as", ["A=" + "x" * 5000]),
    }
    own.update(more)
    return unit, own


class Stage(threading.Thread):
    """The services on the bus, on a thread of their own. What they say is changed from the outside."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.units, self.asked, self.ready = address, {}, [], threading.Event()
        self.inhibitors = []
        self.loop = asyncio.new_event_loop()
        self.start()
        expect(self.ready.wait(20), "the false services do not come up")

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.serve())

    async def serve(self):
        while True:
            try:
                self.bus = await MessageBus(bus_address=self.address, negotiate_unix_fd=True).connect()
                break
            except ConnectionRefusedError:  # the daemon has bound its socket, and does not listen yet
                await asyncio.sleep(0.1)
        for name in (SYSTEMD, LOGIND):
            await self.bus.request_name(name)
        self.bus.add_message_handler(self.answer)
        self.ready.set()
        await asyncio.Event().wait()

    def answer(self, call):
        if call.message_type is not MessageType.METHOD_CALL:
            return None
        self.asked.append((call.member, call.path, call.body))
        named = {encoded(name): name for name in self.units}
        if call.member == "GetAll":
            name = named.get(call.path.rsplit("/", 1)[1])
            if name is None:
                gone = {"Id": Variant("s", "gone.service"), "LoadState": Variant("s", "not-found")}
                return Message.new_method_return(call, "a{sv}", [gone])
            return Message.new_method_return(call, "a{sv}", [self.units[name][call.body[0].endswith(".Service")]])
        if call.member in ("ListUnitsByPatterns", "ListUnitsFiltered"):
            states = call.body[0]
            rows = []
            for name, (unit, _) in self.units.items():
                active = unit["ActiveState"].value
                if not states or active in states:
                    rows.append([name, unit["Description"].value, "loaded", active, "x", "", "/o", 0, "", "/"])
            return Message.new_method_return(call, "a(ssssssouso)", [rows])
        if call.member == "Subscribe":
            return Message.new_method_return(call)
        if call.member == "Inhibit":
            reading, writing = os.pipe()
            self.inhibitors.append(reading)
            answer = Message.new_method_return(call, "h", [0], [writing])
            self.loop.call_later(1, os.close, writing)
            return answer
        return None

    def signal(self, path, interface, member, signature, body):
        message = Message.new_signal(path, interface, member, signature, body)

        async def send():
            await self.bus.send(message)

        asyncio.run_coroutine_threadsafe(send(), self.loop).result(10)

    def changed(self, name):
        path = f"/org/freedesktop/systemd1/unit/{encoded(name)}"
        unit = {"ActiveState": self.units[name][0]["ActiveState"]}
        self.signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", [SYSTEMD + ".Unit", unit, []])


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
    socket = Path(folder) / "bus"
    settings = Path(folder) / "bus.conf"
    settings.write_text(
        f"""<busconfig><type>custom</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
        <policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
        <allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
        <allow send_requested_reply="true" send_type="error"/><allow receive_type="method_call"/>
        <allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/></policy>
        </busconfig>"""
    )
    command = ["dbus-daemon", f"--config-file={settings}", "--nofork"]
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
