/// The beginning of an event's data up to its first text, and what was known there.
///
/// The chunks of a stream nearly always begin with the same bytes: id, model and tier, up to the text. A chunk that
/// begins like the one before it is read on from there (callgrind, chat chunks: half of all instructions). No generated
/// text is kept.
struct EventOpening: Sendable {
    /// The length of the longest opening kept.
    static let limitBytes = 512

    /// The bytes, as far as they are known to repeat.
    private(set) var bytes: [UInt8] = []
    private(set) var scanner: JSONScanner.Opening
    private(set) var tally: AnswerTally.Opening
    /// Nil for a stream that is not edited.
    private(set) var watch: ChunkWatch?
    /// Where in the stream the data began.
    private(set) var base: Int

    /// Keeps the beginning of some data; nil if it is not the beginning of an ordinary chunk.
    init?(
        _ bytes: Span<UInt8>,
        _ scanner: JSONScanner.Opening?,
        _ tally: AnswerTally.Opening?,
        _ watch: ChunkWatch?,
        base: Int
    ) {
        guard bytes.count <= Self.limitBytes, watch?.isPlain ?? true, let scanner, let tally else { return nil }
        (self.scanner, self.tally, self.watch, self.base) = (scanner, tally, watch, base)
        bytes.withUnsafeBufferPointer { self.bytes.append(contentsOf: $0) }
    }

    /// Whether some data begins like this.
    func begins(_ data: Span<UInt8>) -> Bool {
        bytes.count <= data.count && ByteSearch.areEqual(bytes.span, data.extracting(first: bytes.count))
    }
}
