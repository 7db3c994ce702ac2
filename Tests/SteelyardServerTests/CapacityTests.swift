import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardSimulator
import Testing

@testable import SteelyardServer

@Suite("Capacity", .timeLimit(.minutes(1)))
struct CapacityTests {
    @Test("a connection beyond the limit gets 503, and is served when another has left")
    func surplus() async throws {
        try await ServerFixture.with({ $0.limits.connections = 2 }) { server, witness in
            let held = [server.connect(), server.connect()]
            for client in held {
                client.send(Requests.clean)
                #expect(client.receiveAnswer()?.status == 200)
            }
            let surplus = server.connect()
            surplus.send(Requests.clean)
            let answer = surplus.receiveAnswer()
            #expect(answer?.status == 503)
            #expect(answer?.envelope?.code == "overloaded")
            #expect(answer?.field("retry-after") == "1")
            #expect(surplus.receiveEnding() == .fin)
            surplus.close()
            held[0].close()
            try await eventually { server.services.connectionCount == 1 }
            #expect(server.answer(to: Requests.clean)?.status == 200)
            #expect(witness.count == 3)
        }
    }

    @Test("far too many connections are closed, and the count stays right")
    func farTooMany() async throws {
        try await ServerFixture.with({ $0.limits.connections = 0 }) { server, _ in
            let clients = (0..<300).map { _ in server.connect() }
            try await eventually { server.services.connectionCount == 256 }
            for client in clients { client.close() }
            try await eventually { server.services.connectionCount == 0 }
        }
    }

    @Test("an admin path is answered on a connection beyond the limit")
    func adminOnSurplus() async throws {
        let change: (inout ServerSettings) -> Void = { settings in
            settings.limits.connections = 0
            settings.admin = { request, reply in
                guard request.path == "/healthz" else { return false }
                reply(AdminAnswer(status: 200, contentType: "text/plain", body: Array("ok".utf8)))
                return true
            }
        }
        try await ServerFixture.with(change) { server, _ in
            #expect(server.answer(to: "GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")?.text == "ok")
        }
    }
}

@Suite("Draining", .timeLimit(.minutes(1)))
struct DrainingTests {
    /// Streams until told to end.
    private struct Streaming {
        let begun = Signal(), goOn = Signal()

        var provider: ScriptedServer {
            ScriptedServer { [self] connection in
                while connection.readRequest() != nil {
                    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n")
                    begun.raise()
                    goOn.wait()
                    connection.send("3\r\nuvw\r\n0\r\n\r\n")
                }
            }
        }
    }

    @Test("while draining, running answers finish and new requests go elsewhere")
    func drains() async throws {
        let streaming = Streaming()
        try await ServerFixture.with(streaming.provider) { server in
            let client = server.connect()
            client.send(Requests.clean)
            // Its head has left before draining begins, so it could not announce the connection's end.
            #expect(client.receive(through: "xyz").contains("200 OK"))
            server.services.beginDraining()
            let refused = server.connect()
            refused.send(Requests.clean)
            let answer = refused.receiveAnswer()
            #expect(answer?.status == 503)
            #expect(answer?.field("connection") == "close")
            #expect(refused.receiveEnding() == .fin)
            streaming.goOn.raise()
            #expect(client.receive(through: "\r\n0\r\n\r\n").contains("uvw"))
            client.send(Requests.clean)
            #expect(client.receiveAnswer()?.status == 503)
            #expect(client.receiveEnding() == .fin)
        }
    }

    @Test("the end of a listener closes idle connections at once and waits for running answers")
    func end() async throws {
        let streaming = Streaming()
        try await ServerFixture.with(streaming.provider) { server in
            let idle = server.connect(), client = server.connect()
            try await eventually { server.services.connectionCount == 2 }
            client.send(Requests.clean)
            await streaming.begun.raised()
            let ending = Task { await server.listener.end(within: .seconds(50)) }
            try await eventually { server.services.connectionCount == 1 }
            #expect(idle.receiveEnding() == .fin)
            streaming.goOn.raise()
            #expect(client.receiveAnswer()?.text == "xyzuvw")
            #expect(client.receiveEnding() == .fin)
            await ending.value
            #expect(server.services.connectionCount == 0)
        }
    }

    @Test("what has not finished in time is cut, visibly, and its exchange ends")
    func cut() async throws {
        let streaming = Streaming()
        try await ServerFixture.with(streaming.provider) { server in
            let client = server.connect()
            client.send(Requests.clean)
            await streaming.begun.raised()
            await server.listener.end(within: .milliseconds(50))
            #expect(server.services.connectionCount == 0)
            #expect(client.receiveAnswer() == nil)
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [499])
            streaming.goOn.raise()
        }
    }

    @Test("a second call to end returns too")
    func endTwice() async throws {
        try await ServerFixture.with { server, _ in
            await server.listener.end(within: .zero)
            await server.listener.end(within: .zero)
            #expect(server.services.connectionCount == 0)
        }
    }
}
