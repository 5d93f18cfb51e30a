"""Repositories of other people's backup tools, in a home of their own, and what `cm-agent backups --once` says of them.

Knows how the tools are called, not what is to be expected of them."""

import os
import subprocess

from stage.programs import AGENT
from stage.tally import expect

SECRET = "correct horse"


class Repositories:
    """Makes repositories in a folder of `home`, and asks the agent about them."""

    def __init__(self, home, tool, **environment):
        self.home, self.tool = home, tool
        self.folder = home.folder / "repositories"
        self.folder.mkdir(mode=0o700)
        self.source = home.folder / "source"
        self.source.mkdir()
        for name in range(4):
            (self.source / f"file{name}").write_bytes(os.urandom(50_000))
        self.key = home.write("key", SECRET + "\n")
        self.wrong_key = home.write("wrong-key", "battery staple\n")
        # The user's own state lies apart from the agent's, as on a real machine.
        (home.folder / "user").mkdir()
        self.environment = {**home.environment(), "HOME": str(home.folder / "user"), "LC_ALL": "C", **environment}
        for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            self.environment.pop(name)

    def path(self, name):
        return self.folder / name

    def call(self, *arguments, well=True, **environment):
        """Runs the tool itself, as its user would."""
        done = subprocess.run(
            [self.tool, *map(str, arguments)],
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        expect(not well or done.returncode == 0, f"{self.tool} {arguments}: {done.stderr.decode(errors='replace')[-500:]}")
        return done

    def ask(self, name, more="", key="key", repository=None, tool=None):
        """What the agent says of the repository of this name, asked on its own."""
        text = f'[backups.{name}]\ntool = "{tool or self.tool}"\n'
        text += f'repository = "{repository or self.path(name)}"\n'
        if key:
            text += f'passphrase_file = "{self.home.config / key}"\n'
        config = self.home.write("backups.toml", text + more)
        ran = self.home.run("backups", "--once", "--config", config, program=AGENT, limit=150)
        expect(ran.code == 0, str(ran))
        for secret in (SECRET.encode(), b"battery staple"):
            expect(secret not in ran.out + ran.err, "a secret was told")
        [job] = ran.json()["backups"]
        return job


def stands(job, state, trouble=None):
    """Raises unless the backup stands so."""
    found = (job["state"], job.get("trouble"))
    expect(found == (state, trouble), f"{found} and not {(state, trouble)}: {job}")
