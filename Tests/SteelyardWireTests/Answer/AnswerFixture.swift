import SteelyardWire
import Testing

/// A provider's answer as it is sent over the network.
struct AnswerFixture: Sendable, CustomTestStringConvertible {
    var name: String
    var form: AnswerForm
    var bytes: [UInt8]

    init(_ name: String, _ form: AnswerForm, _ text: String) {
        self.name = name
        self.form = form
        bytes = Array(text.utf8)
    }

    /// A stream of events without names, each ending in a blank line.
    init(_ name: String, events: [String]) {
        self.init(name, .eventStream, events.map { "data: \($0)\n\n" }.joined())
    }

    /// A stream of named events, the name repeated from `type` as Responses and Anthropic do.
    init(_ name: String, named events: [(String, String)]) {
        self.init(name, .eventStream, events.map { "event: \($0.0)\ndata: \($0.1)\n\n" }.joined())
    }

    var testDescription: String { name }

    /// The facts when the answer arrives in pieces that end at these offsets.
    func facts(cutAt cuts: [Int] = []) -> AnswerFacts {
        var reader = AnswerWalk(form)
        var start = 0
        for end in cuts + [bytes.count] {
            reader.read(bytes.span.extracting(start..<end))
            start = end
        }
        reader.finish()
        return reader.facts
    }
}

/// The facts of one piece, for tests that need no fixture of their own.
func facts(_ form: AnswerForm, _ text: String) -> AnswerFacts { AnswerFixture("", form, text).facts() }

/// The facts of a stream of unnamed events.
func facts(events: String...) -> AnswerFacts { AnswerFixture("", events: events).facts() }
