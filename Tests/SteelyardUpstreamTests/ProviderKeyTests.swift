import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardUpstream
import SteelyardWire
import Synchronization
import Testing

@Suite("A provider's own key", .timeLimit(.minutes(1)))
struct ProviderKeyTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    private static func key(_ text: String, _ origin: ProviderOrigin) -> ProviderKey {
        .bound(BoundSecret(Secret(Array(text.utf8)), to: origin))
    }

    private static func fixture(_ key: String = "sk-operator") throws -> UpstreamFixture {
        try UpstreamFixture(.answering(ok)) { $0.apiKey = Self.key(key, $0.origin) }
    }

    private static func asking(_ request: PlannedRequest, _ substitutes: Bool = true) -> PlannedRequest {
        var request = request
        request.substitutesKey = substitutes
        return request
    }

    private static func sent(_ server: ScriptedServer) -> [[String]] {
        server.requests.map { $0.values(of: "authorization") }
    }

    static let shapes: [(String, UpstreamBody)] = [
        ("GET", .none), ("DELETE", .none), ("POST", .gathered(ByteBuffer())),
        ("POST", .gathered(ByteBuffer(string: "{}"))),
        ("PUT", .streamed(length: 0)), ("POST", .streamed(length: nil)),
    ]

    @Test("is sent once with every kind of body, beside all other fields", arguments: shapes.indices)
    func everyShape(_ index: Int) async throws {
        let (method, body) = Self.shapes[index]
        let upstream = try Self.fixture()
        let fields = (0..<50).map { ("x-field-\($0)", String(repeating: "v", count: $0 * 10)) }
        for _ in 0..<2 {
            let transcript = try await upstream.run(Self.asking(.to("/", method: method, fields: fields, body: body)))
            #expect(transcript.end?.failure == nil)
        }
        #expect(Self.sent(upstream.server) == [["Bearer sk-operator"], ["Bearer sk-operator"]])
        for request in upstream.server.requests {
            for (name, value) in fields { #expect(request.values(of: name) == [value]) }
        }
    }

    @Test("is not sent unless it is asked for, whatever the handle sent before")
    func reusedHandle() async throws {
        let upstream = try Self.fixture()
        for (substitutes, fields) in [
            (true, []), (false, []), (true, [("a", "b")]), (false, [("Authorization", "Bearer sk-mine")]), (false, []),
            (true, []),
        ] as [(Bool, [(String, String)])] {
            _ = try await upstream.run(Self.asking(.to("/", fields: fields), substitutes))
        }
        let ours = ["Bearer sk-operator"]
        #expect(Self.sent(upstream.server) == [ours, [], ours, ["Bearer sk-mine"], [], ours])
        #expect(upstream.server.connectionCount == 1, "all of them on one handle and connection")
    }

    /// Other places than the provider's own.
    static let elsewhere: [@Sendable (inout ProviderOrigin) -> Void] = [
        { $0.port &+= 1 }, { $0.host = "localhost" }, { $0.isSecure.toggle() },
    ]

    @Test("stays here when it is bound to another scheme, host or port", arguments: elsewhere.indices)
    func boundElsewhere(_ index: Int) async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok)) { provider in
            var origin = provider.origin
            Self.elsewhere[index](&origin)
            provider.apiKey = Self.key("sk-operator", origin)
        }
        #expect(try await upstream.run(Self.asking(.to("/"))).text == "ok")
        #expect(Self.sent(upstream.server) == [[]])
    }

    @Test("that is not needed is not sent")
    func unneeded() async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok)) { $0.apiKey = .unneeded }
        #expect(try await upstream.run(Self.asking(.to("/"))).text == "ok")
        #expect(Self.sent(upstream.server) == [[]])
    }

    @Test("that contains a line end is not sent, and neither is the request", arguments: ["a\r\nX: y", "a\nb", "a\0b"])
    func lineBreak(key: String) async throws {
        let upstream = try Self.fixture(key)
        let end = try #require(try await upstream.run(Self.asking(.to("/"))).end)
        #expect(end.failure == .unreachable)
        #expect(!end.reachedProvider)
        #expect(!end.detail.contains(key))
        #expect(upstream.server.connectionCount == 0)
    }

    @Test("that is rotated holds for requests routed since, and the old one for those before")
    func rotation() async throws {
        let upstream = try Self.fixture("sk-old")
        let old = upstream.pool.providers[0]
        _ = try await upstream.run(Self.asking(.to("/")))
        var settings = old.settings
        settings.apiKey = Self.key("sk-new", settings.origin)
        upstream.pool.replaceProviders([Provider(settings)])
        _ = try await upstream.run(Self.asking(.to("/")))
        let late = TransferRecorder()
        try await late.start(Self.asking(.to("/")), on: upstream.pool, to: old)
        _ = await late.ended()
        #expect(Self.sent(upstream.server) == [["Bearer sk-old"], ["Bearer sk-new"], ["Bearer sk-old"]])
    }

    @Test("does not follow a redirect", arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        let other = ScriptedServer.answering(Self.ok)
        defer { other.stop() }
        let moved = "HTTP/1.1 \(status) Moved\r\nLocation: http://127.0.0.1:\(other.port)/\r\nContent-Length: 0\r\n\r\n"
        let upstream = try UpstreamFixture(.answering(moved)) { $0.apiKey = Self.key("sk-operator", $0.origin) }
        #expect(try await upstream.run(Self.asking(.to("/"))).head?.status == status)
        #expect(other.connectionCount == 0)
    }

    @Test("is not shown to the proxy on the way")
    func proxy() async throws {
        let heads = HeadsSeen()
        let tunnel = ScriptedServer { connection in
            guard let head = connection.readHead() else { return }
            heads.append(head)
            connection.send("HTTP/1.1 200 Connected\r\n\r\n")
            while connection.readRequest() != nil { connection.send(Self.ok) }
        }
        let upstream = try UpstreamFixture(tunnel) {
            $0.outboundProxy = "http://127.0.0.1:\(tunnel.port)"
            $0.apiKey = Self.key("sk-operator", $0.origin)
        }
        #expect(try await upstream.run(Self.asking(.to("/"))).text == "ok")
        #expect(heads.all.count == 1)
        #expect(heads.all.first?.hasPrefix("CONNECT ") == true)
        #expect(heads.all.first?.contains("sk-operator") == false)
        #expect(Self.sent(tunnel) == [["Bearer sk-operator"]])
    }
}

/// Heads that a script's threads have read.
private final class HeadsSeen: Sendable {
    private let state = Mutex<[String]>([])

    var all: [String] { state.withLock(\.self) }

    func append(_ head: String) { state.withLock { $0.append(head) } }
}
