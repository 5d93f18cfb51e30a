"""docs/THREATS.md names only tests that there are: a promise whose proof is gone is no promise."""

import re

from stage.programs import REPOSITORY
from stage.tally import Tally, expect

tally = Tally("threats")
lines = (REPOSITORY / "docs/THREATS.md").read_text().splitlines()
# The last cell of a table's row names the tests: `path` or `path::name_of_the_test`.
rows = [line.strip("|").split("|") for line in lines if line.startswith("| ") and line.count("|") == 4]
named = sorted({name for row in rows for name in re.findall(r"`([^`]+)`", row[-1])})

with tally.case("every line names a test, or says that nothing resists"):
    expect(len(named) > 8, f"only {named}")
    for row in rows:
        bare = "`" not in row[-1] and row[-1].strip() != "test"
        expect(not bare or "not resisted" in row[1], f"no test in: {row[0].strip()}")

for name in named:
    path, _, test = name.partition("::")
    with tally.case(name):
        place = REPOSITORY / path
        expect(place.exists() or place.with_suffix(".rs").exists(), f"{path} is not here")
        if test:
            expect(f"fn {test}(" in place.read_text(), f"{path} has no test `{test}`")

tally.close()
