import NIOCore

extension ByteBuffer {
    /// Appends text that is already JSON, or needs no escaping.
    mutating func append(_ literal: StaticString) { writeStaticString(literal) }

    /// Appends text that is already JSON, or needs no escaping.
    mutating func append(verbatim text: String) { writeString(text) }

    /// Appends a number in decimal digits.
    mutating func append(_ number: Int) {
        // Sixteen bytes on the stack would do, but `description` of a small number is an inline string already.
        writeString(number.description)
    }

    /// Appends a JSON string with its quotes, escaping what RFC 8259 §7 requires.
    mutating func append(quoted text: String) {
        writeInteger(UInt8(ascii: "\""))
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            writeString(text)
        } else {
            for byte in text.utf8 { append(escaping: byte) }
        }
        writeInteger(UInt8(ascii: "\""))
    }

    private mutating func append(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x0A: append("\\n")
        case ..<0x20: writeString("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
        default: writeInteger(byte)
        }
    }

    /// Appends a JSON string, or `null`.
    mutating func append(quotedOrNull text: String?) {
        if let text { append(quoted: text) } else { append("null") }
    }
}
