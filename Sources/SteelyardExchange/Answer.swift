import SteelyardWire

/// The provider's answer: its head, what the meter has read of it, and the editor that takes out what we asked for.
struct Answer: Sendable {
    /// The validated head.
    let head: ResponseHead
    /// Whether it is an event stream.
    let isStream: Bool
    private var reader: AnswerReader
    private var editor: StreamEditor?
    /// Whether its coding could not be undone, so that nothing was read.
    var isUndecodable = false
    /// What the meter knew when it was last asked; nil since it has read on.
    private var knownFacts: AnswerFacts?
    /// When its semantic end was read.
    private(set) var finishedAt: Tick?
    /// Decoded bytes of its body so far.
    private var bodyBytes: Int64 = 0
    /// When the first and the last generated output came.
    private(set) var firstContent: Tick?
    private(set) var lastContent: Tick?

    /// Begins reading; `isRead` is false for answers that carry no usage by definition.
    init(head: ResponseHead, isArmed: Bool, isRead: Bool) {
        self.head = head
        isStream = head.isEventStream
        reader = AnswerReader(isRead ? head.answerForm : .opaque)
        editor = isArmed && head.status == 200 && isStream && !head.isCoded ? StreamEditor() : nil
    }

    /// Whether what we asked for is taken out.
    var isEdited: Bool { editor != nil }

    /// What the meter knows.
    mutating func readFacts() -> AnswerFacts {
        if let knownFacts { return knownFacts }
        let facts = reader.facts
        knownFacts = facts
        return facts
    }

    /// Whether the semantic end has been read.
    var isFinished: Bool { reader.isFinished }

    /// Whether a stream has said `[DONE]`.
    var hasSaidDone: Bool { reader.hasSaidDone }

    /// Bytes of generated text so far.
    var outputBytes: Int64 { Int64(reader.outputByteCount) }

    /// Whether every choice has ended, so that nothing but the usage is still to come.
    func hasEndedOutput(choices: Int64) -> Bool { reader.hasEndedOutput(choices: Int(clamping: choices)) }

    /// Whether it says nothing so far: no byte, or a word such as `null`.
    var isEmpty: Bool { !isUndecodable && (bodyBytes == 0 || !reader.isOpaque && bodyBytes <= Self.emptyLimitBytes) }

    /// `null`, `{}`, `[]` or `data: [DONE]` with some space around it; what has a text or a usage is counted by that.
    private static let emptyLimitBytes: Int64 = 16

    /// Whether the provider has said what was used.
    var hasUsage: Bool { reader.hasUsage }

    /// The meter reads a decoded piece.
    mutating func read(_ piece: Span<UInt8>, at now: Tick) {
        knownFacts = nil
        let before = reader.contentEventCount
        bodyBytes &+= Int64(piece.count)
        reader.read(piece)
        if finishedAt == nil, reader.isFinished { finishedAt = now }
        guard reader.contentEventCount > before else { return }
        if firstContent == nil { firstContent = now }
        lastContent = now
    }

    /// The client's bytes of a piece.
    mutating func edit(_ piece: Span<UInt8>, into output: inout [UInt8]) { editor?.edit(piece, into: &output) }

    /// The answer is over: undispatched data is looked at, held bytes go out.
    mutating func finish(into output: inout [UInt8]) {
        // The end of a plain answer whose text was whole changes nothing.
        if isStream || !reader.isFinished { knownFacts = nil }
        reader.finish()
        editor?.finish(into: &output)
    }
}

extension ResponseHead {
    /// How the body is to be read, by what it says it is: the request's wish does not count.
    fileprivate var answerForm: AnswerForm {
        if isEventStream { return .eventStream }
        let isJSON = fields.hasMediaType("application/json") || fields.hasMediaType("application/problem+json")
        return isJSON || fields.first("content-type") == nil ? .json : .opaque
    }
}
