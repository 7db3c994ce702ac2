"""Forms written by other clients than the official ones, and by clients that try to bypass rules."""

import hashlib
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.forms import END, FORM, Sink, field, file
from harness.gateway import proxy_yaml
from harness.house import budget
from harness.raw import HEADERS, ask, rest_of

PATH = "/v1/audio/transcriptions"
MODEL = field("model", "gpt-4o-transcribe")
OTHER = field("model", "whisper-1")
MIB = 1 << 20


@pytest.fixture
def sink() -> Iterator[Sink]:
    started = Sink()
    yield started
    started.stop()


def ruled(provider: str, **team) -> str:
    return proxy_yaml(provider, teams={"search": team}, default_team="search")


def memory(gateway, field: str) -> int:
    """Bytes, as the kernel counts them (proc(5))."""
    status = Path(f"/proc/{gateway.process.child.pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+) kB", status).group(1)) * 1024


@pytest.mark.parametrize("is_model_first", [True, False])
def test_thirty_megabytes_stream_through(start_gateway, sink, is_model_first):
    gateway = start_gateway(proxy_yaml(sink.url))
    parts = [MODEL, file(30 * MIB)]
    body = b"".join(parts if is_model_first else reversed(parts)) + END
    ask(gateway.port, MODEL + file(200_000) + END, FORM, path=PATH)
    # The peak counts from here.
    Path(f"/proc/{gateway.process.child.pid}/clear_refs").write_text("5")
    before = memory(gateway, "VmRSS")
    with gateway.counting(requests=1, within=60) as counted:
        assert ask(gateway.port, body, FORM, path=PATH).status == 200
    assert sink.digests[-1] == hashlib.sha256(body).hexdigest()
    assert memory(gateway, "VmHWM") - before < 4 * MIB
    assert counted("ai_requests_total", model="gpt-4o-transcribe", status="200") == 1
    assert counted("ai_tokens_total", model="gpt-4o-transcribe", type="total") == 15
    assert counted("ai_cost_usd_total", model="gpt-4o-transcribe") > 0


@pytest.mark.parametrize("team", [{"models": {"allow": ["gpt-4o-*"]}}, {"budgets": [budget(10)]}], ids=str)
def test_a_model_behind_its_file_is_waited_for_where_it_decides(start_gateway, sink, team):
    gateway = start_gateway(ruled(sink.url, **team))
    body = file(12 * MIB) + MODEL + END
    with gateway.counting(requests=1, within=60) as counted:
        assert ask(gateway.port, body, FORM, path=PATH).status == 200
    assert sink.digests == [hashlib.sha256(body).hexdigest()]
    assert counted("ai_requests_total", model="gpt-4o-transcribe", status="200") == 1


@pytest.mark.parametrize("file_bytes", [10, 65_000, 70_000, 3 * MIB])
@pytest.mark.parametrize("form", ["before", "behind", "none", "hidden"])
@pytest.mark.parametrize(
    "team", [{"models": {"allow": ["gpt-4o-*"]}}, {"models": {"deny": ["whisper-*"]}}], ids=["allow", "deny"]
)
def test_no_form_slips_a_model_past_the_rules(start_gateway, sink, team, form, file_bytes):
    gateway = start_gateway(ruled(sink.url, **team))
    content = file(file_bytes)
    hidden = OTHER.replace(b'name="model"', b"name*=utf-8''model")
    body = {"before": OTHER + content, "behind": content + OTHER, "none": content, "hidden": content + hidden}[form]
    answer = ask(gateway.port, body + END, FORM, path=PATH)
    assert (answer.status, answer.error["code"]) == (403, "model_not_allowed")
    assert sink.digests == []


@pytest.mark.parametrize("team", [{}, {"models": {"allow": ["gpt-4o-*"]}}, {"budgets": [budget(10)]}], ids=str)
@pytest.mark.parametrize("file_bytes", [10, 70_000, 900_000])
def test_a_form_with_two_models_is_never_whole_for_the_provider(start_gateway, sink, team, file_bytes):
    gateway = start_gateway(ruled(sink.url, **team))
    body = MODEL + file(file_bytes) + OTHER + END
    answer = refused(gateway.port, body)
    assert b" 400 " in answer.partition(b"\r\n")[0] and b'"ambiguous_request"' in answer
    assert all(digest == "incomplete" for digest in sink.digests)


def refused(port: int, body: bytes) -> bytes:
    """The answer to a form that is broken off while it is sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        fields = HEADERS | FORM | {"host": "gateway", "content-length": str(len(body))}
        head = f"POST {PATH} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        connection.sendall(head.encode() + b"\r\n" + body)
        return rest_of(connection)


def test_a_form_without_an_end_is_refused_where_its_model_decides(start_gateway, sink):
    gateway = start_gateway(ruled(sink.url, models={"allow": ["gpt-4o-*"]}))
    for body in (MODEL + file(70_000), MODEL + file(70_000) + OTHER.removesuffix(b"\r\n")):
        answer = refused(gateway.port, body)
        # Which of the two depends on how the bytes arrive: the end may come while the form is kept back.
        assert b'"malformed_request"' in answer or b'"model_not_allowed"' in answer
    assert all(digest == "incomplete" for digest in sink.digests)


def test_what_is_no_form_passes_where_nobody_has_to_know_its_model(start_gateway, sink):
    gateway = start_gateway(proxy_yaml(sink.url))
    for body in (bytes(10), bytes(200_000), MODEL + file(100_000), MODEL.replace(b"\r\n", b"\n")):
        with gateway.counting(requests=1) as counted:
            assert ask(gateway.port, body, FORM, path=PATH).status == 200
        assert sink.digests[-1] == hashlib.sha256(body).hexdigest()
        assert counted("ai_requests_total", model="none", status="200") == 1


def test_a_model_that_comes_too_late_is_told_where_to_stand(start_gateway, sink):
    text = ruled(sink.url, models={"allow": ["gpt-4o-*"]})
    gateway = start_gateway(text.replace('"127.0.0.1:0"', '"127.0.0.1:0", limits: { body_bytes: 1MiB }', 1))
    answer = refused(gateway.port, file(1_200_000) + MODEL + END)
    assert b" 413 " in answer.partition(b"\r\n")[0] and b"before the files" in answer
    assert ask(gateway.port, MODEL + file(1_200_000) + END, FORM, path=PATH).status == 200
