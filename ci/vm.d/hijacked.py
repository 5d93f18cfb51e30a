"""Whoever is nobody, or has taken over the agent itself, cannot make the drive helper run, write or say anything of theirs."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from stage.guest import drop_in, install, pid, ran, said, shown, until
from stage.tally import Tally, expect

tally = Tally("hijacked")
HELPER, SOCKET = "cm-agent-drives.service", "/run/cm-agent/drives.sock"
# Not /tmp, of which the helper has one of its own.
EVIL = Path("/var/evil")
MARK = Path("/var/evil/mark")

CALL = f"""
import socket, sys, time
def call():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(100)
    s.connect({SOCKET!r})
    return s
"""


def as_user(user, group, *command, **more):
    return ran("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", *command, **more)


def answer():
    """What the helper tells root."""
    return json.loads(said("python3", "-c", CALL + "print(call().makefile().read())"))


def drive(name="sda"):
    return next(drive for drive in answer()["drives"] if drive["name"] == name)


def anew(text=""):
    """The helper, started anew by its next caller, with these lines laid over its unit."""
    drop_in(HELPER, text)
    ran("systemctl", "stop", HELPER)
    ran("systemctl", "reset-failed", HELPER)
    MARK.unlink(missing_ok=True)


def give(path, user="nobody", mode=0o755):
    os.chmod(path, mode)
    shutil.chown(path, user, "nogroup")


install()
said("systemctl", "start", "cm-agent-drives.socket")
EVIL.mkdir()
give(EVIL, mode=0o777)
for name in ("smartctl", "zpool", "sh", "cm-agent"):
    (EVIL / name).write_text(f"#!/bin/sh\n: >{MARK}\necho '{{}}'\n")
    give(EVIL / name)
well = drive()

with tally.case("without hostile surroundings it tells of the drive"):
    expect(well["serial"] == "CMSATA001" and not well.get("unreadable_reason"), str(well))

with tally.case("a program of the same name on the path, in the working directory or in a library's place is not run"):
    hostile = [f"PATH={EVIL}:/usr/sbin:/usr/bin", f"LD_LIBRARY_PATH={EVIL}", f"LD_AUDIT={EVIL}/none.so", f"GCONV_PATH={EVIL}", f"HOME={EVIL}", "IFS=/", f"ENV={EVIL}/sh", f"BASH_ENV={EVIL}/sh"]
    lines = "".join(f'Environment="{line}"\n' for line in hostile)
    anew(f"[Service]\nWorkingDirectory={EVIL}\n{lines}")
    found = drive()
    expect(found["serial"] == "CMSATA001" and not found.get("unreadable_reason"), str(found))
    expect(not MARK.exists(), "theirs was run")

with tally.case("nothing of its surroundings is handed on to smartctl, which stands in /"):
    # Root's own wrapper, which nobody else could have written, tells what it was given.
    wrapper = Path("/opt/wrapper/smartctl")
    wrapper.parent.mkdir(mode=0o755)
    wrapper.write_text('#!/bin/sh\nenv >/tmp/env\npwd >/tmp/cwd\nexec /usr/sbin/smartctl "$@"\n')
    wrapper.chmod(0o755)
    start = f"ExecStart=\nExecStart=/usr/bin/cm-agent drives --smartctl {wrapper}\n"
    # Who may write the unit is root already, and the loader heeds it: what counts is that it ends there.
    anew(f'[Service]\nWorkingDirectory={EVIL}\n{lines}Environment="LD_PRELOAD={EVIL}/none.so"\n{start}')
    expect(drive()["serial"] == "CMSATA001", "no answer")
    private = next(Path("/tmp").glob(f"systemd-private-*-{HELPER}-*/tmp"))
    seen = dict(line.split("=", 1) for line in (private / "env").read_text().splitlines())
    print(f"     {seen}")
    expect(set(seen) <= {"LC_ALL", "PATH", "PWD", "OLDPWD", "SHLVL", "_"}, str(seen))
    expect(str(EVIL) not in str(seen) and seen["LC_ALL"] == "C", str(seen))
    expect((private / "cwd").read_text() == "/\n", (private / "cwd").read_text())

def theirs(path):
    shutil.copy(EVIL / "smartctl", path)
    give(path)


def their_link(path):
    path.symlink_to("/usr/sbin/smartctl")
    os.lchown(path, 65534, 65534)


def open_to_all(path):
    shutil.copy("/usr/sbin/smartctl", path)
    path.chmod(0o757)


given = Path("/opt/given")
given.mkdir(mode=0o755)
for what, path, make in (
    ("of somebody else's", given / "theirs", theirs),
    ("behind somebody else's link", given / "link", their_link),
    ("that others can write", given / "open", open_to_all),
    ("in somebody else's folder", EVIL / "sound", lambda path: shutil.copy("/usr/sbin/smartctl", path)),
):
    with tally.case(f"a smartctl {what} is not run, and the drive is told with the reason"):
        make(path)
        anew(f"[Service]\nExecStart=\nExecStart=/usr/bin/cm-agent drives --smartctl {path}\n")
        why = drive().get("unreadable_reason", "")
        print(f"     {why}")
        expect("not run" in why and not MARK.exists(), why)

with tally.case("a link that its owner swaps all the time is never followed"):
    anew(f"[Service]\nExecStart=\nExecStart=/usr/bin/cm-agent drives --smartctl {EVIL}/swapped\n")
    swap = (
        "import os\n"
        "while True:\n"
        f"    for target in ('/usr/sbin/smartctl', '{EVIL}/smartctl'):\n"
        f"        os.symlink(target, '{EVIL}/new')\n"
        f"        os.replace('{EVIL}/new', '{EVIL}/swapped')\n"
    )
    swapper = subprocess.Popen(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "python3", "-c", swap])
    try:
        for _ in range(6):
            ran("systemctl", "stop", HELPER)
            expect("not" in drive().get("unreadable_reason", ""), "it was taken")
    finally:
        swapper.kill()
        swapper.wait()
    expect(not MARK.exists(), "theirs was run")
anew()

with tally.case("with its first descriptors closed it says nothing to a drive"):
    before = said("sha256sum", "/dev/nvme0n1", "/dev/sda")
    for shut in ("0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"):
        done = ran("/bin/sh", "-c", f"exec cm-agent drives --once {shut}")
        expect(done.returncode in (0, 74), f"{shut}: {done.returncode} {done.stderr[-300:]}")
    expect(said("sha256sum", "/dev/nvme0n1", "/dev/sda") == before, "a drive was written to")

with tally.case("who is nobody cannot call it, nor move or remove its socket, nor touch its process"):
    answer()
    helper = pid(HELPER)
    for user, group in (("nobody", "nogroup"), ("cm-agent", "cm-agent")):
        for what, command in (
            ("move the socket", ("mv", SOCKET, f"{SOCKET}.old")),
            ("put one in its place", ("python3", "-c", f"import os, socket; os.unlink({SOCKET!r}); socket.socket(socket.AF_UNIX).bind({SOCKET!r})")),
            ("end it", ("kill", "-STOP", helper)),
            ("read its memory", ("head", "-c", "1", f"/proc/{helper}/mem")),
            ("read its surroundings", ("cat", f"/proc/{helper}/environ")),
            ("see its descriptors", ("ls", f"/proc/{helper}/fd")),
        ):
            done = as_user(user, group, *command)
            expect(done.returncode != 0, f"{user} may {what}")
    refused = as_user("nobody", "nogroup", "python3", "-c", CALL + "call()")
    expect("PermissionError" in refused.stderr, refused.stderr)

with tally.case("callers who say nothing, say much, hand over files or take no answer hold nobody up for long"):
    crowd = CALL + (
        "import array, os\n"
        "held = []\n"
        "for number in range(12):\n"
        "    s = call()\n"
        "    try:\n"
        "        if number % 3 == 0:\n"
        "            s.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0] * 20))])\n"
        "        elif number % 3 == 1:\n"
        "            s.setblocking(False)\n"
        "            s.send(b'{\"device\": \"/etc/shadow\"}' * 4000)\n"
        "    except OSError:\n"
        "        pass\n"
        "    held.append(s)\n"
        "print('held', flush=True)\n"
        "time.sleep(120)\n"
    )
    answer()
    helper = pid(HELPER)
    files = len(os.listdir(f"/proc/{helper}/fd"))
    caller = subprocess.Popen(["setpriv", "--reuid=cm-agent", "--regid=cm-agent", "--clear-groups", "python3", "-c", crowd], stdout=subprocess.PIPE, text=True)
    try:
        expect(caller.stdout.readline() == "held\n", "it could not call")
        start = time.monotonic()
        told = json.dumps(answer())
        print(f"     answered after {time.monotonic() - start:.1f} s")
        expect("root:" not in told and "CMSATA001" in told, told)
        expect(time.monotonic() - start < 70, "held up")
    finally:
        caller.kill()
        caller.wait()
    expect(pid(HELPER) == helper, "the helper fell")
    until(lambda: len(os.listdir(f"/proc/{helper}/fd")) <= files, "what was handed over is closed again")
    expect(shown(HELPER, "NRestarts", "Result") == {"NRestarts": "0", "Result": "success"}, str(shown(HELPER, "NRestarts", "Result")))

tally.close()
