"""Clients that send requests without a pause while something else happens."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from harness.raw import ask, chat


@contextmanager
def load(
    port: int, clients: int = 4, headers: dict[str, str] | None = None, body: bytes | None = None
) -> Iterator[list]:
    """Requests without pause, plain and streamed or all with the same body, for as long as the block runs; yields the
    list of their answers."""
    bodies = (body,) if body else (chat(), chat(stream=True))
    answers: list = []
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            for body in bodies:
                try:
                    answers.append(ask(port, body, headers))
                except Exception as problem:
                    answers.append(problem)

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join()
