"""The history's file read by SQLite's shell and by Python, with no line of ours, as docs/HISTORY.md describes it.

While it is being written: what another program reads then must hold as well."""

import csv
import io
import json
import shlex
import shutil
import sqlite3
import struct
import subprocess
import time
import zlib
from datetime import datetime
from urllib.parse import unquote

from stage.programs import CLI, REPOSITORY, Fleet, Kept
from stage.tally import Tally, expect

tally = Tally("documented")
RECORDED_S = 20
REPORT_WITHIN_S = 90  # they are kept whole once a minute


def sound(body, form):
    """What lies between the byte of format and the checksum."""
    expect(body[0] == form, f"format {body[0]}")
    return body[1:-4]


def checksum(body):
    return struct.unpack("<I", body[-4:])[0]


def numbers(octets):
    """LEB128, one after another."""
    value = shift = 0
    for octet in octets:
        value |= (octet & 0x7F) << shift
        shift += 7
        if octet < 0x80:
            yield value
            value = shift = 0


def samples(body):
    """(series, moment, value) of a batch."""
    octets = iter(sound(body, 2))
    expect(zlib.crc32(body[:-4]) == checksum(body), "checksum")
    number = lambda: next(numbers(octets))
    whole = lambda value: (value >> 1) ^ -(value & 1)
    count = number()

    def runs(step):
        found, first = [], 0
        while len(found) < count:
            first += whole(number())
            found += [first + step * more for more in range(number() + 1)]
        return found

    for series, at in zip(runs(1), runs(0), strict=True):
        value = number()
        if value & 3 == 3:
            yield series, at, struct.unpack("<d", bytes(next(octets) for _ in range(8)))[0]
        else:
            yield series, at, whole(value >> 2) / 10 ** (value & 3)
    expect(next(octets, None) is None, "more follows than the samples that were announced")


with Fleet(5) as fleet, tally.case("a recorder fills a file"):
    path = fleet.home.folder / "history.db"
    with Kept(fleet.home, "history", "record", "--database", path, program=CLI) as recorder:
        time.sleep(RECORDED_S)
        recorder.still_there()
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)

        with tally.case("every batch has the samples that cm-cli exports"):
            database.execute("BEGIN")
            names = {row[0]: row[1:] for row in database.execute("SELECT id, entity, subject, metric FROM series")}
            ours = {}
            for first, last, body in database.execute("SELECT first, last, body FROM batch"):
                found = list(samples(body))
                expect(first == min(at for _, at, _ in found) and last == max(at for _, at, _ in found), "first and last")
                for series, at, value in found:
                    ours.setdefault((*names[series], at), value)
            database.rollback()
            expect(len(ours) > 1000, f"only {len(ours)} samples")
            ran = fleet.home.run("export", "--format", "csv", "--database", path)
            expect(ran.code == 0, str(ran))
            told = list(csv.DictReader(io.StringIO(ran.text(), newline=""), strict=True))
            value_of = {}
            for row in told:
                moment = row["at"].replace("Z", "+00:00")
                at = round(datetime.fromisoformat(moment).timestamp() * 1000)
                value_of[(row["subject_kind"], row["subject"], row["metric"], row["host"], at)] = float(row["value"])
            hosts = {f"host:{name}": name for name in fleet.hosts}
            compared = 0
            for (entity, subject, metric, at), value in ours.items():
                kind, _, name = subject.partition(":")
                if entity not in hosts:
                    continue  # a drive's own, told under its seat
                key = (kind, unquote(name), metric, hosts[entity], at)
                expect(key in value_of, f"not exported: {key}")
                expect(value_of[key] == value, f"{key}: {value} in the file, {value_of[key]} exported")
                compared += 1
            print(f"     {compared} samples are the same in both")
            expect(compared > 1000, f"{compared} compared")

        with tally.case("every frame is a whole report"):
            kept = "SELECT frame.id, whole, body, api FROM frame JOIN stream ON stream.id = frame.stream"
            end = time.monotonic() + REPORT_WITHIN_S
            while not (rows := {row[0]: row[1:] for row in database.execute(kept)}) and time.monotonic() < end:
                time.sleep(1)

            def report(frame):
                whole, body, _ = rows[frame]
                before = {} if whole is None else {"zdict": report(whole)[-32768:]}
                text = zlib.decompressobj(-15, **before).decompress(sound(body, 1))
                expect(zlib.crc32(text) == checksum(body), f"checksum of frame {frame}")
                return text

            kinds = {rows[frame][2] for frame in rows if isinstance(json.loads(report(frame)), dict)}
            expect(kinds == {"smart", "service", "backup"}, kinds)

        if shutil.which("sqlite3"):
            with tally.case("the statement of docs/HISTORY.md in SQLite's shell"):
                document = (REPOSITORY / "docs/HISTORY.md").read_text()
                statement = document.split("```sh\n", 1)[1].split("```", 1)[0].replace("\\\n", " ")
                words = [str(path) if "history.db" in word else word for word in shlex.split(statement)]
                shell = subprocess.run(words, capture_output=True, text=True)
                expect(shell.returncode == 0 and not shell.stderr, shell.stderr)
                found = {tuple(line.split("|")[::2]) for line in shell.stdout.splitlines()}
                expect({host for host, _ in found} == set(fleet.hosts), shell.stdout)
        else:
            tally.skip("SQLite's shell", "it is not here")
        database.close()

tally.close()
