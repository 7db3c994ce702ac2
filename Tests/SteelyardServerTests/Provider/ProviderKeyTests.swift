import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import Synchronization
import Testing

@testable import SteelyardServer

@Suite("A provider's own key", .timeLimit(.minutes(1)))
struct ProviderKeyTests {
    private static let asking = "GET /v1/models HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(TestKeys.ours)\r\n\r\n"

    private static func key(_ text: String, _ origin: ProviderOrigin) -> ProviderKey {
        .bound(BoundSecret(Secret(Array(text.utf8)), to: origin))
    }

    private static func settings(_ key: String) -> (inout ServerSettings) -> Void {
        { settings in
            settings.teams = [TestKeys.team()]
            settings.apiKey = { Self.key(key, $0) }
        }
    }

    private static func sent(_ provider: ScriptedServer) -> [[String]] {
        provider.requests.map { $0.values(of: "authorization") }
    }

    @Test("that contains a line end is not sent, and neither is the request", arguments: ["a\r\nX: y", "a\nb", "a\0b"])
    func lineEnd(key: String) async throws {
        let provider = ScriptedServer.answering(Answers.ok)
        try await ServerFixture.with(provider, Self.settings(key)) { server in
            let answer = server.answer(to: Self.asking)
            #expect(answer?.status == 502)
            #expect(answer?.envelope?.code == "upstream_unreachable")
            #expect(answer?.text.contains(key) == false)
            #expect(provider.connectionCount == 0)
            let summaries = await server.recorder.summaries(count: 1)
            #expect(!summaries.contains { String(describing: $0).contains(key) })
            #expect(server.services.exchangeCount == 0)
            #expect(server.answer(to: Requests.clean)?.text == "ok", "a client's own key is not concerned")
        }
    }

    /// Other places than the provider's own.
    static let elsewhere: [@Sendable (inout ProviderOrigin) -> Void] = [
        { $0.port &+= 1 }, { $0.host = "localhost" }, { $0.isSecure.toggle() },
    ]

    @Test("stays here when it is bound to another scheme, host or port", arguments: elsewhere.indices)
    func boundElsewhere(index: Int) async throws {
        let provider = ScriptedServer.answering(Answers.ok)
        let change: (inout ServerSettings) -> Void = { settings in
            settings.teams = [TestKeys.team()]
            settings.apiKey = { origin in
                var other = origin
                Self.elsewhere[index](&other)
                return Self.key("sk-operator", other)
            }
        }
        try await ServerFixture.with(provider, change) { server in
            #expect(server.answer(to: Self.asking)?.text == "ok")
            #expect(Self.sent(provider) == [[]])
        }
    }

    @Test("that is rotated holds for requests since then, and the old one for those that began before")
    func rotation() async throws {
        let provider = ScriptedServer.answering(Answers.ok)
        try await ServerFixture.with(provider, Self.settings("sk-old")) { server in
            #expect(server.answer(to: Self.asking)?.text == "ok")
            let early = server.connect()
            let body = Requests.json
            early.send(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(TestKeys.ours)\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n{"
            )
            try await eventually { server.services.gatherBudget.takenBytes == 1 }
            var settings = server.recorder.rules.providers.providers.map(\.settings)
            settings[0].apiKey = Self.key("sk-new", settings[0].origin)
            try server.reload(settings)
            #expect(server.answer(to: Self.asking)?.text == "ok")
            early.send(String(body.dropFirst()))
            #expect(early.receiveAnswer()?.text == "ok")
            #expect(Self.sent(provider) == [["Bearer sk-old"], ["Bearer sk-new"], ["Bearer sk-old"]])
        }
    }

    @Test("is not shown to the proxy on the way")
    func proxy() async throws {
        let heads = HeadsSeen()
        let tunnel = ScriptedServer { connection in
            guard let head = connection.readHead() else { return }
            heads.append(head)
            connection.send("HTTP/1.1 200 Connected\r\n\r\n")
            while connection.readRequest() != nil { connection.send(Answers.ok) }
        }
        let change: (inout ServerSettings) -> Void = { settings in
            Self.settings("sk-operator")(&settings)
            settings.changeProvider { $0.outboundProxy = "http://127.0.0.1:\(tunnel.port)" }
        }
        try await ServerFixture.with(tunnel, change) { server in
            #expect(server.answer(to: Self.asking)?.text == "ok")
            #expect(heads.all.count == 1)
            #expect(heads.all.first?.hasPrefix("CONNECT ") == true)
            #expect(heads.all.first?.contains("sk-operator") == false)
            #expect(Self.sent(tunnel) == [["Bearer sk-operator"]])
        }
    }
}

/// Heads that a script's threads have read.
private final class HeadsSeen: Sendable {
    private let state = Mutex<[String]>([])

    var all: [String] { state.withLock(\.self) }

    func append(_ head: String) { state.withLock { $0.append(head) } }
}
