import NIOCore
import NIOHTTP1
import Testing

@testable import SteelyardSimulator

@Suite("Scripts and their timing")
struct ScriptTests {
    private func script(_ list: String, _ answer: Answer) throws -> Script {
        var directives = Directives()
        try directives.apply(list)
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/")
        let request = SimulatedRequest(head, body: ByteBuffer(), connection: 1, number: 1, defaults: directives)
        return Framing(answer, for: request, requestID: 0).script()
    }

    private let plain = Answer.json(
        ByteBuffer(string: "{12345678}"),
        facts: AnswerFacts(usage: Usage(shape: .completion))
    )

    private var stream: Answer {
        var writer = EventWriter(Directives(), capacity: 64)
        for _ in 0..<3 { writer.write { $0.append("{}") } }
        return writer.answer(facts: AnswerFacts())
    }

    @Test("an answer without time in it is one write") func oneWrite() throws {
        #expect(try script("", plain).steps.map(\.marks) == [[.usage, .last]])
        #expect(try script("", stream).steps.count == 1)
    }

    @Test("the head waits for delay-ms, the body for first-byte-ms, each further event for event-ms") func waits()
        throws
    {
        let steps = try script("delay-ms=5, first-byte-ms=6, event-ms=7", stream).steps
        #expect(steps.map(\.waitMilliseconds) == [5, 6, 7, 7])
        #expect(String(buffer: steps[0].bytes).hasSuffix("\r\n\r\n"))
        #expect(String(buffer: steps[2].bytes) == "a\r\ndata: {}\n\n\r\n")
    }

    @Test("a dripping head comes a byte at a time") func drip() throws {
        let steps = try script("drip=3", plain).steps
        let head = steps.dropLast()
        #expect(head.allSatisfy { $0.bytes.readableBytes == 1 })
        #expect(head.dropFirst().allSatisfy { $0.waitMilliseconds == 3 })
        #expect(steps.last.map { String(buffer: $0.bytes) } == "\n{12345678}")
    }

    @Test("a split body comes in writes of the size asked for", arguments: [1, 3, 10]) func split(count: Int) throws {
        let steps = try script("split=\(count), first-byte-ms=1", plain).steps.dropFirst()
        #expect(steps.dropLast().allSatisfy { $0.bytes.readableBytes == count })
        #expect(steps.map { String(buffer: $0.bytes) }.joined() == "{12345678}")
    }

    @Test("late timers do not slow a paced stream") func pace() {
        let playback = Playback(Script(steps: [], ending: .close), entry: nil)
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        #expect(playback.deadline(after: 20, now: start) == start + .milliseconds(20))
        #expect(playback.deadline(after: 20, now: start + .milliseconds(25)) == start + .milliseconds(40))
    }

    @Test("a stream that was held up does not catch up in a burst") func noBurst() {
        let playback = Playback(Script(steps: [], ending: .close), entry: nil)
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        _ = playback.deadline(after: 20, now: start)
        #expect(playback.deadline(after: 20, now: start + .seconds(5)) == start + .seconds(5))
        #expect(playback.deadline(after: 20, now: start + .seconds(5)) == start + .seconds(5) + .milliseconds(20))
    }
}
