import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardUpstream
import SteelyardWire
import Testing

@testable import struct SteelyardUpstream.SocketAddress

@Suite("A request goes where the operator said", .timeLimit(.minutes(1)))
struct DestinationGuardTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    private static func redirect(_ status: Int) -> ScriptedServer {
        ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 \(status) Moved\r\nLocation: /second\r\nContent-Length: 2\r\n\r\nno")
            while connection.readRequest() != nil { connection.send(ok) }
        }
    }

    @Test("and is not redirected", arguments: [301, 302, 303, 307, 308])
    func redirectIsNotFollowed(status: Int) async throws {
        let upstream = try UpstreamFixture(Self.redirect(status))
        let transcript = try await upstream.run(.post(target: "/first"))
        #expect(transcript.end?.failure == nil)
        #expect(transcript.head?.status == status)
        #expect(transcript.text == "no")
        #expect(upstream.server.requests.count == 1)
    }

    @Test("and would be redirected without the guard")
    func redirectIsFollowedWithoutGuard() async throws {
        let guards = TransferGuards.all.subtracting([.noRedirects, .resend])
        let upstream = try UpstreamFixture(Self.redirect(302), guards: guards)
        _ = try await upstream.run(.to("/first"))
        #expect(upstream.server.requests.count == 2)
    }

    @Test("whatever proxy the environment names")
    func environmentProxyIsIgnored() async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok))
        #expect(try await upstream.run(.to("/")).text == "ok")
    }

    @Test("and would go to that proxy without the guard")
    func environmentProxyIsUsedWithoutGuard() async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok), guards: .all.subtracting(.noEnvironmentProxy))
        #expect(try await upstream.run(.to("/")).text == "proxy")
        #expect(upstream.server.requests.count == 0)
    }

    @Test("through a tunnel of the configured proxy, which sees neither path nor fields")
    func outboundProxyTunnels() async throws {
        let tunnel = ScriptedServer { connection in
            guard let head = connection.readHead(), head.hasPrefix("CONNECT ") else { return }
            connection.send("HTTP/1.1 200 Connected\r\nX-Proxy: \(head.contains("secret") ? "saw" : "blind")\r\n\r\n")
            while connection.readRequest() != nil { connection.send(Self.ok) }
        }
        let upstream = try UpstreamFixture(tunnel) {
            $0.outboundProxy = "http://127.0.0.1:\($0.origin.port)"
            $0.origin.host = "provider.invalid"
        }
        let request = PlannedRequest.to("/path", fields: [("Authorization", "secret")])
        for _ in 0..<2 {
            let transcript = try await upstream.run(request)
            #expect(transcript.end?.failure == nil, "\(transcript.end?.detail ?? "")")
            #expect(transcript.text == "ok")
            #expect(transcript.head?.fields.first("x-proxy") == nil)
        }
        #expect(tunnel.connectionCount == 1)
        #expect(tunnel.requests.map(\.requestLine) == Array(repeating: "GET /path HTTP/1.1", count: 2))
        #expect(tunnel.requests.first?.values(of: "Authorization") == ["secret"])
    }

    @Test("and costs nothing when the proxy refuses the tunnel")
    func refusedTunnelIsUnreachable() async throws {
        let tunnel = ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
        }
        let upstream = try UpstreamFixture(tunnel) { $0.outboundProxy = "http://127.0.0.1:\($0.origin.port)" }
        let transcript = try await upstream.run(.post())
        #expect(transcript.end?.failure == .unreachable)
        #expect(transcript.end?.reachedProvider == false)
    }

    /// With the guard off this would leave the machine, so its other half is ``linkLocalAddresses(text:isLinkLocal:)``.
    @Test("but not to a link-local address")
    func linkLocalIsRefused() async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok)) { $0.origin.host = "169.254.169.254" }
        let transcript = try await upstream.run(.to("/latest/meta-data"))
        #expect(transcript.end?.failure == .unreachable)
        #expect(transcript.end?.detail.contains("link-local") == true)
    }

    @Test(
        "and link-local is what RFC 3927 and RFC 4291 say",
        arguments: [
            ("169.254.0.1", true), ("169.254.169.254", true), ("169.253.255.255", false), ("169.255.0.0", false),
            ("127.0.0.1", false), ("fe80::1", true), ("febf::1", true), ("fec0::1", false), ("::1", false),
            ("::ffff:169.254.169.254", true), ("::ffff:10.0.0.1", false), ("fd00:ec2::254", false),
        ]
    )
    func linkLocalAddresses(text: String, isLinkLocal: Bool) throws {
        let address = try #require(SocketAddress(text))
        #expect(address.isLinkLocal == isLinkLocal)
        #expect(address.isSpelled(text))
        #expect(!address.isSpelled(text.contains(":") ? "2001:db8::1" : "192.0.2.1"))
    }
}
