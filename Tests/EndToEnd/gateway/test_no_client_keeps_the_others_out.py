"""What one client takes from the others is bounded: descriptors, the processor, the time for which budgets are held."""

import json
import resource
import socket
import threading
import time

import pytest

from harness.forms import END, FORM, Sink, field, file
from harness.gateway import Gateway, proxy_yaml
from harness.house import budget
from harness.polling import until
from harness.raw import HEADERS, Leaver, ask, chat
from harness.standing import at_rest, standing

MODELS = b"GET /v1/models HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer k\r\n\r\n"
NOWHERE = b"GET /nowhere HTTP/1.1\r\nhost: gateway\r\n\r\n"


def connect(gateway: Gateway) -> socket.socket:
    return socket.create_connection(("127.0.0.1", gateway.port), timeout=10)


class TestFewDescriptors:
    LIMIT = 256

    @pytest.fixture
    def gateway(self, start_gateway, simulator):
        return start_gateway(proxy_yaml(simulator.url), open_files=(self.LIMIT, self.LIMIT))

    def test_leave_every_client_that_is_served_its_provider(self, gateway):
        """Far more idle clients than there are descriptors; those that have a place can all ask at once."""
        idle = [connect(gateway) for _ in range(self.LIMIT)]
        answers = [answer(client) for client in idle]
        served = [client for client, text in zip(idle, answers) if text.startswith(b"HTTP/1.1 200")]
        refused = [text for text in answers if text.startswith(b"HTTP/1.1 503")]
        assert len(served) > 30
        assert len(served) + len(refused) == len([text for text in answers if text]), "a dial failed"
        assert all(b'"overloaded"' in text for text in refused)
        ask_at_once(served)
        for client in idle:
            client.close()
        until(lambda: ask(gateway.port, chat()).status == 200, what="a place for others")

    def test_are_said_at_the_start(self, gateway):
        warning = json.loads(gateway.process.line_with("server.limits.connections was lowered"))
        assert warning["level"] == "warning"
        assert (warning["configured"], warning["open_files"]) == ("10000", str(self.LIMIT))
        assert 30 < int(warning["connections"]) < self.LIMIT / 2 < int(warning["needed"])

    def test_are_raised_to_what_is_needed_where_the_system_allows_it(self, start_gateway, simulator):
        limits = "limits: { connections: 500 }"
        gateway = start_gateway(proxy_yaml(simulator.url, server_options=limits), open_files=(self.LIMIT, 4096))
        assert 1000 < gateway.metrics()("process_max_fds") <= 4096
        assert not [line for line in gateway.process.lines if "is cut" in line]

    def test_make_the_listener_pause_and_not_spin(self, start_gateway, simulator):
        gateway = start_gateway(proxy_yaml(simulator.url))
        process = gateway.process
        hard = resource.prlimit(process.child.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(process.child.pid, resource.RLIMIT_NOFILE, (process.open_file_count, hard))
        try:
            *idle, waiting = self.connect_until_one_waits(gateway)
            before, began = process.cpu_seconds, time.monotonic()
            waiting.settimeout(1)
            with pytest.raises(TimeoutError):
                waiting.recv(1)
            assert process.cpu_seconds - before < 0.4 * (time.monotonic() - began)
        finally:
            resource.prlimit(process.child.pid, resource.RLIMIT_NOFILE, (hard, hard))
        waiting.settimeout(10)
        assert waiting.recv(65_536).startswith(b"HTTP/1.1 404")
        for client in [*idle, waiting]:
            client.close()

    @staticmethod
    def connect_until_one_waits(gateway: Gateway) -> list[socket.socket]:
        """Clients that keep their connections; the last one gets no answer."""
        clients = []
        while True:
            assert len(clients) < 100
            clients.append(connect(gateway))
            clients[-1].settimeout(1)
            clients[-1].sendall(NOWHERE)
            try:
                clients[-1].recv(65_536)
            except TimeoutError:
                return clients


def answer(client: socket.socket) -> bytes:
    """The begin of the answer to a request, or nothing where the connection was closed."""
    try:
        client.sendall(MODELS)
        return client.recv(65_536)
    except ConnectionError:
        return b""


def ask_at_once(clients: list[socket.socket]) -> None:
    body = chat()
    fields = HEADERS | {"host": "gateway", "content-length": str(len(body)), "x-simulate": "delay-ms=500"}
    head = "POST /v1/chat/completions HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    for client in clients:
        client.sendall(head.encode() + b"\r\n" + body)
    assert {client.recv(65_536)[:12] for client in clients} == {b"HTTP/1.1 200"}


class TestTricklingUploads:
    PATH = "/v1/audio/transcriptions"
    FORM_BEGUN = field("model", "gpt-4o-transcribe") + file(70_000, "file")[:-2]

    @pytest.fixture
    def sink(self):
        started = Sink()
        yield started
        started.stop()

    @pytest.fixture
    def gateway(self, start_gateway, sink):
        brief = "timeouts: { body: 500ms }"
        teams = {"search": {"budgets": [budget(500)]}}
        return start_gateway(proxy_yaml(sink.url, server_options=brief, teams=teams, default_team="search"))

    @pytest.mark.parametrize("begun", [FORM_BEGUN, FORM_BEGUN[:100]], ids=["on its way", "kept back"])
    def test_hold_a_budget_for_a_bounded_time_and_cost_nothing(self, gateway, sink, begun):
        with gateway.counting(requests=1) as counted:
            client = Leaver(gateway.port, begun, FORM | {"content-length": "1000000"}, path=self.PATH)
            sender = threading.Thread(target=self.trickle, args=(client.socket,))
            sender.start()
            if len(begun) > 1000:
                until(lambda: standing(gateway, "search").reserved > 0, within=0.4, what="a hold")
            assert b" 408 " in client.socket.recv(65_536)
            sender.join()
            assert at_rest(gateway, "search").spent == 0
        assert counted("ai_requests_total", status="408") == 1
        assert [digest for digest in sink.digests if digest != "incomplete"] == []

    def test_of_honest_clients_on_slow_lines_are_taken(self, gateway, sink):
        body = field("model", "gpt-4o-transcribe") + file(200_000) + END
        with gateway.counting(requests=1) as counted:
            client = Leaver(gateway.port, body[:1000], FORM | {"content-length": str(len(body))}, path=self.PATH)
            for start in range(1000, len(body), 2000):
                client.socket.sendall(body[start : start + 2000])
                time.sleep(0.02)  # A paced sender, not a wait.
            assert b" 200 " in client.socket.recv(65_536)
        assert counted("ai_requests_total", status="200") == 1

    @staticmethod
    def trickle(connection: socket.socket) -> None:
        """A byte each 20 ms, for 20 s at most."""
        try:
            for _ in range(1000):
                connection.sendall(b"a")
                time.sleep(0.02)  # A paced sender, not a wait.
        except ConnectionError:
            pass
