"""A provider whose answers are bytes that a test wrote, for heads and bodies that no simulator would send."""

import socket
import threading
import time


class CannedProvider:
    """Runs in a thread until `stop`; answers every request with these pieces, a moment apart, so that each is read alone."""

    PAUSE_SECONDS = 0.15

    def __init__(self, *pieces: bytes):
        self._pieces = pieces
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as requests:
            while self._read(requests):
                for number, piece in enumerate(self._pieces):
                    if number:
                        time.sleep(self.PAUSE_SECONDS)
                    connection.sendall(piece)

    @staticmethod
    def _read(requests) -> bool:
        """Takes one request with a content-length; false when there is no more."""
        length = 0
        while line := requests.readline():
            if line == b"\r\n":
                return len(requests.read(length)) == length
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return False


def answer(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    """A whole answer."""
    head = [f"HTTP/1.1 {status}", *fields, f"content-length: {len(body)}", "", ""]
    return "\r\n".join(head).encode() + body
