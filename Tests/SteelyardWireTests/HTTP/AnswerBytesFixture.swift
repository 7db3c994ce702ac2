import SteelyardWire

/// Bytes of a provider, what must be read from them, and what the end of the connection makes of that.
struct AnswerBytesFixture: Sendable, CustomStringConvertible {
    var bytes: [UInt8]
    /// As `AnswerReading` describes itself.
    var reading: String
    var end: HTTPAnswerReader.End

    init(_ text: String, _ reading: String, _ end: HTTPAnswerReader.End = .whole) {
        (bytes, self.reading, self.end) = (wireBytes(text), reading, end)
    }

    var description: String { wireText(bytes.prefix(60)).debugDescription + (bytes.count > 60 ? "…" : "") }

    static let all = framing + interim + brokenOff + lengths + heads + chunks + extensions + trailers

    private static func ok(_ lines: String, _ body: String = "") -> String { "HTTP/1.1 200 OK\r\n\(lines)\r\n\(body)" }

    private static func chunked(_ body: String) -> String { ok("Transfer-Encoding: chunked\r\n", body) }
}

/// RFC 9112 §6.3: how the body ends.
extension AnswerBytesFixture {
    private static let framing = [
        AnswerBytesFixture(ok("Content-Length: 3\r\n", "abc"), "200 | \"abc\" | end"),
        AnswerBytesFixture(ok("Content-Length: 0\r\n"), "200 | end"),
        AnswerBytesFixture(ok("Content-Length: 3\r\n", "abcd"), "200 | \"abc\" | end | …"),
        AnswerBytesFixture(ok("Content-Length: 0\r\n", ok("")), "200 | end | …"),
        AnswerBytesFixture(ok("", "abc"), "200 | \"abc\""),
        AnswerBytesFixture(ok("", ""), "200"),
        AnswerBytesFixture("HTTP/1.0 200 OK\r\n\r\nabc", "200 | \"abc\""),
        AnswerBytesFixture(chunked("3\r\nabc\r\n0\r\n\r\n"), "200 | \"abc\" | end"),
        AnswerBytesFixture(chunked("0\r\n\r\n"), "200 | end"),
        AnswerBytesFixture(chunked("0\r\n\r\nx"), "200 | end | …"),
        AnswerBytesFixture("HTTP/1.1 204 No Content\r\n\r\n", "204 | end"),
        AnswerBytesFixture("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc", "204 | end | …"),
        AnswerBytesFixture("HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", "304 | end"),
        AnswerBytesFixture("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", "304 | end"),
    ]

    private static let interim = [
        AnswerBytesFixture(
            "HTTP/1.1 100 Continue\r\n\r\n" + ok("Content-Length: 1\r\n", "a"),
            "100… | 200 | \"a\" | end"
        ),
        AnswerBytesFixture(
            "HTTP/1.1 103 Early Hints\r\nLink: a\r\nContent-Length: 9\r\n\r\n" + ok("Content-Length: 0\r\n"),
            "103… | 200 | end"
        ),
        AnswerBytesFixture("HTTP/1.1 102 Processing\r\n\r\nabc", "102… | !statusLine", .malformed),
        AnswerBytesFixture("HTTP/1.1 100 Continue\r\n\r\n", "100…", .noAnswer),
        AnswerBytesFixture("HTTP/1.1 101 Switching Protocols\r\n\r\n", "!unsolicitedUpgrade", .malformed),
        AnswerBytesFixture(
            String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 17),
            String(repeating: "103… | ", count: 16) + "!tooManyInterimHeads",
            .malformed
        ),
    ]

    private static let brokenOff = [
        AnswerBytesFixture("", "", .noAnswer),
        AnswerBytesFixture("H", "…", .malformed),
        AnswerBytesFixture("HTTP/1.1 200 OK\r\nContent-Le", "…", .malformed),
        AnswerBytesFixture("HTTP/1.1 200 OK\r\n", "", .malformed),
        AnswerBytesFixture("HTTP/1.1 200 OK\r\n\r", "…", .malformed),
        AnswerBytesFixture(ok("Content-Length: 10\r\n", "abc"), "200 | \"abc\"", .truncated),
        AnswerBytesFixture(ok("Content-Length: 10\r\n"), "200", .truncated),
        AnswerBytesFixture(chunked(""), "200", .truncated),
        AnswerBytesFixture(chunked("3\r\nab"), "200 | \"ab\"", .truncated),
        AnswerBytesFixture(chunked("3\r\nabc\r\n"), "200 | \"abc\"", .truncated),
        AnswerBytesFixture(chunked("3\r\nabc\r\n0\r\n"), "200 | \"abc\"", .truncated),
        AnswerBytesFixture(chunked("3\r\nabc\r\n0\r\nX: a\r\n"), "200 | \"abc\"", .truncated),
    ]
}

/// Heads that are refused; the whole list is that of the head reader.
extension AnswerBytesFixture {
    private static func length(_ value: String, _ defect: String) -> AnswerBytesFixture {
        AnswerBytesFixture(ok("Content-Length: \(value)\r\n", "abc"), "!" + defect, .malformed)
    }

    private static let lengths = [
        length("3\r\nTransfer-Encoding: chunked", "conflictingFraming"),
        length("3\r\nContent-Length: 5", "repeatedContentLength"), length("3, 3", "contentLength"),
        length("+3", "contentLength"), length("-3", "contentLength"), length("abc", "contentLength"),
        length("", "contentLength"), length("12345678901234567890", "contentLength"),
        length("3\r\nTransfer-Encoding: foo", "transferCoding"),
        length("3\r\nTransfer-Encoding: gzip, chunked", "transferCoding"),
    ]

    private static func head(_ text: String, _ defect: String) -> AnswerBytesFixture {
        AnswerBytesFixture(text, "!" + defect, .malformed)
    }

    private static let heads = [
        head("abc", "statusLine"), head("HTTPS", "statusLine"), head("\r\n" + ok(""), "statusLine"),
        head("ICY 200 OK\r\n\r\n", "statusLine"), head("\u{15}\u{3}", "statusLine"), head("\n", "statusLine"),
        head("HTTP/1.2 200 OK\r\n\r\n", "version"), head("HTTP/2 200\r\n\r\n", "version"),
        head("HTTP/1.1 600 OK\r\n\r\n", "statusCode"), head("HTTP/1.1 2000 OK\r\n\r\n", "statusCode"),
        head("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "transferCodingVersion"),
        head("HTTP/1.1 200 OK\nX: a\r\n\r\n", "bareLineFeed"), head(ok("X: a\nY: b\r\n"), "bareLineFeed"),
        head(ok("X: a\rb\r\n"), "bareCarriageReturn"), head(ok("X: a\u{0}\r\n"), "controlCharacter"),
        head(ok("X: a\r\n b\r\n"), "foldedLine"), head(ok(": a\r\n"), "emptyFieldName"),
        head(ok("X\r\n"), "missingColon"), head(ok("X : a\r\n"), "fieldName"),
        head(ok("X: " + String(repeating: "a", count: 70_000)), "tooLarge"),
        head(ok(String(repeating: "X: a\r\n", count: 200)), "tooLarge"),
    ]
}

/// RFC 9112 §7.1. Beyond what clients may send, white space may follow a size.
extension AnswerBytesFixture {
    private static func chunk(_ body: String, _ reading: String) -> AnswerBytesFixture {
        AnswerBytesFixture(chunked(body), "200 | " + reading, reading.hasSuffix("end") ? .whole : .malformed)
    }

    private static let end = "\r\n0\r\n\r\n"
    private static let read = "\"abc\" | end"

    private static let chunks = [
        chunk("3 \r\nabc\(end)", read), chunk("3 \t \r\nabc\(end)", read), chunk("3 ;a=b\r\nabc\r\n0  \r\n\r\n", read),
        chunk("3 4\r\nabc\(end)", "!chunkSize"), chunk(" 3\r\nabc\(end)", "!chunkSize"),
        chunk(" \r\nabc\(end)", "!chunkSize"), chunk("3 junk\r\nabc\(end)", "!chunkSize"),
        chunk("ZZ\r\n", "!chunkSize"), chunk("0x3\r\nabc\(end)", "!chunkSize"),
        chunk("00000000000000003\r\nabc\(end)", "!chunkSize"), chunk("ffffffffffffffff\r\n", "!chunkTooLarge"),
        chunk("3\nabc\n0\n\n", "!bareLineFeed"), chunk("3 \nabc\(end)", "!bareLineFeed"),
        chunk("3\rabc\(end)", "!bareCarriageReturn"), chunk("3\r\nabcd\(end)", "\"abc\" | !chunkEnd"),
    ]

    private static let extensions = [
        chunk("3;a=b\r\nabc\(end)", read), chunk("3; a=b\r\nabc\(end)", "!chunkExtension"),
        chunk("3;a=\"b\r\nabc\(end)", "!chunkExtension"),
        chunk("1;a=\(String(repeating: "b", count: 17_000))\r\na\(end)", "!chunkOverhead"),
    ]

    private static func trailer(_ lines: String, _ reading: String) -> AnswerBytesFixture {
        chunk("3\r\nabc\r\n0\r\n\(lines)\r\n", "\"abc\" | \(reading)")
    }

    private static let trailers = [
        trailer("Server-Timing: a\r\n", "end"), trailer("X:\u{E9}\r\n", "end"), trailer("cf-ray: a\r\n", "end"),
        trailer("Content-Length: 5\r\n", "!trailerField"), trailer("Connection: close\r\n", "!trailerField"),
        trailer("Transfer-Encoding: chunked\r\n", "!trailerField"), trailer("Host: t\r\n", "!trailerField"),
        trailer("x-steelyard-request-id: a\r\n", "!trailerField"), trailer("X : a\r\n", "!fieldName"),
        trailer("X: a\n\r\n", "!bareLineFeed"), trailer(String(repeating: "X: a\r\n", count: 201), "!tooLarge"),
    ]
}
