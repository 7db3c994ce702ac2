"""The state of budgets according to /metrics."""

from decimal import Decimal
from typing import NamedTuple

from harness.gateway import Gateway
from harness.metrics import Readings
from harness.polling import until


class Standing(NamedTuple):
    """One budget in its window, in dollars."""

    limit: Decimal
    spent: Decimal
    reserved: Decimal
    exposure: Decimal
    overshoot: Decimal
    reset_seconds: Decimal


def standing_in(readings: Readings, **labels: str) -> Standing:
    names = ("limit_usd", "spent_usd", "reserved_usd", "exposure_usd", "overshoot_usd_total", "reset_timestamp_seconds")
    return Standing(*(readings(f"ai_budget_{name}", **labels) for name in names))


def standing(gateway: Gateway, team: str, **labels: str) -> Standing:
    """The standing of a team that has one budget."""
    return standing_in(gateway.metrics(), team=team, **labels)


def at_rest(gateway: Gateway, team: str, within: float = 15.0) -> Standing:
    """The standing, as soon as nothing is reserved."""
    return until(
        lambda: now if (now := standing(gateway, team)).reserved == 0 else None,
        within,
        what=f"nothing reserved for {team}, {standing(gateway, team)}",
    )
