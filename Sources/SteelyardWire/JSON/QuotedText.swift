/// The contents of a JSON string, between its quotes, as a range of the bytes that hold it.
struct QuotedText {
    /// Where the contents are.
    var range: Range<Int>
    /// Whether there is a backslash in them.
    var isEscaped: Bool
}

extension Span<UInt8> {
    /// Whether a JSON string means this ASCII text, however it is escaped.
    func isText(_ text: QuotedText, _ literal: StaticString) -> Bool {
        guard text.isEscaped else { return extracting(text.range).isExactly(literal) }
        // The longest spelling of a byte is \u00XX.
        guard text.range.count <= 6 * literal.utf8CodeUnitCount else { return false }
        return unescaped(text.range).span.isExactly(literal)
    }

    /// Whether the bytes are exactly this ASCII text, in the same case.
    func isExactly(_ literal: StaticString) -> Bool {
        count == literal.utf8CodeUnitCount && starts(with: literal)
    }

    /// The text that the contents of a JSON string stand for, in UTF-8.
    ///
    /// An invalid escape stands for itself, and half a surrogate pair for U+FFFD. That is enough: the result is only
    /// compared with ASCII, and a provider refuses such text anyway.
    func unescaped(_ range: Range<Int>) -> [UInt8] {
        var text: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            guard self[index] == .backslash, index + 1 < range.upperBound else {
                text.append(self[index])
                index += 1
                continue
            }
            index = appendEscape(at: index, before: range.upperBound, to: &text)
        }
        return text
    }

    /// Appends what the escape at `index` stands for, and returns the position after it.
    private func appendEscape(at index: Int, before end: Int, to text: inout [UInt8]) -> Int {
        switch self[index + 1] {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(.lineFeed)
        case UInt8(ascii: "r"): text.append(.carriageReturn)
        case UInt8(ascii: "t"): text.append(.tab)
        case UInt8(ascii: "u"): return appendCodeUnit(at: index, before: end, to: &text)
        case let byte: text.append(byte)
        }
        return index + 2
    }

    private func appendCodeUnit(at index: Int, before end: Int, to text: inout [UInt8]) -> Int {
        guard let unit = codeUnit(at: index, before: end) else {
            text.append(self[index + 1])
            return index + 2
        }
        var scalar = Unicode.Scalar(UInt32(unit))
        var next = index + 6
        if UTF16.isLeadSurrogate(unit), let trail = codeUnit(at: next, before: end), UTF16.isTrailSurrogate(trail) {
            scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + UInt32(trail) - 0xDC00)
            next += 6
        }
        text.append(contentsOf: String(Character(scalar ?? "\u{FFFD}")).utf8)
        return next
    }

    /// The value of the `\uXXXX` at `index`, if one is there.
    func codeUnit(at index: Int, before end: Int) -> UInt16? {
        guard index + 6 <= end, self[index] == .backslash, self[index + 1] == UInt8(ascii: "u") else { return nil }
        var unit: UInt16 = 0
        for offset in 2..<6 {
            guard let digit = self[index + offset].hexadecimalDigit else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
