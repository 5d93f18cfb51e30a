"""Readers that go away and disks that are full, as a shell makes them."""

import os
import subprocess

from stage.programs import CLI, Home
from stage.tally import Tally, expect

tally = Tally("shell")
COMMANDS = [
    ("status", "--demo"), ("metrics", "--demo"), ("metrics", "--demo", "--json"), ("metrics", "--demo", "--format", "csv"),
    ("--help",), ("completions", "bash"), ("man",), ("schema", "status"), ("explain",),
]


def shell(home, script):
    done = subprocess.run(
        ["bash", "-c", script], env=home.environment(CM=CLI), stdin=subprocess.DEVNULL, capture_output=True, timeout=60
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


with Home() as home:
    for command in COMMANDS:
        words = " ".join(command)
        with tally.case(f"cm-cli {words} | head -1 ends quietly"):
            _, out, err = shell(home, f'"$CM" {words} | head -1; echo "codes ${{PIPESTATUS[*]}}"')
            # Notes on hosts that do not answer come after the output, where `head` was slow to leave.
            complaints = [line for line in err.splitlines() if not line.startswith("note: ")]
            expect(not complaints, f"on standard error: {err}")
            code = int(out.rsplit("codes ", 1)[1].split()[0])
            expect(code in (0, 141), f"cm-cli ended with {code}")

        with tally.case(f"cm-cli {words} ends quietly when nobody reads at all"):
            reader, writer = os.pipe()
            os.close(reader)
            done = subprocess.run([CLI, *command], env=home.environment(), stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE, timeout=60)
            os.close(writer)
            expect(done.stderr == b"", f"on standard error: {done.stderr.decode()}")
            expect(done.returncode in (0, 141, -13), f"cm-cli ended with {done.returncode}")

        with tally.case(f"cm-cli {words} > /dev/full says so"):
            code, _, err = shell(home, f'"$CM" {words} > /dev/full')
            expect(code >= 64, f"cm-cli ended with {code}, as if all had been written")
            expect("panicked" not in err and "RUST_BACKTRACE" not in err, err)
            expect("space" in err or "CM-0402" in err, f"on standard error: {err!r}")

    with tally.case("messages stay off standard output"):
        ran = home.run("status", "--demo", "--host", "nosuchhost")
        expect(ran.out == b"" and ran.err != b"" and ran.code >= 64, str(ran))

tally.close()
