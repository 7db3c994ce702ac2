"""A full run with every kind of secret, in valid and invalid requests, then a search through everything it left."""

import base64
import json
import secrets
import socket
from urllib.parse import quote

import pytest

from harness.crowd import Visit, crowd
from harness.gateway import Gateway
from harness.house import FILES, budget, house_yaml
from harness.keys import Key, bearer, fingerprint, new_key
from harness.process import steelyard
from harness.raw import CHAT, Leaver, ask, chat, rest_of
from harness.search import betrayals, files_below, forms
from harness.simulator import directives


def random_text(prefix: str) -> str:
    return prefix + secrets.token_urlsafe(33)


def secret_part(key: Key) -> str:
    """The id of a key is public."""
    return key.text[12:]


GOOD, BUDGETED, REVOKED, EXPIRED, UNKNOWN = (new_key() for _ in range(5))
TYPO = GOOD.text[:-1] + ("0" if GOOD.text[-1] != "0" else "1")
PROVIDER, SECOND, ROTATED, INLINE = (random_text("sk-proj-") for _ in range(4))
CLIENT, CLIENT_OF_TEAM, ADMIN, WRONG_ADMIN = (random_text(prefix) for prefix in ("sk-c-", "sk-t-", "adm-", "wrong-"))
# Content is as private as keys are.
PROMPT, USER, TOOL_RESULT = (random_text(f"{name} ") for name in ("prompt", "user", "result"))
SECRETS = {
    "a good key": secret_part(GOOD),
    "the key of a spent budget": secret_part(BUDGETED),
    "a revoked key": secret_part(REVOKED),
    "an expired key": secret_part(EXPIRED),
    "an unknown key": secret_part(UNKNOWN),
    "the provider's key": PROVIDER,
    "another provider's key": SECOND,
    "a provider's key before its rotation": ROTATED,
    "a key written into the file by mistake": INLINE,
    "a client's own key": CLIENT,
    "a client's own key that means a team": CLIENT_OF_TEAM,
    "the admin token": ADMIN,
    "a wrong admin token": WRONG_ADMIN,
    "a prompt": PROMPT,
    "a user's name": USER,
    "a tool's result": TOOL_RESULT,
}


class Run:
    """The gateway's whole life, and everything that others than client and provider could read of it."""

    def __init__(self, gateway: Gateway):
        self.gateway = gateway
        self.artefacts: dict[str, bytes] = {}

    def keep(self, name: str, *content: bytes | str) -> None:
        joined = b"\n".join(part if isinstance(part, bytes) else part.encode() for part in content)
        self.artefacts[name] = self.artefacts.get(name, b"") + joined

    def keep_process(self, name: str) -> None:
        self.keep(f"output {name}", *list(self.gateway.process.lines))
        self.keep(f"errors {name}", *list(self.gateway.process.errors))

    def keep_surfaces(self) -> None:
        """The admin surface with the right token, a wrong one and none."""
        for path in ("/metrics", "/healthz", "/readyz", "/console", "/admin/v1/usage", "/admin/v1/teams"):
            for token in (ADMIN, WRONG_ADMIN, None):
                headers = bearer(token) if token else {}
                self.keep(f"admin {path}", self.gateway.get(path, **headers)[1])
        requests = self.gateway.get("/admin/v1/requests", **bearer(ADMIN))
        assert requests[0] == 200
        self.keep("admin /admin/v1/requests", requests[1])
        openmetrics = {"accept": "application/openmetrics-text; version=1.0.0"}
        self.keep("openmetrics", self.gateway.get("/metrics", **bearer(ADMIN), **openmetrics)[1])

    def keep_files(self, when: str) -> None:
        for name, content in files_below(self.gateway.folder, but=[self.gateway.file]).items():
            self.keep(f"file {name} {when}", content)

    def keep_command(self, *arguments: str) -> None:
        done = steelyard(*arguments, folder=self.gateway.folder, **(self.gateway.environment or {}))
        self.keep(f"command {' '.join(arguments[:2])}", done.stdout, done.stderr)

    def ask(self, body: bytes | None, headers: dict, **more):
        """A request. The gateway's own answers must not show secrets; a provider's answers may."""
        answer = ask(self.gateway.port, body, headers, **more)
        if "x-steelyard-request-id" not in answer.headers:
            self.keep("answers of the gateway's own", answer.body, json.dumps(answer.headers))
        return answer

    # What happens.

    def good_requests(self) -> None:
        body = {"messages": [{"role": "user", "content": PROMPT}], "user": USER, "max_tokens": 5}
        for headers in (GOOD.headers, bearer(CLIENT), bearer(CLIENT_OF_TEAM), {"x-api-key": GOOD.text}):
            for stream in (False, True):
                assert self.ask(chat("cent", stream=stream, **body), headers).status == 200
        assert self.ask(json.dumps({"model": "cent", "input": PROMPT}).encode(), GOOD.headers, path="/v1/responses")
        background = json.dumps({"model": "cent", "input": PROMPT, "background": True}).encode()
        self.ask(background, GOOD.headers, path="/v1/responses")
        self.ask(chat("cent", **body), GOOD.headers, path="/second/v1/chat/completions")
        tool = [{"role": "tool", "tool_call_id": "call_1", "content": TOOL_RESULT}]
        self.ask(chat("cent", messages=tool, metadata={"key": CLIENT}), bearer(CLIENT) | {"cookie": CLIENT})

    def bad_requests(self) -> None:
        """A secret in every place a client can put it."""
        for key in (REVOKED.text, EXPIRED.text, UNKNOWN.text, TYPO, UNKNOWN.text[:40]):
            for headers in (bearer(key), {"x-api-key": key}, {"authorization": key}, bearer(CLIENT) | {"api-key": key}):
                self.ask(chat("cent"), headers)
        for claim in (GOOD.text, CLIENT, PROMPT.replace(" ", "-")):
            self.ask(chat("cent"), bearer(CLIENT) | {"x-steelyard-team": claim})
            self.ask(chat("cent"), bearer(CLIENT), path=f"/team/{claim}{CHAT}")
            self.ask(chat("cent"), bearer(CLIENT), path=f"{CHAT}?key={claim}")
            self.ask(None, GOOD.headers, path=f"/v1/responses/{claim}", method="GET")
            self.ask(chat("cent"), GOOD.headers, path=f"/{claim}")
            self.ask(b'{"model":"cent","model":"' + claim.encode() + b'"}', GOOD.headers)
            self.ask(b'{"' + claim.encode(), GOOD.headers)
            self.ask(chat("cent"), GOOD.headers | {"x-simulate": f"no-such-{quote(claim)}"})
        for broken in (f"GET /{GOOD.text}\x01 HTTP/1.1\r\n\r\n", f"{CLIENT} / HTTP/9.9\r\n\r\n", f"{PROMPT}\r\n\r\n"):
            self.raw(broken.encode())
        self.raw(f"GET / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {GOOD.text}\r\nbad {CLIENT}\r\n\r\n".encode())

    def raw(self, sent: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self.gateway.port), timeout=10) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            received = rest_of(connection)
        self.keep("answers of the gateway's own", received)

    def failures(self) -> None:
        """Refusals by the provider that repeat the key, as real ones do, and all kinds of endings."""
        echoing = directives(status=401, error_code=PROVIDER, error_type=CLIENT)
        refused = self.ask(chat("cent"), GOOD.headers | echoing)
        assert refused.status == 502, "an answer about our own key is not the client's"
        for steering in ("status=500", "cut-at=50", "cut-head", "reset", "error-midstream=2"):
            for stream in (False, True):
                crowd(
                    self.gateway.port,
                    [Visit(chat("cent", stream=stream, user=USER), GOOD.headers | {"x-simulate": steering})],
                )
        for _ in range(3):
            self.ask(chat("cent", max_tokens=900), BUDGETED.headers)
        for model in ("nobodys-model", "dime"):
            self.ask(chat(model), BUDGETED.headers)
        self.ask(b"{}", BUDGETED.headers, path="/v1/batches")

    def reloads(self, good: str) -> None:
        """Files with secrets in the place of references: each is a mistake that people make."""
        mistakes = [
            good.replace("env:PROVIDER_KEY", INLINE),
            good.replace("env:PROVIDER_KEY", f"env:{INLINE}"),
            good.replace("env:ADMIN_TOKEN", ADMIN),
            good.replace(GOOD.sha256, GOOD.text),
            good.replace(GOOD.id, GOOD.text),
            good.replace(fingerprint(CLIENT_OF_TEAM), CLIENT_OF_TEAM),
            good.replace("api_key: env:PROVIDER_KEY", f"api_key:{INLINE}"),
            good.replace("env:PROVIDER_KEY", f'"{INLINE}'),
            good.replace("base_url: ", f"base_url: 'http://user:{INLINE}@provider.example/v1', x: "),
        ]
        for mistake in mistakes:
            assert mistake != good
            self.gateway.reload(mistake, message='"message":"did not reload"')
            status, told = self.gateway.get("/admin/v1/reload", method="POST", **bearer(ADMIN))
            assert status == 422
            self.keep("answers to reloads", told)
            self.keep_command("check", "--config", str(self.gateway.file))
            self.keep_command("keys", "list", "--config", str(self.gateway.file))
            self.keep_command("keys", "revoke", GOOD.text, "--config", str(self.gateway.file))
        self.gateway.reload(good)


def configuration(simulator, secret_file) -> str:
    teams = {
        "search": {
            "keys": [GOOD.entry(), EXPIRED.entry(expires="2026-01-01")],
            "provider_keys": [fingerprint(CLIENT_OF_TEAM)],
            "budgets": [budget(1000)],
        },
        "poor": {"keys": [BUDGETED.entry(budgets=[budget(0.01)])], "models": {"allow": ["cent", "nobodys-model"]}},
        "anybody": {},
    }
    text = house_yaml(
        simulator.url,
        teams,
        provider_options="api_key: env:PROVIDER_KEY",
        default_team="anybody",
        logging={"level": "trace"},
    )
    second = f"second: {{ base_url: '{simulator.url}', mount: /second/v1, api_key: 'file:{secret_file}' }}"
    return text.replace("providers:\n", f"providers:\n  {second}\n").replace(
        "admin: {", "admin: { token: env:ADMIN_TOKEN,"
    )


@pytest.fixture(scope="module")
def run(shared_simulator, tmp_path_factory):
    """Everything above in one life of a gateway, with a kill and a restart in it."""
    secret_file = tmp_path_factory.mktemp("secrets") / "second-key"
    secret_file.write_text(ROTATED + "\n")
    good = configuration(shared_simulator, secret_file)
    folder = tmp_path_factory.mktemp("canaries")
    environment = {"PROVIDER_KEY": PROVIDER, "ADMIN_TOKEN": ADMIN}
    # The revoked key was good once.
    with_revoked = good.replace('"poor":', f'"gone": {{"keys": [{json.dumps(REVOKED.entry())}]}}, "poor":')
    gateway = Gateway(folder, with_revoked, environment=environment, files=FILES)
    life = Run(gateway)
    assert life.ask(chat("cent"), REVOKED.headers).status == 200
    secret_file.write_text(SECOND + "\n")
    gateway.reload(good)
    life.good_requests()
    life.bad_requests()
    life.failures()
    life.reloads(good)
    life.keep_surfaces()
    life.keep_command("usage", "--by", "team,key,model", "--config", str(gateway.file))
    leaver = Leaver(
        gateway.port, chat("cent", stream=True, user=USER), GOOD.headers | directives(event_ms=20, events=99)
    )
    leaver.read_events(2)
    life.keep_files("before the kill")
    gateway.kill()
    life.keep_files("after the kill")
    life.keep_process("until the kill")
    gateway.start()
    life.good_requests()
    life.keep_surfaces()
    life.keep_files("while it runs")
    gateway.stop()
    life.keep_process("until the end")
    life.keep_files("at the end")
    for form in ("table", "csv", "json"):
        life.keep_command("usage", "--by", "team,key,model,endpoint", "--format", form, "--config", str(gateway.file))
    life.keep_command("ledger", "verify", "--config", str(gateway.file))
    return life


def test_in_anything_a_run_leaves_behind(run):
    assert betrayals(run.artefacts, SECRETS) == []


def test_and_the_run_left_something_behind(run):
    """Each artefact exists and has content: an empty file would prove nothing."""
    names = " ".join(run.artefacts)
    for part in (
        "output",
        "errors",
        "/metrics",
        "/admin/v1/usage",
        "/admin/v1/requests",
        "command usage",
        "answers to",
    ):
        assert part in names
    for part in ("ledger.sqlite3 ", "ledger.sqlite3-wal", "ledger.sqlite3.journal/"):
        assert any(f"data/{part}" in name for name in run.artefacts), part
    everything = b"".join(run.artefacts.values())
    # The public names of the secrets appear, so all of them were used.
    for public in (GOOD.id, BUDGETED.id, "search", "prompt_tokens", "did not reload", "invalid_api_key"):
        assert public.encode() in everything, public


def test_and_only_files_of_the_operator_know_a_key(run):
    """Of a good key nothing but its id and digest are anywhere, and the digest only in proxy.yaml."""
    digests = {key.id: key.sha256 for key in (GOOD, BUDGETED, EXPIRED)}
    shown = [
        name for name, content in run.artefacts.items() for digest in digests.values() if digest.encode() in content
    ]
    assert not shown


@pytest.mark.parametrize("surrounding", [b"", b"x", b"xy"], ids=["aligned", "one off", "two off"])
def test_the_search_finds_what_is_there(surrounding):
    """Each form of each secret, planted among other bytes."""
    for name, secret in SECRETS.items():
        plain = secret.encode()
        wrapped = surrounding + plain + b" and more"
        planted = {
            "plain": wrapped,
            "base64": base64.b64encode(wrapped),
            "base64 for URLs": base64.urlsafe_b64encode(wrapped),
            "hex": plain.hex().encode(),
            "HEX": plain.hex().upper().encode(),
            "URL": quote(secret, safe="").encode(),
            "every byte escaped": "".join(f"%{byte:02X}" for byte in plain).encode(),
            "cut short": wrapped[: len(surrounding) + 2 * len(plain) // 3],
        }
        for form, content in planted.items():
            around = b"\x00\xff{..." + content + b"...}\x00"
            assert betrayals({"artefact": around}, {name: secret}), (name, form)
    assert not betrayals({"artefact": secrets.token_bytes(1 << 16)}, SECRETS)
    assert all(len(form) >= 12 for secret in SECRETS.values() for form in forms(secret))
