"""Browsers ask first, without a key, and show a script only the answers that name its page."""

import json

import pytest

from harness.gateway import Gateway, proxy_yaml
from harness.keys import bearer, new_key
from harness.raw import CHAT, ask, chat
from harness.simulator import Simulator

PAGE = "https://app.example"
ORIGIN = {"origin": PAGE}
SEARCH, STRANGER = new_key(), new_key()
PREFLIGHT = ORIGIN | {
    "authorization": None,
    "content-type": None,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,x-stainless-os",
}


def house(simulator: Simulator, *origins: str, **teams) -> str:
    return proxy_yaml(
        simulator.url,
        server_options=f"cors: {{ origins: {json.dumps(origins)} }}",
        provider_options="api_key: none",
        teams={"search": {"keys": [SEARCH.entry()], "limits": {"concurrent_requests": 1}}},
        default_team="reject",
    )


@pytest.fixture(scope="module")
def gateway(shared_simulator, tmp_path_factory):
    started = Gateway(tmp_path_factory.mktemp("cors"), house(shared_simulator, PAGE))
    yield started
    started.stop()


def test_a_preflight_reaches_the_provider_without_a_key(gateway, simulator):
    with gateway.counting(requests=2) as counted:
        ask(gateway.port, None, PREFLIGHT, method="OPTIONS")
        ask(gateway.port, None, PREFLIGHT | SEARCH.headers, method="OPTIONS")
    for witnessed in simulator.witness(ended=2):
        names = {name.lower() for name in witnessed["header_names"]}
        assert witnessed["method"] == "OPTIONS"
        assert {"origin", "access-control-request-method", "access-control-request-headers"} <= names
        assert not {"authorization", "api-key", "x-api-key"} & names
    assert {team for team, _ in counted.by("ai_requests_total", "team", "endpoint")} == {"none"}
    assert {endpoint for _, endpoint in counted.by("ai_requests_total", "team", "endpoint")} == {CHAT}
    assert counted("ai_auth_failures_total") == 0
    assert counted("ai_cost_usd_total") == 0


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"{}", PREFLIGHT), (None, PREFLIGHT | {"origin": None}), (None, {"authorization": None})],
    ids=["one with a body", "one without an origin", "no preflight at all"],
)
def test_other_options_have_to_say_who_asks(gateway, simulator, body, headers):
    assert ask(gateway.port, body, headers, method="OPTIONS").status == 401
    assert simulator.received() == 0


def test_a_page_reads_why_it_was_refused(gateway):
    answer = ask(gateway.port, chat(), bearer(STRANGER.text) | ORIGIN)
    assert answer.status == 401
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["vary"] == "origin"
    exposed = {name.strip() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert {"x-request-id", "x-steelyard-reason", "retry-after", "x-should-retry"} <= exposed


def test_other_pages_do_not(gateway):
    answer = ask(gateway.port, chat(), bearer(STRANGER.text) | {"origin": "https://other.example"})
    assert answer.status == 401
    assert "access-control-allow-origin" not in answer.headers


def test_the_providers_own_answers_are_left_alone(gateway):
    answer = ask(gateway.port, chat(), SEARCH.headers | ORIGIN)
    assert answer.status == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_reload_changes_who_may_read(start_gateway, simulator):
    gateway = start_gateway(house(simulator, PAGE))
    gateway.reload(house(simulator, "https://new.example"))
    old, new = (ask(gateway.port, chat(), bearer(STRANGER.text) | {"origin": o}) for o in (PAGE, "https://new.example"))
    assert "access-control-allow-origin" not in old.headers
    assert new.headers["access-control-allow-origin"] == "https://new.example"
