"""Test models with prices in whole cents, so that a request's cap is the most that it can cost."""

from decimal import Decimal
from typing import Any

from harness.gateway import proxy_yaml
from harness.raw import chat
from harness.simulator import directives

# A token of `cent` costs one cent and prompts cost nothing: a request with `max_tokens: 7` can cost 7 cents, and costs
# what its usage says.
PRICES = """\
models:
  cent:
    limits: { input: 1000000, output: 10000 }
    prices: { standard: { input: 0, output: 10000 } }
  dime:
    limits: { input: 1000000, output: 10000 }
    prices: { standard: { input: 0, output: 100000 } }
  nothing:
    prices: { standard: { input: 0, output: 0 } }
"""
FILES = {"prices.yaml": PRICES}
CENT = Decimal("0.01")


def dollars(cents: int) -> Decimal:
    return cents * CENT


def request(cap: int | None = None, model: str = "cent", **members: Any) -> bytes:
    """A chat request that can cost `cap` cents."""
    return chat(model, **({"max_tokens": cap} if cap is not None else {}) | members)


def costing(cents: int, *flags: str, **values: Any) -> dict[str, str]:
    """Steers the provider's answer to a chat request for `cent`: its usage and other directives."""
    return directives(*flags, usage=usage(cents), **values)


def usage(cents: int) -> dict[str, int]:
    return {"prompt_tokens": 10, "completion_tokens": cents, "total_tokens": 10 + cents}


def budget(limit_usd: float, **more: Any) -> dict[str, Any]:
    """A blocking budget of a month."""
    return {"limit_usd": limit_usd, "every": "month", "when_spent": "block"} | more


def claiming(team: str) -> dict[str, str]:
    """The header with which a client names a team without keys."""
    return {"x-steelyard-team": team}


def house_yaml(provider: str, teams: dict[str, Any], **settings: Any) -> str:
    """A proxy.yaml with the test prices; requests that name no team belong to the first."""
    usual = {"teams": teams, "default_team": next(iter(teams)), "prices": {"file": "prices.yaml"}}
    return proxy_yaml(provider, **usual | settings)
