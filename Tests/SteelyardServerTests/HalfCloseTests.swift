import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardSimulator
import Testing

@testable import SteelyardServer

/// A FIN says that a client sends nothing more; it may have left, or wait for its answer (docs/decisions/0024).
@Suite("Clients that send nothing more", .timeLimit(.minutes(1)))
struct HalfCloseTests {
    private static let patient: @Sendable (inout ServerSettings) -> Void = { $0.linger.presence = .seconds(3600) }
    private static let curious: @Sendable (inout ServerSettings) -> Void = { $0.linger.presence = .milliseconds(20) }

    @Test("get their answer", arguments: [Requests.chat(), Requests.stream(), Requests.clean])
    func answered(request: String) async throws {
        try await ServerFixture.with(Self.patient) { server, witness in
            let client = server.connect()
            client.send(request)
            client.finishSending()
            let answer = client.receiveAnswer()
            #expect(answer?.status == 200)
            #expect(client.receiveEnding() == .fin)
            let summary = await server.recorder.summaries(count: 1).first
            #expect(summary?.status == 200)
            #expect(summary?.outcome == .ok)
        }
    }

    @Test("get the answers to all that they pipelined")
    func pipelined() async throws {
        try await ServerFixture.with(Self.patient) { server, _ in
            let client = server.connect()
            client.send(Requests.chat(simulate: "delay-ms=20") + Requests.stream() + Requests.clean + "GET /v1/mod")
            client.finishSending()
            for _ in 0..<3 { #expect(client.receiveAnswer()?.status == 200) }
            #expect(client.receiveEnding() == .fin)
            #expect(await server.recorder.summaries(count: 3).map(\.status) == [200, 200, 200])
        }
    }

    @Test(
        "get refusals too",
        arguments: ["POST /nowhere HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n", "nonsense\r\n\r\n"]
    )
    func refused(request: String) async throws {
        try await ServerFixture.with(Self.patient) { server, _ in
            let client = server.connect()
            client.send(request)
            client.finishSending()
            #expect((400...404).contains(client.receiveAnswer()?.status ?? 0))
            #expect(client.receiveEnding() == .fin)
        }
    }

    @Test("get a large answer to its end, however slowly they read")
    func largeAnswer() async throws {
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(4 << 20)\r\n\r\n")
            connection.send([UInt8](repeating: 97, count: 4 << 20))
            connection.waitForClose()
        }
        try await ServerFixture.with(provider, Self.patient) { server in
            let client = server.connect(receiveBufferBytes: 65_536)
            client.send(Requests.clean)
            client.finishSending()
            #expect(client.receive(through: "\r\n\r\n").contains("200 OK"))
            #expect(client.receiveAll().bytes.count == 4 << 20)
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [200])
        }
    }

    @Test("are asked by 100 Continue, once, where their answer takes its time")
    func asked() async throws {
        try await ServerFixture.with(Self.curious) { server, _ in
            let client = server.connect()
            client.send(Requests.chat(simulate: "delay-ms=150"))
            client.finishSending()
            #expect(client.receiveAnswer()?.status == 100)
            #expect(client.receiveAnswer()?.status == 200)
            #expect(client.receiveEnding() == .fin)
        }
    }

    @Test("have left when a stream is silent: there is nothing to ask with")
    func silentStream() async throws {
        let closed = Signal()
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            let fields = "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
            connection.send("HTTP/1.1 200 OK\r\n\(fields)\r\n3\r\nxyz\r\n")
            connection.waitForClose()
            closed.raise()
        }
        try await ServerFixture.with(provider, Self.curious) { server in
            let client = server.connect()
            client.send(Requests.stream())
            #expect(client.receive(through: "xyz").contains("200 OK"))
            client.finishSending()
            await closed.raised()
            #expect(await server.recorder.summaries(count: 1).map(\.outcome) == [.aborted])
        }
    }

    @Test("get the rest of a stream that goes on")
    func livelyStream() async throws {
        try await ServerFixture.with { server, _ in
            let client = server.connect()
            client.send(Requests.stream(simulate: "events=40, event-ms=5"))
            let begun = client.receive(through: "data: ")
            client.finishSending()
            let rest = client.receiveAll()
            #expect(begun.contains("200 OK"))
            #expect(String(decoding: rest.bytes, as: UTF8.self).hasSuffix("data: [DONE]\n\n\r\n0\r\n\r\n"))
            let summary = await server.recorder.summaries(count: 1).first
            #expect(summary?.outcome == .ok)
            #expect(summary?.charge?.weight.confidence == .exact)
        }
    }

    /// HTTP/1.0 knows no interim answers (RFC 9110 §15.2). nginx speaks it to those behind it, and closes when its
    /// own client has left.
    @Test("have left when they speak HTTP/1.0 and their answer takes its time")
    func http10() async throws {
        try await ServerFixture.with(Self.curious) { server, witness in
            let client = server.connect()
            client.send(Requests.stream(simulate: "delay-ms=60000").replacing("HTTP/1.1", with: "HTTP/1.0"))
            client.finishSending()
            #expect(await witness.entries(onceEnded: 1).first?.outcome == .peerLeft)
            #expect(client.receiveAnswer() == nil)
        }
    }

    @Test(
        "have left when their request is not whole",
        arguments: [Requests.post + "Content-Length: 9\r\n\r\n{", "GET /v1"]
    )
    func half(request: String) async throws {
        try await ServerFixture.with(Self.patient) { server, witness in
            let client = server.connect()
            client.send(request)
            client.finishSending()
            #expect(client.receiveEnding() == .fin)
            try await eventually { server.services.connectionCount == 0 && server.services.exchangeCount == 0 }
            #expect(witness.count == 0)
        }
    }

    @Test("leave an upload that is not whole, and it reaches no provider as a whole")
    func halfUpload() async throws {
        let closed = Signal()
        let provider = ScriptedServer { connection in
            #expect(connection.readRequest() == nil, "the upload looked complete")
            closed.raise()
        }
        try await ServerFixture.with(provider, Self.patient) { server in
            let client = server.connect()
            client.send(Requests.uploadBegun(announcing: 100_000))
            try await eventually { provider.connectionCount == 1 }
            client.finishSending()
            await closed.raised()
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [499])
        }
    }

    @Test("with nothing asked are let go of")
    func idle() async throws {
        try await ServerFixture.with(Self.patient) { server, _ in
            let client = server.connect()
            client.finishSending()
            #expect(client.receiveEnding() == .fin)
            try await eventually { server.services.connectionCount == 0 }
        }
    }

    @Test("get what the admin surface says")
    func admin() async throws {
        let change: (inout ServerSettings) -> Void = { settings in
            settings.linger.presence = .seconds(3600)
            settings.admin = { _, reply in
                inNewThread { reply(AdminAnswer(status: 200, contentType: "text/plain", body: Array("ok".utf8))) }
                return true
            }
        }
        try await ServerFixture.with(change) { server, _ in
            let client = server.connect()
            client.send("GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n")
            client.finishSending()
            #expect(client.receiveAnswer()?.text == "ok")
            #expect(client.receiveEnding() == .fin)
        }
    }
}
