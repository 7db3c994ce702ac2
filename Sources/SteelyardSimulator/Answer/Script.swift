import NIOCore

/// The bytes of one answer with their timing and their end: every possible answer, valid or not.
///
/// Answers bypass the HTTP encoder, so that a broken head is as easy to write as a valid one.
struct Script: Sendable {
    /// What the peer has when a step's bytes have reached the kernel.
    struct Marks: OptionSet, Sendable {
        let rawValue: UInt8
        /// The usage.
        static let usage = Marks(rawValue: 1)
        /// The whole answer.
        static let last = Marks(rawValue: 2)
    }

    struct Step: Sendable {
        /// The time between the previous step and this one; with `nil` both leave in one write, with 0 they do not.
        var waitMilliseconds: Int?
        var bytes: ByteBuffer
        var marks: Marks = []
    }

    /// What happens to the connection.
    enum Ending: Sendable {
        case keepAlive, close, reset
        /// Sends nothing more until the peer leaves.
        case stall
    }

    var steps: [Step]
    var ending: Ending
}

/// Collects bytes in one buffer and cuts it into steps at the end, so that steps share storage.
struct ScriptBuilder {
    private struct Segment {
        var end: Int
        var waitMilliseconds: Int?
        var marks: Script.Marks
    }

    /// Where the next bytes go.
    var bytes: ByteBuffer
    private var segments: [Segment] = []
    private var waitMilliseconds: Int?

    init(capacity: Int) {
        bytes = ByteBufferAllocator().buffer(capacity: capacity)
    }

    private var sealedEnd: Int { segments.last?.end ?? 0 }

    /// Adds a wait before the following bytes; the bytes so far leave before it.
    mutating func wait(milliseconds: Int) {
        seal()
        waitMilliseconds = (waitMilliseconds ?? 0) + milliseconds
    }

    /// Ends a step here; `marks` says what the peer has then.
    mutating func seal(_ marks: Script.Marks = []) {
        guard bytes.writerIndex > sealedEnd || waitMilliseconds != nil || segments.isEmpty else {
            segments[segments.count - 1].marks.formUnion(marks)
            return
        }
        guard bytes.writerIndex > sealedEnd || !marks.isEmpty else { return }
        segments.append(Segment(end: bytes.writerIndex, waitMilliseconds: waitMilliseconds, marks: marks))
        waitMilliseconds = nil
    }

    /// Ends a step after every `count` bytes since the last one, each with the same wait before it.
    mutating func sealEach(_ count: Int, waitMilliseconds wait: Int) {
        var end = sealedEnd + count
        while end < bytes.writerIndex {
            segments.append(Segment(end: end, waitMilliseconds: waitMilliseconds, marks: []))
            waitMilliseconds = wait
            end += count
        }
    }

    /// Cuts the bytes into steps.
    mutating func script(ending: Script.Ending) -> Script {
        seal()
        var start = 0
        let steps = segments.map { segment in
            defer { start = segment.end }
            // In bounds: segments end at earlier writer indices, in order.
            let slice = bytes.getSlice(at: start, length: segment.end - start) ?? ByteBuffer()
            return Script.Step(waitMilliseconds: segment.waitMilliseconds, bytes: slice, marks: segment.marks)
        }
        return Script(steps: steps, ending: ending)
    }
}
