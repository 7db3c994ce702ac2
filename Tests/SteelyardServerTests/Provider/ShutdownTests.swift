import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import Testing

@testable import SteelyardServer

@Suite("The end of the process", .timeLimit(.minutes(1)))
struct ShutdownTests {
    @Test("ends a request that is with its provider as cancelled, and closes both connections")
    func running() async throws {
        let closed = Signal()
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.waitForClose()
            closed.raise()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.chat())
            try await eventually { provider.requests.count == 1 }
            server.services.shutDown()
            #expect(client.receiveAnswer()?.status == 502)
            let summaries = await server.recorder.summaries(count: 1)
            #expect(summaries.map(\.error) == [.gatewayOverloaded])
            #expect(summaries.first?.charge != nil, "it may have cost money")
            await closed.raised()
            server.services.shutDown()
        }
    }

    @Test("breaks an answer off that is under way")
    func answering() async throws {
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            connection.waitForClose()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.chat())
            #expect(client.receive(through: "abc").hasPrefix("HTTP/1.1 200 OK"))
            server.services.shutDown()
            #expect(client.receiveAll().bytes.isEmpty)
            #expect(await server.recorder.summaries(count: 1).map(\.error) == [.gatewayOverloaded])
        }
    }

    @Test("ends a request whose connection is being opened, at no cost")
    func opening() async throws {
        let accepted = Signal()
        let provider = ScriptedServer { connection in
            accepted.raise()
            connection.waitForClose()
        }
        let change: (inout ServerSettings) -> Void = { $0.changeProvider { $0.origin.isSecure = true } }
        try await ServerFixture.with(provider, change) { server in
            let client = server.connect()
            client.send(Requests.chat())
            await accepted.raised()
            server.services.shutDown()
            #expect(client.receiveAnswer()?.status == 502)
            let summaries = await server.recorder.summaries(count: 1)
            #expect(summaries.map(\.error) == [.gatewayOverloaded])
            #expect(server.recorder.records.compactMap(\.settlement).isEmpty)
            try await eventually { provider.openConnectionCount == 0 }
        }
    }

    @Test("closes idle connections")
    func idle() async throws {
        let provider = ScriptedServer.answering(Answers.ok)
        try await ServerFixture.with(provider) { server in
            #expect(server.answer(to: Requests.chat())?.text == "ok")
            #expect(provider.openConnectionCount == 1)
            server.services.shutDown()
            try await eventually { provider.openConnectionCount == 0 }
        }
    }
}
