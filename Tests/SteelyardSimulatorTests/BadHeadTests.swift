import Testing

@testable import SteelyardSimulator

@Suite("Bad heads")
struct BadHeadTests {
    /// The bytes that are typical of each row. `{n}` is the length of the body.
    static let table: [String: String] = [
        "cl-te": "content-length: {n}\r\ntransfer-encoding: chunked\r\n\r\n",
        "te-cl": "transfer-encoding: chunked\r\ncontent-length: {n}\r\n\r\n",
        "cl-dup": "content-length: {n}\r\ncontent-length: 5\r\n\r\n{",
        "cl-list": "content-length: {n}, {n}\r\n\r\n{",
        "cl-plus": "content-length: +{n}\r\n\r\n{",
        "cl-20digits": "content-length: 18446744073709551616\r\n\r\n{",
        "cl-negative": "content-length: -3\r\n\r\n{",
        "cl-letters": "content-length: abc\r\n\r\n{",
        "cl-blank": "content-length: \r\n\r\n{",
        "cl-short": "content-length: {n+100}\r\n\r\n{",
        "cl-long": "}SURPLUS",
        "bare-lf": "HTTP/1.1 200 OK\ncontent-type: application/json\ncontent-length: {n}\n\n{",
        "bare-cr": "x-odd: a\rb\r\n", "ctl-value": "x-odd: a\u{1}b\r\n", "nul": "x-odd: a\u{0}b\r\n",
        "obs-fold": "x-odd: a\r\n b\r\n", "empty-name": "\r\n: b\r\n", "bad-name": "x(odd): b\r\n",
        "no-colon": "x-odd\r\n", "space-colon": "x-odd : b\r\n",
        "head-80k": String(repeating: "a", count: 81_920),
        "head-1000-fields": String(repeating: "x-odd: b\r\n", count: 1000),
        "http2-line": "HTTP/2 200\r\n", "http3-line": "HTTP/3 200\r\n", "http12-line": "HTTP/1.2 200 OK\r\n",
        "icy": "ICY 200 OK\r\n", "status-99": "HTTP/1.1 99 Low\r\n", "status-000": "HTTP/1.1 000 None\r\n",
        "status-600": "HTTP/1.1 600 High\r\n", "status-2000": "HTTP/1.1 2000 Long\r\n", "http09": #"{"id":"x","#,
        "unsolicited-101": "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: scale\r\n\r\n{",
        "interim-100": "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
        "interim-103": "HTTP/1.1 103 Early Hints\r\nlink: </v1>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n",
        "interim-102-length": "HTTP/1.1 102 Processing\r\ncontent-length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n",
        "interims-2000": String(repeating: "HTTP/1.1 103 Early Hints\r\nlink: </v1>; rel=preload\r\n\r\n", count: 2000),
        "te-gzip-chunked": "transfer-encoding: gzip, chunked\r\n",
        "te-chunked-gzip": "transfer-encoding: chunked, gzip\r\n",
        "te-unknown": "transfer-encoding: scale\r\n", "te-blank": "transfer-encoding: \r\n",
        "te-on-10": "HTTP/1.0 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        "chunk-bad-size": "\r\n\r\nZZ\r\n{", "chunk-0x": "\r\n\r\n0x3\r\n{",
        "chunk-17digits": "\r\n\r\n10000000000000003\r\n{",
        "chunk-no-crlf": "\r\n\r\n3\r\n{\"id", "chunk-cut": "\r\n\r\nffff\r\n{", "chunk-no-last": "}\r\n",
        "chunk-no-end": "}\r\n0\r\n",
        "chunk-extension": "\r\n\r\n3;scale=on\r\n   \r\n",
        "empty": "", "headcut": "\r\ncontent-len", "headcut-line": "content-type: application/json\r\n",
        "204-body": "HTTP/1.1 204 No Content\r\ncontent-length: {n}\r\n\r\n{",
        "304-length": "HTTP/1.1 304 Not Modified\r\ncontent-length: {n}\r\n\r\n",
    ]

    @Test("every bad head is tested here") func isWhole() {
        #expect(Set(Self.table.keys) == Set(BadHeads.rows.map(\.name)))
    }

    @Test("a bad head is sent byte for byte", arguments: table.keys.sorted())
    func bytes(name: String) async throws {
        let expected = try #require(Self.table[name])
        try await World.with { world in
            let body = world.chat(simulate: "id=x").body
            let connection = world.connect()
            connection.send(
                World.post(
                    "/v1/chat/completions",
                    "{\(World.chat)}",
                    simulate: "id=x, \(name)",
                    headers: ["connection: close"]
                )
            )
            let received = connection.receiveAll()
            let bytes = expected.replacing("{n}", with: "\(body.utf8.count)").replacing(
                "{n+100}",
                with: "\(body.utf8.count + 100)"
            )
            #expect(received.text.utf8.contains(bytes.utf8) || bytes.isEmpty && received.text.isEmpty)
            let entry = await world.simulator.witness.entries(onceEnded: 2).last
            #expect(entry?.usageWasSent == received.text.contains(#""usage":"#))
        }
    }
}
