import Glibc
import ScriptedPeer
import SteelyardDialer
import Testing

@testable import struct SteelyardDialer.SocketAddress

@Suite("A connection goes where the operator said", .timeLimit(.minutes(1)))
struct DestinationGuardTests {
    private static func silent() -> ScriptedServer { ScriptedServer { $0.waitForClose() } }

    @Test("whatever proxy the environment names")
    func environmentProxyIsIgnored() async throws {
        let (fixture, server) = (try DialFixture(), Self.silent())
        #expect(try await fixture.open(.loopback(server.port)).peerPort == server.port)
        server.stop()
    }

    @Test("and would go to that proxy without the guard")
    func environmentProxyIsUsedWithoutGuard() async throws {
        let server = Self.silent()
        let fixture = try DialFixture(guards: .all.subtracting(.noEnvironmentProxy))
        let port = try await fixture.open(.loopback(server.port)).peerPort
        #expect(port != server.port)
        server.stop()
    }

    private static let tunnel = "HTTP/1.1 200 Connected\r\n\r\n"

    @Test("through the configured proxy, whatever hosts the environment exempts")
    func environmentExemptionIsIgnored() async throws {
        let (fixture, proxy) = (try DialFixture(), ScriptedServer.answering(Self.tunnel))
        let socket = try await fixture.open(.behind(proxy, host: EnvironmentProxy.exemptHost))
        #expect(socket.peerPort == proxy.port)
        proxy.stop()
    }

    @Test("and would go around the configured proxy without the guard")
    func environmentExemptionIsUsedWithoutGuard() async throws {
        let proxy = ScriptedServer.answering(Self.tunnel)
        let fixture = try DialFixture(guards: .all.subtracting(.noEnvironmentProxy))
        let failure = await fixture.dialer.failure(.behind(proxy, host: EnvironmentProxy.exemptHost))
        #expect(failure == .unknownHost)
        #expect(proxy.connectionCount == 0)
        proxy.stop()
    }

    /// An address that nobody has.
    private static let linkLocal = "fe80::5ca1:e000:f00d:1"

    @Test("but not to a link-local address", arguments: ["169.254.169.254", "::ffff:169.254.169.254", linkLocal])
    func linkLocalIsRefused(host: String) async throws {
        let fixture = try DialFixture()
        #expect(await fixture.dialer.failure(DialTarget(host: host, port: 80)) == .linkLocal)
    }

    /// Without an interface in it, the kernel refuses this address; newer versions of libcurl name one (8.23), and then
    /// the neighbours are asked who has it.
    @Test("and would be dialed without the guard, or with leave", arguments: [true, false])
    func linkLocalIsDialed(hasLeave: Bool) async throws {
        let fixture = try DialFixture(guards: hasLeave ? .all : .all.subtracting(.linkLocal))
        let target = DialTarget(host: Self.linkLocal, port: 80, allowsLinkLocal: hasLeave)
        let failure = await fixture.dialer.failure(target, within: 0.1)
        #expect(failure == .unreachable(code: EINVAL) || failure == .timedOut, "\(failure.debugDescription)")
    }

    @Test(
        "nor to a link-local address through a proxy",
        arguments: ["169.254.169.254", "169.254.43518", "0xa9fea9fe", "::ffff:a9fe:a9fe", "fe80::1"]
    )
    func linkLocalBehindProxyIsRefused(host: String) async throws {
        let proxy = ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send(Self.tunnel)
            connection.waitForClose()
        }
        let fixture = try DialFixture()
        var target = DialTarget.behind(proxy, host: host)
        #expect(await fixture.dialer.failure(target) == .linkLocal)
        #expect(proxy.connectionCount == 0)
        let unguarded = try DialFixture(guards: .all.subtracting(.linkLocal))
        #expect(try await unguarded.open(target).peerPort == proxy.port)
        target.allowsLinkLocal = true
        #expect(try await fixture.open(target).peerPort == proxy.port)
        proxy.stop()
    }

    @Test(
        "and link-local is what RFC 3927 and RFC 4291 say",
        arguments: [
            ("169.254.0.1", true), ("169.254.169.254", true), ("169.253.255.255", false), ("169.255.0.0", false),
            ("169.254.1", true), ("0xa9fea9fe", true), ("2851995649", true), ("2130706433", false),
            ("127.0.0.1", false), ("fe80::1", true), ("febf::1", true), ("fec0::1", false), ("::1", false),
            ("::ffff:169.254.169.254", true), ("::ffff:10.0.0.1", false), ("fd00:ec2::254", false),
        ]
    )
    func linkLocalAddresses(text: String, isLinkLocal: Bool) throws {
        #expect(try #require(SocketAddress(text)).isLinkLocal == isLinkLocal)
    }
}
