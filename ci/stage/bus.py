"""A real dbus-daemon, with a systemd and a logind on it that are not real: they say what a test or a measurement wants said.

The daemon checks every byte that the agent sends; dbus-next writes every byte that it reads."""

import asyncio
import os
import threading

from dbus_next import Message, MessageType, Variant
from dbus_next.aio import MessageBus

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
        if not self.ready.wait(20):
            raise RuntimeError("the false services do not come up")

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


def daemon(folder):
    """A bus for everybody with its socket in a folder: the socket, and the command that starts its daemon."""
    socket, settings = folder / "bus", folder / "bus.conf"
    settings.write_text(
        f"""<busconfig><type>custom</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
        <policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
        <allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
        <allow send_requested_reply="true" send_type="error"/><allow receive_type="method_call"/>
        <allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/></policy>
        </busconfig>"""
    )
    return socket, ["dbus-daemon", f"--config-file={settings}", "--nofork"]
