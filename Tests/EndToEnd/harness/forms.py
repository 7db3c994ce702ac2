"""Forms as bytes, and a provider that takes large ones."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FORM = {"content-type": "multipart/form-data; boundary=b"}
USAGE = {"type": "tokens", "input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
END = b"--b--\r\n"


def field(name: str, value: str) -> bytes:
    return b'--b\r\ncontent-disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (name.encode(), value.encode())


def file(byte_count: int, name: str = "file") -> bytes:
    head = b'--b\r\ncontent-disposition: form-data; name="%b"; filename="a.wav"\r\n\r\n' % name.encode()
    return head + bytes(byte_count) + b"\r\n"


class Sink:
    """A provider that reads uploads of any size, keeps their digests, and answers a usage of tokens."""

    def __init__(self):
        self.digests: list[str] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                sink.digests.append(self._digest(int(self.headers["content-length"])))
                body = json.dumps({"text": "hello", "usage": USAGE}).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _digest(self, missing: int) -> str:
                digest = hashlib.sha256()
                while missing and (piece := self.rfile.read(min(missing, 1 << 16))):
                    digest.update(piece)
                    missing -= len(piece)
                return digest.hexdigest() if not missing else "incomplete"

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
