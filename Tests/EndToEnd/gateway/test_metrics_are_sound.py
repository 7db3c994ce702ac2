"""/metrics as monitoring sees it: well-formed, well-named, scraped by a real Prometheus, and bounded."""

import http.client
import json
import re
import secrets
import socket
import subprocess
from decimal import Decimal
from urllib.parse import quote

import prometheus_client.openmetrics.parser as openmetrics
import prometheus_client.parser as text_format
import pytest

from harness.constant_provider import USAGE
from harness.flood import flood
from harness.gateway import proxy_yaml
from harness.house import budget, claiming, costing
from harness.house import request as house_request
from harness.keys import new_key
from harness.polling import until
from harness.raw import Leaver, ask, chat
from harness.simulator import directives

JUNK_MODELS = 100_000
# The routes that tests with this shared gateway may have used.
ROUTES = {
    f"/v1/{name}"
    for name in (
        "models",
        "chat/completions",
        "completions",
        "responses",
        "responses/{id}",
        "embeddings",
        "moderations",
        "audio/transcriptions",
        "audio/translations",
        "images/edits",
        "images/variations",
    )
}
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


@pytest.fixture
def busy(gateway, simulator):
    """A gateway that has counted most of what can be counted."""
    with gateway.counting(requests=6):
        ask(gateway.port, chat(stream=True), directives(cached=5, reasoning=3))
        ask(gateway.port, chat(), directives(tool_call="weather"))
        ask(gateway.port, chat('quo"ted\\ model\n'))
        ask(gateway.port, chat(), directives(status=429))
        ask(gateway.port, b'{"input":"a"}', path="/v1/unheard-of")
        leaver = Leaver(gateway.port, chat(stream=True), directives(event_ms=20, events=1000))
        leaver.read_events(3)
        leaver.leave()
    return gateway


@pytest.fixture
def budgeted(open_house):
    """A gateway that has counted everything about teams, keys, budgets, limits, journal and ledger."""
    key = new_key()
    strict = {"budgets": [budget(1), budget(9, every="day", models=["di*"])], "limits": {"requests_per_minute": 3}}
    strict["keys"] = [key.entry(budgets=[budget(0.5, when_spent="warn")])]
    gateway = open_house(
        {"search": {}, "strict": strict},
        organization={"budgets": [budget(1000, every="year")]},
        provider_options="api_key: env:PROVIDER_KEY",
        environment={"PROVIDER_KEY": "sk-provider"},
    )
    with gateway.counting(requests=8):
        ask(gateway.port, house_request(70), key.headers | costing(70))
        ask(gateway.port, house_request(70), key.headers)
        for _ in range(3):
            ask(gateway.port, house_request(1, model="nothing"), key.headers)
        ask(gateway.port, house_request(1), new_key().headers)
        ask(gateway.port, house_request(1), claiming("nobody"))
        ask(gateway.port, house_request(1), claiming("search"))
    return gateway


@pytest.mark.parametrize("which", ["busy", "budgeted"])
def test_promtool_finds_nothing_to_complain_about(request, which):
    _, text = request.getfixturevalue(which).get("/metrics")
    verdict = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=30)
    assert (verdict.returncode, verdict.stdout + verdict.stderr) == (0, b"")


def test_the_contract_of_budgets_and_the_ledger_is_kept(budgeted):
    """Every family that docs/metrics.md names, with its labels and no others."""
    now = budgeted.metrics()
    labels = {name: {label for label, _ in has} for name, has in now.samples if name.startswith("ai_")}
    for family in ("limit_usd", "spent_usd", "reserved_usd", "reset_timestamp_seconds", "exposure_usd"):
        assert labels[f"ai_budget_{family}"] == {"team", "window"}
    assert labels["ai_budget_overshoot_usd_total"] == {"team", "window"}
    assert labels["ai_budget_rejections_total"] == labels["ai_rate_limit_rejections_total"] == {"team", "reason"}
    assert labels["ai_auth_failures_total"] == {"reason"}
    for family in ("entries_total", "failures_total", "queue_length"):
        assert labels[f"ai_ledger_{family}"] == set()
    assert labels["ai_journal_bytes"] == set()
    assert now.by("ai_budget_rejections_total", "team", "reason") == {("strict", "team_budget"): 1}
    assert now.by("ai_rate_limit_rejections_total", "team", "reason") == {("strict", "requests"): 1}
    assert now.by("ai_auth_failures_total", "reason") == {("key_unknown",): 1, ("team_unknown",): 1}
    windows = {window for (window,) in now.by("ai_budget_limit_usd", "window")}
    assert len(windows) == 4, windows
    assert now("ai_budget_spent_usd", team="strict", window="month") == Decimal("0.7")
    # A team without a budget has no series: nothing is infinite.
    assert not now.by("ai_budget_limit_usd", "team").keys() & {("search",), ("unassigned",)}


def test_both_formats_of_budgets_are_what_their_parsers_take(budgeted):
    _, text = budgeted.get("/metrics", accept=OPENMETRICS)
    assert list(openmetrics.text_string_to_metric_families(text.decode()))
    _, text = budgeted.get("/metrics")
    families = list(text_format.text_string_to_metric_families(text.decode()))
    assert all(family.documentation and family.type != "unknown" for family in families)


def test_a_flood_of_keys_and_claims_makes_no_series(budgeted):
    before = budgeted.metrics()
    for _ in range(50):
        ask(budgeted.port, house_request(1), new_key().headers)
        ask(budgeted.port, house_request(1), claiming(f"made-up-{secrets.token_hex(4)}"))
    after = until(lambda: now if (now := budgeted.metrics())("ai_auth_failures_total") == 102 else None, what="102")
    assert after.series("ai_") <= before.series("ai_") + 2


def test_the_text_format_is_what_its_parser_takes(busy):
    families = list(text_format.text_string_to_metric_families(busy.get("/metrics")[1].decode()))
    assert {"ai_requests", "ai_cost_usd", "ai_request_duration_seconds"} <= {family.name for family in families}
    assert all(family.documentation and family.type != "unknown" for family in families)


def test_openmetrics_is_what_its_strict_parser_takes(busy):
    _, text = busy.get("/metrics", accept=OPENMETRICS)
    assert text.endswith(b"# EOF\n")
    families = list(openmetrics.text_string_to_metric_families(text.decode()))
    assert {"ai_requests", "ai_cost_usd", "ai_request_duration_seconds"} <= {family.name for family in families}


@pytest.mark.parametrize(
    ("accept", "type"),
    [
        ("*/*", "text/plain; version=0.0.4"),
        (OPENMETRICS + ",text/plain;version=0.0.4;q=0.5", "application/openmetrics-text; version=1.0.0"),
        ("text/plain;version=0.0.4,application/openmetrics-text;q=0.1", "text/plain; version=0.0.4"),
    ],
)
def test_the_format_is_negotiated(gateway, accept, type):
    connection = http.client.HTTPConnection(*gateway.admin, timeout=10)
    connection.request("GET", "/metrics", headers={"accept": accept})
    assert connection.getresponse().headers["content-type"].startswith(type)
    connection.close()


def test_a_real_prometheus_scrapes_and_answers(busy, tmp_path):
    port = free_port()
    (tmp_path / "prometheus.yml").write_text(
        "global: { scrape_interval: 1s }\n"
        "scrape_configs:\n"
        f"  - {{ job_name: steelyard, static_configs: [{{ targets: ['127.0.0.1:{busy.port}'] }}] }}\n"
    )
    prometheus = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={tmp_path}/prometheus.yml",
            f"--storage.tsdb.path={tmp_path}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        up = until(lambda: query(port, 'up{job="steelyard"}'), within=30, what="the first scrape")
        assert up[0]["value"][1] == "1"
        dollars = until(lambda: query(port, "sum(ai_cost_usd_total)"), within=30, what="a sum of dollars")
        assert float(dollars[0]["value"][1]) == pytest.approx(float(busy.metrics()("ai_cost_usd_total")))
        quantile = 'histogram_quantile(0.5, sum by (le) (ai_request_duration_seconds_bucket{outcome="ok"}))'
        assert float(query(port, quantile)[0]["value"][1]) > 0
    finally:
        prometheus.terminate()
        prometheus.wait(timeout=20)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def query(port: int, expression: str) -> list[dict]:
    """The result of an instant query; empty while Prometheus is not up."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", f"/api/v1/query?query={quote(expression)}")
        return json.loads(connection.getresponse().read()).get("data", {}).get("result", [])
    except (ConnectionError, json.JSONDecodeError):
        return []
    finally:
        connection.close()


def test_no_label_value_comes_straight_from_the_wire(busy):
    _, text = busy.get("/metrics")
    assert b"quo" not in text and b"unheard-of" not in text
    endpoints = set(re.findall(r'endpoint="([^"]*)"', text.decode()))
    assert endpoints <= ROUTES | {"other"}


def test_a_hundred_thousand_junk_models_fold_and_none_of_their_money_is_lost(start_gateway, start_constant_provider):
    """Half are invented names; half are fine-tuned models, which have a price."""
    quiet = proxy_yaml(
        start_constant_provider().url, sections="logging: { access: false }\nmetrics: { max_series: 2000 }"
    )
    gateway = start_gateway(quiet)
    flood(gateway.port, 20, junk)
    before = until_counted(gateway, 20)

    flood(gateway.port, JUNK_MODELS, junk)
    after = until_counted(gateway, 20 + JUNK_MODELS)
    assert after.series("ai_") == before.series("ai_")
    counted = after - before
    assert counted("ai_unpriced_requests_total", model="other") == JUNK_MODELS // 2
    assert counted("ai_tokens_total", type="total") == JUNK_MODELS * USAGE["total_tokens"]
    # A fine-tuned gpt-4.1-mini costs 0.8 and 3.2 dollars per million tokens.
    each = USAGE["prompt_tokens"] * Decimal("0.8") + USAGE["completion_tokens"] * Decimal("3.2")
    assert counted("ai_cost_usd_total") == JUNK_MODELS // 2 * each / 1_000_000


def junk(number: int) -> bytes:
    model = f"ft:gpt-4.1-mini-2025-04-14:org-{number}::x" if number % 2 else f"junk-{number}"
    return b'{"model":"%s","messages":[]}' % model.encode()


def until_counted(gateway, requests: int):
    """The readings once that many requests have been counted."""

    def look():
        now = gateway.metrics()
        return now if now("ai_requests_total") == requests else None

    return until(look, within=20, what=f"{requests} requests")


def test_tools_that_answers_make_up_fold(start_gateway, simulator):
    gateway = start_gateway(proxy_yaml(simulator.url, sections="metrics: { max_series: 1000 }"))
    with gateway.counting(requests=1500, within=30) as counted:
        for number in range(1500):
            ask(gateway.port, chat(), directives(tool_call=f"made-up-{number}"))
    assert counted("ai_tool_calls_total") == 1500
    assert counted("ai_tool_calls_total", tool="other") > 0
    assert gateway.metrics().series() < 1500
