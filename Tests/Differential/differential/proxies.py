"""nginx, HAProxy and Steelyard, each in front of a witness of its own."""

import json
import os
import signal
import socket
import subprocess
import time
from collections import Counter
from pathlib import Path

from .witness import STATUS, Witness

NGINX = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log emerg;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream witness {{ server 127.0.0.1:{witness}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://witness;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
}}
"""

HAPROXY = """\
global
    maxconn 4096
defaults
    mode http
    timeout client 30s
    timeout server 30s
    timeout connect 5s
    timeout http-request 30s
frontend clients
    bind 127.0.0.1:{port}
    default_backend witness
backend witness
    server witness 127.0.0.1:{witness}
"""

STEELYARD = """\
server: {{ listen: "127.0.0.1:{port}" }}
admin: {{ listen: "127.0.0.1:0" }}
providers:
  witness: {{ dialect: openai, base_url: "http://127.0.0.1:{witness}/v1", mount: /v1 }}
ledger: {{ file: ledger.sqlite3 }}
"""


class Proxy:
    """A running proxy and the provider behind it."""

    def __init__(self, name: str, configuration: str, command: list[str], folder: Path, environment: dict[str, str]):
        self.name = name
        self.witness = Witness()
        self.port = _free_port()
        self._configuration, self._command, self._environment = configuration, command, environment
        self._folder = folder / name
        self._process: subprocess.Popen | None = None
        self.log = self._folder / "output"
        self._file = self._folder / "configuration"

    async def start(self) -> None:
        await self.witness.start()
        self._folder.mkdir(parents=True)
        values = {"folder": self._folder, "port": self.port, "witness": self.witness.port}
        self._file.write_text(self._configuration.format(**values))
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [*self._command, str(self._file)],
                cwd=self._folder, stdout=output, stderr=subprocess.STDOUT, env=os.environ | self._environment,
            )
        self._await_port()

    def _await_port(self) -> None:
        deadline = time.monotonic() + 20
        while self._process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
        raise SystemExit(f"{self.name} does not serve: {self.log.read_text(errors='replace')[-2000:]}")

    def stop(self) -> int:
        """Stops it, and returns its exit status; 0 when it never started."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)


def forwarded_by_log(log: Path) -> Counter[tuple[str, int]]:
    """What Steelyard says it forwarded and got answered: methods and sizes of bodies."""
    lines = (json.loads(line) for line in log.read_text().splitlines() if line.startswith("{"))
    return Counter(
        (line["method"], line["request_bytes"])
        for line in lines
        if line.get("message") == "request" and line.get("status") == STATUS
    )


def all_proxies(steelyard: Path, nginx: Path, haproxy: Path, libraries: Path | None, folder: Path) -> list[Proxy]:
    environment = {"LD_LIBRARY_PATH": str(libraries)} if libraries else {}
    return [
        Proxy("steelyard", STEELYARD, [str(steelyard), "serve", "--config"], folder, {}),
        Proxy("nginx", NGINX, [str(nginx), "-p", str(folder), "-c"], folder, {}),
        Proxy("haproxy", HAPROXY, [str(haproxy), "-db", "-f"], folder, environment),
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
