"""A full-screen program in a pseudo-terminal: when it is seen, how soon it answers a key, what it writes.

Knows terminals, not what stands on the screen."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

# What is no text: sequences that set, move and ask.
SEQUENCES = re.compile(rb"\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[=>78]")

# What a terminal answers to what programs ask at start.
ANSWERS = (
    (b"\x1b[6n", b"\x1b[1;1R"),
    (b"\x1b[c", b"\x1b[?62;22c"),
    (b"\x1b]11;?", b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
    (b"\x1b[?u", b"\x1b[?0u"),
)


class Screen:
    """A program on a terminal of its own until the `with` ends."""

    def __init__(self, command, environment, columns=120, rows=40):
        self.command = command
        size = struct.pack("HHHH", rows, columns, 0, 0)
        # The size is there before the program: what draws first draws at the right one.
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
        self.started = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            os.login_tty(slave)
            os.close(master)
            os.execvpe(command[0], command, environment)
        os.close(slave)
        self.terminal = master

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for number, limit in ((signal.SIGTERM, 2), (signal.SIGKILL, 2)):
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                break
            end = time.monotonic() + limit
            while time.monotonic() < end:
                self.hear(0.02)
                if os.waitpid(self.pid, os.WNOHANG) != (0, 0):
                    os.close(self.terminal)
                    return
        os.close(self.terminal)

    def hear(self, limit_s):
        """What it writes next, or nothing within the limit; questions are answered."""
        ready, _, _ = select.select([self.terminal], [], [], limit_s)
        if not ready:
            return b""
        try:
            written = os.read(self.terminal, 1 << 16)
        except OSError:
            return b""
        for asked, answer in ANSWERS:
            if asked in written:
                os.write(self.terminal, answer)
        return written

    def listen(self, seconds):
        """How many bytes it writes in that time."""
        end, heard = time.monotonic() + seconds, 0
        while (left := end - time.monotonic()) > 0:
            heard += len(self.hear(left))
        return heard

    def first_frame_ms(self, text=None, limit_s=20):
        """Until `text` is seen, or 400 characters."""
        seen = b""
        while time.monotonic() - self.started < limit_s:
            seen += self.hear(0.2)
            shown = SEQUENCES.sub(b"", seen)
            if (text.encode() in shown) if text else (len(shown.strip()) > 400):
                return (time.monotonic() - self.started) * 1e3
        raise RuntimeError(f"{' '.join(self.command)} showed nothing within {limit_s} s: {seen[-300:]!r}")

    def key_ms(self, key, limit_s=2):
        """From a key to the first byte that it writes after it; None where it writes none."""
        start = time.monotonic()
        os.write(self.terminal, key)
        return (time.monotonic() - start) * 1e3 if self.hear(limit_s) else None
