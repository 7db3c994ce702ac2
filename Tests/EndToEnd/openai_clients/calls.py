"""The calls applications make, each written once for both kinds of client."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from harness.gateway import KEY, PROMPT
from harness.simulator import directives

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": PROMPT}]
WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@dataclass(frozen=True)
class Call:
    """One method of a client, with its arguments."""

    name: str
    method: str
    arguments: dict[str, Any]
    # The id is dictated, so that two runs give equal objects.
    steering: dict[str, str] = field(default_factory=lambda: directives(id="answer-1"))

    def __str__(self) -> str:
        return self.name

    def sync(self, client) -> Any:
        answer = self._method(client)(**self._arguments)
        return [dumped(event) for event in answer] if self._streams else dumped(answer)

    async def asynchronous(self, client) -> Any:
        answer = await self._method(client)(**self._arguments)
        return [dumped(event) async for event in answer] if self._streams else dumped(answer)

    def _method(self, client) -> Any:
        return reduce(getattr, self.method.split("."), client)

    @property
    def _streams(self) -> bool:
        return self.arguments.get("stream", False)

    @property
    def _arguments(self) -> dict[str, Any]:
        return self.arguments | {"extra_headers": self.steering}


def dumped(answer) -> dict[str, Any]:
    """Everything the application can see of an answer."""
    return answer.model_dump()


def calls() -> Iterator[Call]:
    chat = {"model": "gpt-4.1", "messages": MESSAGES}
    yield Call("chat", "chat.completions.create", chat)
    yield Call("chat, streamed", "chat.completions.create", chat | {"stream": True})
    asking = {"stream": True, "stream_options": {"include_usage": True}}
    yield Call("chat, streamed, asking for usage", "chat.completions.create", chat | asking)
    declining = {"stream": True, "stream_options": {"include_usage": False}}
    yield Call("chat, streamed, declining usage", "chat.completions.create", chat | declining)
    yield Call("chat, three choices, streamed", "chat.completions.create", chat | {"stream": True, "n": 3})
    cached = directives(id="answer-1", cached=5, reasoning=7)
    yield Call("chat, cached tokens", "chat.completions.create", chat | {"model": "gpt-5"}, cached)
    completion = {"model": "gpt-3.5-turbo-instruct", "prompt": PROMPT}
    yield Call("completion", "completions.create", completion)
    yield Call("completion, streamed", "completions.create", completion | {"stream": True})
    response = {"model": "gpt-4.1-mini", "input": PROMPT}
    yield Call("response", "responses.create", response)
    yield Call("response, streamed", "responses.create", response | {"stream": True})
    embedding = {"model": "text-embedding-3-small", "input": [PROMPT, "and another"]}
    yield Call("embedding", "embeddings.create", embedding)
    yield Call("embedding as floats", "embeddings.create", embedding | {"encoding_format": "float"})


CALLS = list(calls())


def client_arguments(url: str) -> dict[str, Any]:
    return {"base_url": url, "api_key": KEY, "max_retries": 0, "timeout": 20}
