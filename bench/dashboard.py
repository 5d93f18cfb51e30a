"""The dashboard on a terminal of 120x40, refreshing every 2 s: the made-up fleet and 200 simulated hosts over HTTP; beside
it the monitors of one machine that people leave open, as far as they are to be had."""

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
STARTS = 9
KEYS = 40

# A program, its arguments for a refresh of 2 s (btop's own), a key that changes the screen and one that changes it back.
PEERS = {
    "htop": (["-d", "20"], b"\x1b[B", b"\x1b[A"),
    "btop": ([], b"\x1b[B", b"\x1b[A"),
    "btm": (["-r", "2000"], b"j", b"k"),
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


def rows():
    if not os.path.exists(TUI):
        raise Missing(f"there is no {TUI}: cargo build --release -p cm-tui")
    with Home() as home:
        environment = home.environment(COLORTERM="truecolor")
        demo = measured([TUI, "--demo", "--refresh", "2"], environment, b"j", b"k", "srv01")
    beside = list(peers())
    figures = [
        ("first frame", "first_ms", "ms", 20),
        ("key to screen", "key_ms", "ms", 1),
        ("share of a core at 2 s refresh", "cpu", "%", 0.25),
        ("resident memory", "resident_mb", "MiB", 8),
        ("written to the terminal", "bytes_s", "B/s", 1000),
    ]
    for what, field, unit, most in figures:
        what, here = f"dashboard of 5 hosts: {what}", getattr(demo, field)
        if not beside:
            yield Row(what, here, unit, most)
        for number, (name, took) in enumerate(beside):
            yield Row(what, here, unit, None if number else most, name, getattr(took, field))

    with Fleet(HOSTS) as fleet:
        many = measured(
            [TUI, "--refresh", "2"], fleet.home.environment(COLORTERM="truecolor"), b"j", b"k", "hosts", 12
        )
    for (what, field, unit, _), most in zip(figures, (None, 1, 2, 25, None)):
        yield Row(f"dashboard of {HOSTS} hosts: {what}", getattr(many, field), unit, most)
