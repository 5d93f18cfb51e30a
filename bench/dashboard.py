"""The dashboard on a terminal of 120x40, refreshing every 2 s: the made-up fleet, five and 200 simulated hosts over HTTP;
beside it the monitors that people leave open, as far as they are to be had. And what drawing a large screen anew takes."""

import os
import shutil
import statistics
import time
from dataclasses import dataclass

from figures import Missing, Row
from stage.kernel import cpu_s, memory_kb
from stage.programs import REPOSITORY, Fleet, Home
from stage.screen import Screen

TUI = os.environ.get("CM_TUI", str(REPOSITORY / "target/release/cm-tui"))
HOSTS = 200
WATCHED_S = 30
# The last readings of 200 hosts fill within 120 s, what was gathered of the past within 500 s at a refresh of 2 s.
LONG_S = int(os.environ.get("CM_BENCH_LONG_S", "600"))
STARTS = 9
KEYS = 40
REDRAWS = 200
CTRL_L = b"\x0c"

# A program, its arguments for a refresh of 2 s (btop's own), a key that changes the screen and one that changes it back.
PEERS = {
    "btm": (["-r", "2000"], b"j", b"k"),
    "htop": (["-d", "20"], b"\x1b[B", b"\x1b[A"),
    "btop": ([], b"\x1b[B", b"\x1b[A"),
    "glances": (["-t", "2", "--disable-check-update"], b"1", b"1"),
    "rigtop": (["--interval-ms", "2000"], b"?", b"\x1b"),
}


@dataclass
class Took:
    """What a program took."""

    first_ms: float
    key_ms: float
    cpu: float
    resident_mb: float
    bytes_s: float


def measured(command, environment, there, back, text=None, settle_s=4):
    """Medians of several starts and many keys; CPU and bytes over a time in which nobody touches it."""
    first = []
    for _ in range(STARTS):
        with Screen(command, environment) as screen:
            first.append(screen.first_frame_ms(text))
    with Screen(command, environment) as screen:
        screen.first_frame_ms(text)
        screen.listen(settle_s)
        before, start = cpu_s(screen.pid), time.monotonic()
        written = screen.listen(WATCHED_S)
        seconds = time.monotonic() - start
        cpu = (cpu_s(screen.pid) - before) / seconds * 100
        resident_kb, _, _ = memory_kb(screen.pid)
        waits = []
        for number in range(KEYS):
            # A quiet moment, so that what comes is the answer to the key and not the next refresh.
            screen.listen(0.25)
            waits.append(screen.key_ms(back if number % 2 else there))
    answered = [wait for wait in waits if wait is not None]
    if len(answered) < KEYS / 2:
        raise Missing(f"{command[0]} answered {len(answered)} of {KEYS} keys")
    return Took(statistics.median(first), statistics.median(answered), cpu, resident_kb / 1024, written / seconds)


def peers():
    """What there is to compare with, each measured in a home of its own."""
    for name, (arguments, there, back) in PEERS.items():
        if program := shutil.which(name):
            with Home() as home:
                environment = home.environment(COLORTERM="truecolor", LC_ALL="C.UTF-8")
                try:
                    yield name, measured([program, *arguments], environment, there, back)
                except (Missing, RuntimeError) as missing:
                    print(f"<!-- {name} could not be measured: {missing} -->")
        else:
            print(f"<!-- {name} is not to be had -->")


def redraw_ms(environment):
    """CPU time from a key to a screen of 200x60 of which every cell is drawn and sent anew, writing it included."""
    with Screen([TUI, "--demo", "--refresh", "60"], environment, 200, 60) as screen:
        screen.first_frame_ms("srv01")
        screen.listen(2)
        before, written = cpu_s(screen.pid), 0
        for _ in range(REDRAWS):
            os.write(screen.terminal, CTRL_L)
            # Longer than a frame, so that each one is drawn.
            written += screen.listen(0.03)
        cpu_ms = (cpu_s(screen.pid) - before) / REDRAWS * 1e3
    if written / REDRAWS < 2_000:
        raise Missing(f"{written / REDRAWS:.0f} bytes a redraw: that is no whole screen")
    return cpu_ms


def long_resident_mb(environment):
    """Resident memory once all that is gathered has reached its bound."""
    with Screen([TUI, "--refresh", "2"], environment) as screen:
        screen.first_frame_ms("hosts")
        screen.listen(LONG_S)
        return memory_kb(screen.pid)[0] / 1024


def rows():
    if not os.path.exists(TUI):
        raise Missing(f"there is no {TUI}: cargo build --release -p cm-tui")
    with Home() as home:
        environment = home.environment(COLORTERM="truecolor")
        demo = measured([TUI, "--demo", "--refresh", "2"], environment, b"j", b"k", "srv01")
        redraw = redraw_ms(environment)
    with Fleet(5) as fleet:
        five = measured([TUI, "--refresh", "2"], fleet.home.environment(COLORTERM="truecolor"), b"j", b"k", "srv01")
    with Fleet(HOSTS) as fleet:
        environment = fleet.home.environment(COLORTERM="truecolor")
        many = measured([TUI, "--refresh", "2"], environment, b"j", b"k", "hosts", 12)
        long_mb = long_resident_mb(environment) if LONG_S else None
    beside = list(peers())
    figures = [
        ("first frame", "first_ms", "ms", 20),
        ("key to screen", "key_ms", "ms", 1),
        ("share of a core at 2 s refresh", "cpu", "%", 0.25),
        ("resident memory", "resident_mb", "MiB", 8),
        ("written to the terminal", "bytes_s", "B/s", 1000),
    ]
    for what, field, unit, most in figures:
        here = getattr(five, field)
        yield Row(f"dashboard, made-up fleet of 5: {what}", getattr(demo, field), unit, most)
        what = f"dashboard, 5 hosts over HTTP: {what}"
        if not beside:
            yield Row(what, here, unit, most)
        for number, (name, took) in enumerate(beside):
            yield Row(what, here, unit, None if number else most, name, getattr(took, field))
    for (what, field, unit, _), most in zip(figures, (None, 1, 2, 25, None)):
        yield Row(f"dashboard, {HOSTS} hosts over HTTP: {what}", getattr(many, field), unit, most)
    if long_mb is not None:
        yield Row(f"dashboard, {HOSTS} hosts over HTTP: resident memory after {LONG_S} s", long_mb, "MiB", 25)
    yield Row("dashboard: a screen of 200x60 drawn anew", redraw, "ms", 1)
