"""promtool, Prometheus' own checker, finds nothing to mend in our Prometheus text."""

import re
import subprocess

from stage.hostile_host import CORPUS, HostileHost
from stage.programs import Home
from stage.tally import Tally, expect

tally = Tally("promtool")


def lint(home, *arguments):
    ran = home.run("metrics", "--format", "prometheus", *arguments)
    expect(ran.code == 0, str(ran))
    text = ran.text()
    samples = [line for line in text.splitlines() if line and not line.startswith("#")]
    expect(len(samples) >= 10, f"only {len(samples)} samples:\n{text[:800]}")
    checked = subprocess.run(["promtool", "check", "metrics"], input=ran.out, capture_output=True, timeout=60)
    expect(checked.returncode == 0 and not checked.stderr.strip(), f"promtool: {checked.stderr.decode()}{checked.stdout.decode()}")
    return text


with Home() as home:
    with tally.case("the demo fleet's metrics are lint-clean"):
        text = lint(home, "--demo")
        hosts = set(re.findall(r'host="([^"]+)"', text))
        expect(len(hosts) >= 4, f"the demo fleet has five hosts, the text names {hosts}")

    with tally.case("this machine's metrics are lint-clean"):
        lint(home)

    with tally.case("promtool itself refuses what is wrong (this peer can fail)"):
        bad = subprocess.run(["promtool", "check", "metrics"], input=b"a_total{x=\"\x1b} 1\n", capture_output=True)
        expect(bad.returncode != 0, "promtool took a broken line")

    if CORPUS.exists():
        with tally.case("metrics of a host full of hostile texts are lint-clean"), HostileHost() as host:
            home.write_hosts({"liar": host.ports})
            lint(home)
    else:
        tally.skip("metrics of a hostile host", f"{CORPUS.name} is not here")

tally.close()
