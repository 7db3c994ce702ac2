"""Sends each case to every proxy on a connection of its own, and collects what came of it."""

import asyncio
import re
import socket
from dataclasses import dataclass

from .proxies import Proxy
from .witness import NUMBER, STATUS, Seen

# After this long without a byte, the proxy waits for more of the request: the case left it incomplete.
SILENCE_SECONDS = 0.5
AT_ONCE = 48
STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})")


@dataclass(frozen=True)
class Outcome:
    """What a proxy made of a case."""

    numbers: tuple[int, ...]  # of the witness's answers that came back
    forwarded: tuple[Seen, ...]
    refusal: int | None  # the last status that was not the witness's
    is_waiting: bool


async def outcome(proxy: Proxy, case: bytes) -> Outcome:
    received, is_waiting = await _exchange(proxy.port, case)
    numbers = tuple(int(number) for number in NUMBER.findall(received))
    refusals = [int(status) for status in STATUS_LINE.findall(received) if int(status) not in (STATUS, 100)]
    forwarded = tuple(proxy.witness.seen[number] for number in numbers)
    return Outcome(numbers, forwarded, refusals[-1] if refusals else None, is_waiting)


async def _exchange(port: int, case: bytes) -> tuple[bytes, bool]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    try:
        writer.write(case)
        while piece := await asyncio.wait_for(reader.read(1 << 16), SILENCE_SECONDS):
            received += piece
    except asyncio.TimeoutError:
        return received, True
    except OSError:
        pass  # A proxy that refuses may reset.
    finally:
        _drop(writer)
    return received, False


def _drop(writer: asyncio.StreamWriter) -> None:
    """Closes at once: 300,000 closed connections would use up the ports of the machine."""
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    writer.transport.abort()


async def outcomes(proxies: list[Proxy], cases: list[bytes]) -> list[list[Outcome]]:
    """For each case, the outcomes in the order of the proxies."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(case: bytes) -> list[Outcome]:
        async with gate:
            return [await outcome(proxy, case) for proxy in proxies]

    return await asyncio.gather(*(one(case) for case in cases))
