/// A key or short value that comes in several pieces or has escapes.
struct JSONTextBuffer: Sendable {
    /// The text so far as UTF-8; invalid UTF-8 is kept unchanged.
    private(set) var bytes: [UInt8] = []
    /// Whether the text exceeded its limit; `bytes` then has no meaning.
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

    /// Appends bytes as they are in the source.
    mutating func append(_ part: Span<UInt8>) {
        guard part.count > 0 else { return }
        settleSurrogate()
        guard bytes.count &+ part.count <= limit else { return isTooLong = true }
        part.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    /// Appends one byte as it is in the source.
    mutating func append(byte: UInt8) {
        settleSurrogate()
        guard bytes.count < limit else { return isTooLong = true }
        bytes.append(byte)
    }

    /// Appends the character that an escape stands for; two halves of a surrogate pair make one character.
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

    /// Ends the text; a single half of a surrogate pair becomes U+FFFD.
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
