"""A gateway that starts before its clock is set has the month's budget once, as soon as the clock is right."""

from decimal import Decimal

import pytest

from harness.clock import Clock
from harness.house import budget, costing, request
from harness.polling import until
from harness.raw import ask
from harness.standing import standing

TEAMS = {"search": {"budgets": [budget(1, every="year")]}}


@pytest.mark.parametrize("days", [-800, 800])
def test_a_start_under_a_wrong_clock(open_house, tmp_path, days):
    gateway = open_house(TEAMS)
    gateway.expected_errors = gateway.expected_errors | {"the clock went back by more than a day"}
    assert ask(gateway.port, request(60), costing(60)).status == 200
    gateway.stop()
    clock = Clock(tmp_path / "clock", days)
    gateway.environment = clock.environment
    gateway.start()
    assert standing(gateway, "search").spent == 0, "in another year nothing is spent"
    assert ask(gateway.port, request(50), costing(50)).status == 200
    clock.set(0)
    # Nobody gets more than what is left meanwhile: who asks is refused until the sum is there.
    until(lambda: standing(gateway, "search").spent == Decimal("0.60"), what="what the ledger has for this year")
    refused = ask(gateway.port, request(50), costing(50))
    assert (refused.status, refused.headers["x-steelyard-reason"]) == (429, "team_budget")
    assert ask(gateway.port, request(40), costing(40)).status == 200
    assert standing(gateway, "search").spent == Decimal("1.00")
