"""TLS on the listener: what it accepts and refuses, and certificates that change while streams run."""

import http.client
import signal
import socket
import ssl
import threading
import time

import pytest
from openai import DefaultHttpxClient, OpenAI

from harness.authority import Authority
from harness.gateway import KEY, PROMPT, proxy_yaml
from harness.polling import until
from harness.process import steelyard
from harness.raw import CHAT, HEADERS, chat, rest_of
from harness.simulator import directives


@pytest.fixture
def authority(tmp_path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def certificate(authority):
    return authority.issue()


def encrypted(simulator, certificate, more: str = "", server_options: str = "") -> str:
    options = f"tls: {{ certificate: '{certificate.chain}', private_key: '{certificate.key}'{more} }}"
    options += f", {server_options}" if server_options else ""
    plain = '"127.0.0.2:0"'
    text = proxy_yaml(simulator.url, server_options=options)
    # The admin address stays reachable for tests.
    return text.replace('admin: { listen: "127.0.0.1:0"', f"admin: {{ listen: {plain}")


@pytest.fixture
def gateway(start_gateway, simulator, certificate):
    return start_gateway(encrypted(simulator, certificate))


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.certificate))


def ask(port: int, context: ssl.SSLContext, body: bytes = chat()) -> http.client.HTTPResponse:
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=20)
    connection.request("POST", CHAT, body=body, headers=HEADERS)
    return connection.getresponse()


def serial(port: int, authority: Authority) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        with trusting(authority).wrap_socket(plain, server_hostname="localhost") as secure:
            return secure.getpeercert()["serialNumber"]


def refusal(port: int, context: ssl.SSLContext) -> Exception:
    """The error that a client gets."""
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)) as caught:
        ask(port, context)
    return caught.value


class TestWhoIsTrusted:
    def test_the_openai_client_with_the_authority(self, gateway, authority):
        with OpenAI(
            base_url=f"https://localhost:{gateway.port}/v1",
            api_key=KEY,
            http_client=DefaultHttpxClient(verify=trusting(authority)),
        ) as client:
            message = [{"role": "user", "content": PROMPT}]
            assert client.chat.completions.create(model="gpt-4.1", messages=message).choices[0].message.content
            stream = client.chat.completions.create(model="gpt-4.1", messages=message, stream=True)
            assert len(list(stream)) > 3

    def test_not_by_a_client_that_does_not_know_the_authority(self, gateway):
        assert isinstance(refusal(gateway.port, ssl.create_default_context()), ssl.SSLCertVerificationError)


class TestWhatIsSpoken:
    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_current_versions(self, gateway, authority, version):
        context = trusting(authority)
        context.minimum_version = context.maximum_version = version
        assert ask(gateway.port, context).status == 200

    def test_not_an_old_version(self, gateway, authority, certificate):
        context = trusting(authority)
        with pytest.warns(DeprecationWarning):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        assert speaks_old_tls(context, certificate), "this client cannot speak it at all"
        refusal(gateway.port, context)

    @pytest.mark.parametrize("cipher", ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA"])
    def test_no_cipher_without_forward_secrecy_or_authentication(self, gateway, authority, cipher):
        context = trusting(authority)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(cipher)
        refusal(gateway.port, context)

    def test_not_plain_http(self, gateway, simulator):
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as plain:
            plain.sendall(b"GET /v1/models HTTP/1.1\r\nhost: gateway\r\n\r\n")
            received = rest_of(plain)
        assert b"200" not in received and b"data" not in received
        assert simulator.received() == 0

    def test_and_somebody_who_says_nothing_is_not_waited_for_by_others(self, gateway, authority):
        silent = [socket.create_connection(("127.0.0.1", gateway.port), timeout=10) for _ in range(50)]
        assert ask(gateway.port, trusting(authority)).status == 200
        for connection in silent:
            connection.close()


def speaks_old_tls(context: ssl.SSLContext, certificate) -> bool:
    """Whether a server that allows TLS 1.1 can connect with this client."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate.chain, certificate.key)
    with pytest.warns(DeprecationWarning):
        server.minimum_version = ssl.TLSVersion.TLSv1_1
    server.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=lambda: server.wrap_socket(listener.accept()[0], server_side=True).close())
        accepting.start()
        with socket.create_connection(listener.getsockname(), timeout=10) as plain:
            spoken = context.wrap_socket(plain, server_hostname="localhost").version()
        accepting.join(timeout=10)
    return spoken == "TLSv1.1"


# The begin of a record of 512 bytes with a ClientHello (RFC 8446 §5.1), of which no more comes.
HALF_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"


class TestHalfHandshakes:
    @staticmethod
    def begin(gateway, count: int, sent: bytes = HALF_HELLO) -> list[socket.socket]:
        begun = [socket.create_connection(("127.0.0.1", gateway.port), timeout=20) for _ in range(count)]
        for connection in begun:
            connection.sendall(sent)
        return begun

    @pytest.mark.parametrize("sent", [b"", HALF_HELLO], ids=["nothing", "a beginning"])
    def test_take_no_place_of_real_clients(self, start_gateway, simulator, certificate, authority, sent):
        limits = "limits: { connections: 20 }, timeouts: { header: 1h }"
        gateway = start_gateway(encrypted(simulator, certificate, server_options=limits))
        begun = self.begin(gateway, 400, sent)
        for _ in range(5):
            assert ask(gateway.port, trusting(authority)).status == 200
        for connection in begun:
            connection.close()

    def test_make_room_for_each_other(self, start_gateway, simulator, certificate, authority):
        gateway = start_gateway(encrypted(simulator, certificate, server_options="timeouts: { header: 1h }"))
        begun = self.begin(gateway, 1200)
        until(lambda: gateway.process.open_file_count < 1150, what="the oldest to make room")
        begun[0].settimeout(5)
        assert rest_of(begun[0]) == b"", "the oldest goes first"
        assert ask(gateway.port, trusting(authority)).status == 200
        for connection in begun:
            connection.close()

    @pytest.mark.parametrize("sent", [b"", HALF_HELLO], ids=["nothing", "a beginning"])
    def test_have_no_more_time_than_a_head(self, start_gateway, simulator, certificate, sent):
        gateway = start_gateway(encrypted(simulator, certificate, server_options="timeouts: { header: 300ms }"))
        before = gateway.process.open_file_count
        (begun,) = self.begin(gateway, 1, sent)
        assert rest_of(begun) == b""
        until(lambda: gateway.process.open_file_count <= before, what="its descriptor to be closed")

    def test_gain_no_time_by_trickling(self, start_gateway, simulator, certificate):
        gateway = start_gateway(encrypted(simulator, certificate, server_options="timeouts: { header: 300ms }"))
        (begun,) = self.begin(gateway, 1)
        began = time.monotonic()
        with pytest.raises(ConnectionError):
            while time.monotonic() < began + 10:
                begun.sendall(b"\0")
                time.sleep(0.02)  # A paced sender, not a wait.
        assert time.monotonic() < began + 5

    def test_end_with_the_gateway(self, start_gateway, simulator, certificate):
        gateway = start_gateway(encrypted(simulator, certificate, server_options="timeouts: { header: 1h }"))
        begun = self.begin(gateway, 20)
        gateway.process.send(signal.SIGTERM)
        assert gateway.process.wait(within=5) == 0
        assert [rest_of(connection) for connection in begun] == [b""] * 20


class TestClientCertificates:
    @pytest.fixture
    def strict(self, start_gateway, simulator, certificate, authority):
        return start_gateway(encrypted(simulator, certificate, f", client_ca: '{authority.certificate}'"))

    def test_of_the_named_authority_are_let_in(self, strict, authority):
        context = trusting(authority)
        context.load_cert_chain(*authority.issue("client"))
        assert ask(strict.port, context).status == 200

    def test_are_required(self, strict, authority, simulator):
        refusal(strict.port, trusting(authority))
        assert simulator.received() == 0

    def test_of_another_authority_are_not_enough(self, strict, authority, simulator, tmp_path):
        context = trusting(authority)
        context.load_cert_chain(*Authority(tmp_path, "stranger").issue("strange-client"))
        refusal(strict.port, context)
        assert simulator.received() == 0


class TestReload:
    def test_gives_new_connections_the_new_certificate_and_leaves_a_stream_alone(
        self, gateway, authority, certificate, simulator
    ):
        before = serial(gateway.port, authority)
        slow = directives(event_ms=20, events=60)
        connection = http.client.HTTPSConnection("127.0.0.1", gateway.port, context=trusting(authority), timeout=20)
        connection.request("POST", CHAT, body=chat(stream=True), headers=HEADERS | slow)
        stream = connection.getresponse()
        assert stream.read(1)

        authority.issue()
        gateway.process.send(signal.SIGHUP)
        gateway.process.line_with('"message":"reloaded"')
        after = until(lambda: now if (now := serial(gateway.port, authority)) != before else None, what="another one")
        assert after != before
        assert stream.read().endswith(b"data: [DONE]\n\n")

    def test_with_a_file_of_no_use_keeps_the_old_certificate_and_says_so(self, gateway, authority, certificate):
        before = serial(gateway.port, authority)
        certificate.chain.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
        gateway.process.send(signal.SIGHUP)
        gateway.process.line_with('"message":"did not reload"')
        assert any(str(certificate.chain) in line for line in gateway.process.lines if "did not reload" in line)
        assert serial(gateway.port, authority) == before

    def test_with_the_key_of_another_certificate_too(self, gateway, authority, certificate):
        before = serial(gateway.port, authority)
        certificate.key.write_text(authority.issue("another").key.read_text())
        gateway.process.send(signal.SIGHUP)
        gateway.process.line_with('"message":"did not reload"')
        assert serial(gateway.port, authority) == before


@pytest.mark.parametrize("missing", ["certificate", "private_key"])
def test_files_that_are_not_there_are_an_error_of_the_configuration(simulator, certificate, tmp_path, missing):
    (certificate.chain if missing == "certificate" else certificate.key).unlink()
    (tmp_path / "proxy.yaml").write_text(encrypted(simulator, certificate))
    refused = steelyard("check", "--config", str(tmp_path / "proxy.yaml"), folder=tmp_path)
    assert refused.returncode == 78
    assert f"server.tls.{missing}" in refused.stderr and "remedy: " in refused.stderr


def test_a_key_of_another_certificate_is_found_by_the_check(simulator, authority, certificate, tmp_path):
    """Every file that `check` accepts can be served."""
    certificate.key.write_text(authority.issue("another").key.read_text())
    (tmp_path / "proxy.yaml").write_text(encrypted(simulator, certificate))
    refused = steelyard("check", "--config", str(tmp_path / "proxy.yaml"), folder=tmp_path)
    assert (refused.returncode, refused.stdout) == (78, "")
    assert "does not belong to the certificate" in refused.stderr
