import SteelyardSimulator
import Testing

@Suite("Shapes of streams and bodies")
struct ShapeTests {
    private let ask = #","stream":true,"stream_options":{"include_usage":true}"#

    private func stream(_ list: String, asking: Bool = true) async throws -> String {
        try await World.with { $0.chat(asking ? ask : #","stream":true"#, simulate: "id=x, events=2, " + list).body }
    }

    @Test("line ends change and nothing else", arguments: [("crlf", "\r\n"), ("cr", "\r")])
    func lineEnds(list: String, end: String) async throws {
        let (usual, changed) = try await (stream(""), stream(list))
        #expect(changed == usual.replacing("\n", with: end))
    }

    @Test("comments stand between events and carry none")
    func comments() async throws {
        let (usual, commented) = try await (stream(""), stream("comments"))
        #expect(commented.replacing(": SIMULATOR PROCESSING\n\n", with: "") == usual)
        #expect(commented.hasPrefix(": SIMULATOR PROCESSING\n\ndata: "))
    }

    @Test("a byte order mark comes first, line feeds before the first event")
    func leading() async throws {
        #expect(Array(try await stream("bom").utf8.prefix(4)) == [0xEF, 0xBB, 0xBF, UInt8(ascii: "d")])
        #expect(try await stream("leading-newlines=2").hasPrefix("\n\ndata: "))
    }

    @Test("an event on two data lines joins to the same JSON")
    func multiLine() async throws {
        let (usual, split) = try await (stream(""), stream("multi-line"))
        #expect(split.contains("data: {\ndata: \"id\":\"x\","))
        #expect(split.replacing("{\ndata: ", with: "{") == usual)
    }

    @Test("without its end a stream lacks only that")
    func noDone() async throws {
        let (usual, endless) = try await (stream(""), stream("no-done"))
        #expect(endless + "data: [DONE]\n\n" == usual)
    }

    @Test("a provider without usage sends none, asked or not", arguments: [true, false])
    func noUsage(asking: Bool) async throws {
        #expect(try await !stream("no-usage", asking: asking).contains("usage"))
    }

    @Test("usage beside content is on the last chunk with choices, asked or not", arguments: [true, false])
    func besideContent(asking: Bool) async throws {
        let events = ReceivedAnswer("\r\n\r\n" + (try await stream("usage-beside-content", asking: asking))).events
        #expect(events.filter { $0.contains("usage") }.count == 1)
        #expect(events.dropLast().last?.contains(#""finish_reason":"stop"}],"usage":{"prompt_tokens":9,"#) == true)
    }

    @Test("usage on every chunk grows to the total")
    func everyChunk() async throws {
        let events = ReceivedAnswer("\r\n\r\n" + (try await stream("usage-every-chunk", asking: false))).events
        let counts = events.compactMap { $0.firstMatch(of: /"completion_tokens":(\d+)/)?.1 }.map(String.init)
        #expect(counts == ["0", "1", "2", "2"])
    }

    @Test("Azure's filters stand in chunks without choices and without delta")
    func azure() async throws {
        let events = ReceivedAnswer("\r\n\r\n" + (try await stream("azure-filters"))).events
        #expect(events.first?.hasPrefix(#"{"choices":[],"created":0,"#) == true)
        #expect(events.contains { $0.contains("content_filter_offsets") && !$0.contains("delta") })
    }

    @Test("obfuscation is on deltas unless the request declines it")
    func obfuscation() async throws {
        #expect(try await stream("obfuscation").contains(#""obfuscation":""#))
        let declined = #","stream":true,"stream_options":{"include_obfuscation":false}"#
        let body = try await World.with { $0.chat(declined, simulate: "obfuscation").body }
        #expect(!body.contains("obfuscation"))
    }

    @Test("a wrong type is that of the other kind of answer")
    func wrongType() async throws {
        try await World.with { world in
            #expect(world.chat(simulate: "wrong-type").header("content-type") == "text/event-stream; charset=utf-8")
            #expect(world.chat(ask, simulate: "wrong-type").header("content-type") == "application/json")
        }
    }
}
