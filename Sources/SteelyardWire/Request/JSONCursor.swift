/// Why reading a body stops.
enum BodyStop: Error {
    /// These bytes are no JSON value.
    case notJSON
    /// They may be, but are refused.
    case defect(RequestBodyDefect)
}

/// A position in a whole JSON text that is read once from front to back, value by value.
///
/// It takes what lenient parsers take too (`NaN`, control characters and broken escapes in strings), because a body
/// that a provider may understand must not slip by unread. It is handed the bytes with every call: a struct that
/// holds a span needs lifetime annotations that are still experimental in Swift 6.3.
struct JSONCursor {
    var position = 0
    private var depth = 0

    /// Where a walk through the members of one object or the elements of one array stands.
    struct Walk {
        fileprivate var isFirst = true
    }

    /// The next byte that is no white space; nil at the end.
    mutating func next(_ bytes: Span<UInt8>) -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte.isInsignificant else { return byte }
            position &+= 1
        }
        return nil
    }

    /// Consumes the next byte if it is this one.
    mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard next(bytes) == byte else { return false }
        position &+= 1
        return true
    }

    /// Consumes an opening brace or bracket.
    mutating func enter(_ opening: UInt8, _ bytes: Span<UInt8>) throws(BodyStop) -> Walk {
        guard take(opening, bytes) else { throw .notJSON }
        depth &+= 1
        guard depth <= RequestBody.depthLimit else { throw .defect(.tooDeep) }
        return Walk()
    }

    /// Consumes the key of the next member and its colon; nil when the object ended.
    mutating func nextKey(_ bytes: Span<UInt8>, _ walk: inout Walk) throws(BodyStop) -> QuotedText? {
        guard try advance(to: .closeBrace, bytes, &walk) else { return nil }
        let key = try string(bytes)
        guard take(.colon, bytes) else { throw .notJSON }
        return key
    }

    /// Whether another element follows; its value is next.
    mutating func nextElement(_ bytes: Span<UInt8>, _ walk: inout Walk) throws(BodyStop) -> Bool {
        try advance(to: .closeBracket, bytes, &walk)
    }

    private mutating func advance(to end: UInt8, _ bytes: Span<UInt8>, _ walk: inout Walk) throws(BodyStop) -> Bool {
        if take(end, bytes) {
            depth &-= 1
            return false
        }
        guard walk.isFirst || take(.comma, bytes) else { throw .notJSON }
        walk.isFirst = false
        return true
    }

    /// Consumes a string.
    mutating func string(_ bytes: Span<UInt8>) throws(BodyStop) -> QuotedText {
        guard take(.quote, bytes) else { throw .notJSON }
        let start = position
        var isEscaped = false
        while true {
            position = ByteSearch.endOfPlainText(in: bytes, from: position)
            guard position < bytes.count else { throw .notJSON }
            let byte = bytes[position]
            position &+= 1
            if byte == .quote { return QuotedText(range: start..<(position &- 1), isEscaped: isEscaped) }
            guard byte == .backslash else { continue }
            isEscaped = true
            position &+= 1
        }
    }

    /// Consumes a number or a literal and gives its range.
    mutating func word(_ bytes: Span<UInt8>) throws(BodyStop) -> Range<Int> {
        _ = next(bytes)
        let start = position
        while position < bytes.count, bytes[position].isWordCharacter { position &+= 1 }
        guard bytes.extracting(start..<position).isWord else { throw .notJSON }
        return start..<position
    }

    /// Consumes any value and gives its range, without the white space around it.
    @discardableResult
    mutating func value(_ bytes: Span<UInt8>) throws(BodyStop) -> Range<Int> {
        let first = next(bytes)
        let start = position
        switch first {
        case .quote: _ = try string(bytes)
        case .openBrace:
            var walk = try enter(.openBrace, bytes)
            while try nextKey(bytes, &walk) != nil { try value(bytes) }
        case .openBracket:
            var walk = try enter(.openBracket, bytes)
            while try nextElement(bytes, &walk) { try value(bytes) }
        default: _ = try word(bytes)
        }
        return start..<position
    }
}

extension Span<UInt8> {
    /// Whether this run of word characters is a JSON literal, begins as a number does, or is one of the names that
    /// Python's parser takes for numbers.
    fileprivate var isWord: Bool {
        guard let first = indices.first.map({ self[$0] }) else { return false }
        switch first {
        case UInt8(ascii: "t"): return isExactly("true")
        case UInt8(ascii: "f"): return isExactly("false")
        case UInt8(ascii: "n"): return isExactly("null")
        case UInt8(ascii: "N"): return isExactly("NaN")
        case UInt8(ascii: "I"): return isExactly("Infinity")
        case UInt8(ascii: "-"): return extracting(1...).isNumber || isExactly("-Infinity")
        default: return isNumber
        }
    }

    /// A run of a number's bytes that begins with a digit.
    var isNumber: Bool {
        guard !isEmpty, self[0].decimalDigit != nil else { return false }
        for index in indices {
            switch self[index] {
            case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: continue
            default: return false
            }
        }
        return true
    }
}
