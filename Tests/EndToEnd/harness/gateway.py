"""The gateway: `steelyard serve` on free ports."""

import http.client
import json
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.metrics import Readings
from harness.polling import until
from harness.process import Process

# Secrets and content that every test sends; no log line may contain them.
KEY = "sk-canary-0b5f29c1d7e84a63"
PROMPT = "canary-prompt-71c3 What does a steelyard weigh?"
CANARIES = (KEY, "canary-prompt")


def proxy_yaml(
    provider: str, *, server_options: str = "", provider_options: str = "", sections: str = "", **more: Any
) -> str:
    """A proxy.yaml on free ports; the options are further members of the server and of the provider, `sections` further
    lines, and `more` further sections as values."""
    server, openai = (f", {options}" if options else "" for options in (server_options, provider_options))
    # Every JSON value is YAML.
    lines = "\n".join([sections] + [f"{name}: {json.dumps(value)}" for name, value in more.items()])
    return f"""\
server: {{ listen: "127.0.0.1:0"{server} }}
admin: {{ listen: "127.0.0.1:0" }}
providers:
  openai: {{ base_url: "{provider}"{openai} }}
{lines}
"""


class Counted:
    """What some work added to the counters; readable when the work has ended."""

    readings = Readings({})

    def __call__(self, name: str, **labels: str):
        return self.readings(name, **labels)

    def by(self, name: str, *labels: str):
        return self.readings.by(name, *labels)


class Gateway:
    """One running gateway in front of one provider."""

    # Messages of expected error lines; `stop` accepts no others.
    expected_errors = {"did not reload"}

    def __init__(
        self,
        folder: Path,
        configuration: str,
        *arguments: str,
        environment: dict[str, str] | None = None,
        files: dict[str, str] | None = None,
        open_files: tuple[int, int] | None = None,
    ):
        self.folder = folder
        self.file = folder / "proxy.yaml"
        self.file.write_text(configuration)
        for name, text in (files or {}).items():
            (folder / name).write_text(text)
        self._arguments = arguments
        self.environment = environment
        self._open_files = open_files
        self.start()

    def start(self) -> None:
        """Starts it, or starts it again with the same files on other ports."""
        self.process = self.launch()
        serving = self.process.line_with('"message":"serving"')
        self.port = int(re.search(r'"listen":"\S*?:(\d+)"', serving).group(1))
        self.admin = re.search(r'"admin":"(\S+?):(\d+)"', serving).groups()
        self.url = f"http://127.0.0.1:{self.port}/v1"
        until(lambda: self.get("/readyz")[0] == 200, what="readiness")

    def launch(self) -> Process:
        """Its process, which may still be starting."""
        arguments = ("serve", "--config", str(self.file), *self._arguments)
        return Process(*arguments, environment=self.environment, folder=self.folder, open_files=self._open_files)

    def kill(self) -> None:
        """SIGKILL: it cannot clean up. `start` starts it again."""
        self.process.kill()

    def get(self, target: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
        """Sends a request to the admin address."""
        connection = http.client.HTTPConnection(*self.admin, timeout=20)
        try:
            connection.request(method, target, headers={k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def metrics(self) -> Readings:
        status, text = self.get("/metrics")
        assert status == 200
        return Readings.parse(text.decode())

    @contextmanager
    def counting(self, requests: int, within: float = 15.0) -> Iterator[Counted]:
        """Measures what the block adds, after all its requests have ended and nothing is in flight."""
        before = self.metrics()
        counted = Counted()
        yield counted

        def look() -> bool:
            now = self.metrics()
            counted.readings = now - before
            return counted("ai_requests_total") >= requests and now("ai_requests_in_flight") == 0

        until(look, within, what=f"the end of {requests} requests, {counted.by('ai_requests_total', 'status')}")
        assert counted("ai_requests_total") == requests, counted.by("ai_requests_total", "endpoint", "status")

    def access_log(self) -> list[dict[str, Any]]:
        """The access-log lines so far."""
        lines = (json.loads(line) for line in list(self.process.lines))
        return [line for line in lines if line["message"] == "request"]

    def reload(self, configuration: str, message: str = '"message":"reloaded"') -> None:
        """Writes a new file, sends SIGHUP and waits until the log reports the reload."""
        said = sum(message in line for line in self.process.lines)
        self.file.write_text(configuration)
        self.process.send(signal.SIGHUP)
        until(lambda: sum(message in line for line in list(self.process.lines)) > said, what=message)

    def _judge_accounts(self) -> None:
        status, text = self.get("/metrics")
        # A test with an admin token checks readiness itself.
        if status == 200:
            now = Readings.parse(text.decode())
            assert now("ai_reservation_leaks_total") == now("ai_ledger_lost_records_total") == 0

    def stop(self) -> None:
        """Ends it; it has leaked no hold and lost no record, and whatever it printed is one JSON object a line and
        betrays nothing."""
        if self.process.child.poll() is None:
            self._judge_accounts()
        self.process.stop()
        for line in map(json.loads, self.process.lines):
            assert line["level"] not in ("error", "critical") or line["message"] in self.expected_errors, line
        for text in self.process.lines + self.process.errors:
            assert not any(canary in text for canary in CANARIES), f"a secret or a prompt was printed: {text}"
