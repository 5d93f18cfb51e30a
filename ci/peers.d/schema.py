"""A JSON Schema validator (Python's jsonschema, Draft 2020-12) agrees that every JSON we print is what we publish."""

import json

from jsonschema import Draft202012Validator

from stage.programs import Fleet, Home
from stage.tally import Tally, expect

tally = Tally("schema")

# What prints JSON. The second word is left out of the schema's name where it is only an example.
COMMANDS = [
    ("status",), ("status", "--problems"), ("hosts",), ("drives",), ("services",), ("backups",), ("metrics",),
    ("config", "show"), ("config", "check"), ("config", "paths"), ("doctor",), ("explain", "CM-0103"), ("explain",),
]
# These say something of a fleet; the others of this installation alone.
OF_A_FLEET = {"status", "hosts", "drives", "services", "backups", "metrics", "doctor"}
known = {}


def schema(home, run):
    """The schema published for what `run` prints."""
    words = [word for word in run if word.islower() and not word.startswith("-")]
    name = " ".join(words)
    if name not in known:
        tried = [home.run("schema", *words), home.run("schema", "-".join(words))]
        ran = next((ran for ran in tried if ran.code == 0), tried[-1])
        expect(ran.code == 0, str(ran))
        document = ran.json()
        draft = str(document.get("$schema", ""))
        expect(draft.startswith("https://json-schema.org/draft/2020-12"), f"$schema is {draft!r}")
        Draft202012Validator.check_schema(document)
        known[name] = Draft202012Validator(document)
    return known[name]


def agrees(validator, document):
    errors = sorted(validator.iter_errors(document), key=lambda error: list(error.absolute_path))
    expect(not errors, "\n".join(f"at /{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in errors[:8]))


def once(home, place, run, *more):
    with tally.case(f"{' '.join(run)} {place}"):
        ran = home.run(*run, "--json", *more)
        # doctor and config check say with their exit code what they found; nothing may end in a fault.
        expect(ran.code in (0, 1, 2, 3), str(ran))
        document = ran.json()
        expect(isinstance(document, dict) and isinstance(document.get("schema"), str), f"no `schema` field: {ran.text()[:300]}")
        agrees(schema(home, run), document)


with Home() as home:
    for run in COMMANDS:
        with tally.case(f"the schema of {' '.join(run)} refuses what it should"):
            validator = schema(home, run)
            expect(not validator.is_valid([]), "it takes an empty list")
            expect(not validator.is_valid({}), "it takes an empty object")
        once(home, "of this machine", run)
        if run[0] in OF_A_FLEET - {"doctor"}:
            once(home, "of the demo fleet", run, "--demo")

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
    for run in COMMANDS:
        if run[0] in OF_A_FLEET | {"config"}:
            once(fleet.home, "of five simulated hosts over HTTP", run)

tally.close()
