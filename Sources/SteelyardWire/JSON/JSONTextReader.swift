/// Reads the inside of a string, or a number or literal, over pieces split anywhere.
///
/// A text that stands whole and without escapes in one piece is not copied: it is given as a range.
struct JSONTextReader: Sendable {
    /// How far the text has come.
    enum Progress {
        /// The piece is used up, the text goes on.
        case goesOn
        /// The text has ended; of a string, the closing quote is taken.
        case ended
        /// No JSON goes on so.
        case invalid
    }

    private var escape = JSONEscape()
    private var buffer = JSONTextBuffer()
    private var isBuffering = false

    /// Where the text stands in its piece; `nil` when it is in `bytes`.
    private(set) var range: Range<Int>?
    /// Whether the text is longer than its limit.
    private(set) var isTooLong = false

    /// The text when it is not in the piece, escapes resolved.
    var bytes: [UInt8] { buffer.bytes }

    /// Makes ready for a text that begins with the next byte.
    mutating func begin() {
        escape = JSONEscape()
        isBuffering = false
    }

    /// The text's first byte.
    func first(in piece: Span<UInt8>) -> UInt8? {
        guard let range else { return bytes.first }
        return range.isEmpty ? nil : piece[range.lowerBound]
    }

    /// Reads on in a string of at most `limit` bytes; a longer one is read to its end, but not kept.
    mutating func read(_ piece: Span<UInt8>, _ index: inout Int, limit: Int) -> Progress {
        while index < piece.count {
            if escape.isOpen {
                guard takeEscaped(piece[index]) else { return .invalid }
                index &+= 1
                continue
            }
            let start = index
            index = ByteSearch.quoteOrBackslash(in: piece, from: index)
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

    /// Reads on in a number or literal of at most `limit` bytes, up to the first byte that belongs to neither.
    mutating func readWord(_ piece: Span<UInt8>, _ index: inout Int, limit: Int) -> Progress {
        let start = index
        while index < piece.count, piece[index].isJSONWord { index &+= 1 }
        if isBuffering || index == piece.count { keep(piece.extracting(start..<index), limit: limit) }
        guard index < piece.count else { return .goesOn }
        end(start..<index, limit: limit)
        return .ended
    }

    /// Reads on in a string without keeping it, adding to `count` the UTF-8 bytes of its text: an escape counts as what it
    /// stands for, half a surrogate pair as two.
    mutating func measure(_ piece: Span<UInt8>, _ index: inout Int, count: inout Int) -> Progress {
        while index < piece.count {
            if escape.isOpen {
                guard let width = width(ofEscaped: piece[index]) else { return .invalid }
                count &+= width
                index &+= 1
                continue
            }
            let start = index
            index = ByteSearch.quoteOrBackslash(in: piece, from: index)
            count &+= index &- start
            guard index < piece.count else { break }
            index &+= 1
            if piece[index &- 1] == UInt8(ascii: "\"") { return .ended }
            escape.begin()
        }
        return .goesOn
    }

    /// Reads on in a string without looking at it. The byte after a backslash is never the closing quote; more need not be
    /// known of escapes.
    mutating func pass(_ piece: Span<UInt8>, _ index: inout Int) -> Progress {
        while index < piece.count {
            if escape.isOpen {
                escape = JSONEscape()
                index &+= 1
                continue
            }
            index = ByteSearch.quoteOrBackslash(in: piece, from: index)
            guard index < piece.count else { break }
            index &+= 1
            if piece[index &- 1] == UInt8(ascii: "\"") { return .ended }
            escape.begin()
        }
        return .goesOn
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
