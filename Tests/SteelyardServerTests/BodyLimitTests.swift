import NIOCore
import SteelyardExchange
import SteelyardSimulator
import Testing

@testable import SteelyardServer

@Suite("Body limits", .timeLimit(.minutes(1)))
struct BodyLimitTests {
    private static let limit = 10_000

    private static func filled(_ count: Int) -> String {
        #"{"model":"gpt-4.1","messages":[],"x":""# + String(repeating: "a", count: count) + "\"}"
    }

    @Test("a body announced too large is refused before it is read")
    func announced() async throws {
        try await ServerFixture.with({ $0.bodyLimitBytes = Self.limit }) { server, witness in
            let client = server.connect()
            client.send(Requests.post + "Content-Length: \(Self.limit + 1)\r\n\r\n")
            let answer = client.receiveAnswer()
            #expect(answer?.status == 413)
            #expect(answer?.envelope?.code == "request_too_large")
            #expect(answer?.field("x-should-retry") == "false")
            #expect(client.receiveEnding() == .fin)
            #expect(witness.count == 0)
            #expect(server.recorder.summaries.map(\.status) == [413])
        }
    }

    @Test("a chunked body is refused once it passes the limit")
    func chunked() async throws {
        try await ServerFixture.with({ $0.bodyLimitBytes = Self.limit }) { server, witness in
            let client = server.connect()
            client.send(Requests.post + "Transfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<3 { client.send("fa0\r\n\(String(repeating: "a", count: 4000))\r\n") }
            #expect(client.receiveAnswer()?.status == 413)
            #expect(client.receiveEnding() == .fin)
            #expect(witness.count == 0)
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
        }
    }

    @Test("a body of exactly the limit passes", arguments: [true, false])
    func exact(isChunked: Bool) async throws {
        let body = Self.filled(Self.limit - Self.filled(0).utf8.count)
        let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(Self.limit)"
        let framed = isChunked ? "\(String(Self.limit, radix: 16))\r\n\(body)\r\n0\r\n\r\n" : body
        try await ServerFixture.with({ $0.bodyLimitBytes = Self.limit }) { server, witness in
            #expect(server.answer(to: Requests.post + framing + "\r\n\r\n" + framed)?.status == 200)
            #expect(witness.entries.first?.body == Array(body.utf8))
        }
    }

    @Test("when all room is taken the next is refused, and has room afterwards", arguments: [true, false])
    func gatherBudget(isAnnounced: Bool) async throws {
        try await ServerFixture.with({ $0.gatherBytes = Self.limit }) { server, _ in
            let holder = server.connect()
            let held = Self.limit - 500
            holder.send(Requests.post + "Content-Length: \(held + 1)\r\n\r\n" + String(repeating: " ", count: held))
            try await eventually { server.services.gatherBudget.takenBytes == held }
            let refused = server.connect()
            let body = Self.filled(1000)
            let framing = isAnnounced ? "Content-Length: \(body.utf8.count)" : "Transfer-Encoding: chunked"
            let framed = isAnnounced ? body : "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
            refused.send(Requests.post + framing + "\r\n\r\n" + framed)
            let answer = refused.receiveAnswer()
            #expect(answer?.status == 503)
            #expect(answer?.envelope?.code == "overloaded")
            #expect(answer?.field("retry-after") == "1")
            holder.close()
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
            #expect(server.answer(to: Requests.chat())?.status == 200)
            #expect(server.recorder.summaries.map(\.status) == [503, 499, 200])
        }
    }

    @Test("a body that comes in thousands of pieces arrives whole")
    func manyPieces() async throws {
        try await ServerFixture.with { server, witness in
            let body = Self.filled(2 << 20)
            let client = server.connect()
            client.send(Requests.post + "Content-Length: \(body.utf8.count)\r\n\r\n")
            for piece in Array(body.utf8).pieces(of: 1000) { client.send(piece) }
            #expect(client.receiveAnswer()?.status == 200)
            #expect(witness.entries.first?.body == Array(body.utf8))
        }
    }
}

@Suite("100-continue", .timeLimit(.minutes(1)))
struct ExpectTests {
    private static let expecting = Requests.post + "Expect: 100-continue\r\n"

    @Test("the body is asked for, then answered")
    func asked() async throws {
        try await ServerFixture.with { server, _ in
            let client = server.connect()
            client.send(Self.expecting + "Content-Length: \(Requests.json.utf8.count)\r\n\r\n")
            #expect(client.receive(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            client.send(Requests.json)
            #expect(client.receiveAnswer()?.status == 200)
        }
    }

    @Test("a body that does not wait is taken as well")
    func notWaiting() async throws {
        try await ServerFixture.with { server, witness in
            let client = server.connect()
            client.send(Self.expecting + "Content-Length: \(Requests.json.utf8.count)\r\n\r\n" + Requests.json)
            #expect(client.receiveAnswer()?.status == 100)
            #expect(client.receiveAnswer()?.status == 200)
            #expect(witness.entries.first?.headerNames.contains { $0.lowercased() == "expect" } == false)
        }
    }

    @Test("what is refused by its head is never asked for its body")
    func refused() async throws {
        try await ServerFixture.with({ $0.bodyLimitBytes = 100 }) { server, witness in
            let tooLarge = server.answer(to: Self.expecting + "Content-Length: 101\r\n\r\n")
            #expect(tooLarge?.status == 413)
            let nowhere = "POST /nowhere HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
            #expect(server.answer(to: nowhere)?.status == 404)
            #expect(witness.count == 0)
        }
    }

    @Test("it comes after the answers to earlier requests")
    func order() async throws {
        try await ServerFixture.with { server, _ in
            let client = server.connect()
            let length = Requests.json.utf8.count
            client.send(
                "GET /nowhere HTTP/1.1\r\nHost: t\r\n\r\n" + Self.expecting + "Content-Length: \(length)\r\n\r\n"
            )
            #expect(client.receiveAnswer()?.status == 404)
            #expect(client.receiveAnswer()?.status == 100)
            client.send(Requests.json)
            #expect(client.receiveAnswer()?.status == 200)
        }
    }

    @Test("a client that never sends the body gets 408")
    func never() async throws {
        try await ServerFixture.with({ $0.limits.bodyTimeout = .milliseconds(50) }) { server, _ in
            let client = server.connect()
            client.send(Self.expecting + "Content-Length: 5\r\n\r\n")
            #expect(client.receiveAnswer()?.status == 100)
            #expect(client.receiveAnswer()?.status == 408)
            #expect(client.receiveEnding() == .fin)
        }
    }
}
