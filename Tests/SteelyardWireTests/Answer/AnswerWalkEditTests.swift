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
}
