extension Span<UInt8> {
    /// How many characters a JSON string stands for, in Unicode code points. An escape is one, and so is a pair of
    /// surrogates or half of a pair.
    func characterCount(_ text: QuotedText) -> Int {
        guard text.isEscaped else { return characterCount(from: text.range.lowerBound, to: text.range.upperBound) }
        var (count, index) = (0, text.range.lowerBound)
        while index < text.range.upperBound {
            if self[index] == .backslash {
                index = endOfEscape(at: index, before: text.range.upperBound)
                count &+= 1
            } else {
                count &+= self[index].beginsCharacter ? 1 : 0
                index &+= 1
            }
        }
        return count
    }

    private func characterCount(from start: Int, to end: Int) -> Int {
        var count = 0
        for index in start..<end { count &+= self[index].beginsCharacter ? 1 : 0 }
        return count
    }

    private func endOfEscape(at index: Int, before end: Int) -> Int {
        guard let unit = codeUnit(at: index, before: end) else { return index &+ 2 }
        let next = index &+ 6
        guard UTF16.isLeadSurrogate(unit), let trail = codeUnit(at: next, before: end) else { return next }
        return UTF16.isTrailSurrogate(trail) ? next &+ 6 : next
    }
}

extension UInt8 {
    /// Whether the byte begins a character of UTF-8, and does not continue one (RFC 3629 §3).
    fileprivate var beginsCharacter: Bool { self & 0xC0 != 0x80 }
}
