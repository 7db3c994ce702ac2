"""The incident: an agent makes its own OpenAI calls, streams without asking for usage, and nobody sees what it costs.

Nothing here tells LangChain of a gateway: the environment has a base URL and a key, and that is all.
"""

import asyncio
import time
from collections.abc import Iterator

import openai
import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_openai import ChatOpenAI

from harness.gateway import KEY, PROMPT, Gateway
from harness.house import budget
from harness.reckoning import assert_counters_equal
from harness.simulator import Simulator
from harness.wiretap import Wiretap

TOOL_SECONDS = 0.05
# LangChain keeps connections of its asynchronous clients for later calls: all runs share one loop, as in a server.
LOOP = asyncio.new_event_loop()


def weather(city: str) -> str:
    """The weather in a city."""
    time.sleep(TOOL_SECONDS)
    return f"sunny in {city}"


QUESTION = {"messages": [{"role": "user", "content": PROMPT}]}


def agent():
    """Made as its documentation says, without a word about usage or URLs."""
    return create_agent(ChatOpenAI(model="gpt-4.1"), tools=[weather])


def invoked() -> list[BaseMessage]:
    return agent().invoke(QUESTION)["messages"]


def streamed() -> list[BaseMessage]:
    return [message for message, _ in agent().stream(QUESTION, stream_mode="messages")]


def invoked_asynchronously() -> list[BaseMessage]:
    return LOOP.run_until_complete(agent().ainvoke(QUESTION))["messages"]


def streamed_asynchronously() -> list[BaseMessage]:
    async def collect() -> list[BaseMessage]:
        return [message async for message, _ in agent().astream(QUESTION, stream_mode="messages")]

    return LOOP.run_until_complete(collect())


RUNS = [invoked, streamed, invoked_asynchronously, streamed_asynchronously]
STREAMED_RUNS = [streamed, streamed_asynchronously]


@pytest.fixture
def only_base_url(monkeypatch: pytest.MonkeyPatch):
    """Sets the one environment variable an application needs, and a key."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return lambda url: monkeypatch.setenv("OPENAI_BASE_URL", url)


@pytest.fixture
def wiretap(gateway: Gateway) -> Iterator[Wiretap]:
    tap = Wiretap(gateway.port)
    yield tap
    tap.close()


@pytest.mark.parametrize("run", STREAMED_RUNS)
def test_the_trap_with_a_base_url_langchain_stops_asking_streams_for_usage(simulator: Simulator, only_base_url, run):
    only_base_url(simulator.url)
    run()
    asked = [entry.request for entry in simulator.witness(ended=2)]
    assert all(request["stream"] for request in asked)
    assert not any("stream_options" in request for request in asked)
    assert not any(entry["usage_was_sent"] for entry in simulator.witness())


@pytest.mark.parametrize("run", RUNS)
def test_every_token_and_picodollar_of_an_agent_is_counted(gateway, simulator, only_base_url, run):
    only_base_url(gateway.url)
    with gateway.counting(requests=2) as counted:
        run()
    assert_counters_equal(counted, simulator.witness(ended=2))
    assert counted("ai_cost_usd_total", endpoint="/v1/chat/completions", model="gpt-4.1") > 0


@pytest.mark.parametrize("run", RUNS)
def test_its_tools_are_counted_and_timed_without_its_help(gateway, only_base_url, run):
    only_base_url(gateway.url)
    with gateway.counting(requests=2) as counted:
        run()
    assert counted.by("ai_tool_calls_total", "tool", "model", "team") == {("weather", "gpt-4.1", "unassigned"): 1}
    assert counted("ai_tool_duration_seconds_count", tool="weather") == 1
    assert TOOL_SECONDS <= counted("ai_tool_duration_seconds_sum", tool="weather") < 10
    assert counted.by("ai_finish_reasons_total", "reason") == {("tool_calls",): 1, ("stop",): 1}


@pytest.mark.parametrize("run", STREAMED_RUNS)
def test_its_streams_carry_no_usage_it_did_not_ask_for(gateway, simulator, wiretap, only_base_url, run):
    only_base_url(wiretap.url)
    with gateway.counting(requests=2) as counted:
        run()
    assert wiretap.received.count(b"data: [DONE]") == 2
    assert b'"usage"' not in wiretap.received
    assert all(entry["usage_was_sent"] for entry in simulator.witness(ended=2))
    assert_counters_equal(counted, simulator.witness())


@pytest.mark.parametrize("run", RUNS)
def test_it_sees_what_it_would_have_seen(gateway, simulator, only_base_url, run):
    only_base_url(simulator.url)
    direct = [visible(message) for message in run()]
    only_base_url(gateway.url)
    assert [visible(message) for message in run()] == direct


def visible(message: BaseMessage) -> dict:
    """A message without the ids that differ from run to run."""
    seen = message.model_dump(exclude={"id", "tool_call_id"})
    seen.get("response_metadata", {}).pop("id", None)
    if isinstance(message, AIMessage):
        calls = message.tool_call_chunks if isinstance(message, AIMessageChunk) else message.tool_calls
        seen["tool_calls"] = [call | {"id": None} for call in calls]
        seen.pop("tool_call_chunks", None)
    return seen


@pytest.mark.parametrize("run", RUNS)
def test_an_agent_whose_team_has_spent_its_budget_stops_at_once(open_house, simulator, only_base_url, run):
    """The base URL alone names the team; LangChain's own retries and the SDK's are not a second attempt."""
    spent_long_ago = {"budgets": [budget(0.0001)]}
    gateway = open_house({"search": {}, "agents": spent_long_ago})
    only_base_url(gateway.url.replace("/v1", "/team/agents/v1"))
    with gateway.counting(requests=1) as counted, pytest.raises(openai.RateLimitError) as caught:
        run()
    assert caught.value.code == "insufficient_quota" and "agents" in caught.value.message
    assert counted.by("ai_budget_rejections_total", "team", "reason") == {("agents", "team_budget"): 1}
    assert simulator.received() == 0
