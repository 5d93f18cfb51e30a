"""A certificate authority of our own, for servers on loopback. Knows nothing of what they serve."""

import subprocess
from pathlib import Path


class Authority:
    """Keys and certificates in a folder: `authority`, whom programs are told to trust, and `server` for 127.0.0.1."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.trusted = self.folder / "authority.pem"
        self.certificate, self.key = self.folder / "server.pem", self.folder / "server.key"
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        own = ["-keyout", self.folder / "authority.key", "-out", self.trusted, "-subj", "/CN=Stage authority"]
        self._openssl("req", "-x509", *key, *own, "-addext", "basicConstraints=critical,CA:TRUE")
        request = self.folder / "server.csr"
        self._openssl("req", *key[:-2], "-keyout", self.key, "-out", request, "-subj", "/CN=localhost")
        names = self.folder / "names"
        names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n")
        signed = ["-CA", self.trusted, "-CAkey", self.folder / "authority.key", "-CAcreateserial"]
        self._openssl("x509", "-req", "-in", request, *signed, "-days", "2", "-out", self.certificate, "-extfile", names)

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
