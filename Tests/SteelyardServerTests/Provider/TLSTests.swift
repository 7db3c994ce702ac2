import NIOSSL
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import Testing

@testable import SteelyardServer

@Suite("TLS to a provider", .enabled(if: TLSPeer.isPossible), .timeLimit(.minutes(1)))
struct TLSTests {
    /// Runs a test in front of a peer.
    private func with(
        _ peer: TLSPeer,
        host: String = "localhost",
        trustsAuthority: Bool = true,
        _ body: (ServerFixture) async throws -> Void
    ) async throws {
        let change: (inout ServerSettings) -> Void = { settings in
            settings.changeProvider { provider in
                provider.origin.isSecure = true
                provider.origin.host = host
                if trustsAuthority { provider.certificateAuthorityFile = peer.authorityFile }
            }
        }
        try await ServerFixture.with(port: Int(peer.port), change, body)
        withExtendedLifetime(peer) {}
    }

    /// A request that must not leave, although the peer waits for it.
    private func refuses(_ peer: TLSPeer, host: String = "localhost", trustsAuthority: Bool = true) async throws {
        try await with(peer, host: host, trustsAuthority: trustsAuthority) { server in
            let answer = server.answer(to: Requests.chat())
            #expect(answer?.status == 502)
            #expect(answer?.envelope?.code == "upstream_unreachable")
            #expect(peer.connectionCount > 0)
            #expect(peer.requestCount == 0)
            _ = await server.recorder.summaries(count: 1)
            #expect(server.recorder.records.compactMap(\.settlement).isEmpty, "it cost nothing")
        }
    }

    @Test("works with the provider's own authority, and keeps the connection", arguments: [TLSVersion.tlsv12, .tlsv13])
    func trusted(version: TLSVersion) async throws {
        let peer = try await TLSPeer(version: version)
        try await with(peer) { server in
            for _ in 0..<3 { #expect(server.answer(to: Requests.clean)?.text == "ok") }
            #expect(peer.connectionCount == 1)
            #expect(peer.requestCount == 3)
        }
    }

    @Test("checks an address as host")
    func address() async throws {
        let peer = try await TLSPeer(for: "IP:127.0.0.1")
        try await with(peer, host: "127.0.0.1") { server in
            #expect(server.answer(to: Requests.clean)?.text == "ok")
        }
    }

    @Test("is refused when nobody knows the authority, and nothing is sent")
    func untrusted() async throws { try await refuses(try await TLSPeer(), trustsAuthority: false) }

    @Test("is refused for another name, or another address", arguments: ["DNS:localhost", "IP:127.0.0.2"])
    func otherAddress(name: String) async throws {
        try await refuses(try await TLSPeer(for: name), host: "127.0.0.1")
    }

    @Test("is refused for another name")
    func otherName() async throws { try await refuses(try await TLSPeer(for: "DNS:example.org")) }

    @Test("is refused below TLS 1.2", arguments: [TLSVersion.tlsv1, .tlsv11])
    func oldVersion(version: TLSVersion) async throws { try await refuses(try await TLSPeer(version: version)) }

    @Test("carries an answer that lasts until the close, whole when close_notify has come")
    func untilClose() async throws {
        let peer = try await TLSPeer(answer: "HTTP/1.1 200 OK\r\n\r\nabc", then: .closes)
        try await with(peer) { server in #expect(server.answer(to: Requests.clean)?.text == "abc") }
    }

    @Test("that ends without close_notify breaks such an answer off for the client")
    func breaksOff() async throws {
        let peer = try await TLSPeer(answer: "HTTP/1.1 200 OK\r\n\r\nabc", then: .breaksOff)
        try await with(peer) { server in
            let client = server.connect()
            client.send(Requests.clean)
            let text = String(decoding: client.receiveAll().bytes, as: UTF8.self)
            #expect(text.contains("abc"))
            #expect(!text.hasSuffix("\r\n0\r\n\r\n"))
            #expect(await server.recorder.summaries(count: 1).map(\.error) == [.upstreamTruncated])
        }
    }

    @Test("may end without close_notify behind a counted answer")
    func counted() async throws {
        let peer = try await TLSPeer(then: .breaksOff)
        try await with(peer) { server in
            for _ in 0..<2 {
                #expect(server.answer(to: Requests.clean)?.text == "ok")
                try await eventually { Kernel.heldConnections(to: peer.port) == 0 }
            }
        }
    }

    @Test("whose handshake stalls costs nothing, and its connection is closed")
    func stalled() async throws {
        let provider = ScriptedServer { $0.waitForClose() }
        let change: (inout ServerSettings) -> Void = { settings in
            settings.changeProvider { provider in
                provider.origin.isSecure = true
                provider.timeouts.connectSeconds = 0.1
            }
        }
        try await ServerFixture.with(provider, change) { server in
            #expect(server.answer(to: Requests.chat())?.envelope?.code == "upstream_unreachable")
            _ = await server.recorder.summaries(count: 1)
            #expect(server.recorder.records.compactMap(\.settlement).isEmpty)
            try await eventually { provider.openConnectionCount == 0 }
        }
    }
}
