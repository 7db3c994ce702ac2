"""Usage with a known cost, dictated to the provider: the running gateway's dollars are the same to the picodollar.

data/text_costs.csv holds numbers alone: token counts, and what they cost at the published prices of the day, worked out
in decimal arithmetic. Cached, written and reasoning tokens are parts of the input and output beside them.
"""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from harness.raw import ask, chat
from harness.simulator import directives

CASES = list(csv.DictReader((Path(__file__).parents[1] / "data" / "text_costs.csv").open()))
ROUND = {"api": "chat", "input": 1000, "output": 500, "cached": 0, "written": 0, "reasoning": 0}
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses"}


def named(case: dict[str, str]) -> str:
    return f"{case['model']} {case['tier']} {case['input']}+{case['output']} {case['api']}"


def usage(case: dict[str, str]) -> dict:
    """The usage object as the case's API writes it."""
    number = {name: int(case[name]) for name in ("input", "cached", "written", "output", "reasoning")}
    read, wrote = ("prompt", "completion") if case["api"] == "chat" else ("input", "output")
    return {
        f"{read}_tokens": number["input"],
        f"{read}_tokens_details": {"cached_tokens": number["cached"], "cache_write_tokens": number["written"]},
        f"{wrote}_tokens": number["output"],
        f"{wrote}_tokens_details": {"reasoning_tokens": number["reasoning"]},
        "total_tokens": number["input"] + number["output"],
    }


def request(case: dict[str, str], streamed: bool) -> bytes:
    return chat(case["model"], stream=streamed, input="What did it cost?")


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_dictated_usage_costs_what_was_worked_out(gateway, case, streamed):
    steering = directives(usage=usage(case), tier=case["tier"])
    with gateway.counting(requests=1) as counted:
        assert ask(gateway.port, request(case, streamed), steering, path=PATHS[case["api"]]).status == 200
    assert counted.by("ai_cost_usd_total", "endpoint") == {(PATHS[case["api"]],): Decimal(case["usd"])}
    assert counted("ai_cost_estimated_usd_total") == counted("ai_unpriced_requests_total") == 0
    details = {("cached",): int(case["cached"]), ("cache_write",): int(case["written"])}
    details[("reasoning",)] = int(case["reasoning"])
    assert counted.by("ai_token_details_total", "detail") == {name: n for name, n in details.items() if n}


@pytest.mark.parametrize("asked", ["auto", "flex", "priority"])
def test_the_tier_that_counts_is_the_one_that_served(gateway, asked):
    with gateway.counting(requests=1) as counted:
        ask(gateway.port, chat("gpt-5-nano", service_tier=asked), directives(usage=usage(ROUND), tier="flex"))
    assert counted("ai_cost_usd_total") == Decimal("0.000125")


@pytest.mark.parametrize(
    ("asked", "answered", "label", "dollars"),
    [
        ("gpt-4.1", "gpt-4.1-2025-04-14", "gpt-4.1", "0.006"),
        ("gpt-4.1-2025-04-14", "gpt-4.1-2025-04-14", "gpt-4.1-2025-04-14", "0.006"),
        ("gpt-4.1", "gpt-4.1-mini-2025-04-14", "gpt-4.1-mini-2025-04-14", "0.0012"),
        ("my-deployment", "gpt-4.1-2025-04-14", "gpt-4.1-2025-04-14", "0.006"),
    ],
)
def test_the_model_that_counts_is_the_one_that_answered(gateway, asked, answered, label, dollars):
    """Its label is the name that was asked for, where the answer's is only that name with a date."""
    with gateway.counting(requests=1) as counted:
        ask(gateway.port, chat(asked), directives(usage=usage(ROUND), answer_model=answered))
    assert counted.by("ai_cost_usd_total", "model") == {(label,): Decimal(dollars)}


def test_a_model_without_a_price_is_counted_as_such_and_never_free(gateway):
    with gateway.counting(requests=1) as counted:
        ask(gateway.port, chat("nobodys-model"), directives(usage=usage(ROUND)))
    assert counted.by("ai_unpriced_requests_total", "model", "team") == {("other", "unassigned"): 1}
    assert counted("ai_unpriced_tokens_total") == counted("ai_tokens_total", type="total") == 1500
    assert counted("ai_cost_usd_total") == 0
