/// A long value that may be media in base64, while it is being looked at.
///
/// It is media only if no byte of it is a space, a quote or beyond ASCII: text that a person or a program wrote has one
/// of these within a line. Under a key that is known to carry media this is enough. Under any other it must besides
/// begin as a known format does, or have the letters of random bytes; and since a sender could imitate both, it counts
/// as text where a bound on the cost is promised (``RequestFacts/doubtfulByteCount``).
struct DenseText: Sendable {
    /// Shorter ones cost less as text than a picture does.
    static let leastBytes = 1024
    /// From here on random letters cost less as a file than as text.
    private static let fileBytes = 64 * 1024
    /// So much of the beginning tells what it is.
    private static let sampleBytes = 4096

    /// What a value is.
    enum Kind {
        case picture
        case file
    }

    let text: QuotedText
    /// Whether it stands under a key that carries media.
    let isListed: Bool
    /// How far it has been looked at.
    private(set) var position: Int

    init(_ text: QuotedText, isListed: Bool) {
        self.text = text
        self.isListed = isListed
        position = text.range.lowerBound
    }

    /// Looks on, to the end of `bytes` at most; nil while there is more.
    mutating func look(_ bytes: Span<UInt8>) -> Bool? {
        let end = min(text.range.upperBound, bytes.count)
        position = ByteSearch.endOfDenseText(in: bytes.extracting(first: end), from: position)
        guard position == end else { return false }
        return end == text.range.upperBound ? true : nil
    }

    /// What media a dense value under an unlisted key is; nil for text.
    func mediaKind(_ bytes: Span<UInt8>) -> Kind? {
        let sample = bytes.extracting(text.range).sample(Self.sampleBytes)
        if sample.starts(with: "data:".utf8) { return sample.dataURLKind }
        if let kind = sample.formatKind { return kind }
        return text.range.count >= Self.fileBytes && sample.looksRandom ? .file : nil
    }
}

extension Span<UInt8> {
    /// The beginning, without the backslashes that some encoders put before slashes.
    fileprivate func sample(_ byteCount: Int) -> [UInt8] {
        extracting(first: Swift.min(byteCount, count)).bytesArray.filter { $0 != .backslash }
    }
}

extension [UInt8] {
    /// Pictures and files by how their base64 begins: PNG, JPEG, GIF, RIFF (WebP, WAV); PDF, ZIP (office documents),
    /// and MP3 and Ogg.
    fileprivate var formatKind: DenseText.Kind? {
        let pictures: [StaticString] = ["iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR"]
        if pictures.contains(where: { begins($0) }) { return .picture }
        let files: [StaticString] = ["JVBERi0", "UEsDB", "SUQz", "T2dnU"]
        return files.contains { begins($0) } ? .file : nil
    }

    /// RFC 2397; one that is not in base64 is text.
    fileprivate var dataURLKind: DenseText.Kind? {
        guard let comma = firstIndex(of: .comma), self[..<comma].ends(in: ";base64") else { return nil }
        return begins("data:image/") ? .picture : .file
    }

    private func begins(_ prefix: StaticString) -> Bool { span.starts(with: prefix) }

    /// Of random bytes in base64 two letters in five are capitals, as many are small, and every sixth is a digit; of
    /// words, capitals or not, and of numbers no such mixture comes.
    fileprivate var looksRandom: Bool {
        let capitals = count { (0x41...0x5A).contains($0) }
        let small = count { (0x61...0x7A).contains($0) }
        let digits = count { (0x30...0x39).contains($0) }
        return capitals * 4 > count && small * 4 > count && digits * 16 > count
    }
}

extension ArraySlice<UInt8> {
    fileprivate func ends(in suffix: String) -> Bool { self.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) }
}

/// Media among the input, by what carries them; parts without a type would otherwise be missed.
struct MediaCounts: Sendable {
    /// Values that carry media along.
    var inline = 0
    /// Values that say where they are.
    var remote = 0

    /// How many values belong to no part that is counted by its type: some servers find out by the keys alone (vLLM's
    /// `chat_utils.py`, 0.11).
    func unexplained(_ facts: RequestFacts) -> Int {
        let typed = facts.imageCount &+ facts.fileCount &+ facts.audioCount
        return max(0, inline &- max(0, typed &- remote))
    }
}
