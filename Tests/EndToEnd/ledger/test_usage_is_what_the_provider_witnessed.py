"""Reports to the picodollar: by whom, on what and when, as a table, CSV and JSON, with and without a server."""

import csv
import io
import json
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from harness.crowd import Visit, crowd
from harness.entries import entries, ledger_of
from harness.gateway import CANARIES, Gateway
from harness.house import FILES, budget, claiming, costing, dollars, house_yaml, request
from harness.keys import bearer, new_key
from harness.polling import until
from harness.process import steelyard
from harness.raw import CHAT, Leaver, ask, chat
from harness.reckoning import cost, tokens
from harness.simulator import directives

KEY, OTHER_KEY = new_key(), new_key()
TEAMS = {
    "search": {
        "keys": [KEY.entry(), OTHER_KEY.entry()],
        "budgets": [budget(500), budget(3, every="day", models=["ce*"])],
    },
    "sales": {"limits": {"requests_per_minute": 6000, "concurrent_requests": 100}},
}
ENVIRONMENT = {"PROVIDER_KEY": "sk-provider", "ADMIN_TOKEN": "token-of-the-admin"}
ADMIN = bearer("token-of-the-admin")
DIMENSIONS = ("team", "key", "model", "endpoint", "provider", "day", "confidence")
GROUPINGS = [(), *((name,) for name in DIMENSIONS), ("team", "model"), ("day", "team", "key", "model", "endpoint")]


class Books:
    """What was asked for, by the tag that each request carries, and what the provider says of it."""

    def __init__(self, gateway: Gateway, simulator):
        self.gateway, self.simulator = gateway, simulator
        self.tags: dict[str, dict[str, str]] = {}
        self.lines: list[dict] = []

    def ask(self, model: str, path: str = CHAT, team: str = "sales", key=None, steering=None, **members) -> None:
        tag = f"request-{len(self.tags)}"
        self.tags[tag] = {"team": team, "key": key.id if key else "", "model": model, "endpoint": path}
        headers = (key.headers if key else claiming(team)) | (steering or {})
        body = json.dumps({"model": model, "user": tag} | members).encode()
        assert ask(self.gateway.port, body, headers, path=path).status == 200

    def take_in(self) -> None:
        """Pairs what was asked for with what the provider witnessed."""
        for witnessed in self.simulator.witness(ended=len(self.tags)):
            usage = tokens(witnessed["usage"])
            line = self.tags[witnessed.request["user"]] | {"provider": "openai", "confidence": "exact"}
            line |= {"cost_usd": cost(line["model"], witnessed["usage"]), "requests": 1}
            line |= {"tokens_in": usage.prompt, "tokens_cached": usage.cached, "tokens_out": usage.completion}
            self.lines.append(line | {"day": datetime.now(UTC).strftime("%Y-%m-%d")})

    def expected(self, by: tuple[str, ...]) -> dict[tuple, Counter]:
        sums: dict[tuple, Counter] = defaultdict(Counter)
        for line in self.lines:
            for name in ("cost_usd", "requests", "tokens_in", "tokens_cached", "tokens_out"):
                sums[tuple(line[part] for part in by)][name] += line[name]
        return dict(sums)


@pytest.fixture(scope="module")
def books(shared_simulator, tmp_path_factory):
    """A morning of traffic, all of it exact."""
    shared_simulator.forget()
    options = {"provider_options": "api_key: env:PROVIDER_KEY", "default_team": "sales"}
    text = house_yaml(shared_simulator.url, TEAMS, **options).replace("admin: {", "admin: { token: env:ADMIN_TOKEN,")
    gateway = Gateway(tmp_path_factory.mktemp("books"), text, files=FILES, environment=ENVIRONMENT)
    books = Books(gateway, shared_simulator)
    content = {"messages": [{"role": "user", "content": CANARIES[1]}]}
    for number in range(3):
        for key in (None, KEY, OTHER_KEY):
            team = "search" if key else "sales"
            for stream in (False, True):
                steering = directives(cached=4 + number, reasoning=number, events=7 + number)
                books.ask("gpt-4.1", team=team, key=key, steering=steering, stream=stream, **content)
                books.ask("gpt-4.1-mini", team=team, key=key, stream=stream, max_tokens=5 + number, **content)
                books.ask("gpt-5", "/v1/responses", team, key, input=CANARIES[1], stream=stream)
            books.ask("text-embedding-3-small", "/v1/embeddings", team, key, input="a" * (90 + number))
            books.ask("gpt-3.5-turbo-instruct", "/v1/completions", team, key, prompt="a")
    books.take_in()
    until(lambda: len(entries(ledger_of(gateway))) == len(books.lines), what="all entries")
    yield books
    gateway.stop()


def command(gateway: Gateway, *arguments: str):
    done = steelyard("usage", *arguments, "--config", "proxy.yaml", folder=gateway.folder, **gateway.environment)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def by(grouping: tuple[str, ...]) -> list[str]:
    return ["--by", ",".join(grouping)] if grouping else ["--by", ""]


def as_sums(rows: list[dict], grouping: tuple[str, ...]) -> dict[tuple, Counter]:
    names = ("requests", "tokens_in", "tokens_cached", "tokens_out")
    sums = {}
    for row in rows:
        group = tuple(row[name] for name in grouping)
        assert group not in sums, "a group has one row"
        sums[group] = Counter({name: int(row[name]) for name in names} | {"cost_usd": Decimal(row["cost_usd"])})
    return sums


def rows_of(text: str, form: str) -> list[dict]:
    """The rows of a report in any of its forms, without its total."""
    if form == "json":
        return json.loads(text, parse_float=Decimal)["rows"]
    if form == "csv":
        assert text.endswith("\r\n")
        return list(csv.DictReader(io.StringIO(text, newline="")))
    head, *lines = text.splitlines()
    ends = [len(line) for line in (head, *lines)]
    assert max(ends) == min(ends), "the last column lines up on the right"
    # Names here have no spaces; an empty one is a gap, which only the key's column has.
    names = head.split()
    split = [line.split() for line in lines if not line.startswith("total")]
    return [dict(zip(names, parts if len(parts) == len(names) else _gap(names, parts), strict=True)) for parts in split]


def _gap(names: list[str], parts: list[str]) -> list[str]:
    at = names.index("key")
    return [*parts[:at], "", *parts[at:]]


class TestTheCommand:
    # A table without a column of names is its total alone.
    @pytest.mark.parametrize(
        ("grouping", "form"),
        [(names, form) for names in GROUPINGS for form in ("table", "csv", "json") if names or form != "table"],
        ids=lambda value: value if isinstance(value, str) else "-".join(value) or "all",
    )
    def test_while_a_server_runs(self, books, grouping, form):
        rows = rows_of(command(books.gateway, *by(grouping), "--format", form), form)
        assert as_sums(rows, grouping) == books.expected(grouping)

    def test_when_none_runs(self, books):
        books.gateway.stop()
        try:
            for grouping in GROUPINGS:
                rows = rows_of(command(books.gateway, *by(grouping), "--format", "json"), "json")
                assert as_sums(rows, grouping) == books.expected(grouping)
        finally:
            books.gateway.start()

    def test_of_a_ledger_by_name(self, books):
        done = steelyard("usage", "--ledger", str(ledger_of(books.gateway)), "--by", "team", "--format", "json")
        assert as_sums(rows_of(done.stdout, "json"), ("team",)) == books.expected(("team",))

    def test_has_a_total_that_is_the_sum(self, books):
        told = json.loads(command(books.gateway, "--by", "team", "--format", "json"))
        (whole,) = books.expected(()).values()
        assert Decimal(told["total"]["cost_usd"]) == whole["cost_usd"] == Decimal(told["total"]["exact_usd"])
        assert told["total"]["requests"] == whole["requests"]

    @pytest.mark.parametrize(
        ("bounds", "sees_all"),
        [
            (["--since", "1h"], True),
            (["--since", "7d"], True),
            (["--since", (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")], True),
            (["--since", (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d")], False),
            (["--since", "30d", "--until", (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")], False),
            (["--since", "30d", "--until", (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d")], True),
        ],
    )
    def test_looks_where_it_is_told_to(self, books, bounds, sees_all):
        rows = rows_of(command(books.gateway, "--by", "team", "--format", "json", *bounds), "json")
        assert as_sums(rows, ("team",)) == (books.expected(("team",)) if sees_all else {})

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--by", "colour"],
            ["--format", "xml"],
            ["--since", "yesterday"],
            ["--since", "2026-13-01"],
            ["--until", "5y"],
        ],
    )
    def test_of_something_else_says_what_there_is(self, books, arguments):
        refused = steelyard("usage", *arguments, "--ledger", str(ledger_of(books.gateway)))
        assert refused.returncode == 64 and refused.stdout == "" and arguments[1] in refused.stderr

    def test_without_a_ledger_says_so(self, tmp_path):
        refused = steelyard("usage", "--ledger", str(tmp_path / "none.sqlite3"))
        assert 64 <= refused.returncode <= 78 and "none.sqlite3" in refused.stderr
        assert list(tmp_path.iterdir()) == []

    def test_needs_none_of_the_secrets_of_the_server(self, books):
        """Who looks at a bill has neither the service's environment nor its credentials."""
        arguments = ("usage", "--by", "team", "--format", "json", "--config", "proxy.yaml")
        done = steelyard(*arguments, folder=books.gateway.folder)
        assert (done.returncode, done.stderr) == (0, "")
        assert as_sums(rows_of(done.stdout, "json"), ("team",)) == books.expected(("team",))

    def test_changes_nothing(self, books):
        before = entries(ledger_of(books.gateway))
        for _ in range(3):
            command(books.gateway)
        assert entries(ledger_of(books.gateway)) == before


class TestTheAdminSurface:
    def get(self, books, path: str, **headers) -> tuple[int, bytes]:
        return books.gateway.get(path, **(ADMIN | headers))

    @pytest.mark.parametrize("grouping", GROUPINGS[1:], ids=lambda names: "-".join(names))
    def test_tells_the_same_usage(self, books, grouping):
        status, body = self.get(books, f"/admin/v1/usage?by={','.join(grouping)}")
        assert status == 200
        assert as_sums(rows_of(body.decode(), "json"), grouping) == books.expected(grouping)

    @pytest.mark.parametrize("query", ["since=7d", "since=1970-01-02&until=0m", "since=12h", "since=0"])
    def test_takes_the_bounds_that_the_command_takes(self, books, query):
        status, body = self.get(books, f"/admin/v1/usage?by=team&{query}")
        assert status == 200
        assert as_sums(rows_of(body.decode(), "json"), ("team",)) == books.expected(("team",))
        assert json.loads(self.get(books, "/admin/v1/usage?until=1d")[1])["rows"] == []

    def test_tells_how_teams_stand(self, books):
        told = json.loads(self.get(books, "/admin/v1/teams")[1])
        teams = {team["team"]: team for team in told["teams"]}
        assert set(teams) == {"search", "sales"}
        (month, day) = sorted(teams["search"]["windows"], key=lambda window: Decimal(window["limit_usd"]), reverse=True)
        spent = books.expected(("team",))[("search",)]["cost_usd"]
        assert Decimal(month["limit_usd"]) == 500 and Decimal(month["spent_usd"]) == spent
        assert Decimal(month["held_usd"]) == Decimal(month["exposure_usd"]) == Decimal(month["overshoot_usd"]) == 0
        assert month["began_at"] < datetime.now(UTC).timestamp() < month["resets_at"]
        assert Decimal(day["spent_usd"]) == 0, "none of these models is in its group"
        assert teams["sales"]["requests_per_minute"]["limit"] == 6000

    @pytest.mark.parametrize("path", ["usage", "teams", "requests", "reload"])
    @pytest.mark.parametrize("headers", [{}, bearer("wrong"), bearer(KEY.text), {"authorization": "Basic dG9rZW4="}])
    def test_tells_nothing_without_its_token(self, books, path, headers):
        method = "POST" if path == "reload" else "GET"
        status, body = books.gateway.get(f"/admin/v1/{path}", method=method, **headers)
        assert (status, json.loads(body)["error"]["code"]) == (401, "invalid_admin_token")

    @pytest.mark.parametrize("query", ["by=colour", "since=yesterday", "format=xml", "until=-"])
    def test_says_what_a_question_may_be(self, books, query):
        assert self.get(books, f"/admin/v1/usage?{query}")[0] == 400

    def test_is_no_place_to_spend(self, books):
        """The admin token is nobody's key on the data side, nor does it leave the house."""
        books.simulator.forget()
        ask(books.gateway.port, b"{}", ADMIN, path="/admin/v1/usage")
        assert books.simulator.received() == 0


class TestRecentRequests:
    @pytest.fixture
    def gateway(self, open_house):
        teams = {"sales": {}, "search": {"keys": [KEY.entry()]}}
        gateway = open_house(teams, provider_options="api_key: env:PROVIDER_KEY", environment=ENVIRONMENT)
        with gateway.counting(requests=5):
            for _ in range(2):
                ask(gateway.port, chat(user="an-end-user"))
            ask(gateway.port, request(7, stream=True), KEY.headers | costing(5))
            ask(gateway.port, chat(), directives(status=500))
            ask(gateway.port, chat(), bearer(OTHER_KEY.text))
        return gateway

    def told(self, gateway, query: str = "") -> list[dict]:
        return json.loads(gateway.get(f"/admin/v1/requests{query}")[1])["requests"]

    def test_are_told_with_who_what_and_how_much(self, gateway):
        newest = self.told(gateway)
        assert [line["status"] for line in newest] == [401, 500, 200, 200, 200]
        _, failed, streamed, *_ = newest
        assert failed["outcome"] == "failed" and failed["error"] == "upstream_server_error"
        assert (streamed["team"], streamed["key"], streamed["model"]) == ("search", KEY.id, "cent")
        assert (Decimal(streamed["cost_usd"]), streamed["confidence"]) == (dollars(5), "exact")
        assert streamed["is_streamed"] and streamed["endpoint"] == CHAT and streamed["provider"] == "openai"
        assert abs(streamed["ended_at"] - datetime.now(UTC).timestamp()) < 60

    def test_are_told_without_content(self, gateway):
        text = gateway.get("/admin/v1/requests")[1].decode()
        assert not any(canary in text for canary in (*CANARIES, "an-end-user", KEY.text[12:], OTHER_KEY.text[12:]))

    def test_are_as_many_as_asked_for(self, gateway):
        assert [len(self.told(gateway, f"?limit={limit}")) for limit in (1, 3, 500)] == [1, 3, 5]
        assert {line["team"] for line in self.told(gateway, "?team=search")} == {"search"}
        for limit in ("0", "501", "-1", "many"):
            assert gateway.get(f"/admin/v1/requests?limit={limit}")[0] == 400

    def test_are_bounded(self, gateway):
        with gateway.counting(requests=1100, within=60):
            for _ in range(11):
                crowd(gateway.port, [Visit(b"{}")] * 100)
        assert len(self.told(gateway, "?limit=500")) == 500


def test_what_was_answered_before_the_command_began_is_in_it(open_house):
    """The file is some milliseconds behind the answers; the command waits for them."""
    gateway = open_house({"search": {"budgets": [budget(500)]}})
    for number in range(1, 11):
        ask(gateway.port, request(1), costing(1))
        told = steelyard("usage", "--format", "json", folder=gateway.folder)
        assert (told.returncode, told.stderr) == (0, "")
        assert json.loads(told.stdout)["total"]["requests"] == number


class TestConfidences:
    """What is not exact is told apart, and nothing is left out."""

    def test_are_five_and_their_sum_is_the_whole(self, open_house, simulator):
        gateway = open_house({"search": {"budgets": [budget(50)], "unpriced": "allow", "unmetered": "allow"}})
        ask(gateway.port, request(5), costing(3))
        ask(gateway.port, chat("nobodys-model"))
        ask(gateway.port, request(7, stream=True), directives("no-usage"))
        client = Leaver(gateway.port, request(9, stream=True), directives(event_ms=20, events=1000))
        client.read_events(2)
        until(lambda: len(entries(ledger_of(gateway))) == 3, what="three entries")
        gateway.kill()
        gateway.start()
        told = json.loads(gateway.get("/admin/v1/usage?by=confidence")[1])
        costs = {row["confidence"]: Decimal(row["cost_usd"]) for row in told["rows"]}
        assert costs["exact"] == dollars(3)
        assert costs["interrupted"] == dollars(9)
        assert 0 < costs["estimated"] <= dollars(7)
        assert costs["unpriced"] == 0 and told["total"]["unpriced"] == 1
        total = told["total"]
        assert Decimal(total["cost_usd"]) == sum(costs.values()) == gateway.metrics()("ai_budget_spent_usd")

    def test_of_attempts_that_may_have_cost_money_unseen(self, open_house):
        """A provider's bill has them, whatever the status was: retries that timed out, failures that came late."""
        gateway = open_house({"search": {"budgets": [budget(50)]}}, provider_options="timeouts: { first_byte: 200ms }")
        for _ in range(3):
            assert ask(gateway.port, request(5), directives(delay_ms=20_000)).status == 504
        until(lambda: len(entries(ledger_of(gateway))) == 3, what="three entries")
        total = json.loads(gateway.get("/admin/v1/usage")[1])["total"]
        assert (total["requests"], total["unmetered"]) == (3, 3)
        assert Decimal(total["cost_usd"]) == dollars(15), "the hold, until the provider's bill says otherwise"

    def test_of_errors_that_cost_nothing_leave_no_entry(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(50)]}})
        for status in (400, 401, 404, 429):
            ask(gateway.port, request(5), directives(status=status))
        ask(gateway.port, request(5), costing(5))
        until(lambda: len(entries(ledger_of(gateway))) == 1, what="one entry")
        assert gateway.metrics()("ai_budget_spent_usd") == dollars(5)


class TestReprice:
    def test_is_a_report_and_changes_no_history(self, open_house):
        gateway = open_house({"search": {"budgets": [budget(50)]}})
        for _ in range(4):
            ask(gateway.port, request(10), costing(5))
        until(lambda: len(entries(ledger_of(gateway))) == 4, what="four entries")
        before = entries(ledger_of(gateway))
        cheaper = FILES["prices.yaml"].replace("output: 10000 ", "output: 5000 ")
        (gateway.folder / "prices.yaml").write_text(cheaper)
        arguments = ("--by", "model", "--format", "json", "--config", "proxy.yaml")
        told = json.loads(steelyard("usage", "--reprice", *arguments, folder=gateway.folder).stdout)
        (row,) = told["rows"]
        assert Decimal(row["recorded_usd"]) == dollars(20) and Decimal(row["repriced_usd"]) == dollars(10)
        assert Decimal(row["difference_usd"]) == -dollars(10)
        assert entries(ledger_of(gateway)) == before
        usual = json.loads(steelyard("usage", *arguments, folder=gateway.folder).stdout)
        assert Decimal(usual["total"]["cost_usd"]) == dollars(20)


class TestWhatClientsMakeUp:
    EVIL = ['\x1b[31mred\x1b[0m,\n"quoted"', "=1+1", "a\rb", "\u202egnitirw", "x" * 300]

    @pytest.fixture
    def visited(self, open_house):
        gateway = open_house({"search": {}})
        for model in self.EVIL:
            ask(gateway.port, request(1, model=model), costing(1))
        until(lambda: len(entries(ledger_of(gateway))) == len(self.EVIL), what="entries")
        return gateway

    def test_moves_no_cursor(self, visited):
        """Names come from requests and reports go to terminals."""
        table = command_without_environment(visited, "table")
        assert not [mark for mark in table if (ord(mark) < 32 and mark != "\n") or mark in "\x7f\u202e"]
        assert len(table.splitlines()) <= 2 + len(self.EVIL)

    def test_breaks_no_csv_and_no_json(self, visited):
        for form in ("csv", "json"):
            rows = rows_of(command_without_environment(visited, form), form)
            assert sum(int(row["requests"]) for row in rows) == len(self.EVIL)


def command_without_environment(gateway: Gateway, form: str) -> str:
    done = steelyard("usage", "--by", "model", "--format", form, "--config", "proxy.yaml", folder=gateway.folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


class TestVerify:
    def test_finds_nothing_while_it_runs_and_after(self, books):
        for _ in range(2):
            done = steelyard("ledger", "verify", "--ledger", str(ledger_of(books.gateway)))
            assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
            assert done.stdout.endswith(": ok\n")

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ("UPDATE entries SET cost = cost + 1 WHERE rowid = 1", "totals"),
            ("DELETE FROM entries WHERE rowid = 1", "totals"),
            ("UPDATE hours SET requests = requests + 1", "totals"),
            (
                "INSERT INTO open_charges (charge_high, charge_low, opened_at, team, key, model, endpoint, provider,"
                " hold) VALUES (1, 1, 1, 'search', '', 'cent', '/v1/chat/completions', 'openai', 5)",
                "open charges",
            ),
        ],
    )
    def test_finds_what_somebody_changed(self, open_house, change, word):
        gateway = open_house({"search": {}})
        for _ in range(3):
            ask(gateway.port, request(10), costing(5))
        gateway.stop()
        with closing(sqlite3.connect(ledger_of(gateway))) as ledger:
            ledger.execute(change)
            ledger.commit()
        found = steelyard("ledger", "verify", "--ledger", str(ledger_of(gateway)))
        assert found.returncode == 65 and word in found.stdout, found.stdout + found.stderr
