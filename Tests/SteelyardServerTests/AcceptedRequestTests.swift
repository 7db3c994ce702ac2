import SteelyardSimulator
import Testing

/// A request whose form is unusual, and which is sound all the same.
struct UnusualRequest: Sendable, CustomStringConvertible {
    var description: String
    var bytes: String
    /// The statuses of the answers on its connection, in order.
    var statuses: [Int]
    /// How many requests the provider gets.
    var upstreamCount = 1
    /// Whether the connection ends after the last answer.
    var closes = false

    static let rows = framingRows + connectionRows + pathRows

    private static let json = Requests.json
    private static let length = String(json.utf8.count, radix: 16)
    private static let chunk = "\(length)\r\n\(json)\r\n"
    private static let chunkedJSON = chunk + "0\r\n\r\n"

    private static func chunked(_ description: String, _ body: String = chunkedJSON, field: String = "chunked")
        -> UnusualRequest
    {
        UnusualRequest(
            description: description,
            bytes: Requests.post + "Transfer-Encoding: \(field)\r\n\r\n" + body,
            statuses: [200]
        )
    }

    private static let framingRows = [
        chunked("a coding in mixed case", field: "cHuNkeD"),
        chunked("a tab before the coding", field: "\tchunked"),
        chunked("a space behind the coding", field: "chunked "),
        chunked("leading zeros", "0000000000000\(chunk)00\r\n\r\n"),
        chunked("an extension", "\(length);a=b\r\n\(json)\r\n0\r\n\r\n"),
        chunked("trailers", chunk + "0\r\nX-Checksum: 5\r\n\r\n"),
        chunked("single bytes", json.map { "1\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"),
        UnusualRequest(
            description: "a body on GET is passed on, and is no request of its own",
            bytes: Requests.get + "Content-Length: \(Requests.smuggled.utf8.count)\r\n\r\n" + Requests.smuggled,
            statuses: [200]
        ),
        UnusualRequest(
            description: "an empty body with a request behind it: both are the provider's to judge",
            bytes: Requests.post + "Content-Length: 0\r\n\r\n" + Requests.get + "\r\n",
            statuses: [400, 200],
            upstreamCount: 2
        ),
        UnusualRequest(
            description: "a body without a length: none, and what follows is no HTTP",
            bytes: Requests.post + "\r\n" + json,
            statuses: [400, 400],
            closes: true
        ),
        UnusualRequest(
            description: "a coded body is the provider's to judge",
            bytes: Requests.post + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
            statuses: [400]
        ),
    ]

    private static let connectionRows = [
        UnusualRequest(
            description: "an upgrade to h2c is ignored, and the connection ends with its answer",
            bytes: Requests.get
                + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
                + Requests.clean,
            statuses: [200],
            closes: true
        ),
        UnusualRequest(
            description: "a request behind connection: close is not taken",
            bytes: Requests.get + "Connection: close\r\n\r\n" + Requests.clean,
            statuses: [200],
            closes: true
        ),
        UnusualRequest(
            description: "connection cannot take framing or credentials back",
            bytes: Requests.post + "Connection: content-length, host, x-odd\r\nX-Odd: 1\r\n"
                + "Content-Length: \(json.utf8.count)\r\n\r\n" + json,
            statuses: [200]
        ),
        UnusualRequest(
            description: "HTTP/1.0",
            bytes: "GET /v1/models HTTP/1.0\r\n\r\n",
            statuses: [200],
            closes: true
        ),
        UnusualRequest(
            description: "HTTP/1.0 with keep-alive, which is not promised",
            bytes: "GET /v1/models HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            statuses: [200],
            closes: true
        ),
        UnusualRequest(
            description: "line ends before the request line",
            bytes: "\r\n\r\n" + Requests.clean,
            statuses: [200]
        ),
    ]

    private static let pathRows = [
        path("/v1/chat/completions/", 404),
        path("/v1/models;x", 404),
        path("/v1/models/a%20b:c", 404),
        path("/v1/models?a=../..&b=%2f", 200),
        path("http://t/v1/models", 200),
        path("/V1/models", 404, upstreamCount: 0),
        path("/v10/models", 404, upstreamCount: 0),
        path("/metrics", 404, upstreamCount: 0),
    ]

    private static func path(_ path: String, _ status: Int, upstreamCount: Int = 1) -> UnusualRequest {
        UnusualRequest(
            description: "path \(path)",
            bytes: "GET \(path) HTTP/1.1\r\nHost: t\r\n\r\n",
            statuses: [status],
            upstreamCount: upstreamCount
        )
    }
}

@Suite("Unusual requests", .timeLimit(.minutes(1)))
struct AcceptedRequestTests {
    @Test("is served", arguments: UnusualRequest.rows)
    func served(_ row: UnusualRequest) async throws {
        try await ServerFixture.with { server, witness in
            for delivery in [Delivery.whole, .byByte, .splitAtLineEnds] {
                witness.removeAll()
                let client = server.connect()
                delivery.send(Array(row.bytes.utf8), over: client)
                let statuses = row.statuses.map { _ in client.receiveAnswer()?.status }
                #expect(statuses == row.statuses, "\(delivery)")
                #expect(witness.count == row.upstreamCount, "\(delivery)")
                #expect(!witness.entries.contains { $0.target.contains("smuggled") })
                if row.closes {
                    #expect(client.receiveAll().bytes.isEmpty, "\(delivery)")
                } else {
                    client.send(Requests.clean)
                    #expect(client.receiveAnswer()?.status == 200, "\(delivery): the connection goes on")
                }
            }
        }
    }

    @Test("fields for this hop, for us and about the way here stay here")
    func fieldsAreFiltered() async throws {
        try await ServerFixture.with { server, witness in
            let fields = [
                "X-Steelyard-Team: unassigned", "X-Forwarded-For: 1.2.3.4", "Forwarded: for=a", "Via: 1.1 a",
                "TE: trailers",
                "Keep-Alive: 5", "Proxy-Authorization: a", "Connection: x-nominated", "X-Nominated: a", "X-Other: a",
                "OpenAI-Organization: o", "traceparent: 00-a-b-01",
            ]
            let request = Requests.get + fields.joined(separator: "\r\n") + "\r\n\r\n"
            #expect(server.answer(to: request)?.status == 200)
            let sent = (witness.entries.first?.headerNames ?? []).map { $0.lowercased() }
            #expect(sent.sorted() == ["authorization", "host", "openai-organization", "x-other"])
        }
    }
}
