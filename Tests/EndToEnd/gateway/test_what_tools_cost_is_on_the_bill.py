"""What costs something beside plain tokens: hosted tools, and work that is billed by something else."""

import json
from decimal import Decimal

import pytest

from harness.entries import entries, ledger_of
from harness.gateway import proxy_yaml
from harness.polling import until
from harness.process import steelyard
from harness.raw import ask

USAGE = {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}
PICTURE = {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "AAAA"}
IMAGE_TOKENS = {
    "input_tokens": 50,
    "input_tokens_details": {"text_tokens": 50, "image_tokens": 0},
    "output_tokens": 4160,
    "output_tokens_details": {"image_tokens": 4160, "text_tokens": 0},
    "total_tokens": 4210,
}


def request(**members) -> bytes:
    return json.dumps({"model": "gpt-5", "input": "a boat", **members}).encode()


@pytest.fixture
def painter(start_gateway, start_constant_provider):
    """Answers every request with a picture that a tool made."""
    answer = {
        "id": "resp_1", "object": "response", "status": "completed", "model": "gpt-5-2025-08-07",
        "output": [PICTURE], "usage": USAGE, "tool_usage": {"image_gen": IMAGE_TOKENS},
    }
    return start_gateway(proxy_yaml(start_constant_provider(**answer).url))


def test_a_picture_costs_what_its_own_model_does(painter):
    tool = {"type": "image_generation", "model": "gpt-image-1"}
    with painter.counting(requests=1) as counted:
        ask(painter.port, request(tools=[tool]), path="/v1/responses")
    assert counted("ai_cost_usd_total") == Decimal("0.1689")
    assert counted("ai_cost_estimated_usd_total") == counted("ai_unpriced_requests_total") == 0
    assert counted("ai_tokens_total", type="total") == 1100


def test_a_picture_of_an_unknown_model_is_unpriced(painter):
    with painter.counting(requests=1) as counted:
        ask(painter.port, request(tools=[{"type": "image_generation"}]), path="/v1/responses")
    assert counted("ai_cost_usd_total") == Decimal("0.00225")
    assert counted("ai_unpriced_requests_total") == 1


def test_a_picture_can_be_priced_again(painter):
    ask(painter.port, request(tools=[{"type": "image_generation", "model": "gpt-image-1"}]), path="/v1/responses")
    until(lambda: len(entries(ledger_of(painter))) == 1, what="one entry")
    arguments = ("--by", "model", "--format", "json", "--config", "proxy.yaml")
    told = json.loads(steelyard("usage", "--reprice", *arguments, folder=painter.folder).stdout)
    (row,) = told["rows"]
    assert Decimal(row["recorded_usd"]) == Decimal(row["repriced_usd"]) == Decimal("0.1689")
    assert row["kept"] == 0


def test_a_search_model_costs_a_search_at_least(start_gateway, start_constant_provider):
    choice = {"index": 0, "message": {"role": "assistant", "content": "Low at 7."}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    provider = start_constant_provider(id="c", model="gpt-5-search-api-2025-10-14", choices=[choice], usage=usage)
    gateway = start_gateway(proxy_yaml(provider.url))
    body = {"model": "gpt-5-search-api", "messages": [{"role": "user", "content": "tides"}], "web_search_options": {}}
    with gateway.counting(requests=1) as counted:
        ask(gateway.port, json.dumps(body).encode())
    assert counted("ai_cost_usd_total") == counted("ai_cost_estimated_usd_total") == Decimal("0.010225")
    until(lambda: len(entries(ledger_of(gateway))) == 1, what="one entry")
    (entry,) = entries(ledger_of(gateway))
    assert (entry["confidence"], entry["reason"]) == ("estimated", "tool_fee")


def test_speech_costs_its_characters(start_gateway, start_constant_provider):
    gateway = start_gateway(proxy_yaml(start_constant_provider(audio="A" * 64).url))
    body = {"model": "tts-1", "voice": "alloy", "input": "h\u00e9llo \U0001f600"}
    with gateway.counting(requests=2) as counted:
        ask(gateway.port, json.dumps(body).encode(), path="/v1/audio/speech")
        ask(gateway.port, json.dumps(body, ensure_ascii=False).encode(), path="/v1/audio/speech")
    assert counted("ai_cost_usd_total") == 2 * 7 * Decimal("0.000015")
    assert counted("ai_cost_estimated_usd_total") == counted("ai_unmetered_requests_total") == 0
