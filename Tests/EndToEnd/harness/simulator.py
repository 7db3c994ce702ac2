"""The simulated provider and its witness log, with which the gateway's counters are compared."""

import http.client
import json
import re
from typing import Any
from urllib.parse import quote

from harness.process import Process


def directives(*flags: str, **values: Any) -> dict[str, str]:
    """The header that steers one answer: `directives("no-done", events=3, answer_model="gpt-5")`."""
    parts = list(flags)
    for name, value in values.items():
        text = quote(json.dumps(value), safe="") if isinstance(value, dict) else str(value)
        parts.append(f"{name.replace('_', '-')}={text}")
    return {"x-simulate": ", ".join(parts)}


class Witness(dict):
    """One request as the provider saw it, and what it answered."""

    @property
    def path(self) -> str:
        return self["target"].split("?")[0]

    @property
    def request(self) -> dict[str, Any]:
        """The JSON body as received."""
        return json.loads(self["body"])


class Simulator:
    """`steelyard simulate` on a free port."""

    def __init__(self, directives: str = ""):
        self.process = Process("simulate", "--port", "0", "--directives", directives)
        line = self.process.line_with("simulating a provider")
        self.port = int(re.search(r":(\d+)/v1", line).group(1))
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def witness(self, ended: int = 0) -> list[Witness]:
        """All requests since `forget`, once `ended` answers have ended."""
        answer = self._ask("GET", f"/_witness?ended={ended}")
        return [Witness(entry) for entry in json.loads(answer)["entries"]]

    def received(self) -> int:
        """How many requests have arrived since `forget`."""
        return json.loads(self._ask("GET", "/_witness"))["count"]

    def forget(self) -> None:
        self._ask("DELETE", "/_witness")

    def _ask(self, method: str, target: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, target)
            return connection.getresponse().read()
        finally:
            connection.close()

    def stop(self) -> None:
        self.process.stop()
