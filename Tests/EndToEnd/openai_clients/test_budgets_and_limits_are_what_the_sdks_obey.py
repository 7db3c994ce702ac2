"""An exhausted budget stops the SDKs at once; what passes by waiting, they wait for."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from harness.house import budget, costing, request
from harness.keys import new_key
from harness.polling import until
from harness.raw import Leaver, ask
from harness.simulator import directives
from harness.standing import at_rest, standing
from openai_clients.calls import MESSAGES, client_arguments

CALL = {"model": "cent", "messages": MESSAGES}
PATIENT = {"max_retries": 4}


def client(gateway, **more) -> OpenAI:
    return OpenAI(**client_arguments(gateway.url) | PATIENT | more)


def spend(gateway, cents: int) -> None:
    assert ask(gateway.port, request(cents), costing(cents)).status == 200


class TestAnExhaustedBudget:
    @pytest.fixture
    def broke(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(1)]}})
        spend(gateway, 100)
        at_rest(gateway, "search")
        return gateway

    @pytest.mark.parametrize("streamed", [False, True])
    def test_is_asked_about_once(self, broke, simulator, streamed):
        simulator.forget()
        with broke.counting(requests=1) as counted, client(broke) as patient:
            with pytest.raises(openai.RateLimitError) as caught:
                patient.chat.completions.create(**CALL, max_tokens=5, stream=streamed)
        assert counted.by("ai_budget_rejections_total", "reason") == {("team_budget",): 1}
        refused = caught.value
        assert (refused.status_code, refused.code, refused.type) == (429, "insufficient_quota", "insufficient_quota")
        assert refused.response.headers["x-should-retry"] == "false"
        assert refused.response.headers["x-steelyard-reason"] == "team_budget"
        assert refused.request_id
        for part in ("search", "month", "1 ", "resets at"):
            assert part in refused.message
        assert simulator.received() == 0

    @pytest.mark.parametrize("method", ["responses", "embeddings", "completions"])
    def test_is_the_same_for_every_kind_of_call(self, broke, method):
        calls = {
            "responses": lambda patient: patient.responses.create(model="cent", input="a"),
            "embeddings": lambda patient: patient.embeddings.create(model="text-embedding-3-large", input="a" * 99),
            "completions": lambda patient: patient.completions.create(model="cent", prompt="a"),
        }
        with broke.counting(requests=1), client(broke) as patient, pytest.raises(openai.RateLimitError) as caught:
            calls[method](patient)
        assert caught.value.code == "insufficient_quota"

    async def asked(self, gateway) -> None:
        async with AsyncOpenAI(**client_arguments(gateway.url) | PATIENT) as patient:
            await patient.chat.completions.create(**CALL)

    def test_is_asked_about_once_by_the_asynchronous_client(self, broke):
        with broke.counting(requests=1), pytest.raises(openai.RateLimitError):
            asyncio.run(self.asked(broke))


class TestHoldsInTheWay:
    @pytest.mark.parametrize("streamed", [False, True])
    def test_are_waited_out(self, open_house, simulator, streamed):
        gateway = open_house({"search": {"budgets": [budget(1)]}})
        occupant = Leaver(gateway.port, request(60, stream=True), directives(event_ms=20, events=1000))
        occupant.read_events(2)
        with ThreadPoolExecutor(1) as threads, client(gateway) as patient:
            waiting = threads.submit(self.call, patient, streamed)
            refusals = "ai_budget_rejections_total"
            until(lambda: gateway.metrics()(refusals, reason="budget_held") >= 1, what="a refusal")
            occupant.leave()
            assert waiting.result(timeout=20)
        assert at_rest(gateway, "search").spent < 1
        assert gateway.metrics()(refusals, reason="team_budget") == 0

    def call(self, patient: OpenAI, streamed: bool) -> bool:
        answer = patient.chat.completions.create(**CALL, max_tokens=60, stream=streamed, extra_headers=costing(5))
        return bool(list(answer) if streamed else answer.choices)


class TestRates:
    def test_are_waited_out(self, open_house):
        """600 a minute: after the burst, one in a tenth of a second, and a patient SDK never sees a refusal."""
        gateway = open_house({"search": {"limits": {"requests_per_minute": 600}}})
        refusals = "ai_rate_limit_rejections_total"

        def work() -> None:
            with client(gateway) as patient:
                while gateway.metrics()(refusals) < 3:
                    assert patient.chat.completions.create(**CALL, max_tokens=1).choices

        with ThreadPoolExecutor(8) as threads:
            for done in [threads.submit(work) for _ in range(8)]:
                done.result(timeout=120)
        assert gateway.metrics()(refusals, reason="requests") >= 3

    def test_are_an_exception_with_openais_words_for_those_who_do_not_wait(self, open_house):
        gateway = open_house({"search": {"limits": {"requests_per_minute": 1}}})
        with client(gateway, max_retries=0) as hasty:
            hasty.chat.completions.create(**CALL, max_tokens=1)
            with pytest.raises(openai.RateLimitError) as caught:
                hasty.chat.completions.create(**CALL, max_tokens=1)
        assert (caught.value.code, caught.value.type) == ("rate_limit_exceeded", "requests")
        headers = caught.value.response.headers
        assert headers["x-ratelimit-limit-requests"] == "1"
        assert headers["x-ratelimit-remaining-requests"] == "0"
        assert headers["x-ratelimit-reset-requests"]

    def test_of_concurrency_are_waited_out(self, open_house, simulator):
        gateway = open_house({"search": {"limits": {"concurrent_requests": 1}}})
        most, now, lock = 0, 0, threading.Lock()

        def work() -> None:
            nonlocal most, now
            with client(gateway, max_retries=20) as patient:
                stream = patient.chat.completions.create(
                    **CALL, max_tokens=5, stream=True, extra_headers=directives(event_ms=20)
                )
                with lock:
                    now += 1
                    most = max(most, now)
                list(stream)
                with lock:
                    now -= 1

        with ThreadPoolExecutor(3) as threads:
            for done in [threads.submit(work) for _ in range(3)]:
                done.result(timeout=60)
        # A client may still read the end of a stream that gave its place back.
        assert most <= 2
        assert simulator.received() == 3


class TestRefusals:
    @pytest.mark.parametrize(
        ("team", "code"),
        [
            ({"models": {"allow": ["dime"]}}, "model_not_allowed"),
            ({"budgets": [budget(1)]}, "model_not_priced"),
        ],
    )
    def test_that_waiting_does_not_help_are_asked_about_once(self, open_house, team, code):
        gateway = open_house({"search": team})
        with gateway.counting(requests=1), client(gateway) as patient:
            with pytest.raises(openai.PermissionDeniedError) as caught:
                patient.chat.completions.create(model="nobodys-model", messages=MESSAGES)
        assert (caught.value.status_code, caught.value.code) == (403, code)

    def test_of_a_key_are_asked_about_once(self, open_house, simulator):
        gateway = open_house({"search": {}})
        with gateway.counting(requests=1), client(gateway, api_key=new_key().text) as patient:
            with pytest.raises(openai.AuthenticationError) as caught:
                patient.chat.completions.create(**CALL)
        assert caught.value.code == "invalid_api_key"
        assert simulator.received() == 0


class TestTheTeam:
    def test_can_be_named_by_the_base_url_alone(self, open_house, monkeypatch):
        gateway = open_house({"search": {}, "batch-jobs": {}})
        monkeypatch.setenv("OPENAI_BASE_URL", gateway.url.replace("/v1", "/team/batch-jobs/v1"))
        monkeypatch.setenv("OPENAI_API_KEY", "sk-anything")
        with gateway.counting(requests=2) as counted, OpenAI() as plain:
            plain.chat.completions.create(**CALL, max_tokens=1)
            list(plain.responses.create(model="cent", input="a", max_output_tokens=1, stream=True))
        assert counted.by("ai_requests_total", "team", "status") == {("batch-jobs", "200"): 2}

    def test_can_be_named_by_a_header_without_code(self, open_house, monkeypatch):
        gateway = open_house({"search": {}, "batch-jobs": {}})
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-steelyard-team: batch-jobs")
        with gateway.counting(requests=1) as counted, client(gateway) as named:
            named.chat.completions.create(**CALL, max_tokens=1)
        assert counted.by("ai_requests_total", "team") == {("batch-jobs",): 1}

    def test_can_be_proven_by_a_key(self, open_house, simulator):
        key = new_key()
        gateway = open_house(
            {"search": {"keys": [key.entry()]}},
            provider_options="api_key: env:PROVIDER_KEY",
            environment={"PROVIDER_KEY": "sk-provider"},
            default_team="reject",
        )
        with gateway.counting(requests=1) as counted, client(gateway, api_key=key.text) as proven:
            proven.chat.completions.create(**CALL, max_tokens=1)
        assert counted.by("ai_requests_total", "team") == {("search",): 1}


def test_a_budget_is_spent_and_no_more_by_many_patient_clients(open_house):
    """Twenty clients that retry, against a budget for 50 calls: it is spent whole, and each refusal is final."""
    gateway = open_house({"search": {"budgets": [budget(1)]}})

    def work() -> int:
        served = 0
        with client(gateway, max_retries=30) as patient:
            while True:
                try:
                    patient.chat.completions.create(**CALL, max_tokens=2, extra_headers=costing(2, delay_ms=20))
                    served += 1
                except openai.RateLimitError as refused:
                    assert refused.code == "insufficient_quota"
                    return served

    with ThreadPoolExecutor(20) as threads:
        served = sum(threads.map(lambda _: work(), range(20)))
    assert served == 50
    assert standing(gateway, "search").spent == 1
