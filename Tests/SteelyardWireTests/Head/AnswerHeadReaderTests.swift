import SteelyardWire
import Testing

@Suite("A provider's answer head")
struct AnswerHeadReaderTests {
    typealias Step = AnswerHeadReader.Step

    /// Feeds a whole head, cut after each line feed, and gives the last step.
    private func read(_ text: String, answersHEAD: Bool = false, allowsHTTP2: Bool = false) throws(AnswerDefect) -> Step
    {
        var reader = AnswerHeadReader(answersHEAD: answersHEAD, allowsHTTP2: allowsHTTP2)
        var step = Step.more
        for line in lines(of: text) { step = try reader.received(line.span) }
        return step
    }

    private func lines(of text: String) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        for byte in text.utf8 {
            lines[lines.count - 1].append(byte)
            if byte == 0x0A { lines.append([]) }
        }
        return lines.filter { !$0.isEmpty }
    }

    private func head(_ text: String, answersHEAD: Bool = false, allowsHTTP2: Bool = false) throws -> AnswerHead {
        let step = try read(text, answersHEAD: answersHEAD, allowsHTTP2: allowsHTTP2)
        guard case .complete(let head) = step else {
            Issue.record("no complete head, but \(step)")
            throw AnswerDefect.unterminatedLine
        }
        return head
    }

    @Test("a clean head gives status, reason, the fields as sent and the framing")
    func cleanHead() throws {
        let head = try head("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Odd:\t v \r\nx:\r\n\r\n")
        #expect(head.status == 200)
        #expect(head.reason == Array("OK".utf8))
        #expect(head.fields.lines == ["Content-Type: text/event-stream", "X-Odd: v", "x: "])
        #expect(head.framing == .untilClose)
        #expect(head.isEventStream && !head.isCoded)
    }

    @Test(
        "the framing follows RFC 9112 §6.3",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", false, AnswerHead.Framing.length(12)),
            ("HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", false, .length(0)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n", false, .length(.max)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: cHuNkeD\r\n\r\n", false, .chunked),
            ("HTTP/1.0 200 OK\r\n\r\n", false, .untilClose),
            ("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", true, .none),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 12\r\n\r\n", false, .none),
            ("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", false, .none),
        ]
    )
    func framing(text: String, answersHEAD: Bool, framing: AnswerHead.Framing) throws {
        #expect(try head(text, answersHEAD: answersHEAD).framing == framing)
    }

    @Test(
        "a status line without a reason is taken",
        arguments: ["HTTP/1.1 503\r\n\r\n", "HTTP/1.1 503 \r\n\r\n"]
    )
    func emptyReason(text: String) throws {
        let head = try head(text)
        #expect(head.status == 503 && head.reason.isEmpty)
    }

    @Test("interim heads are swallowed, and nothing of them reaches the final head")
    func interim() throws {
        let head = try head(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\nContent-Length: 4\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
        )
        #expect(head.fields.lines == ["Content-Length: 5"])
        #expect(head.framing == .length(5))
    }

    @Test("an interim head ends with a step of its own")
    func interimStep() throws {
        #expect(try read("HTTP/1.1 100 Continue\r\n\r\n") == .interim(status: 100))
    }

    @Test("sixteen interim heads are tolerated, the seventeenth is not")
    func interimLimit() throws {
        let interim = "HTTP/1.1 103 Early Hints\r\n\r\n"
        #expect(try read(String(repeating: interim, count: 16)) == .interim(status: 103))
        #expect(throws: AnswerDefect.tooManyInterimHeads) { try read(String(repeating: interim, count: 17)) }
    }

    @Test("lines after the head are trailers, whatever they hold")
    func trailers() throws {
        #expect(try read("HTTP/1.1 200 OK\r\n\r\nContent-Length: 3\r\n") == .trailer)
        #expect(try read("HTTP/1.1 200 OK\r\n\r\n\u{0}\n") == .trailer)
    }

    @Test("HTTP/2 stands in a status line only where it was negotiated")
    func http2() throws {
        #expect(try head("HTTP/2 200 \r\nserver: x\r\n\r\n", allowsHTTP2: true).status == 200)
        #expect(throws: AnswerDefect.version) { try read("HTTP/2 200 \r\n\r\n") }
        #expect(throws: AnswerDefect.transferCodingVersion) {
            try read("HTTP/2 200 \r\ntransfer-encoding: chunked\r\n\r\n", allowsHTTP2: true)
        }
    }

    @Test("bytes beyond ASCII pass in values and in the reason")
    func obsoleteText() throws {
        let head = try head("HTTP/1.1 200 Trés bien\r\nx-a: \u{80}\u{ff}\r\n\r\n")
        #expect(head.fields.lines == ["x-a: \u{80}\u{ff}"])
        #expect(head.reason == Array("Trés bien".utf8))
    }

    @Test(
        "whatever two readers could read differently is refused by name",
        arguments: [
            ("Content-Length: 3\r\nTransfer-Encoding: chunked", AnswerDefect.conflictingFraming),
            ("Transfer-Encoding: chunked\r\nContent-Length: 3", .conflictingFraming),
            ("Content-Length: 3\r\nContent-Length: 5", .repeatedContentLength),
            ("Content-Length: 3\r\nContent-Length: 3", .repeatedContentLength),
            ("Content-Length: 3, 3", .contentLength),
            ("Content-Length: +3", .contentLength),
            ("Content-Length: -3", .contentLength),
            ("Content-Length: abc", .contentLength),
            ("Content-Length: 3 3", .contentLength),
            ("Content-Length:", .contentLength),
            ("Content-Length: 0x3", .contentLength),
            ("Content-Length: 00000000000000000003", .contentLength),
            ("Content-Length: 9223372036854775808", .contentLength),
            ("Transfer-Encoding: foo", .transferCoding),
            ("Transfer-Encoding: gzip, chunked", .transferCoding),
            ("Transfer-Encoding: chunked, gzip", .transferCoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .transferCoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", .transferCoding),
            ("Transfer-Encoding:", .transferCoding),
            ("x: a\nb: c", .bareLineFeed),
            ("x: a\rb", .bareCarriageReturn),
            ("x: a\r", .bareCarriageReturn),
            ("x: \u{0}", .controlCharacter),
            ("x: a\u{1}b", .controlCharacter),
            ("x: a\u{7f}b", .controlCharacter),
            ("x: a\r\n b", .foldedLine),
            (" x: a", .foldedLine),
            ("\tx: a", .foldedLine),
            (": a", .emptyFieldName),
            ("no colon", .missingColon),
            ("x : a", .fieldName),
            ("a b: c", .fieldName),
            ("a(b): c", .fieldName),
            ("\u{80}: c", .fieldName),
        ]
    )
    func refusedField(lines: String, defect: AnswerDefect) {
        #expect(throws: defect) { try read("HTTP/1.1 200 OK\r\n" + lines + "\r\n\r\n") }
    }

    @Test(
        "a status line that is none is refused",
        arguments: [
            ("abc\r\n", AnswerDefect.statusLine),
            ("\r\n", .statusLine),
            ("ICY 200 OK\r\n", .statusLine),
            ("HTTP/1.1 20\r\n", .statusLine),
            ("HTTP/1.2 200 OK\r\n", .version),
            ("HTTP/3 200 OK\r\n", .version),
            ("HTTP/0.9 200 OK\r\n", .version),
            ("http/1.1 200 OK\r\n", .statusLine),
            ("HTTP/1.1  200 OK\r\n", .statusCode),
            ("HTTP/1.1 099 OK\r\n", .statusCode),
            ("HTTP/1.1 000 OK\r\n", .statusCode),
            ("HTTP/1.1 600 OK\r\n", .statusCode),
            ("HTTP/1.1 2000 OK\r\n", .statusCode),
            ("HTTP/1.1 2xx OK\r\n", .statusCode),
            ("HTTP/1.1 101 Switching Protocols\r\n", .unsolicitedUpgrade),
            ("HTTP/1.1 200 OK\n", .bareLineFeed),
            ("HTTP/1.1 200 O", .unterminatedLine),
            ("HTTP/1.1 200 O\u{1}\r\n", .controlCharacter),
        ]
    )
    func refusedStatusLine(line: String, defect: AnswerDefect) {
        #expect(throws: defect) { try read(line) }
    }

    @Test("a head that is cut off within a line is refused")
    func cutOff() {
        #expect(throws: AnswerDefect.unterminatedLine) { try read("HTTP/1.1 200 OK\r\nContent-Le") }
    }

    @Test("chunks in HTTP/1.0 are refused")
    func chunkedHTTP10() {
        #expect(throws: AnswerDefect.transferCodingVersion) {
            try read("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        }
    }

    @Test("a head is refused from its 201st line and from 64 KiB on")
    func size() throws {
        let field = "x: y\r\n"
        #expect(try read("HTTP/1.1 200 OK\r\n" + String(repeating: field, count: 199)) == .more)
        #expect(throws: AnswerDefect.tooLarge) {
            try read("HTTP/1.1 200 OK\r\n" + String(repeating: field, count: 200))
        }
        #expect(throws: AnswerDefect.tooLarge) {
            try read("HTTP/1.1 200 OK\r\nx: " + String(repeating: "y", count: 64 * 1024) + "\r\n")
        }
    }

    @Test(
        "a content coding is what names one; other words are passed over",
        arguments: [
            ("gzip", ContentCoding.gzip), ("X-GZip", .gzip), ("deflate", .deflate), ("identity", .identity),
            ("", .identity), (" , ", .identity), ("none", .identity), ("utf-8", .identity), ("None, UTF-8", .identity),
            ("none, gzip", .gzip), ("identity, br", .unreadable), ("br", .unreadable), ("Zstd", .zstd),
            ("gzip, zstd", .unreadable),
            ("gzip, gzip", .unreadable), ("gzip, br", .unreadable), ("gzip;q=1", .unreadable),
            ("compress", .unreadable),
        ]
    )
    func coding(value: String, coding: ContentCoding) throws {
        let head = try head("HTTP/1.1 200 OK\r\nContent-Encoding: \(value)\r\n\r\n")
        #expect(head.fields.contentCoding == coding)
        #expect(head.isCoded == (coding != .identity))
    }

    @Test("fields are left out by name, in any case, and the others keep their place")
    func without() throws {
        let head = try head("HTTP/1.1 200 OK\r\nA: 1\r\nContent-encoding: gzip\r\nB: 2\r\nCONTENT-ENCODING: br\r\n\r\n")
        let rest = head.fields.without("content-encoding")
        #expect((0..<rest.count).map { String(decoding: rest.line(at: $0), as: UTF8.self) } == ["A: 1", "B: 2"])
    }

    @Test(
        "an event stream is one by its media type",
        arguments: [
            ("text/event-stream; charset=utf-8", true), ("Text/Event-Stream", true), ("text/event-stream ;x", true),
            ("application/json", false), ("text/event-streams", false), ("", false),
        ]
    )
    func mediaType(value: String, isEventStream: Bool) throws {
        #expect(try head("HTTP/1.1 200 OK\r\nContent-Type: \(value)\r\n\r\n").isEventStream == isEventStream)
    }
}
