import NIOCore

/// The bytes of one answer with their timing and their end: everything an answer can be, well-formed or not.
///
/// Answers bypass the HTTP encoder so that a broken head is as easy to say as a good one.
struct Script: Sendable {
    /// What the peer has once a step's bytes are with the kernel.
    struct Marks: OptionSet, Sendable {
        let rawValue: UInt8
        /// The usage.
        static let usage = Marks(rawValue: 1)
        /// The whole answer.
        static let last = Marks(rawValue: 2)
    }

    struct Step: Sendable {
        /// The time between the step before and this one; `nil` lets both leave in one write, 0 does not.
        var waitMilliseconds: Int?
        var bytes: ByteBuffer
        var marks: Marks = []
    }

    /// What becomes of the connection.
    enum Ending: Sendable {
        case keepAlive, close, reset
        /// Nothing more is said until the peer leaves.
        case stall
    }

    var steps: [Step]
    var ending: Ending
}

/// Collects bytes into one buffer and cuts it into steps at the end, so that steps share storage.
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

    /// Puts time before the bytes that follow; what was written so far leaves before it.
    mutating func wait(milliseconds: Int) {
        seal()
        waitMilliseconds = (waitMilliseconds ?? 0) + milliseconds
    }

    /// Ends a step here; the peer then has what `marks` says.
    mutating func seal(_ marks: Script.Marks = []) {
        guard bytes.writerIndex > sealedEnd || waitMilliseconds != nil || segments.isEmpty else {
            segments[segments.count - 1].marks.formUnion(marks)
            return
        }
        guard bytes.writerIndex > sealedEnd || !marks.isEmpty else { return }
        segments.append(Segment(end: bytes.writerIndex, waitMilliseconds: waitMilliseconds, marks: marks))
        waitMilliseconds = nil
    }

    /// Ends steps every `count` bytes since the last one, each with the same time before it.
    mutating func sealEach(_ count: Int, waitMilliseconds wait: Int) {
        var end = sealedEnd + count
        while end < bytes.writerIndex {
            segments.append(Segment(end: end, waitMilliseconds: waitMilliseconds, marks: []))
            waitMilliseconds = wait
            end += count
        }
    }

    /// Cuts what was written into steps.
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
