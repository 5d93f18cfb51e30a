"""Counts what a peer test finds, and says each at once: `ok` or `FAIL`, what was tried, and why it is wrong.

Knows nothing of our programs."""

import sys
import traceback
from contextlib import contextmanager


class Wrong(Exception):
    """What was seen is not what was promised."""


def expect(held, why):
    """Ends the case with `why` unless it `held`."""
    if not held:
        raise Wrong(why)


class Tally:
    """The cases of one peer."""

    def __init__(self, peer):
        self.peer, self.passed, self.failed, self.skipped = peer, 0, 0, 0

    @contextmanager
    def case(self, what):
        """One thing to try: whatever is raised inside makes it fail, and the next one is tried all the same."""
        try:
            yield
        except Wrong as wrong:
            self._fail(what, str(wrong))
        except Exception:  # a test that breaks is a test that fails
            self._fail(what, traceback.format_exc(limit=-3))
        else:
            self.passed += 1
            print(f"ok   {self.peer}: {what}", flush=True)

    def _fail(self, what, why):
        self.failed += 1
        print(f"FAIL {self.peer}: {what}", flush=True)
        for line in why.strip().splitlines()[:25]:
            # Quoted, because what a hostile host sent may stand in it.
            print("       " + line.encode("unicode_escape").decode("ascii")[:400], flush=True)

    def skip(self, what, why):
        """Passed over, and said so: it counts neither way."""
        self.skipped += 1
        print(f"skip {self.peer}: {what} ({why})", flush=True)

    def close(self):
        """Prints the sum and ends the program."""
        tail = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.peer}: {self.passed} passed, {self.failed} failed{tail}", flush=True)
        sys.exit(1 if self.failed or not self.passed else 0)
