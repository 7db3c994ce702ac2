import NIOCore

/// The text of every answer: one repeated line, as long and in as many pieces as requested.
///
/// It is ASCII without quotes, so that its length in JSON is the same.
struct AnswerText: Sendable {
    /// 96 bytes: 24 tokens by the simulator's rule.
    static let line: StaticString =
        "Weighed and found whole, every token on the beam, each one counted once, and none left unpaid.  "

    /// The length of the text.
    var byteCount: Int
    /// How many pieces a stream cuts it into.
    var pieceCount: Int

    /// A text of `bytes` bytes in `events` pieces; if one is missing, it follows from the other: an event is one token.
    /// `capTokens` is the request's output limit.
    init(bytes: Int?, events: Int?, capTokens: Int?) {
        let wanted = bytes ?? events.map { $0 &* 4 } ?? Self.line.utf8CodeUnitCount
        byteCount = min(wanted, (capTokens ?? .max / 4).clamped(to: 0...Int.max / 4) * 4)
        pieceCount = max(1, min(events ?? min((byteCount + 3) / 4, 4096), max(byteCount, 1)))
    }

    /// Tokens by the simulator's rule: four bytes are one, rounded up.
    var tokens: Int { TokenRule.tokens(bytes: byteCount) }

    /// The bytes that piece `index` covers.
    func piece(_ index: Int) -> Range<Int> {
        byteCount * index / pieceCount..<byteCount * (index + 1) / pieceCount
    }

    /// Appends a part of the text.
    func write(_ range: Range<Int>, to buffer: inout ByteBuffer) {
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position % Self.line.utf8CodeUnitCount
            let count = min(Self.line.utf8CodeUnitCount - start, range.upperBound - position)
            // In bounds: start + count ≤ the literal's length.
            buffer.writeBytes(UnsafeBufferPointer(start: Self.line.utf8Start + start, count: count))
            position += count
        }
    }

    /// Appends the whole text.
    func write(to buffer: inout ByteBuffer) { write(0..<byteCount, to: &buffer) }
}

extension Comparable {
    /// The nearest value inside the range.
    func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}
