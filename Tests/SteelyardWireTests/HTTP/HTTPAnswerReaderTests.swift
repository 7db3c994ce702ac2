import SeededRandom
import SteelyardWire
import Testing

@Suite("Answers in bytes")
struct HTTPAnswerReaderTests {
    @Test("each is read as its row says", arguments: AnswerBytesFixture.all)
    func whole(fixture: AnswerBytesFixture) {
        let reading = AnswerReading([fixture.bytes])
        #expect("\(reading)" == fixture.reading)
        #expect(reading.end == fixture.end)
    }

    @Test("where the bytes are split does not matter", arguments: AnswerBytesFixture.all)
    func split(fixture: AnswerBytesFixture) {
        let whole = AnswerReading([fixture.bytes])
        let step = fixture.bytes.count > 4096 ? 499 : 1
        for cut in stride(from: 0, through: fixture.bytes.count, by: step) {
            #expect(AnswerReading(fixture.bytes.pieces(cutAt: [cut])) == whole, "cut at \(cut)")
        }
        #expect(AnswerReading(fixture.bytes.singly) == whole, "byte by byte")
    }

    @Test("random splits change nothing")
    func randomSplits() {
        var random = SeededRandom()
        let fixtures = AnswerBytesFixture.all.filter { $0.bytes.count <= 4096 }
        for _ in 0..<2000 {
            let bytes = random.pick(fixtures).bytes
            let cuts = (0..<random.below(12)).map { _ in random.below(bytes.count + 1) }.sorted()
            let same = AnswerReading(bytes.pieces(cutAt: cuts)) == AnswerReading([bytes])
            #expect(same, "seed \(random.seed): \(wireText(bytes).debugDescription) cut at \(cuts)")
        }
    }

    @Test("no answer to HEAD has a body", arguments: ["Content-Length: 3", "Transfer-Encoding: chunked", "X: a"])
    func answersHEAD(line: String) {
        let reading = AnswerReading("HTTP/1.1 200 OK\r\n\(line)\r\n\r\nabc", answersHEAD: true)
        #expect("\(reading)" == "200 | end | …")
        #expect(reading.keepsAlive)
    }

    @Test("a body until the end of the connection is whole only if the end was meant")
    func untilClose() {
        let text = "HTTP/1.1 200 OK\r\n\r\nabc"
        #expect(AnswerReading(text).end == .whole)
        #expect(AnswerReading(text, endsCleanly: false).end == .truncated)
    }

    @Test(
        "the connection lives as version and Connection say, and never after an uncertain end",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n", false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x\r\nConnection: y, close\r\n\r\n", false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n", true),
            ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive, close\r\n\r\n", false),
            ("HTTP/1.1 200 OK\r\n\r\n", false),
            ("HTTP/1.1 204 No Content\r\n\r\n", true),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", true),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", false),
            ("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", false),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", false),
        ]
    )
    func keepsAlive(text: String, keepsAlive: Bool) {
        #expect(AnswerReading(text).keepsAlive == keepsAlive)
    }

    @Test("head and fields are those of the head reader")
    func head() throws {
        let text = "HTTP/1.1 200 Tr\u{E8}s bien\r\nX-Odd:\t caf\u{E9} \r\nContent-Length: 0\r\n\r\n"
        guard case .head(let head) = AnswerReading(text).events.first else { return #expect(Bool(false)) }
        #expect(wireText(head.reason) == "Tr\u{E8}s bien")
        #expect(head.fields.wireLines == ["X-Odd: caf\u{E9}", "Content-Length: 0"])
    }

    /// As for requests: what was searched once is spoiled, and nothing must notice.
    @Test("a line that comes byte by byte is searched once")
    func isLinear() throws {
        var reader = HTTPAnswerReader(answersHEAD: false)
        let long = String(repeating: "v", count: 1000)
        let bytes = wireBytes(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nx: \(long)\r\n\r\n0\r\nx: \(long)\r\n\r\n"
        )
        var (start, steps) = (0, 0)
        for end in 1...bytes.count {
            var presented = Array(bytes[start..<end])
            if presented.last != 0x0A {
                for index in presented.indices.dropFirst(5).dropLast() { presented[index] = 0 }
            }
            var position = 0
            loop: while true {
                switch try reader.read(presented.span, at: &position) {
                case .more: break loop
                case .end where end == bytes.count: return #expect(steps == 1)
                default: steps += 1
                }
            }
            start += position
        }
    }
}
