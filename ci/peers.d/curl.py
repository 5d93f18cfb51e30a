"""curl, a client that we did not write, against `cm-agent run`: who is let in, and what an older client gets."""

import json
import subprocess

from stage.kernel import listening
from stage.programs import APIS, Home, Kept, agent_toml, free_ports
from stage.tally import Tally, expect

tally = Tally("curl")


class Answer:
    """What curl saw: the status, the headers with lower-case names, the body."""

    def __init__(self, home, url, *options):
        self.head = home.folder / "head"
        command = ["curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", "10", "--dump-header", self.head, *options, url]
        done = subprocess.run(command, capture_output=True, timeout=20)
        expect(done.returncode == 0, f"curl {' '.join(options)} {url}: {done.stderr.decode()}")
        self.body = done.stdout
        lines = self.head.read_text().strip().splitlines()
        self.status = int(lines[0].split()[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}

    def __str__(self):
        return f"{self.status} {self.headers} {self.body[:200]!r}"


def refused(answer, status):
    expect(answer.status == status, f"expected {status}, got {answer}")
    leaked = any(word in answer.body for word in (b"system_memory", b"drives", b"overall_status"))
    expect(not leaked, f"the refusal carries a report: {answer}")
    no_cors(answer)


def no_cors(answer):
    cors = [name for name in answer.headers if name.startswith("access-control-")]
    expect(not cors, f"CORS is granted: {cors}")


def try_port(home, name, port, mark):
    here = f"http://127.0.0.1:{port}/"
    with tally.case(f"{name}: GET / as an older client asks gives plain JSON"):
        answer = Answer(home, here)
        expect(answer.status == 200 and "content-encoding" not in answer.headers, str(answer))
        expect(answer.headers.get("content-type", "").startswith("application/json"), str(answer))
        expect(mark in json.loads(answer.body), f"no `{mark}` in {answer}")
        no_cors(answer)

    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "localhost.evil.example"):
        with tally.case(f"{name}: Host: {host} is refused with 421 (a name rebound to loopback)"):
            refused(Answer(home, here, "--header", f"Host: {host}"), 421)
    with tally.case(f"{name}: Host: localhost is let in"):
        expect(Answer(home, here, "--header", f"Host: localhost:{port}").status == 200, "localhost is refused")

    for origin in ("https://evil.example", "null", f"http://127.0.0.1:{port + 1}"):
        with tally.case(f"{name}: Origin: {origin} is refused with 403 (a web page)"):
            refused(Answer(home, here, "--header", f"Origin: {origin}"), 403)

    for verb in ("POST", "PUT", "DELETE", "PATCH"):
        with tally.case(f"{name}: {verb} is refused with 405"):
            answer = Answer(home, here, "--request", verb, "--data", "x")
            refused(answer, 405)
            expect("GET" in answer.headers.get("allow", ""), f"no Allow: {answer}")

    with tally.case(f"{name}: a preflight is granted nothing"):
        answer = Answer(home, here, "--request", "OPTIONS", "--header", "Origin: https://evil.example", "--header", "Access-Control-Request-Method: GET")
        expect(answer.status in (403, 405), str(answer))
        no_cors(answer)

    with tally.case(f"{name}: HEAD tells of the body and sends none"):
        answer = Answer(home, here, "--head")
        expect(answer.status in (200, 405), str(answer))

    with tally.case(f"{name}: gzip for who asks for it"):
        squeezed = Answer(home, here, "--compressed")
        if squeezed.headers.get("content-encoding") is None:
            # A body of a few bytes need not be squeezed.
            expect(len(squeezed.body) < 1024, f"plain in spite of Accept-Encoding: {len(squeezed.body)} bytes")
        else:
            expect(squeezed.headers["content-encoding"] == "gzip", str(squeezed))
            # A cache between must not hand it to a client that cannot read it.
            uncached = "no-store" in squeezed.headers.get("cache-control", "") or "accept-encoding" in squeezed.headers.get("vary", "").lower()
            expect(uncached, f"neither Vary nor no-store: {squeezed.headers}")
            expect(int(squeezed.headers.get("content-length", 0)) < len(squeezed.body), f"gzip made it larger: {squeezed.headers}")
        expect(mark in json.loads(squeezed.body), f"no `{mark}` in {squeezed}")

    with tally.case(f"{name}: 304 for who has it already"):
        seen = []
        for _ in range(5):  # a new reading may fall between the two
            tag = Answer(home, here).headers.get("etag")
            expect(tag, "no ETag")
            again = Answer(home, here, "--header", f"If-None-Match: {tag}")
            seen.append(again.status)
            if again.status == 304:
                expect(again.body == b"", f"a 304 with a body: {again}")
                break
        expect(seen[-1] == 304, f"{seen}")
    with tally.case(f"{name}: another ETag gets the body"):
        expect(Answer(home, here, "--header", 'If-None-Match: "nothing"').status == 200, "not 200")

    with tally.case(f"{name}: what is not there is 404"):
        for path in ("nosuch", "../etc/passwd", "%2e%2e/%2e%2e/etc/passwd"):
            answer = Answer(home, here + path, "--path-as-is")
            expect(answer.status in (400, 404), f"/{path}: {answer}")


MARKS = {"smart": "drives", "service": "services", "backup": "overall_status"}

with Home() as home:
    first = free_ports(4)
    ports = dict(zip(APIS, range(first, first + 3)))
    config = home.write("agent.toml", agent_toml(first, combined=first + 3))
    with tally.case("cm-agent run --config agent.toml answers"), Kept(home, "run", "--config", config) as agent:
        agent.serving(*ports.values())
        for api, port in ports.items():
            try_port(home, api, port, MARKS[api])
        with tally.case("one port carries all three"):
            for api in APIS:
                answer = Answer(home, f"http://127.0.0.1:{first + 3}/{api}")
                expect(answer.status == 200 and MARKS[api] in json.loads(answer.body), f"/{api}: {answer}")
        with tally.case("the combined port is guarded like the others"):
            refused(Answer(home, f"http://127.0.0.1:{first + 3}/service", "--header", "Host: evil.example"), 421)
            refused(Answer(home, f"http://127.0.0.1:{first + 3}/service", "--header", "Origin: https://evil.example"), 403)
        with tally.case("cm-cli reads the agent"):
            home.write_hosts({"here": tuple(ports.values())})
            document = home.run("hosts", "--json").json()
            expect("here" in json.dumps(document), json.dumps(document)[:400])
        with tally.case("cm-cli asks the agent itself, whatever proxy the environment names"):
            nobody = f"http://127.0.0.1:{free_ports(1)}"
            ran = home.run("status", "--check", "--json", http_proxy=nobody, HTTP_PROXY=nobody, all_proxy=nobody)
            expect(ran.code in (0, 1, 2), f"with a proxy that is not there: {ran}")
        with tally.case("it listens on loopback alone"):
            found = listening(agent.pid)
            expect(found and all(address.is_loopback for address in found), f"listens on {found}")

tally.close()
