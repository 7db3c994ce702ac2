"""Other endpoints, other shapes: their cost is read from the answer, or counted as unknown."""

import json

import pytest

from harness.constant_provider import USAGE
from harness.gateway import proxy_yaml
from harness.raw import ask, chat
from harness.reckoning import cost
from harness.simulator import directives

MULTIPART = {"content-type": "multipart/form-data; boundary=b"}
FORM = (
    b'--b\r\ncontent-disposition: form-data; name="model"\r\n\r\n%s\r\n'
    b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF\x00\xff\r\n--b--\r\n'
)


# A key that bypasses the gateway, training, work billed elsewhere, and paths that were unknown when this was written.
@pytest.mark.parametrize("path", ["/v1/realtime/client_secrets", "/v1/fine_tuning/jobs", "/v1/batches", "/v1/new"])
def test_a_path_that_may_cost_money_unseen_is_counted(start_gateway, start_constant_provider, path):
    gateway = start_gateway(proxy_yaml(start_constant_provider(id="job-1").url))
    with gateway.counting(requests=1) as counted:
        assert ask(gateway.port, b'{"model":"gpt-4.1"}', path=path).status == 200
    assert counted.by("ai_unmetered_requests_total", "reason") == {("path",): 1}
    assert counted("ai_cost_usd_total") == 0


def test_a_usage_on_a_path_nobody_knew_of_is_weighed(start_gateway, start_constant_provider):
    provider = start_constant_provider(model="gpt-4.1", usage=USAGE)
    gateway = start_gateway(proxy_yaml(provider.url))
    with gateway.counting(requests=1) as counted:
        ask(gateway.port, b'{"model":"gpt-4.1"}', path="/v1/new")
    assert counted("ai_cost_usd_total", endpoint="other", model="gpt-4.1") == cost("gpt-4.1", USAGE)
    assert counted("ai_unmetered_requests_total") == 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_reading_and_deleting_is_free(gateway, method):
    with gateway.counting(requests=1) as counted:
        ask(gateway.port, None, path="/v1/files/file-1", method=method)
    assert counted("ai_unmetered_requests_total") == counted("ai_cost_usd_total") == 0


@pytest.mark.parametrize("streamed", [False, True])
def test_an_answer_without_usage_is_estimated_and_marked(gateway, simulator, streamed):
    with gateway.counting(requests=1) as counted:
        ask(gateway.port, chat(stream=streamed), directives("no-usage"))
    assert counted("ai_cost_usd_total") == counted("ai_cost_estimated_usd_total") > 0
    assert counted("ai_tokens_total", type="completion") > 0


def test_an_upload_passes_unchanged_and_its_tokens_count(gateway, simulator):
    form = FORM % b"gpt-4o-mini-transcribe"
    direct = ask(simulator.port, form, MULTIPART, path="/v1/audio/transcriptions")
    simulator.forget()
    with gateway.counting(requests=1) as counted:
        assert ask(gateway.port, form, MULTIPART, path="/v1/audio/transcriptions").body == direct.body
    (witnessed,) = simulator.witness(ended=1)
    assert witnessed["body_bytes"] == len(form)
    assert (
        counted("ai_tokens_total", endpoint="/v1/audio/transcriptions", type="total")
        == witnessed["usage"]["total_tokens"]
    )


def test_a_picture_is_weighed_by_its_usage(gateway, simulator):
    body = json.dumps({"model": "gpt-image-1", "prompt": "a steelyard", "n": 2}).encode()
    with gateway.counting(requests=1) as counted:
        assert ask(gateway.port, body, path="/v1/images/generations").status == 200
    (witnessed,) = simulator.witness(ended=1)
    assert counted("ai_tokens_total", type="total") == witnessed["usage"]["total_tokens"]


def test_a_large_request_passes(start_gateway, start_constant_provider):
    gateway = start_gateway(proxy_yaml(start_constant_provider().url))
    assert ask(gateway.port, chat(user="a" * (8 << 20))).status == 200


def test_one_beyond_the_limit_is_refused_unsent(start_gateway, simulator):
    listen = '"127.0.0.1:0"'
    gateway = start_gateway(proxy_yaml(simulator.url).replace(listen, f"{listen}, limits: {{ body_bytes: 256KiB }}", 1))
    refused = ask(gateway.port, chat(user="a" * (300 << 10)))
    assert (refused.status, refused.error["code"]) == (413, "request_too_large")
    assert simulator.received() == 0


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"gpt-4.1","model":"gpt-4.1-mini"}',
        b'{"model":"gpt-4.1","stream":true,"stream":false}',
        b'{"model":"gpt-4.1","stream_options":{},"stream_options":null}',
        b'{"model":"gpt-4.1","max_tokens":1,"max_tokens":100000}',
    ],
)
def test_a_body_that_can_be_read_two_ways_reaches_no_provider(gateway, simulator, body):
    refused = ask(gateway.port, body)
    assert (refused.status, refused.error["code"]) == (400, "ambiguous_request")
    assert simulator.received() == 0
