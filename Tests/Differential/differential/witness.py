"""A provider that answers every request with its number, and remembers what it saw."""

import asyncio
import re
from dataclasses import dataclass, field

STATUS = 299  # None of the proxies answers with it by itself.
NUMBER = re.compile(rb"x-witness: (\d+)")
PREFIX = re.compile(rb"http://[^/]*")


@dataclass(frozen=True)
class Seen:
    """A whole request as the provider saw it."""

    method: bytes
    target: bytes
    body: bytes


class Unclear(Exception):
    """What a proxy sent can be read in two ways."""


@dataclass
class Witness:
    """One provider, behind one proxy."""

    seen: dict[int, Seen] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)
    number: int = 0
    port: int = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while seen := await self._read(reader, writer):
                self.number += 1
                self.seen[self.number] = seen
                writer.write(_answer(seen, self.number))
                await writer.drain()
        except Unclear as reason:
            self.unclear.append(str(reason))
        except (OSError, asyncio.CancelledError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # A request whose end never came was not forwarded.
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Seen | None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, *lines = head[:-4].split(b"\r\n")
        if re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", b"".join([line, *lines])):
            raise Unclear(f"a control character: {head!r}")
        fields = [_field(text, head) for text in lines]
        method, target, version = line.split(b" ")
        if not version.startswith(b"HTTP/1."):
            raise Unclear(f"a version: {head!r}")
        if any(name == b"expect" for name, _ in fields):
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return Seen(method, PREFIX.sub(b"", target, count=1), await _body(reader, fields, head))


def _field(line: bytes, head: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    if not colon or not re.fullmatch(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        raise Unclear(f"a field: {head!r}")
    return name.lower(), value.strip(b" \t")


async def _body(reader: asyncio.StreamReader, fields: list[tuple[bytes, bytes]], head: bytes) -> bytes:
    framing = [(name, value) for name, value in fields if name in (b"content-length", b"transfer-encoding")]
    if len(framing) > 1:
        raise Unclear(f"two framing fields: {head!r}")
    if not framing:
        return b""
    name, value = framing[0]
    if name == b"content-length" and value.isdigit():
        return await reader.readexactly(int(value))
    if value.lower() == b"chunked":
        return await _chunks(reader)
    raise Unclear(f"a framing field: {head!r}")


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0].strip(), 16):
        body += await reader.readexactly(size)
        if await reader.readexactly(2) != b"\r\n":
            raise Unclear("a chunk that does not end where it says")
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return body


def _answer(seen: Seen, number: int) -> bytes:
    head = f"HTTP/1.1 {STATUS} Seen\r\ncontent-type: application/json\r\ncontent-length: 2\r\nx-witness: {number}\r\n\r\n"
    return head.encode() + (b"" if seen.method == b"HEAD" else b"{}")
