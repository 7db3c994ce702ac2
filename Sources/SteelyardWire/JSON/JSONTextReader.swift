/// Reads the inside of a string, or a number or literal, from pieces split anywhere.
///
/// A text that is whole in one piece, and without escapes, is not copied: the reader returns its range.
struct JSONTextReader: Sendable {
    /// The result of reading a piece.
    enum Progress {
        /// The piece is used up, and the text continues.
        case goesOn
        /// The text has ended; the closing quote of a string has been read.
        case ended
        /// This is not JSON.
        case invalid
    }

    private var escape = JSONEscape()
    private var buffer = JSONTextBuffer()
    private var isBuffering = false

    /// Where the text is in its piece; `nil` if it is in `bytes`.
    private(set) var range: Range<Int>?
    /// Whether the text is longer than its limit.
    private(set) var isTooLong = false
    /// Whether a string has a control character in it.
    private(set) var hasControl = false

    /// The text if it is not in the piece, with escapes resolved.
    var bytes: [UInt8] { buffer.bytes }

    /// Prepares for a text that starts with the next byte.
    mutating func begin() {
        escape = JSONEscape()
        isBuffering = false
        hasControl = false
    }

    /// Takes a text that is whole in its piece.
    mutating func take(whole text: Range<Int>, limit: Int) {
        range = text
        isTooLong = text.count > limit
    }

    /// The text's first byte.
    func first(in piece: Span<UInt8>) -> UInt8? {
        guard let range else { return bytes.first }
        return range.isEmpty ? nil : piece[range.lowerBound]
    }

    /// Continues a string of at most `limit` bytes; a longer one is read to its end, but not kept.
    mutating func read(_ piece: Span<UInt8>, _ index: inout Int, limit: Int) -> Progress {
        while index < piece.count {
            if escape.isOpen {
                guard takeEscaped(piece[index]) else { return .invalid }
                index &+= 1
                continue
            }
            let start = index
            index = plainEnd(in: piece, from: index)
            let isEnd = index < piece.count && piece[index] == UInt8(ascii: "\"")
            if isBuffering || !isEnd { keep(piece.extracting(start..<index), limit: limit) }
            if index == piece.count { return .goesOn }
            index &+= 1
            if isEnd {
                end(start..<index &- 1, limit: limit)
                return .ended
            }
            escape.begin()
        }
        return .goesOn
    }

    /// Continues a number or literal of at most `limit` bytes, up to the first byte that belongs to neither.
    mutating func readWord(_ piece: Span<UInt8>, _ index: inout Int, limit: Int) -> Progress {
        let start = index
        while index < piece.count, piece[index].isJSONWord { index &+= 1 }
        if isBuffering || index == piece.count { keep(piece.extracting(start..<index), limit: limit) }
        guard index < piece.count else { return .goesOn }
        end(start..<index, limit: limit)
        return .ended
    }

    /// Ends a number or literal with the last piece.
    mutating func endWord() { end(0..<0, limit: 0) }

    /// Continues a string without keeping it, and adds the UTF-8 bytes of its text to `count`. An escape counts as its
    /// character, half of a surrogate pair as two bytes.
    mutating func measure(_ piece: Span<UInt8>, _ index: inout Int, count: inout Int) -> Progress {
        while index < piece.count {
            if escape.isOpen {
                guard let width = width(ofEscaped: piece[index]) else { return .invalid }
                count &+= width
                index &+= 1
                continue
            }
            let start = index
            index = plainEnd(in: piece, from: index)
            count &+= index &- start
            guard index < piece.count else { break }
            index &+= 1
            if piece[index &- 1] == UInt8(ascii: "\"") { return .ended }
            escape.begin()
        }
        return .goesOn
    }

    /// Continues a string without reading its text. The byte after a backslash is never the closing quote; nothing else
    /// about escapes matters here.
    mutating func pass(_ piece: Span<UInt8>, _ index: inout Int) -> Progress {
        while index < piece.count {
            if escape.isOpen {
                escape = JSONEscape()
                hasControl = hasControl || piece[index] < 0x20
                index &+= 1
                continue
            }
            index = plainEnd(in: piece, from: index)
            guard index < piece.count else { break }
            index &+= 1
            if piece[index &- 1] == UInt8(ascii: "\"") { return .ended }
            escape.begin()
        }
        return .goesOn
    }

    /// Where the next quote or backslash is.
    private mutating func plainEnd(in piece: Span<UInt8>, from start: Int) -> Int {
        let end = ByteSearch.endOfPlainText(in: piece, from: start)
        guard end < piece.count, piece[end] < 0x20 else { return end }
        hasControl = true
        return ByteSearch.quoteOrBackslash(in: piece, from: end)
    }

    private mutating func keep(_ run: Span<UInt8>, limit: Int) {
        if !isBuffering {
            isBuffering = true
            buffer.begin(limit: limit)
        }
        buffer.append(run)
    }

    private mutating func end(_ lastRun: Range<Int>, limit: Int) {
        if isBuffering { buffer.finish() }
        range = isBuffering ? nil : lastRun
        isTooLong = isBuffering ? buffer.isTooLong : lastRun.count > limit
    }

    private mutating func takeEscaped(_ byte: UInt8) -> Bool {
        switch escape.take(byte) {
        case .incomplete: break
        case .unit(let unit): buffer.append(unit: unit)
        case .invalid: return false
        }
        return true
    }

    private mutating func width(ofEscaped byte: UInt8) -> Int? {
        switch escape.take(byte) {
        case .incomplete: 0
        case .unit(let unit): unit < 0x80 ? 1 : unit < 0x800 || UTF16.isSurrogate(unit) ? 2 : 3
        case .invalid: nil
        }
    }
}
