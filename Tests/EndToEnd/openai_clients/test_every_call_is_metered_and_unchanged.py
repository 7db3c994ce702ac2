"""The walk: every call of the text API, through both kinds of client."""

import asyncio

import pytest
from openai import AsyncOpenAI, OpenAI

from harness.reckoning import assert_counters_equal, cost
from harness.simulator import directives
from openai_clients.calls import CALLS, Call, client_arguments


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_gives_what_the_provider_gives_and_is_counted(gateway, simulator, call: Call):
    with OpenAI(**client_arguments(simulator.url)) as client:
        direct = call.sync(client)
    simulator.forget()

    with gateway.counting(requests=1) as counted, OpenAI(**client_arguments(gateway.url)) as client:
        assert call.sync(client) == direct
    assert_counters_equal(counted, simulator.witness(ended=1))


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_the_asynchronous_client_sees_and_costs_the_same(gateway, simulator, call: Call):
    async def ask(url: str):
        async with AsyncOpenAI(**client_arguments(url)) as client:
            return await call.asynchronous(client)

    direct = asyncio.run(ask(simulator.url))
    simulator.forget()

    with gateway.counting(requests=1) as counted:
        assert asyncio.run(ask(gateway.url)) == direct
    assert_counters_equal(counted, simulator.witness(ended=1))


def test_many_calls_at_once_add_up(gateway, simulator):
    async def ask_all():
        async with AsyncOpenAI(**client_arguments(gateway.url)) as client:
            await asyncio.gather(*(call.asynchronous(client) for call in CALLS * 5))

    with gateway.counting(requests=len(CALLS) * 5) as counted:
        asyncio.run(ask_all())
    assert_counters_equal(counted, simulator.witness(ended=len(CALLS) * 5))


def test_a_moderation_is_free(gateway, simulator):
    with gateway.counting(requests=1) as counted, OpenAI(**client_arguments(gateway.url)) as client:
        answer = client.moderations.create(model="omni-moderation-latest", input="a harmless text")
    assert not answer.results[0].flagged
    assert counted("ai_requests_total", endpoint="/v1/moderations", status="200") == 1
    assert counted("ai_cost_usd_total") == 0
    assert counted("ai_unmetered_requests_total") == 0


def test_a_background_response_is_charged_once_however_often_it_is_polled(gateway, simulator):
    polls = directives(polls=2)
    with gateway.counting(requests=6) as counted, OpenAI(**client_arguments(gateway.url)) as client:
        response = client.responses.create(
            model="gpt-4.1", input="Think in the background.", background=True, extra_headers=polls
        )
        statuses = [response.status] + [client.responses.retrieve(response.id).status for _ in range(5)]
    assert statuses == ["queued", "in_progress", "in_progress", "completed", "completed", "completed"]

    usage = simulator.witness(ended=6)[-1]["usage"]
    assert counted("ai_cost_usd_total", endpoint="/v1/responses") == cost("gpt-4.1", usage)
    assert counted("ai_cost_usd_total") == cost("gpt-4.1", usage)
    assert counted("ai_tokens_total", type="total") == usage["total_tokens"]
    assert counted("ai_cost_estimated_usd_total") == 0


def test_reading_a_finished_response_again_costs_nothing(gateway, simulator):
    with OpenAI(**client_arguments(gateway.url)) as client:
        with gateway.counting(requests=1):
            response = client.responses.create(model="gpt-4.1", input="Remember this.")
        with gateway.counting(requests=1) as counted:
            assert client.responses.retrieve(response.id).usage == response.usage
    assert counted("ai_cost_usd_total") == 0


def test_a_list_of_models_is_free(gateway, simulator):
    with gateway.counting(requests=1) as counted, OpenAI(**client_arguments(gateway.url)) as client:
        assert "gpt-4.1" in [model.id for model in client.models.list()]
    assert counted("ai_requests_total", endpoint="/v1/models", status="200") == 1
    assert counted("ai_cost_usd_total") == 0
