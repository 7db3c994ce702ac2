/// Finds where a line ends, and refuses what may not be in a line: a CR or LF alone (RFC 9112 §2.2), and control
/// characters other than HTAB (RFC 9110 §5.5).
///
/// A line that is not whole is presented again with more bytes behind it. The search goes on where it stopped, so that a
/// line that comes byte by byte is looked at once.
struct LineSearch: Sendable {
    /// How many bytes of the unfinished line need no second look.
    private var searchedByteCount = 0

    /// The text of the line that begins at `start`, without its CRLF; nil when its end has not come.
    ///
    /// What is wrong is found by its place alone, so that the way in which the bytes were split changes nothing: first
    /// the limit, then the byte.
    ///
    /// - Parameter limitBytes: the most that the line may take with its CRLF.
    mutating func line(
        in bytes: Span<UInt8>,
        from start: Int,
        limitBytes: Int
    ) throws(SyntaxDefect) -> Range<Int>? {
        let limit = start + limitBytes
        let end = ByteSearch.endOfLineText(in: bytes, from: start + searchedByteCount)
        guard end < bytes.count else { return try pause(start, end, isWithinLimit: end <= limit) }
        guard end < limit else { throw .tooLarge }
        guard bytes[end] == .carriageReturn else { throw Self.defect(of: bytes[end]) }
        guard end + 1 < bytes.count else { return try pause(start, end, isWithinLimit: true) }
        guard end + 1 < limit else { throw .tooLarge }
        guard bytes[end + 1] == .lineFeed else { throw .bareCarriageReturn }
        searchedByteCount = 0
        return start..<end
    }

    /// Keeps how far the search went.
    private mutating func pause(_ start: Int, _ end: Int, isWithinLimit: Bool) throws(SyntaxDefect) -> Range<Int>? {
        guard isWithinLimit else { throw .tooLarge }
        searchedByteCount = end - start
        return nil
    }

    private static func defect(of byte: UInt8) -> SyntaxDefect {
        byte == .lineFeed ? .bareLineFeed : .controlCharacter
    }
}

extension ByteSearch {
    /// Where the next control character other than HTAB is at or after `start`; the end when there is none.
    static func endOfLineText(in bytes: Span<UInt8>, from start: Int) -> Int {
        var index = control(in: bytes, from: start)
        while index < bytes.count, bytes[index] == .tab { index = control(in: bytes, from: index &+ 1) }
        return index
    }
}
