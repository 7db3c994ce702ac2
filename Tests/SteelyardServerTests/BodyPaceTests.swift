import Glibc
import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardSimulator
import Testing

@testable import SteelyardServer

/// Sends one byte each 5 ms: a paced sender, not a wait.
private func trickle(_ bytes: some Sequence<UInt8>, to client: RawClient) {
    for byte in bytes {
        guard client.send([byte]) else { return }
        usleep(5000)
    }
}

@Suite("A body that trickles", .timeLimit(.minutes(1)))
struct TricklingBodyTests {
    private static let brief: @Sendable (inout ServerSettings) -> Void = { $0.limits.bodyTimeout = .milliseconds(100) }

    @Test("is refused when it is gathered, though no silence is long")
    func gathered() async throws {
        try await ServerFixture.with(Self.brief) { server, witness in
            let client = server.connect()
            client.send(Requests.post + "Content-Length: 1000000\r\n\r\n")
            inNewThread { trickle(repeatElement(UInt8(ascii: " "), count: 1_000_000), to: client) }
            let answer = client.receiveAnswer()
            #expect(answer?.status == 408)
            #expect(answer?.envelope?.code == "request_timeout")
            #expect(witness.count == 0)
            #expect(server.recorder.summaries.map(\.status) == [408])
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
        }
    }

    @Test("is refused when it is gathered in chunks")
    func chunked() async throws {
        try await ServerFixture.with(Self.brief) { server, witness in
            let client = server.connect()
            client.send(Requests.post + "Transfer-Encoding: chunked\r\n\r\n")
            inNewThread { trickle(repeatElement(Array("1\r\n \r\n".utf8), count: 100_000).joined(), to: client) }
            #expect(client.receiveAnswer()?.status == 408)
            #expect(witness.count == 0)
        }
    }

    @Test("is taken as long as it likes without the guard")
    func unguarded() async throws {
        let change: (inout ServerSettings) -> Void = { settings in
            Self.brief(&settings)
            settings.connectionGuards.remove(.bodyPace)
        }
        try await ServerFixture.with(change) { server, _ in
            let client = server.connect()
            client.send(Requests.post + "Content-Length: \(Requests.json.utf8.count)\r\n\r\n")
            trickle(Requests.json.utf8, to: client)
            #expect(client.receiveAnswer()?.status == 200)
        }
    }

    @Test("is refused when it streams through, and reaches no provider as a whole")
    func upload() async throws {
        let closed = Signal()
        let provider = ScriptedServer { connection in
            #expect(connection.readRequest() == nil, "the upload looked complete")
            closed.raise()
        }
        try await ServerFixture.with(provider, Self.brief) { server in
            let client = server.connect()
            client.send(Requests.uploadBegun(announcing: 1_000_000))
            inNewThread { trickle(repeatElement(97, count: 900_000), to: client) }
            #expect(client.receiveAnswer()?.status == 408)
            await closed.raised()
            let summary = await server.recorder.summaries(count: 1).first
            #expect(summary?.status == 408)
            #expect(summary?.charge?.weight.cost == .zero, "half a form costs nothing")
        }
    }

    @Test("is waited for where it keeps the pace")
    func honest() async throws {
        let provider = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        try await ServerFixture.with(provider, Self.brief) { server in
            let client = server.connect()
            client.send(Requests.upload(announcing: 100_000))
            // 100 kB/s for a second: ten times as long as any silence may be.
            for _ in 0..<100 {
                client.send([UInt8](repeating: 97, count: 1000))
                usleep(10_000)
            }
            #expect(client.receiveAnswer()?.text == "ok")
            #expect(provider.requests.map(\.body.count) == [100_000])
        }
    }

    @Test("costs a client nothing when it is the provider that is slow")
    func slowProvider() async throws {
        let provider = ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            for _ in 0..<10 {
                guard connection.take(200_000) != nil else { return }
                usleep(50_000)
            }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        let change: (inout ServerSettings) -> Void = { $0.limits.bodyTimeout = .milliseconds(300) }
        try await ServerFixture.with(provider, change) { server in
            let client = server.connect()
            client.send(Requests.upload(announcing: 2_000_000))
            inNewThread { client.send([UInt8](repeating: 97, count: 2_000_000)) }
            #expect(client.receiveAnswer()?.text == "ok")
        }
    }
}
