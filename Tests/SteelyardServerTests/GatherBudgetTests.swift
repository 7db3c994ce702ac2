import ScriptedPeer
import SteelyardExchange
import SteelyardSimulator
import Testing

@testable import SteelyardServer

@Suite("The room for gathered bodies", .timeLimit(.minutes(1)))
struct GatherBudgetTests {
    private static func chat(padding: Int) -> String {
        let body = #"{"model":"gpt-4.1","messages":[],"x":""# + String(repeating: "a", count: padding) + "\"}"
        return Requests.post + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    @Test("is taken by what has come, not by what is announced")
    func announced() async throws {
        try await ServerFixture.with { server, _ in
            let holders = (0..<16).map { _ in server.connect() }
            for holder in holders { holder.send(Requests.post + "Content-Length: \(64 << 20)\r\n\r\n{") }
            try await eventually { server.services.gatherBudget.takenBytes == 16 }
            #expect(server.answer(to: Self.chat(padding: 1 << 20))?.status == 200)
            for holder in holders { holder.close() }
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
        }
    }

    @Test("is given back when the body has left, before the answer comes", arguments: [0x100, 0x10_0000])
    func givenBack(padding: Int) async throws {
        let goOn = Signal()
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            goOn.wait()
            connection.send(Answers.ok)
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Self.chat(padding: padding))
            try await eventually { provider.requests.count == 1 }
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
            goOn.raise()
            #expect(client.receiveAnswer()?.text == "ok")
            #expect(provider.requests.first?.body.count ?? 0 > padding)
        }
    }

    @Test("stays taken by a body that the provider has not taken yet, whatever it answers")
    func underWay() async throws {
        let goOn = Signal()
        let provider = ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
            goOn.wait()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            // More than the buffers of both kernels take.
            client.send(Self.chat(padding: 48 << 20))
            #expect(client.receive(through: "\r\n\r\no").hasPrefix("HTTP/1.1 200 OK"))
            #expect(server.services.gatherBudget.takenBytes > 48 << 20)
            goOn.raise()
            #expect(client.receiveAll().bytes.isEmpty, "the answer breaks off")
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
        }
    }
}
