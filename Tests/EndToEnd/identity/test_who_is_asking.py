"""Keys come before claims, claims before the default; contradictory requests reach no provider."""

import base64
import signal
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from harness.gateway import KEY, Gateway, proxy_yaml
from harness.keys import Key, bearer, checksum, credential, fingerprint, new_key
from harness.polling import until
from harness.raw import CHAT, Leaver, ask, chat
from harness.simulator import Simulator, directives
from harness.traffic import load

PROVIDER_KEY = "sk-provider-5d20c7a1e94b"
CLIENT_KEY_OF_SEARCH = "sk-client-77aa10c4"
SEARCH, OTHER, EXPIRED, STRANGER = new_key(), new_key(), new_key(), new_key()
TEAMS = {
    "search": {
        "keys": [SEARCH.entry(), EXPIRED.entry(expires="2026-01-01")],
        "provider_keys": [fingerprint(CLIENT_KEY_OF_SEARCH)],
    },
    "sales": {"keys": [OTHER.entry()]},
    "batch-jobs": {},
    "nightly": {},
}
NOBODY = {"authorization": None}
ANYBODY = bearer(KEY)
MISMATCH = (403, "invalid_request_error", "team_mismatch")
BAD_KEY = (401, "invalid_request_error", "invalid_api_key")


def mistyped(key: Key) -> str:
    """The key with two neighbouring characters exchanged, as people do."""
    place = next(at for at in range(20, 40) if key.text[at] != key.text[at + 1])
    return key.text[:place] + key.text[place + 1] + key.text[place] + key.text[place + 2 :]


class Case(NamedTuple):
    """What a client sends, and the team that is charged or the refusal that it gets."""

    name: str
    headers: dict[str, str]
    expected: str | tuple[int, str, str]
    path: str | None = None
    header: str | None = None

    def ask(self, gateway: Gateway):
        target = f"/team/{self.path}{CHAT}" if self.path else CHAT
        claim = {"x-steelyard-team": self.header} if self.header else {}
        return ask(gateway.port, chat(), self.headers | claim, path=target)


OPEN_HOUSE = [
    Case("a key is its team", SEARCH.headers, "search"),
    Case("so is one in api-key", NOBODY | {"api-key": SEARCH.text}, "search"),
    Case("and one in x-api-key", NOBODY | {"x-api-key": SEARCH.text}, "search"),
    Case("schemes have no case", {"authorization": f"bEARER {SEARCH.text}"}, "search"),
    Case("a path may say it again", SEARCH.headers, "search", path="search"),
    Case("a header too", SEARCH.headers, "search", header="search"),
    Case("a path cannot outvote a key", SEARCH.headers, MISMATCH, path="batch-jobs"),
    Case("nor can a header", SEARCH.headers, MISMATCH, header="batch-jobs"),
    Case("nor an unknown team", SEARCH.headers, MISMATCH, header="nobody"),
    Case("one right claim of two is not enough", SEARCH.headers, MISMATCH, path="search", header="batch-jobs"),
    Case("two keys of two teams", SEARCH.headers | {"x-api-key": OTHER.text}, MISMATCH),
    Case("the client's own key can be a credential", bearer(CLIENT_KEY_OF_SEARCH), "search"),
    Case("which a claim cannot outvote", bearer(CLIENT_KEY_OF_SEARCH), MISMATCH, path="batch-jobs"),
    Case("a key that says nothing", ANYBODY, "unassigned"),
    Case("no key at all", NOBODY, "unassigned"),
    Case("a claim by path", ANYBODY, "batch-jobs", path="batch-jobs"),
    Case("a claim by header", ANYBODY, "batch-jobs", header="batch-jobs"),
    Case("both and the same", ANYBODY, "batch-jobs", path="batch-jobs", header="batch-jobs"),
    Case("both and not the same", ANYBODY, MISMATCH, path="batch-jobs", header="nightly"),
    Case("a claim of two teams", ANYBODY, MISMATCH, header="batch-jobs, nightly"),
    Case("a claim without a key", NOBODY, "batch-jobs", path="batch-jobs"),
    Case("a team that has keys is not claimed by path", ANYBODY, MISMATCH, path="search"),
    Case("nor by header", ANYBODY, MISMATCH, header="search"),
    Case("a team nobody knows", ANYBODY, MISMATCH, path="nobody"),
    Case("names of teams have case", ANYBODY, MISMATCH, header="Batch-Jobs"),
    Case("a key nobody knows", STRANGER.headers, BAD_KEY),
    Case("a key nobody knows is not helped by a claim", STRANGER.headers, BAD_KEY, path="batch-jobs"),
    Case("a key that has expired", EXPIRED.headers, BAD_KEY),
    Case("a typing error", bearer(mistyped(SEARCH)), BAD_KEY),
    Case("half a key", bearer(SEARCH.text[:30]), BAD_KEY),
    Case("its beginning alone", bearer("sy_"), BAD_KEY),
    Case("a secret of another key", bearer(f"sy_{OTHER.id}{SEARCH.text[11:]}"), BAD_KEY),
    Case(
        "that with its checksum right",
        bearer((body := f"sy_{OTHER.id}{SEARCH.text[11:-6]}") + checksum(body)),
        BAD_KEY,
    ),
    Case("a key nobody knows behind one that says nothing", ANYBODY | {"x-api-key": STRANGER.text}, BAD_KEY),
    Case("a key nobody knows behind a good one", SEARCH.headers | {"api-key": STRANGER.text}, BAD_KEY),
]
CLOSED_HOUSE = [
    Case("a key is its team", SEARCH.headers, "search"),
    Case("the client's own key too", bearer(CLIENT_KEY_OF_SEARCH), "search"),
    Case("a claim is enough", ANYBODY, "batch-jobs", path="batch-jobs"),
    Case("no key at all", NOBODY, BAD_KEY),
    Case("a key that says nothing", ANYBODY, BAD_KEY),
    Case("a team nobody knows", ANYBODY, MISMATCH, header="nobody"),
]


@pytest.fixture(scope="module")
def houses(shared_simulator, tmp_path_factory):
    """Gateways by their default team."""
    started = {}
    for default in ("unassigned", "reject"):
        folder = tmp_path_factory.mktemp(default)
        started[default] = Gateway(folder, house(shared_simulator, default_team=default), environment=ENVIRONMENT)
    yield started
    for gateway in started.values():
        gateway.stop()


ENVIRONMENT = {"PROVIDER_KEY": PROVIDER_KEY}
WITH_A_KEY = "api_key: env:PROVIDER_KEY"


def house(simulator: Simulator, teams: dict = TEAMS, **sections) -> str:
    return proxy_yaml(simulator.url, provider_options=WITH_A_KEY, teams=teams, **sections)


@pytest.mark.parametrize(
    ("default", "case"),
    [pytest.param("unassigned", case, id=case.name) for case in OPEN_HOUSE]
    + [pytest.param("reject", case, id=f"where nobody else is let in, {case.name}") for case in CLOSED_HOUSE],
)
def test_a_request_has_one_team_or_none(houses, simulator, default, case: Case):
    gateway = houses[default]
    with gateway.counting(requests=1) as counted:
        answer = case.ask(gateway)
    if isinstance(case.expected, str):
        assert answer.status == 200, answer.body
        assert counted.by("ai_requests_total", "team", "status") == {(case.expected, "200"): 1}
        assert counted("ai_auth_failures_total") == 0
        (witnessed,) = simulator.witness(ended=1)
        assert witnessed.path == CHAT, "the team is ours, not the provider's"
        assert "x-steelyard-team" not in witnessed["header_names"]
    else:
        assert (answer.status, answer.error["type"], answer.error["code"]) == case.expected
        assert counted("ai_auth_failures_total") == 1
        assert counted.by("ai_requests_total", "endpoint", "status") == {(CHAT, str(answer.status)): 1}
        assert simulator.received() == 0
        assert answer.headers["x-request-id"]
        if answer.status == 403:
            assert answer.headers["x-should-retry"] == "false"


def test_a_refusal_comes_before_the_body_is_read(houses, simulator):
    """A client that announces 60 MB gets its refusal at once."""
    client = Leaver(houses["unassigned"].port, b"", STRANGER.headers | {"content-length": str(60 << 20)})
    client.read_until(b"invalid_api_key")
    client.leave()


def test_a_typing_error_is_told_from_a_key_that_is_gone(houses):
    gateway = houses["unassigned"]
    messages = {ask(gateway.port, chat(), bearer(key)).error["message"] for key in (mistyped(SEARCH), STRANGER.text)}
    assert len(messages) == 2
    assert not any(part in message for message in messages for part in (SEARCH.text[12:], STRANGER.text[12:]))


def test_the_end_user_a_request_names_is_no_identity(houses):
    """A member that any client can set does not decide who pays."""
    with houses["unassigned"].counting(requests=1) as counted:
        ask(houses["unassigned"].port, chat(user="search"), SEARCH.headers | {"x-litellm-end-user-id": "nightly"})
    assert counted.by("ai_requests_total", "team") == {("search",): 1}


class TestTheProvidersKey:
    @pytest.mark.parametrize(
        "presented",
        [
            SEARCH.headers,
            NOBODY | {"api-key": SEARCH.text},
            NOBODY | {"x-api-key": SEARCH.text},
            NOBODY | {"x-goog-api-key": SEARCH.text},
            SEARCH.headers | {"x-api-key": SEARCH.text},
        ],
    )
    def test_takes_the_place_of_a_steelyard_key(self, houses, simulator, presented):
        belongings = {"openai-organization": "org-1", "openai-project": "proj-1", "openai-beta": "kept"}
        assert ask(houses["unassigned"].port, chat(), presented | belongings).status == 200
        (witnessed,) = simulator.witness(ended=1)
        assert witnessed["credential"] == credential(PROVIDER_KEY)
        names = [name.lower() for name in witnessed["header_names"]]
        assert names.count("authorization") == 1 and "openai-beta" in names
        assert not {"openai-organization", "openai-project", "api-key", "x-api-key", "x-goog-api-key"} & set(names)

    @pytest.mark.parametrize("key", [KEY, CLIENT_KEY_OF_SEARCH])
    def test_leaves_a_clients_own_key_as_it_is(self, houses, simulator, key):
        belongings = {"openai-organization": "org-1", "openai-project": "proj-1", "x-api-key": "another"}
        assert ask(houses["unassigned"].port, chat(), bearer(key) | belongings).status == 200
        (witnessed,) = simulator.witness(ended=1)
        assert witnessed["credential"] == credential(key)
        assert set(belongings) <= {name.lower() for name in witnessed["header_names"]}

    def test_belongs_to_its_provider(self, start_gateway, simulator, other_simulator):
        """Two providers with a key each, and one without: no key crosses over, and a Steelyard key goes nowhere."""
        third = f"third: {{ base_url: '{other_simulator.url}', mount: /third/v1 }}"
        second = f"second: {{ base_url: '{other_simulator.url}', mount: /second/v1, api_key: env:SECOND_KEY }}"
        text = house(simulator).replace("providers:\n", f"providers:\n  {second}\n  {third}\n")
        gateway = start_gateway(text, environment=ENVIRONMENT | {"SECOND_KEY": "sk-second"})
        assert ask(gateway.port, chat(), SEARCH.headers).status == 200
        assert ask(gateway.port, chat(), SEARCH.headers, path="/second/v1/chat/completions").status == 200
        assert simulator.witness(ended=1)[0]["credential"] == credential(PROVIDER_KEY)
        assert other_simulator.witness(ended=1)[0]["credential"] == credential("sk-second")
        assert ask(gateway.port, chat(), SEARCH.headers, path="/third/v1/chat/completions").status >= 400
        assert (simulator.received(), other_simulator.received()) == (1, 1)

    def test_follows_no_redirect(self, houses, simulator):
        assert ask(houses["unassigned"].port, chat(), SEARCH.headers | directives(redirect=307)).status == 307
        assert simulator.received() == 1

    def test_refused_is_the_operators_fault_and_not_the_clients(self, houses, simulator):
        """On a 401, a client would throw away a valid key."""
        gateway = houses["unassigned"]
        refused = ask(gateway.port, chat(), SEARCH.headers | directives(status=401))
        assert (refused.status, refused.error["type"], refused.error["code"]) == (502, "server_error", "upstream_auth")
        passed = ask(gateway.port, chat(), ANYBODY | directives(status=401))
        assert (passed.status, passed.error["code"]) == (401, "invalid_api_key")


def escaped(text: str) -> str:
    return "".join(f"%{ord(character):02x}" for character in text)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"cookie": f"a=b; key={SEARCH.text}"}, ""),
        ({"cookie": f"key={escaped(SEARCH.text)}"}, ""),
        ({"cookie": f"key={SEARCH.text[:-1]}_"}, ""),
        ({"authorization": f"Basic {encoded(f'user:{SEARCH.text}')}"}, ""),
        ({"sec-websocket-protocol": f"realtime, openai-insecure-api-key.{SEARCH.text}"}, ""),
        ({"referer": f"https://app.example/?key={SEARCH.text}"}, ""),
        ({SEARCH.text: "1"}, ""),
        ({}, f"?key={SEARCH.text}"),
        ({}, f"?key={escaped(SEARCH.text)}"),
        (SEARCH.headers, f"?key={escaped(escaped(SEARCH.text))}"),
        (SEARCH.headers | {"x-note": encoded(SEARCH.text)}, ""),
    ],
)
def test_a_steelyard_key_in_the_wrong_place_goes_nowhere(houses, simulator, headers, query):
    with houses["unassigned"].counting(requests=1) as counted:
        answer = ask(houses["unassigned"].port, chat(), headers, path=CHAT + query)
    assert (answer.status, answer.error["code"]) == (401, "invalid_api_key")
    assert "another header" in answer.error["message"]
    assert counted.by("ai_auth_failures_total", "reason") == {("key_misplaced",): 1}
    assert simulator.received() == 0


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/organization/projects", "/%6frganization/costs", "/projects/p/roles", "/webhook_endpoints"])
def test_nobody_administrates_the_account_with_the_operators_key(houses, simulator, method, path):
    gateway = houses["unassigned"]
    refused = ask(gateway.port, None, SEARCH.headers, path="/v1" + path, method=method)
    assert (refused.status, refused.error["code"]) == (403, "administration_not_allowed")
    assert simulator.received() == 0
    ask(gateway.port, None, bearer("sk-admin-of-my-own"), path="/v1" + path, method=method)
    assert simulator.witness(ended=1)[0]["credential"] == credential("sk-admin-of-my-own")


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": STRANGER.text},
        {"authorization": f"Basic {STRANGER.text}"},
        {"authorization": f"Bearer  {STRANGER.text}"},
        {"authorization": f"Bearer {KEY}", "x-goog-api-key": STRANGER.text},
    ],
    ids=["without a scheme", "with another scheme", "behind two spaces", "in Google's field"],
)
def test_a_steelyard_key_never_reaches_a_provider_however_it_is_sent(houses, simulator, headers):
    answer = ask(houses["unassigned"].port, chat(), headers)
    assert (answer.status, answer.error["code"]) == (401, "invalid_api_key")
    assert simulator.received() == 0


class TestReload:
    def test_takes_a_key_away_and_gives_a_team_under_load(self, start_gateway, simulator):
        gateway = start_gateway(house(simulator), environment=ENVIRONMENT)
        without = TEAMS | {"search": {"keys": [OTHER.entry()]}, "sales": {}, "newcomers": {}}
        with load(gateway.port, headers=SEARCH.headers) as revoked, load(gateway.port, headers=ANYBODY) as untouched:
            until(lambda: len(revoked) > 8, what="answers before the reload")
            gateway.reload(house(simulator, without))
            seen = len(revoked)
            until(lambda: len(revoked) > seen + 8, what="answers after the reload")
            assert ask(gateway.port, chat(), path=f"/team/newcomers{CHAT}").status == 200
        statuses = [getattr(answer, "status", answer) for answer in revoked]
        first = statuses.index(401)
        assert set(statuses[:first]) == {200}
        # Requests in progress may end after the first refusal.
        assert set(statuses[first + 8 :]) == {401}
        assert {getattr(answer, "status", answer) for answer in untouched} == {200}

    def test_lets_a_revoked_keys_stream_end(self, start_gateway, simulator):
        gateway = start_gateway(house(simulator), environment=ENVIRONMENT)
        slow = directives(event_ms=20, events=40) | SEARCH.headers | {"connection": "close"}
        client = Leaver(gateway.port, chat(stream=True), slow)
        client.read_events(3)
        gateway.reload(house(simulator, {"batch-jobs": {}}))
        assert b"data: [DONE]" in client.read_to_end()
        assert ask(gateway.port, chat(), SEARCH.headers).status == 401

    def test_moves_a_key_to_another_team(self, start_gateway, simulator):
        gateway = start_gateway(house(simulator), environment=ENVIRONMENT)
        gateway.reload(house(simulator, {"elsewhere": {"keys": [SEARCH.entry()]}}))
        with gateway.counting(requests=1) as counted:
            ask(gateway.port, chat(), SEARCH.headers)
        assert counted.by("ai_requests_total", "team") == {("elsewhere",): 1}

    def test_takes_a_new_provider_key(self, start_gateway, simulator, tmp_path):
        secret = tmp_path / "key"
        secret.write_text("sk-old\n")
        text = proxy_yaml(simulator.url, provider_options=f"api_key: 'file:{secret}'", teams=TEAMS)
        gateway = start_gateway(text)
        ask(gateway.port, chat(), SEARCH.headers)
        secret.write_text("sk-new\n")
        gateway.process.send(signal.SIGHUP)
        gateway.process.line_with('"message":"reloaded"')
        ask(gateway.port, chat(), SEARCH.headers)
        seen = [entry["credential"] for entry in simulator.witness(ended=2)]
        assert seen == [credential("sk-old"), credential("sk-new")]


def test_a_key_expires_while_the_gateway_runs(start_gateway, simulator):
    soon = datetime.now(UTC) + timedelta(seconds=2)
    teams = {"search": {"keys": [SEARCH.entry(expires=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))]}}
    gateway = start_gateway(house(simulator, teams), environment=ENVIRONMENT)
    assert ask(gateway.port, chat(), SEARCH.headers).status == 200
    until(lambda: ask(gateway.port, chat(), SEARCH.headers).status == 401, what="its end")
    assert datetime.now(UTC) >= soon.replace(microsecond=0)
