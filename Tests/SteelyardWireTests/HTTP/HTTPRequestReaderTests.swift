import SeededRandom
import SteelyardWire
import Testing

@Suite("Requests in bytes")
struct HTTPRequestReaderTests {
    @Test("each is read as its row says", arguments: RequestFixture.all)
    func whole(fixture: RequestFixture) {
        #expect("\(RequestReading([fixture.bytes]))" == fixture.reading)
    }

    @Test("where the bytes are split does not matter", arguments: RequestFixture.all)
    func split(fixture: RequestFixture) {
        let whole = RequestReading([fixture.bytes])
        // Long fixtures are long in one value: every split within it is like its neighbours.
        let step = fixture.bytes.count > 4096 ? 499 : 1
        for cut in stride(from: 0, through: fixture.bytes.count, by: step) {
            #expect(RequestReading(fixture.bytes.pieces(cutAt: [cut])) == whole, "cut at \(cut)")
        }
        #expect(RequestReading(fixture.bytes.singly) == whole, "byte by byte")
    }

    @Test("random splits of random sequences change nothing")
    func randomSplits() {
        var random = SeededRandom()
        let fixtures = RequestFixture.all.filter { $0.bytes.count <= 4096 }
        for _ in 0..<2000 {
            let bytes = (0...random.below(3)).flatMap { _ in random.pick(fixtures).bytes }
            let cuts = (0..<random.below(12)).map { _ in random.below(bytes.count + 1) }.sorted()
            let same = RequestReading(bytes.pieces(cutAt: cuts)) == RequestReading([bytes])
            #expect(same, "seed \(random.seed): \(wireText(bytes).debugDescription) cut at \(cuts)")
        }
    }

    @Test("a second request is read like the first", arguments: RequestFixture.all)
    func pipelined(fixture: RequestFixture) {
        let first = wireBytes("POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\nxy")
        let reading = "POST /a | \"xy\" | end" + (fixture.reading.isEmpty ? "" : " | " + fixture.reading)
        #expect("\(RequestReading([first + fixture.bytes]))" == reading)
    }
}

/// What heads say.
extension HTTPRequestReaderTests {
    private func head(_ text: String) throws -> RequestHead {
        var reader = HTTPRequestReader(headLimitBytes: 32 * 1024)
        let bytes = wireBytes(text)
        var position = 0
        guard case .head(let head) = try reader.read(bytes.span, at: &position) else { throw RequestDefect.requestLine }
        return head
    }

    @Test("fields are kept in order with their spelling; only white space around a value goes")
    func fields() throws {
        let head = try head("GET / HTTP/1.1\r\nHost: t\r\nx-A:b\r\nX-c: \t d e \r\ny:\r\nz: \r\nX-c: caf\u{E9}\r\n\r\n")
        #expect(head.fields.wireLines == ["Host: t", "x-A: b", "X-c: d e", "y: ", "z: ", "X-c: caf\u{E9}"])
    }

    @Test(
        "the facts are those of the head",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: t\r\n\r\n", true, true),
            ("GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", true, false),
            ("GET / HTTP/1.0\r\n\r\n", false, false),
            ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false, true),
        ]
    )
    func facts(text: String, isHTTP11: Bool, keepsAlive: Bool) throws {
        let facts = try head(text).facts
        #expect(facts.isHTTP11 == isHTTP11 && facts.keepsAlive == keepsAlive)
        #expect(facts.target.path == 0..<1)
    }

    @Test("an expectation and an offer to upgrade are seen")
    func offers() throws {
        let lines = "Expect: 100-continue\r\nConnection: upgrade\r\nUpgrade: h2c\r\n"
        let facts = try head("GET / HTTP/1.1\r\nHost: t\r\n\(lines)\r\n").facts
        #expect(facts.expectsContinue && facts.offersUpgrade)
    }

    @Test("a head may be as large as its limit, to the byte", arguments: [0, 1])
    func limit(excess: Int) {
        let frame = "GET / HTTP/1.1\r\nHost: t\r\nx: \r\n\r\n"
        let value = String(repeating: "v", count: 1000 - frame.utf8.count + excess)
        let bytes = wireBytes(frame.replacing("x: ", with: "x: " + value))
        let expected = excess == 0 ? "GET / | end" : "!tooLarge"
        for cut in 990...bytes.count {
            #expect("\(RequestReading(bytes.pieces(cutAt: [cut]), headLimitBytes: 1000))" == expected)
        }
    }
}

/// What the owner relies on.
extension HTTPRequestReaderTests {
    @Test(
        "a head has begun with its first byte, and not with an empty line",
        arguments: [
            ("", false), ("\r", false), ("\r\n", false), ("\r\n\r\n", false), ("G", true), ("\r\nG", true),
            ("GET / HTTP/1.1\r\n", true), ("GET / HTTP/1.1\r\nHost: t\r\n\r", true),
            ("GET / HTTP/1.1\r\nHost: t\r\n\r\n", false), ("GET / HTTP/1.1\r\nHost: t\r\n\r\n\r\n", false),
            ("GET / HTTP/1.1\r\nHost: t\r\n\r\nP", true),
            ("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\n\r\n", false),
        ]
    )
    func isWithinHead(text: String, isWithin: Bool) {
        #expect(RequestReading([wireBytes(text)]).isWithinHead == isWithin)
        #expect(RequestReading(wireBytes(text).singly).isWithinHead == isWithin)
    }

    @Test("after a defect, nothing more is read")
    func staysFailed() {
        var reader = HTTPRequestReader(headLimitBytes: 1000)
        let bytes = wireBytes("GET / HTTP/1.1\nGET / HTTP/1.1\r\nHost: t\r\n\r\n")
        for start in [0, 15] {
            var position = start
            #expect(throws: RequestDefect.bareLineFeed) { try reader.read(bytes.span, at: &position) }
        }
    }

    /// The bytes of an unfinished line are spoiled once they were presented. A reader that looked at them again while it
    /// searches for the end would find a defect.
    @Test("a line that comes byte by byte is searched once")
    func isLinear() throws {
        var reader = HTTPRequestReader(headLimitBytes: 32 * 1024)
        let bytes = wireBytes("GET / HTTP/1.1\r\nHost: t\r\nx: \(String(repeating: "v", count: 2000))\r\nx")
        var (start, position) = (0, 0)
        for end in 1..<bytes.count {
            var presented = Array(bytes[start..<end])
            if presented.last != 0x0A { for index in presented.indices.dropLast() { presented[index] = 0 } }
            position = 0
            guard case .more = try reader.read(presented.span, at: &position) else { throw RequestDefect.requestLine }
            start += position
        }
        #expect(start == bytes.count - 1)
    }
}
