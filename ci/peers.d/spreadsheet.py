"""Python's csv reads back what we write, and nothing in it would run as a formula in a spreadsheet.

LibreOffice would be the truer reader but is too heavy for every run; the characters that it, Excel and Google Sheets
take as the start of a formula are checked one by one instead."""

import csv
import io
import re

from stage.hostile_host import CORPUS, HostileHost
from stage.programs import Fleet, Home
from stage.tally import Tally, expect

tally = Tally("spreadsheet")
TABLES = ["status", "hosts", "drives", "services", "backups", "metrics"]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def read(home, table, *more):
    ran = home.run(table, "--format", "csv", *more)
    expect(ran.code == 0, str(ran))
    text = ran.text()
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    expect(rows, "no header")
    head = rows[0]
    expect(len(set(head)) == len(head) and all(re.fullmatch(r"[a-z][a-z0-9_.]*", name) for name in head), f"header: {head}")
    for number, row in enumerate(rows):
        expect(len(row) == len(head), f"row {number} has {len(row)} columns, the header {len(head)}: {row}")
        for name, cell in zip(head, row):
            # A spreadsheet that splits differently must find no formula behind a line's or a cell's beginning either.
            for piece in [cell, *(piece.lstrip() for piece in re.split(r'[\r\n,;|"]', cell)[1:])]:
                harmless = not piece.startswith(FORMULA) or NUMBER.fullmatch(piece)
                expect(harmless, f"row {number}, {name}: begins like a formula: {cell!r}")
            expect("\0" not in cell and "\x1b" not in cell, f"row {number}, {name}: {cell!r}")
    return rows


# The name under which the same rows stand in JSON, where it is not the command's.
ROWS = {"status": "hosts", "metrics": "samples"}


def entries(home, table, *more):
    """How many rows the same command has in JSON."""
    document = home.run(table, "--json", *more).json()
    rows = document.get(ROWS.get(table, table))
    expect(isinstance(rows, list), f"no list of rows among {list(document)}")
    return len(rows)


with Home() as home:
    for table in TABLES:
        with tally.case(f"{table} of this machine"):
            read(home, table)
        with tally.case(f"{table} of the demo fleet"):
            rows = read(home, table, "--demo")
            expect(len(rows) > 1, "only a header")
        with tally.case(f"{table}: as many rows in CSV as in JSON"):
            count = len(read(home, table, "--demo")) - 1
            listed = entries(home, table, "--demo")
            expect(count == listed, f"{count} rows in CSV, {listed} in JSON")

    if CORPUS.exists():
        with HostileHost() as host:
            home.write_hosts({"liar": host.ports})
            for table in TABLES:
                with tally.case(f"{table} of a host full of hostile texts"):
                    rows = read(home, table)
                    if table in ("drives", "services"):
                        expect(len(rows) > len(host.corpus), f"{len(rows) - 1} rows of {len(host.corpus)} texts")
    else:
        tally.skip("hostile texts", f"{CORPUS.name} is not here")

with tally.case("the demo fleet answers over HTTP"), Fleet(5) as fleet:
    for table in TABLES:
        with tally.case(f"{table} of five simulated hosts over HTTP"):
            read(fleet.home, table)

tally.close()
