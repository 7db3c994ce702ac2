"""A provider that gives every request the same answer, for floods: an unoptimised simulator would take half the CPU."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
CHOICE = {"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}


class ConstantProvider:
    """Runs in its own process until `stop`; answers every POST with status 200 and this object."""

    def __init__(self, **answer: Any):
        answer = answer or {"id": "chatcmpl-1", "choices": [CHOICE], "usage": USAGE}
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", "harness.constant_provider", json.dumps(answer)],
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}/v1"

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)


class _Connection(asyncio.Protocol):
    """Takes requests with a content-length, one after another."""

    head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"

    def __init__(self, body: str):
        self.answer = (self.head.format(length=len(body)) + body).encode()

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            field = self.waiting[:end].lower().rpartition(b"content-length:")[2]
            end += 4 + int(field.partition(b"\r")[0])
            if len(self.waiting) < end:
                return
            self.waiting = self.waiting[end:]
            self.transport.write(self.answer)


async def _serve(body: str) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(body), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
