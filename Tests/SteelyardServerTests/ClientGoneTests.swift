import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardSimulator
import Testing

@testable import SteelyardServer

/// How a client leaves. One that only ends its own direction may not have left: see ``HalfCloseTests``.
enum Departure: CaseIterable {
    /// Both directions: a FIN, and a reset in answer to the next bytes.
    case close
    case reset

    func leave(_ client: RawClient) {
        switch self {
        case .close: client.close()
        case .reset: client.reset()
        }
    }
}

@Suite("Clients that leave", .timeLimit(.minutes(1)))
struct ClientGoneTests {
    /// Answers when told, with a usage; says when a request has come and when its connection was closed.
    private struct ThinkingProvider {
        let asked = Signal(), goOn = Signal(), closed = Signal()
        /// The descriptor is another test's once the script has returned.
        private let hasSent = Signal()

        var provider: ScriptedServer {
            ScriptedServer { [self] connection in
                guard connection.readRequest() != nil else { return }
                asked.raise()
                inNewThread {
                    goOn.wait()
                    connection.send(Self.answer)
                    hasSent.raise()
                }
                connection.waitForClose()
                closed.raise()
                hasSent.wait()
            }
        }

        static let answer: String = {
            let body =
                #"{"id":"a","model":"gpt-4.1","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30}}"#
            return
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }()
    }

    @Test("a stream nobody waits for is stopped while the provider is still silent", arguments: Departure.allCases)
    func silentStream(_ departure: Departure) async throws {
        let thinking = ThinkingProvider()
        try await ServerFixture.with(thinking.provider) { server in
            let client = server.connect()
            client.send(Requests.stream())
            await thinking.asked.raised()
            departure.leave(client)
            await thinking.closed.raised()
            let summary = await server.recorder.summaries(count: 1).first
            #expect(summary?.status == 499)
            #expect(summary?.outcome == .aborted)
            #expect(summary?.reachedProvider == true)
            thinking.goOn.raise()
        }
    }

    @Test("a plain answer nobody waits for is read to its end, and charged exactly", arguments: Departure.allCases)
    func plainIsDrained(_ departure: Departure) async throws {
        let thinking = ThinkingProvider()
        try await ServerFixture.with(thinking.provider) { server in
            let client = server.connect()
            client.send(Requests.chat())
            await thinking.asked.raised()
            departure.leave(client)
            try await eventually { server.services.connectionCount == 0 }
            #expect(server.services.exchangeCount == 1)
            thinking.goOn.raise()
            let summary = await server.recorder.summaries(count: 1).first
            #expect(summary?.status == 499)
            #expect(summary?.charge?.weight.confidence == .exact)
            #expect(summary?.charge?.weight.tokens?.completion == 20)
            #expect(server.recorder.records.compactMap(\.settlement).count == 1)
        }
    }

    @Test("a plain answer is stopped where the provider is configured so")
    func plainIsCancelled() async throws {
        let thinking = ThinkingProvider()
        let change: (inout ServerSettings) -> Void = { settings in
            settings.providers = { provider in
                var provider = provider
                provider.abandonedPlain = .cancel
                return [provider]
            }
        }
        try await ServerFixture.with(thinking.provider, change) { server in
            let client = server.connect()
            client.send(Requests.chat())
            await thinking.asked.raised()
            client.close()
            await thinking.closed.raised()
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [499])
            thinking.goOn.raise()
        }
    }

    @Test("without the guard, one that closes while the model thinks seems to have had its answer")
    func unnoticed() async throws {
        for (guards, status) in [(ConnectionGuards.all, 499), (ConnectionGuards.all.subtracting(.presenceCheck), 200)] {
            let thinking = ThinkingProvider()
            let change: (inout ServerSettings) -> Void = { settings in
                settings.connectionGuards = guards
                settings.linger.presence = .milliseconds(10)
            }
            try await ServerFixture.with(thinking.provider, change) { server in
                let client = server.connect()
                client.send(Requests.chat())
                await thinking.asked.raised()
                client.close()
                if status == 499 { try await eventually { server.services.connectionCount == 0 } }
                thinking.goOn.raise()
                #expect(await server.recorder.summaries(count: 1).map(\.status) == [status])
            }
        }
    }

    @Test("a client that leaves within a stream: the provider is stopped, the charge estimated")
    func withinStream() async throws {
        try await ServerFixture.with { server, witness in
            let client = server.connect()
            client.send(Requests.stream(simulate: "events=100000, event-ms=1"))
            _ = client.receive(through: "data: ")
            client.close()
            let summary = await server.recorder.summaries(count: 1).first
            #expect(summary?.status == 499)
            #expect(summary?.charge?.weight.confidence == .estimated)
            #expect(await witness.entries(onceEnded: 1).first?.outcome == .peerLeft)
        }
    }

    @Test("a client that leaves with its answer whole has not left early")
    func afterTheEnd() async throws {
        try await ServerFixture.with { server, witness in
            for count in 1...20 {
                let client = server.connect()
                client.send(Requests.stream(fields: "Connection: close\r\n"))
                _ = client.receive(through: "data: [DONE]")
                client.close()
                let summary = await server.recorder.summaries(count: count).last
                #expect(summary?.status == 200)
                #expect(summary?.outcome == .ok)
                #expect(summary?.charge?.weight.confidence == .exact)
            }
        }
    }

    @Test("a client that leaves is noticed although it pipelined", arguments: Departure.allCases)
    func pipelined(_ departure: Departure) async throws {
        let thinking = ThinkingProvider()
        try await ServerFixture.with(thinking.provider) { server in
            let client = server.connect()
            client.send(Requests.stream() + Requests.clean)
            await thinking.asked.raised()
            departure.leave(client)
            await thinking.closed.raised()
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [499])
            thinking.goOn.raise()
        }
    }
}
