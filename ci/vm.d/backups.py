"""Backups asked by root's own unit and read by the agent's: real repositories of borg and restic, beside their own JSON."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from stage.guest import SYSTEM, asked, configure, drop_in, install, ran, restarted, said, shown, until
from stage.tally import Tally, expect

tally = Tally("backups")
UNIT = "cm-agent-backups.service"
STATUS = Path("/run/cm-agent-backups/status.json")
# What `systemd-analyze security` of systemd 252 says.
EXPOSURE = 2.3
SECRET = "correct horse battery staple"
GIB = 2**30

source = Path("/srv/source")
source.mkdir()
for number in range(20):
    (source / f"{number}").write_bytes(os.urandom(100_000))
keys = Path("/root/keys")
keys.mkdir(mode=0o700)
for name, text in (("right", SECRET), ("wrong", "hush-hush-wrong")):
    (keys / name).write_text(text + "\n")
    (keys / name).chmod(0o600)

surroundings = {
    **os.environ, "HOME": "/root", "BORG_PASSPHRASE": SECRET, "RESTIC_PASSWORD": SECRET,
    "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes", "TZ": "UTC",
}


def tool(*command):
    return said(*command, env=surroundings)


def asks():
    """What root's unit finds, by name; it must end well."""
    said("systemctl", "start", UNIT, limit=400)
    expect(shown(UNIT, "Result")["Result"] == "success", str(shown(UNIT, "Result", "ExecMainStatus")))
    return {job["name"]: job for job in json.loads(STATUS.read_text())["backups"]}


install()
jobs = ""
for name, kind, repository, key in (
    ("borg", "borg", "/srv/borg", "right"),
    ("borg-wrong", "borg", "/srv/borg", "wrong"),
    ("borg-held", "borg", "/srv/borg-held", "right"),
    ("restic", "restic", "/srv/restic", "right"),
    ("restic-wrong", "restic", "/srv/restic", "wrong"),
    ("restic-held", "restic", "/srv/restic-held", "right"),
    ("gone", "restic", "/srv/nowhere", "right"),
):
    jobs += f'[backups.{name}]\ntool = "{kind}"\nrepository = "{repository}"\npassphrase_file = "/root/keys/{key}"\nevery_h = 24\n'
Path("/etc/cm-dashboard").mkdir(exist_ok=True)
Path("/etc/cm-dashboard/backups.toml").write_text(jobs)
Path("/etc/cm-dashboard/backups.toml").chmod(0o600)

for repository in ("/srv/borg", "/srv/borg-held"):
    tool("borg", "init", "-e", "repokey", repository)
    tool("borg", "create", f"{repository}::web-2026-01-01", source)
tool("borg", "create", "/srv/borg::mail-2026-01-02", source)
for repository in ("/srv/restic", "/srv/restic-held"):
    tool("restic", "init", "-q", "-r", repository)
    tool("restic", "backup", "-q", "-r", repository, source)
tool("restic", "backup", "-q", "-r", "/srv/restic", "/etc/hostname")

with tally.case("systemd finds nothing wrong with the unit and its timer"):
    done = ran("systemd-analyze", "verify", SYSTEM / UNIT, SYSTEM / "cm-agent-backups.timer")
    wrong = [line for line in done.stderr.splitlines() if "Command 'man" not in line]
    expect(not wrong, "\n".join(wrong))

with tally.case(f"systemd-analyze security: {UNIT} at most {EXPOSURE}"):
    text = said("systemd-analyze", "security", "--no-pager", UNIT)
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", text)[1])
    print(f"     {UNIT}: {exposure}")
    expect(exposure <= EXPOSURE, text)

found = {}
with tally.case("root's unit asks them all under systemd and leaves a file that tells no secret"):
    start = time.monotonic()
    found = asks()
    print(f"     {len(found)} backups in {time.monotonic() - start:.0f} s: {({name: job['state'] for name, job in found.items()})}")
    expect(len(found) == 7, str(list(found)))
    text = STATUS.read_text() + said("journalctl", "-u", UNIT, "-o", "cat", "--no-pager")
    expect(SECRET not in text and "hush-hush" not in text, "a secret is told")
    expect(STATUS.stat().st_mode & 0o777 == 0o644, f"{STATUS.stat().st_mode:o}")

with tally.case("borg's archives, sources, size and times as borg says them"):
    job, theirs = found["borg"], json.loads(tool("borg", "list", "--json", "/srv/borg"))["archives"]
    said_last = json.loads(tool("borg", "info", "--json", "--last", "1", "/srv/borg"))
    expect(job["state"] == "done" and job["archive_count"] == len(theirs) == 2, f"{job} {theirs}")
    expect({one["name"] for one in job["sources"]} == {"web", "mail"}, str(job["sources"]))
    last = said_last["archives"][0]
    ended = int(said("date", "-u", "-d", last["end"], "+%s"))
    expect(abs(job["last_success"] - ended) <= 2, f"{job['last_success']} {last}")
    expect(abs(job["size_gb"] * GIB - last["stats"]["original_size"]) < 2 * 2**20, f"{job['size_gb']} {last['stats']}")
    expect(abs(job["stored_gb"] * GIB - said_last["cache"]["stats"]["unique_csize"]) < 2 * 2**20, f"{job['stored_gb']}")

with tally.case("restic's snapshots, sources and times as restic says them"):
    job, theirs = found["restic"], json.loads(tool("restic", "snapshots", "--json", "--no-lock", "-r", "/srv/restic"))
    expect(job["state"] == "done" and job["archive_count"] == len(theirs) == 2, f"{job} {theirs}")
    paths = {f"{one['hostname']}:{one['paths'][0]}" for one in theirs}
    expect({one["name"] for one in job["sources"]} == paths, f"{job['sources']} {paths}")
    newest = max(int(said("date", "-d", one["time"], "+%s")) for one in theirs)
    expect(abs(job["last_success"] - newest) <= 2, f"{job['last_success']} {newest}")

with tally.case("a wrong passphrase and a repository that is gone are told as such"):
    for name, trouble in (("borg-wrong", "passphrase"), ("restic-wrong", "passphrase"), ("gone", "gone")):
        expect(found[name]["trouble"] == trouble, f"{found[name]}")
        expect("archive_count" not in found[name], f"{found[name]}")

with tally.case("the doctor has a line for each, with the next step"):
    document = json.loads(said("cm-agent", "doctor", "--json", "--config", "/etc/cm-dashboard/backups.toml", env=surroundings))
    lines = {check["subject"]: check for check in document["checks"] if check["part"] == "backup"}
    expect(set(lines) == set(found), str(list(lines)))
    for name, check in lines.items():
        well = name in ("borg", "restic", "borg-held", "restic-held")
        expect((check["health"] == "ok") == well and (well or check["next"]), f"{check}")
    print(f"     {lines['borg']['text']}; {lines['restic-wrong']['text']}")

holders = []
with tally.case("one that is locked by somebody who is there runs, and is read past the lock"):
    quiet = {"env": surroundings, "stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    holders = [
        subprocess.Popen(["borg", "with-lock", "/srv/borg-held", "sleep", "900"], **quiet),
        # It waits for what to save.
        subprocess.Popen(["restic", "-q", "-r", "/srv/restic-held", "backup", "--stdin"], **quiet),
    ]
    locks = lambda: tool("restic", "list", "locks", "-q", "--no-lock", "-r", "/srv/restic-held").split()
    until(lambda: Path("/srv/borg-held/lock.exclusive").is_dir() and locks(), "both are locked")
    found = asks()
    for name in ("borg-held", "restic-held"):
        job = found[name]
        expect(job["state"] == "running" and job["lock_abandoned"] is False, f"{job}")
        expect(abs(job["locked_since"] - time.time()) < 300 and job["archive_count"] == 1, f"{job}")

with tally.case("one whose lock was left by somebody who is gone is locked"):
    for holder in holders:
        os.killpg(holder.pid, signal.SIGKILL)
        holder.wait()
    expect(Path("/srv/borg-held/lock.exclusive").is_dir() and locks(), "a lock went with its holder")
    found = asks()
    for name in ("borg-held", "restic-held"):
        expect(found[name]["state"] == "locked" and found[name]["lock_abandoned"] is True, f"{found[name]}")
    tool("borg", "break-lock", "/srv/borg-held")
    tool("restic", "unlock", "-q", "-r", "/srv/restic-held")

with tally.case("nothing was locked and nothing changed by being asked"):
    found = asks()
    for name in ("borg", "borg-held", "restic", "restic-held"):
        expect(found[name]["state"] == "done" and "locked_since" not in found[name], f"{found[name]}")
    expect(not locks() and not Path("/srv/borg-held/lock.exclusive").exists(), "a lock is there")

with tally.case("the agent without rights tells of all of them, by that file"):
    configure(f'[collectors]\nbackup_metrics = {{ interval_ms = 1000 }}\n[backups.all]\ntool = "status_file"\nfile = "{STATUS}"\n')
    restarted()
    ours = until(lambda: {job["name"]: job for job in asked("/backup")["backups"]}, "backups")
    expect({name: job["state"] for name, job in ours.items()} == {name: job["state"] for name, job in found.items()}, str(ours))
    expect(ours["borg"]["archive_count"] == found["borg"]["archive_count"], f"{ours['borg']}")

with tally.case("the timer starts the unit"):
    drop_in("cm-agent-backups.timer", "[Timer]\nOnBootSec=\nOnUnitActiveSec=\nRandomizedDelaySec=0\nOnActiveSec=1s\nAccuracySec=1s\n")
    before = STATUS.stat().st_mtime
    said("systemctl", "start", "cm-agent-backups.timer")
    until(lambda: STATUS.stat().st_mtime > before, "a new file", 180)
    said("systemctl", "stop", "cm-agent-backups.timer")
    drop_in("cm-agent-backups.timer", "")

with tally.case("the agent's own user is told which secret it may not read"):
    configure('[backups.own]\ntool = "restic"\nrepository = "/srv/restic"\npassphrase_file = "/root/keys/right"\n')
    restarted()
    job = until(lambda: (job := asked("/backup")["backups"][0]).get("trouble") not in (None, "not_yet") and job, "a reason")
    print(f"     {job['trouble']}: {job.get('message')}")
    expect(job["trouble"] in ("forbidden", "passphrase") and "/root/keys" in job["message"], f"{job}")

tally.close()
