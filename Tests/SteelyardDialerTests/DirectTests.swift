import Glibc
import ScriptedPeer
import SteelyardDialer
import Testing

@Suite("A direct connection", .timeLimit(.minutes(1)))
struct DirectTests {
    private static func echo() -> ScriptedServer {
        ScriptedServer { connection in
            while let byte = connection.take(1) { connection.send(byte) }
        }
    }

    @Test("carries bytes both ways")
    func direct() async throws {
        let (fixture, server) = (try DialFixture(), Self.echo())
        let socket = try await fixture.open(.loopback(server.port))
        #expect(socket.exchange("a") == "a")
        #expect(socket.peerPort == server.port)
        server.stop()
    }

    @Test("is non-blocking, sends without delay, is kept alive, and no child process inherits it")
    func options() async throws {
        let (fixture, server) = (try DialFixture(), Self.echo())
        let socket = try await fixture.open(.loopback(server.port))
        #expect(fcntl(socket.descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(socket.option(Int32(IPPROTO_TCP), TCP_NODELAY) == 1)
        #expect(socket.option(SOL_SOCKET, SO_KEEPALIVE) == 1)
        server.stop()
    }

    @Test("keeps what the peer says first")
    func peerSpeaksFirst() async throws {
        let fixture = try DialFixture()
        let server = ScriptedServer { connection in
            connection.send("hello")
            connection.close()
        }
        for _ in 0..<50 {
            let socket = try await fixture.open(.loopback(server.port))
            #expect(socket.read(5) == "hello")
            #expect(socket.read() == "")
        }
        server.stop()
    }

    @Test("goes to a numeric IPv6 address")
    func numericIPv6() async throws {
        let fixture = try DialFixture()
        guard let peer = SilentPort(backlog: 8, isIPv6: true) else { return }
        let socket = try await fixture.open(DialTarget(host: "::1", port: peer.port))
        #expect(socket.peerPort == peer.port)
    }

    /// libcurl knows both addresses of `localhost` itself, ::1 first; the server listens on 127.0.0.1 only.
    @Test("takes a name's next address when the first one refuses")
    func nextAddress() async throws {
        let (fixture, server) = (try DialFixture(), Self.echo())
        let socket = try await fixture.open(DialTarget(host: "localhost", port: server.port))
        #expect(socket.exchange("a") == "a")
        server.stop()
    }

    @Test("is never a connection that was handed over before")
    func fresh() async throws {
        let (fixture, server) = (try DialFixture(), Self.echo())
        let first = try await fixture.open(.loopback(server.port))
        let second = try await fixture.open(.loopback(server.port))
        #expect(first.exchange("1") + second.exchange("2") == "12")
        #expect(server.connectionCount == 2)
        server.stop()
    }

    @Test("fails with the system's word when nobody listens")
    func refused() async throws {
        let fixture = try DialFixture()
        // Its port was just free, and nobody else gets it as long as the test holds it without listening.
        let closed = try #require(SilentPort(backlog: 0))
        let port = closed.port
        closed.stopListening()
        let failure = await fixture.dialer.failure(.loopback(port))
        #expect(failure == .unreachable(code: ECONNREFUSED))
        #expect(failure?.detail == "the host could not be reached: Connection refused")
    }

    /// A label of 64 characters: no resolver asks anybody for it (RFC 1035 §2.3.4).
    @Test("fails for a name that does not exist")
    func unknownName() async throws {
        let fixture = try DialFixture()
        let host = String(repeating: "a", count: 64) + ".invalid"
        #expect(await fixture.dialer.failure(DialTarget(host: host, port: 80)) == .unknownHost)
    }

    @Test("fails in time when the peer's queue is full")
    func fullQueue() async throws {
        let fixture = try DialFixture()
        let peer = try #require(SilentPort(backlog: 0))
        var held: [TestSocket] = []
        while case .success(let socket) = await fixture.dialer.result(.loopback(peer.port), within: 0.2) {
            held.append(socket)
            try #require(held.count < 100, "the queue never fills")
        }
        #expect(await fixture.dialer.failure(.loopback(peer.port), within: 0.05) == .timedOut)
    }

    @Test(
        "is not tried for a host that cannot be one",
        arguments: ["", "a b", "user@127.0.0.1", "127.0.0.1/", "127.0.0.1:80", "a\r\nb", "[::1]", "x#y", "x?y"]
    )
    func unusableHost(host: String) async throws {
        let fixture = try DialFixture()
        let failure = await fixture.dialer.failure(DialTarget(host: host, port: 9))
        #expect(failure == .unusableTarget || failure == .unknownHost, "\(failure.debugDescription)")
    }
}
