import NIOCore
import ScriptedPeer
import SteelyardExchange
import Testing

@testable import SteelyardServer

@Suite("Slow readers", .timeLimit(.minutes(1)))
struct SlowReaderTests {
    /// Sends an endless answer until nobody takes it; then says how much was taken.
    private final class PouringProvider: Sendable {
        let poured = Signal(), closed = Signal()
        private let count = Counter()

        var takenBytes: Int { count.value }

        func script(_ isChunked: Bool) -> ScriptedServer {
            ScriptedServer { [self] connection in
                guard connection.readRequest() != nil else { return }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(1 << 40)\r\n\r\n")
                count.add(connection.sendUntilBlocked(milliseconds: 300))
                poured.raise()
                connection.waitForClose()
                closed.raise()
            }
        }
    }

    @Test("a client that does not read costs at most 256 KiB beyond the kernel's buffers")
    func backPressure() async throws {
        let pouring = PouringProvider()
        let provider = pouring.script(false)
        try await ServerFixture.with(provider) { server in
            let client = server.connect(receiveBufferBytes: 4096)
            client.send(Requests.clean)
            await pouring.poured.raised()
            let sockets = Kernel.sockets(port: server.listener.port) + Kernel.sockets(port: Int(provider.port))
            let queued = sockets.reduce(0) { $0 + $1.queuedBytes }
            let kept = pouring.takenBytes - queued
            #expect(kept > 0)
            #expect(kept <= 256 << 10, "\(kept) bytes kept here, of \(pouring.takenBytes)")
            client.close()
            await pouring.closed.raised()
        }
    }

    @Test(
        "little waits in the kernel for a client that does not read",
        arguments: [ServerGuards.all, .all.subtracting(.unsentLimit)]
    )
    func unsent(guards: ServerGuards) async throws {
        let pouring = PouringProvider()
        try await ServerFixture.with(pouring.script(false), { $0.guards = guards }) { server in
            let client = server.connect(receiveBufferBytes: 4096)
            client.send(Requests.clean)
            await pouring.poured.raised()
            let waiting = Kernel.sockets(port: server.listener.port).filter { $0.localPort == server.listener.port }
            let waitingBytes = waiting.map(\.queuedBytes).max() ?? 0
            #expect(waitingBytes > 0)
            #expect((waitingBytes <= 256 << 10) == guards.contains(.unsentLimit), "\(waitingBytes) bytes")
            client.close()
        }
    }

    @Test("a client that takes nothing for too long is cut, and so is the provider")
    func stall() async throws {
        let pouring = PouringProvider()
        let change: (inout ServerSettings) -> Void = { $0.limits.writeStallTimeout = .milliseconds(200) }
        try await ServerFixture.with(pouring.script(false), change) { server in
            let client = server.connect(receiveBufferBytes: 4096)
            client.send(Requests.clean)
            await pouring.closed.raised()
            #expect(client.receiveEnding() == .reset)
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [499])
        }
    }

    @Test("a client that reads after a pause gets every byte")
    func goesOn() async throws {
        let body = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: ($0 &* 31) >> 7) }
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
            connection.send(body)
            connection.waitForClose()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect(receiveBufferBytes: 4096)
            client.send(Requests.clean)
            // The channel has filled up once its bytes wait in the kernel's queues.
            try await eventually {
                Kernel.sockets(port: server.listener.port).contains { $0.queuedBytes > 1000 }
            }
            #expect(client.receiveAnswer()?.body == body)
        }
    }
}
