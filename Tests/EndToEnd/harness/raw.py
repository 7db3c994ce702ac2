"""HTTP as bytes, which a client library would hide."""

import http.client
import json
import socket
from typing import Any, NamedTuple

from harness.gateway import KEY, PROMPT

CHAT = "/v1/chat/completions"
HEADERS = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}
# Fields that belong to one connection or request and not to the answer.
OF_THE_CONNECTION = {"date", "connection", "keep-alive", "transfer-encoding", "content-length", "x-request-id"}


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def lasting_headers(self) -> dict[str, str]:
        return {name: value for name, value in self.headers.items() if name not in OF_THE_CONNECTION}

    @property
    def error(self) -> dict[str, Any]:
        """The members of an error envelope."""
        return json.loads(self.body)["error"]


def chat(model: str = "gpt-4.1", **members: Any) -> bytes:
    """The body of a chat request."""
    return json.dumps({"model": model, "messages": [{"role": "user", "content": PROMPT}]} | members).encode()


def ask(
    port: int, body: bytes | None, headers: dict[str, str | None] | None = None, path: str = CHAT, method="POST"
) -> Answer:
    """One request on a connection of its own, without the fields that are None; an answer that breaks off raises
    `http.client.IncompleteRead`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        fields = {name: value for name, value in (HEADERS | (headers or {})).items() if value is not None}
        connection.request(method, path, body=body, headers=fields)
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, names, answer.read())
    finally:
        connection.close()


def rest_of(connection: socket.socket) -> bytes:
    """Everything until the other side closes the connection or resets it."""
    received = b""
    try:
        while piece := connection.recv(65_536):
            received += piece
    except ConnectionResetError:
        pass
    return received


class Leaver:
    """A client that can leave at any time."""

    def __init__(self, port: int, body: bytes, headers: dict[str, str] | None = None, path: str = CHAT, method="POST"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        fields = HEADERS | {"host": "gateway", "content-length": str(len(body))} | (headers or {})
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.socket.sendall(head.encode() + b"\r\n" + body)
        self.received = b""

    def read_until(self, text: bytes) -> None:
        while text not in self.received:
            self._read_more()

    def read_events(self, count: int) -> None:
        while self.received.count(b"data: {") < count:
            self._read_more()

    def _read_more(self) -> None:
        piece = self.socket.recv(65_536)
        assert piece, f"the answer ended early: {self.received[-300:]!r}"
        self.received += piece

    def read_to_end(self) -> bytes:
        """Everything received up to the end, clean or not."""
        self.received += rest_of(self.socket)
        return self.received

    def leave(self) -> None:
        self.socket.close()
