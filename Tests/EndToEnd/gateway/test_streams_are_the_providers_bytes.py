"""Transparency: apart from the usage it did not ask for, the client gets the provider's bytes, and the provider the
client's."""

import json

import pytest

from harness.gateway import proxy_yaml
from harness.raw import ask, chat
from harness.reckoning import assert_counters_equal

# The forms of streams; each is a list of the simulator's directives.
SHAPES = [
    "",
    "crlf",
    "cr",
    "bom",
    "no-done",
    "split=1",
    "split=7",
    "obfuscation",
    "usage-beside-content",
    "tool-call=weather",
    "finish=length",
    "trailers",
    "no-length",
    "events=2000",
    "bytes=300000, events=3",
    "error-midstream=3",
    "cached=5, reasoning=9",
]
# Forms that change when usage is requested, or that have usage without a request.
ODD_SHAPES = ["azure-filters", "usage-every-chunk"]
PLAIN_SHAPES = [
    "",
    "gzip",
    "deflate",
    "split=1",
    "trailers",
    "no-length",
    "leading-newlines=9",
    "bytes=500000",
    "azure-filters",
    "tool-call=weather",
    "status=201",
    "status=400",
    "status=401",
    "status=429, retry-after=7",
    "status=500",
    "redirect",
]

# JSON that a serialiser would write differently.
UNUSUAL = b'{ "model":"gpt-4.1" ,\n\t"messages" : [ {"role":"user","content":"\\u00e9 \xc3\xa9"} ], %s } '


def steered(shape: str) -> dict[str, str]:
    return {"x-simulate": f"id=answer-1, {shape}"}


@pytest.mark.parametrize("shape", [*SHAPES, *ODD_SHAPES])
def test_a_stream_that_asks_for_no_usage_is_byte_for_byte_the_same(gateway, simulator, shape):
    body = chat(stream=True)
    direct = ask(simulator.port, body, steered(shape))
    through = ask(gateway.port, body, steered(shape))
    assert through.body == direct.body
    assert through.status == direct.status


@pytest.mark.parametrize("shape", SHAPES)
def test_so_is_one_that_declines_usage(gateway, simulator, shape):
    body = chat(stream=True, stream_options={"include_usage": False})
    direct = ask(simulator.port, body, steered(shape))
    assert ask(gateway.port, body, steered(shape)).body == direct.body


@pytest.mark.parametrize("shape", [*SHAPES, *ODD_SHAPES, "comments", "multi-line", "wrong-type"])
def test_one_that_asks_for_usage_gets_it_untouched(gateway, simulator, shape):
    body = chat(stream=True, stream_options={"include_usage": True})
    direct = ask(simulator.port, body, steered(shape))
    assert ask(gateway.port, body, steered(shape)).body == direct.body
    assert simulator.witness(ended=2)[1]["body"].encode() == body


def test_comments_stay_where_they_are(gateway, simulator):
    """The one before the chunk that is taken out is nobody's usage: it stays, too."""
    direct = ask(simulator.port, chat(stream=True), steered("comments"))
    through = ask(gateway.port, chat(stream=True), steered("comments"))
    comment = direct.body.partition(b"\n\n")[0] + b"\n\n"
    assert comment.startswith(b":")
    assert through.body.replace(comment, b"") == direct.body.replace(comment, b"")
    assert through.body.count(comment) == direct.body.count(comment) + 1


@pytest.mark.parametrize("shape", PLAIN_SHAPES)
def test_a_plain_answer_is_byte_for_byte_the_same(gateway, simulator, shape):
    direct = ask(simulator.port, chat(), steered(shape))
    through = ask(gateway.port, chat(), steered(shape))
    assert through.body == direct.body
    assert through.status == direct.status
    headers = through.lasting_headers
    assert headers.pop("x-steelyard-request-id").startswith("req_")
    assert headers == direct.lasting_headers


@pytest.mark.parametrize("shape", ["gzip", "deflate", "split=1", "leading-newlines=9", "bytes=500000", "no-length"])
def test_a_plain_answer_is_weighed_in_any_wrapping(gateway, simulator, shape):
    with gateway.counting(requests=1) as counted:
        ask(gateway.port, chat(), steered(shape))
    assert_counters_equal(counted, simulator.witness(ended=1))


@pytest.mark.parametrize(
    "shape", [shape for shape in [*SHAPES, *ODD_SHAPES, "comments", "multi-line"] if shape != "error-midstream=3"]
)
def test_a_stream_is_weighed_in_any_shape(gateway, simulator, shape):
    with gateway.counting(requests=1) as counted:
        ask(gateway.port, chat(stream=True), steered(shape))
    assert_counters_equal(counted, simulator.witness(ended=1))


def test_the_provider_gets_a_plain_request_as_it_was_sent(gateway, simulator):
    body = UNUSUAL % b'"temperature" : 1.50'
    ask(gateway.port, body)
    (witnessed,) = simulator.witness(ended=1)
    assert witnessed["body"].encode() == body


def test_the_one_edit_changes_nothing_else(gateway, simulator):
    body = UNUSUAL % b'"stream" : true'
    ask(gateway.port, body)
    (witnessed,) = simulator.witness(ended=1)
    edited = witnessed["body"].encode()
    assert json.loads(edited) == json.loads(body) | {"stream_options": {"include_usage": True}}
    assert edited.replace(b',"stream_options":{"include_usage":true}', b"", 1) == body


def test_a_provider_that_refuses_to_be_asked_gets_the_original_once_and_never_again(start_gateway, simulator):
    gateway = start_gateway(proxy_yaml(simulator.url))
    body = chat(stream=True)
    direct = ask(simulator.port, body, steered("refuse-stream-options"))
    simulator.forget()

    with gateway.counting(requests=1) as counted:
        assert ask(gateway.port, body, steered("refuse-stream-options")).body == direct.body
    first, second = simulator.witness(ended=2)
    assert (first["status"], second["status"]) == (400, 200)
    assert "stream_options" in first.request
    assert second["body"].encode() == body
    assert counted("ai_injection_refused_total", provider="openai") == 1
    assert counted("ai_cost_usd_total") == counted("ai_cost_estimated_usd_total") > 0

    simulator.forget()
    with gateway.counting(requests=1) as counted:
        assert ask(gateway.port, body, steered("refuse-stream-options")).body == direct.body
    (only,) = simulator.witness(ended=1)
    assert only["body"].encode() == body
    assert counted("ai_injection_refused_total") == 0


def test_without_the_edit_a_stream_can_only_be_estimated(start_gateway, simulator):
    gateway = start_gateway(proxy_yaml(simulator.url, provider_options="inject_usage: never"))
    with gateway.counting(requests=1) as counted:
        ask(gateway.port, chat(stream=True))
    (witnessed,) = simulator.witness(ended=1)
    assert "stream_options" not in witnessed.request
    assert counted("ai_cost_usd_total") == counted("ai_cost_estimated_usd_total") > 0


def test_secrets_and_the_gateways_own_headers_stay_where_they_belong(gateway, simulator):
    ours = {"x-steelyard-team": "unassigned", "x-forwarded-for": "10.0.0.1", "via": "1.1 proxy"}
    assert ask(gateway.port, chat(), ours).status == 200
    (witnessed,) = simulator.witness(ended=1)
    names = {name.lower() for name in witnessed["header_names"]}
    assert "authorization" in names and witnessed["credential"]
    assert not names & {"x-steelyard-team", "x-forwarded-for", "via", "forwarded"}
