"""A thousand requests at once against a budget for a hundred, five times: every sample is within the limit."""

import random

import pytest

from harness.crowd import Reply, Visit, crowd
from harness.gateway import Gateway
from harness.house import CENT, budget, costing, dollars, request
from harness.raw import ask
from harness.standing import at_rest
from harness.watcher import Glance, watched

ROUNDS = 5
CLIENTS = 1000
LIMIT = 100
SLOW = {"delay_ms": 150}


def visits(seed: int) -> list[Visit]:
    """Half are streams, a tenth leaves in the middle; a hold is up to three times the actual cost."""
    dice = random.Random(seed)
    made = []
    for number in range(CLIENTS):
        streamed, leaves = number % 2 == 0, number % 20 < 2
        # One that leaves is charged an estimate, which its cap bounds.
        cap = 1 if leaves else dice.choice((1, 2, 3))
        steering = costing(1, **SLOW, bytes=4 * cap, event_ms=30 if streamed else 0)
        # The text of a stream starts with these letters; a client that waits for them waits for a while.
        leave_at = (b"Weig" if streamed else b"") if leaves else None
        made.append(Visit(request(cap, stream=streamed), steering, leave_at=leave_at))
    dice.shuffle(made)
    return made


def race(gateway: Gateway, seed: int) -> tuple[list[Reply], list[Glance]]:
    """The crowd, then one request after another until nothing fits any more."""
    with watched(gateway, "search") as seen:
        replies = crowd(gateway.port, visits(seed))
        at_rest(gateway, "search")
        for _ in range(2 * LIMIT):
            answer = ask(gateway.port, request(1), costing(1))
            if answer.status != 200:
                break
    assert answer.error["code"] == "insufficient_quota"
    return replies, seen


@pytest.mark.parametrize("reserve", ["learned", "worst_case"])
@pytest.mark.parametrize("number", range(ROUNDS))
def test_for_a_hundred_cents(open_house, simulator, reserve, number):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    gateway = open_house({"search": {"budgets": [budget(LIMIT / 100)], "reserve": reserve}})
    replies, seen = race(gateway, seed)

    for now in seen:
        assert now.spent + now.held <= now.limit == dollars(LIMIT), now
    # Samples were taken during the race: they saw money move from held to spent.
    assert len({now.held for now in seen}) > 3 and len({now.spent for now in seen}) > 3
    final = at_rest(gateway, "search")
    assert (final.reserved, final.exposure, final.overshoot) == (0, 0, 0)
    assert final.limit - final.spent < CENT, "the sequential pass goes on until not even a cent fits"
    assert 95 <= simulator.received() <= LIMIT
    # Exactly the requests that reached the provider were charged.
    assert len(simulator.witness(ended=simulator.received())) * CENT == final.spent
    told = {reply.error["code"] for reply in replies if reply.status == 429}
    assert told <= {"insufficient_quota", "rate_limit_exceeded"}
    assert {reply.status for reply in replies} <= {200, 429, None}
    assert all(reply.whole for reply in replies if reply.visit.leave_at is None)
