import Glibc
import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardSimulator
import Testing

@testable import SteelyardServer

@Suite("Timeouts", .timeLimit(.minutes(1)))
struct TimeoutTests {
    @Test("a head that comes too slowly is refused, however often a byte comes")
    func slowHead() async throws {
        try await ServerFixture.with({ $0.limits.headerTimeout = .milliseconds(100) }) { server, witness in
            let client = server.connect()
            client.send("GET /v1/models HTTP/1.1\r\nHost: t\r\nX: ")
            // A paced sender, not a wait: a byte each 5 ms would extend a timeout that counts from the last one.
            inNewThread { while client.send("a") { usleep(5000) } }
            let answer = client.receiveAnswer()
            #expect(answer?.status == 408)
            #expect(answer?.envelope?.code == "request_timeout")
            #expect(witness.count == 0)
            #expect(server.recorder.refusals.map(\.status) == [408])
        }
    }

    @Test("a pipelined head that stays incomplete is refused once its turn has come")
    func slowPipelinedHead() async throws {
        try await ServerFixture.with({ $0.limits.headerTimeout = .milliseconds(50) }) { server, witness in
            let client = server.connect()
            client.send(Requests.get + "x-simulate: delay-ms=50\r\n\r\n")
            try await eventually { witness.count == 1 }
            client.send("GET /v1/mod")
            #expect(client.receiveAnswer()?.status == 200)
            #expect(client.receiveAnswer()?.status == 408)
            #expect(client.receiveEnding() == .fin)
        }
    }

    @Test("a gathered body that stops coming is refused, and asked of no provider")
    func stoppedBody() async throws {
        try await ServerFixture.with({ $0.limits.bodyTimeout = .milliseconds(50) }) { server, witness in
            let client = server.connect()
            client.send(Requests.post + "Content-Length: 100\r\n\r\n{")
            #expect(client.receiveAnswer()?.status == 408)
            #expect(client.receiveEnding() == .fin)
            #expect(witness.count == 0)
            #expect(server.recorder.summaries.map(\.status) == [408])
            #expect(server.recorder.refusals.isEmpty, "counted once")
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
        }
    }

    @Test("a chunk of 2^64-1 bytes is refused at once, and not waited for")
    func endlessChunk() async throws {
        try await ServerFixture.with { server, witness in
            let client = server.connect()
            client.send(Requests.post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n")
            #expect([400, 413].contains(client.receiveAnswer()?.status ?? 0))
            #expect(client.receiveEnding() == .fin)
            #expect(witness.count == 0)
        }
    }

    @Test("an upload that stops coming is refused, and given up towards the provider")
    func stoppedUpload() async throws {
        let closed = Signal()
        let provider = ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            connection.waitForClose()
            closed.raise()
        }
        try await ServerFixture.with(provider, { $0.limits.bodyTimeout = .milliseconds(50) }) { server in
            let client = server.connect()
            client.send(Requests.uploadBegun(announcing: 100_000))
            #expect(client.receiveAnswer()?.status == 408)
            #expect(client.receiveEnding() == .fin)
            await closed.raised()
            let summaries = await server.recorder.summaries(count: 1)
            #expect(summaries.map(\.status) == [408])
            #expect(summaries.first?.charge?.weight.unmetered == .noAnswer, "it may have cost money")
        }
    }

    @Test("an idle connection is closed without a word")
    func idle() async throws {
        try await ServerFixture.with({ $0.limits.idleTimeout = .milliseconds(50) }) { server, _ in
            let client = server.connect()
            client.send(Requests.clean)
            #expect(client.receiveAnswer()?.status == 200)
            let (bytes, ending) = client.receiveAll()
            #expect(bytes.isEmpty && ending == .fin)
            let silent = server.connect()
            #expect(silent.receiveEnding() == .fin)
        }
    }

    @Test("a provider that says nothing is given up with 504, and may have cost money")
    func silentProvider() async throws {
        try await ServerFixture.with({ $0.setTimeouts(firstByte: 0.05) }) { server, witness in
            let client = server.connect()
            client.send(Requests.chat(simulate: "delay-ms=60000"))
            let answer = client.receiveAnswer()
            #expect(answer?.status == 504)
            #expect(answer?.envelope?.code == "upstream_timeout")
            let summaries = await server.recorder.summaries(count: 1)
            #expect(summaries.first?.error == .upstreamTimeout)
            #expect(summaries.first?.charge?.weight.unmetered == .timeout)
            #expect(await witness.entries(onceEnded: 1).first?.outcome == .peerLeft)
            client.send(Requests.clean)
            #expect(client.receiveAnswer()?.status == 200, "the connection goes on")
        }
    }

    @Test("a provider that falls silent within its answer breaks the answer")
    func silenceWithin() async throws {
        try await ServerFixture.with({ $0.setTimeouts(betweenBytes: 0.05) }) { server, _ in
            let client = server.connect()
            client.send(Requests.stream(simulate: "stall-after=300"))
            let (bytes, ending) = client.receiveAll()
            #expect(ending == .fin)
            #expect(!String(decoding: bytes, as: UTF8.self).hasSuffix("\r\n0\r\n\r\n"))
            let summaries = await server.recorder.summaries(count: 1)
            #expect(summaries.first?.error == .upstreamTimeout)
            #expect(summaries.first?.charge?.weight.confidence == .estimated)
        }
    }
}

extension ServerSettings {
    /// Makes the provider's patience short, in seconds.
    mutating func setTimeouts(firstByte: Double = 900, betweenBytes: Double = 300) {
        providers = { provider in
            var provider = provider
            provider.timeouts = ProviderTimeouts(firstByteSeconds: firstByte, betweenBytesSeconds: betweenBytes)
            return [provider]
        }
    }
}
