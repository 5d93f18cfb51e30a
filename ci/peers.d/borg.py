"""Real repositories of borg in every state, and what the agent says of them."""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request

from stage.programs import AGENT, Home, Kept, agent_toml, free_ports
from stage.repository import SECRET, Repositories, stands
from stage.tally import Tally, expect

tally = Tally("borg")

with Home() as home:
    borg = Repositories(home, "borg", BORG_PASSPHRASE=SECRET)

    def make(name, *archives, mode="repokey"):
        borg.call("init", "-e", mode, borg.path(name))
        for archive, when in archives:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(when))
            borg.call("create", "--timestamp", stamp, f"{borg.path(name)}::{archive}", borg.source)

    now = int(time.time())
    day = 86_400
    make("good", ("web-2026-01-01", now - 2 * day), ("web-2026-01-02", now - day // 2), ("mail-2026-01-02", now - 3600))

    with tally.case("a good one: archives, sources, sizes and times as borg says them"):
        job = borg.ask("good", "every_h = 24\nignore_sources = []\n")
        stands(job, "done")
        said = json.loads(borg.call("info", "--json", "--last", "1", borg.path("good")).stdout)
        stats = said["archives"][0]["stats"]
        expect(job["archive_count"] == 3, f"{job}")
        expect({source["name"]: source["archive_count"] for source in job["sources"]} == {"web": 2, "mail": 1}, f"{job}")
        expect(abs(job["size_gb"] * 2**30 - stats["original_size"]) < 2048, f"{job['size_gb']} beside {stats}")
        expect(abs(job["stored_gb"] * 2**30 - said["cache"]["stats"]["unique_csize"]) < 2048, f"{job['stored_gb']}")
        expect(abs(job["last_success"] - (now - 3600)) <= 2, f"{job['last_success']} beside {now - 3600}")

    with tally.case("one of which a source is late, unless that is to be ignored"):
        stands(borg.ask("good", "every_h = 1\n"), "late")
        stands(borg.ask("good", 'every_h = 2\nignore_sources = ["web"]\n'), "done")

    with tally.case("one that is late as a whole"):
        make("late", ("web-2020-01-01", now - 9 * day))
        stands(borg.ask("late"), "late")

    with tally.case("one without an archive"):
        make("empty")
        stands(borg.ask("empty"), "never")

    with tally.case("a wrong passphrase, and none"):
        stands(borg.ask("good", key="wrong-key"), "unknown", "passphrase")
        stands(borg.ask("good", key=None), "unknown", "passphrase")

    with tally.case("a key that everybody can read is not used"):
        borg.key.chmod(0o644)
        job = borg.ask("good")
        borg.key.chmod(0o600)
        stands(job, "unknown", "untrusted")
        expect("chmod 600" in job["message"], f"{job}")

    with tally.case("one that is gone, and a folder that is none"):
        stands(borg.ask("nowhere"), "failed", "gone")
        borg.path("folder").mkdir()
        stands(borg.ask("folder"), "failed", "damaged")

    with tally.case("one whose segments are damaged"):
        make("damaged", ("web-1", now))
        for file in borg.path("damaged").glob("data/0/*"):
            file.chmod(0o600)
            file.write_bytes(b"\0" * file.stat().st_size)
        for file in borg.path("damaged").glob("index.*"):
            file.unlink()
        job = borg.ask("damaged")
        expect(job["state"] in ("failed", "unknown") and job.get("trouble") in ("damaged", "unreadable"), f"{job}")

    with tally.case("one that was moved is not taken for the same"):
        make("before", ("web-1", now))
        borg.ask("before")
        shutil.move(borg.path("before"), borg.path("after"))
        stands(borg.ask("after"), "unknown", "moved")

    with tally.case("one without encryption, where none is expected and where one is"):
        make("plain", ("web-1", now), mode="none")
        stands(borg.ask("plain"), "unknown", "moved")
        stands(borg.ask("plain", key=None), "done")

    with tally.case("one that is locked is read past the lock, and holds nobody up"):
        holder = subprocess.Popen(
            ["borg", "with-lock", str(borg.path("good")), "sleep", "60"],
            env=borg.environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            end = time.monotonic() + 15
            while not borg.path("good/lock.exclusive").is_dir():
                expect(time.monotonic() < end, "borg does not lock")
                time.sleep(0.05)
            job = borg.ask("good")
            stands(job, "running")
            expect(abs(job["locked_since"] - time.time()) < 60 and job["lock_abandoned"] is False, f"{job}")
            expect(job["archive_count"] == 3, "it was read past the lock")
        finally:
            os.killpg(holder.pid, signal.SIGKILL)
            holder.wait()

    with tally.case("a lock whose holder is gone"):
        expect(borg.path("good/lock.exclusive").is_dir(), "the lock has gone with its holder")
        stands(borg.ask("good"), "locked")
        shutil.rmtree(borg.path("good/lock.exclusive"))
        stands(borg.ask("good"), "done")

    with tally.case("while the agent asks without a pause, borg saves without waiting for its lock"):
        text = f'[backups.good]\ntool = "borg"\nrepository = "{borg.path("good")}"\npassphrase_file = "{borg.key}"\n'
        config = home.write("backups.toml", text)
        loop = 'while :; do "$0" backups --once --config "$1"; done'
        asking = subprocess.Popen(
            ["/bin/sh", "-c", loop, AGENT, str(config)],
            env=home.environment(),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            for at in range(8):
                borg.call("create", "--lock-wait", "0", f"{borg.path('good')}::web-again-{at}", borg.source)
            expect(asking.poll() is None, "nobody asked")
        finally:
            os.killpg(asking.pid, signal.SIGKILL)
            asking.wait()

    with tally.case("an address with a password in it is told without it"):
        job = borg.ask("remote", repository="ssh://ada:s3cret@127.0.0.1:1/srv/x")
        expect("s3cret" not in json.dumps(job) and job["repository"] == "ssh://ada@127.0.0.1:1/srv/x", f"{job}")
        expect(job["state"] == "unknown", f"{job}")

    with tally.case("the agent serves it: one report, and the worst for those that know of one"):
        first = free_ports(4)
        text = agent_toml(first, first + 3) + "[collectors]\nbackup_metrics = { interval_ms = 500 }\n"
        for name in ("good", "late", "nowhere"):
            text += f'[backups.{name}]\ntool = "borg"\nrepository = "{borg.path(name)}"\npassphrase_file = "{borg.key}"\n'
        config = home.write("agent.toml", text)
        with Kept(home, "run", "--config", config, program=AGENT) as agent:
            agent.serving(first + 2)
            end = time.monotonic() + 60
            while True:
                with urllib.request.urlopen(f"http://127.0.0.1:{first + 2}/", timeout=5) as answer:
                    report = json.load(answer)
                states = {job["name"]: job["state"] for job in report["backups"]}
                if states == {"good": "done", "late": "late", "nowhere": "failed"}:
                    break
                expect(time.monotonic() < end, f"after a minute: {states}")
                time.sleep(0.3)
            expect(report["overall_status"] == "critical", report["overall_status"])
            expect(report["backup"]["repository"].endswith("nowhere"), f"{report['backup']}")

tally.close()
