/// The JSON escape sequence that is being read (RFC 8259 §7); it may be split between pieces anywhere.
struct JSONEscape: Sendable {
    /// The result of taking one more byte of an escape.
    enum Step {
        /// The escape is not complete.
        case incomplete
        /// The escape stands for this UTF-16 code unit.
        case unit(UInt16)
        /// This is not an escape.
        case invalid
    }

    /// The hexadecimal digits that are still missing; `nil` directly after the backslash.
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
