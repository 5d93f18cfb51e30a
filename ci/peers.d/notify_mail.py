"""Mails to a real mail server: encrypted, with a login, and with a line that is cut at any byte."""

import email
import email.policy
import logging
import ssl
import tempfile

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from stage.authority import Authority
from stage.cutter import Cutter
from stage.programs import NOTIFY, Home, free_ports
from stage.tally import Tally, expect

tally = Tally("notify_mail")
# A line that is cut is what is tried here, and not worth a word of the server's.
logging.disable(logging.CRITICAL)
PASSWORD = "pa55word with space"


class Box:
    """What the server took."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope)
        return "250 2.0.0 kept"


def who(server, session, envelope, mechanism, data):
    is_right = data.login == b"monitor" and data.password == PASSWORD.encode()
    return AuthResult(success=is_right, handled=is_right)


class Server:
    """One that wants STARTTLS and a login, or speaks TLS at once."""

    def __init__(self, authority, at_once=False, encrypted=True):
        self.box = Box()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.certificate, authority.key)
        more = {"ssl_context": context} if at_once else {}
        if encrypted and not at_once:
            more |= {"tls_context": context, "require_starttls": True}
        self.port = free_ports(1)
        self.controller = Controller(
            self.box, "127.0.0.1", self.port, authenticator=who, auth_require_tls=not at_once, auth_required=encrypted, **more
        )

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()


def write(home, port, security="starttls", password=PASSWORD):
    secret = home.write("smtp.password", password + "\n")
    home.write(
        "dashboard.toml",
        f"""
        [[notify.channel]]
        name = "mail"
        kind = "mail"
        server = "127.0.0.1"
        port = {port}
        security = "{security}"
        user = "monitor"
        password_file = "{secret}"
        from = "monitor@example.org"
        to = ["anna@example.org", "ben@example.org"]
        """,
    )


with Home() as home, tempfile.TemporaryDirectory() as folder:
    authority = Authority(folder)
    trusting = {"SSL_CERT_FILE": str(authority.trusted)}

    def test(**variables):
        ran = home.run("test", "mail", program=NOTIFY, **{**trusting, **variables})
        expect(b"pa55word" not in ran.out + ran.err, f"a password was told: {ran}")
        return ran

    for security, at_once in (("starttls", False), ("tls", True)):
        with tally.case(f"a mail arrives over {security}, after a login, as Python reads it"), Server(authority, at_once) as server:
            write(home, server.port, security)
            ran = test()
            expect(ran.code == 0, str(ran))
            (envelope,) = server.box.mails
            expect(envelope.rcpt_tos == ["anna@example.org", "ben@example.org"], f"{envelope.rcpt_tos}")
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            expect(mail.defects == [], f"{mail.defects}")
            expect(mail["subject"].startswith("a test from ") and len(mail["subject"]) <= 40, mail["subject"])
            expect(mail["auto-submitted"] == "auto-generated", str(mail.items()))
            expect(mail["from"] == "CM Dashboard <monitor@example.org>", mail["from"])
            identity = mail["message-id"].strip("<>").split("@")
            expect(identity[1] == "example.org" and identity[0] in ran.text(), f"{mail['message-id']} {ran.text()}")
            plain = mail.get_body(("plain",)).get_content()
            page = mail.get_body(("html",)).get_content()
            expect("messages arrive here" in plain and "messages arrive here" in page, plain)

    with tally.case("a wrong password is told as such"), Server(authority) as server:
        write(home, server.port, password="pa55word but wrong")
        ran = test()
        expect(ran.code == 69 and b"CM-0603" in ran.err, str(ran))
        expect(server.box.mails == [], "a mail was taken")

    with tally.case("a certificate that nobody vouches for is not spoken to"), Server(authority) as server:
        write(home, server.port)
        ran = test(SSL_CERT_FILE="/etc/ssl/certs/ca-certificates.crt")
        expect(ran.code == 69 and b"CM-0602" in ran.err, str(ran))

    with tally.case("without STARTTLS nothing is sent"), Server(authority, encrypted=False) as server:
        write(home, server.port)
        ran = test()
        expect(ran.code == 69 and b"CM-0602" in ran.err and server.box.mails == [], str(ran))

    with tally.case("nobody there is a matter of another time"):
        write(home, free_ports(1))
        ran = test()
        expect(ran.code == 75 and b"CM-0601" in ran.err, str(ran))

    with tally.case("a line that is cut anywhere: what was kept is never called unsent, what was not never delivered"):
        with Server(authority) as server:
            with Cutter(server.port) as whole:
                write(home, whole.port)
                expect(test().code == 0, "the whole line does not serve")
                forth, back = whole.passed
            seen = {0: 0, 69: 0, 75: 0}
            doubts = 0
            cuts = [{"forth": at} for at in range(0, forth + 1, 97)] + [{"forth": forth - at} for at in range(90)[::10]]
            cuts += [{"back": at} for at in range(0, back + 1, 131)] + [{"back": back - at} for at in range(120)[::10]]
            for cut in cuts:
                server.box.mails.clear()
                with Cutter(server.port, **cut) as cutter:
                    write(home, cutter.port)
                    ran = test()
                kept, in_doubt = len(server.box.mails), b"CM-0607" in ran.err
                expect(ran.code in seen, str(ran))
                seen[ran.code] += 1
                doubts += in_doubt
                expect(kept <= 1, f"{cut}: {kept} mails")
                expect(ran.code != 0 or kept == 1, f"{cut}: delivered, and nothing was kept")
                expect(kept == 0 or ran.code == 0 or in_doubt, f"{cut}: kept, and told as unsent: {ran}")
            expect(doubts >= 2 and seen[75] > 20, f"{seen}, {doubts} in doubt")

tally.close()
