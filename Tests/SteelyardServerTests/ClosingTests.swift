import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardSimulator
import Testing

@testable import SteelyardServer

@Suite("Closing", .timeLimit(.minutes(1)))
struct ClosingTests {
    /// A request that is refused by its head, with more body than is discarded.
    private static func refused(announcing byteCount: Int) -> String {
        "POST /nowhere HTTP/1.1\r\nHost: t\r\nContent-Length: \(byteCount)\r\n\r\n"
    }

    @Test("a refused client that goes on sending can read its answer")
    func lingers() async throws {
        try await ServerFixture.with { server, _ in
            let client = server.connect()
            client.send(Self.refused(announcing: 512 << 10))
            for _ in 0..<8 { #expect(client.send([UInt8](repeating: 97, count: 64 << 10))) }
            #expect(client.receiveAnswer()?.status == 404)
            #expect(client.receiveEnding() == .fin)
        }
    }

    @Test("without the guard it is closed while it sends")
    func doesNotLinger() async throws {
        try await ServerFixture.with({ $0.connectionGuards.remove(.lingeringClose) }) { server, _ in
            let client = server.connect()
            client.send(Self.refused(announcing: 1 << 30))
            try await eventually { server.recorder.summaries.count == 1 && server.services.connectionCount == 0 }
            while client.send([UInt8](repeating: 97, count: 64 << 10)) {}
        }
    }

    @Test("after broken HTTP, the server also reads on")
    func lingersAfterParseError() async throws {
        try await ServerFixture.with { server, _ in
            let client = server.connect()
            client.send("nonsense\r\n\r\n")
            for _ in 0..<8 { #expect(client.send([UInt8](repeating: 97, count: 64 << 10))) }
            #expect(client.receiveAnswer()?.status == 400)
            #expect(client.receiveEnding() == .fin)
        }
    }

    @Test("no more than the limit is discarded")
    func byteLimit() async throws {
        try await ServerFixture.with({ $0.linger.byteCount = 100_000 }) { server, _ in
            let client = server.connect()
            client.send(Self.refused(announcing: 1 << 30))
            // Ends because the connection is reset: beyond the limit nothing is taken.
            while client.send([UInt8](repeating: 97, count: 64 << 10)) {}
            try await eventually { server.services.connectionCount == 0 }
        }
    }

    @Test("no longer than the limit is waited")
    func timeLimit() async throws {
        try await ServerFixture.with({ $0.linger.time = .milliseconds(50) }) { server, _ in
            let client = server.connect()
            client.send(Self.refused(announcing: 1 << 30))
            #expect(client.receiveAnswer()?.status == 404)
            #expect(server.services.connectionCount == 1)
            try await eventually { server.services.connectionCount == 0 }
        }
    }

    @Test("a refusal carries the id under which it is logged")
    func requestID() async throws {
        try await ServerFixture.with { server, _ in
            let answer = server.answer(to: "GET /nowhere HTTP/1.1\r\nHost: t\r\n\r\n")
            let id = server.recorder.summaries.first?.id.text
            #expect(answer?.field("x-request-id") == id)
            #expect(answer?.field("x-steelyard-request-id") == id)
        }
    }
}

/// One after another, because they look at the memory of the whole process.
@Suite("Upgrades", .timeLimit(.minutes(1)), .serialized)
struct UpgradeTests {
    private static let h2c = Requests.get + "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"

    /// A provider that answers when told.
    private static func provider(_ goOn: Signal) -> ScriptedServer {
        ScriptedServer { connection in
            while connection.readRequest() != nil {
                goOn.wait()
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
    }

    @Test("a flood behind an upgrade request waits in the kernel: memory stays, the answer comes, the connection ends")
    func flood() async throws {
        let goOn = Signal()
        try await ServerFixture.with(Self.provider(goOn)) { server in
            let client = server.connect()
            client.send(Self.h2c)
            let before = Kernel.residentBytes
            #expect(client.sendUntilBlocked(milliseconds: 500, limit: 512 << 20) < 64 << 20)
            #expect(Kernel.residentBytes - before < 64 << 20)
            goOn.raise()
            let answer = client.receiveAnswer()
            #expect(answer?.text == "ok")
            #expect(answer?.field("connection") == "close")
            try await eventually { server.services.connectionCount == 0 || client.receiveEnding() != .stillOpen }
        }
    }

    @Test("a request with a body and an upgrade is served by its framing, and ends the connection")
    func withBody() async throws {
        try await ServerFixture.with { server, witness in
            let client = server.connect()
            let fields = "Connection: upgrade\r\nUpgrade: h2c\r\n"
            client.send(Requests.chat(fields: fields) + Requests.smuggled)
            #expect(client.receiveAnswer()?.status == 200)
            #expect(client.receiveEnding() == .fin)
            #expect(witness.count == 1)
        }
    }

    @Test("an upgrade that is refused is not followed by a flood either")
    func floodBehindRefusal() async throws {
        try await ServerFixture.with { server, _ in
            let client = server.connect()
            client.send(Requests.post + "Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nabc")
            #expect(client.receiveAnswer()?.status == 426)
            while client.send([UInt8](repeating: 97, count: 64 << 10)) {}
            try await eventually { server.services.connectionCount == 0 }
        }
    }
}

@Suite("Byte counts", .timeLimit(.minutes(1)))
struct ByteCountTests {
    private static let spaced = "GET\(String(repeating: " ", count: 160 << 10))/v1/models HTTP/1.1\r\nHost: t\r\n\r\n"
    private static let extended =
        Requests.post + "Transfer-Encoding: chunked\r\n\r\n\(String(Requests.json.utf8.count, radix: 16))"
        + ";a=\(String(repeating: "b", count: 128 << 10))\r\n\(Requests.json)\r\n0\r\n\r\n"

    @Test("no head and no framing is read without end", arguments: [spaced, extended])
    func counted(_ request: String) async throws {
        try await ServerFixture.with { server, _ in
            #expect([400, 413, 414, 431].contains(server.answer(to: request)?.status ?? 0))
        }
    }
}
