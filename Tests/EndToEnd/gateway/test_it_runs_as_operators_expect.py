"""Start, reload, drain, log: what operators rely on."""

import http.client
import os
import re
import signal
from pathlib import Path

import pytest

from harness.gateway import CANARIES, KEY, proxy_yaml
from harness.polling import until
from harness.process import Process, steelyard
from harness.raw import Leaver, ask, chat
from harness.simulator import directives
from harness.traffic import load

BAD_FILE = "providers:\n  openai: { base_url: not-a-url }\n"


class TestReload:
    def test_under_load_loses_no_request(self, start_gateway, simulator, other_simulator):
        gateway = start_gateway(proxy_yaml(simulator.url))
        with load(gateway.port) as answers:
            for provider in [other_simulator, simulator] * 5:
                gateway.reload(proxy_yaml(provider.url))
                so_far = len(answers)
                until(lambda so_far=so_far: len(answers) > so_far + 8, what="answers after a reload")
        assert all(getattr(answer, "status", answer) == 200 for answer in answers)
        assert simulator.received() and other_simulator.received()
        assert simulator.received() + other_simulator.received() == len(answers)
        until(lambda: gateway.metrics()("ai_requests_total") == len(answers), what="the count of all")

    def test_with_a_bad_file_keeps_the_old_one_and_says_why(self, start_gateway, simulator):
        gateway = start_gateway(proxy_yaml(simulator.url))
        with load(gateway.port, clients=1) as answers:
            gateway.reload(BAD_FILE, message='"message":"did not reload"')
            so_far = len(answers)
            until(lambda: len(answers) > so_far + 2, what="answers after the bad file")
        assert all(getattr(answer, "status", answer) == 200 for answer in answers)
        assert any("base_url" in line for line in gateway.process.lines if "did not reload" in line)

    def test_over_http_tells_the_outcome(self, start_gateway, simulator, other_simulator):
        gateway = start_gateway(proxy_yaml(simulator.url))
        gateway.file.write_text(proxy_yaml(other_simulator.url))
        assert gateway.get("/admin/v1/reload", method="POST")[0] == 200
        ask(gateway.port, chat())
        assert (simulator.received(), other_simulator.received()) == (0, 1)
        gateway.file.write_text(BAD_FILE)
        status, told = gateway.get("/admin/v1/reload", method="POST")
        assert status == 422 and b"base_url" in told

    def test_leaves_a_running_stream_what_it_began_with(self, start_gateway, simulator, other_simulator):
        gateway = start_gateway(proxy_yaml(simulator.url))
        client = Leaver(gateway.port, chat(stream=True), directives(event_ms=20, events=40) | {"connection": "close"})
        client.read_events(3)
        gateway.reload(proxy_yaml(other_simulator.url))
        assert client.read_to_end().endswith(b"\r\n0\r\n\r\n")
        assert b"data: [DONE]" in client.received


    def test_that_comes_too_early_ends_nothing(self, simulator, tmp_path):
        """A pipe instead of the file: the start waits in it until the signal has been sent."""
        pipe = tmp_path / "proxy.yaml"
        os.mkfifo(pipe)
        gateway = Process("serve", "--config", str(pipe), folder=tmp_path)
        with pipe.open("w") as file:
            gateway.send(signal.SIGHUP)
            file.write(proxy_yaml(simulator.url))
        gateway.line_with('"message":"serving"')
        gateway.stop()


class TestDrain:
    def test_lets_a_running_stream_finish_and_turns_new_requests_away(self, start_gateway, simulator):
        gateway = start_gateway(proxy_yaml(simulator.url))
        client = Leaver(gateway.port, chat(stream=True), directives(event_ms=50, events=40))
        client.read_events(3)

        gateway.process.send(signal.SIGTERM)
        until(lambda: gateway.get("/readyz")[0] == 503, within=1, what="readiness to fail")
        assert gateway.get("/healthz")[0] == 200
        refused = ask(gateway.port, chat())
        assert (refused.status, refused.error["code"]) == (503, "overloaded")
        assert refused.headers["retry-after"]

        assert client.read_to_end().endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")
        assert gateway.process.wait() == 0
        assert simulator.received() == 1
        (line,) = [line for line in gateway.access_log() if line["status"] == 200]
        assert line["confidence"] == "exact"

    def test_ends_when_its_time_is_over(self, start_gateway, simulator):
        brief = proxy_yaml(simulator.url).replace('"127.0.0.1:0" }', '"127.0.0.1:0", timeouts: { drain: 200ms } }', 1)
        gateway = start_gateway(brief)
        client = Leaver(gateway.port, chat(stream=True), directives(event_ms=50, events=1000))
        client.read_events(3)
        gateway.process.send(signal.SIGTERM)
        assert gateway.process.wait(within=10) == 0
        client.read_to_end()
        assert not client.received.endswith(b"\r\n0\r\n\r\n"), "a stream that was cut must look cut"
        assert any("the drain timeout is over; open exchanges are cut" in line for line in gateway.process.lines)
        (line,) = gateway.access_log()
        assert line["confidence"] == "estimated" and line["cost_usd"] > 0

    @pytest.mark.parametrize(
        ("ledger", "told"),
        [
            ("", "background jobs are still open; the next start waits for them"),
            ("ledger: off", "background jobs are still open and will not be charged"),
        ],
    )
    def test_says_what_becomes_of_background_jobs(self, start_gateway, simulator, ledger, told):
        gateway = start_gateway(proxy_yaml(simulator.url, sections=ledger))
        job = b'{"model":"gpt-5","input":"a","background":true}'
        assert ask(gateway.port, job, directives(polls=9), path="/v1/responses").status == 200
        until(lambda: gateway.metrics()("ai_open_jobs") == 1, what="an open job")
        gateway.process.send(signal.SIGTERM)
        assert gateway.process.wait() == 0
        assert [line for line in gateway.process.lines if told in line]

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_of_an_idle_gateway_is_quick(self, start_gateway, simulator, number):
        gateway = start_gateway(proxy_yaml(simulator.url))
        idle = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=5)
        idle.connect()
        gateway.process.send(number)
        assert gateway.process.wait(within=5) == 0
        idle.close()


class TestAddresses:
    # No machine has this one (RFC 5737): serving proves that another was taken.
    ELSEWHERE = "192.0.2.1:8080"

    def nowhere(self, simulator) -> str:
        return proxy_yaml(simulator.url).replace("127.0.0.1:0", self.ELSEWHERE, 1)

    def test_an_option_outranks_the_file(self, start_gateway, simulator):
        gateway = start_gateway(self.nowhere(simulator), "--listen", "127.0.0.1:0")
        assert ask(gateway.port, chat()).status == 200

    def test_the_environment_outranks_the_file(self, start_gateway, simulator):
        gateway = start_gateway(self.nowhere(simulator), environment={"STEELYARD_LISTEN": "127.0.0.1:0"})
        assert ask(gateway.port, chat()).status == 200

    def test_an_option_outranks_the_environment(self, start_gateway, simulator):
        environment = {"STEELYARD_LISTEN": self.ELSEWHERE}
        gateway = start_gateway(self.nowhere(simulator), "--listen", "127.0.0.1:0", environment=environment)
        assert ask(gateway.port, chat()).status == 200

    def test_an_address_that_cannot_be_bound_is_a_plain_sentence(self, simulator, tmp_path):
        (tmp_path / "proxy.yaml").write_text(self.nowhere(simulator))
        run = steelyard("serve", "--config", str(tmp_path / "proxy.yaml"))
        assert run.returncode == 69
        assert self.ELSEWHERE in run.stderr and len(run.stderr.splitlines()) == 1

    def test_the_admin_surface_can_have_its_own(self, start_gateway, simulator):
        apart = proxy_yaml(simulator.url).replace('admin: { listen: "127.0.0.1', 'admin: { listen: "127.0.0.2')
        gateway = start_gateway(apart)
        assert ask(gateway.port, None, path="/metrics", method="GET").status == 404
        assert ask(gateway.port, chat()).status == 200


class TestTheAdminToken:
    def test_guards_all_but_liveness_and_readiness(self, start_gateway, simulator):
        guarded = proxy_yaml(simulator.url).replace("admin: {", "admin: { token: env:ADMIN_TOKEN,")
        gateway = start_gateway(guarded, environment={"ADMIN_TOKEN": "right"})
        statuses = {path: gateway.get(path)[0] for path in ("/healthz", "/readyz", "/metrics", "/console")}
        assert statuses == {"/healthz": 200, "/readyz": 200, "/metrics": 401, "/console": 401}
        assert gateway.get("/admin/v1/reload", method="POST")[0] == 401
        assert gateway.get("/metrics", authorization="Bearer wrong")[0] == 401
        assert gateway.get("/metrics", authorization="Bearer right")[0] == 200

    def test_is_required_where_others_could_ask(self, simulator, tmp_path):
        open_to_all = proxy_yaml(simulator.url).replace("127.0.0.1:0", "0.0.0.0:0")
        (tmp_path / "proxy.yaml").write_text(open_to_all)
        run = steelyard("check", "--config", str(tmp_path / "proxy.yaml"))
        assert run.returncode == 78 and "admin.token" in run.stderr


class TestCheck:
    def test_accepts_what_can_be_served(self, simulator, tmp_path):
        (tmp_path / "proxy.yaml").write_text(proxy_yaml(simulator.url))
        assert steelyard("check", "--config", str(tmp_path / "proxy.yaml")).returncode == 0

    @pytest.mark.parametrize("command", ["check", "serve"])
    def test_names_line_problem_and_remedy(self, tmp_path, command):
        (tmp_path / "proxy.yaml").write_text(proxy_yaml("http://127.0.0.1:1/v1", sections="loging: { level: info }"))
        run = steelyard(command, "--config", str(tmp_path / "proxy.yaml"))
        assert run.returncode == 78
        assert re.search(r"proxy\.yaml:5: loging: is not a known key\n\s+remedy: did you mean logging\?", run.stderr)

    def test_the_shipped_file_is_fine(self):
        assert steelyard("check", "--config", str(Path(__file__).parents[3] / "proxy.yaml")).returncode == 0


class TestTheAccessLog:
    def test_has_one_json_line_per_request_that_says_who_what_and_how_much(self, start_gateway, simulator):
        gateway = start_gateway(proxy_yaml(simulator.url))
        with gateway.counting(requests=3) as counted:
            ask(gateway.port, chat())
            ask(gateway.port, chat(stream=True))
            ask(gateway.port, chat(), directives(status=500))
        until(lambda: len(gateway.access_log()) == 3, what="three lines")
        plain, streamed, failed = gateway.access_log()
        for line in (plain, streamed, failed):
            assert (line["team"], line["endpoint"], line["provider"]) == (
                "unassigned",
                "/v1/chat/completions",
                "openai",
            )
            assert line["model"] == "gpt-4.1" and line["request_id"].startswith("req_")
            assert line["duration_us"] > 0
        assert (plain["stream"], streamed["stream"]) == (False, True)
        assert (plain["status"], failed["status"]) == (200, 500)
        assert failed["outcome"] == "failed" and failed["error"] == "upstream_server_error"
        witnessed = simulator.witness(ended=3)
        assert plain["prompt_tokens"] == witnessed[0]["usage"]["prompt_tokens"]
        assert plain["cost_usd"] + streamed["cost_usd"] == pytest.approx(float(counted("ai_cost_usd_total")))

    @pytest.mark.parametrize("level", ["trace", "debug", "info"])
    def test_never_shows_content_or_keys(self, start_gateway, simulator, level):
        """Content in every place where a client can put it; `Gateway.stop` checks all output once more."""
        gateway = start_gateway(proxy_yaml(simulator.url, sections=f"logging: {{ level: {level} }}"))
        with gateway.counting(requests=7):
            ask(gateway.port, chat(user=CANARIES[1]))
            ask(gateway.port, chat(stream=True), {"x-api-key": KEY, "api-key": KEY, "cookie": KEY})
            ask(gateway.port, chat(), {"x-simulate": f"no-such-directive-{CANARIES[1]}"})
            ask(gateway.port, b'{"model":"gpt-4.1","model":"' + KEY.encode() + b'"}')
            ask(gateway.port, b'{"' + KEY.encode())
            ask(gateway.port, chat(), path=f"/v1/chat/completions?key={KEY}")
            ask(gateway.port, None, path=f"/v1/responses/{KEY}", method="GET")
        until(lambda: len(gateway.access_log()) == 7, what="seven lines")
        printed = "\n".join(gateway.process.lines + gateway.process.errors)
        assert not [canary for canary in CANARIES if canary in printed]
        assert not [canary for canary in CANARIES if canary.encode() in gateway.get("/metrics")[1]]

    def test_names_the_method_of_what_leads_nowhere(self, start_gateway, simulator):
        gateway = start_gateway(proxy_yaml(simulator.url))
        with gateway.counting(requests=1):
            assert ask(gateway.port, None, path="/v2/nothing", method="DELETE").status == 404
        until(lambda: len(gateway.access_log()) == 1, what="a line")
        assert gateway.access_log()[0]["method"] == "DELETE"

    def test_can_be_off(self, start_gateway, simulator):
        gateway = start_gateway(proxy_yaml(simulator.url, sections="logging: { access: false }"))
        with gateway.counting(requests=1):
            ask(gateway.port, chat())
        gateway.process.send(signal.SIGTERM)
        assert gateway.process.wait() == 0
        assert gateway.access_log() == []


class TestTheSimulator:
    @pytest.mark.parametrize(
        ("arguments", "status", "said"),
        [
            (["--directives", "no-such-thing"], 64, "no-such-thing"),
            (["--witness", "/nonexistent/witness"], 73, "/nonexistent/witness cannot be written: No such file"),
            # No machine has this one (RFC 5737).
            (["--host", "192.0.2.1"], 69, "cannot listen on 192.0.2.1:0: "),
        ],
    )
    def test_that_cannot_start_says_why_in_a_sentence(self, arguments, status, said):
        refused = steelyard("simulate", "--port", "0", *arguments)
        assert (refused.returncode, refused.stdout) == (status, "")
        assert said in refused.stderr and len(refused.stderr.splitlines()) == 1
