"""Very many small requests, as fast as one Python process can make them."""

import socket
import threading
from collections.abc import Callable

CONNECTIONS = 16


def flood(port: int, count: int, body: Callable[[int], bytes]) -> None:
    """Posts `body(0)` to `body(count - 1)` as chat requests over a few connections; every one must be answered 200."""
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n"
    failures: list[str] = []

    def post(numbers: range) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            for number in numbers:
                content = body(number)
                connection.sendall(b"%scontent-length: %d\r\n\r\n%s" % (head, len(content), content))
                answer = _whole_answer(connection)
                if not answer.startswith(b"HTTP/1.1 200 "):
                    failures.append(answer.decode(errors="replace"))
                    return

    threads = [threading.Thread(target=post, args=(range(start, count, CONNECTIONS),)) for start in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[0]


def _whole_answer(connection: socket.socket) -> bytes:
    """One answer with a content-length."""
    answer = connection.recv(65_536)
    while b"\r\n\r\n" not in answer and answer:
        answer += connection.recv(65_536)
    head, _, rest = answer.partition(b"\r\n\r\n")
    name = b"content-length: "
    start = head.lower().find(name)
    assert start >= 0, f"no length in {head!r}"
    length = int(head[start + len(name) :].partition(b"\r")[0])
    while len(rest) < length:
        piece = connection.recv(65_536)
        assert piece, "the answer broke off"
        rest += piece
    return answer
