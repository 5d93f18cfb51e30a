"""Real repositories of restic in every state, and what the agent says of them."""

import json
import os
import shutil
import signal
import subprocess
import time

from stage.programs import Home
from stage.repository import SECRET, Repositories, stands
from stage.tally import Tally, expect

tally = Tally("restic")

with Home() as home:
    restic = Repositories(home, "restic", RESTIC_PASSWORD=SECRET)

    def make(name, *snapshots):
        restic.call("init", "-r", restic.path(name))
        for host, when in snapshots:
            stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(when))
            restic.call("backup", "-r", restic.path(name), "--host", host, "--time", stamp, restic.source)

    now = int(time.time())
    day = 86_400
    make("good", ("web", now - 2 * day), ("web", now - day // 2), ("mail", now - 3600))

    with tally.case("a good one: snapshots, sources and times as restic says them"):
        job = restic.ask("good", "every_h = 24\n")
        stands(job, "done")
        said = json.loads(restic.call("snapshots", "--json", "--no-lock", "-r", restic.path("good")).stdout)
        expect(job["archive_count"] == len(said) == 3, f"{job}")
        expected = {f"web:{restic.source}": 2, f"mail:{restic.source}": 1}
        expect({source["name"]: source["archive_count"] for source in job["sources"]} == expected, f"{job}")
        expect(abs(job["last_success"] - (now - 3600)) <= 2, f"{job['last_success']} beside {now - 3600}")

    with tally.case("one of which a source is late, unless that is to be ignored"):
        stands(restic.ask("good", "every_h = 1\n"), "late")
        stands(restic.ask("good", 'every_h = 2\nignore_sources = ["web:*"]\n'), "done")

    with tally.case("one that is late as a whole"):
        make("late", ("web", now - 9 * day))
        stands(restic.ask("late"), "late")

    with tally.case("one without a snapshot"):
        make("empty")
        stands(restic.ask("empty"), "never")

    with tally.case("a wrong passphrase, and none"):
        stands(restic.ask("good", key="wrong-key"), "unknown", "passphrase")
        stands(restic.ask("good", key=None), "unknown", "passphrase")

    with tally.case("one that is gone"):
        stands(restic.ask("nowhere"), "failed", "gone")

    with tally.case("one of which a snapshot is damaged"):
        make("damaged", ("web", now), ("mail", now))
        snapshot = next(path for path in restic.path("damaged").glob("snapshots/*"))
        snapshot.chmod(0o600)
        snapshot.write_bytes(b"\0" * snapshot.stat().st_size)
        job = restic.ask("damaged")
        stands(job, "failed", "damaged")
        expect(job["archive_count"] == 1, f"{job}")

    with tally.case("one whose configuration is damaged"):
        make("broken", ("web", now))
        config = restic.path("broken/config")
        config.chmod(0o600)
        config.write_bytes(os.urandom(config.stat().st_size))
        stands(restic.ask("broken"), "failed", "damaged")

    with tally.case("one that is being saved to is read past its lock, and told as running"):
        saving = subprocess.Popen(
            ["restic", "backup", "-r", str(restic.path("good")), "--stdin"],
            env=restic.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            end = time.monotonic() + 20
            while not list(restic.path("good/locks").iterdir()):
                expect(time.monotonic() < end, "restic does not lock")
                time.sleep(0.05)
            job = restic.ask("good")
            stands(job, "running")
            expect(job["lock_abandoned"] is False and abs(job["locked_since"] - time.time()) < 90, f"{job}")
        finally:
            saving.send_signal(signal.SIGKILL)
            saving.wait()

    with tally.case("a lock whose holder is gone"):
        expect(list(restic.path("good/locks").iterdir()), "the lock has gone with its holder")
        stands(restic.ask("good"), "locked")
        restic.call("unlock", "-r", restic.path("good"))
        stands(restic.ask("good"), "done")

    with tally.case("the agent leaves no lock, and nothing else, behind"):
        before = sorted(str(path) for path in restic.path("good").rglob("*"))
        restic.ask("good")
        expect(sorted(str(path) for path in restic.path("good").rglob("*")) == before, "it has written there")

    with tally.case("one that may not be read"):
        if os.geteuid() == 0:
            # Root may read everything: a folder in the place of a file is as unreadable.
            shutil.copytree(restic.path("late"), restic.path("folder"))
            (restic.path("folder") / "config").unlink()
            (restic.path("folder") / "config").mkdir()
        else:
            shutil.copytree(restic.path("late"), restic.path("folder"))
            (restic.path("folder") / "config").chmod(0)
        job = restic.ask("folder")
        expect(job["state"] in ("unknown", "failed") and job["trouble"] != "not_yet", f"{job}")

tally.close()
