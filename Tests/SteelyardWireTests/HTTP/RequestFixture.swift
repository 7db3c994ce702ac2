/// Bytes of a client, and what must be read from them.
struct RequestFixture: Sendable, CustomStringConvertible {
    var name: String
    var bytes: [UInt8]
    /// As `RequestReading` describes itself.
    var reading: String

    init(_ name: String, _ text: String, _ reading: String) {
        (self.name, bytes, self.reading) = (name, wireBytes(text), reading)
    }

    var description: String { name }

    static let all =
        requestLines + fields + hosts + lengths + codings + chunks + extensions + trailers + pipelines + strayLines

    /// A request without a body, with these field lines.
    private static func get(_ lines: String) -> String { "GET /v1/models HTTP/1.1\r\nHost: t\r\n\(lines)\r\n" }

    private static func post(_ lines: String, _ body: String = "") -> String {
        "POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\n\(lines)\r\n\(body)"
    }

    private static func chunked(_ body: String) -> String { post("Transfer-Encoding: chunked\r\n", body) }

    private static let getRead = "GET /v1/models | end"
    private static let postHead = "POST /v1/chat/completions"
    private static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n"
    private static let smuggledRead = "GET /smuggled | end"
}

/// RFC 9112 §3: request lines.
extension RequestFixture {
    private static func line(_ line: String, _ reading: String) -> RequestFixture {
        RequestFixture("line \(line.prefix(40))", "\(line)\r\nHost: t\r\n\r\n", reading)
    }

    private static let requestLines = [
        line("GET / HTTP/1.1", "GET / | end"),
        line("HEAD /v1/models?a=b HTTP/1.1", "HEAD /v1/models?a=b | end"),
        line("GET http://t/v1/models HTTP/1.1", "GET http://t/v1/models | end"),
        line("GET /v1/models HTTP/1.0", "GET /v1/models | end"),
        line("GET / HTTP/1.1 ", "!requestLine"),
        line("GET  / HTTP/1.1", "!requestLine"),
        line("GET /  HTTP/1.1", "!requestLine"),
        line(" GET / HTTP/1.1", "!requestLine"),
        line("GET\t/ HTTP/1.1", "!requestLine"),
        line("GET / a HTTP/1.1", "!requestLine"),
        line("GET /", "!requestLine"),
        line("GET", "!requestLine"),
        line("G(T / HTTP/1.1", "!requestLine"),
        line("G\u{E9}T / HTTP/1.1", "!requestLine"),
        line("get / HTTP/1.1", "!unknownMethod"),
        line("BREW / HTTP/1.1", "!unknownMethod"),
        line("CONNECT api.openai.com:443 HTTP/1.1", "!forbiddenMethod"),
        line("TRACE / HTTP/1.1", "!forbiddenMethod"),
        line("POST / RTSP/1.0", "!requestLine"),
        line("DESCRIBE rtsp://t RTSP/1.0", "!requestLine"),
        line("SOURCE / ICE/1.0", "!requestLine"),
        line("GET / http/1.1", "!requestLine"),
        line("GET / HTTP/11", "!requestLine"),
        line("GET / HTTP/1.1.1", "!requestLine"),
        line("GET / HTTP/1", "!requestLine"),
        line("GET / HTTP/0.9", "!version"),
        line("GET / HTTP/1.2", "!version"),
        line("GET / HTTP/2.0", "!version"),
        line("PRI * HTTP/2.0", "!version"),
        line("GET * HTTP/1.1", "!targetForm"),
        line("POST http://169.254.169.254/v1/models HTTP/1.1", "!targetForm"),
        line("GET /v1/\u{E9} HTTP/1.1", "!targetCharacter"),
        line("GET /v1/a#b HTTP/1.1", "!targetCharacter"),
        line("GET /v1/../admin HTTP/1.1", "!targetPath"),
        line("GET /v1/models\u{0} HTTP/1.1", "!controlCharacter"),
        line("GET /v1/models\u{B}HTTP/1.1", "!controlCharacter"),
        line("GET / HTTP/1.1\u{7F}", "!controlCharacter"),
        RequestFixture("line that ends in LF", "GET / HTTP/1.1\nHost: t\r\n\r\n", "!bareLineFeed"),
        RequestFixture("line that ends in CR", "GET / HTTP/1.1\rHost: t\r\n\r\n", "!bareCarriageReturn"),
        RequestFixture("line that ends in CR CR LF", "GET / HTTP/1.1\r\r\nHost: t\r\n\r\n", "!bareCarriageReturn"),
        RequestFixture("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "!requestLine"),
        RequestFixture("a whole head of LF", "GET / HTTP/1.1\nHost: t\n\n", "!bareLineFeed"),
        RequestFixture("nothing but a part of a line", "GET / HT", "…"),
        RequestFixture("JSON where a request should begin", "{\"model\":1}", "!requestLine"),
    ]
}

/// RFC 9112 §5, RFC 9110 §5: field lines.
extension RequestFixture {
    private static func field(_ line: String, _ reading: String) -> RequestFixture {
        RequestFixture("field \(line.prefix(40).debugDescription)", get(line + "\r\n"), reading)
    }

    private static let fields = [
        field("X: a", getRead), field("X:a", getRead), field("X:", getRead), field("X: ", getRead),
        field("X:\t a \t", getRead), field("X: a\tb", getRead), field("!#$%&'*+-.^_`|~: a", getRead),
        field("X: caf\u{E9}", getRead), field("X: \u{80}\u{FF}", getRead), field("X: \u{EF}\u{BF}\u{BD}", getRead),
        field("X: \(String(repeating: "a", count: 20_000))", getRead),
        field(String(repeating: "X: a\r\n", count: 98) + "X: a", getRead),
        field(String(repeating: "X: a\r\n", count: 99) + "X: a", "!tooManyFields"),
        field(String(repeating: "X: \(String(repeating: "a", count: 1000))\r\n", count: 34), "!tooLarge"),
        field("X: \(String(repeating: "a", count: 33_000))", "!tooLarge"),
        field("X: a\r\n b", "!foldedLine"), field("X: a\r\n\tb", "!foldedLine"), field(" X: a", "!foldedLine"),
        field("\tX: a", "!foldedLine"), field(" ", "!foldedLine"),
        field("X: a\nY: b", "!bareLineFeed"), field("X: a\rb", "!bareCarriageReturn"),
        field("X: \rTransfer-Encoding: chunked", "!bareCarriageReturn"), field("X: a\r", "!bareCarriageReturn"),
        field("X: a\u{0}b", "!controlCharacter"), field("X: a\u{1}b", "!controlCharacter"),
        field("X: a\u{7F}b", "!controlCharacter"), field("X\u{0}: a", "!controlCharacter"),
        field(": a", "!emptyFieldName"), field("X", "!missingColon"), field("X a", "!missingColon"),
        field("X : a", "!fieldName"), field("X\t: a", "!fieldName"), field("a b: c", "!fieldName"),
        field("a(b): c", "!fieldName"), field("\u{80}: c", "!fieldName"), field("a\u{E9}: c", "!fieldName"),
        field("\"a\": c", "!fieldName"),
        field("Authorization: Bearer \u{E9}", "!credential"),
        field("Connection: keep-alive, \u{E9}", "!fieldValue"), field("Upgrade: \u{E9}", "!fieldValue"),
        field("Expect: \u{E9}", "!expectation"), field("Expect: foo", "!expectation"),
        field("Transfer_Encoding: chunked", "!underscoreName"), field("Content_Length: 9", "!underscoreName"),
        field("X-HTTP-Method-Override: POST", "!methodOverride"),
        RequestFixture("fold before the first field", "GET / HTTP/1.1\r\n Host: t\r\n\r\n", "!foldedLine"),
        RequestFixture("LF before the blank line", "GET / HTTP/1.1\r\nHost: t\r\n\n", "!bareLineFeed"),
        RequestFixture("a head that breaks off", "GET / HTTP/1.1\r\nHost: t\r\n", ""),
        RequestFixture("a head that breaks off after CR", "GET / HTTP/1.1\r\nHost: t\r\n\r", "…"),
    ]

    private static let hosts = [
        RequestFixture("no host", "GET / HTTP/1.1\r\n\r\n", "!host"),
        RequestFixture("no host in 1.0", "GET / HTTP/1.0\r\n\r\n", "GET / | end"),
        field("Host: t", "!host"),
        RequestFixture("host beyond ASCII", "GET / HTTP/1.1\r\nHost: \u{E9}\r\n\r\n", "!host"),
        RequestFixture("host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "!host"),
        RequestFixture("host empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "!host"),
    ]
}

/// RFC 9112 §6: lengths and codings.
extension RequestFixture {
    private static func length(_ value: String, _ body: String, _ reading: String) -> RequestFixture {
        RequestFixture("length \(value)", post("Content-Length: \(value)\r\n", body), reading)
    }

    private static let lengths = [
        length("3", "abc", "\(postHead) | \"abc\" | end"),
        length("0", "", "\(postHead) | end"),
        length("5", "abc", "\(postHead) | \"abc\""),
        length("0", smuggled, "\(postHead) | end | \(smuggledRead)"),
        RequestFixture(
            "length of a GET",
            get("Content-Length: \(smuggled.utf8.count)\r\n") + smuggled,
            "GET /v1/models | \"\(smuggled)\" | end"
        ),
        RequestFixture("no length", post("", "abc"), "\(postHead) | end | …"),
        length("03", "abc", "!contentLength"), length("+3", "abc", "!contentLength"),
        length("-3", "abc", "!contentLength"), length("3, 3", "abc", "!contentLength"),
        length("0x3", "abc", "!contentLength"), length("", "abc", "!contentLength"),
        length("3 3", "abc", "!contentLength"), length("3\r\nContent-Length: 3", "abc", "!contentLength"),
        length("3\r\nContent-Length: 0", "abc", "!contentLength"), length("\u{B2}", "ab", "!contentLength"),
        length("9223372036854775807", "", postHead),
        length("9223372036854775808", "", "!contentLengthTooLarge"),
        length("18446744073709551615", "", "!contentLengthTooLarge"),
        length("18446744073709551616", "", "!contentLengthTooLarge"),
    ]

    private static func coding(_ lines: String, _ reading: String, body: String = "0\r\n\r\n") -> RequestFixture {
        RequestFixture("coding \(lines)", post(lines + "\r\n", body), reading)
    }

    private static let codings = [
        coding("Transfer-Encoding: chunked", "\(postHead) | end"),
        coding("Transfer-Encoding: cHuNkeD", "\(postHead) | end"),
        coding("transfer-encoding:\tchunked \t", "\(postHead) | end"),
        coding("Content-Length: 5\r\nTransfer-Encoding: chunked", "!conflictingFraming"),
        coding("Transfer-Encoding: chunked\r\nContent-Length: 5", "!conflictingFraming"),
        coding("Content-Length: 6\r\nTransfer-Encoding: chunked", "!conflictingFraming", body: "0\r\n\r\n" + smuggled),
        coding("Transfer-Encoding: x\r\nTransfer-Encoding: chunked", "!transferCoding"),
        coding("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "!transferCoding"),
        coding("Transfer-Encoding: \r\nContent-Length: 3", "!transferCoding"),
        coding("Transfer-Encoding: gzip, chunked", "!transferCoding"),
        coding("Transfer-Encoding: chunked, gzip", "!transferCoding"),
        coding("Transfer-Encoding: chunked,", "!transferCoding"),
        coding("Transfer-Encoding: identity", "!transferCoding"),
        coding("Transfer-Encoding: chunked\u{E9}", "!transferCoding"),
        coding("Transfer-Encoding: \"chunked\"", "!transferCoding"),
        coding("Transfer-Encoding : chunked", "!fieldName"),
        coding("Transfer-Encoding:\r\n chunked", "!foldedLine"),
        RequestFixture(
            "coding in HTTP/1.0",
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "!transferCoding"
        ),
    ]
}

/// RFC 9112 §7.1: chunks.
extension RequestFixture {
    private static func chunk(_ body: String, _ reading: String) -> RequestFixture {
        let name = body.count > 40 ? "\(body.prefix(40))… of \(body.count)" : body
        return RequestFixture("chunk \(name.debugDescription)", chunked(body), "\(postHead) | \(reading)")
    }

    private static let end = "\r\n0\r\n\r\n"
    private static let read = "\"abc\" | end"

    private static let chunks = [
        chunk("3\r\nabc\(end)", read), chunk("1\r\na\r\n2\r\nbc\(end)", read), chunk("03\r\nabc\r\n00\r\n\r\n", read),
        chunk("A\r\n0123456789\r\na\r\n0123456789\(end)", "\"01234567890123456789\" | end"),
        chunk("0000000000000003\r\nabc\(end)", read),
        chunk("5\r\nab\r\nc\(end)", "\"ab\r\nc\" | end"),
        chunk("3\r\nabc\(end)" + smuggled, "\(read) | \(smuggledRead)"),
        chunk("3\r\nab", "\"ab\""), chunk("3\r\nabc\r\n0\r\n", "\"abc\""), chunk("3\r\nabc\r\n0\r\n\r", "\"abc\" | …"),
        chunk("00000000000000003\r\nabc\(end)", "!chunkSize"), chunk("10000000000000003\r\nabc\(end)", "!chunkSize"),
        chunk("7fffffffffffffff\r\na", "\"a\""),
        chunk("8000000000000000\r\na", "!chunkTooLarge"), chunk("ffffffffffffffff\r\n", "!chunkTooLarge"),
        chunk("ffffffffffffffff", "!chunkTooLarge"),
        chunk("zz\r\n", "!chunkSize"), chunk("0x3\r\nabc\(end)", "!chunkSize"), chunk("-1\r\n", "!chunkSize"),
        chunk("+3\r\nabc\(end)", "!chunkSize"), chunk("\r\nabc\(end)", "!chunkSize"),
        chunk(" 3\r\nabc\(end)", "!chunkSize"), chunk("3 \r\nabc\(end)", "!chunkSize"),
        chunk("3\t\r\nabc\(end)", "!chunkSize"), chunk("3 4\r\nabc\(end)", "!chunkSize"),
        chunk("\u{0}3\r\nabc\(end)", "!chunkSize"), chunk("3\u{80}\r\nabc\(end)", "!chunkSize"),
        chunk("3\nabc\(end)", "!bareLineFeed"), chunk("3\rabc\(end)", "!bareCarriageReturn"),
        chunk("3\r\r\nabc\(end)", "!bareCarriageReturn"),
        chunk("3\r\nabcd\(end)", "\"abc\" | !chunkEnd"), chunk("3\r\nabc\n0\r\n\r\n", "\"abc\" | !chunkEnd"),
        chunk("3\r\nabc\r0\r\n\r\n", "\"abc\" | !chunkEnd"), chunk("3\r\nabc0\r\n\r\n", "\"abc\" | !chunkEnd"),
        chunk("4\r\nabc\(end)", "\"abc\r\" | !chunkEnd"),
    ]

    /// With a size of one digit and CRLF, as many bytes as the first line may have.
    private static let longExtension = ";a=" + String(repeating: "b", count: 16 * 1024 + 16 - 6)

    private static let extensions = [
        chunk("3;a\r\nabc\(end)", read), chunk("3;a=b\r\nabc\(end)", read), chunk("3;a=b;c\r\nabc\(end)", read),
        chunk("3;a=\"b;\\\"\\\\ \u{E9}\t\"\r\nabc\r\n0;x=y\r\n\r\n", read),
        chunk("3;\r\nabc\(end)", "!chunkExtension"), chunk("3;;\r\nabc\(end)", "!chunkExtension"),
        chunk("3;a=\r\nabc\(end)", "!chunkExtension"), chunk("3;=b\r\nabc\(end)", "!chunkExtension"),
        chunk("3; a\r\nabc\(end)", "!chunkExtension"), chunk("3;a =b\r\nabc\(end)", "!chunkExtension"),
        chunk("3;a=b c\r\nabc\(end)", "!chunkExtension"), chunk("3;a=b=c\r\nabc\(end)", "!chunkExtension"),
        chunk("3;a=\"b\r\nabc\(end)", "!chunkExtension"), chunk("3;a=\"b\"c\r\nabc\(end)", "!chunkExtension"),
        chunk("3;a=\"b\\\r\nabc\(end)", "!chunkExtension"), chunk("3;a=\"b\u{0}\"\r\nabc\(end)", "!chunkExtension"),
        chunk("3;a\u{0}\r\nabc\(end)", "!chunkExtension"), chunk("3;\u{E9}\r\nabc\(end)", "!chunkExtension"),
        chunk("3;a\nb\r\nabc\(end)", "!bareLineFeed"), chunk("3;a=\"\n\"\r\nabc\(end)", "!bareLineFeed"),
        chunk("3;a\rb\r\nabc\(end)", "!bareCarriageReturn"),
        chunk("1\(longExtension)b\r\na\(end)", "!chunkOverhead"),
        chunk("1\(longExtension)\r\na\(end)", "\"a\" | end"),
        chunk(
            "1\(longExtension)\r\na\r\n1;a=\(String(repeating: "b", count: 20))\r\na\(end)",
            "\"a\" | !chunkOverhead"
        ),
        chunk(
            String(repeating: "1\r\na\r\n", count: 5000) + "0\r\n\r\n",
            "\"\(String(repeating: "a", count: 5000))\" | end"
        ),
        chunk(
            String(repeating: "1;a=\(String(repeating: "b", count: 40))\r\na\r\n", count: 1000),
            "\"\(String(repeating: "a", count: 546))\" | !chunkOverhead"
        ),
    ]

    private static func trailer(_ lines: String, _ reading: String) -> RequestFixture {
        chunk("3\r\nabc\r\n0\r\n\(lines)\r\n", "\"abc\" | \(reading)")
    }

    private static let trailers = [
        trailer("X: a\r\n", "end"), trailer("X: a\r\nChecksum:\u{E9}\r\n", "end"), trailer("Vary: a\r\n", "end"),
        trailer("X: a\r\n\r\n" + smuggled.dropLast(), "end | \(smuggledRead)"),
        trailer("Content-Length: 5\r\n", "!trailerField"), trailer("transfer-encoding: chunked\r\n", "!trailerField"),
        trailer("Host: t\r\n", "!trailerField"), trailer("Connection: close\r\n", "!trailerField"),
        trailer("TE: trailers\r\n", "!trailerField"), trailer("Trailer: x\r\n", "!trailerField"),
        trailer("Upgrade: x\r\n", "!trailerField"), trailer("Expect: 100-continue\r\n", "!trailerField"),
        trailer("Authorization: Bearer x\r\n", "!trailerField"), trailer("x-steelyard-team: a\r\n", "!trailerField"),
        trailer("Keep-Alive: x\r\n", "!trailerField"), trailer("api-key: x\r\n", "!trailerField"),
        trailer("X : a\r\n", "!fieldName"), trailer(": a\r\n", "!emptyFieldName"), trailer("X\r\n", "!missingColon"),
        trailer(" X: a\r\n", "!foldedLine"), trailer("X: a\r\n b\r\n", "!foldedLine"),
        trailer("X: a\nY: b\r\n", "!bareLineFeed"), trailer("X: a\rY: b\r\n", "!bareCarriageReturn"),
        trailer("X: \u{0}\r\n", "!controlCharacter"),
        trailer(String(repeating: "X: a\r\n", count: 100), "end"),
        trailer(String(repeating: "X: a\r\n", count: 101), "!tooManyFields"),
        trailer("X: \(String(repeating: "a", count: 33_000))\r\n", "!tooLarge"),
        trailer(smuggled, "!missingColon"),
    ]
}

/// What comes between requests, and several of them.
extension RequestFixture {
    private static let pipelines = [
        RequestFixture("two GETs", get("") + smuggled, "\(getRead) | \(smuggledRead)"),
        RequestFixture(
            "a length, chunks, a GET",
            post("Content-Length: 3\r\n", "abc") + chunked("3\r\nabc\(end)") + smuggled,
            "\(postHead) | \"abc\" | end | \(postHead) | \"abc\" | end | \(smuggledRead)"
        ),
        RequestFixture("a GET and garbage", get("") + "\u{0}", "\(getRead) | !requestLine"),
        RequestFixture("a GET and a part of another", get("") + "GET", "\(getRead) | …"),
    ]

    private static let strayLines = [
        RequestFixture("an empty line first", "\r\n" + smuggled, smuggledRead),
        RequestFixture("an empty line between", smuggled + "\r\n\r\n" + smuggled, "\(smuggledRead) | \(smuggledRead)"),
        RequestFixture("an empty line after", smuggled + "\r\n", smuggledRead),
        RequestFixture("eight empty lines", String(repeating: "\r\n", count: 8) + smuggled, smuggledRead),
        RequestFixture("nine empty lines", String(repeating: "\r\n", count: 9) + smuggled, "!strayLines"),
        RequestFixture("a CR after", smuggled + "\r", "\(smuggledRead) | …"),
        RequestFixture("a CR before", "\r" + smuggled, "!bareCarriageReturn"),
        RequestFixture("a LF before", "\n" + smuggled, "!bareLineFeed"),
        RequestFixture("spaces before", "  \r\n" + smuggled, "!requestLine"),
    ]
}
