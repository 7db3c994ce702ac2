"""Bodies, paths and methods written so that a gateway may take them for less than the provider does."""

import gzip
import socket
import zlib
from decimal import Decimal

import pytest

from harness.gateway import Gateway
from harness.house import FILES, budget, claiming, costing, dollars, house_yaml, request
from harness.keys import new_key
from harness.polling import until
from harness.raw import CHAT, Leaver, ask, chat, rest_of
from harness.simulator import directives
from harness.standing import at_rest, standing

# What `cent` can put out at most costs this.
FULL = dollars(10_000)
BODY = '{"model":"cent","stream":true,"messages":[{"role":"user","content":"a"}]%s}'
AMBIGUOUS = (400, "ambiguous_request")


@pytest.fixture(scope="module")
def gateway(shared_simulator, tmp_path_factory):
    teams = {
        "search": {"budgets": [budget(5000)], "reserve": "worst_case"},
        "broke": {"budgets": [budget(0.01)], "reserve": "worst_case"},
    }
    started = Gateway(tmp_path_factory.mktemp("gateway"), house_yaml(shared_simulator.url, teams), files=FILES)
    assert ask(started.port, request(1), costing(1) | claiming("broke")).status == 200
    at_rest(started, "broke")
    yield started
    started.stop()


@pytest.mark.parametrize(
    ("members", "least"),
    [
        ("", FULL),
        (',"max_tokens":10', dollars(10)),
        (',"max_tokens":1e1', dollars(10)),
        (',"max\\u005ftokens":10', dollars(10)),
        # No cap, whatever it was meant to be.
        (',"max_tokens":-1', FULL),
        (',"max_tokens":"5"', FULL),
        (',"max_tokens":[5]', FULL),
        (',"max_tokens":{"max_tokens":5}', FULL),
        (',"max_tokens":true', FULL),
        (',"max_tokens":null', FULL),
        (',"metadata":{"max_tokens":1}', FULL),
        # Which of two names a provider goes by is the provider's secret.
        (',"max_tokens":1,"max_completion_tokens":100', dollars(100)),
        (',"max_completion_tokens":100,"max_tokens":1', dollars(100)),
        (',"max_tokens":10,"n":3', dollars(30)),
        (',"max_tokens":10,"n":3.0', dollars(30)),
        # A cap of other endpoints.
        (',"max_output_tokens":1', FULL),
        (',"max_tokens":0', FULL),
        (',"max_tokens":1,"max_completion_tokens":"100000"', FULL),
        (',"max_tokens":10,"n":0', dollars(10)),
        (',"max_tokens":10,"n":null', dollars(10)),
        (',"max_tokens":10,"best_of":7', dollars(70)),
        (',"n":4', 4 * FULL),
    ],
)
def test_a_hold_is_never_talked_down(gateway, simulator, members, least):
    client = Leaver(gateway.port, (BODY % members).encode(), directives(delay_ms=20_000))
    held = until(lambda: standing(gateway, "search").reserved, what="a hold")
    client.leave()
    assert held == least
    at_rest(gateway, "search")


@pytest.mark.parametrize("number", ["9223372036854775808", "1" + "0" * 40, "1e400", "99999999999999999999.5"])
@pytest.mark.parametrize("member", ["max_tokens", "n", "best_of"])
def test_numbers_beyond_all_bounds_hold_much_and_never_little(gateway, simulator, member, number):
    """Nothing wraps around and nothing falls over: refused, or held for at least what the model can put out."""
    client = Leaver(gateway.port, (BODY % f',"{member}":{number}').encode(), directives(delay_ms=20_000))
    held = until(lambda: standing(gateway, "search").reserved or client_is_told(client), what="a hold or a refusal")
    client.leave()
    assert held is True or held >= FULL
    at_rest(gateway, "search")


def client_is_told(client: Leaver) -> bool:
    """Whether a refusal has arrived."""
    client.socket.setblocking(False)
    try:
        client.received += client.socket.recv(65_536)
    except BlockingIOError:
        pass
    return client.received.startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    "members",
    [
        ',"max_tokens":1,"max_tokens":100',
        ',"max_tokens":1,"max\\u005ftokens":100',
        ',"n":1,"n":3',
        ',"model":"nothing"',
        ',"m\\u006fdel":"nothing"',
        ',"stream":false',
        ',"stream_options":{},"stream_options":null',
        ',"n":"50"',
        ',"n":-3',
        ',"n":1.5',
        ',"best_of":"7"',
        ',"service_tier":"flex","service_tier":"priority"',
        ',"prompt":"","prompt":["a","b"]',
        ',"stream_options":{"include_usage":"false"}',
    ],
)
def test_what_can_be_read_two_ways_reaches_no_provider(gateway, simulator, members):
    refused = ask(gateway.port, (BODY % members).encode())
    assert (refused.status, refused.error["code"]) == AMBIGUOUS
    assert simulator.received() == 0


# Ways to write a path that a provider may take for the one of chat completions.
@pytest.mark.parametrize(
    "path",
    [
        CHAT,
        f"{CHAT}?stream=true",
        f"{CHAT}/",
        "/v1/Chat/Completions",
        "/v1/%63hat/completions",
        "/v1//chat/completions",
        "//v1/chat/completions",
        "/v1/x/../chat/completions",
        "/v1/./chat/completions",
        "/v1/chat%2fcompletions",
        "/v1/chat\\completions",
        f"{CHAT};x=1",
        f"{CHAT}%20",
        f"/team/broke{CHAT}",
        f"/team/broke/team/search{CHAT}",
        f"/team/broke/{CHAT}",
        "/v1/engines/cent/completions",
    ],
)
def test_no_spelling_of_a_path_gets_past_a_spent_budget(gateway, simulator, path):
    answer = ask(gateway.port, request(1), claiming("broke"), path=path)
    assert 400 <= answer.status < 500
    assert simulator.received() == 0


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "LOCK", "CHAT"])
def test_no_method_gets_past_a_spent_budget(gateway, simulator, method):
    override = {"x-http-method-override": "POST", "x-method-override": "POST"}
    assert 400 <= ask(gateway.port, request(1), claiming("broke") | override, method=method).status < 502
    assert simulator.received() == 0


@pytest.mark.parametrize("team", ["broke", "search"])
@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        ("br", request(1), 415),
        ("gzip, gzip", gzip.compress(gzip.compress(request(1))), 415),
        ("deflate, gzip", gzip.compress(zlib.compress(request(1))), 415),
        ("gzip;q=1", gzip.compress(request(1)), 415),
        ("gzip", request(1), 400),
        ("deflate", request(1), 400),
        ("zstd", request(1), 400),
        ("gzip", gzip.compress(request(1))[:-1], 400),
        ("gzip", gzip.compress(request(1)) + b"{}", 400),
        ("deflate", zlib.compress(request(1))[2:-4], 400),
        ("gzip", gzip.compress(b'{"x":"' + bytes(8 << 20)), 413),
    ],
    ids=str,
)
def test_a_body_that_cannot_be_decoded_gets_past_no_budget(gateway, simulator, team, coding, body, status):
    answer = ask(gateway.port, body, claiming(team) | {"content-encoding": coding})
    assert answer.status == status
    assert "content-encoding" in answer.error["message"]
    assert simulator.received() == 0


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(request(1))),
        ("x-gzip", gzip.compress(request(1))),
        ("identity, gzip", gzip.compress(request(1))),
        ("gzip", gzip.compress(request(1)[:9]) + gzip.compress(request(1)[9:])),
        ("deflate", zlib.compress(request(1))),
        ("utf-8", request(1)),
    ],
    ids=str,
)
def test_a_coded_body_is_held_to_its_budget_like_any_other(gateway, simulator, coding, body):
    refused = ask(gateway.port, body, claiming("broke") | {"content-encoding": coding})
    assert (refused.status, refused.error["code"]) == (429, "insufficient_quota")
    assert simulator.received() == 0
    ask(gateway.port, body, claiming("search") | {"content-encoding": coding})
    assert simulator.received() == 1
    at_rest(gateway, "search")


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + request(1),
        request(1).decode().encode("utf-16"),
        request(1).decode().encode("utf-16-le"),
        request(1).decode().encode("utf-32"),
        request(1).decode().encode("utf-7").replace(b"{", b"+AHs-"),
        b"[" + request(1) + b"]",
        request(1) + request(1),
        b"model=cent&max_tokens=1",
        b"--b\r\ncontent-disposition: form-data; name=model\r\n\r\ncent\r\n--b--\r\n",
        b"",
    ],
    ids=["mark", "utf-16", "utf-16-le", "utf-32", "utf-7", "array", "twice", "form", "parts", "nothing"],
)
@pytest.mark.parametrize("type", ["application/json", "text/plain", "multipart/form-data; boundary=b", None])
def test_a_body_in_another_dress_gets_past_no_budget(gateway, simulator, body, type):
    assert 400 <= ask(gateway.port, body, claiming("broke") | {"content-type": type}).status < 500
    assert simulator.received() == 0


def test_a_body_in_chunks_gets_past_no_budget(gateway, simulator):
    head = f"POST {CHAT} HTTP/1.1\r\nhost: gateway\r\nx-steelyard-team: broke\r\ntransfer-encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as connection:
        connection.sendall(head.encode())
        for byte in request(1):
            connection.sendall(b"1\r\n%c\r\n" % byte)
        connection.sendall(b"0\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 429 ")
    assert simulator.received() == 0


@pytest.mark.parametrize("team", ["broke", "search"])
def test_a_socket_that_wants_to_be_something_else_gets_past_no_budget(gateway, simulator, team):
    """Frames cannot be weighed yet; clients fall back to HTTP on a 426."""
    upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    upgrade |= {"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="}
    for path in ("/v1/realtime?model=gpt-realtime", "/v1/responses", CHAT):
        answer = ask(gateway.port, None, upgrade | claiming(team), path=path, method="GET")
        assert answer.status == 426, path
    assert simulator.received() == 0


@pytest.mark.parametrize("file_bytes", [100, 300_000])
@pytest.mark.parametrize("model_first", [True, False])
def test_an_upload_gets_past_no_spent_budget(gateway, simulator, file_bytes, model_first):
    model = b'--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'
    file = b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n%b\r\n' % bytes(file_bytes)
    body = (model + file if model_first else file + model) + b"--b--\r\n"
    headers = claiming("broke") | {"content-type": "multipart/form-data; boundary=b"}
    answer = ask(gateway.port, body, headers, path="/v1/audio/transcriptions")
    assert (answer.status, answer.error["code"]) in [(429, "insufficient_quota"), (403, "model_not_priced")]
    assert simulator.received() == 0


def test_the_second_request_of_a_connection_is_looked_at_like_the_first(gateway, simulator):
    """Pipelined behind one that is free, with another team's name, or with none."""
    first = b"GET /v1/models HTTP/1.1\r\nhost: gateway\r\nx-steelyard-team: search\r\n\r\n"
    body = request(1)
    second = (
        b"POST %s HTTP/1.1\r\nhost: a\r\nx-steelyard-team: broke\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as connection:
        connection.sendall(first + second % (CHAT.encode(), len(body)) + body)
        received = rest_of(connection)
    assert received.startswith(b"HTTP/1.1 200 ") and b"insufficient_quota" in received
    assert simulator.received() == 1


def test_a_dearer_tier_holds_its_price(open_house):
    """1,000 tokens of gpt-4.1 cost 0.8 cents, and 1.4 at priority, where a project may serve what names no tier."""
    gateway = open_house({"search": {"budgets": [budget(500)], "reserve": "worst_case"}})

    def held(**members) -> Decimal:
        body = chat("gpt-4.1", max_tokens=1000, stream=True, **members)
        client = Leaver(gateway.port, body, directives(delay_ms=20_000))
        held = until(lambda: standing(gateway, "search").reserved, what="a hold")
        client.leave()
        at_rest(gateway, "search")
        return held

    assert Decimal("0.008") < held(service_tier="default") < Decimal("0.0085")
    for dearer in ({"service_tier": "priority"}, {"service_tier": "auto"}, {}):
        assert Decimal("0.014") < held(**dearer) < Decimal("0.0145")


@pytest.mark.parametrize(("reserve", "most"), [("learned", "0.81"), ("worst_case", "3.51")])
def test_a_long_prompt_holds_for_its_length(open_house, reserve, most):
    """A million bytes are likely 400,000 tokens at most, and surely a million, at priority prices."""
    gateway = open_house({"search": {"budgets": [budget(500)], "reserve": reserve}})
    body = chat("gpt-4.1", max_tokens=1, messages=[{"role": "user", "content": "word " * 200_000}])
    client = Leaver(gateway.port, body, directives(delay_ms=300) | {"connection": "close"})
    held = until(lambda: standing(gateway, "search").reserved, what="a hold")
    client.read_to_end()
    assert at_rest(gateway, "search").spent <= held <= Decimal(most)
    assert standing(gateway, "search").overshoot == 0


def test_a_key_has_no_way_around_its_own_budget_by_its_teams_name(open_house, simulator):
    poor, rich = new_key(), new_key()
    teams = {
        "search": {"keys": [poor.entry(budgets=[budget(0.01)]), rich.entry()], "budgets": [budget(5)]},
        "sales": {},
    }
    gateway = open_house(
        teams, provider_options="api_key: env:PROVIDER_KEY", environment={"PROVIDER_KEY": "sk"}, default_team="sales"
    )
    assert ask(gateway.port, request(1), poor.headers | costing(1)).status == 200
    at_rest(gateway, "search")
    simulator.forget()
    for more in ({}, claiming("search"), {"x-api-key": poor.text}):
        assert ask(gateway.port, request(1), poor.headers | more).status == 429
    assert ask(gateway.port, request(1), poor.headers, path=f"/team/search{CHAT}").status == 429
    assert ask(gateway.port, request(1), poor.headers | {"x-api-key": rich.text}).status in (401, 403)
    assert simulator.received() == 0


def test_a_cap_beyond_all_the_model_can_do_is_no_plausible_answer(open_house):
    gateway = open_house({"search": {"budgets": [budget(500)]}})
    client = Leaver(gateway.port, request(200_000, stream=True), directives(delay_ms=20_000))
    held = until(lambda: standing(gateway, "search").reserved or client_is_told(client), what="a hold")
    client.leave()
    assert held < FULL
