import Glibc
import ScriptedPeer
import SteelyardDialer
import Testing

@Suite("A connection through an outbound proxy", .timeLimit(.minutes(1)))
struct ProxyTests {
    /// Answers CONNECT and then echoes.
    private static func tunnel(_ answer: String) -> ScriptedServer {
        ScriptedServer { connection in
            guard let head = connection.readHead(), head.hasPrefix("CONNECT provider.invalid:443 HTTP/1.1\r\n") else {
                return
            }
            connection.send(answer)
            while let byte = connection.take(1) { connection.send(byte) }
        }
    }

    @Test("is a tunnel; the proxy looks the name up")
    func tunnels() async throws {
        let (fixture, proxy) = (try DialFixture(), Self.tunnel("HTTP/1.1 200 Connected\r\nX-Proxy: yes\r\n\r\n"))
        let socket = try await fixture.open(.behind(proxy))
        #expect(socket.exchange("a") == "a")
        proxy.stop()
    }

    /// A successful answer to CONNECT has no body, whatever it announces (RFC 9110 §9.3.6).
    @Test(
        "keeps every byte that comes behind the proxy's answer",
        arguments: ["", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n"]
    )
    func bytesBehindTheAnswer(field: String) async throws {
        let fixture = try DialFixture()
        let proxy = Self.tunnel("HTTP/1.1 200 OK\r\n\(field)\r\n5\r\nhello\r\n0\r\n\r\n")
        let socket = try await fixture.open(.behind(proxy))
        #expect(socket.read(15) == "5\r\nhello\r\n0\r\n\r\n")
        proxy.stop()
    }

    @Test("fails when the proxy refuses it", arguments: [403, 407, 502])
    func refused(status: Int) async throws {
        let (fixture, proxy) = (
            try DialFixture(),
            Self.tunnel("HTTP/1.1 \(status) No\r\nProxy-Authenticate: Basic\r\nContent-Length: 3\r\n\r\nno!")
        )
        let failure = await fixture.dialer.failure(.behind(proxy))
        #expect(failure == .proxyRefused(status: status))
        #expect(failure?.detail == "the outbound proxy refused the connection with status \(status)")
        proxy.stop()
    }

    @Test(
        "fails when the proxy answers with something else, or not at all",
        arguments: ["", "HTTP/1.1 200 OK\r\nX-Half", "220 mail.example ESMTP\r\n\r\n", "\u{0}\u{1}\r\n\r\n"]
    )
    func broken(answer: String) async throws {
        let fixture = try DialFixture()
        let proxy = ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send(answer)
        }
        #expect(await fixture.dialer.failure(.behind(proxy)) == .proxyFailed)
        proxy.stop()
    }

    @Test("fails in time when the proxy never answers")
    func mute() async throws {
        let fixture = try DialFixture()
        let proxy = ScriptedServer { connection in connection.waitForClose() }
        #expect(await fixture.dialer.failure(.behind(proxy), within: 0.1) == .timedOut)
        proxy.stop()
    }

    @Test("fails when the proxy cannot be reached, and does not go without it")
    func unreachableProxy() async throws {
        let fixture = try DialFixture()
        let server = ScriptedServer { connection in connection.waitForClose() }
        let closed = try #require(SilentPort(backlog: 0))
        closed.stopListening()
        let target = DialTarget.loopback(server.port, proxy: closed.port)
        #expect(await fixture.dialer.failure(target) == .proxyUnreachable(code: ECONNREFUSED))
        #expect(server.connectionCount == 0)
        server.stop()
    }

    @Test("fails when the proxy's name does not exist")
    func unknownProxy() async throws {
        let fixture = try DialFixture()
        let name = String(repeating: "p", count: 64) + ".invalid"
        let target = DialTarget(host: "127.0.0.1", port: 80, proxy: "http://\(name):3128")
        #expect(await fixture.dialer.failure(target) == .unknownProxy)
    }

    @Test(
        "is refused for proxies that are not understood",
        arguments: [
            "https://127.0.0.1:1", "socks5://127.0.0.1:1", "socks4://127.0.0.1:1", "127.0.0.1:1", "", "http://",
            "http://a b:1", "ftp://127.0.0.1:1",
        ]
    )
    func unusableProxy(proxy: String) async throws {
        let fixture = try DialFixture()
        let server = ScriptedServer { connection in connection.waitForClose() }
        let target = DialTarget(host: "127.0.0.1", port: server.port, proxy: proxy)
        let failure = await fixture.dialer.failure(target)
        #expect(failure == .unusableTarget || failure == .unknownProxy, "\(failure.debugDescription)")
        #expect(server.connectionCount == 0)
        server.stop()
    }

    @Test("shows the proxy its password and nobody else")
    func credentials() async throws {
        let fixture = try DialFixture()
        let proxy = ScriptedServer { connection in
            guard let head = connection.readHead() else { return }
            let isKnown = head.contains("Proxy-Authorization: Basic dTpodW50ZXIy\r\n")
            connection.send("HTTP/1.1 \(isKnown ? 407 : 400) No\r\nContent-Length: 0\r\n\r\n")
        }
        let target = DialTarget(host: "provider.invalid", port: 443, proxy: "http://u:hunter2@127.0.0.1:\(proxy.port)")
        let failure = await fixture.dialer.failure(target)
        #expect(failure == .proxyRefused(status: 407))
        #expect(failure?.detail.contains("hunter2") == false)
        proxy.stop()
    }
}

@Suite("A connection through a SOCKS5 proxy", .timeLimit(.minutes(1)))
struct SOCKSTests {
    /// RFC 1928: greeting, then a request with the name, then the reply with `code`.
    private static func proxy(code: UInt8) -> ScriptedServer {
        ScriptedServer { connection in
            guard let greeting = connection.take(2), connection.take(Int(greeting[1])) != nil else { return }
            connection.send([5, 0])
            guard let start = connection.take(5), start[..<4] == [5, 1, 0, 3] else { return }
            guard connection.take(Int(start[4])) == Array("provider.invalid".utf8), connection.take(2) == [1, 187]
            else { return }
            connection.send([5, code, 0, 1, 127, 0, 0, 1, 0, 80] + (code == 0 ? Array("hello".utf8) : []))
            while let byte = connection.take(1) { connection.send(byte) }
        }
    }

    private static func target(_ proxy: ScriptedServer) -> DialTarget {
        DialTarget(host: "provider.invalid", port: 443, proxy: "socks5h://127.0.0.1:\(proxy.port)")
    }

    @Test("works, and keeps the bytes behind the proxy's answer")
    func works() async throws {
        let (fixture, proxy) = (try DialFixture(), Self.proxy(code: 0))
        let socket = try await fixture.open(Self.target(proxy))
        #expect(socket.read(5) == "hello")
        #expect(socket.exchange("a") == "a")
        proxy.stop()
    }

    @Test("fails when the proxy cannot reach the host", arguments: [UInt8(1), 2, 4, 5])
    func refused(code: UInt8) async throws {
        let (fixture, proxy) = (try DialFixture(), Self.proxy(code: code))
        #expect(await fixture.dialer.failure(Self.target(proxy)) == .proxyFailed)
        proxy.stop()
    }

    @Test("fails in time when the proxy never answers")
    func mute() async throws {
        let fixture = try DialFixture()
        let proxy = ScriptedServer { connection in connection.waitForClose() }
        #expect(await fixture.dialer.failure(Self.target(proxy), within: 0.1) == .timedOut)
        proxy.stop()
    }
}
