import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import Testing

@testable import SteelyardServer

@Suite("A provider's idle connection", .timeLimit(.minutes(1)))
struct IdleTests {
    @Test("is let go of when the provider closes it, without another request")
    func closed() async throws {
        let answered = Signal()
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(Answers.ok)
            answered.wait()
            connection.close()
        }
        try await ServerFixture.with(provider) { server in
            #expect(server.answer(to: Requests.chat())?.text == "ok")
            answered.raise()
            try await eventually { Kernel.heldConnections(to: provider.port) == 0 }
            #expect(server.answer(to: Requests.chat())?.text == "ok")
        }
    }

    @Test("is let go of when the provider closes it right behind the answer, however many there are")
    func closedBehindAnswer() async throws {
        let (asked, goOn) = (Signal(), Signal())
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            asked.raise()
            goOn.wait()
            connection.send(Answers.ok)
        }
        try await ServerFixture.with(provider) { server in
            let clients = (0..<20).map { _ in server.connect() }
            for client in clients { client.send(Requests.chat()) }
            for _ in clients { await asked.raised() }
            for _ in clients { goOn.raise() }
            for client in clients { #expect(client.receiveAnswer()?.text == "ok") }
            try await eventually { Kernel.heldConnections(to: provider.port) == 0 }
        }
    }

    @Test("is let go of when bytes come that nobody asked for, without another request")
    func disturbed() async throws {
        let answered = Signal()
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(Answers.ok)
            guard connection.index == 0 else { return connection.waitForClose() }
            answered.wait()
            connection.send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
            connection.waitForClose()
        }
        try await ServerFixture.with(provider) { server in
            #expect(server.answer(to: Requests.chat())?.text == "ok")
            answered.raise()
            try await eventually { Kernel.heldConnections(to: provider.port) == 0 }
            #expect(server.answer(to: Requests.chat())?.text == "ok")
        }
    }

    @Test("is closed when nobody has used it for the configured time")
    func old() async throws {
        let provider = ScriptedServer.answering(Answers.ok)
        try await ServerFixture.with(provider, { $0.changeProvider { $0.timeouts.idleSeconds = 0.05 } }) { server in
            #expect(server.answer(to: Requests.chat())?.text == "ok")
            try await eventually { provider.openConnectionCount == 0 }
            #expect(server.answer(to: Requests.chat())?.text == "ok")
            #expect(provider.connectionCount == 2)
        }
    }

    @Test("is closed when its provider leaves the configuration, and kept when the provider stays")
    func reload() async throws {
        let provider = ScriptedServer.answering(Answers.ok)
        try await ServerFixture.with(provider) { server in
            let settings = server.recorder.rules.providers.providers.map(\.settings)
            #expect(server.answer(to: Requests.chat())?.text == "ok")
            var other = settings[0]
            (other.name, other.mount) = ("other", "/other")
            try server.reload(settings + [other])
            #expect(server.answer(to: Requests.chat())?.text == "ok")
            #expect(provider.connectionCount == 1, "an unchanged provider keeps its connection")
            try server.reload([other])
            try await eventually { provider.openConnectionCount == 0 }
            #expect(server.answer(to: Requests.chat())?.status == 404)
            #expect(provider.requests.count == 2)
        }
    }

    @Test("does not come of a request that ends after its provider has left the configuration")
    func reloadWhileBusy() async throws {
        let goOn = Signal()
        let provider = ScriptedServer { connection in
            while connection.readRequest() != nil {
                goOn.wait()
                connection.send(Answers.ok)
            }
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.chat())
            try await eventually { provider.requests.count == 1 }
            try server.reload([])
            // The loop has heard of it by the time of this answer.
            #expect(server.answer(to: Requests.clean)?.status == 404)
            goOn.raise()
            #expect(client.receiveAnswer()?.text == "ok", "a request keeps the configuration it began with")
            try await eventually { provider.openConnectionCount == 0 }
        }
    }
}
