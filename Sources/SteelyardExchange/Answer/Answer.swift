import SteelyardPolicy
import SteelyardWire

/// The provider's answer: its head, and the walk over its body, which meters it and removes what the provider sent only
/// because Steelyard asked for usage.
struct Answer: Sendable {
    /// The validated head.
    let head: AnswerHead
    private let isRead: Bool
    private var walk: AnswerWalk
    /// Whether the walk may remove bytes, as far as the head can tell. If so, nobody knows the length in advance.
    let mayBeEdited: Bool
    /// What the client gets in place of the last piece, unless that may pass as it is.
    private var edited: [UInt8] = []
    private var lastPieceIsUnchanged = true
    /// Whether its content coding could not be decoded, so that not all of it was read.
    var isUndecodable = false
    /// Whether the client gets the decoded bytes: the request asked for no coding, and the answer came coded anyway.
    let isSentDecoded: Bool
    /// The facts that the meter gave when it was last asked; nil once it has read more since then.
    private var knownFacts: AnswerFacts?
    /// When its semantic end was read.
    private(set) var finishedAt: Tick?
    /// Decoded bytes of its body so far.
    private var bodyBytes: Int64 = 0
    /// When the first and the last generated output came.
    private(set) var firstContent: Tick?
    private(set) var lastContent: Tick?

    /// Begins reading; `isRead` is false for answers that carry no usage by definition, and `choiceCount` is how many
    /// choices or pictures were asked for.
    init(head: AnswerHead, isArmed: Bool, isRead: Bool, choiceCount: Int) {
        self.head = head
        let label = isRead ? head.answerLabel : nil
        self.isRead = label != nil
        let coding = head.fields.contentCoding
        let edits = label != nil && isArmed && (200..<300).contains(head.status) && coding != .unreadable
        mayBeEdited = edits
        isSentDecoded = edits && coding != .identity
        if let label {
            walk = AnswerWalk(labelled: label, choices: choiceCount, edits: edits)
        } else {
            walk = AnswerWalk(.opaque)
        }
    }

    /// Whether it is an event stream: by its first bytes once they have come, before that by its `content-type`.
    var isStream: Bool { isRead ? walk.form == .eventStream : head.isEventStream }

    /// Whether the client gets different bytes from those of the last piece that the provider sent.
    var isEdited: Bool { isSentDecoded || !lastPieceIsUnchanged }

    /// Whether the client gets decoded bytes, and decoding has failed.
    var isBrokenForClient: Bool { isSentDecoded && isUndecodable }

    /// What the meter knows.
    mutating func readFacts() -> AnswerFacts {
        if let knownFacts { return knownFacts }
        let facts = walk.facts
        knownFacts = facts
        return facts
    }

    /// Whether the semantic end has been read.
    var isFinished: Bool { walk.isFinished }

    /// Whether everything that the charge depends on has been read; see ``AnswerWalk/hasToldAll``.
    var hasToldAll: Bool { walk.hasToldAll }

    /// Bytes of generated text so far.
    var outputBytes: Int64 { Int64(walk.outputByteCount) }

    /// Whether every choice has ended, so that nothing but the usage is still to come.
    var hasEndedOutput: Bool { walk.hasEndedOutput }

    /// Whether it says nothing so far: no byte, or a word such as `null`.
    var isEmpty: Bool { !isUndecodable && (bodyBytes == 0 || !walk.isOpaque && bodyBytes <= Self.emptyLimitBytes) }

    /// Room for `null`, `{}`, `[]` or `data: [DONE]` with some space around it. A short answer that has text or a usage
    /// is counted by that.
    private static let emptyLimitBytes: Int64 = 16

    /// Whether the provider has said what was used.
    var hasUsage: Bool { walk.hasUsage }

    /// Reads a decoded piece.
    mutating func read(_ piece: Span<UInt8>, at now: Tick) {
        knownFacts = nil
        let before = walk.contentEventCount
        bodyBytes &+= Int64(piece.count)
        edited.removeAll(keepingCapacity: true)
        lastPieceIsUnchanged = walk.read(piece, into: &edited)
        if finishedAt == nil, walk.isFinished { finishedAt = now }
        guard walk.contentEventCount > before else { return }
        if firstContent == nil { firstContent = now }
        lastContent = now
    }

    /// Appends what the client gets of the piece that was read last.
    mutating func edit(_ piece: Span<UInt8>, into output: inout [UInt8]) {
        if lastPieceIsUnchanged {
            piece.withUnsafeBufferPointer { output.append(contentsOf: $0) }
        } else if output.isEmpty {
            swap(&output, &edited)
        } else {
            output += edited
        }
    }

    /// The answer is over: data that was not dispatched yet counts too, and the bytes that still wait are written out.
    mutating func finish(into output: inout [UInt8]) {
        // The end of a plain answer whose text was whole changes nothing.
        if isStream || !walk.isFinished { knownFacts = nil }
        walk.finish(into: &output)
    }
}

extension AnswerHead {
    /// The form that `content-type` names; the first bytes may correct it. Nil for audio, images and video: their first
    /// bytes may look like anything.
    fileprivate var answerLabel: AnswerForm? {
        if isEventStream { return .eventStream }
        if fields.hasMediaType("application/json") || fields.hasMediaType("application/problem+json") { return .json }
        guard let type = fields.first("content-type")?.lowercased() else { return .json }
        return ["audio/", "image/", "video/"].contains { type.hasPrefix($0) } ? nil : .opaque
    }
}

extension RequestFacts {
    /// How many choices, or images, the answer will have: `n` for each prompt. The answer does not show what `best_of` adds.
    var answerChoiceCount: Int {
        let (count, overflow) = max(1, choiceCount ?? 1).multipliedReportingOverflow(by: Int64(max(1, promptCount)))
        return overflow ? .max : Int(clamping: count)
    }
}
