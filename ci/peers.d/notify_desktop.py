"""A bubble on a real notification daemon, on a bus and a screen of its own."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from stage.bus import daemon as bus_daemon
from stage.programs import NOTIFY, Home
from stage.tally import Tally, expect

tally = Tally("notify_desktop")


def until(what, find, limit=20):
    """What `find` gives, once it gives anything."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if found := find():
            return found
        time.sleep(0.1)
    expect(False, f"{what}: not within {limit} s")


with Home() as home, tempfile.TemporaryDirectory() as folder:
    home.write("dashboard.toml", '[[notify.channel]]\nname = "desk"\nkind = "desktop"\n')
    socket, command = bus_daemon(Path(folder))
    bus = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={socket}"}

    def test():
        return home.run("test", "desk", program=NOTIFY, **bus)

    with tally.case("no bus at all is told, and no reason to break"):
        ran = test()
        expect(ran.code == 75 and b"CM-0609" in ran.err, str(ran))

    daemon = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    until("the bus", socket.exists)
    try:
        with tally.case("a bus without a desktop is told"):
            ran = test()
            expect(ran.code == 75 and b"CM-0609" in ran.err, str(ran))

        if not (shutil.which("Xvfb") and shutil.which("dunst")):
            tally.skip("a bubble on dunst", "dunst or Xvfb is not installed")
        else:
            display = f":{90 + os.getpid() % 900}"
            screen = subprocess.Popen(["Xvfb", display, "-screen", "0", "800x600x24"], stderr=subprocess.DEVNULL)
            around = home.environment(DISPLAY=display, **bus)
            until("the screen", Path(f"/tmp/.X11-unix/X{display[1:]}").exists)
            # Its menu of buttons is read by a program, which takes the first.
            settings = Path(folder) / "dunstrc"
            settings.write_text("[global]\n    dmenu = /usr/bin/head -n 1\n")
            dunst = subprocess.Popen(["dunst", "-conf", settings], env=around, stderr=subprocess.DEVNULL)
            try:
                def asked(*words):
                    done = subprocess.run(["dunstctl", *words], env=around, capture_output=True, timeout=10)
                    return done.stdout if done.returncode == 0 else b""

                until("dunst", lambda: asked("count"))
                with tally.case("a bubble is shown by dunst, with its title and its text"):
                    ran = test()
                    expect(ran.code == 0, str(ran))
                    expect(b"Currently displayed: 1" in asked("count"), asked("count").decode())
                    asked("close-all")
                    bubble = json.loads(asked("history"))["data"][0][0]
                    value = {name: bubble[name]["data"] for name in ("summary", "body", "appname")}
                    expect(value["appname"] == "CM Dashboard", f"{value}")
                    expect(value["summary"].startswith("a test from ") and "messages arrive here" in value["body"], f"{value}")

                with tally.case("one incident is one bubble, and its button is heard"):
                    bubble = Path(NOTIFY).parent / "examples/bubble"
                    before = len(json.loads(asked("history"))["data"][0])
                    shown = subprocess.Popen([bubble], env=around, stdout=subprocess.PIPE, text=True)
                    for _ in range(2):
                        line = shown.stdout.readline()
                        expect(line.startswith("Delivered"), line)
                    # Both were shown, and stand in one place.
                    expect(b"Currently displayed: 1" in asked("count"), asked("count").decode())
                    time.sleep(0.5)
                    asked("action")
                    out, _ = shown.communicate(timeout=40)
                    expect(out.splitlines()[0] == "acknowledge abcdefghjk", out)
                    expect("Delivered" in out.splitlines()[1], out)
                    asked("close-all")
                    kept = json.loads(asked("history"))["data"][0]
                    expect(len(kept) <= before + 2, f"{len(kept)} bubbles after {before}")
                    text = " ".join(one["body"]["data"] for one in kept)
                    expect("&lt;b&gt;not bold" in text or "<b>not bold" not in text, text)
            finally:
                dunst.terminate()
                screen.terminate()
    finally:
        daemon.terminate()

tally.close()
