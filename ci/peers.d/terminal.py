"""What really arrives at a terminal (a pseudo-terminal's raw bytes) when a host's texts are hostile."""

import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time
import tty

from stage.hostile_host import CORPUS, HostileHost
from stage.programs import CLI, Home
from stage.tally import Tally, expect

tally = Tally("terminal")
COLOUR = re.compile("\x1b\\[[0-9;:]*m")
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def on_terminal(home, *arguments, columns=100, limit=30):
    """Runs cm-cli on a terminal of its own and returns every byte it wrote there, standard error's too."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    tty.setraw(slave)  # the terminal adds and hides nothing: a carriage return in here is the program's own
    child = subprocess.Popen([CLI, *arguments], env=home.environment(), stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    seen, end = b"", time.monotonic() + limit
    while time.monotonic() < end:
        if not select.select([master], [], [], 0.1)[0]:
            continue
        try:
            piece = os.read(master, 65536)
        except OSError:  # the last writer has closed it
            break
        if not piece:
            break
        seen += piece
    os.close(master)
    try:
        code = child.wait(max(0.1, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        expect(False, f"cm-cli {' '.join(arguments)} did not end within {limit} s")
    return code, seen


def harmless(raw):
    text = raw.decode("utf-8")  # strict: a byte that is no UTF-8 could be an 8-bit control
    plain = COLOUR.sub("", text)
    for at, character in enumerate(plain):
        number = ord(character)
        around = plain[max(0, at - 20) : at + 20]
        expect(character != "\x1b", f"an escape sequence that is no colour: {around!r}")
        expect(character == "\n" or number >= 0x20, f"control character {number:#04x}: {around!r}")
        expect(number != 0x7F and not 0x80 <= number < 0xA0, f"control character {number:#04x}: {around!r}")
        expect(character not in BIDI, f"bidi mark {number:#06x}: {around!r}")
        expect(number not in (0x2028, 0x2029), f"line separator {number:#06x}: {around!r}")
    return plain


with Home() as home:
    with tally.case("a terminal gets colours (so that the others would see an escape)"):
        _, raw = on_terminal(home, "status", "--demo")
        expect(COLOUR.search(raw.decode()), f"no colour in {raw[:200]!r}")
        harmless(raw)

    with tally.case("a row fits the terminal"):
        for columns in (60, 80, 132):
            _, raw = on_terminal(home, "status", "--demo", columns=columns)
            longest = max(COLOUR.sub("", raw.decode()).split("\n"), key=len)
            expect(len(longest) <= columns, f"{len(longest)} characters on {columns} columns: {longest!r}")

    if CORPUS.exists():
        with HostileHost() as host:
            home.write_hosts({"liar": host.ports})
            for command in (["status"], ["status", "--problems"], ["hosts"], ["drives"], ["services"], ["backups"], ["metrics"], ["doctor"],
                            ["status", "--format", "oneline"], ["services", "--color", "always"]):
                with tally.case(f"{' '.join(command)} of a hostile host on a terminal"):
                    code, raw = on_terminal(home, *command)
                    expect(code < 64, f"ended with {code}: {raw[-500:]!r}")
                    harmless(raw)
                    expect(raw.strip(), "nothing was printed")
                with tally.case(f"{' '.join(command)} of a hostile host into a pipe"):
                    ran = home.run(*command)
                    harmless(ran.out)
                    harmless(ran.err)
            for format in ("json", "ndjson", "csv"):
                with tally.case(f"services --format {format} of a hostile host on a terminal"):
                    code, raw = on_terminal(home, "services", "--format", format)
                    expect(code < 64, f"ended with {code}: {raw[-500:]!r}")
                    expect(b"\x1b" not in raw and b"\x00" not in raw, "an escape in what a program was to read")
    else:
        tally.skip("hostile texts", f"{CORPUS.name} is not here")

tally.close()
