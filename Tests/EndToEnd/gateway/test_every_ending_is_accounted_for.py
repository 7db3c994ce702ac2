"""Clients that leave, providers that fail: each ending has its status and price, and leaves nothing behind."""

import http.client

import openai
import pytest
from openai import OpenAI

from harness.gateway import KEY, proxy_yaml
from harness.polling import until
from harness.raw import Leaver, ask, chat
from harness.reckoning import assert_counters_equal, cost
from harness.simulator import directives

# 20 s of stream or of thinking: no test waits for the end.
LONG_STREAM = directives(event_ms=20, events=1000)
LONG_THOUGHT = directives(delay_ms=20_000)
HASTY = "timeouts: { first_byte: 300ms, between_bytes: 300ms }"


class TestAClientThatLeavesAStream:
    def test_stops_the_provider_and_is_charged_an_estimate(self, gateway, simulator):
        with gateway.counting(requests=1) as counted:
            client = Leaver(gateway.port, chat(stream=True), LONG_STREAM)
            client.read_events(10)
            assert gateway.metrics()("ai_requests_in_flight", provider="openai") == 1
            client.leave()
        (witnessed,) = simulator.witness(ended=1)
        assert witnessed["outcome"] == "peer_left"
        assert counted.by("ai_requests_total", "status") == {("499",): 1}
        assert counted.by("ai_client_aborts_total", "endpoint", "team") == {("/v1/chat/completions", "unassigned"): 1}
        assert counted("ai_request_duration_seconds_count", outcome="aborted") == 1
        assert counted("ai_errors_total") == 0
        assert 0 < counted("ai_cost_estimated_usd_total") < cost("gpt-4.1", witnessed["usage"])
        assert counted("ai_cost_usd_total") == counted("ai_cost_estimated_usd_total")
        assert counted("ai_tokens_total", type="completion") > 0

    def test_one_event_before_the_usage_is_charged_by_that_usage(self, gateway, simulator):
        """Who left at `finish_reason` paid for the text alone, and nothing for what the model had thought."""
        with gateway.counting(requests=1) as counted:
            client = Leaver(gateway.port, chat(model="gpt-5", stream=True), directives(event_ms=700, events=3))
            client.read_until(b'"finish_reason":"stop"')
            client.leave()
        (witnessed,) = simulator.witness(ended=1)
        assert witnessed["outcome"] == "completed"
        assert counted.by("ai_requests_total", "status") == {("499",): 1}
        assert counted("ai_cost_estimated_usd_total") == 0
        assert_counters_equal(counted, [witnessed])

    def test_of_a_model_that_thinks_unseen_is_charged_no_less_than_was_set_aside(self, start_gateway, simulator):
        teams = {"search": {"budgets": [{"limit_usd": 10, "every": "day"}]}}
        gateway = start_gateway(proxy_yaml(simulator.url, teams=teams, default_team="search"))
        with gateway.counting(requests=1) as counted:
            client = Leaver(gateway.port, chat(model="gpt-5", stream=True, max_completion_tokens=1000), LONG_STREAM)
            client.read_events(3)
            held = gateway.metrics()("ai_budget_reserved_usd", team="search", window="day")
            client.leave()
        assert held > 0
        assert counted("ai_budget_spent_usd", team="search", window="day") == pytest.approx(held)

    def test_is_charged_exactly_where_streams_are_drained(self, start_gateway, simulator):
        draining = proxy_yaml(simulator.url, provider_options="on_client_gone: { streamed: drain }")
        gateway = start_gateway(draining)
        with gateway.counting(requests=1) as counted:
            client = Leaver(gateway.port, chat(stream=True), directives(event_ms=10, events=30))
            client.read_events(3)
            client.leave()
        (witnessed,) = simulator.witness(ended=1)
        assert witnessed["outcome"] == "completed"
        assert counted.by("ai_requests_total", "status") == {("499",): 1}
        assert_counters_equal(counted, [witnessed])

    def test_an_sdk_that_stops_reading_counts_as_one(self, gateway, simulator):
        with gateway.counting(requests=1) as counted, OpenAI(base_url=gateway.url, api_key=KEY) as client:
            stream = client.chat.completions.create(
                model="gpt-4.1",
                messages=[{"role": "user", "content": "Go on."}],
                stream=True,
                extra_headers=LONG_STREAM,
            )
            assert next(iter(stream)).choices
            stream.close()
        assert counted("ai_client_aborts_total") == 1
        assert counted("ai_cost_estimated_usd_total") > 0

    def test_after_the_semantic_end_is_no_abort(self, gateway, simulator):
        """SDKs close as soon as they have read [DONE]."""
        with gateway.counting(requests=1) as counted:
            client = Leaver(gateway.port, chat(stream=True), directives(event_ms=5))
            client.read_until(b"data: [DONE]")
            client.leave()
        assert counted.by("ai_requests_total", "status") == {("200",): 1}
        assert counted("ai_client_aborts_total") == 0
        assert_counters_equal(counted, simulator.witness(ended=1))

    def test_leaves_nothing_behind_however_many_they_are(self, start_gateway, simulator):
        gateway = start_gateway(proxy_yaml(simulator.url))

        def crowd(size: int) -> None:
            slow = directives(event_ms=200, events=100)
            clients = [Leaver(gateway.port, chat(stream=True), slow) for _ in range(size)]
            for client in clients:
                client.read_events(2)
            for client in clients:
                client.leave()

        with gateway.counting(requests=50):
            crowd(50)
        before = gateway.metrics()
        with gateway.counting(requests=100) as counted:
            for _ in range(2):
                crowd(50)
        assert counted("ai_client_aborts_total") == 100
        for kind in ("process_open_fds", "process_threads"):
            until(lambda kind=kind: gateway.metrics()(kind) <= before(kind) + 2, what=f"{kind} as before")


class TestAClientThatLeavesAPlainAnswer:
    def test_while_the_model_thinks_pays_what_the_answer_costs(self, gateway, simulator):
        with gateway.counting(requests=1) as counted:
            # A departure shows half a second later: until then it may be a client that only sends no more.
            client = Leaver(gateway.port, chat(), directives(delay_ms=1500))
            until(lambda: simulator.received() == 1, what="the provider's receipt")
            client.leave()
        (witnessed,) = simulator.witness(ended=1)
        assert witnessed["outcome"] == "completed"
        assert counted.by("ai_requests_total", "status") == {("499",): 1}
        assert counted("ai_client_aborts_total") == 1
        assert_counters_equal(counted, [witnessed])

    def test_stops_the_provider_where_that_is_wanted(self, start_gateway, simulator):
        cancelling = proxy_yaml(simulator.url, provider_options="on_client_gone: { plain: cancel }")
        gateway = start_gateway(cancelling)
        with gateway.counting(requests=1) as counted:
            client = Leaver(gateway.port, chat(), LONG_THOUGHT)
            until(lambda: simulator.received() == 1, what="the provider's receipt")
            client.leave()
        (witnessed,) = simulator.witness(ended=1)
        assert witnessed["outcome"] == "peer_left"
        assert counted.by("ai_requests_total", "status") == {("499",): 1}
        assert counted("ai_cost_usd_total") == counted("ai_cost_estimated_usd_total") > 0


class TestAProviderThatFails:
    @pytest.mark.parametrize("how", ["cut-at=900", "cut-at=900, reset"])
    def test_within_a_stream_shows_a_broken_stream(self, gateway, simulator, how):
        with gateway.counting(requests=1) as counted:
            client = Leaver(gateway.port, chat(stream=True), {"x-simulate": how})
            received = client.read_to_end()
        assert b"data: {" in received
        assert not received.endswith(b"\r\n0\r\n\r\n"), "a clean end would be a lie"
        assert b"[DONE]" not in received
        assert counted.by("ai_errors_total", "type") == {("upstream_truncated",): 1}
        assert counted("ai_cost_usd_total") == counted("ai_cost_estimated_usd_total") > 0
        assert counted("ai_request_duration_seconds_count", outcome="failed") == 1

    def test_within_a_stream_is_an_exception_of_the_sdk(self, gateway, simulator):
        with gateway.counting(requests=1), OpenAI(base_url=gateway.url, api_key=KEY, max_retries=0) as client:
            stream = client.chat.completions.create(
                model="gpt-4.1",
                messages=[{"role": "user", "content": "Go on."}],
                stream=True,
                extra_headers=directives(cut_at=900),
            )
            with pytest.raises(Exception, match="(?i)incomplete|closed|disconnected|connection"):
                list(stream)

    def test_within_a_plain_answer_shows_a_short_one(self, gateway, simulator):
        with gateway.counting(requests=1) as counted, pytest.raises(http.client.IncompleteRead):
            ask(gateway.port, chat(), directives(cut_at=100))
        assert counted.by("ai_errors_total", "type") == {("upstream_truncated",): 1}

    def test_with_an_error_event_passes_it_on(self, gateway, simulator):
        with gateway.counting(requests=1) as counted:
            answer = ask(gateway.port, chat(stream=True), directives(error_midstream=3))
        assert b'"error"' in answer.body
        assert counted.by("ai_requests_total", "status") == {("200",): 1}
        assert counted.by("ai_errors_total", "type") == {("upstream_stream_error",): 1}
        assert counted("ai_cost_estimated_usd_total") > 0

    @pytest.mark.parametrize(
        ("status", "kind"),
        [(400, "rejected_request"), (401, "auth"), (429, "rate_limited"), (500, "server_error"), (503, "server_error")],
    )
    def test_with_an_error_status_costs_nothing(self, gateway, simulator, status, kind):
        with gateway.counting(requests=1) as counted:
            assert ask(gateway.port, chat(), directives(status=status)).status == status
        assert counted.by("ai_requests_total", "status") == {(str(status),): 1}
        assert counted.by("ai_errors_total", "type") == {(f"upstream_{kind}",): 1}
        assert counted("ai_cost_usd_total") == 0

    def test_to_keep_http_is_a_bad_gateway(self, gateway, simulator):
        with gateway.counting(requests=1) as counted:
            answer = ask(gateway.port, chat(), {"x-simulate": "cut-head"})
        assert answer.status == 502
        assert answer.error["type"] == "server_error"
        assert answer.error["code"] in ("upstream_malformed", "upstream_unreachable")
        assert counted("ai_unmetered_requests_total") == 1

    def test_to_listen_is_a_bad_gateway(self, start_gateway):
        gateway = start_gateway(proxy_yaml("http://127.0.0.1:1/v1"))
        with gateway.counting(requests=1) as counted:
            answer = ask(gateway.port, chat())
        assert (answer.status, answer.error["code"]) == (502, "upstream_unreachable")
        assert counted.by("ai_errors_total", "type") == {("upstream_unreachable",): 1}
        assert counted("ai_cost_usd_total") == counted("ai_unmetered_requests_total") == 0


class TestAProviderThatFallsSilent:
    @pytest.fixture
    def hasty(self, start_gateway, simulator):
        return start_gateway(proxy_yaml(simulator.url, provider_options=HASTY))

    @pytest.mark.parametrize("streamed", [False, True])
    def test_before_its_answer_is_a_gateway_timeout(self, hasty, simulator, streamed):
        with hasty.counting(requests=1) as counted:
            answer = ask(hasty.port, chat(stream=streamed), LONG_THOUGHT)
        assert (answer.status, answer.error["code"]) == (504, "upstream_timeout")
        assert counted.by("ai_errors_total", "type") == {("upstream_timeout",): 1}
        assert counted.by("ai_unmetered_requests_total", "reason") == {("timeout",): 1}

    def test_within_a_stream_breaks_it(self, hasty, simulator):
        with hasty.counting(requests=1) as counted, pytest.raises(http.client.IncompleteRead):
            ask(hasty.port, chat(stream=True), directives(stall_after=900))
        assert counted.by("ai_errors_total", "type") == {("upstream_timeout",): 1}
        assert counted("ai_cost_estimated_usd_total") > 0

    def test_is_waited_for_while_it_says_something(self, hasty, simulator):
        """A second of stream in pieces: the limit is on silence."""
        with hasty.counting(requests=1) as counted:
            ask(hasty.port, chat(stream=True), directives(event_ms=50, events=20))
        assert_counters_equal(counted, simulator.witness(ended=1))


class TestRetries:
    def test_of_the_sdk_are_counted(self, gateway, simulator):
        failing = directives(status=500, retry_after_ms=1)
        with gateway.counting(requests=3) as counted, OpenAI(base_url=gateway.url, api_key=KEY) as client:
            with pytest.raises(openai.InternalServerError):
                client.embeddings.create(model="text-embedding-3-small", input="again", extra_headers=failing)
        assert [entry["retry_count"] for entry in simulator.witness(ended=3)] == [0, 1, 2]
        assert counted.by("ai_client_retries_total", "endpoint", "team") == {("/v1/embeddings", "unassigned"): 2}

    def test_are_never_the_gateways_own(self, gateway, simulator):
        with gateway.counting(requests=1):
            ask(gateway.port, chat(), directives("reset"))
        assert simulator.received() == 1
