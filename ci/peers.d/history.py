"""The kernel and strace against the history: power cuts, kills, pauses, a disk that is full, one that cannot be written.

`CM_ORDEAL` multiplies: 1 is 1,000 power cuts and 25 kills, 10 ten times as many, and about as much as fits into the time that
`ci/peers` gives a peer. More is run by cargo itself: `CM_ORDEAL=100 cargo test -p cm-core --lib ordeal::cut -- --ignored`."""

import os
import re
import subprocess
import tempfile

from stage.tally import Tally, expect

tally = Tally("history")
TESTS = "store::tests::ordeal"


def ordeal(test, told, **environment):
    """Runs one test of the store, and prints the line in which it says what it counted."""
    command = ["cargo", "test", "--locked", "-p", "cm-core", "--lib", f"{TESTS}::{test}", "--"]
    done = subprocess.run(
        [*command, "--nocapture", "--include-ignored", "--test-threads=1"],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    expect(done.returncode == 0, (done.stdout + done.stderr)[-4000:])
    found = re.search(rf"({told}: .*)", done.stdout)
    expect(found, f"no count of {told!r} in {done.stdout[-2000:]}")
    print(f"     {found[1]}", flush=True)


with tally.case("no power cut takes what was acknowledged, and nothing counts twice"):
    ordeal("cut", "power cuts")
with tally.case("a recorder killed at any moment loses nothing while another reads"):
    ordeal("kill::a_recorder_killed", "kills")
with tally.case("a recorder paused beyond its lease writes nothing more"):
    ordeal("kill::a_recorder_that_was_paused", "pauses")

with tempfile.TemporaryDirectory() as small:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small], capture_output=True, text=True)
    if mounted.returncode != 0:
        tally.skip("a filesystem of 3 MB", f"it cannot be mounted: {mounted.stderr.strip()}")
    else:
        try:
            for test, told in (
                ("room::a_disk", "full disk"),
                ("room::samples_stop", "reserve"),
                ("room::a_filesystem", "read-only"),
            ):
                with tally.case(f"a filesystem of 3 MB: {told}"):
                    ordeal(test, told, CM_ORDEAL_SMALL=small)
        finally:
            subprocess.run(["umount", small], check=True)

tally.close()
