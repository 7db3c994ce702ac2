/// A member at the first level of an object, as far as it has been read. Its places are offsets in the whole stream.
struct JSONMember: Sendable {
    /// What the table says about the member; 0 and nothing when no path names it.
    var position: UInt8 = 0
    var role: JSONPathTable.Role = []
    /// The beginning of its key.
    var head = JSONKeyHead()
    /// The key with its quotes.
    var key = 0..<0
    /// The first byte of its value; 0 until it has come.
    var first: UInt8 = 0
    /// The place after the first byte of its value's first element; nil until it has come, or if the value is no array.
    var elementStart: Int?
    /// The place after its value; nil until the value has ended.
    var end: Int?

    /// The same member further on in the stream.
    func moved(by distance: Int) -> JSONMember {
        var moved = self
        moved.key = key.lowerBound &+ distance..<key.upperBound &+ distance
        moved.elementStart = elementStart.map { $0 &+ distance }
        moved.end = end.map { $0 &+ distance }
        return moved
    }
}

/// The first eight bytes of a key as they are written, up to the first backslash.
struct JSONKeyHead: Sendable {
    private var word: UInt64 = 0
    private var count = 0
    private var hasEnded = false

    init() {}

    /// The beginning of a whole key without escapes: its first eight bytes as a word, and its length.
    init(word: UInt64, count: Int) { (self.word, self.count, hasEnded) = (word, count, true) }

    /// Takes the next bytes of the key.
    mutating func take(_ part: Span<UInt8>) {
        var index = 0
        while index < part.count, !hasEnded {
            hasEnded = part[index] == UInt8(ascii: "\\")
            if !hasEnded { append(part[index]) }
            index &+= 1
        }
    }

    private mutating func append(_ byte: UInt8) {
        if count < 8 { word |= UInt64(byte) &<< UInt64(count &* 8) }
        count &+= 1
        // A ninth byte only has to show that the key is longer.
        hasEnded = count > 8
    }

    /// Whether a key that begins like this may turn out to be `name`, which has at most eight bytes.
    func mayBecome(_ name: StaticString) -> Bool {
        guard count <= name.utf8CodeUnitCount else { return false }
        for index in 0..<count {
            // In bounds: compared with the literal's own length first.
            if UInt8(truncatingIfNeeded: word &>> UInt64(index &* 8)) != name.utf8Start[index] { return false }
        }
        return true
    }
}
