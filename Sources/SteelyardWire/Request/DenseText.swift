/// A long value that may be media in base64, while it is being read.
///
/// It is media only if none of its bytes is a space, a quote or beyond ASCII: text that a person or a program wrote has
/// one of these within a line. Under a key that is known to carry media, this is enough. Under any other key, the value
/// must also begin as a known format does, or have the letters of random bytes. A sender could imitate both, so such a
/// value counts as text where a bound on the cost is promised (``RequestFacts/doubtfulByteCount``).
struct DenseText: Sendable {
    /// Shorter values cost less as text than a picture does.
    static let leastBytes = 1024
    /// From this size on, random letters cost less as a file than as text.
    private static let fileBytes = 64 * 1024
    /// This much of the beginning shows what the value is.
    private static let sampleBytes = 4096

    /// What a value is.
    enum Kind {
        case picture
        case file
    }

    let text: QuotedText
    /// Whether its key is one that carries media.
    let isListed: Bool
    /// How far the value has been read.
    private(set) var position: Int

    init(_ text: QuotedText, isListed: Bool) {
        self.text = text
        self.isListed = isListed
        position = text.range.lowerBound
    }

    /// Reads on, to the end of `bytes` at most, and returns whether the value is dense; nil while there is more to
    /// read.
    mutating func look(_ bytes: Span<UInt8>) -> Bool? {
        let end = min(text.range.upperBound, bytes.count)
        position = ByteSearch.endOfDenseText(in: bytes.extracting(first: end), from: position)
        guard position == end else { return false }
        return end == text.range.upperBound ? true : nil
    }

    /// What kind of media a dense value under an unlisted key is; nil for text.
    func mediaKind(_ bytes: Span<UInt8>) -> Kind? {
        let sample = bytes.extracting(text.range).sample(Self.sampleBytes)
        if sample.starts(with: "data:".utf8) { return sample.dataURLKind }
        if let kind = sample.formatKind { return kind }
        return text.range.count >= Self.fileBytes && sample.looksRandom ? .file : nil
    }
}

extension Span<UInt8> {
    /// The beginning of the value, without the backslashes that some encoders put before slashes.
    fileprivate func sample(_ byteCount: Int) -> [UInt8] {
        extracting(first: Swift.min(byteCount, count)).bytesArray.filter { $0 != .backslash }
    }
}

extension [UInt8] {
    /// The kind that the first letters of the base64 show. Pictures: PNG, JPEG, GIF, RIFF (WebP, WAV). Files: PDF, ZIP
    /// (office documents), and MP3 and Ogg.
    fileprivate var formatKind: DenseText.Kind? {
        let pictures: [StaticString] = ["iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR"]
        if pictures.contains(where: { begins($0) }) { return .picture }
        let files: [StaticString] = ["JVBERi0", "UEsDB", "SUQz", "T2dnU"]
        return files.contains { begins($0) } ? .file : nil
    }

    /// A `data:` URL (RFC 2397); one that is not in base64 is text.
    fileprivate var dataURLKind: DenseText.Kind? {
        guard let comma = firstIndex(of: .comma), self[..<comma].ends(in: ";base64") else { return nil }
        return begins("data:image/") ? .picture : .file
    }

    private func begins(_ prefix: StaticString) -> Bool { span.starts(with: prefix) }

    /// In base64 of random bytes, two letters in five are capitals, two in five are small, and every sixth is a digit.
    /// Words, capitalised or not, and numbers have no such mixture.
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

/// Counts of media in the input, by the keys that carry them. Without these counts, parts without a type would be
/// missed.
struct MediaCounts: Sendable {
    /// Values that contain the media.
    var inline = 0
    /// Values that say where the media are.
    var remote = 0

    /// How many values belong to no part that is counted by its type: some servers go by the keys alone (vLLM's
    /// `chat_utils.py`, 0.11).
    func unexplained(_ facts: RequestFacts) -> Int {
        let typed = facts.imageCount &+ facts.fileCount &+ facts.audioCount
        return max(0, inline &- max(0, typed &- remote))
    }
}
