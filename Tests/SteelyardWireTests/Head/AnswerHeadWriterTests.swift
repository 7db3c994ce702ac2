import SteelyardWire
import Testing

@Suite("The head a client gets")
struct AnswerHeadWriterTests {
    private func written(
        _ lines: [String],
        _ framing: AnswerHeadWriter.Framing,
        _ additions: AnswerHeadWriter.Additions = .init()
    ) -> String {
        var output = Array("before|".utf8)
        AnswerHeadWriter.append(
            status: 200,
            reason: Array("Fine".utf8),
            fields: HeaderFields(lines: lines),
            framing: framing,
            additions: additions,
            to: &output
        )
        return String(decoding: output, as: UTF8.self)
    }

    @Test("status, reason and fields are written as they came")
    func verbatim() {
        #expect(written(["X-A: b", "x-a:"], .none) == "before|HTTP/1.1 200 Fine\r\nX-A: b\r\nx-a: \r\n\r\n")
    }

    @Test(
        "of a provider's head the lines that are forwarded are written, with one space, whichever are left out",
        arguments: [
            (["A: 1", "B:2", "Connection: x", "C:\t 3 ", "D: ", "E:"], ["A: 1", "B: 2", "C: 3", "D: ", "E: "]),
            (["Connection: x", "A: 1"], ["A: 1"]),
            (["A: 1", "Trailer: x"], ["A: 1"]),
            (["Te: x", "A: 1", "Te: y", "Te: z", "B: 2", "Te: w"], ["A: 1", "B: 2"]),
            (["Keep-Alive: x"], []),
        ]
    )
    func forwarded(received: [String], sent: [String]) throws {
        var reader = AnswerHeadReader(answersHEAD: false)
        for line in ["HTTP/1.1 200 OK"] + received { _ = try reader.received(Array((line + "\r\n").utf8).span) }
        guard case .complete(let head) = try reader.received(Array("\r\n".utf8).span) else {
            Issue.record("the head is not complete")
            return
        }
        var output: [UInt8] = []
        AnswerHeadWriter.append(
            status: 200,
            reason: [],
            fields: head.fields.forwardedDownstream(),
            framing: .none,
            additions: .init(),
            to: &output
        )
        let expected = "HTTP/1.1 200 \r\n" + sent.map { $0 + "\r\n" }.joined() + "\r\n"
        #expect(String(decoding: output, as: UTF8.self) == expected)
    }

    @Test(
        "the framing chosen is the only one said",
        arguments: [
            (AnswerHeadWriter.Framing.length(0), "content-length: 0\r\n"),
            (.length(.max), "content-length: 9223372036854775807\r\n"),
            (.chunked, "transfer-encoding: chunked\r\n"),
            (.none, ""),
        ]
    )
    func framing(framing: AnswerHeadWriter.Framing, line: String) {
        #expect(written([], framing) == "before|HTTP/1.1 200 Fine\r\n\(line)\r\n")
    }

    @Test("the request id and the close are added when asked for")
    func additions() {
        #expect(
            written([], .none, .init(requestID: "r1", closes: true))
                == "before|HTTP/1.1 200 Fine\r\nx-steelyard-request-id: r1\r\nconnection: close\r\n\r\n"
        )
    }

    @Test(
        "a chunk's size is written in hexadecimal without leading zeros",
        arguments: [(1, "1"), (9, "9"), (10, "a"), (16, "10"), (255, "ff"), (4096, "1000"), (0xABCDE, "abcde")]
    )
    func chunkSize(count: Int, digits: String) {
        var output: [UInt8] = []
        ChunkFraming.appendSize(count, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == digits + "\r\n")
    }

    @Test("an empty piece makes no chunk, for that would end the body")
    func emptyChunk() {
        var output: [UInt8] = []
        ChunkFraming.append([UInt8]().span, to: &output)
        ChunkFraming.appendSize(0, to: &output)
        #expect(output.isEmpty)
        ChunkFraming.append(Array("abc".utf8).span, to: &output)
        #expect(String(decoding: output + ChunkFraming.lastChunk, as: UTF8.self) == "3\r\nabc\r\n0\r\n\r\n")
    }
}
