"""Errors, the provider's and the gateway's own, arrive as the exceptions applications already handle."""

import openai
import pytest
from openai import OpenAI

from harness.gateway import KEY, proxy_yaml
from harness.simulator import directives
from openai_clients.calls import MESSAGES, client_arguments

CHAT = {"model": "gpt-4.1", "messages": MESSAGES}


@pytest.mark.parametrize(
    ("status", "exception", "code"),
    [
        (400, openai.BadRequestError, None),
        (401, openai.AuthenticationError, "invalid_api_key"),
        (404, openai.NotFoundError, "model_not_found"),
        (429, openai.RateLimitError, "rate_limit_exceeded"),
        (500, openai.InternalServerError, None),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_what_the_provider_refuses(gateway, status, exception, code, streamed):
    with OpenAI(**client_arguments(gateway.url)) as client, pytest.raises(exception) as caught:
        client.chat.completions.create(**CHAT, stream=streamed, extra_headers=directives(status=status))
    assert caught.value.status_code == status
    assert caught.value.code == code
    assert caught.value.request_id


def test_an_error_within_a_stream(gateway):
    with OpenAI(**client_arguments(gateway.url)) as client, pytest.raises(openai.APIError):
        list(client.chat.completions.create(**CHAT, stream=True, extra_headers=directives(error_midstream=3)))


def test_a_provider_that_cannot_be_reached(start_gateway):
    gateway = start_gateway(proxy_yaml("http://127.0.0.1:1/v1"))
    with OpenAI(**client_arguments(gateway.url)) as client, pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(**CHAT)
    assert (caught.value.status_code, caught.value.code) == (502, "upstream_unreachable")


def test_a_path_that_no_provider_is_mounted_at(gateway):
    with OpenAI(**client_arguments(gateway.url.replace("/v1", "/v2"))) as client:
        with pytest.raises(openai.NotFoundError) as caught:
            client.chat.completions.create(**CHAT)
    assert caught.value.code == "unknown_url"


def test_a_rate_limit_is_waited_out_as_the_provider_says(gateway, simulator):
    """The SDK's retries are its own; the gateway passes the provider's advice on."""
    with OpenAI(**client_arguments(gateway.url) | {"max_retries": 2}) as client, pytest.raises(openai.RateLimitError):
        client.chat.completions.create(**CHAT, extra_headers=directives(status=429, retry_after_ms=1))
    assert len(simulator.witness(ended=3)) == 3
    simulator.forget()
    with OpenAI(**client_arguments(gateway.url) | {"max_retries": 2}) as client, pytest.raises(openai.RateLimitError):
        client.chat.completions.create(**CHAT, extra_headers=directives(status=429, should_retry="false"))
    assert len(simulator.witness(ended=1)) == 1


def test_the_base_url_alone_is_enough(gateway, simulator, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", gateway.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with OpenAI() as client:
        raw = client.chat.completions.with_raw_response.create(**CHAT)
    assert raw.headers["x-steelyard-request-id"].startswith("req_")
    assert raw.parse().choices[0].message.content
    assert simulator.witness(ended=1)[0]["credential"]
