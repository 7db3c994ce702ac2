"""Who has left, who only sends nothing more, and what becomes of connections that a provider has closed."""

import json
import socket
import ssl
import threading

import pytest

from harness.authority import Authority
from harness.gateway import proxy_yaml
from harness.polling import until
from harness.raw import Leaver, ask, chat
from harness.simulator import directives

ANSWER = {"id": "chatcmpl-1", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}


class TestAClientThatSendsNothingMore:
    @pytest.mark.parametrize("streamed", [False, True])
    @pytest.mark.parametrize("delay_ms", [0, 1500])
    def test_gets_its_answer(self, gateway, streamed, delay_ms):
        with gateway.counting(requests=1) as counted:
            client = Leaver(gateway.port, chat(stream=streamed), directives(delay_ms=delay_ms))
            client.socket.shutdown(socket.SHUT_WR)
            received = client.read_to_end()
        interim, _, answer = received.rpartition(b"HTTP/1.1 200")
        assert interim in (b"", b"HTTP/1.1 100 Continue\r\n\r\n")
        assert b"data: [DONE]\n\n\r\n0\r\n\r\n" in answer if streamed else b'"usage"' in answer
        assert counted("ai_requests_total", status="200") == 1
        assert counted("ai_client_aborts_total") == 0

    def test_gets_the_rest_of_a_stream(self, gateway):
        with gateway.counting(requests=1) as counted:
            client = Leaver(gateway.port, chat(stream=True), directives(event_ms=20, events=60))
            client.read_events(3)
            client.socket.shutdown(socket.SHUT_WR)
            assert client.read_to_end().endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")
        assert counted("ai_requests_total", status="200") == 1


class TestAClientThatLeaves:
    @pytest.mark.parametrize("streamed", [False, True])
    def test_is_noticed_while_the_model_thinks(self, start_gateway, simulator, streamed):
        gateway = start_gateway(proxy_yaml(simulator.url, provider_options="on_client_gone: { plain: cancel }"))
        with gateway.counting(requests=1, within=5) as counted:
            client = Leaver(gateway.port, chat(stream=streamed), directives(delay_ms=20_000))
            until(lambda: simulator.received() == 1, what="the provider's receipt")
            client.leave()
        assert counted("ai_requests_total", status="499") == 1
        assert simulator.witness(ended=1)[0]["outcome"] != "completed"

    def test_is_noticed_within_a_silent_stream(self, gateway, simulator):
        with gateway.counting(requests=1, within=5) as counted:
            client = Leaver(gateway.port, chat(stream=True), directives(stall_after=900))
            client.read_events(1)
            client.leave()
        assert counted("ai_requests_total", status="499") + counted("ai_client_aborts_total") >= 1
        assert simulator.witness(ended=1)[0]["outcome"] != "completed"


class Closer:
    """A provider that answers one request on each connection, when all of them have asked, and closes it."""

    def __init__(self, count: int, context: ssl.SSLContext | None = None):
        self._context = context
        self._together = threading.Barrier(count)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=count)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        if self._context:
            connection = self._context.wrap_socket(connection, server_side=True)
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65_536)
        self._together.wait(timeout=20)
        body = json.dumps(ANSWER).encode()
        fields = b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + fields + body)
        connection.close()

    def stop(self) -> None:
        self._listener.close()


@pytest.mark.parametrize("encrypted", [False, True])
def test_connections_that_a_provider_closes_are_closed_without_another_request(start_gateway, tmp_path, encrypted):
    count, context, options, scheme = 40, None, "", "http"
    if encrypted:
        authority = Authority(tmp_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.issue())
        options, scheme = f"ca_file: '{authority.certificate}'", "https"
    closer = Closer(count, context)
    gateway = start_gateway(proxy_yaml(f"{scheme}://127.0.0.1:{closer.port}/v1", provider_options=options))
    # What only the first requests open stays.
    before = gateway.process.open_file_count
    clients = [threading.Thread(target=ask, args=(gateway.port, chat())) for _ in range(count)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    until(lambda: gateway.process.open_file_count <= before + 5, within=5, what="the descriptors to be closed")
    closer.stop()
