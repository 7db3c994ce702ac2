/// The lines after the last chunk, up to the blank line (RFC 9112 §7.1.2). They are checked like fields and dropped.
struct TrailerLines: Sendable {
    private let limits: Limits
    private var search = LineSearch()
    private var usedByteCount = 0
    private var count = 0

    /// What trailers may take.
    struct Limits: Sendable {
        /// All lines with their line ends.
        var bytes: Int
        var fields: Int
    }

    init(limits: Limits) { self.limits = limits }

    /// Reads whole lines. Returns whether the blank line came.
    mutating func read(_ bytes: Span<UInt8>, at position: inout Int) throws(SyntaxDefect) -> Bool {
        while let text = try search.line(in: bytes, from: position, limitBytes: limits.bytes - usedByteCount) {
            usedByteCount += text.count + 2
            position = text.upperBound + 2
            guard !text.isEmpty else { return true }
            try check(FieldLine(text, in: bytes), in: bytes)
        }
        return false
    }

    /// Refuses names that some readers would act on although the message has ended (RFC 9110 §6.5.1).
    private mutating func check(_ line: FieldLine, in bytes: Span<UInt8>) throws(SyntaxDefect) {
        count += 1
        guard count <= limits.fields else { throw .tooManyFields }
        switch FieldRole(ofName: bytes.extracting(line.name)) {
        case .framing, .host, .hopByHop, .credential, .ours: throw .trailerField
        case .endToEnd, .forwarding, .tracing, .codings: return
        }
    }
}
