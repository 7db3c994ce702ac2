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
    public mutating func receivedAnswerHead(
        _ head: ResponseHead,
        firstByteAt: Tick,
        at now: Tick,
        into effects: inout ExchangeEffects
    ) {
        guard phase == .asked, answer == nil else { return }
        times.answered = now
        times.lastActivity = now
        times.overheadNanoseconds &+= now.nanoseconds(since: firstByteAt)
        rememberRefusal(after: head)
        if head.status == 401, identity?.substitutesKey == true {
            return refuseForKey(head, at: now, into: &effects)
        }
        let isArmed = inbound?.isArmed ?? false
        let choiceCount = inbound?.facts?.answerChoiceCount ?? 1
        answer = Answer(head: head, isArmed: isArmed, isRead: readsAnswer(head), choiceCount: choiceCount)
        if isArmed, (400..<500).contains(head.status) {
            withheld = WithheldAnswer()
            return
        }
        // A refused request costs nothing, so its hold is released for others.
        if (400..<500).contains(head.status) { closeCharge(at: now, into: &effects) }
        relay(head, into: &effects)
    }

    /// The provider refused the key that Steelyard sent in place of the client's. The client can do nothing about that.
    private mutating func refuseForKey(_ head: ResponseHead, at now: Tick, into effects: inout ExchangeEffects) {
        answer = Answer(head: head, isArmed: false, isRead: false, choiceCount: 1)
        refuse(.keyRefused(providerName ?? "none"), at: now, into: &effects)
    }

    /// Remembers that the provider refuses the edit, once the unedited repetition has succeeded. Only that shows that
    /// the edit was the cause. Any client can provoke an error that merely names `stream_options`; to remember that
    /// would end exact metering of that model for everyone.
    private func rememberUnedited(after head: AnswerHead) {
        guard let inbound, inbound.injectionRefused, (200..<300).contains(head.status) else { return }
        rules.unedited.insert(provider: provider?.name ?? "", model: inbound.facts?.model ?? "")
    }

    private mutating func relay(_ head: ResponseHead, into effects: inout ExchangeEffects) {
        phase = .answering
        client.status = head.status
        if !client.hasLeft { effects.add(.open(clientHead(head))) }
    }

    func clientHead(_ head: ResponseHead) -> ClientHead {
        ClientHead(
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
    public mutating func failedToDecode(at now: Tick, into effects: inout ExchangeEffects) {
        guard awaitsProvider, answer != nil else { return }
        answer?.isUndecodable = true
        guard answer?.isSentDecoded == true else { return }
        failure = failure ?? ExchangeFailure(error: .upstreamMalformed, detail: "broken content coding")
        stop(at: now, into: &effects)
    }

    /// A piece of the answer. `raw` is as the provider sent it; `decoded` is for an answer with a content coding (empty
    /// when decoding failed).
    ///
    /// The meter reads first, so that a charge whose usage is in this piece is settled before the piece is sent.
    public mutating func receivedAnswerPiece(
        _ raw: Span<UInt8>,
        decoded: Span<UInt8>?,
        at now: Tick,
        into effects: inout ExchangeEffects
    ) {
        guard awaitsProvider, answer != nil else { return }
        times.lastActivity = now
        readPiece(raw, decoded, at: now)
        settleIfFinished(at: now, into: &effects)
        if withheld != nil { return withhold(raw, at: now, into: &effects) }
        guard holdCoversOutput() else { return stop(at: now, into: &effects) }
        addRecord(to: &effects)
        if answer?.isSentDecoded == true, let decoded { return pass(decoded, into: &effects) }
        pass(raw, into: &effects)
    }

    private mutating func readPiece(_ raw: Span<UInt8>, _ decoded: Span<UInt8>?, at now: Tick) {
        guard let decoded else {
            answer?.read(raw, at: now)
            return
        }
        answer?.read(decoded, at: now)
    }

    private mutating func pass(_ bytes: Span<UInt8>, into effects: inout ExchangeEffects) {
        guard !client.hasLeft else { return }
        guard answer?.isEdited == true else {
            client.answerBytes += Int64(bytes.count)
            return effects.add(.send)
        }
        answer?.edit(bytes, into: &effects.output)
        sendOutput(into: &effects)
    }

    /// Sends what an event has put out, if that is anything. An event does this once.
    mutating func sendOutput(into effects: inout ExchangeEffects) {
        guard !effects.output.isEmpty else { return }
        client.answerBytes += Int64(effects.output.count)
        effects.add(.sendOutput)
    }

    /// Keeps back a piece of an error answer to an armed request. A refusal of the added field is short, so an answer
    /// that is too long cannot be one and is released.
    private mutating func withhold(_ raw: Span<UInt8>, at now: Tick, into effects: inout ExchangeEffects) {
        withheld?.append(raw)
        guard let answer, withheld?.isTooLong == true else { return }
        closeCharge(at: now, into: &effects)
        release(answer.head, into: &effects)
    }

    /// Releases what was withheld.
    mutating func release(_ head: ResponseHead, into effects: inout ExchangeEffects) {
        let bytes = withheld?.bytes ?? []
        withheld = nil
        relay(head, into: &effects)
        guard !client.hasLeft else { return }
        effects.output += bytes
        sendOutput(into: &effects)
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
