"""Writes cm-agent/link/run.ld: the functions that `cm-agent run` calls, in the order of their first call.

    cargo build --release -p cm-agent && target/peers/python/bin/python bench/text_order.py

(with the Python that `bench/run` has made).
Puts a breakpoint at the start of every function of the release build, lets it serve while it is polled, on a machine at
rest and then under load, and notes which are reached; a breakpoint is gone once it was hit, so that the program soon runs
at full speed. It has 16 services; drives and graphics cards are those of simulated hosts. x86_64 Linux only. Not a figure of the table: to be run when a dependency or the compiler was changed, or
when private memory has grown.

A name goes into the list without the fingerprints of crates in it, so that the list fits until functions change their
names. Rooms of which a machine may have more to do than the one that is watched are there as a whole (WHOLE)."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY / "bench"), str(REPOSITORY / "ci")]

from one_agent import SERVICES, WATCHED, Poller
from stage.programs import Home, agent_toml, answers, free_ports
from stage.services import running

AGENT = os.environ.get("CM_AGENT") or str(REPOSITORY / "target/release/cm-agent")
LIST = REPOSITORY / "cm-agent/link/run.ld"
WATCHED_S = 70
WHOLE = [
    *(f"9collector{room}" for room in ("3cpu", "6memory", "8evidence", "8pressure")),
    *(f"8cm_agent{room}" for room in ("5serve", "9collector5drive", "9collector7service", "4dbus", "7systemd", "7machine4nvme")),
    *("5hyper5error", "5hyper5proto2h14conn", "5hyper5proto2h18dispatch"),
    "4core3ptr13drop_in_placeINtNt*6option6OptionINtNt*5alloc5boxed3BoxDNt*5error5Error",
    *("20signal_hook_registry", "11toml_parser7decoder", "3sys4sync5mutex5futex"),
]
INTERVAL_S = 5

# Behind the rest, with the C library's first steps. An address of its own for loading makes it a segment of its own; the
# gap before it keeps the kernel from joining the two again.
HEAD = """/* What `cm-agent run` calls, in the order of the first call. Written by bench/text_order.py; see build.rs. */
SECTIONS {
.init (ALIGN(0x10000) + 0x10000) : AT(ADDR(.text) + SIZEOF(.text) + 0x40000) { KEEP(*(SORT_NONE(.init))) }
.fini : { KEEP(*(SORT_NONE(.fini))) }
.text.run : {
*crt*.o(.text)
"""

# What only a panic reads, away from the constants that lie before it.
TAIL = """} }
INSERT AFTER .text;
SECTIONS {
.eh_frame_hdr (ALIGN(0x10000) + 0x10000) : AT(ADDR(.gcc_except_table) + SIZEOF(.gcc_except_table) + 0x40000) { *(.eh_frame_hdr) }
.eh_frame : { KEEP(*(.eh_frame)) }
}
INSERT AFTER .gcc_except_table;
"""

# From <sys/ptrace.h>; RIP is the 17th of x86_64's user_regs_struct.
TRACEME, CONT, GETREGS, SETREGS, SETOPTIONS = 0, 7, 12, 13, 0x4200
FOLLOW_ALL_AND_END_WITH_US = 2 | 4 | 8 | 0x100000
RIP = 16
ALL_THREADS = 0x40000000
BREAKPOINT = b"\xcc"

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def functions(program):
    """Names by address."""
    listed = subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout
    found = {int(at, 16): name for at, kind, name in re.findall(r"^([0-9a-f]+) ([tTwW]) (\S+)$", listed, re.M)}
    if len(found) < 1000:
        raise SystemExit(f"{program} has no symbols; build it with CARGO_PROFILE_RELEASE_STRIP=debuginfo")
    return found


def called(command, addresses, meanwhile):
    """The addresses among these that the program reaches until it is told to stop, in the order of their first time."""
    pid = os.fork()
    if pid == 0:
        libc.ptrace(TRACEME, 0, None, None)
        os.execv(command[0], command)
    os.waitpid(pid, 0)
    libc.ptrace(SETOPTIONS, pid, None, FOLLOW_ALL_AND_END_WITH_US)
    base = int(Path(f"/proc/{pid}/maps").read_text().split("-")[0], 16)
    was, hit = {}, {}
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:

        def write(address, byte):
            memory.seek(address)
            memory.write(byte)

        for address in addresses:
            memory.seek(base + address)
            was[base + address] = memory.read(1)
            write(base + address, BREAKPOINT)
        registers = (ctypes.c_ulonglong * 27)()
        stopping = threading.Event()
        threading.Thread(target=meanwhile, args=(pid, stopping), daemon=True).start()
        libc.ptrace(CONT, pid, None, None)
        while True:
            who, status = os.waitpid(-1, ALL_THREADS)
            if os.WIFEXITED(status) or os.WIFSIGNALED(status):
                if who == pid:
                    return [address - base for address in hit]
                continue
            given = os.WSTOPSIG(status)
            if given == signal.SIGTRAP and status >> 16 == 0:
                libc.ptrace(GETREGS, who, None, ctypes.byref(registers))
                address = registers[RIP] - 1
                if address in was:
                    registers[RIP] = address
                    libc.ptrace(SETREGS, who, None, ctypes.byref(registers))
                    write(address, was[address])
                    if not stopping.is_set():
                        hit.setdefault(address)
            passed_on = 0 if given in (signal.SIGTRAP, signal.SIGSTOP) else given
            libc.ptrace(CONT, who, None, passed_on)


def traced(names):
    """What an agent reaches that tells services, and then what one reaches that tells the drives and graphics cards of simulated
    hosts, but for the making of them."""
    hot = {}
    with Home() as home, running(SERVICES) as (_, variables):
        os.environ.update(variables)
        first = free_ports(4)
        config = home.write("agent.toml", WATCHED + agent_toml(first, combined=first + 3))
        hot |= dict.fromkeys(reached(["run", "--config", str(config)], range(first, first + 4), names))
        first = free_ports(15)
        hot |= dict.fromkeys(reached(["simulate", f"--base-port={first}"], range(first, first + 15), names))
    return [name for name in hot if "8simulate" not in name and "8cm_model4demo" not in name]


def reached(command, ports, names):
    def polls(pid, stopping):
        try:
            for port in ports:
                answers(port)
            poller, remembering = Poller(ports), Poller(ports, remembers=True)
            # Idle first; then under strain, when it looks for the causes.
            for busy in (0, 2 * os.cpu_count()):
                strain = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(busy)]
                end = time.monotonic() + WATCHED_S / 2
                while time.monotonic() < end:
                    poller.poll()
                    remembering.poll()
                    time.sleep(INTERVAL_S)
                for one in strain:
                    one.kill()
        finally:
            stopping.set()
            os.kill(pid, signal.SIGTERM)

    return [names[address] for address in called([AGENT, *command], names, polls)]


def general(name):
    """A name for every build: without the fingerprints of crates in it, references past them (whose length varies), the
    crate that happened to need it first, and the number of a copy."""
    name = re.sub(r"Cs[0-9A-Za-z]{1,13}_(?=\d)", "Cs*_", re.sub(r"\.(llvm\.)?\d+$", "*", name))
    name = re.sub(r"B[0-9A-Za-z]{0,3}_", "B*_", name)
    first = re.search(r"(?:Cs\*_(\d+)_?(\D\w*)|B\*_)$", name)
    if first and "E" in name and (not first[1] or len(first[2]) == int(first[1])):
        name = name[: first.start()] + "*"
    return name


def main():
    names = functions(AGENT)
    if not any(name.startswith("_RN") and "8cm_agent" in name for name in names.values()):
        raise SystemExit(f"{AGENT} names its functions the old way; is .cargo/config.toml overridden by RUSTFLAGS?")
    hot = traced(names)
    patterns = [*dict.fromkeys(map(general, hot)), *(f"*{room}*" for room in WHOLE)]
    lines = [f"*(.text.{pattern} .text.unlikely.{pattern})\n" for pattern in patterns]
    LIST.write_text(HEAD + "".join(lines) + TAIL)
    print(f"{len(hot)} of {len(names)} functions, {len(lines)} patterns")


if __name__ == "__main__":
    main()
