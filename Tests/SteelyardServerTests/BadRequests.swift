/// A request that must be refused before anything of it reaches a provider.
struct BadRequest: Sendable, CustomStringConvertible {
    /// The kind of fault and which of its spellings.
    var id: String
    var bytes: [UInt8]
    var status: Int
    var code: String

    init(_ id: String, _ text: String, _ status: Int = 400, _ code: String = "malformed_request") {
        self.id = id
        // One character, one byte: bytes beyond ASCII are meant as they are, not as UTF-8.
        bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        self.status = status
        self.code = code
    }

    var description: String { id }
}

/// Requests that break HTTP/1.1, or that two readers could take for different ones; each closes its connection.
enum BadRequests {
    static let rows = framing + chunks + headers + requestLines + hosts + paths + bodies + upgrades

    private static let json = Requests.json
    private static let length = Requests.json.utf8.count

    private static func post(_ fields: String, _ body: String = "") -> String { Requests.post + fields + "\r\n" + body }
    private static func get(_ fields: String) -> String { Requests.get + fields + "\r\n" }
    private static func line(_ line: String, host: String = "Host: t\r\n") -> String { "\(line)\r\n\(host)\r\n" }

    /// RFC 9112 §6: lengths and codings.
    private static let framing = [
        BadRequest("CL+TE", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
        BadRequest(
            "CL+TE, a request behind",
            post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + Requests.smuggled)
        ),
        BadRequest("TE+CL", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")),
        BadRequest("CL twice, different", post("Content-Length: \(length)\r\nContent-Length: 0\r\n", json)),
        BadRequest("CL twice, equal", post("Content-Length: \(length)\r\nContent-Length: \(length)\r\n", json)),
        BadRequest("CL list", post("Content-Length: 3, 3\r\n", "abc")),
        BadRequest("CL leading zero", post("Content-Length: 0\(length)\r\n", json)),
        BadRequest("CL sign", post("Content-Length: +\(length)\r\n", json)),
        BadRequest("CL negative", post("Content-Length: -1\r\n", json)),
        BadRequest("CL letters", post("Content-Length: 0x10\r\n", json)),
        BadRequest("CL empty", post("Content-Length: \r\n", json)),
        BadRequest("CL 2^63", post("Content-Length: 9223372036854775808\r\n"), 413, "request_too_large"),
        BadRequest("CL 2^64-1", post("Content-Length: 18446744073709551615\r\n"), 413, "request_too_large"),
        BadRequest("CL 2^64", post("Content-Length: 18446744073709551616\r\n"), 413, "request_too_large"),
        BadRequest("TE two lines", post("Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
        BadRequest(
            "TE twice chunked",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")
        ),
        BadRequest("TE empty", post("Transfer-Encoding: \r\nContent-Length: 3\r\n", "abc")),
        BadRequest("TE gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")),
        BadRequest("TE chunked, gzip", post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n")),
        BadRequest("TE identity", post("Transfer-Encoding: identity\r\nContent-Length: 3\r\n", "abc")),
        BadRequest("TE underscore", post("Transfer_Encoding: chunked\r\nContent-Length: \(length)\r\n", json)),
        BadRequest("CL underscore", post("Content_Length: 9\r\nContent-Length: \(length)\r\n", json)),
        BadRequest("method override", post("X-HTTP-Method-Override: GET\r\nContent-Length: \(length)\r\n", json)),
        BadRequest("TE space before colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")),
        BadRequest(
            "TE in HTTP/1.0",
            "POST /v1/chat/completions HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
    ]

    /// RFC 9112 §7.1: the chunked coding.
    private static let chunks = [
        chunked("size beyond hex", "zz\r\n"),
        chunked("size with 0x", "0x3\r\nabc\r\n0\r\n\r\n"),
        chunked("size negative", "-1\r\n"),
        chunked("size of 17 digits", "10000000000000003\r\nabc\r\n0\r\n\r\n"),
        chunked("size empty", "\r\nabc\r\n0\r\n\r\n"),
        chunked("data longer than its size", "3\r\nabcd\r\n0\r\n\r\n"),
        chunked("size line ends in LF", "3\nabc\r\n0\r\n\r\n"),
        chunked("extension with LF", "3;a\nb\r\nabc\r\n0\r\n\r\n"),
        chunked("extension with CR", "3;a\rb\r\nabc\r\n0\r\n\r\n"),
        chunked("extension with NUL", "3;a\u{0}\r\nabc\r\n0\r\n\r\n"),
        chunked("length in the trailers", "3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n"),
        chunked("extension of 128 KiB", "1;a=\(String(repeating: "b", count: 128 << 10))\r\n{\r\n0\r\n\r\n"),
        chunked(
            "extensions of 16 KiB around single bytes",
            String(repeating: "1;a=\(String(repeating: "b", count: 16 << 10))\r\n{\r\n", count: 16) + "0\r\n\r\n"
        ),
    ]

    private static func chunked(_ id: String, _ body: String) -> BadRequest {
        BadRequest("chunk " + id, post("Transfer-Encoding: chunked\r\n", body))
    }

    /// RFC 9112 §5, RFC 9110 §5: fields.
    private static let headers = [
        BadRequest("folded value", get("X: a\r\n b\r\n")),
        BadRequest("folded framing", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n")),
        BadRequest("space before the first field", "GET /v1/models HTTP/1.1\r\n Host: t\r\n\r\n"),
        BadRequest("LF after the request line", "GET /v1/models HTTP/1.1\nHost: t\r\n\r\n"),
        BadRequest("LF after a field", "GET /v1/models HTTP/1.1\r\nHost: t\nX: a\r\n\r\n"),
        BadRequest("LF everywhere", "GET /v1/models HTTP/1.1\nHost: t\n\n"),
        BadRequest("CR in a value", get("X: a\rb\r\n")),
        BadRequest("CR as line end", get("X: a\rY: b\r\n")),
        BadRequest("CR before framing", post("X: \rTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
        BadRequest("NUL in a value", get("X: a\u{0}b\r\n")),
        BadRequest("control character in a value", get("X: a\u{1}b\r\n")),
        BadRequest("DEL in a value", get("X: a\u{7F}b\r\n")),
        BadRequest("a connection option beyond ASCII", get("Connection: \u{80}\u{FF}\r\n")),
        BadRequest("empty name", get(": a\r\n")),
        BadRequest("space in a name", get("a b: c\r\n")),
        BadRequest("parentheses in a name", get("a(b): c\r\n")),
        BadRequest("name beyond ASCII", get("\u{80}: c\r\n")),
        BadRequest("no colon", get("a\r\n")),
        BadRequest(
            "fields of 33 KiB",
            get(String(repeating: "X: \(String(repeating: "a", count: 1000))\r\n", count: 34)),
            431,
            "request_header_fields_too_large"
        ),
        BadRequest(
            "a value of 33 KiB",
            get("X: \(String(repeating: "a", count: 33 << 10))\r\n"),
            431,
            "request_header_fields_too_large"
        ),
        BadRequest(
            "101 fields",
            get(String(repeating: "X: a\r\n", count: 101)),
            431,
            "request_header_fields_too_large"
        ),
        BadRequest("two credentials", get("Authorization: Bearer other\r\n")),
        BadRequest("an expectation nobody knows", get("Expect: foo\r\n"), 417, "expectation_failed"),
    ]

    /// RFC 9112 §3: methods, targets, versions.
    private static let requestLines = [
        BadRequest("CONNECT", line("CONNECT api.openai.com:443 HTTP/1.1"), 405, "method_not_allowed"),
        BadRequest("TRACE", line("TRACE / HTTP/1.1"), 405, "method_not_allowed"),
        BadRequest("lower-case method", line("get /v1/models HTTP/1.1"), 501, "method_not_allowed"),
        BadRequest("unknown method", line("BREW /v1/models HTTP/1.1"), 501, "method_not_allowed"),
        BadRequest("WebDAV method", line("PROPFIND /v1/models HTTP/1.1"), 501, "method_not_allowed"),
        BadRequest(
            "a method of 64 KiB",
            line(String(repeating: "A", count: 64 << 10) + " / HTTP/1.1"),
            431,
            "request_header_fields_too_large"
        ),
        BadRequest("RTSP", line("DESCRIBE rtsp://t RTSP/1.0")),
        BadRequest("RTSP with a method of HTTP", line("POST /v1/chat/completions RTSP/1.0")),
        BadRequest("ICE", line("SOURCE / ICE/1.0")),
        BadRequest("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http_version_not_supported"),
        BadRequest("HTTP/0.9", line("GET / HTTP/0.9"), 505, "http_version_not_supported"),
        BadRequest("HTTP/1.2", line("GET / HTTP/1.2"), 505, "http_version_not_supported"),
        BadRequest("HTTP/2.0", line("GET / HTTP/2.0"), 505, "http_version_not_supported"),
        BadRequest("HTTP/11", line("GET / HTTP/11")),
        BadRequest("http/1.1", line("GET / http/1.1")),
        BadRequest("no version", "GET /\r\n\r\n"),
        BadRequest("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{FC}\u{3}\u{3}"),
    ]

    /// RFC 9110 §7.2.
    private static let hosts = [
        BadRequest("no Host", line("GET /v1/models HTTP/1.1", host: "")),
        BadRequest("two Hosts", line("GET /v1/models HTTP/1.1", host: "Host: t\r\nHost: t\r\n")),
        BadRequest("Host list", line("GET /v1/models HTTP/1.1", host: "Host: a, b\r\n")),
        BadRequest("Host empty", line("GET /v1/models HTTP/1.1", host: "Host: \r\n")),
        BadRequest("Host with user", line("GET /v1/models HTTP/1.1", host: "Host: u@h\r\n")),
        BadRequest("Host with path", line("GET /v1/models HTTP/1.1", host: "Host: h/p\r\n")),
        BadRequest(
            "Host of 300 characters",
            line("GET /v1/models HTTP/1.1", host: "Host: \(String(repeating: "h", count: 300))\r\n")
        ),
        BadRequest(
            "another authority than Host",
            line("POST http://169.254.169.254/v1/chat/completions HTTP/1.1"),
            400,
            "invalid_path"
        ),
        BadRequest("target *", line("GET * HTTP/1.1"), 400, "invalid_path"),
    ]

    /// Paths that somebody might read as others.
    private static let paths =
        [
            "/v1/../admin/keys", "/v1/./chat/completions", "//v1/chat/completions", "/v1/%2e%2e/admin", "/v1/%2fadmin",
            "/v1/%5cadmin", "/v1/chat%00", "/v1/chat%0d%0aX:%20a", "/v1/%c0%ae", "/v1/%zz", "/v1/a..%2f",
            "/v1/..;/admin",
            "/v1/\\..\\admin", "/v1/a#b", "/v1/a\"b", "/v1/chat//completions",
        ].map { BadRequest("path " + $0, line("GET \($0) HTTP/1.1"), 400, "invalid_path") } + [
            BadRequest(
                "path of 9 KiB",
                line("GET /v1/\(String(repeating: "a", count: 9 << 10)) HTTP/1.1"),
                414,
                "invalid_path"
            )
        ]

    /// Bodies that nobody may read in two ways.
    private static let bodies = [
        json(#"{"model":"a","model":"b"}"#, "ambiguous_request"),
        json(#"{"stream":true,"stre\u0061m":false,"model":"a"}"#, "ambiguous_request"),
        json(#"{"model":"a","max_tokens":1,"max_tokens":2}"#, "ambiguous_request"),
        json(#"{"model":"a","x":"# + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}"),
    ]

    private static func json(_ body: String, _ code: String = "malformed_request") -> BadRequest {
        BadRequest(
            "body " + body.prefix(40),
            post("Connection: close\r\nContent-Length: \(body.utf8.count)\r\n", body),
            400,
            code
        )
    }

    /// Changes of protocol that are not made.
    private static let upgrades = [
        BadRequest(
            "WebSocket",
            "GET /v1/realtime HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
            426,
            "websocket_unsupported"
        )
    ]
}
