// The character classes of RFC 9110 §5, and the few ways of reading a field value that several rules share.

extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let comma: UInt8 = 0x2C
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B

    /// A control character, including HTAB and DEL.
    var isControl: Bool { self < 0x20 || self == 0x7F }

    /// White space within a line (OWS, RFC 9110 §5.6.3).
    var isOptionalSpace: Bool { self == .space || self == .tab }

    /// The value of an ASCII decimal digit.
    var decimalDigit: UInt8? { (0x30...0x39).contains(self) ? self & 0x0F : nil }

    /// The value of an ASCII hexadecimal digit of either case.
    var hexadecimalDigit: UInt8? {
        switch self {
        case 0x30...0x39: self & 0x0F
        case 0x41...0x46, 0x61...0x66: (self & 0x0F) + 9
        default: nil
        }
    }

    /// `tchar` (RFC 9110 §5.6.2).
    var isTokenCharacter: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x5E...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x7C, 0x7E: true
        default: false
        }
    }
}

extension Span<UInt8> {
    /// The bytes as an array.
    var bytesArray: [UInt8] { withUnsafeBufferPointer { [UInt8]($0) } }

    /// The position of the first byte with this value.
    func firstIndex(of byte: UInt8) -> Int? {
        let index = ByteSearch.first(byte, in: self)
        return index < count ? index : nil
    }

    /// Whether the bytes begin with this ASCII text, in the same case.
    func starts(with text: StaticString) -> Bool {
        let (length, start) = (text.utf8CodeUnitCount, text.utf8Start)
        guard count >= length else { return false }
        var index = 0
        while index < length {
            // In bounds: the loop ends at the literal's own length.
            if self[index] != start[index] { return false }
            index &+= 1
        }
        return true
    }

    /// Whether this ASCII text begins with the bytes, in the same case.
    func isPrefix(of text: StaticString) -> Bool {
        guard count <= text.utf8CodeUnitCount else { return false }
        // In bounds: there are no more bytes than the literal has.
        return indices.allSatisfy { self[$0] == text.utf8Start[$0] }
    }

    /// Whether the bytes are this lower-case ASCII text, in any case.
    func equals(_ lowercased: StaticString) -> Bool {
        let (length, start) = (lowercased.utf8CodeUnitCount, lowercased.utf8Start)
        guard count == length else { return false }
        var index = 0
        while index < length {
            // In bounds: the loop ends at the literal's own length.
            if self[index].lowercasedASCII != start[index] { return false }
            index &+= 1
        }
        return true
    }

    /// The range without the optional white space at its ends.
    func trimmingOptionalSpace(in range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, self[start].isOptionalSpace { start += 1 }
        while start < end, self[end - 1].isOptionalSpace { end -= 1 }
        return start..<end
    }

    /// The value of a `Content-Length`: 1 to 19 digits within `Int64`, nothing else (RFC 9110 §8.6).
    var contentLength: Int64? {
        guard (1...19).contains(count) else { return nil }
        var length: Int64 = 0
        for index in indices {
            guard let digit = self[index].decimalDigit else { return nil }
            let (product, overflows) = length.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(Int64(digit))
            guard !overflows, !carries else { return nil }
            length = sum
        }
        return length
    }

    /// Calls `body` with each non-empty member of a comma-separated list (RFC 9110 §5.6.1).
    func forEachListMember(_ body: (Span<UInt8>) -> Void) {
        var start = 0
        for end in 0...count where end == count || self[end] == .comma {
            let member = trimmingOptionalSpace(in: start..<end)
            if !member.isEmpty { body(extracting(member)) }
            start = end + 1
        }
    }
}
