extension UInt8 {
    /// Space, tab, line feed or carriage return (RFC 8259 §2).
    var isJSONWhiteSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }

    /// A byte that can be part of a number or literal.
    var isJSONWord: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// A byte that can start a number.
    var isJSONNumberStart: Bool { self == UInt8(ascii: "-") || (0x30...0x39).contains(self) }
}
