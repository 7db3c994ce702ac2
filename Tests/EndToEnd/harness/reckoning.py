"""The expected counters, computed from the provider's witness log and the prices stated here."""

from collections import Counter
from decimal import Decimal
from typing import NamedTuple

from harness.gateway import Counted
from harness.simulator import Witness


class Price(NamedTuple):
    """Dollars per million tokens."""

    input: str
    output: str
    cached: str | None = None


# platform.openai.com/docs/pricing, as in the built-in price book of November 2026.
PRICES = {
    "gpt-4.1": Price(input="2", cached="0.5", output="8"),
    "gpt-4.1-mini": Price(input="0.4", cached="0.1", output="1.6"),
    "gpt-5": Price(input="1.25", cached="0.125", output="10"),
    "gpt-3.5-turbo-instruct": Price(input="1.5", output="2"),
    "text-embedding-3-small": Price(input="0.02", output="0"),
}


class Tokens(NamedTuple):
    prompt: int
    cached: int
    completion: int
    total: int


def tokens(usage: dict) -> Tokens:
    """The numbers of a usage object under the names of either API."""
    prompt = usage.get("prompt_tokens", usage.get("input_tokens", 0))
    details = usage.get("prompt_tokens_details") or usage.get("input_tokens_details") or {}
    completion = usage.get("completion_tokens", usage.get("output_tokens", 0))
    return Tokens(prompt, details.get("cached_tokens", 0), completion, usage["total_tokens"])


def cost(model: str, usage: dict) -> Decimal:
    """Dollars, to the picodollar."""
    price, count = PRICES[model], tokens(usage)
    cached = Decimal(price.cached or price.input)
    dollars = (count.prompt - count.cached) * Decimal(price.input) + count.cached * cached
    return (dollars + count.completion * Decimal(price.output)) / 1_000_000


def assert_counters_equal(counted: Counted, witnessed: list[Witness]) -> None:
    """Requests, tokens and dollars of every endpoint and model match the provider's witness log."""
    requests, weighed, dollars = Counter(), Counter(), Counter()
    for entry in witnessed:
        model = entry["model"] or "none"
        requests[entry.path, model] += 1
        if usage := entry["usage"]:
            count = tokens(usage)
            weighed[entry.path, model, "prompt"] += count.prompt
            weighed[entry.path, model, "completion"] += count.completion
            weighed[entry.path, model, "total"] += count.total
            dollars[entry.path, model] += cost(model, usage)
    assert counted.by("ai_requests_total", "endpoint", "model") == requests
    assert counted.by("ai_tokens_total", "endpoint", "model", "type") == +weighed
    assert counted.by("ai_cost_usd_total", "endpoint", "model") == +dollars
    assert counted("ai_cost_estimated_usd_total") == 0
    assert counted("ai_unpriced_requests_total") == 0
