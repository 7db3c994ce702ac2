"""Certificates for tests, made with the openssl command."""

import subprocess
from pathlib import Path
from typing import NamedTuple


class Certificate(NamedTuple):
    """PEM files."""

    chain: Path
    key: Path


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder: Path, name: str = "authority"):
        self.folder = folder
        self.certificate, self._key = folder / f"{name}.pem", folder / f"{name}.key"
        self._name = name
        self._openssl(
            "req", "-x509", *self._new_key(self._key), "-subj", f"/CN={name}", "-days", "2", "-out", self.certificate
        )

    def issue(self, name: str = "localhost") -> Certificate:
        """A certificate for `name`; a server with this name is this machine."""
        made = Certificate(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        request, extensions = self.folder / "request.csr", self.folder / "extensions"
        extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n")
        self._openssl("req", *self._new_key(made.key), "-subj", f"/CN={name}", "-out", request)
        signing = ["-CA", self.certificate, "-CAkey", self._key, "-extfile", extensions, "-days", "2"]
        self._openssl("x509", "-req", "-in", request, *signing, "-out", made.chain)
        return made

    @staticmethod
    def _new_key(file: Path) -> list:
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file]

    @staticmethod
    def _openssl(*arguments) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)
