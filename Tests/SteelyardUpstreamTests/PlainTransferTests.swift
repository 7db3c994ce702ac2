import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardUpstream
import SteelyardWire
import Testing

@Suite("A plain transfer", .timeLimit(.minutes(1)))
struct PlainTransferTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test("reports departure, head, body and end, in this order")
    func tellsEverything() async throws {
        let upstream = try UpstreamFixture(.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello"))
        let transcript = try await upstream.run(.to("/v1/models?limit=2"))
        #expect(transcript.disorder == [])
        #expect(transcript.departures.count == 1)
        #expect(transcript.head?.status == 200)
        #expect(transcript.head?.fields.first("x-a") == "b")
        #expect(transcript.text == "hello")
        #expect(transcript.end == TransferEnd(failure: nil, reachedProvider: true))
        #expect(try #require(transcript.answeredAt) >= transcript.departures[0])
    }

    @Test("sends a gathered body with its length and no field that was not given")
    func sendsGatheredBody() async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok))
        var request = PlannedRequest.post("{\"a\":1}")
        request.fields.append(name: "Authorization", value: "Bearer k")
        request.fields.append(name: "X-Empty", value: "")
        request.fields.append(name: "content-type", value: "application/json")
        let transcript = try await upstream.run(request)
        #expect(transcript.end?.failure == nil)
        let received = try #require(upstream.server.requests.first)
        #expect(received.requestLine == "POST /v1/chat/completions HTTP/1.1")
        #expect(String(decoding: received.body, as: UTF8.self) == "{\"a\":1}")
        #expect(
            received.fieldLines == [
                "Host: 127.0.0.1:\(upstream.server.port)", "Authorization: Bearer k", "X-Empty:",
                "content-type: application/json", "Content-Length: 7",
            ]
        )
    }

    @Test("frames the body by its kind", arguments: ["GET", "HEAD", "DELETE", "OPTIONS", "PATCH"])
    func sendsNoBody(method: String) async throws {
        let upstream = try UpstreamFixture(.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
        let transcript = try await upstream.run(.to("/v1/files/f", method: method))
        #expect(transcript.end?.failure == nil)
        let received = try #require(upstream.server.requests.first)
        #expect(received.requestLine == "\(method) /v1/files/f HTTP/1.1")
        #expect(received.fieldLines == ["Host: 127.0.0.1:\(upstream.server.port)"])
    }

    @Test(
        "leaves out the body of HEAD",
        arguments: [UpstreamBody.gathered(ByteBuffer(string: "abc")), .streamed(length: 3), .streamed(length: nil)]
    )
    func headHasNoBody(body: UpstreamBody) async throws {
        let upstream = try UpstreamFixture(.answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"))
        let transcript = try await upstream.run(.to("/", method: "HEAD", body: body))
        #expect(transcript.end?.failure == nil)
        #expect(upstream.server.requests.first?.fieldLines == ["Host: 127.0.0.1:\(upstream.server.port)"])
    }

    @Test("sends an empty gathered body as a length of zero", arguments: ["POST", "PUT", "DELETE"])
    func sendsEmptyBody(method: String) async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok))
        let transcript = try await upstream.run(.to("/", method: method, body: .gathered(ByteBuffer())))
        #expect(transcript.end?.failure == nil)
        let received = try #require(upstream.server.requests.first)
        #expect(received.requestLine == "\(method) / HTTP/1.1")
        #expect(received.values(of: "Content-Length") == ["0"])
    }

    @Test("sends a body of a megabyte whole, with a GET as with a POST", arguments: ["POST", "GET"])
    func sendsLargeBody(method: String) async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok))
        let body = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0) }
        let transcript = try await upstream.run(.to("/", method: method, body: .gathered(ByteBuffer(bytes: body))))
        #expect(transcript.end?.failure == nil)
        #expect(upstream.server.requests.first?.body == body)
    }

    @Test(
        "sends the target as it is",
        arguments: ["/v1/a%2Fb?q=%20&x=[1]", "/v1/../admin", "//v1//models", "/v1/files/file-a:b;c=d/?"]
    )
    func sendsTargetVerbatim(target: String) async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok))
        let transcript = try await upstream.run(.to(target))
        #expect(transcript.end?.failure == nil)
        #expect(upstream.server.requests.first?.requestLine == "GET \(target) HTTP/1.1")
    }

    @Test(
        "never leaves when a part of it would begin something else",
        arguments: [
            PlannedRequest.to("/a b"), .to("/a\r\nX: y"), .to("*"), .to(""), .to("/", method: "GE T"),
            .to("/", method: ""), .to("/", fields: [("A", "b\r\nC: d")]), .to("/", fields: [("A\n", "b")]),
            .to("/", fields: [("A", "b\0c")]),
        ]
    )
    func refusesInjection(request: PlannedRequest) async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok))
        let transcript = try await upstream.run(request)
        #expect(transcript.end?.failure == .unreachable)
        #expect(transcript.end?.reachedProvider == false)
        #expect(upstream.server.connectionCount == 0)
    }

    @Test("keeps repeated fields and bytes beyond ASCII in both directions")
    func keepsFieldBytes() async throws {
        let upstream = try UpstreamFixture(
            .answering("HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: b\r\nX: \u{e9}\r\nContent-Length: 0\r\n\r\n")
        )
        let fields = [("X-A", "1"), ("x-a", "2"), ("X-B", "\u{fc}ber; a, b")]
        let transcript = try await upstream.run(.to("/", fields: fields))
        #expect(upstream.server.requests.first?.fieldLines.dropFirst() == ["X-A: 1", "x-a: 2", "X-B: \u{fc}ber; a, b"])
        #expect(transcript.head?.fields.indices(named: "set-cookie").count == 2)
        #expect(transcript.head?.fields.first("x") == "\u{e9}")
    }

    @Test("sends more fields than its first block has room for")
    func sendsManyFields() async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok))
        let fields = (0..<90).map { ("X-\($0)", String(repeating: "v", count: $0 * 8)) }
        for _ in 0..<2 { #expect(try await upstream.run(.to("/", fields: fields)).end?.failure == nil) }
        for received in upstream.server.requests { #expect(received.fieldLines.count == 91) }
    }

    @Test("runs one after another on one connection")
    func reusesConnection() async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok))
        for _ in 0..<5 {
            #expect(try await upstream.run(.post()).text == "ok")
            #expect(try await upstream.run(.to("/")).text == "ok")
        }
        #expect(upstream.server.connectionCount == 1)
        #expect(upstream.server.requests.count == 10)
    }

    @Test("merges what arrives in one round into one piece")
    func mergesPieces() async throws {
        let chunks = String(repeating: "1\r\nx\r\n", count: 200) + "0\r\n\r\n"
        let upstream = try UpstreamFixture(.answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks))
        let transcript = try await upstream.run(.to("/"))
        #expect(transcript.text == String(repeating: "x", count: 200))
        #expect(transcript.pieces.count < 20, "200 chunks in one packet came in \(transcript.pieces.count) pieces")
    }
}
