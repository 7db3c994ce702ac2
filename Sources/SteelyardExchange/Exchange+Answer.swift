public import SteelyardPolicy
public import SteelyardWire

/// From the provider's answer to what the client gets.
extension Exchange {
    /// The request is about to be sent on a connection; `startedAt` is when its worker started on it.
    public mutating func departed(at now: Tick, startedAt: Tick) {
        guard phase == .asked else { return }
        times.departed = now
        times.lastActivity = now
        if let handedOver = times.handedOver {
            times.overheadNanoseconds &+= startedAt.nanoseconds(since: handedOver)
        }
    }

    /// The validated head of the answer; `firstByteAt` is when the worker saw it.
    public mutating func answered(_ head: AnswerHead, firstByteAt: Tick, at now: Tick) -> AnswerDecision {
        guard phase == .asked, answer == nil else { return .keepBack }
        times.answered = now
        times.lastActivity = now
        times.overheadNanoseconds &+= now.nanoseconds(since: firstByteAt)
        rememberUnedited(after: head)
        if head.status == 401, identity?.substitutesKey == true { return .refuse(keyRefused(head, at: now)) }
        let isArmed = inbound?.isArmed ?? false
        let choiceCount = inbound?.facts?.answerChoiceCount ?? 1
        answer = Answer(head: head, isArmed: isArmed, isRead: readsAnswer(head), choiceCount: choiceCount)
        if isArmed, (400..<500).contains(head.status) {
            kept = KeptAnswer()
            return .keepBack
        }
        // A refused request costs nothing, so its hold is released for others.
        if (400..<500).contains(head.status) { closeCharge(at: now) }
        return .relay(relayedHead(head))
    }

    /// The provider refused the key that Steelyard sent in place of the client's. The client can do nothing about that.
    private mutating func keyRefused(_ head: AnswerHead, at now: Tick) -> Refusal {
        answer = Answer(head: head, isArmed: false, isRead: false, choiceCount: 1)
        isCutShort = true
        closeCharge(at: now)
        return refused(with: .keyRefused(providerName ?? "none"))
    }

    /// Remembers that the provider refuses the edit, once the unedited repetition has succeeded. Only that shows that
    /// the edit was the cause. Any client can provoke an error that merely names `stream_options`; to remember that
    /// would end exact metering of that model for everyone.
    private func rememberUnedited(after head: AnswerHead) {
        guard let inbound, inbound.injectionRefused, (200..<300).contains(head.status) else { return }
        rules.unedited.insert(provider: provider?.name ?? "", model: inbound.facts?.model ?? "")
    }

    private mutating func relayedHead(_ head: AnswerHead) -> ClientHead {
        phase = .answering
        // A client that was refused while it was still sending already has its status.
        client.status = client.status ?? head.status
        return ClientHead(
            status: head.status,
            reason: head.reason,
            fields: downstreamFields(head),
            length: head.framing.forClient(isEdited: answer?.mayBeEdited ?? false),
            requestID: id.text
        )
    }

    /// An answer to HEAD keeps its `content-length`: it says what GET would return (RFC 9110 §9.3.2).
    private func downstreamFields(_ head: AnswerHead) -> HeaderFields {
        var fields = head.fields.forwardedDownstream()
        if answer?.isSentDecoded == true { fields = fields.without("content-encoding") }
        if inbound?.head.method == "HEAD", let length = head.fields.first("content-length") {
            fields.append(name: "content-length", value: length)
        }
        return fields
    }

    /// Whether the meter reads the answer. It does not read downloads and listings: their bytes may be anything, and a
    /// `usage` in them is that of earlier work.
    private func readsAnswer(_ head: AnswerHead) -> Bool {
        guard let inbound else { return false }
        switch inbound.route.kind {
        case .generation, .reread, .unmetered: return true
        case .free, .administration: return head.status >= 400 || !RouteTable.onlyReads(method)
        }
    }

    /// Decoding the answer has failed. If the client gets the decoded bytes, its answer breaks off here: the client could
    /// not have decoded the rest either.
    public mutating func failedToDecode() {
        answer?.isUndecodable = true
        guard answer?.isSentDecoded == true, !isCutShort else { return }
        isCutShort = true
        failure = failure ?? ExchangeFailure(error: .upstreamMalformed, detail: "broken content coding")
    }

    /// A piece of the answer. `raw` is as the provider sent it; `decoded` is for an answer with a content coding (empty
    /// when decoding failed).
    ///
    /// The meter reads first, so that a charge whose usage is in this piece is settled before the piece is sent.
    public mutating func receivedPiece(
        _ raw: Span<UInt8>,
        decoded: Span<UInt8>?,
        at now: Tick,
        into output: inout [UInt8]
    ) -> PieceDecision {
        guard awaitsProvider, answer != nil else { return .keepBack }
        times.lastActivity = now
        readPiece(raw, decoded, at: now)
        settleIfFinished(at: now)
        if isCutShort { return answer?.isBrokenForClient == true ? .cutOff : .keepBack }
        if kept != nil { return keepBack(raw, at: now, into: &output) }
        if !holdCoversOutput() { return cutOff() }
        if answer?.isSentDecoded == true, let decoded { return pass(decoded, into: &output) }
        return pass(raw, into: &output)
    }

    /// Cuts the answer off. The meter still reads the pieces that are already on their way, because they may state the
    /// usage. Nothing after the gap goes to the client.
    private mutating func cutOff() -> PieceDecision {
        isCutShort = true
        return .cutOff
    }

    private mutating func readPiece(_ raw: Span<UInt8>, _ decoded: Span<UInt8>?, at now: Tick) {
        guard let decoded else {
            answer?.read(raw, at: now)
            return
        }
        answer?.read(decoded, at: now)
    }

    private mutating func pass(_ bytes: Span<UInt8>, into output: inout [UInt8]) -> PieceDecision {
        guard answer?.isEdited == true else {
            client.answerBytes += Int64(bytes.count)
            return .unchanged
        }
        let before = output.count
        answer?.edit(bytes, into: &output)
        client.answerBytes += Int64(output.count - before)
        return .replaced
    }

    /// Keeps back a piece of an error answer to an armed request. A refusal of the added field is short, so an answer
    /// that is too long cannot be one and is released.
    private mutating func keepBack(
        _ raw: Span<UInt8>,
        at now: Tick,
        into output: inout [UInt8]
    ) -> PieceDecision {
        kept?.append(raw)
        guard let answer, kept?.isTooLong == true else { return .keepBack }
        closeCharge(at: now)
        return .release(releaseHead(answer.head, into: &output))
    }

    /// Releases what was kept back.
    mutating func releaseHead(_ head: AnswerHead, into output: inout [UInt8]) -> ClientHead {
        output += kept?.bytes ?? []
        client.answerBytes += Int64(kept?.bytes.count ?? 0)
        kept = nil
        return relayedHead(head)
    }

    /// The client took bytes that had been waiting for it. Steelyard caused the provider's silence meanwhile, so that
    /// time does not count against the provider.
    public mutating func clientTookBytes(at now: Tick) {
        if times.lastActivity != nil { times.lastActivity = now }
    }
}

/// An error answer that may turn out to be the refusal of the edit.
struct KeptAnswer: Sendable {
    private static let limitBytes = 64 * 1024
    private(set) var bytes: [UInt8] = []

    /// Whether it is too long to be one.
    var isTooLong: Bool { bytes.count > Self.limitBytes }

    mutating func append(_ piece: Span<UInt8>) {
        piece.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    /// Whether it names the member that the edit added.
    var namesStreamOptions: Bool {
        let name = Array("stream_options".utf8)
        guard bytes.count >= name.count else { return false }
        return (0...(bytes.count - name.count)).contains { bytes[$0..<($0 + name.count)].elementsEqual(name) }
    }
}
