import SteelyardPolicy

/// What the exchange must know of an answer after each piece.
struct AnswerProgress {
    /// Whether everything that the charge depends on has been read.
    let hasToldAll: Bool
    /// Bytes of generated text so far.
    let outputBytes: Int64

    /// There is no answer.
    static let none = AnswerProgress(hasToldAll: false, outputBytes: 0)
}

/// One access for each piece: a getter through an optional copies the whole answer, a mutating method does not
/// (callgrind: 270 instructions for each).
extension Answer {
    /// The meter reads a piece; `decoded` is that of an answer with a content coding.
    mutating func readOn(_ raw: Span<UInt8>, _ decoded: Span<UInt8>?, at now: Tick) -> AnswerProgress {
        if let decoded { read(decoded, at: now) } else { read(raw, at: now) }
        return AnswerProgress(hasToldAll: hasToldAll, outputBytes: outputBytes)
    }

    /// Puts out what the client gets of a piece; false when it gets the piece as it came.
    mutating func puts(_ raw: Span<UInt8>, _ decoded: Span<UInt8>?, into output: inout [UInt8]) -> Bool {
        guard isEdited else { return false }
        if isSentDecoded, let decoded { edit(decoded, into: &output) } else { edit(raw, into: &output) }
        return true
    }
}
