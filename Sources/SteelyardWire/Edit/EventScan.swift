/// Follows the lines and events of a stream under edit (HTML standard §9.2.6), and decides which bytes may leave.
///
/// It works on a window of bytes that begins with the first byte that waits. Bytes before `passed` have left or were
/// taken out. Bytes before `safe` may leave. Bytes before `position` were read.
struct EventScan: Sendable {
    private enum Line {
        /// At the first byte of a line, whose kind is known within five bytes. → any other
        case start
        /// In a `data` line, where the data of its event continues. → `start`, or `rest` when nothing of the event will
        /// be edited
        case chunk
        /// In a comment, which leaves at once. → `commentEnd` at a CR, else `start`
        case comment
        /// After the CR of a comment; an LF belongs to it. → `start`
        case commentEnd
        /// In any other line. → `start`
        case rest
    }

    /// What an LF means if it comes next, and what happens to it.
    private enum LineFeed {
        /// A line end of its own.
        case own
        /// The second half of a line end that stays.
        case passes
        /// The second half of a line end that was taken out.
        case dropped
    }

    /// When more bytes of an event wait than this, the event is no longer kept back and passes as it is.
    static let waitLimit = 64 * 1024

    var passed = 0
    var safe = 0
    var position = 0
    var chunk = ChunkWatch()
    var grammar = ChunkGrammar()
    private var line = Line.start
    private var lineStart = 0
    private var lineFeed = LineFeed.own
    private var isStreamStart = true

    /// Reads the window to its end and appends what may leave.
    ///
    /// - Returns: nil at the end of the window, or the range of a comment that has left although earlier bytes wait.
    ///   The caller cuts it out of the window and calls `run` again.
    mutating func run(_ bytes: Span<UInt8>, into output: inout [UInt8]) -> Range<Int>? {
        var isLineKnown = true
        while isLineKnown, endLineFeed(bytes, into: &output) {
            switch line {
            case .start: isLineKnown = beginLine(bytes, into: &output)
            case .chunk: if !readChunk(bytes, into: &output) { line = .rest }
            case .rest: readRest(bytes)
            case .comment, .commentEnd: if let comment = readComment(bytes, into: &output) { return comment }
            }
        }
        leave(bytes, into: &output)
        return nil
    }

    /// Makes all positions count from the first byte that waits.
    mutating func rebase() {
        position -= passed
        safe -= passed
        lineStart -= passed
        grammar.rebase(by: passed)
        chunk.rebase(by: passed)
        passed = 0
    }

    /// Appends what waits, except what is known to be taken out.
    mutating func finish(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        if case .start = line, position == bytes.count { endEvent(bytes, into: &output) }
        append(bytes, upTo: bytes.count, to: &output)
    }

    /// Appends the bytes before `end` that have not left yet.
    mutating func append(_ bytes: Span<UInt8>, upTo end: Int, to output: inout [UInt8]) {
        guard end > passed else { return }
        bytes.extracting(passed..<end).withUnsafeBufferPointer { output.append(contentsOf: $0) }
        passed = end
    }

    private mutating func leave(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        if chunk.waits, isOverdue { chunk.pass() }
        if let start = grammar.openKeyStart, chunk.awaitsMember, position > start {
            chunk.releaseKey(unless: ChunkMember.mayMatter(bytes.extracting(start..<position)))
        }
        if !chunk.waits { safe = position }
        append(bytes, upTo: safe, to: &output)
    }

    /// Whether more bytes wait than may wait.
    var isOverdue: Bool { position - safe > Self.waitLimit }
}

extension EventScan {
    /// Decides what kind of line begins; returns false when this needs more bytes.
    private mutating func beginLine(_ bytes: Span<UInt8>, into output: inout [UInt8]) -> Bool {
        if isStreamStart, !skipByteOrderMark(bytes) { return false }
        lineStart = position
        switch bytes[position] {
        case .carriageReturn, .lineFeed: endBlankLine(bytes, into: &output)
        case .colon: line = .comment
        default:
            guard !chunk.isPassing else {
                line = .rest
                return true
            }
            return beginField(bytes)
        }
        return true
    }

    /// Skips a byte order mark, which belongs to no line and leaves at once. Returns false when more bytes are needed.
    private mutating func skipByteOrderMark(_ bytes: Span<UInt8>) -> Bool {
        let mark: StaticString = "\u{FEFF}"
        let rest = bytes.extracting(position...)
        if rest.starts(with: mark) {
            position += 3
            safe = position
        } else if rest.count < 3, rest[0] == 0xEF {
            return false
        }
        isStreamStart = false
        return position < bytes.count
    }

    private mutating func beginField(_ bytes: Span<UInt8>) -> Bool {
        let rest = bytes.extracting(position...)
        let name = rest.extracting(first: min(rest.count, 4))
        guard ChunkMember.isPrefix(name, of: "data") else { return beginOther() }
        guard rest.count > 4 else { return false }
        // The lines of an event's data are joined by line feeds (HTML standard §9.2.6), which are white space to JSON.
        switch rest[4] {
        case .colon: position += 5
        case .carriageReturn, .lineFeed: position += 4
        default: return beginOther()
        }
        line = .chunk
        return true
    }

    /// Begins a line that is not data. When such a line is between two lines of one object, a cut could remove it too,
    /// so the event passes.
    private mutating func beginOther() -> Bool {
        if grammar.isWithinObject { chunk.pass() }
        line = .rest
        return true
    }

    private mutating func endBlankLine(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        let isCarriageReturn = bytes[position] == .carriageReturn
        position += 1
        let isDropped = endEvent(bytes, into: &output)
        if isCarriageReturn { lineFeed = isDropped ? .dropped : .passes }
    }

    /// Takes out of the event what is to be taken out, lets the rest leave, and begins the next event. Returns whether
    /// the whole event was taken out.
    @discardableResult
    private mutating func endEvent(_ bytes: Span<UInt8>, into output: inout [UInt8]) -> Bool {
        let isEdited = chunk.isRipe && !isOverdue
        let isDropped = isEdited && chunk.isExtra
        if isDropped {
            append(bytes, upTo: safe, to: &output)
            passed = position
        } else if isEdited {
            takeOut(bytes, into: &output)
        }
        safe = position
        chunk = ChunkWatch()
        grammar = ChunkGrammar()
        return isDropped
    }

    /// Takes the LF of a CRLF; returns false at the end of the window.
    private mutating func endLineFeed(_ bytes: Span<UInt8>, into output: inout [UInt8]) -> Bool {
        guard position < bytes.count else { return false }
        guard lineFeed != .own else { return true }
        if bytes[position] == .lineFeed {
            // After an event that has left, the LF leaves too; within an event that waits, it waits.
            if lineFeed == .dropped { append(bytes, upTo: safe, to: &output) }
            if safe == position { safe += 1 }
            position += 1
            if lineFeed == .dropped { passed = position }
        }
        lineFeed = .own
        return position < bytes.count
    }

    private mutating func readRest(_ bytes: Span<UInt8>) {
        position = ByteSearch.lineEnd(in: bytes, from: position)
        guard position < bytes.count else { return }
        if !chunk.isPassing, bytes.extracting(lineStart..<position).isErrorEvent { chunk.pass() }
        endLine(bytes)
    }

    /// Takes the line end at the position; its line stays where it is.
    mutating func endLine(_ bytes: Span<UInt8>) {
        if bytes[position] == .carriageReturn { lineFeed = .passes }
        position += 1
        line = .start
    }

    /// Reads a comment further; returns its range when it leaves before earlier bytes.
    private mutating func readComment(_ bytes: Span<UInt8>, into output: inout [UInt8]) -> Range<Int>? {
        let start = position
        if case .comment = line {
            position = ByteSearch.lineEnd(in: bytes, from: position)
            if position < bytes.count {
                line = bytes[position] == .carriageReturn ? .commentEnd : .start
                position += 1
            }
        } else {
            line = .start
            guard bytes[position] == .lineFeed else { return nil }
            position += 1
        }
        guard chunk.waits, safe < start else {
            safe = max(safe, position)
            return nil
        }
        append(bytes, upTo: safe, to: &output)
        bytes.extracting(start..<position).withUnsafeBufferPointer { output.append(contentsOf: $0) }
        defer { position = start }
        return start..<position
    }
}

extension Span<UInt8> {
    /// Whether a line names the event `error`.
    fileprivate var isErrorEvent: Bool { isExactly("event: error") || isExactly("event:error") }
}
