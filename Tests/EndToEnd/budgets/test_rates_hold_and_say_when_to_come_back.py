"""Requests and tokens per minute, and concurrent requests: our own limits in OpenAI's header fields."""

import json
import re
import time

import pytest

from harness.house import claiming, costing, directives, request
from harness.polling import until
from harness.raw import Leaver, ask

RATE_FIELDS = {
    f"x-ratelimit-{what}-{kind}" for what in ("limit", "remaining", "reset") for kind in ("requests", "tokens")
}
DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")


def seconds(text: str) -> float:
    """A duration as OpenAI spells it: 1s, 6m0s, 20ms."""
    hours, minutes, whole, thousandths = (float(part or 0) for part in DURATION.fullmatch(text).groups())
    return hours * 3600 + minutes * 60 + whole + thousandths / 1000


def limited(**limits) -> dict:
    return {"search": {"limits": limits}, "sales": {}}


class TestRequestsPerMinute:
    def test_are_counted_and_refused_as_openai_would(self, open_house, simulator):
        gateway = open_house(limited(requests_per_minute=5))
        for _ in range(5):
            assert ask(gateway.port, request(1)).status == 200
        refused = ask(gateway.port, request(1))
        assert (refused.status, refused.error["type"], refused.error["code"]) == (
            429,
            "requests",
            "rate_limit_exceeded",
        )
        assert simulator.received() == 5
        assert refused.headers["x-ratelimit-limit-requests"] == "5"
        assert refused.headers["x-ratelimit-remaining-requests"] == "0"
        wait = int(refused.headers["retry-after"])
        assert 1 <= wait <= 60
        assert 0 < seconds(refused.headers["x-ratelimit-reset-requests"]) <= 60
        assert "search" in refused.error["message"] and "5" in refused.error["message"]
        assert refused.headers.get("x-should-retry") != "false"
        assert ask(gateway.port, request(1), claiming("sales")).status == 200
        counted = gateway.metrics().by("ai_rate_limit_rejections_total", "team", "reason")
        assert counted == {("search", "requests"): 1}

    def test_come_back_as_told(self, open_house):
        """240 a minute are one in a quarter of a second."""
        gateway = open_house(limited(requests_per_minute=240))
        refused = until(lambda: answer if (answer := ask(gateway.port, request(1))).status == 429 else None, within=60)
        assert refused.headers["retry-after"] == "1"
        time.sleep(1)
        assert ask(gateway.port, request(1)).status == 200

    def test_are_not_used_up_by_refusals(self, open_house):
        gateway = open_house(limited(requests_per_minute=2))
        waits = []
        for _ in range(50):
            answer = ask(gateway.port, request(1))
            waits += [int(answer.headers["retry-after"])] if answer.status == 429 else []
        assert len(waits) == 48 and max(waits) <= 31

    def test_say_nothing_on_answers_that_pass(self, open_house):
        """The provider's own fields pass unchanged."""
        gateway = open_house(limited(requests_per_minute=100, tokens_per_minute=100_000))
        assert not RATE_FIELDS & set(ask(gateway.port, request(1)).headers)


class TestTokensPerMinute:
    def test_are_counted_by_what_was_used(self, open_house, simulator):
        """The provider says 900 where 40 were asked for: the debt is carried, not forgiven."""
        gateway = open_house(limited(tokens_per_minute=1000))
        assert ask(gateway.port, request(1), costing(900)).status == 200
        assert ask(gateway.port, request(1), costing(900)).status == 200
        refused = ask(gateway.port, request(1))
        assert (refused.status, refused.error["type"], refused.error["code"]) == (429, "tokens", "rate_limit_exceeded")
        assert refused.headers["x-ratelimit-limit-tokens"] == "1000"
        assert refused.headers["x-ratelimit-remaining-tokens"] == "0"
        # Some 800 tokens too many are the better part of a minute.
        assert 30 <= int(refused.headers["retry-after"]) <= 90
        assert simulator.received() == 2

    def test_that_were_held_and_not_used_are_given_back(self, open_house):
        gateway = open_house(limited(tokens_per_minute=1000))
        for _ in range(20):
            assert ask(gateway.port, request(500), costing(1)).status == 200

    def test_of_a_stream_count_once(self, open_house):
        gateway = open_house(limited(tokens_per_minute=1000))
        for _ in range(4):
            assert ask(gateway.port, request(200, stream=True), costing(190)).status == 200
        assert ask(gateway.port, request(500)).status == 429


class TestConcurrentRequests:
    SLOW = directives(event_ms=20, events=1000)

    def test_wait_for_a_place(self, open_house, simulator):
        gateway = open_house(limited(concurrent_requests=2))
        running = [Leaver(gateway.port, request(1000, stream=True), self.SLOW) for _ in range(2)]
        for client in running:
            client.read_events(2)
        refused = ask(gateway.port, request(1))
        assert (refused.status, refused.error["type"], refused.error["code"]) == (
            429,
            "requests",
            "rate_limit_exceeded",
        )
        assert refused.headers["retry-after"] == "1"
        assert ask(gateway.port, request(1), claiming("sales")).status == 200
        counted = gateway.metrics().by("ai_rate_limit_rejections_total", "team", "reason")
        assert counted == {("search", "concurrent_requests"): 1}
        running[0].leave()
        until(lambda: ask(gateway.port, request(1)).status == 200, what="a free place")
        running[1].leave()

    @pytest.mark.parametrize("steering", ["status=500", "cut-at=100", "cut-head", "reset", "delay-ms=20000"])
    def test_give_their_place_back_however_they_end(self, open_house, steering):
        hasty = "timeouts: { first_byte: 300ms }"
        gateway = open_house(limited(concurrent_requests=1), provider_options=hasty)
        for _ in range(3):
            client = Leaver(gateway.port, request(1), {"x-simulate": steering, "connection": "close"})
            client.read_to_end()
            assert b"rate_limit_exceeded" not in client.received
        until(lambda: gateway.metrics()("ai_requests_in_flight") == 0, what="rest")
        assert ask(gateway.port, request(1)).status == 200

    def test_do_not_count_what_is_free(self, open_house):
        gateway = open_house(limited(concurrent_requests=1))
        client = Leaver(gateway.port, request(1000, stream=True), self.SLOW)
        client.read_events(2)
        assert ask(gateway.port, None, path="/v1/models", method="GET").status == 200
        client.leave()


class TestModels:
    LISTS = {"search": {"models": {"allow": ["gpt-4.1*", "text-embedding-3-*"], "deny": ["gpt-4.1-mini"]}}}

    @pytest.mark.parametrize(
        ("model", "passes"),
        [
            ("gpt-4.1", True),
            ("gpt-4.1-2025-04-14", True),
            ("gpt-4.1-nano", True),
            ("gpt-4.1-mini", False),
            # Another name of the denied one.
            ("gpt-4.1-mini-2025-04-14", False),
            ("gpt-4o", False),
            ("GPT-4.1", False),
            ("xgpt-4.1", False),
            ("", False),
        ],
    )
    def test_that_a_team_may_use(self, open_house, simulator, model, passes):
        gateway = open_house(self.LISTS)
        answer = ask(gateway.port, request(1, model=model))
        if passes:
            assert answer.status == 200
        else:
            assert (answer.status, answer.error["code"]) == (403, "model_not_allowed")
            assert answer.headers["x-should-retry"] == "false"
            assert simulator.received() == 0

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/v1/responses", {"model": "gpt-4o", "input": "a"}),
            ("/v1/embeddings", {"model": "text-embedding-ada-002", "input": "a"}),
            ("/v1/completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "a"}),
            ("/v1/images/generations", {"model": "gpt-image-1", "prompt": "a"}),
            ("/v1/chat/completions", {"messages": []}),
        ],
    )
    def test_are_the_same_on_every_road(self, open_house, simulator, path, body):
        gateway = open_house(self.LISTS)
        refused = ask(gateway.port, json.dumps(body).encode(), path=path)
        assert (refused.status, refused.error["code"]) == (403, "model_not_allowed")
        assert simulator.received() == 0
