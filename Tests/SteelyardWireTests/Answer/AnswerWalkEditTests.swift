import SeededRandom
import Testing

@testable import SteelyardWire

@Suite("One walk meters and edits")
struct AnswerWalkEditTests {
    private static let streams =
        StreamFixture.all.map(\.asked).filter { $0.count <= 16_384 }
        + AnswerFixture.all.filter { $0.form == .eventStream }.map(\.bytes)

    private func facts(_ bytes: [UInt8], edits: Bool, cutAt cut: Int) -> AnswerFacts {
        var walk = AnswerWalk(labelled: .eventStream, edits: edits)
        var output: [UInt8] = []
        _ = walk.read(bytes.span.extracting(0..<cut), into: &output)
        _ = walk.read(bytes.span.extracting(cut...), into: &output)
        walk.finish(into: &output)
        return walk.facts
    }

    @Test("the meter reads the same whether the stream is edited or not, at every split", arguments: streams)
    func sameFacts(bytes: [UInt8]) {
        let unedited = facts(bytes, edits: false, cutAt: 0)
        for cut in 0...bytes.count where facts(bytes, edits: true, cutAt: cut) != unedited {
            Issue.record("cut at \(cut): \(String(decoding: bytes, as: UTF8.self))")
            return
        }
    }

    @Test("the edit goes on after the meter has been told all")
    func afterDone() {
        var walk = AnswerWalk(labelled: .eventStream, edits: true)
        var output: [UInt8] = []
        let stream = "data: [DONE]\n\ndata: {\"choices\":[{}],\"usage\":null}\n\n"
        #expect(!walk.read(stream.utf8Span.span, into: &output))
        #expect(walk.hasToldAll)
        #expect(output == Array("data: [DONE]\n\ndata: {\"choices\":[{}]}\n\n".utf8))
    }

    @Test(
        "where the text is no JSON, the event passes as it is from there on",
        arguments: [
            #"{"choices":[{"a":nul}],"usage":null}"#, #"{"choices":[{"a":1.x}],"usage":null}"#,
            #"{"choices":[{"a":[1,]}],"usage":null}"#, #"{"choices":[{"a":{"b" 1}}],"usage":null}"#,
            #"{"choices":[{"a":{1:1}}],"usage":null}"#, #"{"choices":[{}],"a":[}],"usage":null}"#,
            "{\"choices\":[{\"a\":\"\u{01}\"}],\"usage\":null}", "{\"choices\":[{}],\"\u{01}\":1,\"usage\":null}",
            #"{"choices":[{"delta":{"content":"\x"}}],"usage":null}"#, #"{"choices":[{}],"usage":nul}"#,
            #"[{"choices":[{}],"usage":null}]"#, #"{"choices":[{}] "usage":null}"#, #"{"choices":[],"usage":{}}1"#,
            "\u{FEFF}{\"choices\":[{}],\"usage\":null}", #"{"choices":[{}],"a":undefined,"usage":null}"#,
        ]
    )
    func unsound(json: String) {
        let event = Array("data: \(json)\n\n".utf8)
        #expect(StreamEditTests.edit(event, cutAt: []) == event)
        for cut in 0...event.count { #expect(StreamEditTests.edit(event, cutAt: [cut]) == event, "cut at \(cut)") }
    }

    /// Chunks that begin alike, or nearly, or say something else in between.
    private static let chunks = [
        #"{"id":"a","model":"m","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}],"usage":null}"#,
        #"{"id":"a","model":"m","choices":[{"index":0,"delta":{"content":"A"}}],"usage":null,"z":1}"#,
        #"{"id":"a","model":"m","choices":[{"index":0,"delta":{"content":""}}],"error":{"code":"c"}}"#,
        #"{"id":"a","model":"n","choices":[{"index":1,"delta":{"content":"x"}}],"usage":null}"#,
        #"{"id":"b","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}],"usage":null,"model":"m"}"#,
        #"{"id":"a","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}"#,
        #"{"id":"a","model":"m","choices":[{"delta":{"tool_calls":[{"id":"t","function":{"arguments":"x","name":"f"}}]}}]}"#,
        #"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"x"}}]}}],"usage":null}"#,
        #"{"usage":null,"choices":[{"delta":{"content":"x"}}]}"#, #"{"x":1,"choices":[{"delta":{"content":"x"}}]}"#,
        #"{"id":"a","choices":[],"usage":{"total_tokens":1}}"#, #"{"id":"a","model":"m","choices":[{"index":0"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}"#,
        #"{"type":"content_block_start","content_block":{"type":"tool_use","id":"i","name":"n"}}"#,
        #"{"type":"response.output_text.delta","delta":"x"}"#, #"{"model":"","choices":[{"delta":{"content":"x"}}]"#,
    ]

    @Test("a chunk that begins as the one before it is read like any other")
    func openings() {
        let seed = UInt64.random(in: .min ... .max)
        print("openings: seed \(seed)")
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            let few = (0...random.below(3)).map { _ in Self.chunks[random.below(Self.chunks.count)] }
            let events = (0...random.below(12)).map { _ in few[random.below(few.count)] }
            let frames = [("data: ", "\n\n"), ("data:", "\r\n\r\n"), (": c\nid: 1\ndata: ", "\n\n")]
            let text = events.map {
                let frame = frames[random.below(frames.count)]
                return frame.0 + $0 + frame.1
            }
            let bytes = Array(text.joined().utf8)
            let (whole, single) = (walked(bytes, pieceSize: bytes.count), walked(bytes, pieceSize: 1))
            guard whole.facts == single.facts, whole.output == single.output else {
                Issue.record("seed \(seed): \(text)")
                return
            }
        }
    }

    /// What is read and what leaves; a piece of one byte has no opening in common with anything.
    private func walked(_ bytes: [UInt8], pieceSize: Int) -> (facts: AnswerFacts, output: [UInt8]) {
        var walk = AnswerWalk(labelled: .eventStream, edits: true)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: pieceSize) {
            let piece = Array(bytes[start..<min(start + pieceSize, bytes.count)])
            if walk.read(piece.span, into: &output) { output += piece }
        }
        walk.finish(into: &output)
        return (walk.facts, output)
    }
}
