import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardSimulator
import Synchronization
import Testing

@testable import SteelyardServer

@Suite("What a request and its answer say", .timeLimit(.minutes(1)))
struct PassageTests {
    /// Keeps the heads that it gets, byte by byte.
    private final class RawProvider: Sendable {
        private let state = Mutex<[[UInt8]]>([])

        var heads: [[UInt8]] { state.withLock(\.self) }

        func script(_ answer: [UInt8]) -> ScriptedServer {
            ScriptedServer { [self] connection in
                var head: [UInt8] = []
                while let byte = connection.take(1) {
                    head += byte
                    guard head.suffix(4) == [13, 10, 13, 10] else { continue }
                    state.withLock { $0.append(head) }
                    connection.send(answer)
                    head = []
                }
            }
        }
    }

    /// Every byte from 0x80 on: obs-text (RFC 9110 §5.5), whether or not it is UTF-8.
    private static let beyondASCII = Array("caf".utf8) + Array(0x80...0xFF) + [0xEF, 0xBF, 0xBD]

    @Test("passes both ways in fields with bytes beyond ASCII")
    func obsText() async throws {
        let raw = RawProvider()
        let answer =
            Array("HTTP/1.1 200 OK\r\nX-B: ".utf8) + Self.beyondASCII + Array("\r\nContent-Length: 2\r\n\r\nok".utf8)
        try await ServerFixture.with(raw.script(answer)) { server in
            let client = server.connect()
            client.send(
                Array("GET /v1/models HTTP/1.1\r\nHost: t\r\nConnection: close\r\nX-A: ".utf8) + Self.beyondASCII
                    + Array("\r\n\r\n".utf8)
            )
            let (received, ending) = client.receiveAll()
            #expect(ending == .fin)
            #expect(received.firstRange(of: Array("X-B: ".utf8) + Self.beyondASCII + [13, 10]) != nil)
            #expect(received.suffix(2) == Array("ok".utf8)[...])
            let head = try #require(raw.heads.first)
            #expect(head.firstRange(of: Array("X-A: ".utf8) + Self.beyondASCII + [13, 10]) != nil)
        }
    }

    @Test("passes in a field of 20 KiB, where a head may have 32 KiB")
    func longValue() async throws {
        let provider = ScriptedServer.answering(Answers.ok)
        try await ServerFixture.with(provider, { $0.limits.headerBytes = 32 << 10 }) { server in
            let value = String(repeating: "a", count: 20 << 10)
            #expect(server.answer(to: Requests.get + "X-A: \(value)\r\n\r\n")?.text == "ok")
            #expect(provider.requests.first?.values(of: "x-a") == [value])
        }
    }

    @Test("passes in repeated and empty fields, in their order and spelling, and nothing is added")
    func fields() async throws {
        let provider = ScriptedServer.answering(
            "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: 2\r\n\r\nok"
        )
        try await ServerFixture.with(provider) { server in
            let fields = "Authorization: Bearer k\r\nX-A: 1\r\nx-a: 2\r\nX-Empty:\r\ncontent-type: application/json\r\n"
            let body = Requests.json
            let answer = server.answer(
                to:
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(answer?.head.contains("\r\nSet-Cookie: a\r\nset-cookie: b\r\n") == true)
            let received = try #require(provider.requests.first)
            #expect(
                received.fieldLines == [
                    "Host: 127.0.0.1:\(provider.port)", "Authorization: Bearer k", "X-A: 1", "x-a: 2", "X-Empty: ",
                    "content-type: application/json", "Content-Length: \(body.utf8.count)",
                ]
            )
            #expect(received.body == Array(body.utf8))
        }
    }

    @Test("passes in 90 fields, on every use of a connection")
    func manyFields() async throws {
        let provider = ScriptedServer.answering(Answers.ok)
        try await ServerFixture.with(provider) { server in
            let fields = (0..<90).map { "X-\($0): \(String(repeating: "v", count: $0 * 3))\r\n" }.joined()
            for _ in 0..<2 {
                #expect(server.answer(to: "GET /v1/models HTTP/1.1\r\nHost: t\r\n\(fields)\r\n")?.text == "ok")
            }
            for received in provider.requests { #expect(received.fieldLines.count == 91) }
            #expect(provider.connectionCount == 1)
        }
    }

    @Test(
        "has no body where none was sent, and a length of zero where the method lets expect one",
        arguments: [("GET", []), ("HEAD", []), ("DELETE", []), ("OPTIONS", []), ("POST", ["0"]), ("PUT", ["0"])]
    )
    func noBody(method: String, lengths: [String]) async throws {
        let provider = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        try await ServerFixture.with(provider) { server in
            #expect(server.answer(to: "\(method) /v1/files/f HTTP/1.1\r\nHost: t\r\n\r\n")?.status == 200)
            let received = try #require(provider.requests.first)
            #expect(received.requestLine == "\(method) /v1/files/f HTTP/1.1")
            #expect(received.values(of: "content-length") == lengths)
            #expect(received.values(of: "transfer-encoding") == [])
        }
    }

    @Test(
        "reaches the provider at the path that stands for the mount",
        arguments: [
            ("", "/v1", "/"), ("", "/v1?a=b", "/?a=b"), ("", "/v1/", "/"), ("", "/v1/models", "/models"),
            ("/v1", "/v1", "/v1"), ("/v1", "/v1?a=b", "/v1?a=b"), ("/v1", "/v1/", "/v1/"),
            ("/v1", "/v1/files/file-a:b;c=d?q=%20&x=[1]", "/v1/files/file-a:b;c=d?q=%20&x=[1]"),
        ]
    )
    func target(prefix: String, asked: String, sent: String) async throws {
        let provider = ScriptedServer.answering(Answers.ok)
        try await ServerFixture.with(provider, { $0.changeProvider { $0.origin.pathPrefix = prefix } }) { server in
            #expect(server.answer(to: "GET \(asked) HTTP/1.1\r\nHost: t\r\n\r\n")?.text == "ok")
            #expect(provider.requests.map(\.requestLine) == ["GET \(sent) HTTP/1.1"])
        }
    }

    @Test(
        "is HTTP, otherwise it goes nowhere",
        arguments: ["GET", "POST"],
        [("RTSP/1.0", 400), ("ICE/1.0", 400), ("HTTP/2", 400), ("HTTP/1.2", 505)]
    )
    func otherProtocols(method: String, row: (version: String, status: Int)) async throws {
        let provider = ScriptedServer.answering(Answers.ok)
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send("\(method) /v1/models \(row.version)\r\nHost: t\r\nContent-Length: 0\r\n\r\n")
            #expect(client.receiveAnswer()?.status == row.status)
            #expect(client.receiveEnding() == .fin)
            #expect(provider.connectionCount == 0)
        }
    }

    @Test("offers another protocol in vain: it is answered in this one, and what follows is not read")
    func upgrade() async throws {
        let provider = ScriptedServer.answering(Answers.ok)
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.chat(fields: "Connection: upgrade\r\nUpgrade: foo\r\n") + Requests.smuggled)
            #expect(client.receiveAnswer()?.text == "ok")
            #expect(client.receiveEnding() == .fin)
            #expect(provider.requests.map(\.requestLine) == ["POST /v1/chat/completions HTTP/1.1"])
        }
    }

    @Test(
        "is no request in an empty line: no 408 comes, which a pool would take for its next answer",
        arguments: ["\r\n", "\r", "\r\n\r\n"]
    )
    func strayLine(line: String) async throws {
        let change: (inout ServerSettings) -> Void = { settings in
            settings.limits.headerTimeout = .milliseconds(50)
            settings.limits.idleTimeout = .milliseconds(200)
        }
        try await ServerFixture.with(.answering(Answers.ok), change) { server in
            let client = server.connect()
            client.send(Requests.clean)
            #expect(client.receiveAnswer()?.text == "ok")
            client.send(line)
            let (bytes, ending) = client.receiveAll()
            #expect(bytes.isEmpty, "\(String(decoding: bytes, as: UTF8.self))")
            #expect(ending == .fin)
        }
    }

    @Test("has begun with its first bytes, also when these came with the request before")
    func partialHead() async throws {
        try await ServerFixture.with(.answering(Answers.ok), { $0.limits.headerTimeout = .milliseconds(50) }) {
            server in
            let client = server.connect()
            client.send(Requests.clean + "GET /v1/mod")
            #expect(client.receiveAnswer()?.text == "ok")
            #expect(client.receiveAnswer()?.status == 408)
            #expect(client.receiveEnding() == .fin)
        }
    }
}
