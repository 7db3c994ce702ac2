"""What a budget admits, what it refuses, and how it says so."""

import json
import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from harness.house import FILES, budget, claiming, costing, dollars, house_yaml, request
from harness.keys import new_key
from harness.polling import until
from harness.raw import CHAT, Leaver, ask, chat
from harness.simulator import directives
from harness.standing import at_rest, standing
from harness.traffic import load

EXHAUSTED = (429, "insufficient_quota", "insufficient_quota")
HELD = (429, "requests", "rate_limit_exceeded")
# 20 s of stream: no test waits for its end.
LONG_STREAM = {"event_ms": 20, "events": 1000}
# After this many answers, the length of a model's answers is learned (docs/invariants.md says 64).
LESSONS = 70


def verdict(answer) -> tuple[int, str, str]:
    return answer.status, answer.error["type"], answer.error["code"]


def spend(gateway, cents: int, team: str | None = None, **members) -> None:
    """A request that costs what it could have cost."""
    claim = claiming(team) if team else {}
    answer = ask(gateway.port, request(cents, **members), costing(cents) | claim)
    assert answer.status == 200, answer.body


class TestALimit:
    def test_can_be_spent_to_the_last_cent_and_not_beyond(self, open_house, simulator):
        gateway = open_house({"search": {"budgets": [budget(1)]}})
        for _ in range(10):
            spend(gateway, 10)
        assert at_rest(gateway, "search").spent == 1
        assert verdict(ask(gateway.port, request(1), costing(1))) == EXHAUSTED
        assert simulator.received() == 10

    def test_refuses_what_does_not_fit_and_takes_what_does(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(1)]}})
        spend(gateway, 60)
        assert verdict(ask(gateway.port, request(41), costing(1))) == EXHAUSTED
        spend(gateway, 40)

    def test_says_to_a_person_what_happened_and_when_it_ends(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(1)]}})
        spend(gateway, 75)
        before = time.time()
        refused = ask(gateway.port, request(50))
        reset = end_of_month()
        assert verdict(refused) == EXHAUSTED
        for part in ("search", "month", "1", "0.75", reset.strftime("%Y-%m-%d")):
            assert part in refused.error["message"], refused.error["message"]
        assert refused.headers["x-should-retry"] == "false"
        assert refused.headers["x-steelyard-reason"] == "team_budget"
        assert abs(int(refused.headers["retry-after"]) - (reset.timestamp() - before)) <= 2
        assert set(refused.error) == {"message", "type", "param", "code"}
        assert refused.headers["content-type"].startswith("application/json") and refused.headers["x-request-id"]
        # Only rates have these.
        assert not any(name.startswith("x-ratelimit-") for name in refused.headers)

    def test_of_one_team_is_nobody_elses(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(0.10)]}, "sales": {"budgets": [budget(0.10)]}, "free": {}})
        spend(gateway, 10)
        assert ask(gateway.port, request(1)).status == 429
        spend(gateway, 10, "sales")
        spend(gateway, 5000, "free")

    def test_is_counted_when_it_refuses(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(0.10)]}})
        with gateway.counting(requests=1) as counted:
            ask(gateway.port, request(11))
        assert counted.by("ai_budget_rejections_total", "team", "reason") == {("search", "team_budget"): 1}
        assert counted.by("ai_requests_total", "team", "status", "model") == {("search", "429", "cent"): 1}

    def test_shows_how_it_stands(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(5)]}})
        spend(gateway, 125)
        now = at_rest(gateway, "search")
        assert (now.limit, now.spent, now.reserved) == (5, Decimal("1.25"), 0)
        assert (now.exposure, now.overshoot) == (0, 0)
        assert now.reset_seconds == int(end_of_month().timestamp())

    def test_is_charged_what_an_answer_cost_and_not_what_it_could_have(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(1)]}})
        for _ in range(30):
            ask(gateway.port, request(50), costing(1))
        assert at_rest(gateway, "search").spent == dollars(30)

    def test_counts_the_picodollars(self, open_house):
        """A thousandth of a cent is not lost in rounding."""
        tiny = "models: { crumb: { prices: { standard: { input: 0.000001, output: 0 } } } }"
        gateway = open_house({"search": {"budgets": [budget(1)]}}, files={"prices.yaml": tiny})
        for _ in range(3):
            ask(gateway.port, chat("crumb"), costing(0))
        assert at_rest(gateway, "search").spent == 3 * 10 * Decimal("0.000000000001")


def end_of_month() -> datetime:
    now = datetime.now(UTC)
    return datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)


class TestScopes:
    def test_the_organization_is_over_all_teams(self, open_house):
        gateway = open_house({"search": {}, "sales": {}}, organization={"budgets": [budget(1)]})
        spend(gateway, 50)
        spend(gateway, 40, "sales")
        refused = ask(gateway.port, request(11), claiming("sales"))
        assert verdict(refused) == EXHAUSTED
        assert "organi" in refused.error["message"]

    def test_a_key_has_its_own_within_its_teams(self, open_house, simulator):
        small, large = new_key(), new_key()
        keys = [small.entry(budgets=[budget(0.20)]), large.entry()]
        gateway = open_house(
            {"search": {"keys": keys, "budgets": [budget(1)]}},
            provider_options="api_key: env:PROVIDER_KEY",
            environment={"PROVIDER_KEY": "sk-provider"},
            default_team="reject",
        )
        assert ask(gateway.port, request(20), small.headers | costing(20)).status == 200
        refused = ask(gateway.port, request(1), small.headers)
        assert verdict(refused) == EXHAUSTED
        assert small.id in refused.error["message"] and small.text not in refused.error["message"]
        assert ask(gateway.port, request(80), large.headers | costing(80)).status == 200
        assert verdict(ask(gateway.port, request(1), large.headers)) == EXHAUSTED

    def test_a_group_of_models_has_its_own(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(2, models=["di*"]), budget(3)]}})
        spend(gateway, 10, model="dime")
        spend(gateway, 10, model="dime")
        refused = ask(gateway.port, request(1, model="dime"))
        assert verdict(refused) == EXHAUSTED and "di*" in refused.error["message"]
        spend(gateway, 100, model="cent")
        assert verdict(ask(gateway.port, request(1, model="cent"))) == EXHAUSTED

    def test_a_request_that_one_window_refuses_is_charged_to_none(self, open_house):
        teams = {"search": {"budgets": [budget(5, every="day")]}}
        gateway = open_house(teams, organization={"budgets": [budget(1)]})
        for _ in range(20):
            assert ask(gateway.port, request(101)).status == 429
        now = standing(gateway, "search")
        assert (now.spent, now.reserved) == (0, 0)
        spend(gateway, 100)
        assert at_rest(gateway, "search").spent == 1

    def test_the_tightest_of_several_windows_decides(self, open_house):
        windows = [budget(3), budget(2, every="week"), budget(1, every="day"), budget(2, every="year")]
        gateway = open_house({"search": {"budgets": windows}})
        spend(gateway, 100)
        refused = ask(gateway.port, request(1))
        assert verdict(refused) == EXHAUSTED and "day" in refused.error["message"]


class TestABudgetThatOnlyWarns:
    def test_never_refuses_and_shows(self, open_house):
        warning = budget(0.10, when_spent="warn", warn_at=[0.5, 1])
        gateway = open_house({"search": {"budgets": [warning]}})
        with gateway.counting(requests=5) as counted:
            for _ in range(5):
                spend(gateway, 10)
        now = at_rest(gateway, "search")
        assert (now.limit, now.spent) == (Decimal("0.1"), Decimal("0.5"))
        assert counted("ai_budget_rejections_total") == 0

    def test_says_once_that_a_part_is_reached(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(1, warn_at=[0.5, 0.9])]}})

        def said() -> list[dict]:
            lines = map(json.loads, list(gateway.process.lines))
            return [line for line in lines if line["level"] in ("warning", "notice") and "search" in str(line)]

        spend(gateway, 40)
        for _ in range(3):
            spend(gateway, 10)
        until(said, what="a line at 50 %")
        for _ in range(2):
            spend(gateway, 10)
        until(lambda: len(said()) == 2, what="a line at 90 %")

    def test_lets_models_without_a_price_and_unmetered_paths_pass(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(0.10, when_spent="warn")]}})
        assert ask(gateway.port, chat("nobodys-model")).status == 200
        assert ask(gateway.port, b'{"model":"cent"}', path="/v1/fine_tuning/jobs").status == 404, (
            "the provider's answer"
        )


# What each way to spend money looks like; the numbers are caps of 5 cents where the path has one.
ROADS = {
    "chat": (CHAT, request(5)),
    "chat, streamed": (CHAT, request(5, stream=True)),
    "chat with the newer cap": (CHAT, request(max_completion_tokens=5)),
    "chat without a cap": (CHAT, request()),
    "completion": ("/v1/completions", {"model": "cent", "prompt": "a", "max_tokens": 5}),
    "response": ("/v1/responses", {"model": "cent", "input": "a", "max_output_tokens": 5}),
    "response, streamed": ("/v1/responses", {"model": "cent", "input": "a", "stream": True}),
    "response in the background": ("/v1/responses", {"model": "cent", "input": "a", "background": True}),
    "embedding": ("/v1/embeddings", {"model": "text-embedding-3-large", "input": "a" * 100}),
    "picture": ("/v1/images/generations", {"model": "gpt-image-1", "prompt": "a steelyard"}),
    "speech": ("/v1/audio/speech", {"model": "tts-1", "input": "a", "voice": "alloy"}),
}


def body_of(road) -> bytes:
    return road if isinstance(road, bytes) else json.dumps(road).encode()


class TestEveryRoad:
    @pytest.fixture
    def broke(self, open_house, simulator):
        """A gateway whose team has spent its whole budget."""
        gateway = open_house({"search": {"budgets": [budget(0.10)]}, "teacher": {}})
        spend(gateway, 10)
        at_rest(gateway, "search")
        simulator.forget()
        return gateway

    @pytest.mark.parametrize("road", ROADS)
    def test_ends_at_the_same_budget(self, broke, simulator, road):
        path, body = ROADS[road]
        for prefix in ("", "/team/search"):
            assert verdict(ask(broke.port, body_of(body), path=prefix + path)) == EXHAUSTED
        assert simulator.received() == 0

    # A key that bypasses the gateway, work billed elsewhere, and paths that were unknown when this was written.
    @pytest.mark.parametrize("path", ["/v1/realtime/client_secrets", "/v1/fine_tuning/jobs", "/v1/batches", "/v1/new"])
    def test_that_nobody_can_meter_is_closed(self, open_house, simulator, path):
        gateway = open_house({"search": {"budgets": [budget(10)]}, "sales": {}})
        refused = ask(gateway.port, b'{"model":"cent"}', path=path)
        assert verdict(refused) == (403, "invalid_request_error", "not_metered")
        assert refused.headers["x-should-retry"] == "false"
        assert simulator.received() == 0
        assert ask(gateway.port, b'{"model":"cent"}', claiming("sales"), path=path).status == 404

    def test_that_nobody_can_meter_can_be_opened(self, open_house, simulator):
        gateway = open_house({"search": {"budgets": [budget(10)], "unmetered": "allow"}})
        with gateway.counting(requests=1) as counted:
            assert ask(gateway.port, b'{"model":"cent"}', path="/v1/batches").status == 404
        assert simulator.received() == 1
        assert counted("ai_budget_rejections_total") == 0

    def test_for_a_model_without_a_price_is_closed(self, open_house, simulator):
        gateway = open_house({"search": {"budgets": [budget(10)]}})
        with gateway.counting(requests=1) as counted:
            refused = ask(gateway.port, chat("nobodys-model"))
        assert verdict(refused) == (403, "invalid_request_error", "model_not_priced")
        assert "nobodys-model" in refused.error["message"]
        assert refused.headers["x-should-retry"] == "false"
        assert simulator.received() == 0
        assert counted.by("ai_budget_rejections_total", "reason") == {("model_not_priced",): 1}

    def test_for_a_model_without_a_price_can_be_opened(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(10)], "unpriced": "allow"}})
        with gateway.counting(requests=1) as counted:
            assert ask(gateway.port, chat("nobodys-model")).status == 200
        assert counted.by("ai_unpriced_requests_total", "team") == {("search",): 1}

    def test_without_a_model_is_no_way_around(self, open_house, simulator):
        gateway = open_house({"search": {"budgets": [budget(10)]}})
        assert ask(gateway.port, b'{"messages":[]}').status in (400, 403)
        assert simulator.received() == 0

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "/v1/models", None),
            ("DELETE", "/v1/files/file-1", None),
            ("POST", "/v1/moderations", b'{"input":"a harmless text"}'),
        ],
    )
    def test_that_is_free_stays_open_when_all_is_spent(self, broke, simulator, method, path, body):
        assert ask(broke.port, body, path=path, method=method).status in (200, 404)
        assert simulator.received() == 1

    def test_to_a_model_declared_free_stays_open_when_all_is_spent(self, broke):
        with broke.counting(requests=1) as counted:
            assert ask(broke.port, request(100, model="nothing"), costing(100)).status == 200
        assert counted("ai_cost_usd_total") == counted("ai_unpriced_requests_total") == 0


def thinking(cap: int | None = None, **members) -> bytes:
    return request(cap, stream=True, **members)


class TestAHold:
    def test_of_another_request_is_told_from_money_spent(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(1)]}})
        client = Leaver(gateway.port, request(60, stream=True), directives(**LONG_STREAM))
        client.read_events(2)
        now = standing(gateway, "search")
        assert (now.spent, now.reserved) == (0, Decimal("0.60"))
        refused = ask(gateway.port, request(60))
        assert verdict(refused) == HELD
        assert refused.headers["retry-after"] == "1"
        assert refused.headers["x-steelyard-reason"] == "budget_held"
        assert refused.headers.get("x-should-retry") != "false"
        assert gateway.metrics().by("ai_budget_rejections_total", "reason") == {("budget_held",): 1}
        client.leave()
        at_rest(gateway, "search")
        assert ask(gateway.port, request(60), costing(1)).status == 200

    @pytest.mark.parametrize(
        ("members", "cents"),
        [({"n": 3}, 30), ({"n": 1}, 10), ({"max_completion_tokens": 4, "max_tokens": None}, 4)],
    )
    def test_is_for_all_choices(self, open_house, members, cents):
        assert self.held(open_house, thinking(**({"cap": 10} | members))) == dollars(cents)

    @pytest.mark.parametrize(
        ("members", "cents"),
        [
            ({"prompt": ["a", "b"]}, 20),
            ({"prompt": ["a", "b"], "n": 3}, 60),
            ({"prompt": "a", "best_of": 5}, 50),
            ({"prompt": [1, 2, 3]}, 10),
            ({"prompt": [[1, 2, 3], [4]]}, 20),
        ],
    )
    def test_is_for_all_prompts_of_an_array(self, open_house, members, cents):
        body = json.dumps({"model": "cent", "max_tokens": 10, "stream": True} | members).encode()
        assert self.held(open_house, body, "/v1/completions") == dollars(cents)

    @pytest.mark.parametrize("reserve", ["learned", "worst_case"])
    def test_of_a_request_with_a_cap_is_at_most_that(self, open_house, reserve):
        assert self.held(open_house, thinking(3), reserve=reserve) <= dollars(3)

    def test_of_the_worst_case_is_all_a_model_can_put_out(self, open_house):
        assert self.held(open_house, thinking(), reserve="worst_case") == dollars(10_000)

    def test_is_learned_from_the_answers_of_the_model(self, open_house):
        """A budget is not pinned by what a model could put out and never does."""
        gateway = open_house({"search": {"budgets": [budget(500)]}, "teacher": {}})
        for _ in range(LESSONS):
            ask(gateway.port, request(), claiming("teacher") | costing(20))
        assert dollars(20) <= self.held_by(gateway, thinking()) <= dollars(60)

    def held(self, open_house, body: bytes, path: str = CHAT, **settings):
        return self.held_by(open_house({"search": {"budgets": [budget(500)]} | settings}), body, path)

    def held_by(self, gateway, body: bytes, path: str = CHAT) -> Decimal:
        """What is reserved while the provider thinks; it is a stream, so that its client can leave."""
        client = Leaver(gateway.port, body, directives(delay_ms=20_000), path=path)
        held = until(lambda: standing(gateway, "search").reserved, what="a hold")
        client.leave()
        return held


class TestReload:
    def test_a_raised_limit_holds_at_once_and_what_is_spent_stays_spent(self, open_house, simulator):
        gateway = open_house({"search": {"budgets": [budget(0.10)]}})
        spend(gateway, 10)
        assert ask(gateway.port, request(1)).status == 429
        gateway.reload(house_yaml(simulator.url, {"search": {"budgets": [budget(0.15)]}}))
        assert at_rest(gateway, "search")[:2] == (Decimal("0.15"), Decimal("0.1"))
        spend(gateway, 5)
        assert ask(gateway.port, request(1)).status == 429

    def test_a_lowered_limit_refuses_at_once(self, open_house, simulator):
        gateway = open_house({"search": {"budgets": [budget(1)]}})
        spend(gateway, 50)
        gateway.reload(house_yaml(simulator.url, {"search": {"budgets": [budget(0.20)]}}))
        refused = ask(gateway.port, request(1))
        assert verdict(refused) == EXHAUSTED and "0.5" in refused.error["message"]

    def test_a_new_budget_knows_what_was_spent_before_it_was_written(self, open_house, simulator):
        gateway = open_house({"search": {}})
        spend(gateway, 50)
        gateway.reload(house_yaml(simulator.url, {"search": {"budgets": [budget(0.60)]}}))
        assert at_rest(gateway, "search").spent == Decimal("0.5")
        assert verdict(ask(gateway.port, request(11))) == EXHAUSTED

    def test_a_typing_error_in_a_price_locks_nobody_out_for_good(self, open_house, simulator):
        """A price is too high for an hour, then corrected: raising the limit is enough, no row must be deleted by hand."""
        dear = FILES["prices.yaml"].replace("output: 10000 ", "output: 100000 ")
        gateway = open_house({"search": {"budgets": [budget(1)]}}, files={"prices.yaml": dear})
        ask(gateway.port, request(10), costing(10))
        assert ask(gateway.port, request(1)).status == 429
        (gateway.folder / "prices.yaml").write_text(FILES["prices.yaml"])
        gateway.reload(house_yaml(simulator.url, {"search": {"budgets": [budget(2)]}}))
        spend(gateway, 100)

    def test_holds_of_running_requests_survive(self, open_house, simulator):
        gateway = open_house({"search": {"budgets": [budget(1)]}})
        client = Leaver(gateway.port, request(60, stream=True), directives(**LONG_STREAM))
        client.read_events(2)
        gateway.reload(house_yaml(simulator.url, {"search": {"budgets": [budget(1.1)]}}))
        assert standing(gateway, "search").reserved == Decimal("0.60")
        assert verdict(ask(gateway.port, request(60))) == HELD
        client.leave()
        assert 0 < at_rest(gateway, "search").spent < Decimal("0.60")

    def test_a_team_that_is_taken_out_is_charged_for_what_runs(self, open_house, simulator):
        teams = {"sales": {}, "search": {"budgets": [budget(1)]}}
        gateway = open_house(teams)
        slow = costing(30, event_ms=20, events=40) | {"connection": "close"} | claiming("search")
        client = Leaver(gateway.port, request(60, stream=True), slow)
        client.read_events(2)
        gateway.reload(house_yaml(simulator.url, {"sales": {}}))
        assert ask(gateway.port, request(1), claiming("search")).status == 403
        assert b"data: [DONE]" in client.read_to_end()
        until(lambda: gateway.metrics()("ai_reservations") == 0, what="rest")
        gateway.reload(house_yaml(simulator.url, teams))
        assert at_rest(gateway, "search").spent == dollars(30)

    def test_a_new_budget_counts_what_was_under_way_when_it_was_written(self, open_house, simulator):
        gateway = open_house({"search": {}})
        slow = costing(30, event_ms=20, events=60) | {"connection": "close"}
        client = Leaver(gateway.port, request(60, stream=True), slow)
        client.read_events(2)
        gateway.reload(house_yaml(simulator.url, {"search": {"budgets": [budget(1)]}}))
        assert b"data: [DONE]" in client.read_to_end()
        assert at_rest(gateway, "search").spent == dollars(30)

    def test_under_load_neither_loses_nor_doubles_money(self, open_house, simulator):
        """Limits change, a team comes and goes, while requests are served without a pause."""
        gateway = open_house({"search": {"budgets": [budget(1000)]}})
        with load(gateway.port, body=request(3), headers=costing(2)) as answers:
            for number in range(20):
                teams = {"search": {"budgets": [budget(1000 + number)]}}
                gateway.reload(house_yaml(simulator.url, teams | ({"guests": {}} if number % 3 else {})))
        assert {getattr(answer, "status", answer) for answer in answers} == {200}
        assert at_rest(gateway, "search").spent == dollars(2 * len(answers))
        gateway.kill()
        gateway.start()
        assert standing(gateway, "search").spent == dollars(2 * len(answers))

    def test_budgets_written_under_load_know_all_that_was_spent(self, open_house, simulator):
        """Each new window begins with the sum of the ledger; none of the requests on their way falls between."""
        gateway = open_house({"search": {}})
        with load(gateway.port, body=request(3), headers=costing(2)) as answers:
            for every in ("day", "week", "month", "year") * 3:
                gateway.reload(house_yaml(simulator.url, {"search": {"budgets": [budget(1000, every=every)]}}))
                so_far = len(answers)
                until(lambda so_far=so_far: len(answers) > so_far + 8, what="answers after a reload")
        assert at_rest(gateway, "search").spent == dollars(2 * len(answers))


class TestRestart:
    @pytest.mark.parametrize("end", ["stop", "kill"])
    def test_spending_is_remembered(self, open_house, end):
        gateway = open_house({"search": {"budgets": [budget(1)]}, "sales": {}}, organization={"budgets": [budget(5)]})
        spend(gateway, 60)
        spend(gateway, 30, "sales")
        before = at_rest(gateway, "search")
        getattr(gateway, end)()
        gateway.start()
        assert standing(gateway, "search") == before
        assert verdict(ask(gateway.port, request(41))) == EXHAUSTED
        # 90 cents of the organization's five dollars are spent.
        spend(gateway, 400, "sales")
        assert verdict(ask(gateway.port, request(11), claiming("sales"))) == EXHAUSTED
        spend(gateway, 10, "sales")

    def test_a_request_that_was_under_way_is_charged_what_was_held(self, open_house, simulator):
        gateway = open_house({"search": {"budgets": [budget(1)]}})
        client = Leaver(gateway.port, request(60, stream=True), directives(**LONG_STREAM))
        client.read_events(2)
        gateway.kill()
        client.leave()
        gateway.start()
        now = standing(gateway, "search")
        assert (now.spent, now.reserved) == (Decimal("0.6"), 0)


class TestAnAnswerThatOutgrowsItsHold:
    """Ten thousand tokens where ten were usual."""

    LONG = directives(bytes=40_000, events=1000, event_ms=1)

    @pytest.fixture
    def house(self, open_house):
        def start(outgrown: str):
            limited = {"budgets": [budget(2)], "outgrown_hold": outgrown}
            gateway = open_house({"search": limited, "teacher": {}})
            for _ in range(LESSONS):
                ask(gateway.port, request(), claiming("teacher") | directives(bytes=40))
            return gateway

        return start

    def test_is_cut_where_that_is_wanted(self, house, simulator):
        gateway = house("cut")
        simulator.forget()
        client = Leaver(gateway.port, request(stream=True), self.LONG)
        received = client.read_to_end()
        assert b"data: {" in received and b"[DONE]" not in received
        assert not received.endswith(b"\r\n0\r\n\r\n"), "a stream that was cut must look cut"
        now = at_rest(gateway, "search")
        # What is left is taken although a whole step, which doubles what is held, does not fit. Only the event that
        # does not fit any more can go beyond it: ten tokens.
        assert Decimal("1.9") <= now.spent <= Decimal("2.1")
        assert now.overshoot == max(0, now.spent - 2)
        assert simulator.witness(ended=1)[0]["outcome"] == "peer_left"

    def test_is_let_finish_where_that_is_wanted_and_counted_as_overshoot(self, house):
        gateway = house("finish")
        client = Leaver(gateway.port, request(stream=True), self.LONG | {"connection": "close"})
        assert b"data: [DONE]" in client.read_to_end()
        now = at_rest(gateway, "search")
        assert now.spent == 100
        assert now.overshoot == 98
        assert verdict(ask(gateway.port, request(1))) == EXHAUSTED

    def test_takes_more_as_it_grows(self, house):
        gateway = house("finish")
        first = Leaver(gateway.port, request(stream=True), directives(bytes=4000, events=100, event_ms=30))
        first.read_events(2)
        small = standing(gateway, "search").reserved
        first.read_events(80)
        assert standing(gateway, "search").reserved > small > 0
        first.leave()

    def test_counts_after_a_kill_at_what_it_had_come_to_hold(self, house):
        gateway = house("finish")
        client = Leaver(gateway.port, request(stream=True), directives(bytes=4000, events=100, event_ms=30))
        client.read_events(2)
        small = standing(gateway, "search").reserved
        client.read_events(80)
        held = standing(gateway, "search").reserved
        gateway.kill()
        client.leave()
        gateway.start()
        now = standing(gateway, "search")
        assert now.spent == held > small > 0
        assert now.reserved == 0


class TestABackgroundResponse:
    def ask_for_one(self, gateway, cents: int) -> str:
        body = json.dumps({"model": "cent", "input": "a", "background": True, "max_output_tokens": cents}).encode()
        steering = directives(polls=1, usage={"input_tokens": 1, "output_tokens": cents // 2, "total_tokens": 1})
        return json.loads(ask(gateway.port, body, steering, path="/v1/responses").body)["id"]

    def poll(self, gateway, id: str) -> str:
        return json.loads(ask(gateway.port, None, path=f"/v1/responses/{id}", method="GET").body)["status"]

    def test_holds_until_its_end_is_seen(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(1)]}})
        id = self.ask_for_one(gateway, 60)
        assert standing(gateway, "search").reserved == Decimal("0.6")
        assert verdict(ask(gateway.port, request(60))) == HELD
        assert self.poll(gateway, id) == "in_progress"
        assert standing(gateway, "search").reserved == Decimal("0.6")
        assert self.poll(gateway, id) == "completed"
        assert at_rest(gateway, "search").spent == Decimal("0.3")
        assert self.poll(gateway, id) == "completed"
        assert at_rest(gateway, "search").spent == Decimal("0.3")

    @pytest.mark.parametrize("end", ["stop", "kill"])
    def test_holds_on_over_a_restart(self, open_house, end):
        gateway = open_house({"search": {"budgets": [budget(1)]}})
        id = self.ask_for_one(gateway, 60)
        getattr(gateway, end)()
        gateway.start()
        assert standing(gateway, "search").reserved == Decimal("0.6")
        assert standing(gateway, "search").spent == 0
        self.poll(gateway, id)
        assert self.poll(gateway, id) == "completed"
        assert at_rest(gateway, "search").spent == Decimal("0.3")
        getattr(gateway, end)()
        gateway.start()
        now = standing(gateway, "search")
        assert (now.spent, now.reserved) == (Decimal("0.3"), 0)

    def test_is_charged_to_its_creator_whoever_reads_it(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(1)]}, "sales": {"budgets": [budget(1)]}})
        id = self.ask_for_one(gateway, 60)
        for _ in range(3):
            ask(gateway.port, None, claiming("sales"), path=f"/v1/responses/{id}", method="GET")
        assert at_rest(gateway, "search").spent == Decimal("0.3")
        assert at_rest(gateway, "sales").spent == 0

    def test_is_charged_once_when_many_see_its_end_at_once(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(5)]}})
        id = self.ask_for_one(gateway, 60)
        self.poll(gateway, id)
        polls = [Leaver(gateway.port, b"", path=f"/v1/responses/{id}", method="GET") for _ in range(10)]
        for client in polls:
            client.read_until(b"completed")
            client.leave()
        assert at_rest(gateway, "search").spent == Decimal("0.3")
