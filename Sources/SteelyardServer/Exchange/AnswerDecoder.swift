import NIOCore
import SteelyardCoding
import SteelyardWire

/// Decodes a copy of an answer that has a content coding, and tells once if that fails.
struct AnswerDecoder {
    private let decoder: ContentDecoder
    private var hasToldFailure = false

    /// Nil for an answer that is not coded.
    init?(_ head: AnswerHead) {
        guard let decoder = ContentDecoder(head.fields.contentCoding) else { return nil }
        self.decoder = decoder
    }

    /// The next piece without its coding; empty when decoding has failed.
    func decode(_ piece: ByteBuffer) -> ByteBuffer { decoder.decode(piece) }

    /// Whether decoding has failed since the last call.
    mutating func hasJustFailed() -> Bool {
        guard decoder.hasFailed, !hasToldFailure else { return false }
        hasToldFailure = true
        return true
    }

    /// Whether the coded data breaks off where the answer ends, and that was not told yet.
    mutating func endsEarly() -> Bool {
        guard !decoder.isWhole, !hasToldFailure else { return false }
        hasToldFailure = true
        return true
    }
}
