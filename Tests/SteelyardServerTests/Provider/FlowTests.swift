import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import Testing

@testable import SteelyardServer

@Suite("The flow between two sides of different speed", .timeLimit(.minutes(1)))
struct FlowTests {
    private static let body = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: ($0 &* 31) >> 7) }

    @Test("loses no byte of a chunked answer to a client that reads late", arguments: [4096, 65_536])
    func chunkedAnswer(chunkBytes: Int) async throws {
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for chunk in Self.body.pieces(of: chunkBytes) {
                connection.send(Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [13, 10])
            }
            connection.send("0\r\n\r\n")
            connection.waitForClose()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect(receiveBufferBytes: 4096)
            client.send(Requests.clean)
            // The channel has filled up once its bytes wait in the kernel's queues.
            try await eventually { Kernel.sockets(port: server.listener.port).contains { $0.queuedBytes > 1000 } }
            #expect(client.receiveAnswer()?.body == Self.body)
        }
    }

    @Test("is not needed for what is whole: the provider may close while its answer waits for the client")
    func closedWhileWaiting() async throws {
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(Self.body.count)\r\n\r\n")
            connection.send(Self.body)
            connection.close()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect(receiveBufferBytes: 4096)
            client.send(Requests.clean)
            try await eventually { Kernel.sockets(port: server.listener.port).contains { $0.queuedBytes > 1000 } }
            #expect(client.receiveAnswer()?.body == Self.body)
            try await eventually { Kernel.heldConnections(to: provider.port) == 0 }
        }
    }

    @Test(
        "ends with the client: one that leaves while its provider thinks takes that connection along",
        arguments: [true, false]
    )
    func clientLeaves(isReset: Bool) async throws {
        let closed = Signal()
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.waitForClose()
            closed.raise()
        }
        try await ServerFixture.with(provider, { $0.changeProvider { $0.abandonedPlain = .cancel } }) { server in
            let client = server.connect()
            client.send(Requests.chat())
            try await eventually { provider.requests.count == 1 }
            if isReset { client.reset() } else { client.close() }
            await closed.raised()
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [499])
        }
    }

    @Test("ends with the client, also while the connection for it is being opened")
    func clientLeavesEarly() async throws {
        let accepted = Signal()
        let provider = ScriptedServer { connection in
            accepted.raise()
            connection.waitForClose()
        }
        try await ServerFixture.with(provider, { $0.changeProvider { $0.origin.isSecure = true } }) { server in
            for _ in 0..<20 {
                let client = server.connect()
                client.send(Requests.clean)
                await accepted.raised()
                client.reset()
            }
            try await eventually { provider.openConnectionCount == 0 }
            #expect(await server.recorder.summaries(count: 20).count == 20)
        }
    }

    @Test("of an upload ends early: its client breaks off, and the provider never sees a whole request")
    func uploadBreaksOff() async throws {
        let closed = Signal()
        let provider = ScriptedServer { connection in
            _ = connection.readRequest()
            closed.raise()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.uploadBegun(announcing: 100_000))
            try await eventually { provider.connectionCount == 1 }
            client.close()
            await closed.raised()
            #expect(provider.requests.isEmpty)
        }
    }
}
