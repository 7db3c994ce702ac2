"""Answers that are not what their heads say, or say what was used in an unusual place: each is read as what it is."""

import gzip
import http.client
import json
from decimal import Decimal

import pytest

from harness.canned_provider import CannedProvider, answer
from harness.gateway import KEY, proxy_yaml
from harness.polling import until
from harness.raw import ask, chat

USAGE = {"prompt_tokens": 210, "completion_tokens": 31, "total_tokens": 241}
COST = Decimal("0.000668")
JSON_ANSWER = json.dumps(
    {
        "model": "gpt-4.1-2025-04-14",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Ahoy"}, "finish_reason": "stop"}],
        "usage": USAGE,
    }
).encode()
EVENT_STREAM = "content-type: text/event-stream"


def event(data: dict) -> bytes:
    return b"data: " + json.dumps(data, separators=(",", ":")).encode() + b"\n\n"


def chunk(**members) -> bytes:
    choice = {"index": 0, "delta": {"content": "Ahoy"}, "finish_reason": "stop"}
    return event({"id": "c", "model": "gpt-4.1", "choices": [choice]} | members)


USAGE_CHUNK = event({"id": "c", "model": "gpt-4.1", "choices": [], "usage": USAGE})
DONE = b"data: [DONE]\n\n"
ASKED = chunk(usage=None) + USAGE_CHUNK + DONE
UNASKED = chunk() + DONE


@pytest.fixture
def start_canned_provider():
    started = []

    def start(*pieces: bytes) -> CannedProvider:
        started.append(CannedProvider(*pieces))
        return started[-1]

    yield start
    for provider in started:
        provider.stop()


@pytest.fixture
def exchange(start_gateway, start_canned_provider):
    """Sends one request through a gateway to a provider that answers with these pieces."""

    def exchange(request: bytes, *pieces: bytes, headers=None, path="/v1/chat/completions"):
        gateway = start_gateway(proxy_yaml(start_canned_provider(*pieces).url))
        with gateway.counting(requests=1) as counted:
            got = ask(gateway.port, request, headers, path=path)
        return got, counted, gateway

    return exchange


@pytest.mark.parametrize("label", ["content-type: text/plain; charset=utf-8", EVENT_STREAM, "x-no: type"])
def test_json_under_a_wrong_label_is_weighed(exchange, label):
    got, counted, _ = exchange(chat(), answer(JSON_ANSWER, label))
    assert got.body == JSON_ANSWER
    assert counted("ai_cost_usd_total") == COST
    assert counted("ai_cost_estimated_usd_total") == counted("ai_unmetered_requests_total") == 0


@pytest.mark.parametrize("label", ["content-type: application/json", "content-type: text/plain", "x-no: type"])
def test_a_stream_under_a_wrong_label_is_weighed_and_passes_as_it_came(exchange, label):
    request = chat(stream=True, stream_options={"include_usage": True})
    got, counted, _ = exchange(request, answer(ASKED, label))
    assert got.body == ASKED
    assert counted("ai_cost_usd_total") == COST


@pytest.mark.parametrize(
    "head",
    [
        {"label": EVENT_STREAM, "status": "202 Accepted"},
        {"label": "content-type: application/json"},
        {"label": "x-no: type"},
        {"label": EVENT_STREAM, "coding": "content-encoding: none"},
        {"label": EVENT_STREAM, "coding": "content-encoding: utf-8"},
    ],
)
def test_what_was_asked_for_is_taken_out_whatever_the_head_says(exchange, head):
    fields = [head["label"], head.get("coding", "x-no: coding")]
    got, counted, _ = exchange(chat(stream=True), answer(ASKED, *fields, status=head.get("status", "200 OK")))
    assert got.body == UNASKED
    assert counted("ai_cost_usd_total") == COST


def test_a_stream_that_comes_coded_unasked_is_edited_and_sent_plain(exchange):
    coded = answer(gzip.compress(ASKED), EVENT_STREAM, "content-encoding: gzip")
    head = coded.index(b"\r\n\r\n") + 4
    # The first piece is a head and a part of gzip's own, of which nothing can be decoded yet.
    pieces = coded[: head + 12], coded[head + 12 :]
    got, counted, _ = exchange(chat(stream=True), *pieces, headers={"accept-encoding": "gzip"})
    assert got.body == UNASKED
    assert "content-encoding" not in got.headers
    assert counted("ai_cost_usd_total") == COST


def test_one_whose_coding_is_broken_breaks_for_the_client(exchange):
    coded = gzip.compress(ASKED)
    with pytest.raises(http.client.IncompleteRead):
        exchange(chat(stream=True), answer(coded[: len(coded) // 2], EVENT_STREAM, "content-encoding: gzip"))


def test_an_object_over_several_data_lines_is_edited_as_one(exchange):
    lines = [b'data: {"choices":[{"delta":{}}],', b'data: "usage":null}', b"", b'data: {"choices":[],']
    lines += [b'data: "usage":' + json.dumps(USAGE).encode(), b"data: }", b"", b"data: [DONE]", b"", b""]
    got, counted, _ = exchange(chat(stream=True), answer(b"\n".join(lines), EVENT_STREAM))
    assert got.body == b'data: {"choices":[{"delta":{}}]}\n\ndata: [DONE]\n\n'
    assert counted("ai_cost_usd_total") == COST


def test_a_usage_inside_the_choice_is_exact(exchange):
    choice = {"index": 0, "delta": {}, "finish_reason": "stop", "usage": USAGE}
    _, counted, _ = exchange(chat(stream=True), answer(chunk(choices=[choice]) + DONE, EVENT_STREAM))
    assert counted("ai_cost_usd_total") == COST
    assert counted("ai_cost_estimated_usd_total") == 0


def test_zeros_in_one_vocabulary_hide_no_numbers_in_the_other(exchange):
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 3091, "input_tokens": 3083, "output_tokens": 8}
    _, counted, _ = exchange(chat(), answer(json.dumps({"model": "gpt-4.1", "usage": usage}).encode()))
    assert counted("ai_tokens_total", type="prompt") == 3083
    assert counted("ai_tokens_total", type="completion") == 8
    assert counted("ai_cost_usd_total") == Decimal("0.00623")


def test_a_usage_behind_done_weighs_the_same_in_one_segment_and_in_two(exchange):
    body = chunk() + DONE + USAGE_CHUNK
    whole = answer(body, EVENT_STREAM)
    cut = len(whole) - len(USAGE_CHUNK)
    costs = set()
    for pieces in [(whole,), (whole[:cut], whole[cut:])]:
        _, counted, _ = exchange(chat(stream=True), *pieces)
        costs.add((counted("ai_cost_usd_total"), counted("ai_cost_estimated_usd_total")))
    assert len(costs) == 1
    ((cost, estimated),) = costs
    assert cost == estimated > 0


def test_opened_pages_and_failed_searches_are_no_searches(exchange):
    actions = [("search", "completed"), ("open_page", "completed"), ("find_in_page", "completed"), ("search", "failed")]
    items = [{"type": "web_search_call", "status": status, "action": {"type": name}} for name, status in actions]
    usage = {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}
    body = json.dumps({"object": "response", "status": "completed", "model": "gpt-5", "output": items, "usage": usage})
    request = json.dumps({"model": "gpt-5", "input": "tides", "tools": [{"type": "web_search"}]}).encode()
    _, counted, _ = exchange(request, answer(body.encode(), "content-type: application/json"), path="/v1/responses")
    assert counted("ai_cost_usd_total") == Decimal("0.01225")


def test_an_error_member_that_says_nothing_is_no_error(exchange):
    job = json.dumps({"object": "fine_tuning.job", "error": {"code": None, "message": None, "param": None}}).encode()
    _, counted, _ = exchange(b"{}", answer(job, "content-type: application/json"), path="/v1/fine_tuning/jobs/ft/cancel")
    assert counted("ai_errors_total") == 0


def test_words_of_an_answer_that_nobody_knows_stay_out_of_the_log(exchange):
    secret = f"{KEY} and a prompt"
    error = {"message": secret, "type": secret, "code": secret}
    body = json.dumps({"id": secret, "model": secret, "service_tier": secret, "error": error}).encode()
    _, _, gateway = exchange(chat(), answer(body, "content-type: application/json", status="400 Bad Request"))
    until(gateway.access_log, 5, what="the access log")
    (line,) = gateway.access_log()
    assert KEY not in json.dumps(line)
    assert (line["error_detail"], line["service_tier"], line["model_answered"]) == ("other", "other", "other")
