"""Many clients at once, in one thread: each makes one request on its own connection."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from harness.raw import CHAT, HEADERS


class Visit(NamedTuple):
    """One request to make."""

    body: bytes
    headers: dict[str, str] = {}
    path: str = CHAT
    # Leaves as soon as the answer contains this, or, if it is empty, as soon as the request is sent.
    leave_at: bytes | None = None
    label: Any = None


class Reply(NamedTuple):
    """The result of a visit."""

    visit: Visit
    status: int | None
    headers: dict[str, str]
    content: bytes
    # Whether the answer reached the end that its framing announced.
    whole: bool

    @property
    def error(self) -> dict[str, Any]:
        return json.loads(self.content)["error"]


async def attend(port: int, visits: Iterable[Visit]) -> list[Reply]:
    """Makes all visits at the same time."""
    return await asyncio.gather(*(_visit(port, visit) for visit in visits))


def crowd(port: int, visits: Iterable[Visit]) -> list[Reply]:
    """Makes all visits at the same time and waits for the last."""
    return asyncio.run(attend(port, visits))


async def _visit(port: int, visit: Visit) -> Reply:
    received = b""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(_head(visit) + visit.body)
            await writer.drain()
            while visit.leave_at is None or visit.leave_at not in received:
                piece = await reader.read(65_536)
                received += piece
                if not piece or _is_whole(received):
                    break
        finally:
            # An abort: does not wait for what it has not read.
            writer.transport.abort()
    except OSError:
        pass
    return _reply(visit, received)


def _head(visit: Visit) -> bytes:
    fields = HEADERS | {"host": "gateway", "content-length": str(len(visit.body))} | visit.headers
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {visit.path} HTTP/1.1\r\n{lines}\r\n".encode()


def _parsed(received: bytes) -> tuple[int | None, dict[str, str], bytes]:
    head, end, content = received.partition(b"\r\n\r\n")
    if not end:
        return None, {}, b""
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    return int(first.split(" ")[1]), fields, content


def _is_whole(received: bytes) -> bool:
    status, fields, content = _parsed(received)
    if status is None:
        return False
    if length := fields.get("content-length"):
        return len(content) >= int(length)
    return content.endswith(b"0\r\n\r\n")


def _reply(visit: Visit, received: bytes) -> Reply:
    status, fields, content = _parsed(received)
    return Reply(visit, status, fields, content, _is_whole(received))
