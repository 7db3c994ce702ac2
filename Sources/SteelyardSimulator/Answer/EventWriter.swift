import NIOCore

/// Writes server-sent events into one buffer (https://html.spec.whatwg.org/multipage/server-sent-events.html), in the
/// variety of forms that providers use.
struct EventWriter {
    private var bytes: ByteBuffer
    private var ends: [Int] = []
    private var usagePiece: Int?
    private let directives: Directives
    private let lineEnd: StaticString

    init(_ directives: Directives, capacity: Int) {
        self.directives = directives
        bytes = ByteBufferAllocator().buffer(capacity: capacity)
        lineEnd =
            switch directives.lineEnd {
            case .lf: "\n"
            case .crlf: "\r\n"
            case .cr: "\r"
            }
        if directives.byteOrderMark { bytes.writeBytes([0xEF, 0xBB, 0xBF]) }
        for _ in 0..<directives.leadingNewlines { bytes.append(lineEnd) }
    }

    /// Writes one event; `data` appends JSON without line breaks.
    mutating func write(event name: StaticString? = nil, _ data: (inout ByteBuffer) -> Void) {
        if directives.comments {
            bytes.append(": SIMULATOR PROCESSING")
            bytes.append(lineEnd)
            bytes.append(lineEnd)
        }
        if let name {
            bytes.append("event: ")
            bytes.append(name)
            bytes.append(lineEnd)
        }
        bytes.append("data: ")
        let start = bytes.writerIndex
        data(&bytes)
        if directives.multiLine { breakLine(from: start) }
        bytes.append(lineEnd)
        bytes.append(lineEnd)
        ends.append(bytes.writerIndex)
    }

    /// Moves the rest of a JSON object to a second data line: a line feed joins the lines, which is white space in
    /// JSON.
    private mutating func breakLine(from start: Int) {
        guard bytes.getInteger(at: start, as: UInt8.self) == UInt8(ascii: "{") else { return }
        let rest = bytes.getSlice(at: start + 1, length: bytes.writerIndex - start - 1) ?? ByteBuffer()
        bytes.moveWriterIndex(to: start + 1)
        bytes.append(lineEnd)
        bytes.append("data: ")
        bytes.writeImmutableBuffer(rest)
    }

    /// Marks the last event as the one with the usage.
    mutating func markUsage() { usagePiece = ends.count - 1 }

    /// The stream, with one piece per event.
    func answer(facts: AnswerFacts) -> Answer {
        var start = 0
        let pieces = ends.map { end in
            defer { start = end }
            // In bounds: ends are earlier writer indices, in order.
            return bytes.getSlice(at: start, length: end - start) ?? ByteBuffer()
        }
        return Answer(
            contentType: "text/event-stream; charset=utf-8",
            pieces: pieces,
            isStream: true,
            usagePiece: usagePiece,
            facts: facts
        )
    }
}
