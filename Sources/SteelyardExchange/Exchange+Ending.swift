public import SteelyardPolicy
import SteelyardWire

/// What the client gets at last.
enum LastWords {
    /// Nothing: it has left, or gets its answer elsewhere.
    case nothing
    /// The answer is whole.
    case finish
    /// The withheld answer, whole.
    case release
    /// The answer breaks off.
    case breakOff
    /// Steelyard's own answer.
    case refuse(Refusal)
}

/// Every way an exchange can end. All of them go through ``conclude(_:at:into:)``.
extension Exchange {
    /// The transfer with the provider has ended by itself, or was ended by the process.
    public mutating func transferEnded(_ end: ProviderEnd, at now: Tick, into effects: inout ExchangeEffects) {
        guard awaitsProvider else { return }
        endTransfer(end, at: now, into: &effects)
    }

    /// Stops the transfer, and ends the exchange as its end does.
    mutating func stop(at now: Tick, into effects: inout ExchangeEffects) {
        effects.add(.stop)
        let end = ProviderEnd(failure: .cancelled, reachedProvider: times.departed != nil, detail: "stopped")
        endTransfer(end, at: now, into: &effects)
    }

    private mutating func endTransfer(_ end: ProviderEnd, at now: Tick, into effects: inout ExchangeEffects) {
        answer?.finish(into: &effects.output)
        answerIsWhole = answer != nil && end.failure == nil
        if end.reachedProvider, times.departed == nil { times.departed = now }
        note(end)
        // A repetition costs money, and a client that has left would not get its answer.
        if answerIsWhole, !client.hasLeft, withheld?.namesStreamOptions == true, let inbound {
            return startUnedited(inbound, at: now, into: &effects)
        }
        conclude(lastWords(after: end), at: now, into: &effects)
    }

    private mutating func lastWords(after end: ProviderEnd) -> LastWords {
        if answerIsWhole { return withheld == nil ? .finish : .release }
        return phase == .answering ? .breakOff : .refuse(refusal(for: end))
    }

    private mutating func refusal(for end: TransferEnd) -> Refusal {
        let name = providerName ?? "none"
        switch end.failure {
        case .malformed: return .malformed(name, end.detail)
        case .cancelled where failure?.error == .upstreamTimeout:
            return .timeout(name, seconds: silenceLimitSeconds ?? 0)
        default: return .unreachable(name, end.detail)
        }
    }

    /// Notes whose fault the end was. Only the first reason counts, and none that comes after the client has left.
    private mutating func note(_ end: TransferEnd) {
        guard failure == nil, !client.hasLeft, let error = end.error else { return }
        failure = ExchangeFailure(error: error, detail: end.detail)
    }

    /// Steelyard answers the request itself, and stops the transfer if one is running. If the client has part of the
    /// provider's answer already, that breaks off instead.
    mutating func refuse(_ refusal: Refusal, at now: Tick, into effects: inout ExchangeEffects) {
        end(refusal, phase == .answering ? .breakOff : .refuse(refusal), at: now, into: &effects)
    }

    private mutating func end(
        _ refusal: Refusal,
        _ lastWords: LastWords,
        at now: Tick,
        into effects: inout ExchangeEffects
    ) {
        failure = failure ?? ExchangeFailure(error: refusal.error, detail: refusal.code)
        client.status = client.status ?? refusal.status
        if awaitsProvider { effects.add(.stop) }
        conclude(lastWords, at: now, into: &effects)
    }

    /// The request broke HTTP, or came too slowly. Its connection answers with this refusal.
    public mutating func requestFailed(_ refusal: Refusal, at now: Tick, into effects: inout ExchangeEffects) {
        guard !isOver else { return }
        end(refusal, .nothing, at: now, into: &effects)
    }

    /// There is no room for the body, or it is too large.
    public mutating func refusedToGather(_ refusal: Refusal, at now: Tick, into effects: inout ExchangeEffects) {
        guard !isOver else { return }
        refuse(refusal, at: now, into: &effects)
    }

    /// The client has left: its connection is closed.
    public mutating func clientLeft(at now: Tick, into effects: inout ExchangeEffects) {
        guard !isOver, !client.hasLeft else { return }
        noteDeparture()
        guard awaitsProvider else { return conclude(.nothing, at: now, into: &effects) }
        guard abandonment == .drain else { return stop(at: now, into: &effects) }
        times.drainsUntil = now.advanced(bySeconds: Self.drainSeconds)
        effects.add(.drain)
    }

    private mutating func noteDeparture() {
        guard !client.hasLeft else { return }
        client.hasLeft = true
        client.leftEarly = answer?.isFinished != true || kept != nil
    }

    /// What to do, by the configuration, with an answer that nobody is waiting for any more.
    private var abandonment: AbandonedTransfer {
        // Half a request has no answer worth waiting for.
        guard let inbound, let provider, inbound.route.mayCostMoney, client.requestIsWhole else { return .cancel }
        // The output is complete: only the usage is still to come, or the last bytes.
        if outputHasEnded { return .drain }
        // The provider finishes this work and bills it, whether or not anybody listens.
        if inbound.facts?.isBackground == true || inbound.route.runsOn { return .drain }
        let isStreamed = answer?.isStream ?? inbound.facts?.streams ?? false
        if isStreamed { return provider.settings.abandonedStream }
        // A budget pays for the answer, so reading on for its exact cost is worth it.
        return isBudgeted ? .drain : provider.settings.abandonedPlain
    }

    /// Whether the answer has said that its output is complete, in every choice that was asked for.
    private var outputHasEnded: Bool {
        guard let answer else { return false }
        return answer.isFinished || answer.hasEndedOutput
    }

    /// The deadline may have passed. It may also have moved meanwhile.
    public mutating func timePassed(at now: Tick, into effects: inout ExchangeEffects) {
        guard let deadline, deadline <= now else { return }
        if !client.hasLeft, failure == nil {
            failure = ExchangeFailure(error: .upstreamTimeout, detail: answer == nil ? "no answer" : "silence")
        }
        stop(at: now, into: &effects)
    }

    /// Ends the exchange: settles or releases the charge if that has not happened yet, tells everything about it, and
    /// only then lets the client know.
    private mutating func conclude(_ lastWords: LastWords, at now: Tick, into effects: inout ExchangeEffects) {
        count(lastWords, into: &effects)
        // A client that never got a status has left, whether that was reported or not.
        if client.status == nil { noteDeparture() }
        phase = .over
        closeCharge(at: now, into: &effects)
        effects.add(.conclude(summary(at: now)))
        speak(lastWords, into: &effects)
    }

    /// Notes what the client is going to get.
    private mutating func count(_ lastWords: LastWords, into effects: inout ExchangeEffects) {
        switch lastWords {
        case .nothing: return
        case .refuse(let refusal): client.status = client.status ?? refusal.status
        case .release:
            client.status = answer?.head.status
            effects.output += withheld?.bytes ?? []
        case .finish, .breakOff: break
        }
        if !client.hasLeft { client.answerBytes += Int64(effects.output.count) }
    }

    private mutating func speak(_ lastWords: LastWords, into effects: inout ExchangeEffects) {
        guard !client.hasLeft else { return }
        if case .release = lastWords, let answer { effects.add(.open(clientHead(answer.head))) }
        if !effects.output.isEmpty { effects.add(.sendOutput) }
        switch lastWords {
        case .nothing: break
        case .finish, .release: effects.add(.finish)
        case .breakOff: effects.add(.breakOff)
        case .refuse(let refusal): effects.add(.refuse(refusal))
        }
    }
}

/// How a transfer ended, in the exchange's own terms.
public struct ProviderEnd: Sendable {
    /// Why there is no whole answer.
    public enum Failure: Sendable {
        /// Nothing was sent.
        case unreachable
        /// The request was sent, and no complete head of an answer came.
        case noAnswer
        /// The answer broke HTTP.
        case malformed
        /// The answer began and broke off.
        case truncated
        /// We stopped it.
        case cancelled
    }

    /// Nil when the answer is whole.
    public var failure: Failure?
    /// Whether any byte of the request may have reached the provider.
    public var reachedProvider: Bool
    /// For log and message: no URL, no header values.
    public var detail: String

    /// Makes an end.
    public init(failure: Failure?, reachedProvider: Bool, detail: String) {
        self.failure = failure
        self.reachedProvider = reachedProvider
        self.detail = detail
    }

    /// Whose fault it is; nil when the answer is whole. If a transfer was cancelled and the exchange has no reason of
    /// its own for that, the process was ending.
    fileprivate var error: ExchangeError? {
        switch failure {
        case nil: nil
        case .unreachable, .noAnswer: .upstreamUnreachable
        case .malformed: .upstreamMalformed
        case .truncated: .upstreamTruncated
        case .cancelled: .gatewayOverloaded
        }
    }
}

extension Route {
    /// Whether the provider goes on with the work when its stream is closed: the run of an assistant is an object of its
    /// own (OpenAI API reference, "Runs").
    fileprivate var runsOn: Bool { isGeneration && template.contains("/runs") }
}
