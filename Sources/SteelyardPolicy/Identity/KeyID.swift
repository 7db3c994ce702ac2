/// The public part of a Steelyard key, by which it is looked up: eight base62 characters, kept as one word.
public struct KeyID: Hashable, Sendable {
    /// How many characters an id has.
    public static let byteCount = 8

    private let word: UInt64

    /// Reads an id; nil for anything but eight letters and digits.
    public init?(_ text: Span<UInt8>) {
        guard text.count == Self.byteCount else { return nil }
        var word: UInt64 = 0
        for index in text.indices {
            guard Base62.value(of: text[index]) != nil else { return nil }
            word = word << 8 | UInt64(text[index])
        }
        self.word = word
    }

    /// Reads an id as configured; nil for anything but eight letters and digits.
    public init?(_ text: String) { self.init(Array(text.utf8).span) }

    /// The characters.
    public var bytes: [UInt8] {
        (0..<Self.byteCount).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64(Self.byteCount - 1 - $0))) }
    }

    /// The characters as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
