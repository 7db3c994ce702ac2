/// The escape sequence being read inside a JSON string (RFC 8259 §7); may be split between pieces anywhere.
struct JSONEscape: Sendable {
    /// What one more byte of an escape amounts to.
    enum Step {
        /// The escape goes on.
        case incomplete
        /// The escape stands for this UTF-16 code unit.
        case unit(UInt16)
        /// No escape begins so.
        case invalid
    }

    /// Hexadecimal digits still to come; `nil` directly after the backslash.
    private var digitsMissing: UInt8?
    private var unit: UInt16 = 0

    /// Whether a backslash has been read and its escape is not complete.
    private(set) var isOpen = false

    /// Takes the backslash.
    mutating func begin() {
        isOpen = true
        digitsMissing = nil
        unit = 0
    }

    /// Takes the next byte after the backslash.
    mutating func take(_ byte: UInt8) -> Step {
        guard let missing = digitsMissing else { return takeLetter(byte) }
        guard let digit = Self.hexadecimal(byte) else { return .invalid }
        unit = unit &<< 4 | digit
        digitsMissing = missing &- 1
        return missing == 1 ? close(unit) : .incomplete
    }

    private mutating func takeLetter(_ letter: UInt8) -> Step {
        switch letter {
        case UInt8(ascii: "u"):
            digitsMissing = 4
            return .incomplete
        case UInt8(ascii: "n"): return close(0x0A)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return close(UInt16(letter))
        case UInt8(ascii: "t"): return close(0x09)
        case UInt8(ascii: "r"): return close(0x0D)
        case UInt8(ascii: "b"): return close(0x08)
        case UInt8(ascii: "f"): return close(0x0C)
        default: return .invalid
        }
    }

    private mutating func close(_ unit: UInt16) -> Step {
        isOpen = false
        return .unit(unit)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte &- UInt8(ascii: "a") &+ 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte &- UInt8(ascii: "A") &+ 10)
        default: nil
        }
    }
}

/// A key or short value being put together from several pieces, or from bytes with escapes in them.
struct JSONTextBuffer: Sendable {
    /// The text so far as UTF-8; bytes that were no UTF-8 are kept as they came.
    private(set) var bytes: [UInt8] = []
    /// Whether the text outgrew its limit; `bytes` then means nothing.
    private(set) var isTooLong = false
    private var highSurrogate: UInt16 = 0
    private var limit = 0

    /// Empties the buffer for a text of at most `limit` bytes.
    mutating func begin(limit: Int) {
        bytes.removeAll(keepingCapacity: true)
        isTooLong = false
        highSurrogate = 0
        self.limit = limit
    }

    /// Appends bytes as they stand in the source.
    mutating func append(_ part: Span<UInt8>) {
        guard part.count > 0 else { return }
        settleSurrogate()
        guard bytes.count &+ part.count <= limit else { return isTooLong = true }
        part.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    /// Appends one byte as it stands in the source.
    mutating func append(byte: UInt8) {
        settleSurrogate()
        guard bytes.count < limit else { return isTooLong = true }
        bytes.append(byte)
    }

    /// Appends what an escape stands for; two halves of a surrogate pair make one character.
    mutating func append(unit: UInt16) {
        if highSurrogate != 0, UTF16.isTrailSurrogate(unit) {
            let pair = UInt32(highSurrogate &- 0xD800) &<< 10 | UInt32(unit &- 0xDC00)
            highSurrogate = 0
            return append(scalar: 0x10000 &+ pair)
        }
        settleSurrogate()
        if UTF16.isLeadSurrogate(unit) {
            highSurrogate = unit
        } else {
            append(scalar: UInt32(unit))
        }
    }

    /// Ends the text; half a surrogate pair left over becomes U+FFFD.
    mutating func finish() { settleSurrogate() }

    private mutating func settleSurrogate() {
        guard highSurrogate != 0 else { return }
        highSurrogate = 0
        append(scalar: 0xFFFD)
    }

    private mutating func append(scalar value: UInt32) {
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        guard bytes.count &+ UTF8.width(scalar) <= limit else { return isTooLong = true }
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}
