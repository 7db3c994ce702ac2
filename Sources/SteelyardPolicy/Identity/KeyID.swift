/// The public part of a Steelyard key, used to look it up: eight base62 characters, stored as one integer.
public struct KeyID: Hashable, Sendable {
    /// The number of characters in an id.
    public static let byteCount = 8

    private let word: UInt64

    /// Reads an id; nil for anything except eight letters and digits.
    public init?(_ text: Span<UInt8>) {
        guard text.count == Self.byteCount else { return nil }
        var word: UInt64 = 0
        for index in text.indices {
            guard Base62.value(of: text[index]) != nil else { return nil }
            word = word << 8 | UInt64(text[index])
        }
        self.word = word
    }

    /// Reads an id from the configuration; nil for anything except eight letters and digits.
    public init?(_ text: String) { self.init(Array(text.utf8).span) }

    /// The characters.
    public var bytes: [UInt8] {
        (0..<Self.byteCount).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64(Self.byteCount - 1 - $0))) }
    }

    /// The characters as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
