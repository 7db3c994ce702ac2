"""However a request ends, its reservation is released and its cost is spent."""

import http.client
from decimal import Decimal

import pytest

from harness.entries import entries, ledger_of
from harness.house import FILES, budget, costing, dollars, house_yaml, request
from harness.polling import until
from harness.raw import Leaver, ask, chat
from harness.simulator import directives
from harness.standing import at_rest, standing

HASTY = "timeouts: { first_byte: 300ms, between_bytes: 300ms }"
ROOMY = {"search": {"budgets": [budget(500)]}}
CAP = 50
FREE, SOME, ALL_HELD = "nothing", "something", "all that was held"

# How the provider ends the answer, plain or streamed, and what is spent then.
ENDINGS = [
    ("an answer", "", False, None),
    ("a stream", "", True, None),
    ("an error of the client's", "status=400", False, FREE),
    ("a model that is not there", "status=404", False, FREE),
    ("a rate limit", "status=429", False, FREE),
    ("an error of the provider's", "status=500", False, FREE),
    ("an overloaded provider", "status=503", True, FREE),
    ("an error within a stream", "error-midstream=3", True, SOME),
    ("a stream that breaks off", "cut-at=900", True, SOME),
    ("a stream that is reset", "cut-at=900, reset", True, SOME),
    ("an answer that breaks off", "cut-at=100", False, SOME),
    ("a stream without usage", "no-usage", True, SOME),
    ("an answer without usage", "no-usage", False, SOME),
    ("a stream that falls silent", "stall-after=900", True, SOME),
    ("a redirect", "redirect=302", False, FREE),
    ("a head that breaks off", "cut-head", False, None),
    ("silence instead of an answer", "delay-ms=20000", False, None),
    ("a reset instead of an answer", "reset", False, None),
]


@pytest.fixture
def gateway(open_house):
    return open_house(ROOMY, provider_options=HASTY)


@pytest.mark.parametrize(("name", "steering", "streamed", "expected"), ENDINGS, ids=[ending[0] for ending in ENDINGS])
def test_by_the_provider(gateway, name, steering, streamed, expected):
    with gateway.counting(requests=3):
        for _ in range(3):
            try:
                ask(gateway.port, request(CAP, stream=streamed), {"x-simulate": steering})
            except http.client.IncompleteRead:
                pass
    spent = at_rest(gateway, "search").spent
    if expected == FREE:
        assert spent == 0
    elif expected == SOME:
        assert 0 < spent <= dollars(3 * CAP)
    else:
        assert 0 <= spent <= dollars(3 * CAP)
    assert recorded(gateway) == spent


def recorded(gateway) -> Decimal:
    """The total of the ledger in dollars, once it has everything; the cost in /metrics is the known part of it."""
    until(lambda: gateway.metrics()("ai_ledger_queue_length") == 0, what="the ledger to be up to date")
    made = entries(ledger_of(gateway))
    known = sum(entry["cost"] for entry in made if entry["confidence"] in ("exact", "estimated"))
    assert gateway.metrics()("ai_cost_usd_total") == Decimal(known) / 10**12
    return Decimal(sum(entry["cost"] for entry in made)) / 10**12


class TestByTheClient:
    def test_that_leaves_a_stream(self, gateway):
        with gateway.counting(requests=1):
            client = Leaver(gateway.port, request(CAP, stream=True), directives(event_ms=20, events=1000))
            client.read_events(5)
            client.leave()
        assert 0 < at_rest(gateway, "search").spent < dollars(CAP)

    def test_that_leaves_a_stream_is_charged_about_what_it_saw(self, open_house):
        """Another gateway billed 806 pieces as one token, and a complete answer as none."""
        gateway = open_house(ROOMY)
        with gateway.counting(requests=1):
            client = Leaver(gateway.port, request(2000, stream=True), directives(event_ms=1, events=2000))
            client.read_events(806)
            seen = client.received.count(b"data: {")
            client.leave()
        # The ratio is not learned yet, and the provider may have been ahead.
        assert dollars(seen) / 4 < at_rest(gateway, "search").spent < dollars(seen) * 4

    def test_that_leaves_while_the_model_thinks_pays_what_the_answer_costs(self, open_house, simulator):
        """A team with a blocking budget never gets a plain answer for less by leaving."""
        gateway = open_house(ROOMY, provider_options="on_client_gone: { plain: cancel }")
        with gateway.counting(requests=1):
            client = Leaver(gateway.port, request(CAP), costing(40, delay_ms=300))
            until(lambda: simulator.received() == 1, what="the provider's receipt")
            client.leave()
        assert at_rest(gateway, "search").spent == dollars(40)
        assert simulator.witness(ended=1)[0]["outcome"] == "completed"

    def test_that_leaves_after_the_semantic_end_pays_exactly(self, gateway):
        with gateway.counting(requests=1):
            client = Leaver(gateway.port, request(CAP, stream=True), costing(40, event_ms=5))
            client.read_until(b"data: [DONE]")
            client.leave()
        assert at_rest(gateway, "search").spent == dollars(40)

    def test_that_never_sends_its_body(self, gateway):
        client = Leaver(gateway.port, b"", {"content-length": "1000"})
        client.leave()
        until(lambda: gateway.metrics()("ai_requests_in_flight") == 0, what="its end")
        assert at_rest(gateway, "search").spent == 0

    def test_whose_request_is_no_request(self, gateway):
        for body in (b"{", b"[]", b'{"model":"cent","model":"dime"}', chat("")):
            ask(gateway.port, body)
        assert at_rest(gateway, "search").spent == 0

    def test_that_sends_more_than_it_may(self, open_house):
        gateway = open_house(ROOMY, server_options="limits: { body_bytes: 256KiB }")
        assert ask(gateway.port, request(CAP, user="a" * 300_000)).status == 413
        assert at_rest(gateway, "search").spent == 0


def test_a_provider_that_is_not_there_costs_nothing(start_gateway, simulator):
    gateway = start_gateway(house_yaml("http://127.0.0.1:1/v1", ROOMY), files=FILES)
    for _ in range(20):
        assert ask(gateway.port, request(CAP)).status == 502
    assert at_rest(gateway, "search").spent == 0


def test_an_answer_of_several_choices_is_settled_by_its_last(open_house):
    """A hold falls when all n choices have ended, not with the first."""
    gateway = open_house(ROOMY)
    client = Leaver(gateway.port, request(10, n=3, stream=True), directives(event_ms=20, events=30))
    client.read_until(b'"finish_reason":"')
    assert standing(gateway, "search").reserved + standing(gateway, "search").spent >= Decimal("0.1")
    client.read_until(b"data: [DONE]")
    client.leave()
    assert at_rest(gateway, "search").spent > 0


def test_an_answer_is_deducted_once_however_often_its_usage_is_told(open_house):
    gateway = open_house(ROOMY)
    client = Leaver(gateway.port, request(CAP, stream=True), directives("usage-every-chunk") | {"connection": "close"})
    client.read_to_end()
    # 24 tokens are the simulator's usual answer.
    assert at_rest(gateway, "search").spent == dollars(24)


def test_draining_gives_every_hold_back(open_house):
    """A drain that times out charges what it cut; afterwards nothing is held, and nothing is lost."""
    gateway = open_house(ROOMY, server_options="timeouts: { drain: 200ms }")
    client = Leaver(gateway.port, request(CAP, stream=True), directives(event_ms=20, events=1000))
    client.read_events(5)
    gateway.stop()
    gateway.start()
    now = standing(gateway, "search")
    assert now.reserved == 0 and 0 < now.spent <= dollars(CAP)
