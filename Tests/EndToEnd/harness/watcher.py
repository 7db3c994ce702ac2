"""Samples a team's budget as often as possible, in its own process: in the crowd's process it would get no time."""

import http.client
import json
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from harness.gateway import Gateway


class Glance(NamedTuple):
    """A team's only window at one moment: all of it is read under one lock."""

    limit: Decimal
    spent: Decimal
    held: Decimal


@contextmanager
def watched(gateway: Gateway, team: str) -> Iterator[list[Glance]]:
    """What was seen while the block ran; readable after its end."""
    watcher = subprocess.Popen(
        [sys.executable, "-B", "-m", "harness.watcher", *gateway.admin, team],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    seen: list[Glance] = []
    try:
        assert watcher.stdout.readline() == "watching\n"
        yield seen
    finally:
        told, _ = watcher.communicate(timeout=30)
    seen += [Glance(*map(Decimal, line.split())) for line in told.splitlines()]


def _watch(host: str, port: str, team: str) -> None:
    """Prints one line per sample until standard input ends."""
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    print("watching", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        connection.request("GET", "/admin/v1/teams")
        teams = json.loads(connection.getresponse().read())["teams"]
        (window,) = next(one for one in teams if one["team"] == team)["windows"]
        print(window["limit_usd"], window["spent_usd"], window["held_usd"])


if __name__ == "__main__":
    _watch(*sys.argv[1:])
