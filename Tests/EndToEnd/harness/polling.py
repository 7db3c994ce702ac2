"""Waiting for something to become true, within a bound."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def until(look: Callable[[], Value], within: float = 10.0, what: str = "the condition") -> Value:
    """Calls again until the result is truthy, and returns it; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        if value := look():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come about within {within:g} s")
        time.sleep(0.005)
