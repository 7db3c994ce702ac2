"""Windows reset by the calendar, in the configured zone, and not some time after the first request."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from harness.house import budget, costing, request
from harness.raw import ask
from harness.standing import standing

ZONES = ["UTC", "Europe/Paris", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Pacific/Chatham"]
PERIODS = [("hour", 1), ("day", 1), ("week", 1), ("week", 4), ("month", 1), ("month", 15), ("month", 31), ("year", 1)]
WINDOWS = [(period, starts_on, zone) for period, starts_on in PERIODS for zone in ZONES]


def days_of(month: datetime) -> int:
    return ((month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day


def end_of_window(period: str, starts_on: int, zone: str, now: datetime) -> datetime:
    """The first instant after `now` at which a window of this kind begins."""
    if period == "hour":
        # UTC hours: a local hour can be cut in half when clocks change by half an hour.
        return (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    local = now.astimezone(ZoneInfo(zone))
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    while True:
        # Wall-clock arithmetic: the next midnight, however long the day is.
        day += timedelta(days=1)
        if begins(period, starts_on, day):
            return day


def begins(period: str, starts_on: int, day: datetime) -> bool:
    match period:
        case "day":
            return True
        case "week":
            return day.isoweekday() == starts_on
        case "month":
            return day.day == min(starts_on, days_of(day))
        case "year":
            return (day.month, day.day) == (1, 1)


def test_every_kind_in_every_zone(open_house):
    """A team for each kind of window; Python's calendar computes when it resets."""
    teams = {
        f"team-{number}": {"budgets": [budget(1, every=period, starts_on=starts_on, time_zone=zone)]}
        for number, (period, starts_on, zone) in enumerate(WINDOWS)
    }
    for team in teams.values():
        # Only these begin on a day of one's choice.
        if team["budgets"][0]["every"] not in ("week", "month"):
            del team["budgets"][0]["starts_on"]
    gateway = open_house(teams)

    def expected() -> dict[str, int]:
        now = datetime.now(UTC)
        return {name: int(end_of_window(*window, now).timestamp()) for name, window in zip(teams, WINDOWS, strict=True)}

    before = expected()
    readings = gateway.metrics()
    told = {name: int(readings("ai_budget_reset_timestamp_seconds", team=name)) for name in teams}
    # A window may have ended in between.
    assert told in (before, expected())


@pytest.mark.parametrize("every", ["hour", "day", "week", "month", "year"])
def test_a_refusal_names_the_window_and_its_end(open_house, every):
    gateway = open_house({"search": {"budgets": [budget(0.10, every=every, time_zone="Asia/Kathmandu")]}})
    ask(gateway.port, request(10), costing(10))
    refused = ask(gateway.port, request(1))
    reset = int(standing(gateway, "search").reset_seconds)
    assert every in refused.error["message"]
    assert datetime.fromtimestamp(reset, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") in refused.error["message"]
    wait = reset - datetime.now(UTC).timestamp()
    assert abs(int(refused.headers["retry-after"]) - wait) <= 2
