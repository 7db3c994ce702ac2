import SteelyardPolicy
import SteelyardWire

/// What passes: the request's way to the provider, the answer's way to the client, and when that happened.
struct Passage: Sendable {
    /// The answer; nil before its head.
    private(set) var answer: Answer?
    /// Whether the answer came to its end.
    private(set) var answerIsWhole = false
    /// What the client gets of it.
    private(set) var client = ClientSide()
    /// When things happened.
    private(set) var times = ExchangeTimes()
    /// What went wrong first; nil for nothing.
    private(set) var failure: ExchangeFailure?
    /// Whether the request was handed to the provider's side.
    private(set) var isForwarded = false
    /// Whether it was made to ask for usage.
    private(set) var isArmed = false
    /// Whether the provider refused that, and got the original bytes.
    private(set) var editWasRefused = false

    /// Something went wrong. Only the first reason counts, and none that comes after the client has left.
    mutating func failed(_ error: ExchangeError, _ detail: String) {
        guard failure == nil, !client.hasLeft else { return }
        failure = ExchangeFailure(error: error, detail: detail)
    }

    /// Steelyard answers the request itself. That is what went wrong even if the client has left.
    mutating func refused(_ refusal: Refusal) {
        failure = failure ?? ExchangeFailure(error: refusal.error, detail: refusal.code)
        client.status = client.status ?? refusal.status
    }
}

/// To the provider.
extension Passage {
    /// The request is complete, or may be relayed from now on: what follows until it departs is Steelyard's own time.
    mutating func admitted(at now: Tick) {
        times.requestComplete = now
        times.handedOver = now
    }

    /// It is handed over.
    mutating func started(isArmed: Bool, at now: Tick) {
        isForwarded = true
        self.isArmed = isArmed
        times.lastActivity = now
    }

    /// It is handed over once more, as it came, because the provider refused the edit.
    mutating func startedUnedited(at now: Tick) {
        answer = nil
        answerIsWhole = false
        editWasRefused = true
        times.departed = nil
        times.answered = nil
        times.handedOver = now
        started(isArmed: false, at: now)
    }

    /// It was written to a connection; `startedAt` is when that was begun.
    mutating func departed(at now: Tick, startedAt: Tick) {
        times.departed = now
        times.lastActivity = now
        guard let handedOver = times.handedOver else { return }
        times.overheadNanoseconds &+= startedAt.nanoseconds(since: handedOver)
    }

    /// A piece of a body came that is not gathered.
    mutating func uploaded(at now: Tick) {
        times.requestComplete = now
        if isForwarded { times.lastActivity = now }
    }

    /// Whether any byte of the request may have reached the provider.
    var reachedProvider: Bool { times.departed != nil }
}

/// From the provider.
extension Passage {
    /// The answer's head came.
    mutating func received(_ answer: Answer, firstByteAt: Tick, at now: Tick) {
        self.answer = answer
        // A provider may answer before all of the request is written.
        times.departed = times.departed ?? firstByteAt
        times.answered = now
        times.lastActivity = now
        times.overheadNanoseconds &+= now.nanoseconds(since: firstByteAt)
    }

    /// The meter reads a piece of the answer; `decoded` is that of an answer with a content coding.
    mutating func read(_ raw: Span<UInt8>, _ decoded: Span<UInt8>?, at now: Tick) -> AnswerProgress {
        times.lastActivity = now
        return answer?.readOn(raw, decoded, at: now) ?? .none
    }

    /// The answer cannot be decoded any further.
    mutating func failedToDecode() { answer?.isUndecodable = true }

    /// The transfer is over: the answer puts out what it had kept.
    mutating func ended(_ end: TransferEnd, at now: Tick, into output: inout [UInt8]) {
        answer?.finish(into: &output)
        answerIsWhole = answer != nil && end.failure == nil
        if end.reachedProvider, times.departed == nil { times.departed = now }
        if let error = end.error { failed(error, end.detail) }
    }

    /// What the meter has read.
    mutating func readFacts() -> AnswerFacts? { answer?.readFacts() }
}

/// To the client. One that has left gets nothing.
extension Passage {
    /// The client gets this head.
    mutating func open(_ head: ClientHead, into effects: inout ExchangeEffects) {
        client.status = head.status
        if !client.hasLeft { effects.add(.open(head)) }
    }

    /// The client gets this piece: as it came, decoded or edited.
    mutating func pass(_ raw: Span<UInt8>, _ decoded: Span<UInt8>?, into effects: inout ExchangeEffects) {
        guard !client.hasLeft else { return }
        if answer?.puts(raw, decoded, into: &effects.output) == true { return sendOutput(into: &effects) }
        client.answerBytes += Int64(raw.count)
        effects.add(.send)
    }

    /// The client is going to get this status, unless it has one.
    mutating func gets(status: Int) { client.status = client.status ?? status }

    /// The client is going to get so many bytes more.
    mutating func gets(byteCount: Int) { if !client.hasLeft { client.answerBytes += Int64(byteCount) } }

    /// Sends what an event has put out, if that is anything. An event does this once.
    mutating func sendOutput(into effects: inout ExchangeEffects) {
        guard !effects.output.isEmpty, !client.hasLeft else { return }
        client.answerBytes += Int64(effects.output.count)
        effects.add(.sendOutput)
    }

    /// The client took bytes that had been waiting for it. Steelyard caused the provider's silence meanwhile, so that
    /// time does not count against the provider.
    mutating func clientTookBytes(at now: Tick) { if times.lastActivity != nil { times.lastActivity = now } }

    /// The client has left; `keptBack` says that it has nothing of the answer yet.
    mutating func clientLeft(keptBack: Bool) {
        guard !client.hasLeft else { return }
        client.hasLeft = true
        client.leftEarly = answer?.isFinished != true || keptBack
    }

    /// Reads the answer on for some time, though nobody gets it.
    mutating func drain(until end: Tick) { times.drainsUntil = end }

    /// The head as the client gets it. An answer to HEAD keeps its `content-length`: it says what GET would return
    /// (RFC 9110 §9.3.2).
    func clientHead(_ head: AnswerHead, isHead: Bool, id: ChargeID) -> ClientHead {
        var fields = head.fields.forwardedDownstream()
        if answer?.isSentDecoded == true { fields = fields.without("content-encoding") }
        if isHead, let length = head.fields.first("content-length") {
            fields.append(name: "content-length", value: length)
        }
        return ClientHead(
            status: head.status,
            reason: head.reason,
            fields: fields,
            length: head.framing.forClient(isEdited: answer?.mayBeEdited ?? false),
            requestID: id.text
        )
    }
}

/// Time.
extension Passage {
    /// When the provider has been silent for too long; nil before the request is handed over.
    func deadline(_ timeouts: ProviderTimeouts) -> Tick? {
        guard let activity = times.lastActivity else { return nil }
        let limit = activity.advanced(bySeconds: silenceLimitSeconds(timeouts))
        guard let drainsUntil = times.drainsUntil else { return limit }
        return min(drainsUntil, limit)
    }

    /// How long the provider may be silent now.
    func silenceLimitSeconds(_ timeouts: ProviderTimeouts) -> Double {
        answer == nil ? timeouts.firstByteSeconds : timeouts.betweenBytesSeconds
    }

    /// The provider was silent for too long.
    mutating func timedOut() { failed(.upstreamTimeout, answer == nil ? "no answer" : "silence") }

    /// How long the provider has had the request at that time.
    func workSeconds(until then: Tick) -> Double {
        guard let departed = times.departed else { return 0 }
        return Double(then.nanoseconds(since: departed)) / 1e9
    }
}

/// When things happened.
struct ExchangeTimes: Sendable {
    /// The request was complete, or its relaying began.
    var requestComplete: Tick?
    /// It was last ready to be handed over: a repeated request is handed over twice.
    var handedOver: Tick?
    /// The request was sent on a connection; for a repeated request, the repetition was.
    var departed: Tick?
    /// Steelyard's own time before each departure and after each answer's first byte, in nanoseconds.
    var overheadNanoseconds: UInt64 = 0
    /// The answer's first byte was handled; for a repeated request, the second answer's.
    var answered: Tick?
    /// The provider or the client's upload last moved.
    var lastActivity: Tick?
    /// The client has left, and the transfer may go on until then.
    var drainsUntil: Tick?
}

/// What the client got.
struct ClientSide: Sendable {
    /// Body bytes passed on.
    var answerBytes: Int64 = 0
    /// The status it got.
    var status: Int?
    /// Whether it left before the exchange was over.
    var hasLeft = false
    /// Whether it left before the semantic end of the answer.
    var leftEarly = false
}

/// What went wrong.
struct ExchangeFailure: Sendable {
    /// Whose fault and what.
    var error: ExchangeError
    /// For the log.
    var detail: String?
}
