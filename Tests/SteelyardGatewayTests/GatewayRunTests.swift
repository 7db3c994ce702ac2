import Glibc
import Logging
import NIOCore
import ServiceLifecycle
import SteelyardConfiguration
import SteelyardServer
import Testing

@testable import SteelyardGateway

@Suite("A gateway's life")
struct GatewayRunTests {
    /// A gateway in front of a provider that gets no requests, on ports that the kernel chooses.
    private static func gateway(
        listen: ListenAddress = ListenAddress(host: "127.0.0.1", port: 0),
        onListening: (@Sendable (GatewayAddresses) -> Void)? = nil
    ) throws -> Gateway {
        let text = """
            server: { timeouts: { drain: 100ms } }
            providers: { openai: { base_url: "http://127.0.0.1:9/v1" } }
            logging: { level: critical, access: false }
            ledger: off
            """
        let source = ConfigurationSource(path: "absent.yaml")
        let reading = Configuration.read(Array(text.utf8), file: "test.yaml", surroundings: .process)
        var configuration = try #require(reading.configuration)
        configuration.server.listen = listen
        configuration.admin.listen = listen
        return try Gateway(configuration, source: source, onListening: onListening)
    }

    private static func group(_ gateway: Gateway) -> ServiceGroup {
        ServiceGroup(services: [gateway], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test("begins with its listeners and ends when it is asked to, with nothing left behind")
    func wholeLife() async throws {
        let (addresses, listening) = AsyncStream<GatewayAddresses>.makeStream()
        let gateway = try Self.gateway { listening.yield($0) }
        let group = Self.group(gateway)
        async let running: Void = group.run()
        let bound = await addresses.first { _ in true }
        #expect((bound?.data ?? 0) > 0)
        #expect(bound?.admin == nil)
        #expect(gateway.parts.readiness.answer.status == 200)
        await group.triggerGracefulShutdown()
        try await running
        #expect(gateway.parts.readiness.answer.status == 503)
        #expect(gateway.parts.services.exchangeCount == 0)
        #expect(gateway.parts.services.connectionCount == 0)
    }

    @Test("does not begin on a port that is taken")
    func takenPort() async throws {
        let (addresses, listening) = AsyncStream<GatewayAddresses>.makeStream()
        let first = Self.group(try Self.gateway { listening.yield($0) })
        async let running: Void = first.run()
        let port = UInt16(try #require(await addresses.first { _ in true }).data)
        let address = ListenAddress(host: "127.0.0.1", port: port)
        let second = Self.group(try Self.gateway(listen: address))
        await #expect(throws: GatewayError.cannotListen(address, reason: "Address already in use")) {
            try await second.run()
        }
        await first.triggerGracefulShutdown()
        try await running
    }

    @Test("keeps its configuration when the file is gone, and counts the reload as failed")
    func missingFile() throws {
        let gateway = try Self.gateway()
        let before = gateway.parts.recorder.rules
        let report = gateway.reload()
        #expect(!report.isDone)
        #expect(report.problems.count == 1)
        #expect(gateway.parts.recorder.rules === before)
        gateway.parts.shutDown()
    }
}
