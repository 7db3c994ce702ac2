import SteelyardWire
import Testing

@Suite("Taking usage out of a stream")
struct StreamEditTests {
    /// The output for pieces cut at these positions, and what waited after each.
    static func edit(
        _ stream: [UInt8],
        cutAt cuts: [Int],
        finishing: Bool = true,
        labelled label: AnswerForm? = nil
    ) -> [UInt8] {
        var walk = EditingWalk(labelled: label ?? .eventStream)
        var output: [UInt8] = []
        var start = 0
        for end in cuts + [stream.count] {
            walk.read(stream.span.extracting(start..<end), into: &output)
            start = end
        }
        if finishing { walk.finish(into: &output) }
        return output
    }

    /// Positions worth cutting at: all of a small stream, the edges of a large one.
    private func cuts(of stream: [UInt8]) -> [Int] {
        stream.count <= 16_384 ? Array(0...stream.count) : Array(0..<99) + Array((stream.count - 99)...stream.count)
    }

    @Test("what leaves is the stream as it comes without usage, whole and at every split", arguments: StreamFixture.all)
    func master(fixture: StreamFixture) {
        let asked = fixture.asked
        let unasked = fixture.unasked
        #expect(text(Self.edit(asked, cutAt: [])) == text(unasked))
        for cut in cuts(of: asked) where Self.edit(asked, cutAt: [cut]) != unasked {
            Issue.record("cut at \(cut): \(text(Self.edit(asked, cutAt: [cut])))")
            return
        }
        #expect(text(Self.edit(asked, cutAt: Array(0..<asked.count))) == text(unasked))
    }

    @Test("the stream as it comes without usage passes as it is", arguments: StreamFixture.all)
    func identity(fixture: StreamFixture) {
        let unasked = fixture.unasked
        guard fixture.name.hasPrefix("OpenAI") || fixture.name.hasPrefix("Azure") else { return }
        #expect(Self.edit(unasked, cutAt: []) == unasked)
    }

    @Test("no byte waits outside an undecided event but a possible null usage", arguments: StreamFixture.all)
    func promptness(fixture: StreamFixture) {
        let asked = fixture.asked
        var walk = EditingWalk(labelled: .eventStream)
        var output: [UInt8] = []
        var recent = Undecided()
        for (index, byte) in asked.enumerated() {
            walk.read([byte].span, into: &output)
            recent.read(byte)
            let waiting = Array(fixture.visible(upTo: index + 1).dropFirst(output.count))
            if !recent.mayWait(waiting) {
                Issue.record("after \(index) waits: \(text(waiting))")
                return
            }
        }
    }

    @Test("a stream that breaks off anywhere has let everything out", arguments: StreamFixture.all)
    func brokenOff(fixture: StreamFixture) {
        let asked = fixture.asked
        for end in cuts(of: asked) {
            let stream = Array(asked[..<end])
            let output = Self.edit(stream, cutAt: [])
            let visible = Array(fixture.visible(upTo: end))
            // What was still being read leaves as it is; so the output ends as the stream does, or is what is visible.
            guard output == visible || isVisible(visible, in: output, of: stream) else {
                Issue.record("cut off at \(end): \(text(output))")
                return
            }
        }
    }

    /// Whether the output is what is visible up to some event or member, and from there the stream as it is.
    private func isVisible(_ visible: [UInt8], in output: [UInt8], of stream: [UInt8]) -> Bool {
        let common = zip(visible, output).prefix { $0 == $1 }.count
        return stream.suffix(output.count - common) == output[common...]
    }

    @Test("a member that the extra chunk never has lets the event go on at once")
    func otherMember() {
        let begun = #"data: {"id":"x","x_groq":{"id":"re"#
        #expect(text(Self.edit(Array(begun.utf8), cutAt: [], finishing: false)) == begun)
        let undecided = #"data: {"id":"x","choices":[],"created":1"#
        #expect(Self.edit(Array(undecided.utf8), cutAt: [], finishing: false).isEmpty)
    }

    @Test("an extra chunk whose line is complete stays out although its blank line never comes")
    func endWithinExtraChunk() {
        let content = "data: {\"choices\":[{}]}\n\n"
        let extra = #"data: {"choices":[],"usage":{"a":1}}"#
        #expect(text(Self.edit(Array((content + extra + "\n").utf8), cutAt: [])) == content)
        #expect(text(Self.edit(Array((content + extra).utf8), cutAt: [])) == content + extra)
        #expect(text(Self.edit(Array((content + extra + "\nid").utf8), cutAt: [])) == content + extra + "\nid")
        let null = #"data: {"choices":[],"usage":null}"# + "\n"
        #expect(text(Self.edit(Array(null.utf8), cutAt: [])) == #"data: {"choices":[]}"# + "\n")
    }

    @Test("an event that nests deeper than 64 levels passes as it is", arguments: [62, 63, 64, 200])
    func depth(levels: Int) {
        let nested = String(repeating: "[", count: levels) + "1" + String(repeating: "]", count: levels)
        let event = #"data: {"id":\#(nested),"choices":[],"usage":{}}"# + "\n\n"
        #expect(text(Self.edit(Array(event.utf8), cutAt: [])) == (levels < 64 ? "" : event))
    }

    @Test("comments leave at once, even between lines that wait")
    func comments() {
        let chunk = #"data: {"choices":[],"usage":{"total_tokens":1}}"#
        let cases = [
            ("id: 1\n: a\n\(chunk)\n: b\n\n", ": a\n: b\n"),
            ("id: 1\r\n: a\r\n\(chunk)\r\n: b\r\n\r\n", ": a\r\n: b\r\n"),
            ("id: 1\r: a\r\(chunk)\r: b\r\r", ": a\r: b\r"),
            ("id: 1\n: a\ndata: [DONE]\n\n", ": a\nid: 1\ndata: [DONE]\n\n"),
            ("\(chunk)\n: b\ndata: 1\n\n", ": b\n\(chunk)\ndata: 1\n\n"),
            (": a\n\n\(chunk)\n\n: b\n\n", ": a\n\n: b\n\n"),
            ("\(chunk)\n:1\n:2\nx\n:3\n\n", ":1\n:2\n:3\n"),
        ]
        for (stream, expected) in cases {
            let bytes = Array(stream.utf8)
            for cut in 0...bytes.count {
                #expect(text(Self.edit(bytes, cutAt: [cut])) == expected, "\(stream) cut at \(cut)")
            }
            #expect(text(Self.edit(bytes, cutAt: Array(0..<bytes.count))) == expected)
        }
        #expect(text(Self.edit(Array("id: 1\n: work".utf8), cutAt: [], finishing: false)) == ": work")
    }

    @Test("an event waits up to 64 KiB, and then passes as it is")
    func waitLimit() {
        func stream(_ padding: Int) -> [UInt8] {
            let name = String(repeating: "p", count: padding)
            return Array("data: {\"id\":\"\(name)\",\"choices\":[],\"usage\":{}}\n\ndata: {\"usage\":null}\n\n".utf8)
        }
        #expect(text(Self.edit(stream(65_000), cutAt: [])) == "data: {}\n\n")
        let large = stream(66_000)
        let expected = Array(text(large).replacing("\"usage\":null", with: "").utf8)
        #expect(Self.edit(large, cutAt: []) == expected)
        for cut in stride(from: 0, to: large.count, by: 997) {
            #expect(Self.edit(large, cutAt: [cut]) == expected)
        }
        var walk = EditingWalk(labelled: .eventStream)
        var output: [UInt8] = []
        walk.read(large.span.extracting(first: 65_900), into: &output)
        #expect(output.count == 65_900)
    }

    @Test(
        "what waited too long passes as it is, however it was cut",
        arguments: [
            (#"data: {"id":""#, #"","choices":[{}],"usage":null}"#),
            (#"data: {"id":""#, #"","x":1,"usage":null}"#),
            (#"data: {"usage":null,"id":""#, #"","choices":[{}]}"#),
            (#"data: {"x":1,"usage":{},"id":""#, #"","choices":[]}"#),
            (#"data: {"choices":[{}],"\u0070"#, #"":1,"usage":null}"#),
        ]
    )
    func overdue(front: String, back: String) {
        let bytes = Array((front + String(repeating: "p", count: 66_000) + back + "\n\n").utf8)
        for cut in [0, 60_000, 65_900, bytes.count - 5] {
            #expect(Self.edit(bytes, cutAt: [cut]) == bytes)
        }
    }

    @Test("a long key that means nothing is no reason to stop editing, however it was cut")
    func longKey() {
        let key = String(repeating: "p", count: 66_000)
        let bytes = Array((#"data: {"choices":[{}],"\#(key)":1,"usage":null}"# + "\n\n").utf8)
        let expected = Array((#"data: {"choices":[{}],"\#(key)":1}"# + "\n\n").utf8)
        for cut in [0, 25, 60_000, bytes.count - 5] {
            #expect(Self.edit(bytes, cutAt: [cut]) == expected)
        }
    }

    @Test("lines around the data count towards the 64 KiB too")
    func waitLimitOfLines() {
        let line = "id: " + String(repeating: "p", count: 66_000) + "\n"
        let chunk = #"data: {"choices":[],"usage":{}}"# + "\n"
        for event in [line + chunk + "\n", chunk + line + "\n"] {
            let bytes = Array(event.utf8)
            for cut in [0, 10, 40, 65_000, 65_990, bytes.count - 1] {
                #expect(Self.edit(bytes, cutAt: [cut]) == bytes)
            }
            #expect(Self.edit(bytes, cutAt: [], finishing: false) == bytes)
            let begun = Array(bytes.prefix(65_900))
            #expect(Self.edit(begun, cutAt: Array(stride(from: 0, to: 65_900, by: 100)), finishing: false) == begun)
        }
    }

    @Test("a piece that left as it came is told apart")
    func pristine() {
        var walk = EditingWalk(labelled: .eventStream)
        var output: [UInt8] = []
        let steps = [
            (#"data: {"choices":[{}],"a":1}"# + "\n\n", true),
            (": ping\n\n", true),
            ("data: [DO", true),
            ("NE]\n\n", true),
            (#"data: {"choices":[{}],"usage":null}"# + "\n\n", false),
            (#"data: {"choices":[{}],"us"#, false),
            (#"er":1}"# + "\n\n", false),
            (#"data: {"choices":[],"usage":{}}"# + "\n\n", false),
            ("id: 1\n: a\ndata: [DONE]\n\n", false),
            ("\n", true),
        ]
        for (piece, passesAsItIs) in steps {
            output.removeAll()
            walk.read(piece.utf8Span.span, into: &output)
            #expect(walk.passesAsItIs == passesAsItIs, "\(piece)")
            if passesAsItIs { #expect(text(output) == piece) }
        }
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

@Suite("Taking usage out of an answer whose label may be wrong")
struct LabelledEditTests {
    private static let labels: [AnswerForm] = [.json, .eventStream, .opaque]

    /// The output of an editor for this label, and what had left before the end.
    private func edit(_ bytes: [UInt8], labelled label: AnswerForm, cutAt cut: Int) -> (all: [UInt8], early: [UInt8]) {
        var walk = EditingWalk(labelled: label)
        var output: [UInt8] = []
        walk.read(bytes.span.extracting(0..<cut), into: &output)
        walk.read(bytes.span.extracting(cut...), into: &output)
        let early = output
        walk.finish(into: &output)
        return (output, early)
    }

    @Test("a stream is edited whatever its label says, at every split", arguments: labels)
    func streams(label: AnswerForm) {
        let event = #"{"choices":[{}]«,"usage":null»}"#
        for opening in ["", "\n\r\n", "\u{FEFF}", ": hello\n", "event: x\n", "id: 1\r\n", "retry: 5\n"] {
            let fixture = StreamFixture(name: "", text: opening + "data: \(event)\n\ndata: [DONE]\n\n")
            for cut in 0...fixture.asked.count {
                let output = edit(fixture.asked, labelled: label, cutAt: cut).all
                #expect(output == fixture.unasked, "\(opening), cut at \(cut)")
            }
        }
    }

    @Test("anything else passes at once, whatever its label says, at every split", arguments: labels)
    func others(label: AnswerForm) {
        let texts = [
            #"{"choices":[],"usage":{"a":1}}"#, "\n\t [1]", "\u{FEFF}{}", "<html>", "dates: none", "database", "i",
            "  ",
            "data", "event", "retr", "",
        ]
        for text in texts {
            let bytes = Array(text.utf8)
            for cut in 0...bytes.count {
                let output = edit(bytes, labelled: label, cutAt: cut)
                #expect(output.all == bytes, "\(text), cut at \(cut)")
                // At most the name of a field waits for its colon.
                if text.hasPrefix("{") { #expect(output.early == bytes, "\(text), cut at \(cut)") }
            }
        }
    }

    @Test("white space does not wait, though nothing is known of the answer yet")
    func whiteSpace() {
        var walk = EditingWalk(labelled: .json)
        var output: [UInt8] = []
        walk.read("\n\n".utf8Span.span, into: &output)
        #expect(output == [10, 10])
        walk.read("dat".utf8Span.span, into: &output)
        #expect(output == [10, 10])
        walk.read("e".utf8Span.span, into: &output)
        #expect(output == Array("\n\ndate".utf8))
    }
}

/// A walk that edits, and sends the pieces that may pass as they are.
private struct EditingWalk {
    private var walk: AnswerWalk
    /// Whether the last piece was one of these.
    private(set) var passesAsItIs = true

    init(labelled label: AnswerForm) { walk = AnswerWalk(labelled: label, edits: true) }

    mutating func read(_ piece: Span<UInt8>, into output: inout [UInt8]) {
        let before = output.count
        passesAsItIs = walk.read(piece, into: &output)
        guard passesAsItIs else { return }
        #expect(output.count == before)
        for index in piece.indices { output.append(piece[index]) }
    }

    mutating func finish(into output: inout [UInt8]) { walk.finish(into: &output) }
}

/// What may wait, found by rules of its own: it reads the stream with usage byte by byte.
private struct Undecided {
    private var event: [UInt8] = []
    private var isLineEmpty = true
    private var previous: UInt8 = 0
    private var hasContent = false

    mutating func read(_ byte: UInt8) {
        defer { previous = byte }
        if byte == 0x0A, previous == 0x0D {
            if !event.isEmpty { event.append(byte) }
            return
        }
        event.append(byte)
        guard byte == 0x0A || byte == 0x0D else {
            isLineEmpty = false
            if byte == UInt8(ascii: "{"), !hasContent {
                hasContent = String(decoding: event, as: UTF8.self)
                    .contains(/"choices"(\s|data:)*:(\s|data:)*\[(\s|data:)*\{$/)
            }
            return
        }
        if isLineEmpty { (event, hasContent) = ([], false) }
        isLineEmpty = true
    }

    /// Whether the event may still be the extra chunk, or these last bytes be the beginning of a null usage.
    func mayWait(_ waiting: [UInt8]) -> Bool {
        guard hasContent, !waiting.isEmpty else { return waiting.count <= event.count }
        // Between two tokens white space may stand, or a line's end and the beginning of another data line.
        let member =
            #/
            (\s | data:?)* (dat?|d)?
            ( , (\s | data:?)* (dat?|d)?
              ( " [uce\\] [\\a-z0-9]{0,32}
                ( " (\s | data:?)* (dat?|d)? ( : (\s | data:?)* (dat?|d)? n?u?l?l? )? )?
              | " )?
            )?
            (\s | data:?)* (dat?|d)?
            /#
        return String(decoding: waiting, as: UTF8.self).wholeMatch(of: member) != nil
    }
}
