"""A JSON Schema validator (Python's jsonschema, Draft 2020-12) agrees that every JSON we print is what we publish."""

import json

from jsonschema import Draft202012Validator

from stage.programs import Fleet, Home
from stage.tally import Tally, expect

tally = Tally("schema")

# What is run, and the name under which `cm-cli schema NAME` publishes what it prints.
COMMANDS = [
    (("status",), ("status",)),
    (("status", "--problems"), ("status",)),
    (("hosts",), ("hosts",)),
    (("drives",), ("drives",)),
    (("services",), ("services",)),
    (("backups",), ("backups",)),
    (("metrics",), ("metrics",)),
    (("config", "show"), ("config-show",)),
    (("config", "check"), ("config-check",)),
    (("config", "paths"), ("config-paths",)),
    (("doctor",), ("doctor",)),
    (("explain", "CM-0103"), ("explain",)),
    (("explain",), ("explain",)),
]
# These say something of a fleet; the others of this installation alone.
OF_A_FLEET = {"status", "hosts", "drives", "services", "backups", "metrics"}


def schema(home, name):
    ran = home.run("schema", *name)
    expect(ran.code == 0, str(ran))
    document = json.loads(ran.text())
    expect(str(document.get("$schema", "")).startswith("https://json-schema.org/draft/2020-12"), f"$schema is {document.get('$schema')}")
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


def agrees(validator, document):
    errors = sorted(validator.iter_errors(document), key=lambda error: list(error.absolute_path))
    expect(not errors, "\n".join(f"at /{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in errors[:8]))


def once(home, place, run, name, *more):
    with tally.case(f"{' '.join(run)} {place}"):
        ran = home.run(*run, "--json", *more)
        # doctor and config check say with their exit code what they found; nothing may end in an inner fault.
        expect(ran.code in (0, 1, 2, 3), str(ran))
        document = json.loads(ran.text())
        expect(isinstance(document, dict) and isinstance(document.get("schema"), str), f"no `schema` field: {ran.text()[:300]}")
        agrees(schema(home, name), document)


with Home() as home:
    for name in sorted({name for _, name in COMMANDS}):
        with tally.case(f"the schema of {' '.join(name)} refuses what it should"):
            validator = schema(home, name)
            expect(not validator.is_valid([]), "it takes an empty list")
            expect(not validator.is_valid({}), "it takes an empty object")
    for run, name in COMMANDS:
        once(home, "of this machine", run, name)
        if run[0] in OF_A_FLEET:
            once(home, "of the demo fleet", run, name, "--demo")

    with tally.case("ndjson is one JSON value a line"):
        ran = home.run("metrics", "--demo", "--format", "ndjson")
        expect(ran.code == 0, str(ran))
        lines = ran.text().splitlines()
        expect(len(lines) > 50 and all(isinstance(json.loads(line), dict) for line in lines), f"{len(lines)} lines")

    with tally.case("with --json an error is JSON on standard error, and standard output is empty"):
        ran = home.run("status", "--demo", "--json", "--host", "nosuchhost")
        expect(ran.code >= 64, str(ran))
        expect(ran.out == b"", f"on standard output: {ran.out[:200]}")
        expect("CM-0209" in json.dumps(json.loads(ran.err)), str(ran))

with tally.case("the demo fleet answers over HTTP"), Fleet(5) as fleet:
    for run, name in COMMANDS:
        once(fleet.home, "of five simulated hosts over HTTP", run, name)

tally.close()
