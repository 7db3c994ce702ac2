/// What comes next in a JSON text.
enum JSONEvent {
    /// The key of a member; its value is next.
    case key(QuotedText)
    /// A string as a value.
    case string(QuotedText)
    /// A number or a literal.
    case word(Range<Int>)
    /// An object or an array begins at this byte.
    case opened(at: Int, isObject: Bool)
    /// The innermost object or array has ended; the cursor is after it.
    case closed
}

/// A position in a JSON text that is kept whole, and read once, from front to back, while it arrives.
///
/// It also accepts what lenient parsers accept (`NaN`, control characters and broken escapes in strings), because a
/// body that a provider may understand must not pass unread. Each call gets all bytes so far, so that what it finds are
/// ranges of the body: a struct that holds a span needs lifetime annotations that are still experimental in Swift 6.3.
///
/// Texts that are not kept, as answers, are read by ``JSONScanner``. One type for both would have to keep what is split
/// between pieces for requests too, and would lose the ranges that the edit of a request needs.
struct JSONCursor: Sendable {
    /// Where the cursor is in the text, with the stages that can follow.
    private enum Stage: UInt8 {
        /// A value must come: `firstKey`, `firstElement`, `insideString` or `insideWord`.
        case value
        /// The first element of an array (as `value`), or its end (`afterValue`).
        case firstElement
        /// The first key of an object (`insideKey`), or its end (`afterValue`).
        case firstKey
        /// A key must come: `insideKey`.
        case key
        /// Inside a key: `colon`.
        case insideKey
        /// The colon after a key: `value`.
        case colon
        /// Inside a string: `afterValue`.
        case insideString
        /// Inside a number or literal: `afterValue`.
        case insideWord
        /// After a value: a comma (`key`, `value`) or the end of its container (`afterValue`).
        case afterValue
    }

    private(set) var position = 0
    private(set) var depth = 0
    private var stage = Stage.value
    /// The kinds of the open containers, the innermost in the lowest bit: 1 for an object.
    private var kinds: UInt128 = 0
    /// Where the string or word being read began.
    private var start = 0
    private var isEscaped = false

    /// Whether the root has ended.
    var isOver: Bool { depth == 0 && stage == .afterValue }

    /// Whether the innermost open container is an object.
    var isInObject: Bool { kinds & 1 == 1 }

    /// Skips a byte order mark: it is not JSON, but Python's parser skips it. Returns false while it may still come.
    mutating func skipMark(_ bytes: Span<UInt8>) -> Bool {
        guard position == 0, bytes.count > 0, bytes[0] == 0xEF else { return true }
        guard bytes.count >= 3 else { return bytes.count == 2 && bytes[1] != 0xBB }
        if bytes.starts(with: "\u{FEFF}") { position = 3 }
        return true
    }

    /// What comes next; nil when more bytes are needed to tell, or the root has ended.
    mutating func next(_ bytes: Span<UInt8>) throws(JSONFailure) -> JSONEvent? {
        while position < bytes.count {
            switch stage {
            case .insideKey, .insideString: return string(bytes)
            case .insideWord: return try word(bytes)
            default:
                guard !bytes[position].isJSONWhiteSpace else {
                    position &+= 1
                    continue
                }
                if let event = try structure(bytes[position]) { return event }
            }
        }
        return nil
    }

    /// Consumes a byte between strings and words.
    private mutating func structure(_ byte: UInt8) throws(JSONFailure) -> JSONEvent? {
        switch stage {
        case .value: return try begin(byte)
        case .firstElement: return byte == .closeBracket ? try close(byte) : try begin(byte)
        case .firstKey where byte == .closeBrace: return try close(byte)
        case .firstKey, .key: try beginString(byte, .insideKey)
        case .colon where byte == .colon: advance(to: .value)
        case .afterValue where byte == .comma && depth > 0: advance(to: isInObject ? .key : .value)
        case .afterValue: return try close(byte)
        default: throw .invalid
        }
        return nil
    }

    private mutating func advance(to next: Stage) {
        position &+= 1
        stage = next
    }

    private mutating func begin(_ byte: UInt8) throws(JSONFailure) -> JSONEvent? {
        switch byte {
        case .quote where depth > 0: try beginString(byte, .insideString)
        case .openBrace, .openBracket: return try open(isObject: byte == .openBrace)
        default:
            guard depth > 0, byte.isJSONWord else { throw .invalid }
            (start, stage) = (position, .insideWord)
        }
        return nil
    }

    private mutating func open(isObject: Bool) throws(JSONFailure) -> JSONEvent {
        guard depth < RequestBody.depthLimit else { throw .tooDeep }
        depth &+= 1
        kinds = kinds &<< 1 | (isObject ? 1 : 0)
        advance(to: isObject ? .firstKey : .firstElement)
        return .opened(at: position &- 1, isObject: isObject)
    }

    private mutating func close(_ byte: UInt8) throws(JSONFailure) -> JSONEvent {
        guard depth > 0, byte == (isInObject ? .closeBrace : .closeBracket) else { throw .invalid }
        depth &-= 1
        kinds = kinds &>> 1
        advance(to: .afterValue)
        return .closed
    }

    private mutating func beginString(_ byte: UInt8, _ next: Stage) throws(JSONFailure) {
        guard byte == .quote else { throw .invalid }
        advance(to: next)
        (start, isEscaped) = (position, false)
    }

    private mutating func string(_ bytes: Span<UInt8>) -> JSONEvent? {
        while true {
            position = ByteSearch.quoteOrBackslash(in: bytes, from: position)
            guard position < bytes.count else { return nil }
            if bytes[position] == .quote { return endString() }
            // The byte after a backslash must have arrived before it can be skipped.
            guard position &+ 1 < bytes.count else { return nil }
            isEscaped = true
            position &+= 2
        }
    }

    private mutating func endString() -> JSONEvent {
        let text = QuotedText(range: start..<position, isEscaped: isEscaped)
        let isKey = stage == .insideKey
        advance(to: isKey ? .colon : .afterValue)
        return isKey ? .key(text) : .string(text)
    }

    private mutating func word(_ bytes: Span<UInt8>) throws(JSONFailure) -> JSONEvent? {
        while position < bytes.count, bytes[position].isJSONWord { position &+= 1 }
        // No parser makes a number of so many digits, and reading all of it at once takes time.
        guard position &- start <= RequestBody.wordLimit else { throw .endlessWord }
        guard position < bytes.count else { return nil }
        guard bytes.extracting(start..<position).isWord else { throw .invalid }
        stage = .afterValue
        return .word(start..<position)
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
            if !self[index].isNumberByte { return false }
        }
        return true
    }
}
