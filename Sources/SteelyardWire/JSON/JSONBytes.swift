extension UInt8 {
    static let quote: UInt8 = 0x22
    static let openBracket: UInt8 = 0x5B
    static let closeBracket: UInt8 = 0x5D
    static let openBrace: UInt8 = 0x7B
    static let closeBrace: UInt8 = 0x7D

    /// Space, tab, line feed or carriage return (RFC 8259 §2).
    var isJSONWhiteSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }

    /// A byte that can be part of a number or literal, or of a misspelt one.
    var isJSONWord: Bool {
        // A bit for each of the 64 bytes from 0x40, and from 0.
        let letters: UInt64 = 0x07FF_FFFE_07FF_FFFE
        let digits: UInt64 = 0x03FF_6800_0000_0000
        return self < 0x80 && (self < 0x40 ? digits : letters) &>> UInt64(self) & 1 == 1
    }

    /// A byte that can start a number.
    var isJSONNumberStart: Bool { self == UInt8(ascii: "-") || (0x30...0x39).contains(self) }

    /// A byte that can start a value.
    var beginsJSONValue: Bool {
        switch self {
        case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "\""), UInt8(ascii: "{"),
            UInt8(ascii: "["):
            true
        default: isJSONNumberStart
        }
    }

    /// A byte that can be part of a number.
    var isNumberByte: Bool {
        switch self {
        case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
        default: false
        }
    }
}
