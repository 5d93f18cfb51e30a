"""A phone's server and a webhook in Python, and a program in Python that takes the JSON: what arrives, and what is told of them."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stage.programs import NOTIFY, Home
from stage.tally import Tally, expect

tally = Tally("notify_http")
TOPIC, TOKEN, HOOK = "t0pic-m4rker", "t0ken-m4rker", "h00k-m4rker"


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it is sent; a topic is answered as ntfy answers."""

    protocol_version = "HTTP/1.1"
    taken = []
    answer = (200, b"{}")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.taken.append((self.path, dict(self.headers), body))
        code, said = self.answer
        self.send_response(code)
        if 300 <= code < 400:
            self.send_header("location", f"http://{self.headers['host']}/elsewhere")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.server_address[1]

PROGRAM = """#!/usr/bin/python3
import json, os, sys
message = json.load(sys.stdin)
with open({out!r}, "w") as out:
    json.dump({{"message": message, "environment": sorted(os.environ), "folder": os.getcwd()}}, out)
sys.exit({code})
"""

with Home() as home:
    os.chmod(home.folder, 0o755)
    topic, token = home.write("topic", TOPIC), home.write("token", TOKEN)
    hook = home.write("hook", f"http://127.0.0.1:{port}/hooks/{HOOK}")
    template = home.write("body.json", '{"text": "{{title}}", "id": "{{id}}", "all": {{json}}}')
    program, out = home.folder / "take", home.folder / "took"
    home.write(
        "dashboard.toml",
        f"""
        [[notify.channel]]
        name = "phone"
        kind = "ntfy"
        server = "http://127.0.0.1:{port}"
        topic_file = "{topic}"
        token_file = "{token}"
        [[notify.channel]]
        name = "hook"
        kind = "webhook"
        url_file = "{hook}"
        template = "{template}"
        [[notify.channel]]
        name = "program"
        kind = "command"
        command = ["{program}", "a word; touch x"]
        """,
    )

    def test(name, **variables):
        Receiver.taken.clear()
        ran = home.run("test", name, program=NOTIFY, **variables)
        told = ran.out + ran.err
        expect(not any(secret.encode() in told for secret in (TOPIC, TOKEN, HOOK)), f"a secret was told: {ran}")
        return ran

    with tally.case("a phone's server gets a publication as ntfy documents it"):
        ran = test("phone", http_proxy="http://127.0.0.1:1/", HTTP_PROXY="http://127.0.0.1:1/")
        expect(ran.code == 0, str(ran))
        ((path, headers, body),) = Receiver.taken
        message = json.loads(body)
        expect(path == "/" and headers["authorization"] == f"Bearer {TOKEN}", f"{path} {headers}")
        expect(message["topic"] == TOPIC and message["priority"] == 3 and message["tags"] == ["warning"], f"{message}")
        expect(message["sequence_id"] in ran.text(), f"{message} {ran.text()}")

    with tally.case("a webhook gets its template filled, under an Idempotency-Key"):
        ran = test("hook")
        expect(ran.code == 0, str(ran))
        ((path, headers, body),) = Receiver.taken
        message = json.loads(body)
        expect(path == f"/hooks/{HOOK}" and headers["idempotency-key"] == message["id"], f"{headers}")
        expect(message["all"]["schema"] == "cm-dashboard/message/1", f"{message}")

    for code, exit_code, fault in ((401, 69, "CM-0603"), (302, 69, "CM-0604"), (400, 69, "CM-0606"), (503, 75, "CM-0605"), (502, 75, "CM-0607")):
        with tally.case(f"an answer of {code} is told as {fault}, and nothing is followed"):
            Receiver.answer = (code, f"no {TOKEN} here".encode())
            ran = test("phone")
            expect(ran.code == exit_code and fault.encode() in ran.err, str(ran))
            expect(len(Receiver.taken) == 1, f"{len(Receiver.taken)} requests")
    Receiver.answer = (200, b"{}")

    for code, exit_code in ((0, 0), (3, 75)):
        with tally.case(f"a program that ends with {code} gets JSON, no environment and no shell"):
            program.write_text(PROGRAM.format(out=str(out), code=code))
            program.chmod(0o755)
            ran = test("program", MARKER="m4rker")
            expect(ran.code == exit_code, str(ran))
            took = json.loads(out.read_text())
            expect(took["message"]["topic"] == "trial" and took["folder"] == "/", f"{took}")
            expect(set(took["environment"]) <= {"LC_ALL", "LC_CTYPE", "PATH"}, f"{took['environment']}")

    with tally.case("a program that others could have written is not run"):
        out.unlink()
        program.chmod(0o757)
        ran = test("program")
        expect(ran.code == 78 and b"CM-0207" in ran.err and b"chmod o-w" in ran.err, str(ran))
        expect(not out.exists(), "it was run")

tally.close()
