import SteelyardPolicy
import SteelyardWire

/// Every way an exchange can end, and the one door they go through.
extension Exchange {
    /// The provider's side is over.
    public mutating func transferEnded(_ end: ProviderEnd, at now: Tick, into output: inout [UInt8]) -> EndDecision {
        guard awaitsProvider else { return .finish }
        let before = output.count
        answer?.finish(into: &output)
        client.answerBytes += Int64(output.count - before)
        answerIsWhole = answer != nil && end.failure == nil
        if end.reachedProvider, times.departed == nil { times.departed = now }
        note(end)
        return decision(after: end, at: now, into: &output)
    }

    private mutating func decision(after end: ProviderEnd, at now: Tick, into output: inout [UInt8]) -> EndDecision {
        guard let withheld, let answer, let inbound else { return plainDecision(after: end) }
        guard answerIsWhole else { return .refuse(refusal(for: end)) }
        // Nobody would take the answer to a repetition, which costs money.
        if withheld.namesStreamOptions, !client.hasLeft {
            return .repeatUnedited(planUnedited(inbound, at: now))
        }
        return .releaseAndFinish(releaseHead(answer.head, into: &output))
    }

    private mutating func plainDecision(after end: ProviderEnd) -> EndDecision {
        if answerIsWhole, !isCutShort { return .finish }
        return phase == .answering || isCutShort ? .breakOff : .refuse(refusal(for: end))
    }

    private mutating func refusal(for end: ProviderEnd) -> Refusal {
        let name = providerName ?? "none"
        let refusal: Refusal =
            switch end.failure {
            case .malformed: .malformed(name, end.detail)
            case .unrecorded: rejected(.unrecorded, model: inbound?.facts?.model)
            case .cancelled where failure?.error == .upstreamTimeout:
                .timeout(name, seconds: silenceLimitSeconds ?? 0)
            default: .unreachable(name, end.detail)
            }
        // A client that was refused while it was still sending has its status already.
        client.status = client.status ?? refusal.status
        return refusal
    }

    /// What the end tells about whose fault it was; the first reason counts, and nothing that comes after the client
    /// has left is one.
    private mutating func note(_ end: ProviderEnd) {
        guard failure == nil, !client.hasLeft, let error = end.error else { return }
        failure = ExchangeFailure(error: error, detail: end.detail)
    }

    /// The client has left: its connection is closed.
    public mutating func clientLeft(at now: Tick) -> ClientLeftDecision {
        noteDeparture()
        guard awaitsProvider else { return .conclude }
        guard abandonment == .drain else { return .cancel }
        times.drainsUntil = times.drainsUntil ?? now.advanced(bySeconds: Self.drainSeconds)
        return .drain
    }

    private mutating func noteDeparture() {
        guard phase != .over, !client.hasLeft else { return }
        client.hasLeft = true
        client.leftEarly = answer?.isFinished != true || withheld != nil
    }

    /// What the configuration wants for an answer that nobody takes any more.
    private var abandonment: AbandonedTransfer {
        // Half a request has no answer worth waiting for.
        guard let inbound, let provider, inbound.route.mayCostMoney, client.requestIsWhole else { return .cancel }
        // All that will be generated has been: only the usage is still to come, or the last bytes.
        if outputHasEnded { return .drain }
        // It is done and billed, whoever listens.
        if inbound.facts?.isBackground == true || inbound.route.runsOn { return .drain }
        let isStreamed = answer?.isStream ?? inbound.facts?.streams ?? false
        if isStreamed { return provider.abandonedStream }
        // What a budget pays for is worth knowing exactly.
        return isBudgeted ? .drain : provider.abandonedPlain
    }

    /// Whether the answer has said that its output is complete, in every choice that was asked for.
    private var outputHasEnded: Bool {
        guard let answer else { return false }
        return answer.isFinished || answer.hasEndedOutput(choices: inbound?.facts?.answerChoiceCount ?? 1)
    }

    /// The deadline may have passed.
    public mutating func timePassed(at now: Tick) -> TimeDecision {
        guard awaitsProvider, let deadline, deadline <= now else { return .wait }
        if !client.hasLeft, failure == nil {
            failure = ExchangeFailure(error: .upstreamTimeout, detail: answer == nil ? "no answer" : "silence")
        }
        return .cancel
    }

    /// The one door: settles or releases the charge if that has not happened, and gives the summary.
    ///
    /// Call once, when nothing more will be sent; then ``takeRecord()``.
    public mutating func conclude(at now: Tick) -> ExchangeSummary {
        // Who never got a status has left, whether that was reported or not.
        if client.status == nil { noteDeparture() }
        phase = .over
        closeCharge(at: now)
        return summary(at: now)
    }
}

/// How a transfer ended, in the exchange's own words.
public struct ProviderEnd: Sendable {
    /// Why there is no whole answer.
    public enum Failure: Sendable {
        /// Nothing was sent.
        case unreachable
        /// The request left and no whole head came.
        case noAnswer
        /// The answer broke HTTP.
        case malformed
        /// The answer began and broke off.
        case truncated
        /// We stopped it.
        case cancelled
        /// It was not sent, because its charge could not be put on record.
        case unrecorded
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

    /// Whose fault it is; nil when the answer is whole. A transfer that was stopped without a reason of the exchange's
    /// own was stopped by the end of the process.
    fileprivate var error: ExchangeError? {
        switch failure {
        case nil: nil
        case .unreachable, .noAnswer: .upstreamUnreachable
        case .malformed: .upstreamMalformed
        case .truncated: .upstreamTruncated
        case .cancelled: .gatewayOverloaded
        case .unrecorded: .gatewayLedger
        }
    }
}

extension Route {
    /// Whether the provider goes on with the work when its stream is closed: the run of an assistant is an object of its
    /// own (OpenAI API reference, "Runs").
    fileprivate var runsOn: Bool { isGeneration && template.contains("/runs") }
}
