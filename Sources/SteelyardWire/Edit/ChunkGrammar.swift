/// Reads the JSON object of a stream's chunk, in pieces split anywhere, and reports what is at its first level.
///
/// It checks structure and literals. So what it calls complete is JSON, except that numbers and escapes may be
/// misspelt. It knows nothing of usage. Positions are the caller's; the grammar keeps only the start of a key.
struct ChunkGrammar: Sendable {
    /// What the next bytes are, at the first level of the object.
    enum Event {
        /// The bytes end; more are needed.
        case windowEnd
        /// A key ended; its contents are at this range, unless ``rebase(by:)`` moved its start out of the window.
        case key(Range<Int>)
        /// A member's value began with this byte.
        case value(UInt8)
        /// A member's value is an array, and its first element began.
        case element
        /// A member's value ended before the position.
        case valueEnd
        /// The object ended before the position.
        case objectEnd
        /// A line end is next.
        case lineEnd
        /// These bytes are not a JSON object.
        case broken
    }

    private enum State: UInt8 {
        case begin, firstKey, key, keyText, colon, value, firstElement, text, word, next, end
    }

    private enum Word: UInt8 {
        case number, null, `true`, `false`
    }

    /// The deepest nesting that is followed: one bit per level, set for an object.
    private static let depthLimit = 64

    private var state = State.begin
    private var depth = 0
    private var nesting: UInt64 = 0
    private var isEscaped = false
    private var word = Word.number
    private var wordLength = 0
    private var keyStart = 0

    /// Whether the object ended.
    var isComplete: Bool { state == .end }

    /// Whether the object began and has not ended.
    var isWithinObject: Bool { state != .begin && state != .end }

    /// Whether a text or key has begun and not ended. No line end can be here (RFC 8259 §7).
    var isWithinText: Bool { state == .text || state == .keyText }

    /// Where the contents of a key at the first level begin, while the key is being read.
    var openKeyStart: Int? { state == .keyText && depth == 1 ? keyStart : nil }

    /// Makes positions count from a byte that is `count` bytes later.
    mutating func rebase(by count: Int) { keyStart &-= count }

    /// Reads on until there is something to report.
    mutating func next(_ bytes: Span<UInt8>, _ position: inout Int) -> Event {
        while position < bytes.count {
            let event: Event?
            switch state {
            case .keyText, .text: event = readText(bytes, &position)
            case .word: event = readWord(bytes, &position)
            default:
                let byte = bytes[position]
                if byte == .lineFeed || byte == .carriageReturn { return .lineEnd }
                position &+= 1
                event = byte.isOptionalSpace ? nil : step(byte, position)
            }
            if let event { return event }
        }
        return .windowEnd
    }

    /// Takes one byte between texts and words; `position` is after that byte.
    private mutating func step(_ byte: UInt8, _ position: Int) -> Event? {
        switch (state, byte) {
        case (.begin, .openBrace): return push(isObject: true)
        case (.firstKey, .quote), (.key, .quote):
            state = .keyText
            keyStart = position
            return nil
        case (.firstKey, .closeBrace): return pop()
        case (.colon, .colon):
            state = .value
            return nil
        case (.value, _): return beginValue(byte)
        case (.firstElement, .closeBracket): return pop()
        case (.firstElement, _): return beginElement(byte)
        case (.next, .comma):
            state = isInObject ? .key : .value
            return nil
        case (.next, .closeBrace) where isInObject: return pop()
        case (.next, .closeBracket) where !isInObject: return pop()
        default: return .broken
        }
    }

    private var isInObject: Bool { nesting & 1 == 1 }

    private mutating func push(isObject: Bool) -> Event? {
        guard depth < Self.depthLimit else { return .broken }
        depth &+= 1
        nesting = nesting << 1 | (isObject ? 1 : 0)
        state = isObject ? .firstKey : .firstElement
        return nil
    }

    private mutating func pop() -> Event? {
        depth &-= 1
        nesting >>= 1
        guard depth == 0 else { return endValue() }
        state = .end
        return .objectEnd
    }

    private mutating func endValue() -> Event? {
        state = .next
        return depth == 1 ? .valueEnd : nil
    }

    private mutating func beginElement(_ byte: UInt8) -> Event? {
        let isMemberValue = depth == 2
        if let broken = beginValue(byte) { return broken }
        return isMemberValue ? .element : nil
    }

    private mutating func beginValue(_ byte: UInt8) -> Event? {
        let isMemberValue = depth == 1
        switch byte {
        case .quote: state = .text
        case .openBrace: if let broken = push(isObject: true) { return broken }
        case .openBracket: if let broken = push(isObject: false) { return broken }
        case UInt8(ascii: "n"): beginWord(.null)
        case UInt8(ascii: "t"): beginWord(.true)
        case UInt8(ascii: "f"): beginWord(.false)
        case UInt8(ascii: "-"), 0x30...0x39: beginWord(.number)
        default: return .broken
        }
        return isMemberValue ? .value(byte) : nil
    }

    private mutating func beginWord(_ kind: Word) {
        state = .word
        word = kind
        wordLength = 1
    }

    private mutating func readWord(_ bytes: Span<UInt8>, _ position: inout Int) -> Event? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte.isWordCharacter else { return isWordWhole ? endValue() : .broken }
            guard wordGoesOn(with: byte) else { return .broken }
            wordLength &+= 1
            position &+= 1
        }
        return nil
    }

    private var literal: StaticString {
        switch word {
        case .null: "null"
        case .true: "true"
        case .false: "false"
        case .number: ""
        }
    }

    private var isWordWhole: Bool { word == .number || wordLength == literal.utf8CodeUnitCount }

    private func wordGoesOn(with byte: UInt8) -> Bool {
        switch word {
        case .number:
            switch byte {
            case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
            default: false
            }
        case .null, .true, .false:
            // In bounds: compared with the literal's own length first.
            wordLength < literal.utf8CodeUnitCount && literal.utf8Start[wordLength] == byte
        }
    }

    private mutating func readText(_ bytes: Span<UInt8>, _ position: inout Int) -> Event? {
        while position < bytes.count {
            if !isEscaped { position = ByteSearch.endOfPlainText(in: bytes, from: position) }
            guard position < bytes.count else { return nil }
            let byte = bytes[position]
            if byte == .lineFeed || byte == .carriageReturn { return .lineEnd }
            guard byte >= 0x20 else { return .broken }
            position &+= 1
            if isEscaped {
                isEscaped = false
            } else if byte == .backslash {
                isEscaped = true
            } else if byte == .quote {
                return endText(position &- 1)
            }
        }
        return nil
    }

    /// Ends a key or a string value whose contents end before `end`.
    private mutating func endText(_ end: Int) -> Event? {
        guard state == .keyText else { return endValue() }
        state = .colon
        // The start lies before the window when the bytes of the key have already left.
        return depth == 1 ? .key(min(max(keyStart, 0), end)..<end) : nil
    }
}
