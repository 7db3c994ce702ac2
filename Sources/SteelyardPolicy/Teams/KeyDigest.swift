/// The SHA-256 of a key, which is stored and compared in place of the key.
public struct KeyDigest: Hashable, Sendable {
    private let words: InlineWords

    private struct InlineWords: Hashable {
        var a: UInt64 = 0
        var b: UInt64 = 0
        var c: UInt64 = 0
        var d: UInt64 = 0
    }

    /// Takes 32 bytes; nil for another number of bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var words: [4 of UInt64] = [0, 0, 0, 0]
        for (position, byte) in bytes.enumerated() { words[position / 8] = words[position / 8] << 8 | UInt64(byte) }
        self.init(bigEndianWords: words)
    }

    /// Takes the 32 bytes as four words, most significant byte first.
    public init(bigEndianWords words: [4 of UInt64]) {
        self.words = InlineWords(a: words[0], b: words[1], c: words[2], d: words[3])
    }

    /// Reads 64 hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        let digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 64, hex.utf8.count == 64 else { return nil }
        self.init(stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }

    /// The digest as 64 lowercase hexadecimal digits.
    public var hex: String {
        [words.a, words.b, words.c, words.d].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }

    /// Compares everything, wherever the first difference is, so that the time reveals nothing.
    public static func == (left: KeyDigest, right: KeyDigest) -> Bool {
        let difference =
            (left.words.a ^ right.words.a) | (left.words.b ^ right.words.b) | (left.words.c ^ right.words.c)
            | (left.words.d ^ right.words.d)
        return difference == 0
    }
}
