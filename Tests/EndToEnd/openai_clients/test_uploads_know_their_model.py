"""Recordings and pictures go up in forms; what they ask for decides as it does for JSON."""

import openai
import pytest
from openai import OpenAI

from harness.gateway import proxy_yaml
from harness.house import budget
from harness.simulator import directives
from openai_clients.calls import client_arguments, dumped

# The client says so of whisper-1 and dall-e-2, which are what is asked for here.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SOUND = ("a.wav", b"RIFF\r\n--\x00\xff" * 20)
LONG = ("a.wav", b"RIFF\r\n--\x00\xff" * 30_000)
PICTURE = ("a.png", b"\x89PNG\r\n\x1a\n" * 20)
# With a boundary of one's own two runs send equal bytes.
FIXED = {"Content-Type": "multipart/form-data; boundary=fixed"} | directives(id="answer-1")

UPLOADS = {
    "transcription": (
        lambda client, **more: client.audio.transcriptions.create(model="gpt-4o-transcribe", file=SOUND, **more),
        "/v1/audio/transcriptions",
        "gpt-4o-transcribe",
    ),
    "long transcription": (
        lambda client, **more: client.audio.transcriptions.create(model="gpt-4o-transcribe", file=LONG, **more),
        "/v1/audio/transcriptions",
        "gpt-4o-transcribe",
    ),
    "translation": (
        lambda client, **more: client.audio.translations.create(model="whisper-1", file=SOUND, **more),
        "/v1/audio/translations",
        "whisper-1",
    ),
    "edit": (
        lambda client, **more: client.images.edit(model="gpt-image-2", image=PICTURE, prompt="a cat", n=2, **more),
        "/v1/images/edits",
        "gpt-image-2",
    ),
    "edit of two": (
        lambda client, **more: client.images.edit(
            model="gpt-image-2", image=[PICTURE, PICTURE], prompt="a cat", **more
        ),
        "/v1/images/edits",
        "gpt-image-2",
    ),
    "variation": (
        lambda client, **more: client.images.create_variation(model="dall-e-2", image=PICTURE, **more),
        "/v1/images/variations",
        "other",
    ),
}


@pytest.mark.parametrize("name", UPLOADS)
def test_an_upload_passes_byte_for_byte_and_is_counted_for_its_model(gateway, simulator, name):
    upload, path, model = UPLOADS[name]
    with OpenAI(**client_arguments(simulator.url)) as client:
        direct = dumped(upload(client, extra_headers=FIXED))
    (witnessed,) = simulator.witness(ended=1)
    simulator.forget()
    with gateway.counting(requests=1) as counted, OpenAI(**client_arguments(gateway.url)) as client:
        assert dumped(upload(client, extra_headers=FIXED)) == direct
    (passed,) = simulator.witness(ended=1)
    sent = ("body_bytes", "body_fingerprint", "status")
    assert [passed[what] for what in sent] == [witnessed[what] for what in sent]
    assert counted("ai_requests_total", endpoint=path, model=model, status="200") == 1
    usage = passed["usage"]
    assert counted("ai_tokens_total", endpoint=path, model=model, type="total") == (usage or {}).get("total_tokens", 0)
    if usage and model != "other":
        assert counted("ai_cost_usd_total", endpoint=path, model=model) > 0


def rules(simulator, **team) -> str:
    return proxy_yaml(simulator.url, teams={"search": team}, default_team="search")


@pytest.mark.parametrize("models", [{"allow": ["gpt-4o-*", "gpt-image-*"]}, {"deny": ["whisper-*", "dall-e-*"]}])
def test_models_that_are_not_allowed_are_refused_as_in_json(start_gateway, simulator, models):
    gateway = start_gateway(rules(simulator, models=models))
    with OpenAI(**client_arguments(gateway.url)) as client:
        for name, (upload, _, model) in UPLOADS.items():
            if model.startswith("gpt"):
                upload(client)
                continue
            with pytest.raises(openai.PermissionDeniedError) as refused:
                upload(client)
            assert refused.value.code == "model_not_allowed", name
    assert simulator.received() == sum(model.startswith("gpt") for _, _, model in UPLOADS.values())


def test_a_budget_lets_uploads_pass_whose_model_has_a_price(start_gateway, simulator):
    gateway = start_gateway(rules(simulator, budgets=[budget(100)]))
    with OpenAI(**client_arguments(gateway.url)) as client:
        for upload, path, model in UPLOADS.values():
            if model == "other":
                with pytest.raises(openai.PermissionDeniedError) as refused:
                    upload(client)
                assert refused.value.code == "model_not_priced"
            else:
                upload(client)


def test_a_spent_budget_of_some_models_refuses_uploads_of_these(start_gateway, simulator):
    small = budget(0.01, models=["gpt-image-*"])
    gateway = start_gateway(rules(simulator, budgets=[small]))
    with OpenAI(**client_arguments(gateway.url)) as client:
        UPLOADS["transcription"][0](client)
        with pytest.raises(openai.RateLimitError) as refused:
            UPLOADS["edit"][0](client)
    assert refused.value.code == "insufficient_quota"
    assert simulator.received() == 1
