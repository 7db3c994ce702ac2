// The different spellings of one path.

extension String {
    /// The path with needless escapes removed: those of RFC 3986's unreserved characters, which mean the same as the
    /// characters themselves.
    var withoutNeedlessEscapes: String { unescaped { $0.isUnreserved } }

    /// The path as the most lenient server would read it: in lower case, with every escape undone twice, and without
    /// parameters (`;…`) and without white space at the ends of segments.
    var plainestSpelling: String {
        let decoded = unescaped { _ in true }.unescaped { _ in true }.lowercased()
        let segments = decoded.split(separator: "/", omittingEmptySubsequences: true)
        return segments.map { segment in "/\(segment.prefix { $0 != ";" }.trimmed)" }.joined()
    }

    private func unescaped(_ undoes: (UInt8) -> Bool) -> String {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            let escaped = byte == UInt8(ascii: "%") ? UInt8(hexDigits: rest.prefix(2)) : nil
            guard let escaped, undoes(escaped) else {
                bytes.append(byte)
                continue
            }
            bytes.append(escaped)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Substring {
    /// The text without white space and control characters at its ends.
    fileprivate var trimmed: Substring {
        let start = drop { $0 <= " " }
        return start.dropLast(start.reversed().prefix { $0 <= " " }.count)
    }
}

extension UInt8 {
    /// The byte that two hexadecimal digits make; nil for anything else.
    fileprivate init?(hexDigits: Substring.UTF8View) {
        guard hexDigits.count == 2, hexDigits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
            let value = UInt8(String(Substring(hexDigits)), radix: 16)
        else { return nil }
        self = value
    }

    /// `unreserved` (RFC 3986 §2.3).
    fileprivate var isUnreserved: Bool {
        if Base62.value(of: self) != nil { return true }
        switch self {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): return true
        default: return false
        }
    }
}
