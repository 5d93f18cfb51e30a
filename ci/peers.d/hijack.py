"""Whoever can set up the surroundings of the agent, or own a file on the way to a program, makes it run nothing of theirs.

As root and as a user without rights where this runs as root; else as whoever this runs as."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from stage.programs import AGENT
from stage.tally import Tally, expect

tally = Tally("hijack")
NOBODY = 65534
ROOT = os.geteuid() == 0


class Stage:
    """A folder that belongs to the user the agent runs as, beside one of somebody else's."""

    def __init__(self, user):
        self.user = user
        self.folder = Path(tempfile.mkdtemp(prefix="cm-hijack-"))
        self.folder.chmod(0o755)
        self.agent = self.folder / "cm-agent"
        shutil.copy(AGENT, self.agent)
        self.own = self.make("own", user)
        # Somebody else: for root a user without rights, for that user another one.
        self.other = self.make("other", NOBODY if user == 0 else NOBODY - 1) if ROOT else None
        self.marks = self.make("marks", user)
        self.marks.chmod(0o1777)

    def make(self, name, user):
        path = self.folder / name
        path.mkdir(mode=0o755)
        path.chmod(0o755)
        self.give(path, user)
        return path

    def give(self, path, user):
        if ROOT:
            os.chown(path, user, user if user else 0, follow_symlinks=False)

    def script(self, folder, name, text="", user=None, mode=0o755):
        """A program that leaves a mark when it is run, and then does `text`."""
        path = folder / name
        path.write_text(f"#!/bin/sh\n: >{self.marks}/{folder.name}-{name}\n{text}\n")
        path.chmod(mode)
        self.give(path, self.user if user is None else user)
        return path

    def mark(self, folder, name):
        return (self.marks / f"{folder.name}-{name}").exists()

    def write(self, name, text, mode=0o600):
        path = self.own / name
        path.write_text(text)
        path.chmod(mode)
        self.give(path, self.user)
        return path

    def ask(self, settings, tool="restic", limit=60, prefix=(), cwd="/", **environment):
        """What the agent says of one backup with these settings, as this user, in these surroundings."""
        lines = "".join(f"{key} = {json.dumps(str(value))}\n" for key, value in settings.items())
        config = self.write("agent.toml", f'[backups.one]\ntool = "{tool}"\n{lines}')
        as_user = {"user": self.user, "group": self.user, "extra_groups": []} if ROOT and self.user else {}
        done = subprocess.run(
            [*prefix, str(self.agent), "backups", "--once", "--config", str(config)],
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.own), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit,
            cwd=cwd,
            **as_user,
        )
        expect(done.returncode == 0, f"it ended with {done.returncode}: {done.stderr.decode(errors='replace')[-800:]}")
        return json.loads(done.stdout)["backups"][0] if done.stdout else {}, done

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


DUMP = """
env >{out}/env; pwd >{out}/cwd; umask >{out}/umask
for fd in 0 1 2 3 4 5 6 7 8; do readlink /proc/self/fd/$fd; done >{out}/fds 2>/dev/null
echo '[]'
"""

HOSTILE = {
    "LD_PRELOAD": "/no/such/library.so",
    "LD_LIBRARY_PATH": "/tmp",
    "LD_AUDIT": "/no/such/library.so",
    "IFS": "/",
    "TMPDIR": "/no/such/folder",
    "ENV": "/no/such/file",
    "BASH_ENV": "/no/such/file",
    "PYTHONPATH": "/tmp",
    "PYTHONSTARTUP": "/no/such/file",
    "RESTIC_PASSWORD_COMMAND": "touch /no/such/mark",
    "BORG_PASSCOMMAND": "touch /no/such/mark",
    "BORG_RSH": "touch",
    "http_proxy": "http://127.0.0.1:1",
    "GCONV_PATH": "/tmp",
    "LC_ALL": "tr_TR.UTF-8",
}


def tried_as(who, user):
    stage = Stage(user)
    try:
        with tally.case(f"{who}: a program of the same name earlier on the path is not run"):
            stage.script(stage.own, "restic", "echo '[]'")
            job, _ = stage.ask({"repository": stage.own / "nowhere"}, PATH=f"{stage.own}:/usr/bin:/bin")
            expect(not stage.mark(stage.own, "restic"), "it was run")
            expect(job["trouble"] in ("gone", "not_installed"), f"{job}")

        with tally.case(f"{who}: nor is one in the working directory"):
            job, _ = stage.ask({"repository": stage.own / "nowhere"}, cwd=str(stage.own), PATH="::.:")
            expect(not stage.mark(stage.own, "restic"), "it was run")

        dump = stage.make("dump", user)
        tool = stage.script(stage.own, "tool", DUMP.format(out=dump))
        with tally.case(f"{who}: nothing of the environment reaches a program, and it stands in /"):
            job, _ = stage.ask({"repository": "x", "program": tool}, cwd=str(stage.own), **HOSTILE)
            expect(job["state"] == "never", f"{job}")
            seen = dict(line.split("=", 1) for line in (dump / "env").read_text().splitlines() if "=" in line)
            known = {"PATH", "HOME", "LC_ALL", "RESTIC_REPOSITORY", "RESTIC_PASSWORD_FILE", "PWD", "OLDPWD", "SHLVL", "_"}
            expect(set(seen) <= known, f"{sorted(set(seen) - known)}")
            expect(seen["LC_ALL"] == "C" and str(stage.own) not in seen["PATH"], f"{seen}")
            expect((dump / "cwd").read_text().strip() == "/", (dump / "cwd").read_text())

        with tally.case(f"{who}: descriptors 0 to 2 closed are no way into a file"):
            for shut in ("0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"):
                (dump / "fds").unlink(missing_ok=True)
                before = (stage.own / "tool").read_bytes()
                prefix = ("/bin/sh", "-c", f'exec "$0" "$@" {shut}')
                stage.ask({"repository": "x", "program": tool}, prefix=prefix)
                fds = (dump / "fds").read_text().splitlines()
                expect(fds[0] == "/dev/null" and fds[1].endswith("/fds"), f"{shut}: {fds}")
                expect((stage.own / "tool").read_bytes() == before, f"{shut}: something was written into the program")
                expect((stage.own / "agent.toml").read_text().startswith("[backups.one]"), shut)

        with tally.case(f"{who}: a program that others can write, or a folder on its way, is refused"):
            for mode, folder_mode in ((0o775, 0o755), (0o757, 0o755), (0o755, 0o775), (0o755, 0o757)):
                open_folder = stage.folder / "open"
                open_folder.mkdir()
                open_folder.chmod(folder_mode)
                stage.give(open_folder, user)
                path = stage.script(open_folder, "tool", "echo '[]'", mode=mode)
                job, _ = stage.ask({"repository": "x", "program": path})
                expect(job.get("trouble") == "untrusted" and "chmod" in job["message"], f"{mode:o} {folder_mode:o}: {job}")
                expect(not stage.mark(open_folder, "tool"), f"{mode:o} {folder_mode:o}: it was run")
                shutil.rmtree(open_folder)

        with tally.case(f"{who}: what reads a script is judged as well"):
            reader = stage.script(stage.own, "reader", "exec /bin/sh \"$@\"", mode=0o777)
            path = stage.own / "read"
            path.write_text(f"#!{reader}\necho '[]'\n")
            path.chmod(0o755)
            stage.give(path, user)
            job, _ = stage.ask({"repository": "x", "program": path})
            expect(job.get("trouble") == "untrusted" and not stage.mark(stage.own, "reader"), f"{job}")

        with tally.case(f"{who}: words that begin with a dash are no options"):
            mark = stage.marks / "dash"
            for tool_word in ("restic", "borg"):
                for text in (f"--password-command=touch {mark}", f"--rsh=touch {mark}", "-h", "--", f"$(touch {mark})", f"`touch {mark}`", f"x; touch {mark}"):
                    job, _ = stage.ask({"repository": text, "passphrase_file": stage.write("key", "x\n")}, tool=tool_word)
                    expect(job["state"] in ("failed", "unknown") and job["trouble"] != "not_yet", f"{tool_word} {text}: {job}")
                    expect(not mark.exists(), f"{tool_word} {text} was run")

        with tally.case(f"{who}: a secret or a status file that is open to others is not used, and never quoted"):
            key = stage.write("open-key", "hush-hush\n", mode=0o644)
            job, done = stage.ask({"repository": "x", "program": tool, "passphrase_file": key})
            expect(job["trouble"] == "untrusted" and b"hush" not in done.stdout + done.stderr, f"{job}")
            status = stage.write("status", "hush-hush: 5\n", mode=0o644)
            job, done = stage.ask({"file": status}, tool="status_file")
            expect(job["trouble"] == "unreadable" and b"hush" not in done.stdout + done.stderr, f"{job}")
            job, _ = stage.ask({"file": stage.write("status", '{"finished_at":5}', mode=0o666)}, tool="status_file")
            expect(job["trouble"] == "untrusted", f"{job}")

        with tally.case(f"{who}: a configuration that others can write is refused"):
            config = stage.write("open.toml", "", mode=0o666)
            ran = subprocess.run([str(stage.agent), "backups", "--config", str(config)], capture_output=True, timeout=30)
            expect(ran.returncode == 78 and b"error[" in ran.stderr, f"{ran}")

        if stage.other is None:
            tally.skip(f"{who}: what belongs to somebody else", "only root can make such files")
            return

        def theirs(name, target):
            link = stage.other / name
            link.symlink_to(target)
            stage.give(link, stage.other.stat().st_uid)
            return link

        with tally.case(f"{who}: a program of somebody else's, and a link of theirs to a sound one, are refused"):
            other = stage.other.stat().st_uid
            path = stage.script(stage.other, "tool", "echo '[]'", user=other)
            for path in (path, theirs("link", "/usr/bin/restic")):
                job, _ = stage.ask({"repository": "x", "program": path})
                expect(job.get("trouble") == "untrusted", f"{path}: {job}")
            expect(not stage.mark(stage.other, "tool"), "it was run")

        with tally.case(f"{who}: a link that its owner swaps all the time is never followed"):
            evil = stage.script(stage.other, "evil", "echo '[]'", user=other)
            swap = (
                "import os,sys\nnew,link,good,evil=sys.argv[1:]\n"
                "while True:\n"
                "    for target in (good, evil):\n"
                "        os.symlink(target, new)\n"
                "        os.replace(new, link)\n"
            )
            arguments = [str(stage.other / "new"), str(stage.other / "swapped"), "/usr/bin/restic", str(evil)]
            swapper = subprocess.Popen(["/usr/bin/python3", "-c", swap, *arguments], user=other, group=other, extra_groups=[])
            try:
                for _ in range(40):
                    job, _ = stage.ask({"repository": "x", "program": stage.other / "swapped"})
                    expect(job.get("trouble") in ("untrusted", "not_installed", "forbidden"), f"{job}")
            finally:
                swapper.kill()
                swapper.wait()
            expect(not stage.mark(stage.other, "evil"), "it was run")

        with tally.case(f"{who}: a status file behind somebody else's link is not read"):
            sound = stage.write("sound", '{"finished_at":5}', mode=0o644)
            job, _ = stage.ask({"file": theirs("status", sound)}, tool="status_file")
            expect(job["trouble"] == "untrusted", f"{job}")
    finally:
        stage.close()


if ROOT:
    tried_as("root", 0)
    tried_as("nobody", NOBODY)
else:
    tried_as("this user", os.geteuid())

tally.close()
