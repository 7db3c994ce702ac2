/// All malformed answers by name. If an answer has a body, it is the endpoint's whole answer, including usage. So if
/// a proxy accepts it as valid, a test can see that it passed on a broken answer.
enum BadHeads {
    static let rows = lengthRows + fieldRows + statusLineRows + interimRows + codingRows + chunkRows + endRows

    private static let lengthRows = [
        BadHead(
            "cl-te",
            "content-length and transfer-encoding",
            [.ok, "content-length: ", .length, "\r\ntransfer-encoding: chunked\r\n\r\n", .chunk, "0\r\n\r\n"]
        ),
        BadHead(
            "te-cl",
            "the same two, in reverse order",
            [.ok, "transfer-encoding: chunked\r\ncontent-length: ", .length, "\r\n\r\n", .chunk, "0\r\n\r\n"]
        ),
        BadHead(
            "cl-dup",
            "two lengths that differ",
            [.ok, "content-length: ", .length, "\r\ncontent-length: 5\r\n\r\n", .body]
        ),
        BadHead(
            "cl-list",
            "the length as a list",
            [.ok, "content-length: ", .length, ", ", .length, "\r\n\r\n", .body]
        ),
        BadHead("cl-plus", "a length with a sign", [.ok, "content-length: +", .length, "\r\n\r\n", .body]),
        BadHead("cl-20digits", "a length of 2^64", [.ok, "content-length: 18446744073709551616\r\n\r\n", .body]),
        BadHead("cl-negative", "a length below zero", [.ok, "content-length: -3\r\n\r\n", .body]),
        BadHead("cl-letters", "a length of letters", [.ok, "content-length: abc\r\n\r\n", .body]),
        BadHead("cl-blank", "a length without a value", [.ok, "content-length: \r\n\r\n", .body]),
        BadHead(
            "cl-short",
            "a length larger than the body",
            [.ok, "content-length: ", .length(plus: 100), "\r\n\r\n", .body]
        ),
        BadHead(
            "cl-long",
            "bytes after the length, in the same write",
            then: .keepAlive,
            [.ok, "content-length: ", .length, "\r\n\r\n", .body, "SURPLUS"]
        ),
    ]

    private static let fieldRows = [
        field("bare-cr", "a CR inside a value", "x-odd: a\rb\r\n"),
        field("ctl-value", "a control character in a value", "x-odd: a\u{1}b\r\n"),
        field("nul", "a NUL in a value", "x-odd: a\u{0}b\r\n"),
        field("obs-fold", "a value folded over two lines", "x-odd: a\r\n b\r\n"),
        field("empty-name", "a field without a name", ": b\r\n"),
        field("bad-name", "a name with parentheses", "x(odd): b\r\n"),
        field("no-colon", "a line without a colon", "x-odd\r\n"),
        field("space-colon", "white space before the colon", "x-odd : b\r\n"),
        field("head-80k", "a field of 80 KiB", "x-odd: \(String(repeating: "a", count: 80 << 10))\r\n"),
        field("head-1000-fields", "a thousand fields", String(repeating: "x-odd: b\r\n", count: 1000)),
        BadHead(
            "bare-lf",
            "lines that end with LF alone",
            [
                "HTTP/1.1 200 OK\ncontent-type: application/json\ncontent-length: ", .length, "\n\n", .body,
            ]
        ),
    ]

    private static let statusLineRows = [
        statusLine("http2-line", "HTTP/2 200"),
        statusLine("http3-line", "HTTP/3 200"),
        statusLine("http12-line", "HTTP/1.2 200 OK"),
        statusLine("icy", "ICY 200 OK"),
        statusLine("status-99", "HTTP/1.1 99 Low"),
        statusLine("status-000", "HTTP/1.1 000 None"),
        statusLine("status-600", "HTTP/1.1 600 High"),
        statusLine("status-2000", "HTTP/1.1 2000 Long"),
        BadHead("http09", "a body without a head", [.body]),
    ]

    private static let interimRows = [
        BadHead(
            "unsolicited-101",
            "a protocol switch that nobody requested",
            [
                "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: scale\r\n\r\n", .body,
            ]
        ),
        BadHead("interim-100", "100 before the answer", ["HTTP/1.1 100 Continue\r\n\r\n", .answer]),
        BadHead(
            "interim-103",
            "103 with a field before the answer",
            [
                "HTTP/1.1 103 Early Hints\r\nlink: </v1>; rel=preload\r\n\r\n", .answer,
            ]
        ),
        BadHead(
            "interim-102-length",
            "102 that claims a body",
            [
                "HTTP/1.1 102 Processing\r\ncontent-length: 3\r\n\r\nabc", .answer,
            ]
        ),
        BadHead(
            "interims-2000",
            "two thousand 103 before the answer",
            [
                .repeated("HTTP/1.1 103 Early Hints\r\nlink: </v1>; rel=preload\r\n\r\n", 2000), .answer,
            ]
        ),
    ]

    private static let codingRows = [
        coding("te-gzip-chunked", "gzip, chunked"),
        coding("te-chunked-gzip", "chunked, gzip"),
        coding("te-unknown", "scale"),
        coding("te-blank", ""),
        BadHead(
            "te-on-10",
            "transfer-encoding in HTTP/1.0",
            [
                "HTTP/1.0 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n", .chunk,
                "0\r\n\r\n",
            ]
        ),
    ]

    private static let chunkRows = [
        chunked("chunk-bad-size", "a chunk size of letters beyond F", ["ZZ\r\n", .body, "\r\n0\r\n\r\n"]),
        chunked("chunk-0x", "a chunk size with 0x", ["0x3\r\n", .body, "\r\n0\r\n\r\n"]),
        chunked("chunk-17digits", "a chunk size of 17 digits", ["10000000000000003\r\n", .body, "\r\n0\r\n\r\n"]),
        chunked("chunk-no-crlf", "chunk data longer than its size", ["3\r\n", .body, "\r\n0\r\n\r\n"]),
        chunked("chunk-cut", "the end inside a chunk", ["ffff\r\n", .halfBody]),
        chunked("chunk-no-last", "no last chunk", [.chunk]),
        chunked("chunk-no-end", "a last chunk without its empty line", [.chunk, "0\r\n"]),
        BadHead(
            "chunk-extension",
            "a chunk extension, which is allowed",
            then: .keepAlive,
            [
                .ok, "transfer-encoding: chunked\r\n\r\n3;scale=on\r\n   \r\n", .chunk, "0\r\n\r\n",
            ]
        ),
    ]

    private static let endRows = [
        BadHead("empty", "close without a byte", []),
        BadHead("headcut", "close inside a header line", [.ok, "content-len"]),
        BadHead("headcut-line", "close after a header line", [.ok]),
        BadHead(
            "204-body",
            "204 with a length and a body",
            ["HTTP/1.1 204 No Content\r\ncontent-length: ", .length, "\r\n\r\n", .body]
        ),
        BadHead(
            "304-length",
            "304 with a length, which is allowed",
            then: .keepAlive,
            ["HTTP/1.1 304 Not Modified\r\ncontent-length: ", .length, "\r\n\r\n"]
        ),
    ]

    private static func field(_ name: String, _ help: String, _ line: String) -> BadHead {
        BadHead(name, help, [.ok, .text(line), "content-length: ", .length, "\r\n\r\n", .body])
    }

    private static func statusLine(_ name: String, _ line: String) -> BadHead {
        BadHead(
            name,
            "the status line '\(line)'",
            [
                .text(line), "\r\ncontent-type: application/json\r\ncontent-length: ", .length, "\r\n\r\n", .body,
            ]
        )
    }

    private static func coding(_ name: String, _ value: String) -> BadHead {
        BadHead(
            name,
            "transfer-encoding: \(value)",
            [.ok, .text("transfer-encoding: \(value)\r\n\r\n"), .chunk, "0\r\n\r\n"]
        )
    }

    private static func chunked(_ name: String, _ help: String, _ body: [BadHead.Part]) -> BadHead {
        BadHead(name, help, [.ok, "transfer-encoding: chunked\r\n\r\n"] + body)
    }

    private static let byName = Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0) })

    static func named(_ name: String) -> BadHead? { byName[name] }
}
