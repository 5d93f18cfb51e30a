"""The dashboard in a real terminal multiplexer: every size and screen, the terminal given back, hostile texts."""

import os
import re
import subprocess
import time

from stage.hostile_host import CORPUS, HostileHost
from stage.programs import TUI, Home
from stage.tally import Tally, expect

tally = Tally("tmux")
SIZES = ((80, 24), (120, 40), (200, 60), (60, 15))
# What a key shows: the words that stand on the screen after it, whatever its size.
STEPS = (("?", "Moving"), ("Escape", "5 hosts"), ("a", "CM ▸ alerts"), ("Escape", "5 hosts"), (",", "CM ▸ settings"), ("Escape", "5 hosts"))
# Modes of a terminal that a program must give back, as tmux tells them: other screen, cursor, mouse, keys.
MODES = "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag} #{keypad_cursor_flag}"
GIVEN_BACK = "0 1 0 0 0"
PROMPT = "cm-prompt>"


class Tmux:
    """A shell in a tmux of its own until the `with` ends."""

    def __init__(self, home, columns, rows):
        self.home, self.socket = home, home.folder / f"tmux-{time.monotonic_ns()}"
        self("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows, f"env PS1='{PROMPT} ' sh -i")
        self("set", "-g", "status", "off")
        self("set", "-s", "escape-time", 10)
        self.resize(columns, rows)
        self.wait(PROMPT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self("kill-server")

    def __call__(self, *arguments):
        command = ["tmux", "-S", str(self.socket), *map(str, arguments)]
        done = subprocess.run(command, env=self.home.environment(), capture_output=True, timeout=10)
        expect(done.returncode == 0, f"{' '.join(command)}: {done.stderr.decode('utf-8', 'replace')}")
        return done.stdout.decode("utf-8")

    def resize(self, columns, rows):
        self("resize-window", "-x", columns, "-y", rows)

    def type(self, line):
        self("send-keys", "-l", line)
        self("send-keys", "Enter")

    def press(self, key):
        self("send-keys", key)

    def screen(self):
        return self("capture-pane", "-p")

    def wait(self, *words, gone=(), limit=8):
        """The screen once all the words stand on it, and none that should be gone."""
        end = time.monotonic() + limit
        while True:
            seen = self.screen()
            if all(word in seen for word in words) and not any(word in seen for word in gone):
                return seen
            expect(time.monotonic() < end, f"waited for {words}, without {gone}, and saw\n{seen}")
            time.sleep(0.03)

    def program(self):
        """The process number of the dashboard in the pane."""
        shell = self("display", "-p", "#{pane_pid}").strip()
        return int(subprocess.check_output(["ps", "-o", "pid=", "--ppid", shell]).split()[0])

    def is_given_back(self):
        """A prompt, the screen of before, a cursor, no mouse; `stty` as it was."""
        self.wait(PROMPT, "cm-was-here")
        end = time.monotonic() + 3
        while (modes := self("display", "-p", MODES).strip()) != GIVEN_BACK:
            expect(time.monotonic() < end, f"modes {modes!r}, not {GIVEN_BACK!r}: {MODES}")
            time.sleep(0.03)
        self.type("stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(icanon|echo|isig|icrnl|opost)' | tr '\\n' ,")
        self.wait("isig,icanon,echo", "icrnl")


def fits(seen, columns, rows):
    lines = seen.rstrip("\n").split("\n")
    expect(len(lines) <= rows, f"{len(lines)} lines on {rows} rows")
    expect(all(len(line) <= columns for line in lines), f"wider than {columns}:\n{seen}")


with Home() as home:
    for columns, rows in SIZES:
        with tally.case(f"{columns}x{rows}: the fleet, a host, a detail, help, alerts, settings, and back"):
            with Tmux(home, columns, rows) as tmux:
                tmux.type(f"echo cm-was-here; {TUI} --demo")
                fits(tmux.wait("5 hosts", "labbox"), columns, rows)
                for key, word in STEPS:
                    tmux.press(key)
                    fits(tmux.wait(word), columns, rows)
                tmux.press("Down")
                tmux.press("Enter")
                fits(tmux.wait("CM ▸ cmbox", gone=("labbox",)), columns, rows)
                tmux.press("Enter")
                time.sleep(0.2)
                fits(tmux.wait("CM ▸ cmbox"), columns, rows)
                tmux.press("Escape")
                time.sleep(0.1)
                tmux.press("Escape")
                tmux.wait("5 hosts")
                tmux.press("q")
                tmux.is_given_back()

    with tally.case("a live change of size is drawn anew, to the smallest and back"):
        with Tmux(home, 80, 24) as tmux:
            tmux.type(f"echo cm-was-here; {TUI} --demo")
            tmux.wait("5 hosts")
            for columns, rows in (*SIZES, (20, 5), (80, 24)):
                tmux.resize(columns, rows)
                time.sleep(0.2)
                fits(tmux.wait("CM") if columns >= 60 else tmux.screen(), columns, rows)
            tmux.wait("5 hosts", "labbox")
            tmux.press("q")
            tmux.is_given_back()

    for name, number in (("SIGTERM", 15), ("SIGHUP", 1), ("SIGINT", 2)):
        with tally.case(f"{name} ends it, and the terminal is given back"):
            with Tmux(home, 80, 24) as tmux:
                tmux.type(f"echo cm-was-here; {TUI} --demo")
                tmux.wait("5 hosts")
                os.kill(tmux.program(), number)
                tmux.is_given_back()

    if CORPUS.exists():
        with HostileHost() as host, tally.case("hostile texts of a host put no escape and no title on the terminal"):
            home.write_hosts({"liar": host.ports})
            with Tmux(home, 120, 40) as tmux:
                title = tmux("display", "-p", "#{pane_title} #{window_name}")
                piped = home.folder / "raw"
                tmux("pipe-pane", f"cat > {piped}")
                tmux.type(f"echo cm-was-here; {TUI}")
                tmux.wait("1 host", "liar")
                for key in ("Enter", "Enter", "Escape", "Escape", "a", "Enter", "Escape", "Escape", "?", "Escape"):
                    tmux.press(key)
                    time.sleep(0.15)
                    seen = tmux.screen()
                    odd = re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", seen)
                    expect(not odd, f"{odd and odd.group()!r} stands on the screen")
                tmux.press("q")
                tmux.is_given_back()
                # Of what begins a command to the terminal, nothing but what our painter writes.
                raw = piped.read_bytes().decode("utf-8")
                raw = re.sub("\x1b\\]11;\\?(\x1b\\\\|\x07)", "", raw)  # how light the terminal is, asked at the start
                theirs = re.findall("\x1b(?!\\[|\\(B|=|>)[^\x1b]{0,20}", raw)
                expect(not theirs, f"sequences that are not ours: {theirs[:5]!r}")
                now = tmux("display", "-p", "#{pane_title} #{window_name}")
                expect(now.split()[0] == title.split()[0], f"the title was {title!r} and is {now!r}")
    else:
        tally.skip("hostile texts", f"{CORPUS.name} is not here")

tally.close()
